//! Runs happen in processes of their own: an engine that aborts, overflows its
//! stack or never comes back costs one run, and no run finds what another left
//! behind.
//!
//! The parent starts the same binary under a hidden verb, writes one [`Job`] to
//! its standard input and reads [`Reply`]s from its standard output, each as a
//! line of JSON behind its length.

mod child;
mod framing;
mod parent;

use deadzone_core::plan::Plan;
use deadzone_core::record::{CpuMode, RunRecord};
use deadzone_core::scenario::DirectScenario;
use serde::{Deserialize, Serialize};

pub(crate) use child::serve;
pub(crate) use parent::{Ended, run};

/// The hidden verb.
pub(crate) const VERB: &str = "worker";

/// One run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    /// The engine's name.
    pub(crate) engine: String,
    pub(crate) mode: CpuMode,
    pub(crate) seed: u64,
    /// At this many basic blocks the process ends itself.
    pub(crate) blocks_max: u64,
    pub(crate) task: Task,
}

/// What is run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Task {
    /// A plan, in its world.
    World(Box<Plan>),
    /// A micro workload.
    Direct {
        scenario: DirectScenario,
        /// The file of its trace, for those that replay a recorded one.
        trace: Option<std::path::PathBuf>,
    },
}

/// What a worker says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Reply {
    /// The virtual clock, now and then.
    Progress { virtual_time_ns: u64 },
    /// The run is over.
    Done(Box<Done>),
    /// It could not begin: bad input.
    Refused { reason: String },
}

/// A run that is over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Done {
    pub(crate) record: RunRecord,
    pub(crate) wall_ns: u64,
    pub(crate) wall_in_engine_ns: u64,
}
