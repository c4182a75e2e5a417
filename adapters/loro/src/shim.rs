//! What differs between releases of Loro, and nothing else.
//!
//! | before | differs |
//! |---|---|
//! | 1.17 | what waits for something it builds on cannot be exported; the adapter keeps the bytes that it came in, as an application had to |
//! | 1.17 | a fork does not inherit the default for marks; the adapter sets it on every fork of any release |
//! | 1.13 | `fork_at` cannot fail |

use deadzone_core::engine::EngineError;
use loro::{LoroDoc, LoroResult};

/// The releases that this adapter can speak to, both included.
pub const VERSIONS: (&str, &str) = ("1.10.0", "1.17.1");

#[cfg(feature = "engine-before-1-17")]
pub(crate) use of_adapter::{Parked, blobs};
#[cfg(not(feature = "engine-before-1-17"))]
pub(crate) use of_engine::{Parked, blobs};

/// What `fork_at` gives.
pub(crate) trait Forked {
    /// As later releases give it.
    fn into_result(self) -> LoroResult<LoroDoc>;
}

impl Forked for LoroDoc {
    fn into_result(self) -> LoroResult<LoroDoc> {
        Ok(self)
    }
}

impl Forked for LoroResult<LoroDoc> {
    fn into_result(self) -> LoroResult<LoroDoc> {
        self
    }
}

/// Changes in a blob that Loro wrote.
fn changes_in(blob: &[u8]) -> usize {
    LoroDoc::decode_import_blob_meta(blob, false)
        .expect("Loro reads what it has written and taken in")
        .change_num as usize
}

/// Parked changes as Loro gives them.
#[cfg(not(feature = "engine-before-1-17"))]
mod of_engine {
    use super::*;

    /// Nothing: Loro has them.
    #[derive(Debug, Default)]
    pub(crate) struct Parked;

    impl Parked {
        /// Takes note of a blob of which something was parked.
        pub(crate) fn keep(&mut self, _blob: &[u8]) {}

        /// Nothing is parked any more.
        pub(crate) fn clear(&mut self) {}

        /// How many changes are parked.
        pub(crate) fn count(&self, doc: &LoroDoc) -> usize {
            self.export(doc).map_or(0, |parked| changes_in(&parked))
        }

        /// All of it, if there is any, to be read by [`blobs`].
        pub(crate) fn export(&self, doc: &LoroDoc) -> Option<Vec<u8>> {
            doc.export_pending_updates().expect("parked changes came in as binary and can leave so")
        }
    }

    /// The blobs to import out of what [`Parked::export`] gave.
    pub(crate) fn blobs(parked: &[u8]) -> Result<Vec<&[u8]>, EngineError> {
        Ok(vec![parked])
    }
}

/// Parked changes in the blobs that they came in.
#[cfg(feature = "engine-before-1-17")]
mod of_adapter {
    use super::*;

    /// The blobs, each once. All stay until nothing is parked any more.
    #[derive(Debug, Default)]
    pub(crate) struct Parked(Vec<Vec<u8>>);

    impl Parked {
        /// Takes note of a blob of which something was parked.
        pub(crate) fn keep(&mut self, blob: &[u8]) {
            if !self.0.iter().any(|known| known == blob) {
                self.0.push(blob.to_vec());
            }
        }

        /// Nothing is parked any more.
        pub(crate) fn clear(&mut self) {
            self.0.clear();
        }

        /// How many changes are in the blobs: at least as many as are parked.
        pub(crate) fn count(&self, _doc: &LoroDoc) -> usize {
            self.0.iter().map(|blob| changes_in(blob)).sum()
        }

        /// All of it, if there is any, to be read by [`blobs`]: each blob behind its length.
        pub(crate) fn export(&self, _doc: &LoroDoc) -> Option<Vec<u8>> {
            let framed = |blob: &Vec<u8>| {
                let length = u32::try_from(blob.len()).expect("updates are far below 4 GiB");
                [&length.to_le_bytes()[..], blob].concat()
            };
            (!self.0.is_empty()).then(|| self.0.iter().flat_map(framed).collect())
        }
    }

    /// The blobs to import out of what [`Parked::export`] gave.
    pub(crate) fn blobs(mut parked: &[u8]) -> Result<Vec<&[u8]>, EngineError> {
        let mut blobs = Vec::new();
        while !parked.is_empty() {
            let cut = || EngineError::Refused("the parked changes are cut off".to_owned());
            let (length, rest) = parked.split_first_chunk::<4>().ok_or_else(cut)?;
            let (blob, rest) =
                rest.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or_else(cut)?;
            blobs.push(blob);
            parked = rest;
        }
        Ok(blobs)
    }
}
