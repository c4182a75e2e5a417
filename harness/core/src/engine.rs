//! What an engine must be able to do to live on a virtual device.
//!
//! Adapters implement [`Engine`] and [`Replica`]; nothing else in the project
//! knows an engine. Engine code runs only inside the sandbox and, but for the
//! methods that say otherwise, between two readings of the meter.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::Document;
use crate::edit::{ContainerKind, Edit, Path, Roots};
use crate::replay::{Repro, Story};

/// The identity of a replica, as wide as real applications make it. Narrow or
/// consecutive ids would flatter sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ReplicaId(pub [u8; 16]);

impl ReplicaId {
    /// For engines with 64-bit ids.
    pub fn as_u64(self) -> u64 {
        u64::from_le_bytes(self.0[..8].try_into().expect("eight bytes of sixteen"))
    }

    /// For engines with 32-bit ids.
    pub fn as_u32(self) -> u32 {
        self.as_u64() as u32
    }
}

/// Another replica, as this one names its sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(pub u32);

/// Names one local transaction, for finding out who has seen it.
///
/// `lane` is whatever the engine orders its transactions by (an actor, a
/// client), `position` counts up in it; the pair means nothing to anyone else.
/// Two transactions may share a stamp where the engine cannot tell them apart
/// (two replicas that delete the same character).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    /// The engine's own line of events.
    pub lane: u64,
    /// Where on it the transaction ends.
    pub position: u64,
}

/// Stamps that a replica has come to hold: those of `lane` with
/// `after < position <= through`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// See [`Stamp::lane`].
    pub lane: u64,
    /// The last position before the range.
    pub after: u64,
    /// The last position of the range.
    pub through: u64,
}

impl Seen {
    /// Whether a transaction is among them.
    pub const fn holds(&self, stamp: Stamp) -> bool {
        self.lane == stamp.lane && self.after < stamp.position && stamp.position <= self.through
    }
}

/// What became of a local edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edited {
    /// The document was that way already; no transaction was made.
    Unchanged,
    /// It is in the local document.
    Applied(Stamp),
    /// It waits for the authority (see [`Authority::Server`]); it is in the
    /// local document once [`Replica::newly_seen`] names its stamp here.
    Submitted(Stamp),
}

/// Who decides what the document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Authority {
    /// Every replica by itself: local-first.
    Replicas,
    /// One server; needs a relay, and edits made offline wait or are refused.
    Server,
}

/// How an engine comes by a kind of container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Support {
    /// The engine has it.
    Native,
    /// The adapter makes it from others; says how.
    Built(&'static str),
    /// Not there.
    Lacking,
}

/// How updates travel between replicas.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// The engine's own sync protocol, over a reliable ordered connection.
    Protocol,
    /// Each update by itself, at least once, in any order.
    Broadcast,
    /// Whole saves, loaded under a new id or merged into what is there.
    Snapshot,
    /// Snapshots without history for newcomers, the sync protocol for the rest.
    Shallow,
}

impl Delivery {
    /// The name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Protocol => "protocol",
            Self::Broadcast => "broadcast",
            Self::Snapshot => "snapshot",
            Self::Shallow => "shallow",
        }
    }
}

/// What an adapter declares of its engine.
#[derive(Clone, Debug, Serialize)]
pub struct EngineInfo {
    /// The name on the command line.
    pub name: &'static str,
    /// The engine's version.
    pub version: &'static str,
    /// One line for `deadzone list engines`.
    pub summary: &'static str,
    /// Who decides.
    pub authority: Authority,
    /// Support by kind of container.
    pub containers: BTreeMap<ContainerKind, Support>,
    /// Whether text can carry marks.
    pub marks: Support,
    /// The ways of delivery that it can take part in.
    pub deliveries: Vec<Delivery>,
    /// Whether local transactions can be taken back: [`Replica::track_undo`].
    pub undo: bool,
}

/// On which side of a server-centred architecture a replica stands. CRDT
/// engines have no use for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A person's device.
    Client,
    /// The relay.
    Server,
}

/// What a new replica is told.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Its identity.
    pub id: ReplicaId,
    /// Its side.
    pub role: Role,
    /// The roots of its document, the same on every replica of a run.
    pub roots: Roots,
}

/// What can go wrong in an engine without being a bug.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The engine or its adapter lacks this.
    #[error("not supported: {0}")]
    NotSupported(&'static str),
    /// The path, index, key or label is not there, or the action does not fit
    /// the container. The document is unchanged.
    #[error("no such place: {0}")]
    Misplaced(String),
    /// The engine refused these bytes. The document is unchanged.
    #[error("refused bytes: {0}")]
    Refused(String),
    /// The engine failed at something that it should have been able to do.
    #[error("engine failed: {0}")]
    Failed(String),
}

/// What [`Replica::save`] writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Save {
    /// Everything, history included.
    Whole,
    /// What is new since the last save of either kind; may be empty.
    Incremental,
}

/// One update, ready to be broadcast.
pub type Update = Vec<u8>;

/// A recorded version of a document, in the engine's own terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(pub Vec<u8>);

/// An engine. Stateless: all state is in its replicas.
pub trait Engine: Send + Sync {
    /// What it is.
    fn info(&self) -> EngineInfo;

    /// A new replica of an empty document that has all of `setup.roots`.
    ///
    /// # Errors
    /// [`EngineError::NotSupported`] if a root is of a kind that it lacks.
    fn create(&self, setup: &Setup) -> Result<Box<dyn Replica>, EngineError>;

    /// The replica that was saved as `stored`: one [`Save::Whole`], and every
    /// [`Save::Incremental`] since, in order.
    ///
    /// The first [`Replica::newly_seen`] names everything that it holds.
    ///
    /// # Errors
    /// [`EngineError::Refused`] on bytes that no replica saved.
    fn load(&self, setup: &Setup, stored: &[Vec<u8>]) -> Result<Box<dyn Replica>, EngineError>;

    /// The same engine with the encodings that the field's published tables
    /// use, where those are not the ones that its protocol uses.
    fn published_encoding(&self) -> Option<Box<dyn Engine>> {
        None
    }

    /// The story as a test of the engine alone: a whole Rust file without
    /// deadzone in it, which fails while the engine behaves as in the story.
    /// None where the adapter cannot write that.
    fn repro(&self, _story: &Story) -> Option<Repro> {
        None
    }
}

/// One document on one device, with its sync sessions inside.
pub trait Replica {
    /// One local transaction made of `edits`, in order; all or nothing.
    ///
    /// # Errors
    /// [`EngineError::Misplaced`] or [`EngineError::NotSupported`], with the
    /// document unchanged.
    fn edit(&mut self, edits: &[Edit]) -> Result<Edited, EngineError>;

    /// UTF-16 code units of a text, elements of a list, keys of a map, nodes of
    /// a tree; none if there is no such container. Not metered.
    fn length(&self, at: &Path) -> Option<u32>;

    /// `index` itself, or one less if it would split a surrogate pair of the
    /// text there. Asked only where the plan has such characters. Not metered.
    fn snap(&self, at: &Path, index: u32) -> u32;

    /// The keys of a map in their order, or the labels of a tree's nodes depth
    /// first, parents before their children; empty if there is no such
    /// container. Not metered.
    fn children(&self, at: &Path) -> Vec<String>;

    /// How many children `parent` has in a tree, none for its top; none where
    /// there is no such tree or node, or the engine does not say. Plans then
    /// put nodes first. Not metered.
    fn branches(&self, _at: &Path, _parent: Option<&str>) -> Option<u32> {
        None
    }

    /// A mark on the element at `index` of a text or a list, as editors keep
    /// one for a person's cursor; none where the engine has no such thing.
    /// Changes nothing. Not metered.
    fn anchor(&self, _at: &Path, _index: u32) -> Option<Vec<u8>> {
        None
    }

    /// Where the marked element is now, or would be if it was deleted. Not
    /// metered.
    fn anchored(&self, _at: &Path, _anchor: &[u8]) -> Option<u32> {
        None
    }

    /// The canonical value. May commit or decode, so measured runs ask only at
    /// the end. Not metered.
    fn read(&mut self) -> Document;

    /// The device's wall clock, for engines that stamp what they commit, in
    /// milliseconds since the Unix epoch. Not metered.
    fn set_clock(&mut self, _unix_milliseconds: u64) {}

    /// A connection to `peer` is up. `saved` is what [`Replica::disconnect`]
    /// gave for the same peer the last time, if anything.
    ///
    /// # Errors
    /// [`EngineError::Refused`] if `saved` is damaged.
    fn connect(&mut self, peer: PeerId, saved: Option<&[u8]>) -> Result<(), EngineError>;

    /// The next message for `peer`, none when there is nothing to say. Called
    /// until it says none.
    fn poll(&mut self, peer: PeerId) -> Option<Vec<u8>>;

    /// A message of `peer`, in the order in which they were sent.
    ///
    /// # Errors
    /// [`EngineError::Refused`] on bytes that are no message.
    fn receive(&mut self, peer: PeerId, message: &[u8]) -> Result<(), EngineError>;

    /// The connection is gone. Gives the session state that is worth keeping,
    /// if the protocol has one.
    fn disconnect(&mut self, peer: PeerId) -> Option<Vec<u8>>;

    /// The updates made or applied here since last asked, for
    /// [`Delivery::Broadcast`]: local ones always, those of others never.
    fn take_updates(&mut self) -> Vec<Update>;

    /// Applies one update; the same one again, or an earlier one later, is fine.
    ///
    /// # Errors
    /// [`EngineError::Refused`] on bytes that are no update.
    fn apply(&mut self, update: &[u8]) -> Result<(), EngineError>;

    /// Applies several updates at once, in the way that the engine offers for
    /// that: one transaction, or an import in bulk.
    ///
    /// # Errors
    /// [`EngineError::Refused`] on bytes that are no update.
    fn apply_all(&mut self, updates: &[Update]) -> Result<(), EngineError> {
        updates.iter().try_for_each(|update| self.apply(update))
    }

    /// Adds the stamps of others that arrived since last asked, and after a
    /// load all that there are. Not metered.
    fn newly_seen(&mut self, into: &mut Vec<Seen>);

    /// Updates that were received but lack something they build on. Not metered.
    fn pending(&self) -> usize;

    /// How many values that were written concurrently lie under keys and in
    /// elements beside those that [`Replica::read`] shows, in the whole document;
    /// none where the engine keeps no losers, or does not tell.
    fn conflicts(&mut self) -> Option<u64> {
        None
    }

    /// Takes in everything that another replica's [`Save::Whole`] holds.
    ///
    /// # Errors
    /// [`EngineError::NotSupported`], or [`EngineError::Refused`] on bytes that
    /// no replica saved.
    fn merge(&mut self, _saved: &[u8]) -> Result<(), EngineError> {
        Err(EngineError::NotSupported("merging saves"))
    }

    /// A save of the present without its history, which [`Engine::load`] takes.
    ///
    /// # Errors
    /// [`EngineError::NotSupported`].
    fn save_shallow(&mut self) -> Result<Vec<u8>, EngineError> {
        Err(EngineError::NotSupported("shallow snapshots"))
    }

    /// From now on local transactions can be taken back, each by itself. Costs
    /// memory and work with every one of them, so measured runs never ask for
    /// it.
    ///
    /// # Errors
    /// [`EngineError::NotSupported`].
    fn track_undo(&mut self) -> Result<(), EngineError> {
        Err(EngineError::NotSupported("undo"))
    }

    /// Takes back the last own transaction that was not undone, in a local
    /// transaction of its own; unchanged where there is none. Where nothing is
    /// left of what it did, some engines change nothing, others go on to the
    /// transaction before.
    ///
    /// # Errors
    /// [`EngineError::NotSupported`], also before [`Replica::track_undo`].
    fn undo(&mut self) -> Result<Edited, EngineError> {
        Err(EngineError::NotSupported("undo"))
    }

    /// Does again what was undone last; unchanged where nothing was, or an edit
    /// came after it.
    ///
    /// # Errors
    /// [`EngineError::NotSupported`], also before [`Replica::track_undo`].
    fn redo(&mut self) -> Result<Edited, EngineError> {
        Err(EngineError::NotSupported("redo"))
    }

    /// Bytes to store.
    fn save(&mut self, how: Save) -> Vec<u8>;

    /// The present version.
    ///
    /// # Errors
    /// [`EngineError::NotSupported`].
    fn version(&mut self) -> Result<Version, EngineError> {
        Err(EngineError::NotSupported("versions"))
    }

    /// The document as it was at `version`.
    ///
    /// # Errors
    /// [`EngineError::NotSupported`], or [`EngineError::Refused`] on a version
    /// that this document never had.
    fn checkout(&mut self, _version: &Version) -> Result<Document, EngineError> {
        Err(EngineError::NotSupported("checkout"))
    }

    /// A new replica with its own identity and everything that this one holds.
    ///
    /// # Errors
    /// [`EngineError::NotSupported`].
    fn fork(&mut self, _setup: &Setup) -> Result<Box<dyn Replica>, EngineError> {
        Err(EngineError::NotSupported("fork"))
    }
}
