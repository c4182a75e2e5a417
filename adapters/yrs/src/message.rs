//! The sync messages of y-protocols in lib0 framing: the message type `sync`,
//! the kind of sync message, the length of the payload, the payload.

use deadzone_core::engine::EngineError;
use yrs::encoding::read::{Cursor, Error as ReadError, Read};
use yrs::encoding::write::Write;
use yrs::sync::protocol::{MSG_SYNC, MSG_SYNC_STEP_1, MSG_SYNC_STEP_2, MSG_SYNC_UPDATE};

/// The kinds of sync message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A state vector: what the sender has.
    Step1,
    /// The answer: an update with all that the other lacks, and all deletions.
    Step2,
    /// An update.
    Update,
}

impl Kind {
    fn number(self) -> u8 {
        match self {
            Self::Step1 => MSG_SYNC_STEP_1,
            Self::Step2 => MSG_SYNC_STEP_2,
            Self::Update => MSG_SYNC_UPDATE,
        }
    }

    fn of(number: u8) -> Option<Self> {
        [Self::Step1, Self::Step2, Self::Update].into_iter().find(|kind| kind.number() == number)
    }
}

/// The bytes of a message.
pub(crate) fn encode(kind: Kind, payload: &[u8]) -> Vec<u8> {
    // Two types of one byte each, and at most five bytes of length.
    let mut message = Vec::with_capacity(payload.len() + 7);
    message.write_var(MSG_SYNC);
    message.write_var(kind.number());
    message.write_buf(payload);
    message
}

/// Kind and payload of a message.
///
/// # Errors
/// [`EngineError::Refused`] on anything but one whole sync message.
pub(crate) fn decode(message: &[u8]) -> Result<(Kind, &[u8]), EngineError> {
    let refused = |error: ReadError| EngineError::Refused(format!("message: {error}"));
    let mut cursor = Cursor::new(message);
    let channel: u8 = cursor.read_var().map_err(refused)?;
    if channel != MSG_SYNC {
        return Err(EngineError::Refused(format!("message of type {channel}, expected sync")));
    }
    let number = cursor.read_var().map_err(refused)?;
    let kind = Kind::of(number)
        .ok_or_else(|| EngineError::Refused(format!("unknown sync message {number}")))?;
    let length: u64 = cursor.read_var().map_err(refused)?;
    let payload = &message[cursor.next..];
    if payload.len() as u64 != length {
        return Err(EngineError::Refused(format!(
            "message announces {length} bytes and has {}",
            payload.len()
        )));
    }
    Ok((kind, payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn framing_is_that_of_the_library() {
        use yrs::sync::{Message, SyncMessage};
        use yrs::updates::decoder::Decode;

        let payload = vec![7; 300];
        let message = encode(Kind::Update, &payload);
        let theirs = Message::decode_v1(&message).expect("a message");
        assert_eq!(theirs, Message::Sync(SyncMessage::Update(payload.clone())));
        assert_eq!(decode(&message), Ok((Kind::Update, payload.as_slice())));
    }

    #[test]
    fn only_one_whole_message_is_accepted() {
        let message = encode(Kind::Step2, b"abc");
        for end in 0..message.len() {
            assert!(matches!(decode(&message[..end]), Err(EngineError::Refused(_))), "{end}");
        }
        let longer = [message.as_slice(), &[0]].concat();
        assert!(matches!(decode(&longer), Err(EngineError::Refused(_))));
        assert!(matches!(decode(&[1, 0, 0]), Err(EngineError::Refused(_))));
        assert!(matches!(decode(&[0, 3, 0]), Err(EngineError::Refused(_))));
    }
}
