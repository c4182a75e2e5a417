//! A device: the part of the server's log that it has heard of, and what it
//! still waits for.

use std::collections::BTreeMap;

use deadzone_core::document::Document;
use deadzone_core::edit::{Edit, Path};
use deadzone_core::engine::{
    Edited, EngineError, PeerId, Replica, Save, Seen, Setup, Stamp, Update,
};
use deadzone_core::model::Model;
use serde::{Deserialize, Serialize};

use super::message::{Acknowledged, Entry, FromServer, Request, ToServer, decode, encode};

/// See [`super::CloudFirst`].
pub(super) struct Client {
    id: u64,
    shown: Shown,
    sessions: BTreeMap<PeerId, Session>,
    /// What happened since the last save, if there was one.
    journal: Option<Vec<Record>>,
    news: Vec<Seen>,
}

/// What is stored whole.
#[derive(Clone, Serialize, Deserialize)]
struct Shown {
    model: Model,
    /// How much of the log `model` is made of.
    position: u64,
    acknowledged: Acknowledged,
    /// Requests that are not in that part of the log, in order.
    waiting: Vec<Request>,
}

/// What is stored incrementally.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Record {
    Asked(Request),
    Heard(Entry),
}

/// One file of a store.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stored {
    Whole(Shown),
    Journal(Vec<Record>),
}

#[derive(Default)]
struct Session {
    greeted: bool,
    /// The last request that was sent over this connection.
    sent: u64,
}

impl Shown {
    /// The next entry of the log.
    fn hear(&mut self, id: u64, entry: &Entry) -> Result<Seen, EngineError> {
        let failed = |why: &str| EngineError::Failed(format!("the server's log {why}: {entry:?}"));
        if entry.number != self.acknowledged.of(entry.client) + 1 {
            return Err(failed("skips a request"));
        }
        self.model.apply(&entry.edits).map_err(|_| failed("does not fit the document"))?;
        self.position += 1;
        if entry.client == id {
            self.waiting.retain(|request| request.number > entry.number);
        }
        Ok(self.acknowledged.add(entry))
    }
}

impl Client {
    pub(super) fn new(setup: &Setup) -> Self {
        let shown = Shown {
            model: Model::new(&setup.roots),
            position: 0,
            acknowledged: Acknowledged::default(),
            waiting: Vec::new(),
        };
        let (sessions, journal, news) = (BTreeMap::new(), None, Vec::new());
        Self { id: setup.id.as_u64(), shown, sessions, journal, news }
    }

    pub(super) fn load(setup: &Setup, stored: &[Vec<u8>]) -> Result<Self, EngineError> {
        let mut client = Self::new(setup);
        for bytes in stored.iter().filter(|bytes| !bytes.is_empty()) {
            match decode(bytes)? {
                Stored::Whole(shown) => client.shown = shown,
                Stored::Journal(records) => {
                    for record in records {
                        match record {
                            Record::Asked(request) => client.shown.waiting.push(request),
                            Record::Heard(entry) => {
                                client.shown.hear(client.id, &entry).map_err(|error| {
                                    EngineError::Refused(format!("a damaged journal: {error}"))
                                })?;
                            }
                        }
                    }
                }
            }
        }
        client.journal = Some(Vec::new());
        client.news = client.shown.acknowledged.everything().collect();
        Ok(client)
    }

    fn last_number(&self) -> u64 {
        let waiting = self.shown.waiting.last().map(|request| request.number);
        waiting.unwrap_or_else(|| self.shown.acknowledged.of(self.id))
    }
}

impl Replica for Client {
    fn edit(&mut self, edits: &[Edit]) -> Result<Edited, EngineError> {
        if !self.shown.model.check(edits)? {
            return Ok(Edited::Unchanged);
        }
        let request = Request { number: self.last_number() + 1, edits: edits.to_vec() };
        let stamp = Stamp { lane: self.id, position: request.number };
        if let Some(journal) = &mut self.journal {
            journal.push(Record::Asked(request.clone()));
        }
        self.shown.waiting.push(request);
        Ok(Edited::Submitted(stamp))
    }

    fn length(&self, at: &Path) -> Option<u32> {
        self.shown.model.length(at)
    }

    fn snap(&self, at: &Path, index: u32) -> u32 {
        self.shown.model.snap(at, index)
    }

    fn children(&self, at: &Path) -> Vec<String> {
        self.shown.model.children(at)
    }

    fn read(&mut self) -> Document {
        self.shown.model.document()
    }

    fn connect(&mut self, peer: PeerId, _saved: Option<&[u8]>) -> Result<(), EngineError> {
        self.sessions.insert(peer, Session::default());
        Ok(())
    }

    fn poll(&mut self, peer: PeerId) -> Option<Vec<u8>> {
        let session = self.sessions.get_mut(&peer)?;
        if !session.greeted {
            session.greeted = true;
            let hello = ToServer::Hello { client: self.id, position: self.shown.position };
            return Some(encode(&hello));
        }
        let unsent = self.shown.waiting.iter().filter(|request| request.number > session.sent);
        let unsent: Vec<_> = unsent.cloned().collect();
        session.sent = unsent.last()?.number;
        Some(encode(&ToServer::Requests(unsent)))
    }

    fn receive(&mut self, peer: PeerId, message: &[u8]) -> Result<(), EngineError> {
        if !self.sessions.contains_key(&peer) {
            return Err(EngineError::Refused(format!("no connection to peer {}", peer.0)));
        }
        let FromServer { position, entries } = decode(message)?;
        // What was heard over another connection meanwhile.
        let known = self.shown.position.checked_sub(position);
        let known = known.ok_or_else(|| {
            let gap = (self.shown.position, position);
            EngineError::Failed(format!("the server left out a part of its log: {gap:?}"))
        })?;
        for entry in entries.into_iter().skip(known as usize) {
            self.news.push(self.shown.hear(self.id, &entry)?);
            if let Some(journal) = &mut self.journal {
                journal.push(Record::Heard(entry));
            }
        }
        Ok(())
    }

    fn disconnect(&mut self, peer: PeerId) -> Option<Vec<u8>> {
        self.sessions.remove(&peer);
        None
    }

    fn take_updates(&mut self) -> Vec<Update> {
        Vec::new()
    }

    fn apply(&mut self, _update: &[u8]) -> Result<(), EngineError> {
        Err(EngineError::NotSupported("broadcast: the server decides"))
    }

    fn newly_seen(&mut self, into: &mut Vec<Seen>) {
        into.append(&mut self.news);
    }

    fn pending(&self) -> usize {
        0
    }

    fn save(&mut self, how: Save) -> Vec<u8> {
        match (how, self.journal.replace(Vec::new())) {
            (Save::Incremental, Some(journal)) if journal.is_empty() => Vec::new(),
            (Save::Incremental, Some(journal)) => encode(&Stored::Journal(journal)),
            _ => encode(&Stored::Whole(self.shown.clone())),
        }
    }
}
