//! Runs happen in processes of their own: an engine that aborts, overflows its
//! stack or never comes back costs one run, and no run finds what another left
//! behind.
//!
//! The parent starts a worker with [`VERB`] as its only argument, writes one
//! [`Job`] to its standard input and reads [`Reply`]s from its standard output,
//! each as JSON behind its length (see [`framing`]). The `deadzone` binary is its
//! own worker for the engines that are built in; for other versions of an engine
//! there are worker binaries that hold one engine each.

#![forbid(unsafe_code)]

mod child;
pub mod framing;
pub mod session;

use std::path::PathBuf;

use deadzone_core::plan::Plan;
use deadzone_core::record::{CpuMode, RunRecord};
use deadzone_core::scenario::DirectScenario;
use deadzone_core::time::Time;
use deadzone_core::world::lower::{Lowered, Told};
use deadzone_core::world::{Measured, Watched};
use deadzone_simulators::Simulator;
use serde::{Deserialize, Serialize};

pub use child::{Refusal, serve};

/// The hidden verb, and the only argument of a worker.
pub const VERB: &str = "worker";

/// The whole environment of a worker: the name of a variable of glibc's, and its value.
///
/// Huge pages: a fleet of 100,000 is driven 1.4 times as fast. The rest is for hunts,
/// which have a thread for each of thousands of small worlds a second: stacks and memory
/// are kept for the next one, and what is freed is joined at once instead of in sweeps
/// (one more world in eight a second on the reference and on Loro).
pub const ENVIRONMENT: (&str, &str) = (
    "GLIBC_TUNABLES",
    "glibc.malloc.hugetlb=1\
     :glibc.malloc.mmap_threshold=33554432\
     :glibc.malloc.mxfast=0\
     :glibc.malloc.tcache_count=127\
     :glibc.malloc.trim_threshold=4000000000\
     :glibc.pthread.stack_cache_size=1073741824",
);

/// One run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// The engine's name.
    pub engine: String,
    /// How the cost of engine calls is found.
    pub mode: CpuMode,
    /// Of the sandbox, and of a micro workload.
    pub seed: u64,
    /// At this many basic blocks the process ends itself.
    pub blocks_max: u64,
    /// What is run.
    pub task: Task,
}

/// What is run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Task {
    /// A plan of one room, in its world.
    World {
        /// The plan.
        plan: Box<Plan>,
        /// Whose network.
        simulator: Simulator,
    },
    /// Some rooms of a plan, each in its world, one after the other.
    Rooms {
        /// The rooms.
        rooms: Vec<Room>,
        /// Whose network.
        simulator: Simulator,
    },
    /// A micro workload.
    Direct {
        /// The workload.
        scenario: DirectScenario,
        /// The file of its trace, for those that replay a recorded one.
        trace: Option<PathBuf>,
    },
    /// Nothing: the worker says which engine it holds.
    Describe,
    /// A plan, told moment by moment.
    Watch {
        /// The plan.
        plan: Box<Plan>,
        /// Where it is stopped; none for its end.
        until: Option<Time>,
        /// Whether moments are kept, beside the documents at the end.
        moments: bool,
    },
    /// A plan, told as the steps of a schedule.
    Lower(Box<Plan>),
    /// Small worlds, as [`session::Request`]s ask for them until the stream ends.
    Session,
}

/// One room of several.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Room {
    /// Its number.
    pub number: u32,
    /// What happens in it: a plan of one room, whose seed is also that of the
    /// sandbox.
    pub plan: Plan,
}

/// What a worker says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// The virtual clock, now and then.
    Progress {
        /// Nanoseconds since the start of the world.
        virtual_time_ns: u64,
    },
    /// The run is over.
    Done(Box<Done>),
    /// The answer to [`Task::Rooms`].
    Rooms(Box<RoomsDone>),
    /// The answer to [`Task::Watch`].
    Watched(Box<Watched>),
    /// What happens under [`Task::Lower`], before it does.
    Told(Told),
    /// The end of [`Task::Lower`].
    Lowered(Lowered),
    /// The answer to [`Task::Describe`].
    Engine {
        /// The engine's version, as its adapter tells it.
        version: String,
        /// Whether CPU work is counted.
        counts: bool,
    },
    /// It could not begin: bad input.
    Refused {
        /// Why, for people.
        reason: String,
    },
}

/// A run that is over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Done {
    /// What was measured.
    pub record: RunRecord,
    /// Wall time of the run, in nanoseconds.
    pub wall_ns: u64,
    /// Wall time inside the engine, in nanoseconds.
    pub wall_in_engine_ns: u64,
}

/// Rooms that are over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RoomsDone {
    /// What was measured in them.
    pub measured: Measured,
    /// Wall time of the rooms, in nanoseconds.
    pub wall_ns: u64,
    /// Wall time inside the engine, in nanoseconds.
    pub wall_in_engine_ns: u64,
}
