//! What the adapter's sessions and its storage hold, by the variables of the
//! file: a message is made of what waited for it.

use std::collections::BTreeMap;

use deadzone_core::replay::MessageNumber;
use deadzone_core::schedule::ReplicaNumber;

use crate::message::{self, Kind};

/// An update without anything in it, in either format.
const NOTHING: [&[u8]; 2] = [&[0, 0], &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]];

/// The variable for what is new in an update at a replica.
pub(super) fn news(update: &str, at: &str) -> String {
    format!("{update}_at_{at}")
}

/// What a message is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Step 1.
    StateVector,
    /// Step 2, to the step 1 in this variable.
    Answer(String),
    /// These updates.
    Updates(Vec<String>),
}

#[derive(Clone, Debug)]
struct Item {
    /// The update as it came.
    variable: String,
    bytes: Vec<u8>,
    /// What was new in it; none for an update made here.
    news: Option<String>,
}

#[derive(Debug)]
struct Session {
    greeting_due: bool,
    question: Option<String>,
    answered: bool,
    waiting: Vec<Item>,
}

#[derive(Debug, Default)]
struct Storage {
    stored: Vec<String>,
    unsaved: Vec<String>,
}

/// Sessions and storage of all replicas.
#[derive(Debug, Default)]
pub(super) struct Courier {
    sessions: BTreeMap<(ReplicaNumber, ReplicaNumber), Session>,
    storage: BTreeMap<ReplicaNumber, Storage>,
    under_way: BTreeMap<MessageNumber, (bool, Vec<u8>)>,
}

impl Session {
    fn passes_updates_on(&self) -> bool {
        self.answered && self.question.is_none()
    }
}

impl Courier {
    pub(super) fn connected(&mut self, a: ReplicaNumber, b: ReplicaNumber) {
        for line in [(a, b), (b, a)] {
            let session = Session {
                greeting_due: true,
                question: None,
                answered: false,
                waiting: Vec::new(),
            };
            self.sessions.insert(line, session);
        }
    }

    pub(super) fn disconnected(&mut self, a: ReplicaNumber, b: ReplicaNumber) {
        self.sessions.remove(&(a, b));
        self.sessions.remove(&(b, a));
    }

    /// A local transaction made this update.
    pub(super) fn edited(&mut self, at: ReplicaNumber, update: &str) {
        let item = Item { variable: update.to_owned(), bytes: Vec::new(), news: None };
        self.pass_on(at, None, &item);
    }

    /// An update arrived.
    pub(super) fn arrived(
        &mut self,
        at: ReplicaNumber,
        from: Option<ReplicaNumber>,
        update: &str,
        bytes: &[u8],
    ) {
        if NOTHING.contains(&bytes) {
            return;
        }
        let name = deadzone_core::replay::repro::replica_name(at);
        let news = Some(news(update, &name));
        let item = Item { variable: update.to_owned(), bytes: bytes.to_vec(), news };
        self.pass_on(at, from, &item);
    }

    fn pass_on(&mut self, at: ReplicaNumber, from: Option<ReplicaNumber>, item: &Item) {
        for ((owner, peer), session) in &mut self.sessions {
            if *owner == at && Some(*peer) != from && session.passes_updates_on() {
                session.waiting.push(item.clone());
            }
        }
        if let Some(storage) = self.storage.get_mut(&at) {
            storage.unsaved.push(item.variable.clone());
        }
    }

    /// A message goes on its way. None if there is nothing to say, and it was
    /// said all the same.
    pub(super) fn sent(
        &mut self,
        number: MessageNumber,
        from: ReplicaNumber,
        to: ReplicaNumber,
        bytes: &[u8],
    ) -> Option<Said> {
        let payload = match message::decode(bytes) {
            Ok((_, payload)) => payload.to_vec(),
            Err(_) => Vec::new(),
        };
        let is_step_1 = matches!(message::decode(bytes), Ok((Kind::Step1, _)));
        let session = self.sessions.get_mut(&(from, to))?;
        let said = if std::mem::take(&mut session.greeting_due) {
            Said::StateVector
        } else if let Some(question) = session.question.take() {
            session.waiting.clear();
            session.answered = true;
            Said::Answer(question)
        } else {
            let items = std::mem::take(&mut session.waiting);
            let exactly = items.iter().find(|item| !payload.is_empty() && item.bytes == payload);
            let updates = match exactly {
                Some(item) => vec![item.variable.clone()],
                None => {
                    let updates = items.into_iter();
                    updates.map(|item| item.news.unwrap_or(item.variable)).collect()
                }
            };
            Some(Said::Updates(updates)).filter(|said| *said != Said::Updates(Vec::new()))?
        };
        self.under_way.insert(number, (is_step_1, payload));
        Some(said)
    }

    /// A message arrives; the update in it, if it has one.
    pub(super) fn received(
        &mut self,
        number: MessageNumber,
        from: ReplicaNumber,
        to: ReplicaNumber,
    ) -> Option<Vec<u8>> {
        let (is_step_1, payload) = self.under_way.remove(&number)?;
        if !is_step_1 {
            return Some(payload);
        }
        if let Some(session) = self.sessions.get_mut(&(to, from)) {
            session.question = Some(format!("message_{}", number.0));
        }
        None
    }

    /// A replica was stored as a whole.
    pub(super) fn saved_whole(&mut self, at: ReplicaNumber, variable: &str) {
        let storage = Storage { stored: vec![variable.to_owned()], unsaved: Vec::new() };
        self.storage.insert(at, storage);
    }

    /// What was new was stored.
    pub(super) fn saved_increment(&mut self, at: ReplicaNumber) {
        if let Some(storage) = self.storage.get_mut(&at) {
            storage.stored.append(&mut storage.unsaved);
        }
    }

    /// A replica comes back; what it is loaded from.
    pub(super) fn restarted(&mut self, at: ReplicaNumber) -> Vec<String> {
        let Some(storage) = self.storage.get_mut(&at) else { return Vec::new() };
        storage.unsaved.clear();
        storage.stored.clone()
    }
}
