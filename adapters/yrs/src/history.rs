//! Documents as they were.

use deadzone_core::engine::EngineError;
use yrs::updates::decoder::Decode;
use yrs::updates::encoder::{Encode, Encoder, EncoderV1, EncoderV2};
use yrs::{ReadTxn, Snapshot};

use crate::encoding::Encoding;
use crate::shim;

/// The present version: a snapshot.
pub(crate) fn version<T: ReadTxn>(txn: &T) -> Vec<u8> {
    txn.snapshot().encode_v1()
}

/// The document at a version, as an update. Needs what was deleted since, so
/// garbage collection must be off.
///
/// # Errors
/// [`EngineError::Refused`] for what is no version of this document.
pub(crate) fn state_at<T: ReadTxn>(
    txn: &T,
    encoding: Encoding,
    version: &[u8],
) -> Result<Vec<u8>, EngineError> {
    let refused = |why: String| EngineError::Refused(format!("version: {why}"));
    let snapshot = Snapshot::decode_v1(version).map_err(|error| refused(error.to_string()))?;
    let now = txn.snapshot();
    let is_past = snapshot.state_map.iter().all(|(id, clock)| *clock <= now.state_map.get(id))
        && shim::deletes_no_more(&snapshot, &now);
    if !is_past {
        return Err(refused("this document was never there".to_owned()));
    }
    let failed = |error: yrs::error::Error| EngineError::Failed(error.to_string());
    Ok(match encoding {
        Encoding::V1 => {
            let mut encoder = EncoderV1::new();
            txn.encode_state_from_snapshot(&snapshot, &mut encoder).map_err(failed)?;
            encoder.to_vec()
        }
        Encoding::V2 => {
            let mut encoder = EncoderV2::new();
            txn.encode_state_from_snapshot(&snapshot, &mut encoder).map_err(failed)?;
            encoder.to_vec()
        }
    })
}
