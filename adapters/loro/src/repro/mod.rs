//! Stories as tests of Loro alone.

mod edits;
mod ending;
mod literal;
mod storage;
mod wire;

use std::collections::{BTreeMap, BTreeSet};

use deadzone_core::document::Document;
use deadzone_core::engine::{Delivery, Engine as _, ReplicaId};
use deadzone_core::replay::repro::{self, Code, Draft, Names, Scribe, replica_name};
use deadzone_core::replay::{Event, Happened, Repro, Story};
use deadzone_core::schedule::{Joining, ReplicaNumber};

use crate::Loro;

/// What a file may name.
const NAMES: [&str; 21] = [
    "loro::CommitOptions",
    "loro::Counter",
    "loro::ExpandType",
    "loro::ExportMode",
    "loro::IdSpan",
    "loro::LoroCounter",
    "loro::LoroDoc",
    "loro::LoroList",
    "loro::LoroMap",
    "loro::LoroMovableList",
    "loro::LoroText",
    "loro::LoroTree",
    "loro::LoroValue",
    "loro::StyleConfig",
    "loro::StyleConfigMap",
    "loro::TextDelta",
    "loro::TreeParentId",
    "loro::UndoManager",
    "loro::VersionVector",
    "loro::loro_value",
    "std::collections::BTreeMap",
];

/// The story as a test of Loro alone. None where it leaves open what a path leads
/// to.
pub(crate) fn repro(story: &Story) -> Option<Repro> {
    let info = Loro.info();
    let dependencies = format!("loro = \"={}\"", info.version);
    repro::write(&info, &dependencies, story, Writer::new)
}

/// Writes a file.
struct Writer {
    draft: Draft,
    /// The variables of tree nodes, by label.
    nodes: Names,
    made_nodes: BTreeSet<String>,
    /// Who has said what it holds, and to whom, on a connection that is up.
    greeted: BTreeSet<(ReplicaNumber, ReplicaNumber)>,
    heard: BTreeSet<(ReplicaNumber, ReplicaNumber)>,
    /// What the storage of each holds: the blobs, and what was parked.
    stored: BTreeMap<ReplicaNumber, storage::Stored>,
    /// The version of that; none where nothing was stored.
    stored_versions: BTreeMap<ReplicaNumber, String>,
}

impl Scribe for Writer {
    fn draft(&self) -> &Draft {
        &self.draft
    }

    fn draft_mut(&mut self) -> &mut Draft {
        &mut self.draft
    }

    fn event(&mut self, index: usize, event: &Event) -> Option<()> {
        match &event.what {
            Happened::Created { replica, id } => {
                self.created(*replica, *id);
                self.tracks_undo(index, *replica);
            }
            Happened::Edited { updates, .. } if updates.len() > 1 => return None,
            Happened::Edited { replica, edits, changed, .. } => {
                let broadcast = self.draft.story.delivery == Delivery::Broadcast;
                let update = format!("update_{}", event.step?);
                let update = Some(update).filter(|_| *changed && broadcast);
                self.edited(*replica, edits, *changed, update.as_deref())?;
                if *changed {
                    self.keep_version(*replica, event.step?)?;
                }
            }
            Happened::Applied { replica, of, .. } => self.applied(*replica, of),
            Happened::Connected { a, b } => {
                for line in [(*a, *b), (*b, *a)] {
                    self.greeted.remove(&line);
                    self.heard.remove(&line);
                }
            }
            Happened::Disconnected { a, b, lost } => {
                self.draft.connection_breaks(*a, *b, !lost.is_empty());
            }
            Happened::Sent { message, from, to, .. } => self.sent(index, *message, *from, *to),
            Happened::Received { message, from, to } => {
                self.received(index, *message, *from, *to);
            }
            Happened::Merged { from, to, saved } => {
                let to = replica_name(*to);
                for variable in self.saved_whole(*from, saved).all() {
                    self.code().line(&format!("{to}.import(&{variable}).unwrap();"));
                }
            }
            Happened::Joined { from, to, how, id, saved } => {
                match how {
                    Joining::Fork => self.forked(*from, *to, *id),
                    Joining::Load => {
                        let stored = self.saved_whole(*from, saved.as_ref()?);
                        self.loaded(*to, *id, &stored);
                    }
                    Joining::Shallow => {
                        let stored = self.saved_shallow(*from);
                        self.loaded(*to, *id, &stored);
                    }
                }
                self.tracks_undo(index, *to);
            }
            Happened::Saved { replica, whole: true, saved } => {
                self.saved_whole(*replica, saved);
            }
            Happened::Saved { replica, saved, .. } => self.saved_increment(*replica, saved),
            Happened::Restarted { replica, id, stored } => {
                self.draft.starts_again(*replica);
                if stored.is_empty() {
                    self.created(*replica, *id);
                } else {
                    let stored = self.stored.get(replica)?.clone();
                    self.loaded(*replica, *id, &stored);
                }
                self.tracks_undo(index, *replica);
            }
            Happened::CheckedOut { replica, document } => {
                self.checked_out(index, *replica, document)?;
            }
            Happened::Shown { replica, .. } => {
                // Reading decodes, so it may matter.
                if event.step.is_some() {
                    let name = replica_name(*replica);
                    self.code().line(&format!("shown(&{name});"));
                }
            }
            Happened::Reading { .. } | Happened::Skipped { .. } => {}
            Happened::Undone { updates, .. } | Happened::Redone { updates, .. }
                if updates.len() > 1 =>
            {
                return None;
            }
            Happened::Undone { replica, .. } => self.takes_back(*replica, "undo", event.step?)?,
            Happened::Redone { replica, .. } => self.takes_back(*replica, "redo", event.step?)?,
        }
        Some(())
    }

    fn fresh(&mut self) {
        self.code().line("let fresh = replica(1);");
    }

    fn apply_to_fresh(&mut self, update: &str) {
        self.code().line(&format!("fresh.import(&{update}).unwrap();"));
    }

    fn reload_as_fresh(&mut self, name: &str) {
        self.code().line("let fresh = without_roots(1);");
        self.code().line(&format!(
            "fresh.import(&{name}.export(ExportMode::Snapshot).unwrap()).unwrap();"
        ));
        self.code().line("open_roots(&fresh);");
    }

    fn nothing_waits(&mut self, name: &str) {
        self.code().line(&format!("let waiting = {name}.export_pending_updates().unwrap();"));
        self.code()
            .line(&format!("assert!(waiting.is_none(), \"{name} still waits for something\");"));
    }

    fn held(&mut self, name: &str) -> String {
        format!("{name}.oplog_vv()")
    }

    fn version(&mut self, name: &str) -> Option<[String; 2]> {
        Some([format!("{name}.oplog_frontiers()"), format!("shown(&{name})")])
    }

    fn look_back(&mut self, name: &str, numbers: &[u32]) -> Option<()> {
        self.code().line(&format!("let now = shown(&{name});"));
        for step in numbers {
            self.code().line(&format!("{name}.checkout(&version_{step}).unwrap();"));
            self.code().line(&format!("assert_eq!(shown(&{name}), then_{step});"));
            self.code().line(&format!("{name}.checkout_to_latest();"));
        }
        self.code().line(&format!("assert_eq!(shown(&{name}), now);"));
        Some(())
    }

    fn talk(&mut self, a: ReplicaNumber, b: ReplicaNumber, messages_max: u32) -> Option<()> {
        let (a, b) = (replica_name(a), replica_name(b));
        self.code().line("let mut messages = 0;");
        self.code().open(&format!("while {a}.oplog_vv() != {b}.oplog_vv() {{"));
        for (from, to) in [(&a, &b), (&b, &a)] {
            let lacking = format!("ExportMode::updates(&{to}.oplog_vv())");
            self.code().line(&format!("{to}.import(&{from}.export({lacking}).unwrap()).unwrap();"));
        }
        self.code().line("messages += 2;");
        self.code()
            .line(&format!("assert!(messages <= {messages_max}, \"{a} and {b} still talk\");"));
        self.code().close("}");
        Some(())
    }

    fn comparisons(&mut self, name: &str, document: &Document) -> Option<Vec<String>> {
        self.roots_as_today(name, document)
    }

    fn helpers(&mut self) -> Option<Code> {
        self.functions()
    }
}

impl Writer {
    fn new(mut draft: Draft) -> Self {
        draft.parts.names = NAMES.to_vec();
        Self {
            draft,
            nodes: Names::default(),
            made_nodes: BTreeSet::new(),
            greeted: BTreeSet::new(),
            heard: BTreeSet::new(),
            stored: BTreeMap::new(),
            stored_versions: BTreeMap::new(),
        }
    }

    /// Makes what is done at a new replica undoable, if anything is ever undone.
    fn tracks_undo(&mut self, index: usize, at: ReplicaNumber) {
        if let Some(binding) = self.draft.undo_binding(index, at) {
            let name = replica_name(at);
            self.code().line(&format!("let {binding} = undo_manager(&{name});"));
        }
    }

    fn takes_back(&mut self, at: ReplicaNumber, call: &str, step: u32) -> Option<()> {
        let (name, update) = (replica_name(at), format!("update_{step}"));
        let broadcast = self.draft.story.delivery == Delivery::Broadcast;
        let wanted = broadcast && self.wants(&update);
        self.code().gap();
        if wanted {
            self.code().line(&format!("let start = own_operations(&{name});"));
        }
        self.code().line(&format!("{name}_undo.{call}().unwrap();"));
        if wanted {
            self.code().line(&format!("let {update} = own_updates(&{name}, start);"));
        }
        self.keep_version(at, step)
    }

    fn created(&mut self, replica: ReplicaNumber, id: ReplicaId) {
        let (name, peer) = (replica_name(replica), peer_id(id));
        self.code().line(&format!("let {name} = replica({peer});"));
        self.stored_versions.remove(&replica);
    }

    fn applied(&mut self, to: ReplicaNumber, of: &[u32]) {
        let to = replica_name(to);
        match of {
            [step] => self.code().line(&format!("{to}.import(&update_{step}).unwrap();")),
            steps => {
                let updates: Vec<String> =
                    steps.iter().map(|step| format!("update_{step}")).collect();
                self.import_batch(&to, &updates);
            }
        }
    }

    fn import_batch(&mut self, to: &str, blobs: &[String]) {
        let batch = match blobs {
            [one] => format!("std::slice::from_ref(&{one})"),
            blobs => {
                let blobs: Vec<String> = blobs.iter().map(|it| format!("{it}.clone()")).collect();
                format!("&[{}]", blobs.join(", "))
            }
        };
        self.code().line(&format!("{to}.import_batch({batch}).unwrap();"));
    }
}

/// The id that the adapter gives to a replica.
fn peer_id(id: ReplicaId) -> u64 {
    id.as_u64().min(loro::PeerID::MAX - 1)
}
