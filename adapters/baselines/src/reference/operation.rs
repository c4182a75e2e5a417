//! What travels between replicas: transactions of operations.

use std::collections::BTreeMap;

use deadzone_core::document::Scalar;
use deadzone_core::edit::Value;

/// Names an operation, and whatever the operation created: a character, a list
/// element, a container, a node. Ordered by Lamport timestamp, then by replica,
/// so that an operation is greater than all that its author had seen.
///
/// Roots have the timestamp 0 and their number in place of a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct OpId {
    pub(super) lamport: u64,
    pub(super) replica: u64,
}

impl OpId {
    /// The root with this number.
    pub(super) fn root(number: usize) -> Self {
        Self { lamport: 0, replica: number as u64 }
    }

    /// The id `steps` after this one in the same transaction.
    pub(super) fn plus(self, steps: u64) -> Self {
        Self { lamport: self.lamport + steps, replica: self.replica }
    }
}

/// How many transactions of each replica are held: the first so many.
pub(super) type Clock = BTreeMap<u64, u64>;

/// One local transaction. Its operations have the ids `first`, `first + 1`, ….
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Transaction {
    /// Its number among its author's transactions, from 1.
    pub(super) sequence: u64,
    pub(super) first: OpId,
    /// What its author had received since its own previous transaction. That
    /// one counts as a dependency by itself, so older entries follow.
    pub(super) after: Clock,
    pub(super) operations: Vec<Operation>,
}

impl Transaction {
    pub(super) fn author(&self) -> u64 {
        self.first.replica
    }

    /// The operations with their ids.
    pub(super) fn numbered(&self) -> impl Iterator<Item = (OpId, &Operation)> {
        self.operations.iter().scan(self.first, |next, operation| {
            let id = *next;
            *next = next.plus(operation.ids());
            Some((id, operation))
        })
    }

    /// The greatest timestamp in it.
    pub(super) fn last_lamport(&self) -> u64 {
        let ids: u64 = self.operations.iter().map(Operation::ids).sum();
        self.first.lamport + ids.saturating_sub(1)
    }
}

/// Where a new element hangs in the tree of a sequence; see [`super::sequence`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) parent: OpId,
    pub(super) side: Side,
}

/// On which side of its parent an element stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// One change to the container `at`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Operation {
    pub(super) at: OpId,
    pub(super) change: Change,
}

/// What an operation does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Text: one element for each character, the first at `place`, each other
    /// to the right of the one before.
    Type { place: Place, text: String },
    /// Text: marks the characters from `from` on and before `until` (none: to
    /// the end), those typed in between later as well.
    Mark { from: OpId, until: Option<OpId>, name: String, value: Scalar },
    /// Map: sets or removes a key.
    Put { key: String, value: Option<Value> },
    /// List: as with [`Change::Type`].
    Insert { place: Place, values: Vec<Value> },
    /// List: a new value for an element.
    Set { element: OpId, value: Value },
    /// List: a new place for an element.
    Move { element: OpId, place: Place },
    /// Text and list: the elements with `count` successive ids from `from` on.
    Remove { from: OpId, count: u64 },
    /// Counter.
    Add { by: i64 },
    /// Tree: a new node and its label. It stands nowhere until moved.
    Create { label: String },
    /// Tree: puts a node under a parent, at a place among the children.
    Attach { node: OpId, parent: OpId, place: Place },
    /// Tree: takes a node out.
    Detach { node: OpId },
}

impl Operation {
    /// How many ids it uses up.
    pub(super) fn ids(&self) -> u64 {
        match &self.change {
            Change::Type { text, .. } => text.chars().count() as u64,
            Change::Insert { values, .. } => values.len() as u64,
            _ => 1,
        }
    }
}
