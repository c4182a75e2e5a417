//! The chunks that Automerge's changes and documents are stored and sent in.
//!
//! `load_incremental`, through which sync messages come in, stops at the first
//! chunk that it cannot read, keeps what came before, and reports success. So
//! that damage is refused and the document stays as it was, chunks are checked
//! before the engine sees them. This hashes the bytes a second time, which is
//! small beside applying them.
//!
//! A chunk is: four magic bytes, four bytes of checksum, one byte of type, the
//! length of the data as LEB128, the data. The checksum is the beginning of the
//! SHA-256 of type, length and data, and for a change all of that is its hash.
//! The checksum of a compressed change is the one of the change uncompressed.
//! (<https://automerge.org/automerge-binary-format-spec/>)

use automerge::{Change, ChangeHash};
use deadzone_core::engine::EngineError;
use sha2::{Digest, Sha256};

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const DOCUMENT: u8 = 0;
const CHANGE: u8 = 1;
const COMPRESSED_CHANGE: u8 = 2;
const BUNDLE: u8 = 3;

/// A chunk whose checksum holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chunk<'a> {
    /// One change: its hash and all bytes of its chunk.
    Change(ChangeHash, &'a [u8]),
    /// A document or a bundle, with changes that wait for no others.
    Many,
}

/// Calls `each` with every chunk of `bytes`.
///
/// # Errors
/// [`EngineError::Refused`] if `bytes` are not whole, undamaged chunks.
pub(crate) fn check<'a>(
    mut bytes: &'a [u8],
    mut each: impl FnMut(Chunk<'a>),
) -> Result<(), EngineError> {
    while !bytes.is_empty() {
        let (chunk, rest) = split(bytes).ok_or_else(|| refused("a chunk is cut off"))?;
        each(verify(&chunk).ok_or_else(|| refused("a chunk is damaged"))?);
        bytes = rest;
    }
    Ok(())
}

/// Parses one change and checks it, which [`Change::try_from`] does not.
///
/// # Errors
/// [`EngineError::Refused`] on anything but one undamaged change.
pub(crate) fn change(bytes: &[u8]) -> Result<Change, EngineError> {
    let change = Change::try_from(bytes).map_err(|error| refused(&error.to_string()))?;
    // Parsed, so that there are eight bytes at least.
    if change.hash().0[..4] == bytes[4..8] {
        Ok(change)
    } else {
        Err(refused("a change does not fit its checksum"))
    }
}

fn refused(why: &str) -> EngineError {
    EngineError::Refused(why.to_owned())
}

struct Raw<'a> {
    all: &'a [u8],
    checksum: [u8; 4],
    kind: u8,
    /// Type, length and data: what is hashed.
    hashed: &'a [u8],
}

/// The first chunk, and what comes after it.
fn split(bytes: &[u8]) -> Option<(Raw<'_>, &[u8])> {
    let (magic, after_magic) = bytes.split_first_chunk::<4>()?;
    let (checksum, hashed) = after_magic.split_first_chunk::<4>()?;
    if *magic != MAGIC {
        return None;
    }
    let (kind, after_kind) = hashed.split_first()?;
    let (length, prefix) = leb128(after_kind)?;
    let end = usize::try_from(length).ok()?.checked_add(1 + prefix)?;
    let hashed = hashed.get(..end)?;
    let (all, rest) = bytes.split_at(8 + end);
    Some((Raw { all, checksum: *checksum, kind: *kind, hashed }, rest))
}

fn verify<'a>(raw: &Raw<'a>) -> Option<Chunk<'a>> {
    match raw.kind {
        COMPRESSED_CHANGE => {
            let change = change(raw.all).ok()?;
            Some(Chunk::Change(change.hash(), raw.all))
        }
        DOCUMENT | CHANGE | BUNDLE => {
            let hash: [u8; 32] = Sha256::digest(raw.hashed).into();
            if hash[..4] != raw.checksum {
                return None;
            }
            let is_change = raw.kind == CHANGE;
            Some(if is_change { Chunk::Change(ChangeHash(hash), raw.all) } else { Chunk::Many })
        }
        _ => None,
    }
}

/// An unsigned LEB128 number and how many bytes it takes.
fn leb128(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for (place, byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f).checked_shl(7 * place as u32)?;
        if byte & 0x80 == 0 {
            return Some((value, place + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use automerge::transaction::Transactable;
    use automerge::{AutoCommit, ROOT};

    use super::*;

    /// A document chunk, a change, and a change that is compressed.
    fn chunks() -> (Vec<Vec<u8>>, Vec<ChangeHash>) {
        let mut document = AutoCommit::new();
        document.put(ROOT, "a", 1).unwrap();
        let mut small = document.get_last_local_change().unwrap();
        document.put(ROOT, "b", "long ".repeat(200)).unwrap();
        let mut large = document.get_last_local_change().unwrap();
        let hashes = vec![small.hash(), large.hash()];
        let chunks = vec![document.save(), small.bytes().to_vec(), large.bytes().to_vec()];
        (chunks, hashes)
    }

    #[test]
    fn whole_chunks_are_found_with_their_hashes() {
        let (chunks, hashes) = chunks();
        assert_eq!(chunks[2][8], COMPRESSED_CHANGE);
        let all = chunks.concat();
        let mut found = Vec::new();
        check(&all, |chunk| found.push(chunk)).unwrap();
        let expected = [
            Chunk::Many,
            Chunk::Change(hashes[0], &chunks[1]),
            Chunk::Change(hashes[1], &chunks[2]),
        ];
        assert_eq!(found, expected);
    }

    /// A flip in compressed data can leave what it unpacks to as it was: that is
    /// the same change still.
    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let (chunks, hashes) = chunks();
        for chunk in chunks {
            let compressed = chunk[8] == COMPRESSED_CHANGE;
            for bit in 0..chunk.len() * 8 {
                let mut damaged = chunk.clone();
                damaged[bit / 8] ^= 1 << (bit % 8);
                let same = compressed && change(&damaged).is_ok_and(|it| it.hash() == hashes[1]);
                assert!(same || change(&damaged).is_err(), "bit {bit} of a {}", chunk[8]);
                assert_eq!(check(&damaged, |_| {}).is_ok(), same, "bit {bit} of a {}", chunk[8]);
            }
            for end in 1..chunk.len() {
                assert!(check(&chunk[..end], |_| {}).is_err(), "cut at {end}");
                assert!(change(&chunk[..end]).is_err(), "cut at {end}");
            }
        }
    }
}
