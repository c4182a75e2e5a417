//! What is stored between two whole saves.

use deadzone_core::engine::EngineError;
use yrs::encoding::read::{Cursor, Read};
use yrs::encoding::write::Write;

/// An increment is any number of updates, each after its length.
pub(crate) fn framed<B: AsRef<[u8]>>(updates: &[B]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(updates.iter().map(|u| u.as_ref().len() + 5).sum());
    for update in updates {
        bytes.write_buf(update);
    }
    bytes
}

/// The updates of an increment.
///
/// # Errors
/// [`EngineError::Refused`] where the last one is cut off.
pub(crate) fn unframed(increment: &[u8]) -> Result<Vec<&[u8]>, EngineError> {
    let mut updates = Vec::new();
    let mut rest = increment;
    while !rest.is_empty() {
        let mut cursor = Cursor::new(rest);
        let length: u64 = cursor
            .read_var()
            .map_err(|error| EngineError::Refused(format!("increment: {error}")))?;
        let body = &rest[cursor.next..];
        if (body.len() as u64) < length {
            return Err(EngineError::Refused(format!(
                "increment announces an update of {length} bytes and has {}",
                body.len()
            )));
        }
        let (update, after) = body.split_at(length as usize);
        updates.push(update);
        rest = after;
    }
    Ok(updates)
}
