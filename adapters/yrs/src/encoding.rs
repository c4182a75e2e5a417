//! The two formats of updates.

use deadzone_core::engine::EngineError;
use yrs::encoding::read::{Cursor, Error as ReadError};
use yrs::updates::decoder::{Decode, Decoder, DecoderV1, DecoderV2};
use yrs::{ReadTxn, StateVector, TransactionMut, Update, merge_updates_v1, merge_updates_v2};

/// A format of updates. State vectors have one format only, as in Yjs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Plain variable-length integers; what y-protocols carries.
    #[default]
    V1,
    /// Columns with run lengths; what crdt-benchmarks measures.
    V2,
}

impl Encoding {
    /// The update that these bytes are, all of them.
    pub(crate) fn decode(self, bytes: &[u8]) -> Result<Update, EngineError> {
        let update = match self {
            Self::V1 => decode_whole(DecoderV1::from(bytes)),
            Self::V2 => DecoderV2::new(Cursor::new(bytes)).and_then(decode_whole),
        };
        update.map_err(|error| EngineError::Refused(error.to_string()))
    }

    /// What a committed transaction did.
    pub(crate) fn transaction(self, txn: &TransactionMut) -> Vec<u8> {
        match self {
            Self::V1 => txn.encode_update_v1(),
            Self::V2 => txn.encode_update_v2(),
        }
    }

    /// What is held, pending updates included, beyond `known`; and all deletions.
    pub(crate) fn beyond<T: ReadTxn>(self, txn: &T, known: &StateVector) -> Vec<u8> {
        match self {
            Self::V1 => txn.encode_state_as_update_v1(known),
            Self::V2 => txn.encode_state_as_update_v2(known),
        }
    }

    /// One update in place of several.
    pub(crate) fn merge<B: AsRef<[u8]>>(self, updates: &[B]) -> Vec<u8> {
        let merged = match self {
            Self::V1 => merge_updates_v1(updates),
            Self::V2 => merge_updates_v2(updates),
        };
        merged.expect("every one of them was encoded or decoded here before")
    }
}

fn decode_whole<D: Decoder>(mut decoder: D) -> Result<Update, ReadError> {
    let update = Update::decode(&mut decoder)?;
    match decoder.read_to_end()? {
        [] => Ok(update),
        rest => Err(ReadError::Custom(format!("{} bytes after the update", rest.len()))),
    }
}
