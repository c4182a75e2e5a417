//! A Loro document on a device.

use deadzone_core::document::Document;
use deadzone_core::edit::{Edit, Path};
use deadzone_core::engine::{
    Edited, EngineError, PeerId, Replica, ReplicaId, Save, Seen, Setup, Stamp, Update, Version,
};
use loro::{
    CommitOptions, Container, Counter, ExpandType, ExportMode, Frontiers, IdSpan, ImportStatus,
    LoroDoc, LoroResult, PeerID, StyleConfig, StyleConfigMap, Timestamp, UndoManager,
    VersionVector,
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
    /// Once it was asked for.
    undo: Option<UndoManager>,
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
            undo: None,
        })
    }

    /// Tries a transaction on a copy. Where undo is tracked it must not come to
    /// [`Self::roll_back`], which leaves nothing to undo.
    fn rehearse(&self, edits: &[Edit]) -> Result<(), EngineError> {
        let copy = self.doc.fork();
        configure_marks(&copy);
        let roots = RootContainers::open(&copy, &self.roots.kinds())?;
        apply_all(&roots, edits, &mut Labels::default())
    }

    fn take_back(
        &mut self,
        how: impl FnOnce(&mut UndoManager) -> LoroResult<bool>,
    ) -> Result<Edited, EngineError> {
        let undo =
            self.undo.as_mut().ok_or(EngineError::NotSupported("undo that is not tracked"))?;
        let start = own_end(&self.doc);
        self.doc.set_next_commit_timestamp(self.clock);
        let done = how(undo);
        self.doc.clear_next_commit_options();
        done.map_err(|error| EngineError::Failed(error.to_string()))?;
        let end = own_end(&self.doc);
        Ok(if start == end { Edited::Unchanged } else { self.made(start, end) })
    }

    /// Takes note of a local transaction.
    fn made(&mut self, start: Counter, end: Counter) -> Edited {
        self.revision += 1;
        self.untaken.push((start, end));
        Edited::Applied(Stamp { lane: self.doc.peer_id(), position: position(end) })
    }

    /// Ends the transaction; the operations that it made.
    fn commit(&mut self) -> Option<(Counter, Counter)> {
        let made = self.doc.get_pending_txn_len();
        if made == 0 {
            return None;
        }
        self.doc.commit_with(CommitOptions::new().timestamp(self.clock));
        let end = own_end(&self.doc);
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
        configure_marks(&doc);
        doc.set_peer_id(peer).map_err(failed)?;
        if let Some(parked) = parked {
            for blob in shim::blobs(&parked)? {
                doc.import(blob).map_err(failed)?;
            }
        }
        self.roots = RootContainers::open(&doc, &self.roots.kinds())?;
        self.undo = self.undo.is_some().then(|| undo_manager(&doc));
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
        // Without history, there is no way back to before either.
        let no_way_back = self.undo.is_some() && edits.len() > 1 || self.doc.is_shallow();
        if no_way_back {
            self.rehearse(edits)?;
        }
        let before = self.doc.oplog_frontiers();
        if let Err(error) = apply_all(&self.roots, edits, &mut self.labels) {
            self.roll_back(&before)?;
            return Err(error);
        }
        let Some((start, end)) = self.commit() else {
            return Ok(Edited::Unchanged);
        };
        Ok(self.made(start, end))
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

    fn track_undo(&mut self) -> Result<(), EngineError> {
        if self.undo.is_none() {
            self.undo = Some(undo_manager(&self.doc));
        }
        Ok(())
    }

    fn undo(&mut self) -> Result<Edited, EngineError> {
        self.take_back(UndoManager::undo)
    }

    fn redo(&mut self) -> Result<Edited, EngineError> {
        self.take_back(UndoManager::redo)
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
        configure_marks(&doc);
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

fn apply_all(
    roots: &RootContainers,
    edits: &[Edit],
    labels: &mut Labels,
) -> Result<(), EngineError> {
    edits.iter().try_for_each(|edit| {
        let container = roots
            .find(&edit.at)
            .ok_or_else(|| misplaced(format!("no container at {:?}", edit.at)))?;
        apply(&container, &edit.action, labels)
    })
}

/// Makes commits undoable, each by itself: none is ever joined to the one before,
/// not even where the system clock went back in between.
fn undo_manager(doc: &LoroDoc) -> UndoManager {
    let mut manager = UndoManager::new(doc);
    manager.set_merge_interval(i64::MIN);
    manager
}

/// Where the document's own operations end.
fn own_end(doc: &LoroDoc) -> Counter {
    let peer = doc.peer_id();
    doc.with_oplog(|log| log.dag().vv().get(&peer).copied().unwrap_or(0))
}

fn empty_document(id: ReplicaId) -> Result<LoroDoc, EngineError> {
    let doc = LoroDoc::new();
    take_identity(&doc, id)?;
    configure_marks(&doc);
    Ok(doc)
}

/// Lets marks of every name grow with what is typed at their end. Loro's own
/// configuration has some that do not, such as `link`; a fork has lost the default
/// in releases before 1.17, and refuses all marks.
fn configure_marks(doc: &LoroDoc) {
    doc.config_text_style(StyleConfigMap::new());
    doc.config_default_text_style(Some(StyleConfig { expand: ExpandType::After }));
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
