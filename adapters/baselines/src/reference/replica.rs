//! A replica: its transactions, what they make, and its sessions.

use std::collections::BTreeMap;

use deadzone_core::document::Document;
use deadzone_core::edit::{Edit, Path, Roots};
use deadzone_core::engine::{
    Edited, EngineError, PeerId, Replica, Save, Seen, Setup, Stamp, Update, Version,
};

use super::local;
use super::operation::{Clock, OpId, Transaction};
use super::state::{Container, State};
use super::wire::{self, Sealed};

/// See [`super::Reference`].
#[derive(Clone, Debug)]
pub(super) struct ReferenceReplica {
    id: u64,
    roots: Roots,
    state: State,
    /// All transactions that took effect, in that order.
    history: Vec<Transaction>,
    clock: Clock,
    /// The greatest timestamp of each author so far.
    lamports: BTreeMap<u64, u64>,
    /// Received, but built on something that was not, by author and sequence.
    waiting: BTreeMap<(u64, u64), Transaction>,
    /// What was received since the own last transaction.
    received: Clock,
    sessions: BTreeMap<PeerId, Session>,
    /// How much of `history` was saved, handed out as updates, and reported as
    /// seen.
    saved: usize,
    updated: usize,
    reported: usize,
    /// Whether own transactions are reported as well, as after a load.
    report_own: bool,
}

#[derive(Clone, Debug, Default)]
struct Session {
    greeted: bool,
    /// What the peer holds, once it has said so.
    peer: Option<Clock>,
    /// How much of `history` was looked at for the peer.
    sent: usize,
}

impl ReferenceReplica {
    pub(super) fn new(setup: &Setup) -> Self {
        Self {
            id: setup.id.as_u64(),
            roots: setup.roots.clone(),
            state: State::new(&setup.roots),
            history: Vec::new(),
            clock: Clock::new(),
            lamports: BTreeMap::new(),
            waiting: BTreeMap::new(),
            received: Clock::new(),
            sessions: BTreeMap::new(),
            saved: 0,
            updated: 0,
            reported: 0,
            report_own: false,
        }
    }

    pub(super) fn load(setup: &Setup, stored: &[Vec<u8>]) -> Result<Self, EngineError> {
        let mut replica = Self::new(setup);
        for bytes in stored.iter().filter(|bytes| !bytes.is_empty()) {
            replica.apply(bytes)?;
        }
        replica.received = replica.clock.clone();
        replica.start_anew();
        Ok(replica)
    }

    /// What is there by now is stored, and is nobody's news.
    fn start_anew(&mut self) {
        (self.saved, self.updated) = (self.history.len(), self.history.len());
        (self.reported, self.report_own) = (0, true);
    }

    fn next_id(&self) -> OpId {
        let last = self.lamports.values().max().copied().unwrap_or(0);
        OpId { lamport: last + 1, replica: self.id }
    }

    fn held(clock: &Clock, replica: u64) -> u64 {
        clock.get(&replica).copied().unwrap_or(0)
    }

    /// Takes in what is new; in the end everything that can has taken effect.
    fn integrate(&mut self, transactions: Vec<Transaction>) {
        for transaction in transactions {
            if self.is_ready(&transaction) {
                self.take_effect(transaction);
            } else if transaction.sequence > Self::held(&self.clock, transaction.author()) {
                let key = (transaction.author(), transaction.sequence);
                self.waiting.entry(key).or_insert(transaction);
            }
        }
        let ready =
            |this: &Self| this.waiting.iter().find(|(_, t)| this.is_ready(t)).map(|(k, _)| *k);
        while let Some(key) = ready(self) {
            let transaction = self.waiting.remove(&key).expect("found just now");
            self.take_effect(transaction);
        }
        self.waiting.retain(|(author, sequence), _| *sequence > Self::held(&self.clock, *author));
    }

    /// Only damaged bytes repeat ids; those are dropped.
    fn take_effect(&mut self, transaction: Transaction) {
        let last = self.lamports.get(&transaction.author()).copied().unwrap_or(0);
        if transaction.first.lamport > last {
            self.state.apply_all(&transaction);
            self.received.insert(transaction.author(), transaction.sequence);
            self.commit(transaction);
        }
    }

    fn is_ready(&self, transaction: &Transaction) -> bool {
        let own = Self::held(&self.clock, transaction.author()) + 1 == transaction.sequence;
        own && transaction.after.iter().all(|(id, count)| Self::held(&self.clock, *id) >= *count)
    }

    fn commit(&mut self, transaction: Transaction) {
        self.clock.insert(transaction.author(), transaction.sequence);
        self.lamports.insert(transaction.author(), transaction.last_lamport());
        self.history.push(transaction);
    }

    fn state_of<'a>(&self, history: impl Iterator<Item = &'a Transaction>) -> State {
        let mut state = State::new(&self.roots);
        history.for_each(|transaction| state.apply_all(transaction));
        state
    }

    fn container(&self, at: &Path) -> Option<&Container> {
        self.state.container(self.state.resolve(at)?)
    }

    fn batch_of(bytes: &[u8]) -> Result<Vec<Transaction>, EngineError> {
        match wire::open(bytes)? {
            Sealed::Batch(transactions) => Ok(transactions),
            Sealed::Clock(_) => Err(EngineError::Refused("a clock, not transactions".to_owned())),
        }
    }
}

impl Replica for ReferenceReplica {
    fn edit(&mut self, edits: &[Edit]) -> Result<Edited, EngineError> {
        let first = self.next_id();
        let mut next = first;
        let mut done = Vec::new();
        for edit in edits {
            match local::operations(&self.state, edit, next) {
                Ok(operations) => {
                    for operation in operations {
                        self.state.apply(next, &operation);
                        next = next.plus(operation.ids());
                        done.push(operation);
                    }
                }
                Err(error) => {
                    if !done.is_empty() {
                        self.state = self.state_of(self.history.iter());
                    }
                    return Err(error);
                }
            }
        }
        if done.is_empty() {
            return Ok(Edited::Unchanged);
        }
        let sequence = Self::held(&self.clock, self.id) + 1;
        let after = std::mem::take(&mut self.received);
        self.commit(Transaction { sequence, first, after, operations: done });
        Ok(Edited::Applied(Stamp { lane: self.id, position: sequence }))
    }

    fn length(&self, at: &Path) -> Option<u32> {
        match self.container(at)? {
            Container::Text(text) => Some(text.characters.width()),
            Container::List(list) => Some(list.places.width()),
            Container::Map(_) | Container::Tree(_) => Some(self.children(at).len() as u32),
            Container::Counter(_) => None,
        }
    }

    fn snap(&self, at: &Path, index: u32) -> u32 {
        match self.container(at) {
            Some(Container::Text(text)) if text.characters.splits(index) => index - 1,
            _ => index,
        }
    }

    fn children(&self, at: &Path) -> Vec<String> {
        match self.container(at) {
            Some(Container::Map(entries)) => {
                let present = entries.iter().filter(|(_, register)| register.value.is_some());
                present.map(|(key, _)| key.clone()).collect()
            }
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
        let session = self.sessions.get_mut(&peer)?;
        if !session.greeted {
            session.greeted = true;
            return Some(wire::clock(&self.clock));
        }
        let held = session.peer.as_mut()?;
        let news = self.history[session.sent..].iter();
        session.sent = self.history.len();
        let lacking: Vec<_> =
            news.filter(|news| news.sequence > Self::held(held, news.author())).collect();
        held.extend(lacking.iter().map(|sent| (sent.author(), sent.sequence)));
        (!lacking.is_empty()).then(|| wire::batch(lacking.iter().copied()))
    }

    fn receive(&mut self, peer: PeerId, message: &[u8]) -> Result<(), EngineError> {
        let Some(session) = self.sessions.get_mut(&peer) else {
            return Err(EngineError::Refused(format!("no connection to peer {}", peer.0)));
        };
        match wire::open(message)? {
            Sealed::Clock(clock) => {
                session.peer = Some(clock);
                session.sent = 0;
            }
            Sealed::Batch(transactions) => {
                if let Some(held) = &mut session.peer {
                    for sent in &transactions {
                        let count = held.entry(sent.author()).or_default();
                        *count = sent.sequence.max(*count);
                    }
                }
                self.integrate(transactions);
            }
        }
        Ok(())
    }

    fn disconnect(&mut self, peer: PeerId) -> Option<Vec<u8>> {
        self.sessions.remove(&peer);
        None
    }

    fn take_updates(&mut self) -> Vec<Update> {
        let news = self.history[self.updated..].iter().filter(|news| news.author() == self.id);
        self.updated = self.history.len();
        news.map(|transaction| wire::batch(std::iter::once(transaction))).collect()
    }

    fn apply(&mut self, update: &[u8]) -> Result<(), EngineError> {
        let transactions = Self::batch_of(update)?;
        self.integrate(transactions);
        Ok(())
    }

    fn merge(&mut self, saved: &[u8]) -> Result<(), EngineError> {
        // A save of an empty replica holds nothing.
        if saved.is_empty() { Ok(()) } else { self.apply(saved) }
    }

    fn newly_seen(&mut self, into: &mut Vec<Seen>) {
        for news in &self.history[self.reported..] {
            if news.author() != self.id || self.report_own {
                let (lane, through) = (news.author(), news.sequence);
                into.push(Seen { lane, after: through - 1, through });
            }
        }
        (self.reported, self.report_own) = (self.history.len(), false);
    }

    fn pending(&self) -> usize {
        self.waiting.len()
    }

    fn save(&mut self, how: Save) -> Vec<u8> {
        let start = match how {
            Save::Whole => 0,
            Save::Incremental => self.saved,
        };
        self.saved = self.history.len();
        if start == self.saved && self.waiting.is_empty() && how == Save::Incremental {
            return Vec::new();
        }
        wire::batch(self.history[start..].iter().chain(self.waiting.values()))
    }

    fn version(&mut self) -> Result<Version, EngineError> {
        Ok(Version(wire::clock(&self.clock)))
    }

    fn checkout(&mut self, version: &Version) -> Result<Document, EngineError> {
        let Sealed::Clock(clock) = wire::open(&version.0)? else {
            return Err(EngineError::Refused("transactions, not a version".to_owned()));
        };
        if clock.iter().any(|(replica, count)| Self::held(&self.clock, *replica) < *count) {
            return Err(EngineError::Refused("a version of another document".to_owned()));
        }
        let then = self.history.iter().filter(|t| t.sequence <= Self::held(&clock, t.author()));
        Ok(self.state_of(then).document())
    }

    fn fork(&mut self, setup: &Setup) -> Result<Box<dyn Replica>, EngineError> {
        let mut fork = Self { id: setup.id.as_u64(), received: self.clock.clone(), ..self.clone() };
        fork.sessions.clear();
        fork.start_anew();
        fork.saved = 0;
        Ok(Box::new(fork))
    }
}
