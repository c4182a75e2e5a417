//! Stories as tests of Automerge alone.

mod edits;
mod ending;
mod literal;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use automerge::ReadDoc as _;
use deadzone_core::document::Document;
use deadzone_core::engine::{Delivery, Engine as _, ReplicaId};
use deadzone_core::replay::repro::{self, Code, Draft, MapWrite, Scribe, Shadow, replica_name};
use deadzone_core::replay::{Event, Happened, Repro, Story};
use deadzone_core::schedule::ReplicaNumber;

use crate::Automerge;

/// What a file may name.
const NAMES: [&str; 17] = [
    "automerge::ActorId",
    "automerge::Automerge",
    "automerge::Change",
    "automerge::LoadOptions",
    "automerge::ObjType",
    "automerge::ROOT",
    "automerge::ScalarValue",
    "automerge::TextEncoding",
    "automerge::hydrate",
    "automerge::hydrate_list",
    "automerge::hydrate_map",
    "automerge::marks::ExpandMark",
    "automerge::marks::Mark",
    "automerge::sync::Message",
    "automerge::sync::State",
    "automerge::transaction::CommitOptions",
    "std::collections::BTreeMap",
];

/// The story as a test of Automerge alone. None where it moves a container, leaves
/// open what a path or an edit of a tree is, or loads a store in which something
/// waits.
pub(crate) fn repro(story: &Story) -> Option<Repro> {
    let info = Automerge.info();
    let dependencies = format!("automerge = \"={}\"", info.version);
    repro::write(&info, &dependencies, story, Writer::new)
}

/// Writes a file.
struct Writer {
    draft: Draft,
    /// Sessions whose state was kept when their connection broke.
    kept: BTreeSet<(ReplicaNumber, ReplicaNumber)>,
    /// What the storage of each holds.
    stored: BTreeMap<ReplicaNumber, Vec<String>>,
    /// The heads of that; none where nothing was stored.
    stored_heads: BTreeMap<ReplicaNumber, String>,
    /// What trees are made of, if there are any.
    shadow: Option<Shadow>,
    /// What the present edit writes to the map of a tree.
    writes: Vec<MapWrite>,
}

impl Scribe for Writer {
    fn draft(&self) -> &Draft {
        &self.draft
    }

    fn draft_mut(&mut self) -> &mut Draft {
        &mut self.draft
    }

    fn event(&mut self, index: usize, event: &Event) -> Option<()> {
        if let Some(shadow) = &mut self.shadow {
            self.writes = shadow.follow(&Automerge, index, &event.what, tree::entries)?;
        }
        match &event.what {
            Happened::Created { replica, id } => self.created(*replica, *id),
            Happened::Edited { updates, .. } if updates.len() > 1 => return None,
            Happened::Edited { replica, edits, changed, .. } => {
                let broadcast = self.draft.story.delivery == Delivery::Broadcast;
                let update = format!("update_{}", event.step?);
                let update = Some(update).filter(|_| *changed && broadcast);
                self.edited(*replica, edits, update.as_deref())?;
                if *changed {
                    self.keep_version(*replica, event.step?)?;
                }
            }
            Happened::Applied { replica, of, .. } => {
                let updates: Vec<String> =
                    of.iter().map(|step| format!("&update_{step}")).collect();
                let (to, updates) = (replica_name(*replica), updates.join(", "));
                self.code().line(&format!("apply(&mut {to}, &[{updates}]);"));
            }
            Happened::Connected { a, b } => {
                self.code().gap();
                for (owner, peer) in [(*a, *b), (*b, *a)] {
                    self.connected(owner, peer);
                }
            }
            Happened::Disconnected { a, b, lost } => {
                self.kept.extend([(*a, *b), (*b, *a)]);
                self.draft.connection_breaks(*a, *b, !lost.is_empty());
            }
            Happened::Sent { message, from, to, .. } => {
                let session = session(*from, *to);
                let (from, variable) = (replica_name(*from), format!("message_{}", message.0));
                let made = format!("{from}.generate_sync_message(&mut {session}).unwrap()");
                self.needs("automerge::sync::SyncDoc");
                self.code().gap();
                let line = if self.wants(&variable) {
                    format!("let {variable} = {made}.encode();")
                } else {
                    format!("{made};")
                };
                self.code().line(&line);
            }
            Happened::Received { message, from, to } => {
                let session = session(*to, *from);
                let (to, number) = (replica_name(*to), message.0);
                self.needs("automerge::sync::SyncDoc");
                self.code()
                    .line(&format!("let message = Message::decode(&message_{number}).unwrap();"));
                let line = format!("{to}.receive_sync_message(&mut {session}, message).unwrap();");
                self.code().line(&line);
            }
            Happened::Merged { from, to, .. } => {
                let saved = self.saved(*from);
                let to = replica_name(*to);
                self.code().line(&format!("{to}.load_incremental(&{saved}).unwrap();"));
            }
            Happened::Joined { from, to, id, saved, .. } => {
                let name = replica_name(*to);
                if saved.is_some() {
                    let saved = self.saved(*from);
                    self.loaded(*to, *id, &[saved], "mut ");
                } else {
                    let from = replica_name(*from);
                    let actor = hex(*id);
                    self.code().gap();
                    self.code().line(&format!(
                        "let mut {name} = {from}.clone().with_actor(actor(\"{actor}\"));"
                    ));
                }
            }
            Happened::Saved { replica, whole: true, .. } => {
                self.saved(*replica);
            }
            Happened::Saved { replica, .. } => self.saved_after(*replica),
            Happened::Restarted { replica, id, stored } => {
                self.kept.retain(|(owner, _)| owner != replica);
                self.draft.starts_again(*replica);
                if stored.is_empty() {
                    self.created(*replica, *id);
                } else if waits_for_more(stored) {
                    // The adapter adds changes that wait to what `save_after`
                    // gives, which has none of them.
                    return None;
                } else {
                    let stored = self.stored.get(replica)?.clone();
                    let is_last = index + 1 == self.draft.story.events.len();
                    self.loaded(*replica, *id, &stored, if is_last { "" } else { "mut " });
                }
            }
            Happened::CheckedOut { replica, document } => {
                self.checked_out(index, *replica, document)?;
            }
            // Reading changes nothing in Automerge.
            Happened::Shown { .. } | Happened::Reading { .. } | Happened::Skipped { .. } => {}
            Happened::Undone { .. } | Happened::Redone { .. } => return None,
        }
        Some(())
    }

    fn fresh(&mut self) {
        self.code().line("let mut fresh = replica(\"01\");");
    }

    fn apply_to_fresh(&mut self, update: &str) {
        self.code().line(&format!("apply(&mut fresh, &[&{update}]);"));
    }

    fn reload_as_fresh(&mut self, name: &str) {
        self.code().line(&format!("let fresh = load(\"01\", &{name}.save());"));
    }

    fn nothing_waits(&mut self, name: &str) {
        self.code().line(&format!("let missing = {name}.get_missing_deps(&[]);"));
        self.code().line(&format!(
            "assert!(missing.is_empty(), \"{name} still waits for {{missing:?}}\");"
        ));
    }

    fn held(&mut self, name: &str) -> String {
        format!("{name}.get_heads()")
    }

    fn version(&mut self, name: &str) -> Option<[String; 2]> {
        Some([format!("{name}.get_heads()"), format!("{name}.hydrate(None)")])
    }

    fn look_back(&mut self, name: &str, numbers: &[u32]) -> Option<()> {
        for step in numbers {
            self.code()
                .line(&format!("assert_eq!({name}.hydrate(Some(&version_{step})), then_{step});"));
        }
        Some(())
    }

    fn talk(&mut self, a: ReplicaNumber, b: ReplicaNumber, messages_max: u32) -> Option<()> {
        self.needs("automerge::sync::SyncDoc");
        self.code().line("let mut messages = 0;");
        self.code().open("loop {");
        self.code().line("let said = messages;");
        for (from, to) in [(a, b), (b, a)] {
            let (sends, takes) = (session(from, to), session(to, from));
            let (from, to) = (replica_name(from), replica_name(to));
            let code = self.code();
            code.open(&format!(
                "if let Some(message) = {from}.generate_sync_message(&mut {sends}) {{"
            ));
            code.line("messages += 1;");
            code.line("let message = Message::decode(&message.encode()).unwrap();");
            code.line(&format!("{to}.receive_sync_message(&mut {takes}, message).unwrap();"));
            code.close("}");
        }
        self.code().open("if messages == said {");
        self.code().line("break;");
        self.code().close("}");
        let (a, b) = (replica_name(a), replica_name(b));
        self.code()
            .line(&format!("assert!(messages <= {messages_max}, \"{a} and {b} still talk\");"));
        self.code().close("}");
        Some(())
    }

    fn comparisons(&mut self, name: &str, document: &Document) -> Option<Vec<String>> {
        self.roots_as_json(name, document)
    }

    fn helpers(&mut self) -> Option<Code> {
        self.functions()
    }
}

impl Writer {
    fn new(mut draft: Draft) -> Self {
        draft.parts.names = NAMES.to_vec();
        let shadow = Shadow::of(&draft.story);
        if shadow.is_some() {
            draft.parts.caveats.push(tree::CAVEAT.to_owned());
        }
        draft.parts.traits =
            BTreeSet::from(["automerge::ReadDoc", "automerge::transaction::Transactable"]);
        Self {
            draft,
            kept: BTreeSet::new(),
            stored: BTreeMap::new(),
            stored_heads: BTreeMap::new(),
            shadow,
            writes: Vec::new(),
        }
    }

    fn created(&mut self, replica: ReplicaNumber, id: ReplicaId) {
        let (name, actor) = (replica_name(replica), hex(id));
        self.code().line(&format!("let mut {name} = replica(\"{actor}\");"));
        self.stored_heads.remove(&replica);
    }

    /// A replica from what was stored, in a variable that is `binding`.
    fn loaded(&mut self, replica: ReplicaNumber, id: ReplicaId, stored: &[String], binding: &str) {
        let (name, actor) = (replica_name(replica), hex(id));
        let stored = match stored {
            [whole] => format!("&{whole}"),
            parts => format!("&[{}].concat()", parts.join(", ")),
        };
        self.code().line(&format!("let {binding}{name} = load(\"{actor}\", {stored});"));
        self.note_heads(replica);
    }

    fn connected(&mut self, owner: ReplicaNumber, peer: ReplicaNumber) {
        let (session, name) = (session(owner, peer), replica_name(owner));
        if !self.kept.remove(&(owner, peer)) {
            self.code().line(&format!("let mut {session} = State::new();"));
            return;
        }
        self.code()
            .line(&format!("let mut {session} = State::decode(&{session}.encode()).unwrap();"));
        self.code().line(&format!(
            "{session}.shared_heads.retain(|hash| {name}.get_change_by_hash(hash).is_some());"
        ));
    }

    /// Saves a replica as a whole, which is what its storage holds from then on.
    fn saved(&mut self, replica: ReplicaNumber) -> String {
        let (name, variable) = (replica_name(replica), self.draft.next_save());
        self.code().gap();
        if self.wants(&variable) {
            self.code().line(&format!("let {variable} = {name}.save();"));
        } else {
            self.code().line(&format!("{name}.save();"));
        }
        self.stored.insert(replica, vec![variable.clone()]);
        self.note_heads(replica);
        self.remember(replica);
        variable
    }

    /// Saves what is new since the last time; all of it the first time.
    fn saved_after(&mut self, replica: ReplicaNumber) {
        let Some(heads) = self.stored_heads.get(&replica).cloned() else {
            self.saved(replica);
            return;
        };
        let (name, variable) = (replica_name(replica), self.draft.next_save());
        self.code().gap();
        if self.wants(&variable) {
            self.code().line(&format!("let {variable} = {name}.save_after(&{heads});"));
        }
        self.stored.entry(replica).or_default().push(variable);
        self.note_heads(replica);
        self.remember(replica);
    }

    /// Keeps the heads of what is stored, if something is stored after them.
    fn note_heads(&mut self, replica: ReplicaNumber) {
        let name = replica_name(replica);
        let heads = format!("heads_{}", self.draft.number("heads"));
        if self.wants(&heads) {
            self.code().line(&format!("let {heads} = {name}.get_heads();"));
        }
        self.stored_heads.insert(replica, heads);
    }
}

fn session(owner: ReplicaNumber, peer: ReplicaNumber) -> String {
    format!("{}_to_{}", replica_name(owner), replica_name(peer))
}

/// Whether changes in a store that was added to build on some that are not there.
fn waits_for_more(stored: &[Vec<u8>]) -> bool {
    stored.len() > 1
        && automerge::Automerge::load(&stored.concat())
            .is_ok_and(|document| !document.get_missing_deps(&[]).is_empty())
}

fn hex(id: ReplicaId) -> String {
    let mut hex = String::new();
    for byte in id.0 {
        write!(hex, "{byte:02x}").expect("a string takes everything");
    }
    hex
}
