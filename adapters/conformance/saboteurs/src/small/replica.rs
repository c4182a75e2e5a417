//! A replica: its commits, and what they make.

use std::collections::BTreeMap;
use std::hint::black_box;

use deadzone_core::document::Document;
use deadzone_core::edit::{Edit, Path, Roots};
use deadzone_core::engine::{
    Edited, EngineError, PeerId, Replica, Save, Seen, Setup, Stamp, Update, Version,
};

use super::operation::{Clock, Commit, Context, Id, held};
use super::session::Session;
use super::state::{Container, State};
use super::undo::Undoable;
use super::wire::{self, Message};
use crate::Flaw;

/// How many own commits a remote one must not know for a merge to end the
/// process.
const UNSEEN_MIN: u64 = 2;

/// See [`super::Small`].
#[derive(Clone, Debug)]
pub(super) struct SmallReplica {
    pub(super) flaw: Flaw,
    pub(super) id: u64,
    pub(super) roots: Roots,
    pub(super) state: State,
    /// All commits that took effect, in that order.
    pub(super) history: Vec<Commit>,
    pub(super) clock: Clock,
    /// The greatest Lamport time so far.
    pub(super) time: u64,
    /// Received, but built on something that was not, by author and number.
    pub(super) waiting: BTreeMap<(u64, u64), Commit>,
    pub(super) sessions: BTreeMap<PeerId, Session>,
    /// What was thought of peers when connections to them broke.
    pub(super) remembered: BTreeMap<PeerId, Clock>,
    /// How much of `history` was saved, handed out as updates, and reported as
    /// seen.
    pub(super) saved: usize,
    pub(super) updated: usize,
    pub(super) reported: usize,
    /// Whether own commits are reported as well, as after a load.
    pub(super) report_own: bool,
    /// Reported although they wait.
    pub(super) claimed: Vec<Seen>,
    /// None unless that is tracked.
    pub(super) undoable: Option<Vec<Undoable>>,
    /// Of so much of `history` nobody knows any more what lost against what.
    pub(super) forgotten: usize,
}

/// The way that commits came by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Update,
    Session,
    Save,
}

impl SmallReplica {
    pub(super) fn new(setup: &Setup, flaw: Flaw) -> Self {
        Self {
            flaw,
            id: setup.id.as_u64(),
            roots: setup.roots.clone(),
            state: State::new(&setup.roots, flaw),
            history: Vec::new(),
            clock: Clock::new(),
            time: 0,
            waiting: BTreeMap::new(),
            sessions: BTreeMap::new(),
            remembered: BTreeMap::new(),
            saved: 0,
            updated: 0,
            reported: 0,
            report_own: false,
            claimed: Vec::new(),
            undoable: None,
            forgotten: 0,
        }
    }

    /// Takes in what is new; whether anything was.
    pub(super) fn integrate(&mut self, commits: Vec<Commit>, way: Way) -> bool {
        let before = self.history.len();
        let waiting = self.waiting.len();
        for commit in commits {
            self.take_in(commit, way);
        }
        self.wake(before);
        (before, waiting) != (self.history.len(), self.waiting.len())
    }

    fn take_in(&mut self, commit: Commit, way: Way) {
        let known = held(&self.clock, commit.author());
        if commit.number <= known {
            // Only the last one of each author is known again.
            if self.flaw == Flaw::AppliesTwice && way == Way::Update && commit.number < known {
                self.state.apply_all(&commit, Context::of(&commit, self.id, &self.clock));
            }
        } else if self.is_ready(&commit) {
            self.take_effect(commit);
        } else if self.flaw == Flaw::DropsEarly && commit.number == known + 1 {
            // Built on another author's commit: lost.
        } else {
            if self.flaw == Flaw::ClaimsTooMuch {
                let (lane, through) = (commit.author(), commit.number);
                self.claimed.push(Seen { lane, after: through - 1, through });
            }
            self.waiting.entry((commit.author(), commit.number)).or_insert(commit);
        }
    }

    /// Lets everything take effect that waited for the history since `before`.
    fn wake(&mut self, before: usize) {
        loop {
            let arrived = &self.history[before..];
            let may = |commit: &Commit| {
                // Only the same author's commits are looked at.
                self.flaw != Flaw::ForgetsToWake
                    || arrived.iter().any(|new| new.author() == commit.author())
            };
            let ready = |commit: &Commit| may(commit) && self.is_ready(commit);
            let next = self.waiting.iter().find(|(_, commit)| ready(commit));
            let Some(key) = next.map(|(key, _)| *key) else { break };
            let commit = self.waiting.remove(&key).expect("found just now");
            self.take_effect(commit);
        }
        self.waiting.retain(|(author, number), _| *number > held(&self.clock, *author));
    }

    fn is_ready(&self, commit: &Commit) -> bool {
        let next = held(&self.clock, commit.author()) + 1 == commit.number;
        next && commit.after.iter().all(|(id, count)| held(&self.clock, *id) >= *count)
    }

    fn take_effect(&mut self, commit: Commit) {
        let context = Context::of(&commit, self.id, &self.clock);
        if context.unseen >= UNSEEN_MIN {
            self.stumble(&commit);
        }
        self.state.apply_all(&commit, context);
        self.record(commit);
    }

    /// What three of the faults make of a merge.
    fn stumble(&self, commit: &Commit) {
        let own = |other: &&Commit| other.author() == self.id;
        let last = self.history.iter().rfind(own).expect("the other does not know some");
        match self.flaw {
            Flaw::Panics if commit.meets(last) => {
                panic!("index out of bounds: the merge met two local commits at once")
            }
            Flaw::Aborts if commit.operations.iter().any(|it| it.change.removes()) => {
                std::process::abort()
            }
            Flaw::NeverReturns => {
                // Looks for a time that no own commit has, and does not step on.
                let taken = |time| self.history.iter().filter(own).any(|it| it.first.time == time);
                while taken(black_box(commit.first.time)) {}
            }
            _ => {}
        }
    }

    pub(super) fn record(&mut self, commit: Commit) {
        self.clock.insert(commit.author(), commit.number);
        self.time = self.time.max(commit.last_time());
        self.history.push(commit);
    }

    /// What `commits` make here.
    pub(super) fn state_of<'a>(&self, commits: impl Iterator<Item = &'a Commit>) -> State {
        let mut state = State::new(&self.roots, self.flaw);
        let mut clock = Clock::new();
        for commit in commits {
            state.apply_all(commit, Context::of(commit, self.id, &clock));
            clock.insert(commit.author(), commit.number);
        }
        state
    }

    /// Commits what a transaction does, made by `operations` for each edit.
    fn transact(&mut self, edits: &[Edit]) -> Result<Option<Commit>, EngineError> {
        let first = Id { time: self.time + 1, replica: self.id };
        let mut next = first;
        let mut done = Vec::new();
        let before = (edits.len() > 1).then(|| self.state.clone());
        for edit in edits {
            let operations = match self.state.prepare(edit, next) {
                Ok(operations) => operations,
                Err(error) => {
                    if let Some(before) = before {
                        self.state = before;
                    }
                    return Err(error);
                }
            };
            for operation in operations {
                self.state.apply(next, &operation, Context { local: true, unseen: 0 });
                next = next.plus(operation.change.ids());
                done.push(operation);
            }
        }
        let number = held(&self.clock, self.id) + 1;
        let commit = Commit { number, first, after: self.clock.clone(), operations: done };
        Ok((!commit.operations.is_empty()).then_some(commit))
    }

    pub(super) fn commit(&mut self, commit: Option<Commit>) -> Edited {
        let Some(commit) = commit else { return Edited::Unchanged };
        let stamp = Stamp { lane: self.id, position: commit.number };
        self.record(commit);
        Edited::Applied(stamp)
    }
}

impl Replica for SmallReplica {
    fn edit(&mut self, edits: &[Edit]) -> Result<Edited, EngineError> {
        let commit = self.transact(edits)?;
        if let Some(commit) = &commit {
            self.remember(edits, commit);
        }
        Ok(self.commit(commit))
    }

    fn length(&self, at: &Path) -> Option<u32> {
        match self.state.at(at)? {
            Container::Text(text) => Some(text.characters.width()),
            Container::List(list) => Some(list.places.width()),
            Container::Map(_) | Container::Tree(_) => Some(self.children(at).len() as u32),
            Container::Counter(_) => None,
        }
    }

    fn snap(&self, at: &Path, index: u32) -> u32 {
        match self.state.at(at) {
            Some(Container::Text(text)) if text.characters.splits(index) => index - 1,
            _ => index,
        }
    }

    fn children(&self, at: &Path) -> Vec<String> {
        match self.state.at(at) {
            Some(Container::Map(map)) => map.present().map(|(key, ..)| key.clone()).collect(),
            Some(Container::Tree(tree)) => tree.labels(),
            _ => Vec::new(),
        }
    }

    fn read(&mut self) -> Document {
        self.state.document()
    }

    fn connect(&mut self, peer: PeerId, _saved: Option<&[u8]>) -> Result<(), EngineError> {
        self.sessions.insert(peer, Session::default());
        Ok(())
    }

    fn poll(&mut self, peer: PeerId) -> Option<Vec<u8>> {
        self.say(peer)
    }

    fn receive(&mut self, peer: PeerId, message: &[u8]) -> Result<(), EngineError> {
        self.hear(peer, message)
    }

    fn disconnect(&mut self, peer: PeerId) -> Option<Vec<u8>> {
        if let Some(clock) = self.sessions.remove(&peer).and_then(|session| session.peer) {
            self.remembered.insert(peer, clock);
        }
        None
    }

    fn take_updates(&mut self) -> Vec<Update> {
        let news = self.history[self.updated..].iter().filter(|news| news.author() == self.id);
        let updates = news.map(|commit| wire::write(&Message::Batch(vec![commit.clone()])));
        let updates = updates.collect();
        self.updated = self.history.len();
        updates
    }

    fn apply(&mut self, update: &[u8]) -> Result<(), EngineError> {
        let commits = wire::batch(update)?;
        self.integrate(commits, Way::Update);
        Ok(())
    }

    fn merge(&mut self, saved: &[u8]) -> Result<(), EngineError> {
        let commits = wire::batch(saved)?;
        self.integrate(commits, Way::Save);
        Ok(())
    }

    fn newly_seen(&mut self, into: &mut Vec<Seen>) {
        into.append(&mut self.claimed);
        for news in &self.history[self.reported..] {
            if news.author() != self.id || self.report_own {
                let (lane, through) = (news.author(), news.number);
                into.push(Seen { lane, after: through - 1, through });
            }
        }
        (self.reported, self.report_own) = (self.history.len(), false);
    }

    fn pending(&self) -> usize {
        self.waiting.len()
    }

    fn conflicts(&mut self) -> Option<u64> {
        Some(self.losers())
    }

    fn track_undo(&mut self) -> Result<(), EngineError> {
        self.undoable.get_or_insert_default();
        Ok(())
    }

    fn undo(&mut self) -> Result<Edited, EngineError> {
        match &mut self.undoable {
            None => Err(EngineError::NotSupported("undo that is not tracked")),
            Some(undoable) => Ok(match undoable.pop() {
                None => Edited::Unchanged,
                Some(last) => self.take_back(&last),
            }),
        }
    }

    fn save(&mut self, how: Save) -> Vec<u8> {
        self.store(how)
    }

    fn version(&mut self) -> Result<Version, EngineError> {
        Ok(Version(wire::write(&Message::Clock(self.clock.clone()))))
    }

    fn checkout(&mut self, version: &Version) -> Result<Document, EngineError> {
        self.look_back(version)
    }

    fn fork(&mut self, setup: &Setup) -> Result<Box<dyn Replica>, EngineError> {
        Ok(Box::new(self.split(setup)))
    }
}
