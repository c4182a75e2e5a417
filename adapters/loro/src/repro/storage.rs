//! Saving, loading and forking.

use deadzone_core::engine::{Delivery, ReplicaId};
use deadzone_core::replay::repro::{Scribe as _, replica_name};
use deadzone_core::schedule::ReplicaNumber;

use super::{Writer, peer_id};
use crate::store;

/// The variables for what is stored.
#[derive(Clone, Debug, Default)]
pub(super) struct Stored {
    blobs: Vec<String>,
    /// Changes that waited when it was saved.
    parked: Vec<String>,
}

impl Stored {
    /// All of them, in the order in which they are imported.
    pub(super) fn all(self) -> impl Iterator<Item = String> {
        self.blobs.into_iter().chain(self.parked)
    }
}

impl Writer {
    /// Saves a replica as a whole, which is what its storage holds from then on.
    pub(super) fn saved_whole(&mut self, replica: ReplicaNumber, saved: &[u8]) -> Stored {
        self.code().gap();
        let blob = self.export(replica, "ExportMode::Snapshot");
        let mut stored = Stored { blobs: vec![blob], parked: Vec::new() };
        if parts_of(saved).1 {
            stored.parked.push(self.export_parked(replica));
        }
        self.stored.insert(replica, stored.clone());
        self.note_stored(replica);
        stored
    }

    /// Saves what is new since the last time.
    pub(super) fn saved_increment(&mut self, replica: ReplicaNumber, saved: &[u8]) {
        let (has_blob, has_parked) = parts_of(saved);
        self.code().gap();
        let mut stored = self.stored.remove(&replica).unwrap_or_default();
        if has_blob {
            let mode = match self.stored_versions.get(&replica) {
                Some(version) => format!("ExportMode::updates(&{version})"),
                None => "ExportMode::all_updates()".to_owned(),
            };
            stored.blobs.push(self.export(replica, &mode));
        }
        if has_parked {
            stored.parked.push(self.export_parked(replica));
        }
        self.stored.insert(replica, stored);
        self.note_stored(replica);
    }

    /// Saves the present without its history.
    pub(super) fn saved_shallow(&mut self, replica: ReplicaNumber) -> Stored {
        let name = replica_name(replica);
        self.code().gap();
        let mode = format!("ExportMode::shallow_snapshot(&{name}.oplog_frontiers())");
        Stored { blobs: vec![self.export(replica, &mode)], parked: Vec::new() }
    }

    fn export(&mut self, replica: ReplicaNumber, mode: &str) -> String {
        let (name, variable) = (replica_name(replica), self.draft.next_save());
        if self.wants(&variable) {
            self.code().line(&format!("let {variable} = {name}.export({mode}).unwrap();"));
        } else {
            self.code().line(&format!("{name}.export({mode}).unwrap();"));
        }
        variable
    }

    fn export_parked(&mut self, replica: ReplicaNumber) -> String {
        let variable = format!("waiting_{}", self.draft.number("waiting"));
        let name = replica_name(replica);
        if self.wants(&variable) {
            self.code().line(&format!(
                "let {variable} = {name}.export_pending_updates().unwrap().unwrap();"
            ));
        }
        variable
    }

    fn note_stored(&mut self, replica: ReplicaNumber) {
        self.note_version(replica);
        self.remember(replica);
    }

    /// A replica with what was stored.
    pub(super) fn loaded(&mut self, replica: ReplicaNumber, id: ReplicaId, stored: &Stored) {
        let (name, peer) = (replica_name(replica), peer_id(id));
        self.code().line(&format!("let {name} = without_roots({peer});"));
        if let Some((first, later)) = stored.blobs.split_first() {
            self.code().line(&format!("{name}.import(&{first}).unwrap();"));
            if !later.is_empty() {
                self.import_batch(&name, later);
            }
        }
        for parked in &stored.parked {
            self.code().line(&format!("{name}.import(&{parked}).unwrap();"));
        }
        self.code().line(&format!("open_roots(&{name});"));
        self.note_version(replica);
    }

    /// Keeps the version of what is stored, if something is stored after it.
    fn note_version(&mut self, replica: ReplicaNumber) {
        let version = format!("stored_{}", self.draft.number("stored"));
        let name = replica_name(replica);
        if self.wants(&version) {
            self.code().line(&format!("let {version} = {name}.oplog_vv();"));
        }
        self.stored_versions.insert(replica, version);
    }

    /// A replica that is a copy of another in memory.
    pub(super) fn forked(&mut self, from: ReplicaNumber, to: ReplicaNumber, id: ReplicaId) {
        let (from, to, peer) = (replica_name(from), replica_name(to), peer_id(id));
        self.code().gap();
        self.code().line(&format!("let {to} = {from}.fork();"));
        self.code().line(&format!("{to}.set_peer_id({peer}).unwrap();"));
        if self.draft.story.delivery == Delivery::Broadcast {
            self.code().comment("A fork leaves behind what waits.");
            let waiting = format!("{from}.export_pending_updates().unwrap()");
            self.code().open(&format!("if let Some(waiting) = {waiting} {{"));
            self.code().line(&format!("{to}.import(&waiting).unwrap();"));
            self.code().close("}");
        }
        self.code().line(&format!("open_roots(&{to});"));
    }
}

/// Whether there is a blob in a stored part, and whether there are parked
/// changes.
fn parts_of(saved: &[u8]) -> (bool, bool) {
    let is_framed = saved.starts_with(b"park");
    let parts = store::parts(saved).map_or(0, |parts| parts.len());
    if is_framed { (parts > 1, parts > 0) } else { (!saved.is_empty(), false) }
}
