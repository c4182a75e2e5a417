//! What is stored, and documents from it.
//!
//! A whole save is one document chunk and the changes that wait behind it; an
//! incremental one is the changes since the last save, one chunk each, without
//! compression. All of a store is loaded at once, as an application would that
//! appends to a file: Automerge then checks every chunk and reports damage,
//! which `load_incremental` does not, and applies the changes in one batch.
//!
//! A store that is cut exactly between two chunks is a store that some replica
//! had, a little earlier; the format cannot tell it from a whole one. Where an
//! incremental save in the middle is cut so, what came later waits for the
//! changes that are gone, and is counted as pending.

use automerge::{Automerge, ChangeHash, LoadOptions, TextEncoding};
use deadzone_core::engine::{EngineError, Save};

use crate::waiting::Waiting;

/// What was stored of a document so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stored {
    heads: Vec<ChangeHash>,
}

impl Stored {
    /// All of this document.
    pub(crate) fn all_of(document: &Automerge) -> Self {
        Self { heads: document.get_heads() }
    }

    /// The bytes to store now.
    pub(crate) fn save(
        &mut self,
        document: &Automerge,
        waiting: &mut Waiting,
        how: Save,
    ) -> Vec<u8> {
        let heads = document.get_heads();
        // What was never stored is new as a whole.
        let how = if self.heads.is_empty() { Save::Whole } else { how };
        let bytes = match how {
            Save::Whole => {
                waiting.all_stored();
                document.save()
            }
            Save::Incremental => {
                let mut bytes =
                    if heads == self.heads { Vec::new() } else { document.save_after(&self.heads) };
                waiting.store(document, &mut bytes);
                bytes
            }
        };
        self.heads = heads;
        bytes
    }
}

/// The document that was saved as `stored`, and the changes that wait in it.
///
/// # Errors
/// [`EngineError::Refused`] on bytes that no replica saved.
pub(crate) fn load(stored: &[Vec<u8>]) -> Result<(Automerge, Waiting), EngineError> {
    let refused = |why: &str| EngineError::Refused(why.to_owned());
    // To Automerge, no bytes at all are an empty document.
    match stored.first() {
        None => return Err(refused("there is no store")),
        Some(whole) if whole.is_empty() => return Err(refused("the store is empty")),
        Some(_) => {}
    }
    let joined;
    let bytes: &[u8] = match stored {
        [whole] => whole,
        several => {
            joined = several.concat();
            &joined
        }
    };
    let options = LoadOptions::new().text_encoding(TextEncoding::Utf16CodeUnit);
    let document = Automerge::load_with_options(bytes, options)
        .map_err(|error| refused(&error.to_string()))?;
    let waiting = Waiting::in_store(&document, bytes)?;
    Ok((document, waiting))
}
