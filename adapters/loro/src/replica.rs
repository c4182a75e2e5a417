//! A Loro document on a device.

use deadzone_core::document::Document;
use deadzone_core::edit::{Edit, Path};
use deadzone_core::engine::{
    Edited, EngineError, PeerId, Replica, ReplicaId, Save, Seen, Setup, Stamp, Update, Version,
};
use loro::{
    CommitOptions, Container, Counter, ExpandType, ExportMode, Frontiers, IdSpan, ImportStatus,
    LoroDoc, PeerID, StyleConfig, StyleConfigMap, Timestamp, VersionVector,
};

use crate::edit::{apply, misplaced, splits_character};
use crate::protocol::{Message, Sessions};
use crate::read;
use crate::roots::RootContainers;
use crate::shim::{self, Forked};
use crate::store::{self, refused};
use crate::tree::{self, Labels};
use crate::waiting::Waiting;

/// One document. Between calls its transaction is empty, so that what Loro
/// commits when it reads, imports or exports is nothing.
pub(crate) struct LoroReplica {
    doc: LoroDoc,
    roots: RootContainers,
    labels: Labels,
    waiting: Waiting,
    sessions: Sessions,
    /// Counts what changed the document's version vector.
    revision: u64,
    /// In seconds, as Loro has it.
    clock: Timestamp,
    /// Local commits that were not yet taken for broadcast: first operation,
    /// and the one after the last.
    untaken: Vec<(Counter, Counter)>,
    /// What arrived and was not yet asked about.
    arrived: Vec<Seen>,
    /// What the last save held.
    saved: VersionVector,
}

impl LoroReplica {
    pub(crate) fn create(setup: &Setup) -> Result<Self, EngineError> {
        Self::over(empty_document(setup.id)?, Waiting::default(), setup)
    }

    pub(crate) fn load(setup: &Setup, stored: &[Vec<u8>]) -> Result<Self, EngineError> {
        let doc = empty_document(setup.id)?;
        let mut waiting = Waiting::default();
        store::restore(&doc, &mut waiting, stored)?;
        let saved = doc.oplog_vv();
        let mut replica = Self::over(doc, waiting, setup)?;
        replica.saved = saved;
        Ok(replica)
    }

    /// A replica that has told nobody anything about `doc` yet.
    fn over(doc: LoroDoc, waiting: Waiting, setup: &Setup) -> Result<Self, EngineError> {
        let mut arrived: Vec<_> = doc.with_oplog(|log| {
            log.dag().vv().iter().map(|(peer, end)| seen(*peer, 0, *end)).collect()
        });
        arrived.sort_unstable_by_key(|seen| seen.lane);
        Ok(Self {
            roots: RootContainers::open(&doc, &setup.roots)?,
            doc,
            labels: Labels::default(),
            waiting,
            sessions: Sessions::default(),
            revision: 0,
            clock: 0,
            untaken: Vec::new(),
            arrived,
            saved: VersionVector::default(),
        })
    }

    fn apply_edits(&mut self, edits: &[Edit]) -> Result<(), EngineError> {
        edits.iter().try_for_each(|edit| {
            let container = self
                .roots
                .find(&edit.at)
                .ok_or_else(|| misplaced(format!("no container at {:?}", edit.at)))?;
            apply(&container, &edit.action, &mut self.labels)
        })
    }

    /// Ends the transaction; the operations that it made.
    fn commit(&mut self) -> Option<(Counter, Counter)> {
        let made = self.doc.get_pending_txn_len();
        if made == 0 {
            return None;
        }
        self.doc.commit_with(CommitOptions::new().timestamp(self.clock));
        let peer = self.doc.peer_id();
        let end = self.doc.with_oplog(|log| {
            log.dag().vv().get(&peer).copied().expect("a commit with operations is in the log")
        });
        let made = Counter::try_from(made).expect("Loro counts operations in 31 bits");
        Some((end - made, end))
    }

    /// Undoes a transaction of which some edits are done already, so that not
    /// even history knows of it. Loro has no way back from a transaction, so the
    /// document is made anew from what it was; nobody has seen the operations,
    /// and their ids can be given out again.
    fn roll_back(&mut self, before: &Frontiers) -> Result<(), EngineError> {
        if self.doc.get_pending_txn_len() == 0 {
            return Ok(());
        }
        let failed = |error: loro::LoroError| EngineError::Failed(error.to_string());
        let parked = self.waiting.export(&self.doc);
        let peer = self.doc.peer_id();
        let doc = self.doc.fork_at(before).into_result().map_err(failed)?;
        doc.set_peer_id(peer).map_err(failed)?;
        if let Some(parked) = parked {
            for blob in shim::blobs(&parked)? {
                doc.import(blob).map_err(failed)?;
            }
        }
        self.roots = RootContainers::open(&doc, &self.roots.kinds())?;
        self.doc = doc;
        self.labels.clear();
        Ok(())
    }

    fn import(&mut self, bytes: &[u8]) -> Result<ImportStatus, EngineError> {
        let status = self.doc.import(bytes).map_err(refused)?;
        Ok(self.note(status, [bytes]))
    }

    /// Takes note of what an import of `blobs` brought.
    fn note<'a>(
        &mut self,
        status: ImportStatus,
        blobs: impl IntoIterator<Item = &'a [u8]>,
    ) -> ImportStatus {
        self.waiting.note(&self.doc, &status, blobs);
        if !status.success.is_empty() {
            self.revision += 1;
            let first = self.arrived.len();
            let ranges = status.success.iter();
            self.arrived.extend(ranges.map(|(peer, (start, end))| seen(*peer, *start, *end)));
            self.arrived[first..].sort_unstable_by_key(|seen| seen.lane);
        }
        status
    }
}

impl Replica for LoroReplica {
    fn edit(&mut self, edits: &[Edit]) -> Result<Edited, EngineError> {
        let before = self.doc.oplog_frontiers();
        if let Err(error) = self.apply_edits(edits) {
            self.roll_back(&before)?;
            return Err(error);
        }
        let Some((start, end)) = self.commit() else {
            return Ok(Edited::Unchanged);
        };
        self.revision += 1;
        self.untaken.push((start, end));
        Ok(Edited::Applied(Stamp { lane: self.doc.peer_id(), position: position(end) }))
    }

    fn length(&self, at: &Path) -> Option<u32> {
        let length = match self.roots.find(at)?.as_ref() {
            Container::Text(text) => text.len_utf16(),
            Container::Map(map) => map.len(),
            Container::List(list) => list.len(),
            Container::MovableList(list) => list.len(),
            Container::Tree(tree) => tree::size(tree),
            Container::Counter(_) => 0,
            Container::Unknown(_) => return None,
        };
        u32::try_from(length).ok()
    }

    fn snap(&self, at: &Path, index: u32) -> u32 {
        match self.roots.find(at).as_deref() {
            Some(Container::Text(text)) if splits_character(text, index as usize) => index - 1,
            _ => index,
        }
    }

    fn children(&self, at: &Path) -> Vec<String> {
        match self.roots.find(at).as_deref() {
            Some(Container::Map(map)) => {
                let mut keys: Vec<_> = map.keys().map(|key| key.to_string()).collect();
                keys.sort_unstable();
                keys
            }
            Some(Container::Tree(tree)) => tree::labels_in_order(tree),
            _ => Vec::new(),
        }
    }

    fn read(&mut self) -> Document {
        read::document(&self.roots)
    }

    fn set_clock(&mut self, unix_milliseconds: u64) {
        // Rounded to the nearest second, as Loro does with the system's clock.
        let seconds = unix_milliseconds.saturating_add(500) / 1000;
        self.clock = Timestamp::try_from(seconds).unwrap_or(Timestamp::MAX);
    }

    fn connect(&mut self, peer: PeerId, saved: Option<&[u8]>) -> Result<(), EngineError> {
        if saved.is_some() {
            return Err(refused("no session leaves anything to keep"));
        }
        self.sessions.connect(peer);
        Ok(())
    }

    fn poll(&mut self, peer: PeerId) -> Option<Vec<u8>> {
        self.sessions.poll(peer, &self.doc, self.revision)
    }

    fn receive(&mut self, peer: PeerId, message: &[u8]) -> Result<(), EngineError> {
        match self.sessions.open(peer, message)? {
            Message::VersionVector(theirs) => self.sessions.learn_version(peer, theirs),
            Message::Updates(updates) => {
                let unparked = !self.waiting.is_empty();
                let status = self.import(updates)?;
                self.sessions.learn_updates(peer, updates, &status, unparked);
            }
        }
        Ok(())
    }

    fn disconnect(&mut self, peer: PeerId) -> Option<Vec<u8>> {
        self.sessions.disconnect(peer);
        None
    }

    fn take_updates(&mut self) -> Vec<Update> {
        let peer = self.doc.peer_id();
        let export = |(start, end)| {
            let span = IdSpan::new(peer, start, end);
            self.doc
                .export(ExportMode::updates_in_range(vec![span]))
                .expect("a local commit can be exported")
        };
        std::mem::take(&mut self.untaken).into_iter().map(export).collect()
    }

    fn apply(&mut self, update: &[u8]) -> Result<(), EngineError> {
        self.import(update).map(drop)
    }

    fn apply_all(&mut self, updates: &[Vec<u8>]) -> Result<(), EngineError> {
        let status = self.doc.import_batch(updates).map_err(refused)?;
        self.note(status, updates.iter().map(Vec::as_slice));
        Ok(())
    }

    fn merge(&mut self, saved: &[u8]) -> Result<(), EngineError> {
        let parts = store::parts(saved)?;
        parts.into_iter().try_for_each(|part| self.import(part).map(drop))
    }

    fn save_shallow(&mut self) -> Result<Vec<u8>, EngineError> {
        let here = self.doc.oplog_frontiers();
        self.doc
            .export(ExportMode::shallow_snapshot(&here))
            .map_err(|error| EngineError::Failed(error.to_string()))
    }

    fn newly_seen(&mut self, into: &mut Vec<Seen>) {
        into.append(&mut self.arrived);
    }

    fn pending(&self) -> usize {
        self.waiting.count(&self.doc)
    }

    fn save(&mut self, how: Save) -> Vec<u8> {
        let new = self.doc.with_oplog(|log| log.dag().vv() != &self.saved);
        let parked_new = self.waiting.take_unsaved();
        let blob = match how {
            Save::Whole => {
                self.doc.export(ExportMode::Snapshot).expect("what was imported can be exported")
            }
            Save::Incremental if new => self
                .doc
                .export(ExportMode::updates(&self.saved))
                .expect("what was imported can be exported"),
            Save::Incremental => Vec::new(),
        };
        if new {
            self.saved = self.doc.oplog_vv();
        }
        let keeps_parked = how == Save::Whole || parked_new;
        let parked = keeps_parked.then(|| self.waiting.export(&self.doc)).flatten();
        store::part(blob, parked)
    }

    fn version(&mut self) -> Result<Version, EngineError> {
        Ok(Version(self.doc.oplog_frontiers().encode()))
    }

    fn checkout(&mut self, version: &Version) -> Result<Document, EngineError> {
        let version = Frontiers::decode(&version.0).map_err(refused)?;
        let held = self.doc.with_oplog(|log| {
            let held = log.dag().vv();
            version.iter().all(|id| held.includes_id(id))
        });
        if !held {
            return Err(refused("the document never had that version"));
        }
        let document = self.doc.checkout(&version).map(|()| read::document(&self.roots));
        self.doc.checkout_to_latest();
        document.map_err(refused)
    }

    fn fork(&mut self, setup: &Setup) -> Result<Box<dyn Replica>, EngineError> {
        let doc = self.doc.fork();
        take_identity(&doc, setup.id)?;
        let mut waiting = Waiting::default();
        if let Some(parked) = self.waiting.export(&self.doc) {
            for blob in shim::blobs(&parked)? {
                let status = doc.import(blob).map_err(refused)?;
                waiting.note(&doc, &status, [blob]);
            }
        }
        Ok(Box::new(Self::over(doc, waiting, setup)?))
    }
}

fn empty_document(id: ReplicaId) -> Result<LoroDoc, EngineError> {
    let doc = LoroDoc::new();
    take_identity(&doc, id)?;
    // Loro's own configuration has marks that do not expand, such as `link`.
    doc.config_text_style(StyleConfigMap::new());
    doc.config_default_text_style(Some(StyleConfig { expand: ExpandType::After }));
    Ok(doc)
}

/// A document draws a random peer id when it is made, which nobody gets to see.
fn take_identity(doc: &LoroDoc, id: ReplicaId) -> Result<(), EngineError> {
    // Loro keeps the greatest id to itself.
    doc.set_peer_id(id.as_u64().min(PeerID::MAX - 1))
        .map_err(|error| EngineError::Failed(error.to_string()))
}

fn seen(peer: PeerID, start: Counter, end: Counter) -> Seen {
    Seen { lane: peer, after: position(start), through: position(end) }
}

/// A stamp's position is the number of operations of its peer up to there.
fn position(end: Counter) -> u64 {
    u64::try_from(end).expect("Loro counts operations from 0 up")
}
