//! The suite finds what is broken: the reference CRDT with one fault must fail
//! the tests that are about it.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

use deadzone_adapter_baselines::Reference;
use deadzone_conformance::fleet::setup;
use deadzone_conformance::suite::TESTS;
use deadzone_core::document::{Document, Node, Scalar};
use deadzone_core::edit::{Action, ContainerKind, Edit, Path, Roots, Value};
use deadzone_core::engine::{
    Edited, Engine, EngineError, EngineInfo, PeerId, Replica, Save, Seen, Setup, Support, Update,
    Version,
};

/// What is wrong with an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// Claims to lack a kind that it has.
    Modest,
    /// Typing lands at the end.
    TypesAtEnd,
    /// Nested containers cannot be written to.
    Shallow,
    /// An index that is too large means the largest.
    Clamps,
    /// Each edit of a transaction is done by itself.
    NotAtomic,
    /// Indices may fall into a surrogate pair.
    Splits,
    /// A second application of an update is another edit.
    CountsTwice,
    /// An update that cannot be used at once is lost.
    LosesEarlyUpdates,
    /// Others' updates are broadcast again.
    Echoes,
    /// Says something whenever asked.
    Chatters,
    /// Takes a new connection for the old one.
    RemembersTooMuch,
    /// Drops every third message.
    Deaf,
    /// A whole save is the one before.
    SavesLate,
    /// Incremental saves hold nothing.
    SavesNothing,
    /// A checkout gives the present.
    LivesInThePresent,
    /// A fork is empty.
    ForksEmpty,
    /// Reports everything two times.
    SeesTwice,
    /// Reports nothing.
    SeesNothing,
    /// Reports nothing of what was loaded.
    ForgetsWhatItSaw,
    /// Where an element is removed, its successor is doubled.
    Doubles,
    /// Messages hold something of their own.
    Unsteady,
    /// Panics on bytes that it cannot read.
    Panics,
    /// Changes something and then refuses.
    ChangesAndRefuses,
    /// Loads what it cannot read as something else.
    LoadsAnything,
    /// Declares undo and has none.
    PromisesUndo,
    /// An undo takes back all typing, whose ever it is.
    UndoesEverything,
}

struct Broken(Fault);

struct BrokenReplica {
    inner: Box<dyn Replica>,
    fault: Fault,
    applied: BTreeSet<Vec<u8>>,
    echoes: Vec<Update>,
    peers: BTreeSet<PeerId>,
    received: u32,
    last_save: Vec<u8>,
    tracks_undo: bool,
}

/// What [`Fault::Unsteady`] puts into messages.
static CALLS: AtomicU64 = AtomicU64::new(0);

impl Broken {
    fn wrap(&self, inner: Box<dyn Replica>) -> Box<dyn Replica> {
        Box::new(BrokenReplica {
            inner,
            fault: self.0,
            applied: BTreeSet::new(),
            echoes: Vec::new(),
            peers: BTreeSet::new(),
            received: 0,
            last_save: Vec::new(),
            tracks_undo: false,
        })
    }
}

impl Engine for Broken {
    fn info(&self) -> EngineInfo {
        let mut info = Reference.info();
        if self.0 == Fault::Modest {
            info.containers.insert(ContainerKind::Tree, Support::Lacking);
        }
        info.undo = matches!(self.0, Fault::PromisesUndo | Fault::UndoesEverything);
        info
    }

    fn create(&self, setup: &Setup) -> Result<Box<dyn Replica>, EngineError> {
        Ok(self.wrap(Reference.create(setup)?))
    }

    fn load(&self, setup: &Setup, stored: &[Vec<u8>]) -> Result<Box<dyn Replica>, EngineError> {
        let mut replica = match (Reference.load(setup, stored), self.0) {
            (Err(_), Fault::LoadsAnything) => {
                let other = Roots::from([("damage".to_owned(), ContainerKind::Map)]);
                Reference.create(&Setup { roots: other, ..setup.clone() })?
            }
            (Err(_), Fault::Panics) => panic!("cannot read this"),
            (loaded, _) => loaded?,
        };
        if self.0 == Fault::ForgetsWhatItSaw {
            replica.newly_seen(&mut Vec::new());
        }
        Ok(self.wrap(replica))
    }
}

impl BrokenReplica {
    /// Does something that nobody asked for.
    fn meddle(&mut self) {
        let action = Action::Increment { by: 1 };
        self.inner
            .edit(&[Edit { at: Path::root("counter"), action }])
            .expect("only used where there is a counter");
    }

    /// What the fault makes of an edit before it is done.
    fn bent(&self, edit: &Edit) -> Edit {
        let mut bent = edit.clone();
        let length = self.inner.length(&edit.at).unwrap_or(0);
        match (&mut bent.action, self.fault) {
            (Action::InsertText { index, .. }, Fault::TypesAtEnd) if *index <= length => {
                *index = length;
            }
            (Action::InsertText { index, .. } | Action::Insert { index, .. }, Fault::Clamps) => {
                *index = length.min(*index);
            }
            _ => {}
        }
        bent
    }

    fn double(&mut self, at: &Path, index: u32) {
        let Node::List(items) = &self.inner.read().roots[at.root.as_str()] else { return };
        if let Some(Node::Scalar(Scalar::Int(number))) = items.get(index as usize) {
            let values = vec![Value::Scalar(Scalar::Int(*number))];
            let edit = Edit { at: at.clone(), action: Action::Insert { index, values } };
            self.inner.edit(&[edit]).expect("the index is inside");
        }
    }

    /// What the fault makes of bytes that the engine was given.
    fn after_bytes(&mut self, outcome: &Result<(), EngineError>) {
        match (outcome, self.fault) {
            (Err(_), Fault::Panics) => panic!("cannot read this"),
            (Err(_), Fault::ChangesAndRefuses) => self.meddle(),
            _ => {}
        }
    }
}

impl Replica for BrokenReplica {
    fn edit(&mut self, edits: &[Edit]) -> Result<Edited, EngineError> {
        if self.fault == Fault::Shallow && edits.iter().any(|edit| !edit.at.steps.is_empty()) {
            return Ok(Edited::Unchanged);
        }
        let bent: Vec<_> = edits.iter().map(|edit| self.bent(edit)).collect();
        if self.fault == Fault::NotAtomic {
            let mut outcome = Edited::Unchanged;
            for edit in &bent {
                outcome = self.inner.edit(std::slice::from_ref(edit))?;
            }
            return Ok(outcome);
        }
        let edited = self.inner.edit(&bent)?;
        if self.fault == Fault::Doubles
            && let [Edit { at, action: Action::Remove { index, .. } }] = edits
        {
            self.double(at, *index);
        }
        Ok(edited)
    }

    fn length(&self, at: &Path) -> Option<u32> {
        self.inner.length(at)
    }

    fn snap(&self, at: &Path, index: u32) -> u32 {
        if self.fault == Fault::Splits { index } else { self.inner.snap(at, index) }
    }

    fn children(&self, at: &Path) -> Vec<String> {
        self.inner.children(at)
    }

    fn read(&mut self) -> Document {
        self.inner.read()
    }

    fn connect(&mut self, peer: PeerId, saved: Option<&[u8]>) -> Result<(), EngineError> {
        if !self.peers.insert(peer) && self.fault == Fault::RemembersTooMuch {
            return Ok(());
        }
        self.inner.connect(peer, saved)
    }

    fn poll(&mut self, peer: PeerId) -> Option<Vec<u8>> {
        let message = self.inner.poll(peer);
        match (message, self.fault) {
            (None, Fault::Chatters) => Some(self.inner.version().expect("it has versions").0),
            (Some(mut message), Fault::Unsteady) => {
                message.extend(CALLS.fetch_add(1, Ordering::Relaxed).to_le_bytes());
                Some(message)
            }
            (message, _) => message,
        }
    }

    fn receive(&mut self, peer: PeerId, message: &[u8]) -> Result<(), EngineError> {
        self.received += 1;
        if self.fault == Fault::Deaf && self.received.is_multiple_of(3) {
            return Ok(());
        }
        let own = if self.fault == Fault::Unsteady { 8 } else { 0 };
        let outcome = self.inner.receive(peer, &message[..message.len().saturating_sub(own)]);
        self.after_bytes(&outcome);
        outcome
    }

    fn disconnect(&mut self, peer: PeerId) -> Option<Vec<u8>> {
        if self.fault == Fault::RemembersTooMuch {
            return None;
        }
        self.inner.disconnect(peer)
    }

    fn take_updates(&mut self) -> Vec<Update> {
        let mut updates = self.inner.take_updates();
        updates.append(&mut self.echoes);
        updates
    }

    fn apply(&mut self, update: &[u8]) -> Result<(), EngineError> {
        if !self.applied.insert(update.to_vec()) && self.fault == Fault::CountsTwice {
            self.meddle();
        }
        if self.fault == Fault::LosesEarlyUpdates {
            let mut trial = self.inner.fork(&setup(99, &Roots::new()))?;
            trial.apply(update)?;
            if trial.pending() > self.inner.pending() {
                return Ok(());
            }
        }
        let outcome = self.inner.apply(update);
        if self.fault == Fault::Echoes {
            self.echoes.push(update.to_vec());
        }
        self.after_bytes(&outcome);
        outcome
    }

    fn newly_seen(&mut self, into: &mut Vec<Seen>) {
        let before = into.len();
        self.inner.newly_seen(into);
        match self.fault {
            Fault::SeesTwice => into.extend_from_within(before..),
            Fault::SeesNothing => into.truncate(before),
            _ => {}
        }
    }

    fn pending(&self) -> usize {
        self.inner.pending()
    }

    fn save(&mut self, how: Save) -> Vec<u8> {
        let saved = self.inner.save(how);
        match (how, self.fault) {
            (Save::Whole, Fault::SavesLate) => std::mem::replace(&mut self.last_save, saved),
            (Save::Incremental, Fault::SavesNothing) => Vec::new(),
            _ => saved,
        }
    }

    fn track_undo(&mut self) -> Result<(), EngineError> {
        self.tracks_undo = self.fault == Fault::UndoesEverything;
        if self.tracks_undo { Ok(()) } else { self.inner.track_undo() }
    }

    fn undo(&mut self) -> Result<Edited, EngineError> {
        if !self.tracks_undo {
            return self.inner.undo();
        }
        let at = Path::root("text");
        let count = self.inner.length(&at).expect("there is a text");
        self.inner.edit(&[Edit { at, action: Action::DeleteText { index: 0, count } }])
    }

    fn redo(&mut self) -> Result<Edited, EngineError> {
        if self.tracks_undo { Ok(Edited::Unchanged) } else { self.inner.redo() }
    }

    fn version(&mut self) -> Result<Version, EngineError> {
        self.inner.version()
    }

    fn checkout(&mut self, version: &Version) -> Result<Document, EngineError> {
        match self.fault {
            Fault::LivesInThePresent => Ok(self.inner.read()),
            _ => self.inner.checkout(version),
        }
    }

    fn fork(&mut self, setup: &Setup) -> Result<Box<dyn Replica>, EngineError> {
        let fork = match self.fault {
            Fault::ForksEmpty => Reference.create(setup)?,
            _ => self.inner.fork(setup)?,
        };
        Ok(Broken(self.fault).wrap(fork))
    }
}

/// Fails unless each of `tests` fails on an engine with this fault.
fn check(fault: Fault, tests: &[&str]) {
    for test in tests {
        let (_, body) = TESTS.iter().find(|(name, _)| name == test).expect("a test of the suite");
        let outcome = catch_unwind(AssertUnwindSafe(|| body(&Broken(fault))));
        assert!(outcome.is_err(), "{test} does not see the fault {fault:?}");
    }
}

#[test]
fn faults_of_edits_are_found() {
    check(Fault::Modest, &["declares_itself"]);
    check(Fault::TypesAtEnd, &["text", "marks", "random_edits", "agrees_with_the_model_in_turns"]);
    check(Fault::Shallow, &["nested_containers", "random_edits"]);
    check(Fault::Clamps, &["misplaced_edits"]);
    check(Fault::NotAtomic, &["transactions_are_all_or_nothing"]);
    check(Fault::Splits, &["indices_are_utf16"]);
}

#[test]
fn faults_of_delivery_are_found() {
    check(Fault::CountsTwice, &["broadcast_twice", "converges_over_broadcast"]);
    let orders = ["broadcast_in_any_order", "converges_over_broadcast", "seen_once_over_broadcast"];
    check(Fault::LosesEarlyUpdates, &orders);
    check(Fault::Echoes, &["broadcast_twice"]);
    check(Fault::Chatters, &["falls_silent"]);
    check(Fault::RemembersTooMuch, &["reconnects_after_losing_messages"]);
    check(Fault::Deaf, &["sync_from_every_prefix", "three_replicas_through_a_middle_one"]);
    check(Fault::Unsteady, &["same_calls_same_bytes"]);
    check(Fault::Doubles, &["random_edits", "nothing_typed_is_lost_or_doubled"]);
}

#[test]
fn faults_of_storage_are_found() {
    check(Fault::SavesLate, &["saves_whole", "saves_in_mid_sync"]);
    check(Fault::SavesNothing, &["saves_incrementally"]);
    check(Fault::LivesInThePresent, &["checks_out_versions"]);
    check(Fault::ForksEmpty, &["forks"]);
}

#[test]
fn faults_of_stamps_are_found() {
    check(Fault::SeesTwice, &["seen_once_over_the_protocol", "seen_once_over_broadcast"]);
    check(Fault::SeesNothing, &["seen_once_over_the_protocol", "seen_once_over_broadcast"]);
    check(Fault::ForgetsWhatItSaw, &["seen_after_a_load"]);
}

#[test]
fn faults_of_undo_are_found() {
    check(Fault::PromisesUndo, &["undo_is_as_declared"]);
    let others = ["undo_leaves_what_others_typed", "undo_touches_no_letter_of_others"];
    check(Fault::UndoesEverything, &others);
    let nothing = ["undo_of_nothing", "undo_after_a_load_or_a_fork"];
    check(Fault::UndoesEverything, &nothing);
    let itself = ["undo_one_transaction_at_a_time", "undo_of_a_deleted_container"];
    check(Fault::UndoesEverything, &itself);
    let again = ["undo_over_the_protocol", "undo_over_broadcast", "undo_in_nested_containers"];
    check(Fault::UndoesEverything, &again);
    check(Fault::UndoesEverything, &["undo_of_a_deleted_node"]);
}

#[test]
fn faults_about_damage_are_found() {
    check(Fault::Panics, &["damaged_messages", "damaged_updates", "damaged_stores"]);
    check(Fault::ChangesAndRefuses, &["damaged_messages", "damaged_updates"]);
    check(Fault::LoadsAnything, &["damaged_stores"]);
}
