//! A document on one device.
//!
//! Automerge knows a text's length from its index; the elements of a list and
//! the keys of a map it counts, at 14 ns each, so that a list of 6000 elements
//! answers in 0.1 ms. Edits check their bounds without that.

use std::collections::BTreeMap;

use automerge::transaction::CommitOptions;
use automerge::{ActorId, Automerge, ChangeHash, ReadDoc};
use deadzone_core::document::Document;
use deadzone_core::edit::{Edit, Path};
use deadzone_core::engine::{
    Edited, EngineError, PeerId, Replica, ReplicaId, Save, Seen, Setup, Stamp, Update, Version,
};

use crate::forest::Forest;
use crate::genesis::Genesis;
use crate::patches::Patches;
use crate::place::{Place, RootPlaces, resolve};
use crate::seen::{Reported, lane};
use crate::session::{Session, changes_in};
use crate::store::Stored;
use crate::waiting::{Waiting, holds};
use crate::{chunk, conflicts, edit, read, shim};

/// A replica.
pub(crate) struct Peer {
    document: Automerge,
    patches: Patches,
    roots: RootPlaces,
    genesis: ChangeHash,
    lane: u64,
    /// The device's clock in seconds, as commits carry it.
    clock: i64,
    local: Local,
    sessions: BTreeMap<PeerId, Session>,
    reported: Reported,
    stored: Stored,
    waiting: Waiting,
}

/// What was edited here.
#[derive(Clone, Debug, Default)]
struct Local {
    /// The sequence number of the last own change; none where it has to be
    /// looked up, because own changes of an earlier life may have come in.
    seq: Option<u64>,
    /// The last change made here, and how many up to it are not broadcast yet.
    last: Option<ChangeHash>,
    untaken: usize,
}

impl Peer {
    pub(crate) fn new(genesis: Genesis, id: ReplicaId) -> Self {
        let waiting = Waiting::default();
        let mut peer = Self::loaded(genesis.document, waiting, genesis.roots, genesis.hash, id);
        peer.local.seq = Some(0);
        peer.stored = Stored::default();
        peer
    }

    pub(crate) fn loaded(
        mut document: Automerge,
        waiting: Waiting,
        roots: RootPlaces,
        genesis: ChangeHash,
        id: ReplicaId,
    ) -> Self {
        let actor = ActorId::from(id.0);
        let lane = lane(&actor);
        document.set_actor(actor);
        Self {
            stored: Stored::all_of(&document),
            document,
            patches: Patches::none(),
            roots,
            genesis,
            lane,
            clock: 0,
            local: Local::default(),
            sessions: BTreeMap::new(),
            reported: Reported::nothing_since(genesis),
            waiting,
        }
    }

    fn place(&self, at: &Path) -> Option<Place> {
        resolve(&self.document, &self.roots, at).ok()
    }

    /// The sequence number of the change that was just committed.
    fn committed(&mut self, hash: &ChangeHash) -> u64 {
        let seq = match self.local.seq {
            Some(last) => last + 1,
            None => {
                let change = self.document.get_change_meta_by_hash(hash);
                change.expect("it was just committed").seq
            }
        };
        self.local.seq = Some(seq);
        self.local.last = Some(*hash);
        self.local.untaken += 1;
        seq
    }

    /// The change of this replica that came before `hash`: Automerge makes it a
    /// direct dependency always.
    fn own_before(&self, hash: &ChangeHash) -> Option<ChangeHash> {
        let change = self.document.get_change_meta_by_hash(hash)?;
        change.deps.iter().copied().find(|dep| {
            let before = self.document.get_change_meta_by_hash(dep);
            before
                .is_some_and(|before| before.actor == change.actor && before.seq + 1 == change.seq)
        })
    }
}

impl Replica for Peer {
    fn edit(&mut self, edits: &[Edit]) -> Result<Edited, EngineError> {
        let mut transaction = shim::transaction(&mut self.document, self.patches.take());
        for edit in edits {
            if let Err(error) = edit::apply(&mut transaction, &self.roots, edit) {
                transaction.rollback();
                return Err(error);
            }
        }
        let options = CommitOptions::default().with_time(self.clock);
        let (hash, patches) = transaction.commit_with(options);
        self.patches.put_back(patches);
        // Without operations nothing is committed.
        let Some(hash) = hash else { return Ok(Edited::Unchanged) };
        let position = self.committed(&hash);
        self.reported.made(self.lane, position);
        Ok(Edited::Applied(Stamp { lane: self.lane, position }))
    }

    fn length(&self, at: &Path) -> Option<u32> {
        let length = match self.place(at)? {
            Place::Text(object)
            | Place::Map(object)
            | Place::List(object)
            | Place::MovableList(object) => self.document.length(object),
            Place::Tree(tree) => Forest::read(&self.document, &tree, None).len(),
            Place::Counter { .. } => return None,
        };
        Some(length as u32)
    }

    fn snap(&self, at: &Path, index: u32) -> u32 {
        let Some(Place::Text(text)) = self.place(at) else { return index };
        let character = |index: u32| match self.document.get(&text, index as usize) {
            Ok(Some((_, id))) => Some(id),
            _ => None,
        };
        match (index.checked_sub(1).and_then(character), character(index)) {
            (Some(before), Some(here)) if before == here => index - 1,
            _ => index,
        }
    }

    fn children(&self, at: &Path) -> Vec<String> {
        match self.place(at) {
            Some(Place::Map(map)) => self.document.keys(map).collect(),
            Some(Place::Tree(tree)) => Forest::read(&self.document, &tree, None).labels(),
            _ => Vec::new(),
        }
    }

    fn read(&mut self) -> Document {
        read::document(&self.document, &self.roots, None)
    }

    fn conflicts(&mut self) -> Option<u64> {
        Some(conflicts::count(&self.document))
    }

    fn set_clock(&mut self, unix_milliseconds: u64) {
        self.clock = (unix_milliseconds / 1000) as i64;
    }

    fn connect(&mut self, peer: PeerId, saved: Option<&[u8]>) -> Result<(), EngineError> {
        let session = Session::open(&self.document, saved)?;
        self.sessions.insert(peer, session);
        Ok(())
    }

    fn poll(&mut self, peer: PeerId) -> Option<Vec<u8>> {
        self.sessions.get_mut(&peer)?.poll(&self.document)
    }

    fn receive(&mut self, peer: PeerId, message: &[u8]) -> Result<(), EngineError> {
        let session = self
            .sessions
            .get_mut(&peer)
            .ok_or_else(|| EngineError::Refused(format!("no connection to peer {}", peer.0)))?;
        if session.receive(&mut self.document, &mut self.patches, &mut self.waiting, message)? {
            self.local.seq = None;
        }
        Ok(())
    }

    fn disconnect(&mut self, peer: PeerId) -> Option<Vec<u8>> {
        self.sessions.remove(&peer).map(Session::close)
    }

    fn take_updates(&mut self) -> Vec<Update> {
        let untaken = std::mem::take(&mut self.local.untaken);
        let back = std::iter::successors(self.local.last, |hash| self.own_before(hash));
        let mut hashes: Vec<ChangeHash> = back.take(untaken).collect();
        hashes.reverse();
        let update = |hash: &ChangeHash| {
            let mut change = self.document.get_change_by_hash(hash)?;
            Some(change.bytes().into_owned())
        };
        hashes.iter().filter_map(update).collect()
    }

    fn apply(&mut self, update: &[u8]) -> Result<(), EngineError> {
        let change = chunk::change(update)?;
        let before = changes_in(&self.document);
        self.patches
            .follow(|patches| self.document.apply_changes_log_patches([change], patches))
            .map_err(|error| EngineError::Refused(error.to_string()))?;
        self.local.seq = None;
        // If anything was added, then this was, and not left waiting.
        if changes_in(&self.document) == before {
            self.waiting.add(&self.document, update)?;
        }
        Ok(())
    }

    fn apply_all(&mut self, updates: &[Vec<u8>]) -> Result<(), EngineError> {
        let changes: Vec<_> =
            updates.iter().map(|update| chunk::change(update)).collect::<Result<_, _>>()?;
        let before = changes_in(&self.document);
        let given = changes.len() as u64;
        self.patches
            .follow(|patches| self.document.apply_changes_log_patches(changes, patches))
            .map_err(|error| EngineError::Refused(error.to_string()))?;
        self.local.seq = None;
        // If fewer were added, some were known or wait; those that wait are kept.
        if changes_in(&self.document) - before < given {
            for update in updates {
                self.waiting.add(&self.document, update)?;
            }
        }
        Ok(())
    }

    fn merge(&mut self, saved: &[u8]) -> Result<(), EngineError> {
        chunk::check(saved, |_| {})?;
        self.patches
            .follow(|patches| self.document.load_incremental_log_patches(saved, patches))
            .map_err(|error| EngineError::Refused(error.to_string()))?;
        self.local.seq = None;
        if self.document.get_missing_deps(&[]).is_empty() {
            return Ok(());
        }
        self.waiting.add(&self.document, saved)
    }

    fn newly_seen(&mut self, into: &mut Vec<Seen>) {
        self.reported.report(&self.document, into);
    }

    fn pending(&self) -> usize {
        self.waiting.count(&self.document)
    }

    fn save(&mut self, how: Save) -> Vec<u8> {
        self.stored.save(&self.document, &mut self.waiting, how)
    }

    /// The heads: the hashes of the last changes, 32 bytes each, in order.
    fn version(&mut self) -> Result<Version, EngineError> {
        Ok(Version(self.document.get_heads().iter().flat_map(|head| head.0).collect()))
    }

    fn checkout(&mut self, version: &Version) -> Result<Document, EngineError> {
        let (heads, rest) = version.0.as_chunks::<32>();
        let heads: Vec<ChangeHash> = heads.iter().map(|head| ChangeHash(*head)).collect();
        let known = heads.iter().all(|head| holds(&self.document, head));
        if heads.is_empty() || !rest.is_empty() || !known {
            return Err(EngineError::Refused("not a version of this document".to_owned()));
        }
        Ok(read::document(&self.document, &self.roots, Some(&heads)))
    }

    fn fork(&mut self, setup: &Setup) -> Result<Box<dyn Replica>, EngineError> {
        let mut fork = Self::loaded(
            self.document.clone(),
            self.waiting.clone(),
            self.roots.clone(),
            self.genesis,
            setup.id,
        );
        fork.clock = self.clock;
        // Nothing of it is stored yet.
        fork.stored = Stored::default();
        Ok(Box::new(fork))
    }
}
