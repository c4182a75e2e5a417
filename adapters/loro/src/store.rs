//! What is written to a device's storage.
//!
//! A part is a Loro snapshot or update as it is. Only where changes were parked
//! (see [`crate::waiting`]) at the time of saving, it is
//! `"park" | length of the blob, u32 little-endian | blob | parked changes`.

use std::borrow::Cow;

use deadzone_core::engine::EngineError;
use loro::LoroDoc;

use crate::shim;
use crate::waiting::Waiting;

/// No Loro blob begins so; they begin with `loro`.
const MAGIC: &[u8; 4] = b"park";

/// One part to store. A blob may be empty beside parked changes.
pub(crate) fn part(blob: Vec<u8>, parked: Option<Vec<u8>>) -> Vec<u8> {
    let Some(parked) = parked else { return blob };
    let length = u32::try_from(blob.len()).expect("documents are far below 4 GiB");
    [MAGIC, &length.to_le_bytes()[..], &blob, &parked].concat()
}

struct Part<'a> {
    blob: &'a [u8],
    parked: &'a [u8],
}

fn open(part: &[u8]) -> Option<Part<'_>> {
    let Some(framed) = part.strip_prefix(MAGIC) else {
        return Some(Part { blob: part, parked: &[] });
    };
    let (length, rest) = framed.split_first_chunk::<4>()?;
    let (blob, parked) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    (!parked.is_empty()).then_some(Part { blob, parked })
}

/// What a stored part holds for [`LoroDoc::import`]; nothing of it is empty.
pub(crate) fn parts(part: &[u8]) -> Result<Vec<&[u8]>, EngineError> {
    let Part { blob, parked } = open(part).ok_or_else(|| refused("a stored part is cut off"))?;
    Ok([blob, parked].into_iter().filter(|bytes| !bytes.is_empty()).collect())
}

/// Brings everything that was stored into the empty `doc`.
pub(crate) fn restore(
    doc: &LoroDoc,
    waiting: &mut Waiting,
    stored: &[Vec<u8>],
) -> Result<(), EngineError> {
    let parts = stored
        .iter()
        .map(|part| open(part).ok_or_else(|| refused("a stored part is cut off")))
        .collect::<Result<Vec<_>, _>>()?;
    let blobs: Vec<_> = parts.iter().map(|part| part.blob).filter(|it| !it.is_empty()).collect();
    let Some((first, later)) = blobs.split_first() else {
        return Err(refused("nothing was stored"));
    };
    // A snapshot that comes first, into an empty document, is taken as a whole.
    let mut whole = doc.import(first).map_err(refused)?;
    if !later.is_empty() {
        let as_they_are =
            later.len() + 1 == stored.len() && parts.iter().all(|part| part.parked.is_empty());
        let later: Cow<'_, [Vec<u8>]> = if as_they_are {
            Cow::Borrowed(&stored[1..])
        } else {
            later.iter().map(|blob| blob.to_vec()).collect()
        };
        whole = doc.import_batch(&later).map_err(refused)?;
    }
    if whole.pending.is_some() {
        return Err(refused("a part in the middle of the store is missing"));
    }
    for parked in parts.iter().map(|part| part.parked).filter(|parked| !parked.is_empty()) {
        for blob in shim::blobs(parked)? {
            let status = doc.import(blob).map_err(refused)?;
            waiting.note(doc, &status, [blob]);
        }
    }
    waiting.take_unsaved();
    Ok(())
}

/// What Loro says to bytes, in the bench's terms.
#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
pub(crate) fn refused(why: impl ToString) -> EngineError {
    EngineError::Refused(why.to_string())
}
