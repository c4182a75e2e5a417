//! What happened in a replay, in full: what traces, diagrams and stand-alone
//! tests are made from.

use serde::{Deserialize, Serialize};

use crate::document::Document;
use crate::edit::{Edit, Roots};
use crate::engine::{Delivery, ReplicaId, Update};
use crate::schedule::{Joining, ReplicaNumber};

use super::Ending;

/// What happened in a replay.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Story {
    /// The document's roots.
    pub roots: Roots,
    /// How updates travelled.
    pub delivery: Delivery,
    /// What happened, in order. Where the engine panicked, refused, did not return
    /// or ended the process, the last event is what it was asked to do, without
    /// the bytes that it never gave.
    pub events: Vec<Event>,
    /// How it ended.
    pub ending: Ending,
}

/// Something that happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Event {
    /// In which step; none while everything is brought to everyone at the end,
    /// and when the first replicas are made.
    pub step: Option<u32>,
    /// What.
    pub what: Happened,
}

/// Numbers one protocol message of a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MessageNumber(pub u32);

/// What happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Happened {
    /// An empty replica was made.
    Created {
        /// Which.
        replica: ReplicaNumber,
        /// Its id.
        id: ReplicaId,
    },
    /// A local transaction.
    Edited {
        /// Where.
        replica: ReplicaNumber,
        /// What, with the indices as they were there.
        edits: Vec<Edit>,
        /// Whether it changed anything.
        changed: bool,
        /// What it has for others, under [`Delivery::Broadcast`].
        updates: Vec<Update>,
    },
    /// The last own transaction was taken back.
    Undone {
        /// Where.
        replica: ReplicaNumber,
        /// What it has for others, under [`Delivery::Broadcast`].
        updates: Vec<Update>,
    },
    /// What was undone last was done again.
    Redone {
        /// Where.
        replica: ReplicaNumber,
        /// What it has for others, under [`Delivery::Broadcast`].
        updates: Vec<Update>,
    },
    /// Updates arrived, in one call.
    Applied {
        /// Where.
        replica: ReplicaNumber,
        /// The steps whose updates they are.
        of: Vec<u32>,
        /// The updates themselves.
        updates: Vec<Update>,
    },
    /// A connection came up.
    Connected {
        /// One side.
        a: ReplicaNumber,
        /// The other.
        b: ReplicaNumber,
    },
    /// A connection broke; messages under way are lost.
    Disconnected {
        /// One side.
        a: ReplicaNumber,
        /// The other.
        b: ReplicaNumber,
        /// The messages that were lost.
        lost: Vec<MessageNumber>,
    },
    /// A protocol message went on its way.
    Sent {
        /// Which.
        message: MessageNumber,
        /// Who sent it.
        from: ReplicaNumber,
        /// To whom.
        to: ReplicaNumber,
        /// What is in it.
        bytes: Vec<u8>,
    },
    /// A protocol message arrived.
    Received {
        /// Which.
        message: MessageNumber,
        /// Who sent it.
        from: ReplicaNumber,
        /// Where.
        to: ReplicaNumber,
    },
    /// A whole save of one replica was merged into another.
    Merged {
        /// Whose.
        from: ReplicaNumber,
        /// Where.
        to: ReplicaNumber,
        /// The save.
        saved: Vec<u8>,
    },
    /// A new replica began with what another held.
    Joined {
        /// Whose document.
        from: ReplicaNumber,
        /// The new one.
        to: ReplicaNumber,
        /// By which way.
        how: Joining,
        /// The new one's id.
        id: ReplicaId,
        /// What it was loaded from; none for a fork.
        saved: Option<Vec<u8>>,
    },
    /// A replica was stored.
    Saved {
        /// Which.
        replica: ReplicaNumber,
        /// Whole instead of what is new.
        whole: bool,
        /// What was stored.
        saved: Vec<u8>,
    },
    /// A process died and came back.
    Restarted {
        /// Which.
        replica: ReplicaNumber,
        /// Its id from now on.
        id: ReplicaId,
        /// What it was loaded from; nothing if nothing was stored.
        stored: Vec<Vec<u8>>,
    },
    /// An earlier version was looked at.
    CheckedOut {
        /// Where.
        replica: ReplicaNumber,
        /// The document as it was then.
        document: Document,
    },
    /// A document was looked at.
    Shown {
        /// Where.
        replica: ReplicaNumber,
        /// What was there.
        document: Document,
    },
    /// A document was about to be looked at; told only where the engine failed at
    /// it.
    Reading {
        /// Where.
        replica: ReplicaNumber,
    },
    /// The step could not be done.
    Skipped {
        /// Why.
        why: String,
    },
}

/// A test of an engine alone, made from a story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repro {
    /// The lines of `[dependencies]` that it needs.
    pub dependencies: String,
    /// The file: a `#[test]` that fails while the engine behaves as in the
    /// story.
    pub source: String,
    /// What the test cannot show as the story does, in words for its reader.
    pub caveats: Vec<String>,
}
