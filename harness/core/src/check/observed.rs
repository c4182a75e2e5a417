//! What was seen of a history: what oracles judge.

use crate::document::Document;
use crate::edit::{Edit, Roots};
use crate::engine::EngineInfo;
use crate::schedule::ReplicaNumber;

/// Everything that was seen of a history.
///
/// Numbers of edits and of states are indices into [`Observed::made`] and
/// [`Observed::shown`], in the order in which they happened.
#[derive(Clone, Debug)]
pub struct Observed {
    /// The document's roots.
    pub roots: Roots,
    /// What the adapter declares.
    pub engine: EngineInfo,
    /// Every local transaction that was done.
    pub made: Vec<Made>,
    /// Every document that somebody was shown.
    pub shown: Vec<Shown>,
    /// The state of each replica at the end, once everything was brought to
    /// everyone.
    pub last: Vec<usize>,
}

/// A local transaction.
#[derive(Clone, Debug)]
pub struct Made {
    /// Its step.
    pub step: u32,
    /// Where.
    pub replica: ReplicaNumber,
    /// What it was, with the indices as they were there.
    pub edits: Vec<Edit>,
    /// What it comes from.
    pub by: MadeBy,
    /// The state before it, in [`Observed::shown`]; none if nobody looked.
    pub before: Option<usize>,
    /// The state after it.
    pub after: Option<usize>,
    /// The edits that its replica held when it was made, own ones included, as
    /// far as the engine's stamps tell; in rising order.
    pub knew: Vec<u32>,
    /// Whether any replica held it when everything was brought together.
    pub survived: Survival,
}

/// Whether an edit is still there at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Survival {
    /// A replica holds it, or a courier.
    Sure,
    /// It may have come to a replica before its own one died, and the engine does
    /// not tell: some name a deletion by what it deleted, and say nothing of one
    /// that has nothing left to delete.
    Unsure,
    /// It is gone: neither stored nor sent before a crash.
    Gone,
}

/// What a transaction comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MadeBy {
    /// A person's edit.
    Edit,
    /// Undo of an earlier one, whose edits are not known.
    Undo,
    /// Redo.
    Redo,
}

/// A document that a replica showed.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The step after which (or before which, see [`Made::before`]) it was seen;
    /// none at the end.
    pub step: Option<u32>,
    /// Where.
    pub replica: ReplicaNumber,
    /// What.
    pub document: Document,
    /// The edits that the replica held then, as far as the engine's stamps tell;
    /// in rising order.
    pub held: Vec<u32>,
}
