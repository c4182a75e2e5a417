//! A checksum behind bytes, so that damaged ones are refused.

use deadzone_core::engine::EngineError;

/// FNV-1a in its 64-bit form, cut in half: it finds every change of a single
/// byte.
fn checksum(bytes: &[u8]) -> [u8; 4] {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    (hash as u32).to_le_bytes()
}

/// `bytes` and four bytes of checksum.
pub(crate) fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = checksum(&bytes);
    bytes.extend(sum);
    bytes
}

/// What [`seal`] was given.
pub(crate) fn open(sealed: &[u8]) -> Result<&[u8], EngineError> {
    match sealed.split_last_chunk::<4>() {
        Some((body, sum)) if checksum(body) == *sum => Ok(body),
        Some(_) => Err(EngineError::Refused("the checksum does not match".to_owned())),
        None => Err(EngineError::Refused("too short for a checksum".to_owned())),
    }
}
