//! Changes that arrived before something they build on.

use std::collections::BTreeMap;

use loro::{Counter, ImportStatus, LoroDoc, PeerID};

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
}

impl Waiting {
    /// Takes note of what an import did.
    pub(crate) fn note(&mut self, doc: &LoroDoc, status: &ImportStatus) {
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
        }
    }

    /// Whether nothing is parked.
    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// How many changes are parked.
    pub(crate) fn count(&self, doc: &LoroDoc) -> usize {
        self.export(doc).map_or(0, |parked| {
            LoroDoc::decode_import_blob_meta(&parked, false)
                .expect("Loro reads what it has just written")
                .change_num as usize
        })
    }

    /// The parked changes, to be imported elsewhere.
    pub(crate) fn export(&self, doc: &LoroDoc) -> Option<Vec<u8>> {
        if self.is_empty() {
            return None;
        }
        doc.export_pending_updates().expect("parked changes came in as binary and can leave so")
    }

    /// Whether some were parked since this was last asked.
    pub(crate) fn take_unsaved(&mut self) -> bool {
        std::mem::take(&mut self.unsaved)
    }
}
