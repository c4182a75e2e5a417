//! The server: the one document that counts, and the log that made it.

use std::collections::BTreeMap;

use deadzone_core::document::Document;
use deadzone_core::edit::{Edit, Path};
use deadzone_core::engine::{
    Edited, EngineError, PeerId, Replica, Save, Seen, Setup, Stamp, Update,
};
use deadzone_core::model::Model;

use super::fit::fitted;
use super::message::{Acknowledged, Entry, FromServer, Request, ToServer, decode, encode};

/// See [`super::CloudFirst`].
pub(super) struct Server {
    id: u64,
    model: Model,
    log: Vec<Entry>,
    acknowledged: Acknowledged,
    sessions: BTreeMap<PeerId, Option<Session>>,
    /// How much of the log is saved.
    saved: usize,
    news: Vec<Seen>,
}

/// A device that has said hello.
struct Session {
    client: u64,
    /// How much of the log it has, or has been sent.
    position: usize,
}

impl Server {
    pub(super) fn new(setup: &Setup) -> Self {
        Self {
            id: setup.id.as_u64(),
            model: Model::new(&setup.roots),
            log: Vec::new(),
            acknowledged: Acknowledged::default(),
            sessions: BTreeMap::new(),
            saved: 0,
            news: Vec::new(),
        }
    }

    pub(super) fn load(setup: &Setup, stored: &[Vec<u8>]) -> Result<Self, EngineError> {
        let mut server = Self::new(setup);
        for bytes in stored.iter().filter(|bytes| !bytes.is_empty()) {
            for entry in decode::<Vec<Entry>>(bytes)? {
                let in_order = entry.number == server.acknowledged.of(entry.client) + 1;
                if !in_order || server.model.apply(&entry.edits).is_err() {
                    return Err(EngineError::Refused(format!("a log that skips: {entry:?}")));
                }
                server.acknowledged.add(&entry);
                server.log.push(entry);
            }
        }
        server.saved = server.log.len();
        server.news = server.acknowledged.everything().collect();
        Ok(server)
    }

    /// Does a request and puts it into the log, unless it is there.
    fn take(&mut self, client: u64, request: &Request) -> Result<(), EngineError> {
        let done = self.acknowledged.of(client);
        if request.number <= done {
            return Ok(());
        }
        if request.number > done + 1 {
            let numbers = (done, request.number);
            return Err(EngineError::Failed(format!("a device left out requests: {numbers:?}")));
        }
        let mut edits = Vec::new();
        for edit in &request.edits {
            if let Some(edit) = fitted(&self.model, edit) {
                self.model.apply(std::slice::from_ref(&edit))?;
                edits.push(edit);
            }
        }
        let entry = Entry { client, number: request.number, edits };
        let seen = self.acknowledged.add(&entry);
        self.news.extend((client != self.id).then_some(seen));
        self.log.push(entry);
        Ok(())
    }
}

impl Replica for Server {
    /// An edit at the server itself is in the document at once.
    fn edit(&mut self, edits: &[Edit]) -> Result<Edited, EngineError> {
        if !self.model.check(edits)? {
            return Ok(Edited::Unchanged);
        }
        let number = self.acknowledged.of(self.id) + 1;
        self.take(self.id, &Request { number, edits: edits.to_vec() })?;
        Ok(Edited::Applied(Stamp { lane: self.id, position: number }))
    }

    fn length(&self, at: &Path) -> Option<u32> {
        self.model.length(at)
    }

    fn snap(&self, at: &Path, index: u32) -> u32 {
        self.model.snap(at, index)
    }

    fn children(&self, at: &Path) -> Vec<String> {
        self.model.children(at)
    }

    fn read(&mut self) -> Document {
        self.model.document()
    }

    fn connect(&mut self, peer: PeerId, _saved: Option<&[u8]>) -> Result<(), EngineError> {
        self.sessions.insert(peer, None);
        Ok(())
    }

    fn poll(&mut self, peer: PeerId) -> Option<Vec<u8>> {
        let session = self.sessions.get_mut(&peer)?.as_mut()?;
        let entries = self.log.get(session.position..).filter(|entries| !entries.is_empty())?;
        let position = session.position as u64;
        session.position = self.log.len();
        Some(encode(&FromServer { position, entries: entries.to_vec() }))
    }

    fn receive(&mut self, peer: PeerId, message: &[u8]) -> Result<(), EngineError> {
        let refused = |why: &str| EngineError::Refused(format!("{why}: peer {}", peer.0));
        let session = self.sessions.get_mut(&peer).ok_or_else(|| refused("no connection"))?;
        match decode(message)? {
            ToServer::Hello { client, position } => {
                if position > self.log.len() as u64 {
                    return Err(refused("a device ahead of the server's log"));
                }
                *session = Some(Session { client, position: position as usize });
            }
            ToServer::Requests(requests) => {
                let client = session.as_ref().ok_or_else(|| refused("no hello yet"))?.client;
                for request in &requests {
                    self.take(client, request)?;
                }
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

    /// The log makes the document, so only the log is stored.
    fn save(&mut self, how: Save) -> Vec<u8> {
        let start = match how {
            Save::Whole => 0,
            Save::Incremental => self.saved,
        };
        self.saved = self.log.len();
        let entries = &self.log[start..];
        if how == Save::Incremental && entries.is_empty() { Vec::new() } else { encode(&entries) }
    }
}
