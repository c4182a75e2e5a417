//! A schedule: a history without time, as numbered steps.
//!
//! What the network drew and when things happened no longer matters, only what
//! each replica did and received, and in which order. So a schedule can be
//! shrunk step by step, replayed on another engine, drawn as a space-time
//! diagram and written out as a test of the engine alone.
//!
//! A step that cannot be done (a path that is gone, a message that was never
//! sent, a replica that is not there) is skipped and counted, so that a schedule
//! stays valid when half of it is gone. A step keeps the number that it was
//! born with: others name it by that.

mod error;
mod saved;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use self::error::ScheduleError;
pub use self::saved::{FoundBefore, History, SavedPlan};
use crate::edit::{Action, Edit, Position, Roots};
use crate::engine::Delivery;
use crate::plan::has_astral;

/// The version of the schedule format.
pub const SCHEMA: u32 = 1;

/// The most replicas that a schedule may name.
pub const REPLICAS_MAX: u8 = 16;

/// The most steps of a schedule.
pub const STEPS_MAX: usize = 1_000_000;

/// A replica of a schedule, counted from 0.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct ReplicaNumber(pub u8);

impl std::fmt::Display for ReplicaNumber {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "replica {}", self.0)
    }
}

/// A history without time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Schedule {
    /// [`SCHEMA`].
    pub schema: u32,
    /// What the ids of replicas are drawn from. Engines break ties by ids.
    pub seed: u64,
    /// The document's roots.
    pub roots: Roots,
    /// How updates travel: while the schedule lasts, and at its end, when
    /// everything is brought to everyone.
    pub delivery: Delivery,
    /// How many replicas are there from the start, all empty: 0 and up.
    pub replicas: u8,
    /// When documents are read. Some engines commit or decode when read.
    pub attention: Attention,
    /// Where it comes from.
    #[serde(default, skip_serializing_if = "Origin::is_hunt")]
    pub origin: Origin,
    /// What happens.
    pub steps: Vec<ScheduleStep>,
}

/// Where a schedule comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// It was made as it is.
    #[default]
    Hunt,
    /// It was lowered from a plan with times (see [`crate::world::lower`]).
    /// Replicas have the ids of the nodes of its world, a new one after each
    /// restart, and people keep their place in the document when others' edits
    /// arrive and when their device starts again. At its end everything goes over
    /// the connections that there were in it.
    World,
}

impl Origin {
    fn is_hunt(&self) -> bool {
        *self == Self::Hunt
    }
}

/// When documents are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Attention {
    /// At the end only.
    End,
    /// Before and after each step, of each replica that has a part in it.
    Every,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScheduleStep {
    /// Its number; numbers go up.
    pub number: u32,
    /// What happens.
    #[serde(flatten)]
    pub what: ScheduleAction,
}

/// What happens in a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum ScheduleAction {
    /// One local transaction. Under [`Delivery::Broadcast`] its updates are
    /// named by the number of this step.
    Edit {
        /// Where.
        at: ReplicaNumber,
        /// The changes, in order.
        edits: Vec<Edit<Position>>,
    },
    /// Takes back the last own transaction that was not undone.
    Undo {
        /// Where.
        at: ReplicaNumber,
    },
    /// Does again what was undone last.
    Redo {
        /// Where.
        at: ReplicaNumber,
    },
    /// The updates of each of these edits arrive, all in one call.
    /// [`Delivery::Broadcast`] allows that in any order and more than once.
    Deliver {
        /// The numbers of the edits' steps.
        updates: Vec<u32>,
        /// Where.
        to: ReplicaNumber,
    },
    /// A connection of the engine's own protocol comes up.
    Connect {
        /// One side.
        a: ReplicaNumber,
        /// The other.
        b: ReplicaNumber,
    },
    /// It breaks; what is under way on it is lost.
    Disconnect {
        /// One side.
        a: ReplicaNumber,
        /// The other.
        b: ReplicaNumber,
    },
    /// The next protocol message, if there is any, goes on its way.
    Send {
        /// Who has something to say.
        from: ReplicaNumber,
        /// To whom.
        to: ReplicaNumber,
    },
    /// The oldest message under way arrives.
    Receive {
        /// Who sent it.
        from: ReplicaNumber,
        /// Where.
        to: ReplicaNumber,
    },
    /// Connects, if they are not connected, and exchanges messages until both
    /// fall silent.
    Sync {
        /// One side.
        a: ReplicaNumber,
        /// The other.
        b: ReplicaNumber,
    },
    /// Everything that `from` holds arrives at `to` as one whole save.
    Merge {
        /// Whose save.
        from: ReplicaNumber,
        /// Where.
        to: ReplicaNumber,
    },
    /// A new replica begins with what another holds.
    Join {
        /// Whose document.
        from: ReplicaNumber,
        /// The new one; must not be there yet.
        to: ReplicaNumber,
        /// By which way.
        how: Joining,
    },
    /// What the replica holds is stored.
    Save {
        /// Where.
        at: ReplicaNumber,
        /// Whole instead of what is new since the last time.
        whole: bool,
    },
    /// The process dies and comes back with what is stored. It takes a new
    /// replica id if it lost own edits.
    Restart {
        /// Where.
        at: ReplicaNumber,
    },
    /// Looks at an earlier version and comes back to the present.
    Checkout {
        /// Where.
        at: ReplicaNumber,
        /// Which of the versions recorded here, by age: 0 is the latest.
        back: u32,
    },
    /// Looks at the document, in a schedule that does not do so always.
    Read {
        /// Where.
        at: ReplicaNumber,
    },
}

/// How a new replica comes by a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Joining {
    /// It loads a whole save under its own id.
    Load,
    /// It is a fork, made in memory.
    Fork,
    /// It loads a shallow snapshot, without history. Done only while all
    /// replicas hold the same edits: what is older than the snapshot cannot be
    /// merged into it.
    Shallow,
}

impl Schedule {
    /// SHA-256 over the schedule's JSON, in hex.
    pub fn digest(&self) -> String {
        let bytes = serde_json::to_vec(self).expect("a schedule is always JSON");
        crate::digest::hex(&Sha256::digest(bytes))
    }

    /// Whether any text in it has characters outside of the basic plane, so
    /// that a position may fall between the halves of one.
    pub fn splits(&self) -> bool {
        let inserts_astral = |edit: &Edit<Position>| match &edit.action {
            Action::InsertText { text, .. } => has_astral(text),
            _ => false,
        };
        self.steps.iter().any(|step| match &step.what {
            ScheduleAction::Edit { edits, .. } => edits.iter().any(inserts_astral),
            _ => false,
        })
    }

    /// Whether the engine can be asked to run it at all.
    ///
    /// # Errors
    /// [`ScheduleError`], which says what is wrong and where.
    pub fn check(&self) -> Result<(), ScheduleError> {
        if self.schema != SCHEMA {
            return Err(ScheduleError::Schema { found: self.schema });
        }
        if !(1..=REPLICAS_MAX).contains(&self.replicas) {
            return Err(ScheduleError::Replicas { found: self.replicas });
        }
        if self.steps.len() > STEPS_MAX {
            return Err(ScheduleError::TooLong { steps: self.steps.len() });
        }
        for pair in self.steps.windows(2) {
            if pair[1].number <= pair[0].number {
                let (before, number) = (pair[0].number, pair[1].number);
                return Err(ScheduleError::Backwards { before, number });
            }
        }
        self.steps.iter().try_for_each(|step| self.check_step(step))
    }

    fn check_step(&self, step: &ScheduleStep) -> Result<(), ScheduleError> {
        let number = step.number;
        for replica in step.what.replicas() {
            if replica.0 >= REPLICAS_MAX {
                return Err(ScheduleError::NoReplica { number, replica: replica.0 });
            }
        }
        if let ScheduleAction::Edit { edits, .. } = &step.what {
            for edit in edits {
                if !self.roots.contains_key(edit.at.root.as_str()) {
                    let known = self.roots.keys().cloned().collect::<Vec<_>>().join(", ");
                    let root = edit.at.root.to_string();
                    return Err(ScheduleError::NoRoot { number, root, known });
                }
            }
        }
        Ok(())
    }
}

/// Lets everything that `from` does be done by `to`; what one did to the other
/// is left out.
pub fn rename(schedule: &mut Schedule, from: ReplicaNumber, to: ReplicaNumber) {
    for step in &mut schedule.steps {
        for replica in step.what.replicas_mut() {
            if *replica == from {
                *replica = to;
            }
        }
    }
    schedule.steps.retain(|step| match step.what.replicas().as_slice() {
        [one, other] => one != other,
        _ => true,
    });
}

impl ScheduleAction {
    /// The replicas that have a part in it.
    pub fn replicas(&self) -> Vec<ReplicaNumber> {
        match self {
            Self::Edit { at, .. }
            | Self::Undo { at }
            | Self::Redo { at }
            | Self::Save { at, .. }
            | Self::Restart { at }
            | Self::Checkout { at, .. }
            | Self::Read { at }
            | Self::Deliver { to: at, .. } => vec![*at],
            Self::Connect { a, b } | Self::Disconnect { a, b } | Self::Sync { a, b } => {
                vec![*a, *b]
            }
            Self::Send { from, to }
            | Self::Receive { from, to }
            | Self::Merge { from, to }
            | Self::Join { from, to, .. } => vec![*from, *to],
        }
    }

    fn replicas_mut(&mut self) -> Vec<&mut ReplicaNumber> {
        match self {
            Self::Edit { at, .. }
            | Self::Undo { at }
            | Self::Redo { at }
            | Self::Save { at, .. }
            | Self::Restart { at }
            | Self::Checkout { at, .. }
            | Self::Read { at }
            | Self::Deliver { to: at, .. } => vec![at],
            Self::Connect { a, b } | Self::Disconnect { a, b } | Self::Sync { a, b } => {
                vec![a, b]
            }
            Self::Send { from, to }
            | Self::Receive { from, to }
            | Self::Merge { from, to }
            | Self::Join { from, to, .. } => vec![from, to],
        }
    }

    /// Its name in files.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Edit { .. } => "edit",
            Self::Undo { .. } => "undo",
            Self::Redo { .. } => "redo",
            Self::Deliver { .. } => "deliver",
            Self::Connect { .. } => "connect",
            Self::Disconnect { .. } => "disconnect",
            Self::Send { .. } => "send",
            Self::Receive { .. } => "receive",
            Self::Sync { .. } => "sync",
            Self::Merge { .. } => "merge",
            Self::Join { .. } => "join",
            Self::Save { .. } => "save",
            Self::Restart { .. } => "restart",
            Self::Checkout { .. } => "checkout",
            Self::Read { .. } => "read",
        }
    }
}
