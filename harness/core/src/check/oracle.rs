//! The oracles by name, and what they say.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schedule::ReplicaNumber;

/// What must hold of any engine; each has a file in this folder or is a matter
/// of the replay itself.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Oracle {
    /// Replicas that hold the same edits show the same document.
    Convergence,
    /// What was inserted and never deleted is there exactly once.
    Elements,
    /// All states fit into one order of all elements: the strong list
    /// specification.
    Order,
    /// A value that was read and overwritten does not come back.
    Map,
    /// A counter is the sum of its increments.
    Counter,
    /// An element that was moved is there once.
    MovableList,
    /// A tree has no cycle, no orphan, no node twice and none lost.
    Tree,
    /// Marks cover what they were put on.
    Marks,
    /// What was acknowledged as stored survives.
    Durability,
    /// Everything arrives within a bound, then silence.
    Liveness,
    /// The same bytes twice, or in another order, change nothing.
    Idempotence,
    /// Nothing waits once everything was delivered.
    Pending,
    /// A fresh replica, a snapshot and a checkout equal what was recorded.
    History,
    /// A local edit does locally what it says.
    LocalEdit,
    /// A replica holds the edits that it says it holds.
    Claims,
    /// Undoing one's own edit touches nobody else's.
    Undo,
    /// The engine refused what it must take.
    Refusal,
    /// The engine panicked.
    Panic,
    /// The engine took its process with it.
    Abort,
    /// The engine ran past its limit of counted work.
    Hang,
}

impl Oracle {
    /// The name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Convergence => "convergence",
            Self::Elements => "elements",
            Self::Order => "order",
            Self::Map => "map",
            Self::Counter => "counter",
            Self::MovableList => "movable-list",
            Self::Tree => "tree",
            Self::Marks => "marks",
            Self::Durability => "durability",
            Self::Liveness => "liveness",
            Self::Idempotence => "idempotence",
            Self::Pending => "pending",
            Self::History => "history",
            Self::LocalEdit => "local-edit",
            Self::Claims => "claims",
            Self::Undo => "undo",
            Self::Refusal => "refusal",
            Self::Panic => "panic",
            Self::Abort => "abort",
            Self::Hang => "hang",
        }
    }

    /// Whether the engine came to an end of its own, or to none.
    pub const fn is_death(self) -> bool {
        matches!(self, Self::Panic | Self::Abort | Self::Hang)
    }

    /// What it holds an engine to, in a sentence.
    pub const fn demand(self) -> &'static str {
        match self {
            Self::Convergence => "replicas that hold the same edits show the same document",
            Self::Elements => {
                "what somebody inserted and nobody deleted is there exactly once, and what was \
                 deleted is not"
            }
            Self::Order => "all states that anybody was shown fit into one order of all elements",
            Self::Map => "a value that a writer read and overwrote does not come back",
            Self::Counter => "a counter is the sum of all its increments",
            Self::MovableList => "an element that was moved is there once, not twice",
            Self::Tree => {
                "a tree has no cycle and no orphan, and loses no node that nobody deleted"
            }
            Self::Marks => "marks cover the characters that they were put on",
            Self::Durability => "what was stored is there after a crash",
            Self::Liveness => {
                "replicas that are connected come to hold the same edits, then fall silent"
            }
            Self::Idempotence => {
                "the same update twice, or updates in another order, change nothing"
            }
            Self::Pending => "nothing waits any more once everything was delivered",
            Self::History => {
                "a replica made of all updates, one loaded from a snapshot and a checkout of a \
                 version equal what was recorded"
            }
            Self::LocalEdit => "a local edit does locally what it says",
            Self::Claims => "a replica holds the edits that it says it holds",
            Self::Undo => "undoing one's own edit touches nobody else's",
            Self::Refusal => "an engine takes what another replica of it made",
            Self::Panic => "an engine does not panic",
            Self::Abort => "an engine does not end its process",
            Self::Hang => "an engine call ends",
        }
    }
}

/// An oracle was violated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}: {said}", oracle.name())]
pub struct Violation {
    /// Which.
    pub oracle: Oracle,
    /// What it is about, in one or two words that tell causes apart and do not
    /// depend on names or numbers: a kind of container, `lost`, `doubled`.
    pub about: String,
    /// What was expected and what is there, in words.
    pub said: String,
    /// The step after which it was seen; none at the end.
    pub step: Option<u32>,
    /// The replicas that it was seen at.
    pub replicas: Vec<ReplicaNumber>,
}

impl Violation {
    /// One that was seen at the end.
    pub fn new(oracle: Oracle, about: impl Into<String>, said: impl Into<String>) -> Self {
        let (about, said) = (about.into(), said.into());
        Self { oracle, about, said, step: None, replicas: Vec::new() }
    }

    /// The same, seen at this replica.
    #[must_use]
    pub fn at(mut self, replica: ReplicaNumber) -> Self {
        self.replicas.push(replica);
        self
    }

    /// The same, seen after this step.
    #[must_use]
    pub fn after(mut self, step: u32) -> Self {
        self.step = Some(step);
        self
    }
}
