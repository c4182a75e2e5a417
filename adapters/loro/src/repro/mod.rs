//! Stories as tests of Loro alone.

mod edits;
mod ending;
mod literal;
mod storage;
mod wire;

use std::collections::{BTreeMap, BTreeSet};

use deadzone_core::engine::{Delivery, Engine as _, ReplicaId};
use deadzone_core::replay::repro::{Claim, Code, Kinds, Names, Parts, replica_name};
use deadzone_core::replay::{Event, Happened, Repro, Story};
use deadzone_core::schedule::{Joining, ReplicaNumber};

use crate::Loro;

/// What a file may name.
const NAMES: [&str; 20] = [
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
    "loro::VersionVector",
    "loro::loro_value",
    "std::collections::BTreeMap",
];

/// The story as a test of Loro alone. None where it takes edits back, or leaves
/// open what a path leads to.
pub(crate) fn repro(story: &Story) -> Option<Repro> {
    let claim = Claim::of(story)?;
    let parts = Parts::settled(|used| Writer::new(story, &claim, used).write())?;
    // Releases without that keep nothing that a file could ask for.
    let asks_what_waits = parts.body.mentions("export_pending_updates") > 0;
    if cfg!(feature = "engine-before-1-17") && asks_what_waits {
        return None;
    }
    let info = Loro.info();
    let dependencies = format!("loro = \"={}\"", info.version);
    Some(parts.into_repro(&info, story, &dependencies))
}

/// Writes a file.
struct Writer<'a> {
    story: &'a Story,
    claim: &'a Claim,
    /// The variables that are used; all of them if that is not known.
    used: Option<&'a BTreeSet<String>>,
    names: Names,
    /// The variables of tree nodes, by label.
    nodes: Names,
    made_nodes: BTreeSet<String>,
    kinds: Kinds,
    /// Who has said what it holds, and to whom, on a connection that is up.
    greeted: BTreeSet<(ReplicaNumber, ReplicaNumber)>,
    heard: BTreeSet<(ReplicaNumber, ReplicaNumber)>,
    /// What the storage of each holds: the blobs, and what was parked.
    stored: BTreeMap<ReplicaNumber, storage::Stored>,
    /// The version of that; none where nothing was stored.
    stored_versions: BTreeMap<ReplicaNumber, String>,
    /// Versions that can be looked at again: the number of the edit.
    versions: BTreeMap<ReplicaNumber, Vec<u32>>,
    /// What was shown when that was last stored, if it is compared.
    shown_when_stored: Option<String>,
    saves: u32,
    /// How many versions of what is stored there are.
    version_vectors: u32,
    parts: Parts,
}

impl<'a> Writer<'a> {
    fn new(story: &'a Story, claim: &'a Claim, used: Option<&'a BTreeSet<String>>) -> Self {
        Self {
            story,
            claim,
            used,
            names: Names::of(&story.roots),
            nodes: Names::default(),
            made_nodes: BTreeSet::new(),
            kinds: Kinds::of(story),
            greeted: BTreeSet::new(),
            heard: BTreeSet::new(),
            stored: BTreeMap::new(),
            stored_versions: BTreeMap::new(),
            versions: BTreeMap::new(),
            shown_when_stored: None,
            saves: 0,
            version_vectors: 0,
            parts: Parts { names: NAMES.to_vec(), ..Parts::default() },
        }
    }

    fn write(mut self) -> Option<Parts> {
        let mut together = false;
        for (index, event) in self.story.events.iter().enumerate() {
            if let Claim::Twice(at, first) = self.claim
                && *first == index
            {
                let at = replica_name(*at);
                self.code().gap();
                self.code().comment("Everything once more.");
                self.code().line(&format!("let before = shown(&{at});"));
            } else if event.step.is_none() && arrives(&event.what) && !together {
                together = true;
                self.code().gap();
                self.code().comment("Everything is brought to everyone.");
            }
            self.event(index, event)?;
        }
        self.ending()?;
        self.helpers();
        Some(self.parts)
    }

    fn code(&mut self) -> &mut Code {
        &mut self.parts.body
    }

    /// Whether a variable is used; makes it known.
    fn wants(&mut self, variable: &str) -> bool {
        self.parts.variables.insert(variable.to_owned());
        self.used.is_none_or(|used| used.contains(variable))
    }

    fn event(&mut self, index: usize, event: &Event) -> Option<()> {
        match &event.what {
            Happened::Created { replica, id } => self.created(*replica, *id),
            Happened::Edited { replica, edits, changed, updates } => {
                if updates.len() > 1 {
                    return None;
                }
                let broadcast = self.story.delivery == Delivery::Broadcast;
                let update = format!("update_{}", event.step?);
                let update = Some(update).filter(|_| *changed && broadcast);
                self.edited(*replica, edits, *changed, update.as_deref())?;
                self.keep_version(*replica, event.step?, *changed);
            }
            Happened::Applied { replica, of, .. } => self.applied(*replica, of),
            Happened::Connected { a, b } => {
                for line in [(*a, *b), (*b, *a)] {
                    self.greeted.remove(&line);
                    self.heard.remove(&line);
                }
            }
            Happened::Disconnected { a, b, lost } => {
                let (a, b) = (replica_name(*a), replica_name(*b));
                let lost = if lost.is_empty() { "" } else { "; what is on its way is lost" };
                self.code().gap();
                self.code().comment(&format!("The connection between {a} and {b} breaks{lost}."));
                self.code().line("");
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
            Happened::Joined { from, to, how, id, saved } => match how {
                Joining::Fork => self.forked(*from, *to, *id),
                Joining::Load => {
                    let stored = self.saved_whole(*from, saved.as_ref()?);
                    self.loaded(*to, *id, &stored);
                }
                Joining::Shallow => {
                    let stored = self.saved_shallow(*from);
                    self.loaded(*to, *id, &stored);
                }
            },
            Happened::Saved { replica, whole: true, saved } => {
                self.saved_whole(*replica, saved);
            }
            Happened::Saved { replica, saved, .. } => self.saved_increment(*replica, saved),
            Happened::Restarted { replica, id, stored } => {
                let name = replica_name(*replica);
                self.versions.remove(replica);
                self.code().gap();
                self.code().comment(&format!("{name} starts again, with what was stored."));
                if stored.is_empty() {
                    self.created(*replica, *id);
                } else {
                    let stored = self.stored.get(replica)?.clone();
                    self.loaded(*replica, *id, &stored);
                }
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
            Happened::Skipped { .. } => {}
            Happened::Undone { .. } | Happened::Redone { .. } => return None,
        }
        Some(())
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

fn arrives(what: &Happened) -> bool {
    matches!(
        what,
        Happened::Applied { .. }
            | Happened::Connected { .. }
            | Happened::Sent { .. }
            | Happened::Merged { .. }
    )
}
