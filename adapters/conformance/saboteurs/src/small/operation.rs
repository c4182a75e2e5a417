//! What travels between replicas: commits of operations.

use std::collections::BTreeMap;

use deadzone_core::document::Scalar;
use deadzone_core::edit::Value;
use serde::{Deserialize, Serialize};

/// Names an operation, and whatever the operation created. Ordered by Lamport
/// time, then by replica. Roots have the time 0 and their number in place of a
/// replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Id {
    pub(super) time: u64,
    pub(super) replica: u64,
}

impl Id {
    pub(super) fn root(number: usize) -> Self {
        Self { time: 0, replica: number as u64 }
    }

    /// The id `steps` after this one in the same commit.
    pub(super) fn plus(self, steps: u64) -> Self {
        Self { time: self.time + steps, ..self }
    }
}

/// How many commits of each replica are held: the first so many.
pub(super) type Clock = BTreeMap<u64, u64>;

/// The count of one replica.
pub(super) fn held(clock: &Clock, replica: u64) -> u64 {
    clock.get(&replica).copied().unwrap_or(0)
}

/// One local transaction. Its operations have the ids `first`, `first + 1`, ….
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Commit {
    /// Its number among its author's commits, from 1.
    pub(super) number: u64,
    pub(super) first: Id,
    /// What its author held before it.
    pub(super) after: Clock,
    pub(super) operations: Vec<Operation>,
}

impl Commit {
    pub(super) fn author(&self) -> u64 {
        self.first.replica
    }

    /// The operations with their ids.
    pub(super) fn numbered(&self) -> impl Iterator<Item = (Id, &Operation)> {
        self.operations.iter().scan(self.first, |next, operation| {
            let id = *next;
            *next = next.plus(operation.change.ids());
            Some((id, operation))
        })
    }

    /// The greatest time in it.
    pub(super) fn last_time(&self) -> u64 {
        let ids: u64 = self.operations.iter().map(|operation| operation.change.ids()).sum();
        self.first.time + ids.saturating_sub(1)
    }

    /// Whether both change one container.
    pub(super) fn meets(&self, other: &Self) -> bool {
        let at =
            |operation: &Operation| other.operations.iter().any(|theirs| theirs.at == operation.at);
        self.operations.iter().any(at)
    }
}

/// One change to the container `at`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Operation {
    pub(super) at: Id,
    pub(super) change: Change,
}

/// What an operation does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Change {
    /// Text: one element for each character, each after the one before.
    Type { after: Option<Id>, text: String },
    /// Text: marks the characters from `from` on and before `until` (none: to
    /// the end).
    Mark { from: Id, until: Option<Id>, name: String, value: Scalar },
    /// Map: sets or removes a key.
    Put { key: String, value: Option<Value> },
    /// List: as with [`Change::Type`].
    Insert { after: Option<Id>, values: Vec<Value> },
    /// List: a new value for an element.
    Set { element: Id, value: Value },
    /// List: takes an element from one place to a new one.
    Move { element: Id, from: Id, after: Option<Id> },
    /// Text and list: the elements with `count` successive ids, which take up
    /// `units` indices.
    Remove { from: Id, count: u64, units: u64 },
    /// Counter: what is added, and what its author then saw.
    Add { by: i64, total: i64 },
    /// Tree: a new node. It stands nowhere until attached.
    Create { label: String },
    /// Tree: puts a node under a parent.
    Attach { node: Id, parent: Id, after: Option<Id> },
    /// Tree: takes a node out.
    Detach { node: Id },
}

impl Change {
    /// How many ids it uses up.
    pub(super) fn ids(&self) -> u64 {
        match self {
            Self::Type { text, .. } => text.chars().count() as u64,
            Self::Insert { values, .. } => values.len() as u64,
            _ => 1,
        }
    }

    /// Whether it takes something away.
    pub(super) fn removes(&self) -> bool {
        matches!(self, Self::Remove { .. } | Self::Put { value: None, .. } | Self::Detach { .. })
    }
}

/// What is known of a commit where it takes effect.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context {
    /// It was made here.
    pub(super) local: bool,
    /// How many commits of this replica its author did not know.
    pub(super) unseen: u64,
}

impl Context {
    /// For a commit at the replica `me`, which holds `clock`.
    pub(super) fn of(commit: &Commit, me: u64, clock: &Clock) -> Self {
        let local = commit.author() == me;
        let unseen = held(clock, me).saturating_sub(held(&commit.after, me));
        Self { local, unseen: if local { 0 } else { unseen } }
    }

    /// Whether it was made elsewhere, without knowing the last commit from here.
    pub(super) fn is_concurrent(self) -> bool {
        self.unseen > 0
    }
}
