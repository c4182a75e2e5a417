//! Changes that arrived before something they build on.

use std::collections::BTreeMap;

use loro::{Counter, ImportStatus, LoroDoc, PeerID};

use crate::shim::Parked;

/// What Loro has parked.
///
/// Loro keeps such changes out of snapshots and ordinary updates, so whoever
/// saves or forks a document has to carry them along by themselves.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    /// Where the parked changes end, by peer.
    ends: BTreeMap<PeerID, Counter>,
    /// Whether some were parked since the last save.
    unsaved: bool,
    parked: Parked,
}

impl Waiting {
    /// Takes note of what an import of `blobs` did.
    pub(crate) fn note<'a>(
        &mut self,
        doc: &LoroDoc,
        status: &ImportStatus,
        blobs: impl IntoIterator<Item = &'a [u8]>,
    ) {
        if status.pending.is_some() {
            blobs.into_iter().for_each(|blob| self.parked.keep(blob));
        }
        for (peer, (_, end)) in status.pending.iter().flat_map(|range| range.iter()) {
            let known = self.ends.entry(*peer).or_insert(*end);
            *known = (*known).max(*end);
            self.unsaved = true;
        }
        if !self.ends.is_empty() && !status.success.is_empty() {
            doc.with_oplog(|log| {
                let held = log.dag().vv();
                self.ends.retain(|peer, end| held.get(peer).is_none_or(|held| held < end));
            });
            if self.ends.is_empty() {
                self.parked.clear();
            }
        }
    }

    /// Whether nothing is parked.
    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// How many changes are parked.
    pub(crate) fn count(&self, doc: &LoroDoc) -> usize {
        if self.is_empty() { 0 } else { self.parked.count(doc) }
    }

    /// The parked changes, for [`crate::shim::blobs`] elsewhere.
    pub(crate) fn export(&self, doc: &LoroDoc) -> Option<Vec<u8>> {
        if self.is_empty() { None } else { self.parked.export(doc) }
    }

    /// Whether some were parked since this was last asked.
    pub(crate) fn take_unsaved(&mut self) -> bool {
        std::mem::take(&mut self.unsaved)
    }
}
