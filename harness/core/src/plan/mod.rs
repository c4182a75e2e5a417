//! A plan: everything that will happen to a world, as plain data.
//!
//! The same plan is given to every engine. It holds the scenario that it was
//! made from, profiles included, so that a saved plan needs nothing else.

mod check;
mod cursor;
mod draft;
mod error;
mod faults;
mod generate;
mod layout;
mod nodes;
mod outages;
mod resolve;
mod rooms;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use self::check::{BadPlan, check};
pub use self::cursor::Cursor;
pub use self::error::PlanError;
pub use self::generate::{MAX_STEPS, generate};
pub use self::layout::Layout;
pub use self::nodes::{Nodes, RELAY};
pub use self::resolve::{resolve, resolve_into};
pub use self::rooms::Rooms;
use crate::edit::{Action, Edit, Position};
use crate::scenario::WorldScenario;
use crate::time::Time;

/// The version of the plan format.
pub const SCHEMA: u32 = 1;

/// Everything that will happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The root seed: of this plan's draws and of those of the links.
    pub seed: u64,
    /// The world that it happens in.
    pub scenario: WorldScenario,
    /// What happens, in order of time.
    pub steps: Vec<PlanStep>,
}

/// One thing that happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanStep {
    /// When; never before the step ahead of it.
    #[serde(rename = "at_ns")]
    pub at: Time,
    /// What.
    #[serde(flatten)]
    pub what: PlanAction,
}

/// A device or the relay, by number: devices count up through the fleet's
/// groups in order, the relay comes after the last. Where the fleet is divided
/// into [`Rooms`], that number stands for the relays of all of them.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct NodeId(pub u32);

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum PlanAction {
    /// A person's input: one transaction.
    Edit {
        /// On whose device.
        device: NodeId,
        /// The changes, in order.
        edits: Vec<Edit<Position>>,
    },
    /// A link of a device goes away or comes back.
    Link {
        /// Whose.
        device: NodeId,
        /// The number of the link in the group's list.
        link: u32,
        /// Whether it is there from now on.
        up: bool,
    },
    /// From now on, messages from one of `from` to one of `to` meet an obstacle.
    Obstruct {
        /// The obstacle's number, for [`PlanAction::Clear`].
        id: u32,
        /// The senders.
        from: Vec<NodeId>,
        /// The receivers.
        to: Vec<NodeId>,
        /// What it does.
        how: Obstacle,
    },
    /// An obstacle goes away.
    Clear {
        /// Its number.
        id: u32,
    },
    /// The app dies.
    Crash {
        /// Whose.
        device: NodeId,
        /// Whether what was not flushed is lost as well.
        power_loss: bool,
    },
    /// A crashed device starts again.
    Start {
        /// Which.
        device: NodeId,
    },
    /// A device's wall clock jumps.
    Clock {
        /// Whose.
        device: NodeId,
        /// By how much; negative is back.
        by_milliseconds: i64,
    },
}

/// What stands in the way of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// Nothing comes through.
    Stop,
    /// Everything is held until the obstacle goes away.
    Jam,
    /// Everything takes this many times longer.
    Slow(u32),
}

impl Plan {
    /// SHA-256 over the plan's JSON, in hex.
    pub fn digest(&self) -> String {
        // Of a large fleet the text alone would take hundreds of megabytes.
        let mut hash = std::io::BufWriter::new(Sha256::new());
        serde_json::to_writer(&mut hash, self).expect("a plan is always JSON");
        let hash = hash.into_inner().expect("a hash takes every byte");
        crate::digest::hex(&hash.finalize())
    }

    /// Whether any text in it has characters outside of the basic plane, so
    /// that a position may fall between the halves of one.
    pub fn splits(&self) -> bool {
        self.steps.iter().any(|step| match &step.what {
            PlanAction::Edit { edits, .. } => edits.iter().any(|edit| match &edit.action {
                Action::InsertText { text, .. } => has_astral(text),
                _ => false,
            }),
            _ => false,
        })
    }
}

/// Whether `text` has characters that take two UTF-16 code units.
pub(crate) fn has_astral(text: &str) -> bool {
    // In UTF-8 these are the ones of four bytes, which begin with 0xf0 or more.
    text.bytes().any(|byte| byte >= 0xf0)
}

#[cfg(test)]
mod tests;
