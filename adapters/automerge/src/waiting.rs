//! Changes that were received and wait for others.
//!
//! Automerge keeps them in a queue that it does not show. What comes in passes
//! through here, so that the ones that are not in the document afterwards are
//! known by hash, which is looked at only where fewer changes were added than
//! came in.
//!
//! `save` writes the queue behind the document; `save_after` does not, and what
//! was received out of order between two whole saves would be gone after a
//! crash, though its sender counts it as delivered. So the adapter keeps their
//! bytes until they are stored.

use std::collections::BTreeMap;

use automerge::{Automerge, ChangeHash, ReadDoc};
use deadzone_core::engine::EngineError;

use crate::chunk::{self, Chunk};

/// Changes that wait, by hash; with their bytes where these are not stored yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waiting {
    changes: BTreeMap<ChangeHash, Option<Vec<u8>>>,
}

/// Whether the document holds this change, and not only in its queue.
pub(crate) fn holds(document: &Automerge, hash: &ChangeHash) -> bool {
    document.get_change_meta_by_hash(hash).is_some()
}

impl Waiting {
    /// The changes that wait in a document just loaded from `stored`.
    pub(crate) fn in_store(document: &Automerge, stored: &[u8]) -> Result<Self, EngineError> {
        let mut waiting = Self::default();
        if !document.get_missing_deps(&[]).is_empty() {
            waiting.add(document, stored)?;
            waiting.all_stored();
        }
        Ok(waiting)
    }

    /// Takes note of those changes in `chunks` that the document lacks.
    pub(crate) fn add(&mut self, document: &Automerge, chunks: &[u8]) -> Result<(), EngineError> {
        chunk::check(chunks, |chunk| {
            if let Chunk::Change(hash, bytes) = chunk
                && !holds(document, &hash)
            {
                self.changes.entry(hash).or_insert_with(|| Some(bytes.to_vec()));
            }
        })
    }

    /// How many of them the document still lacks.
    pub(crate) fn count(&self, document: &Automerge) -> usize {
        self.changes.keys().filter(|hash| !holds(document, hash)).count()
    }

    /// Everything is stored by now.
    pub(crate) fn all_stored(&mut self) {
        self.changes.values_mut().for_each(|bytes| *bytes = None);
    }

    /// Appends what waits and is not stored, and forgets what waits no longer.
    pub(crate) fn store(&mut self, document: &Automerge, into: &mut Vec<u8>) {
        if self.changes.is_empty() {
            return;
        }
        self.changes.retain(|hash, bytes| {
            let waits = !holds(document, hash);
            if let (true, Some(bytes)) = (waits, bytes.take()) {
                into.extend(bytes);
            }
            waits
        });
    }
}
