//! Messages, updates, saves and versions as bytes: JSON behind a checksum.

use deadzone_core::engine::EngineError;
use serde::{Deserialize, Serialize};

use super::operation::{Clock, Commit};

/// What bytes hold.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Message {
    Clock(Clock),
    Batch(Vec<Commit>),
}

/// FNV-1a in its 64-bit form: it finds every change of a single byte.
fn checksum(bytes: &[u8]) -> [u8; 8] {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    hash.to_le_bytes()
}

pub(super) fn write(message: &Message) -> Vec<u8> {
    let json = serde_json::to_vec(message).expect("string keys and no floats: always JSON");
    [&checksum(&json)[..], &json].concat()
}

pub(super) fn read(bytes: &[u8]) -> Result<Message, EngineError> {
    let refused = |why: String| EngineError::Refused(format!("{why} ({} bytes)", bytes.len()));
    let (sum, json) = bytes.split_first_chunk().ok_or_else(|| refused("too short".to_owned()))?;
    if checksum(json) != *sum {
        return Err(refused("the checksum does not match".to_owned()));
    }
    serde_json::from_slice(json).map_err(|error| refused(error.to_string()))
}

/// The commits in an update or a save.
pub(super) fn batch(bytes: &[u8]) -> Result<Vec<Commit>, EngineError> {
    match read(bytes)? {
        Message::Batch(commits) => Ok(commits),
        Message::Clock(_) => Err(EngineError::Refused("a clock, not commits".to_owned())),
    }
}
