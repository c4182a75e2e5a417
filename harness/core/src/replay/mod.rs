//! Runs a [`Schedule`] on an engine under the oracles of [`crate::check`].
//!
//! A replay has no time, no network and no storage of its own: a step is one
//! call or a few of them. At its end everything is brought to everyone, in the
//! way that the schedule's delivery has, and all is judged.

mod aloud;
mod edit_set;
mod finale;
mod identity;
mod lines;
mod peer;
pub mod repro;
mod stage;
mod steps;
mod story;

use serde::{Deserialize, Serialize};

pub use self::aloud::{Overheard, Telling};
pub use self::story::{Event, Happened, MessageNumber, Repro, Story};
use crate::check::{Observed, Violation};
use crate::engine::Engine;
use crate::sandbox::Sandbox;
use crate::schedule::Schedule;

/// How closely a replay looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scrutiny {
    /// Whether replicas are made anew at the end (from all updates, from a
    /// snapshot, from versions) and updates are applied a second time. It costs
    /// as much as the rest.
    pub rebuilds: bool,
    /// Whether the story is kept.
    pub story: bool,
    /// Stop after the step with this number, without an end.
    pub until: Option<u32>,
}

/// What came of a replay.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// How it ended.
    pub ending: Ending,
    /// What was seen.
    pub observed: Observed,
    /// The story, if it was asked for.
    pub story: Option<Story>,
    /// How many steps could not be done.
    pub skipped: u32,
    /// Basic blocks that the engine executed; zero where nothing counts them.
    pub blocks: u64,
}

/// How a replay ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// All held.
    Held,
    /// An oracle was violated.
    Violated(Violation),
    /// The engine lacks something that the schedule needs.
    Unsupported(String),
}

impl Ending {
    /// The violation, if there is one.
    pub fn violation(&self) -> Option<&Violation> {
        match self {
            Self::Violated(violation) => Some(violation),
            Self::Held | Self::Unsupported(_) => None,
        }
    }
}

/// Runs `schedule` on `engine`.
///
/// # Panics
/// If [`Schedule::check`] does not hold.
pub fn run(
    schedule: &Schedule,
    engine: &dyn Engine,
    sandbox: &mut dyn Sandbox,
    scrutiny: Scrutiny,
) -> Replayed {
    schedule.check().expect("a schedule is checked before it is run");
    stage::Stage::new(schedule, engine, sandbox, scrutiny, None).run()
}

/// As [`run`], and says to `listener` what happens and what is tried, before the
/// engine can end the process.
///
/// # Panics
/// If [`Schedule::check`] does not hold.
pub fn run_aloud(
    schedule: &Schedule,
    engine: &dyn Engine,
    sandbox: &mut dyn Sandbox,
    scrutiny: Scrutiny,
    listener: &mut dyn FnMut(Telling),
) -> Replayed {
    schedule.check().expect("a schedule is checked before it is run");
    stage::Stage::new(schedule, engine, sandbox, scrutiny, Some(listener)).run()
}

#[cfg(test)]
mod tests;
