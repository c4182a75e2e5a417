//! A world that is watched: what happens, moment by moment, and what replicas
//! show when it is stopped. Reading may change what an engine does next, so
//! documents are read at the end alone.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::run::World;
use crate::document::Document;
use crate::engine::Engine;
use crate::plan::{NodeId, Plan};
use crate::record::CpuMode;
use crate::sandbox::{Sandbox, ask};
use crate::sync::{Body, Stop};
use crate::time::Time;

/// The most moments that are kept: beyond these it only counts.
const MOMENTS_MAX: usize = 1_000_000;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Moment {
    /// When.
    #[serde(rename = "at_ns")]
    pub at: Time,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A step of the plan, by its number from 0.
    Step(u32),
    /// A node sent something.
    Sent {
        /// Who.
        from: NodeId,
        /// To whom.
        to: NodeId,
        /// What it is.
        kind: Kind,
        /// Bytes before framing.
        bytes: u64,
    },
    /// A node received something.
    Received {
        /// Who sent it.
        from: NodeId,
        /// Who got it.
        to: NodeId,
        /// What it is.
        kind: Kind,
        /// Bytes before framing.
        bytes: u64,
    },
    /// A node sets up a connection.
    Dialled {
        /// Who.
        from: NodeId,
        /// To whom.
        to: NodeId,
    },
    /// A node gave a connection up.
    HungUp {
        /// Who.
        from: NodeId,
        /// To whom it was.
        to: NodeId,
    },
    /// An edit of the plan, by the number of its step, is in the local document
    /// or on its way to the authority.
    Edited {
        /// Where.
        at: NodeId,
        /// The step.
        step: u32,
    },
}

/// What travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A message of the engine's own protocol.
    Protocol,
    /// An update by itself.
    Update,
    /// Word that an update has arrived.
    Acknowledgement,
}

impl From<&Body> for Kind {
    fn from(body: &Body) -> Self {
        match body {
            Body::Protocol(_) => Self::Protocol,
            Body::Update(..) => Self::Update,
            Body::Acknowledgement(_) => Self::Acknowledgement,
        }
    }
}

/// What was watched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    /// What happened, if that was asked for.
    pub moments: Vec<Moment>,
    /// How many more moments there were than are kept.
    pub not_kept: u64,
    /// When it was stopped or came to an end.
    pub at: Time,
    /// What each node shows; none of a device that is off.
    pub documents: Vec<Option<Document>>,
    /// Why it could not go on, if that was so.
    pub stopped: Option<String>,
}

/// The moments of a world, if they are kept.
#[derive(Debug, Default)]
pub(super) struct Moments {
    kept: Option<Vec<Moment>>,
    not_kept: u64,
}

impl Moments {
    /// `what` is made only if it is wanted.
    pub(super) fn note(&mut self, at: Time, what: impl FnOnce() -> What) {
        let Some(kept) = &mut self.kept else { return };
        if kept.len() < MOMENTS_MAX {
            kept.push(Moment { at, what: what() });
        } else {
            self.not_kept += 1;
        }
    }
}

/// Runs a plan of one room until `until`, or to its end, and tells what happened
/// on the way. What a plan of several comes to is that it could not go on.
pub fn watch(
    plan: &Plan,
    engine: &dyn Engine,
    sandbox: &mut dyn Sandbox,
    until: Option<Time>,
    keep_moments: bool,
) -> Watched {
    if plan.scenario.rooms > 1 {
        return Watched {
            moments: Vec::new(),
            not_kept: 0,
            at: Time::ZERO,
            documents: Vec::new(),
            stopped: Some(format!(
                "there are {} rooms, each a world of its own; one can be watched at a time",
                plan.scenario.rooms
            )),
        };
    }
    let mut world = World::new(plan, engine, sandbox, CpuMode::Counted);
    world.moments.kept = keep_moments.then(Vec::new);
    let scenario = &plan.scenario;
    let end = Time::ZERO + scenario.duration + scenario.settle;
    let until = until.map_or(end, |until| until.min(end));
    let ended = world
        .check_support()
        .and_then(|()| world.begin())
        .and_then(|()| world.advance(until, &mut |_| {}));
    let mut stopped = ended.as_ref().err().map(Stop::to_string);
    let mut documents = Vec::new();
    for node in &mut world.nodes {
        // After a panic nothing of the engine may be touched.
        let read = match (&stopped, node.replica_mut()) {
            (None, Some(replica)) => ask(world.lab.sandbox, || replica.read()).map(Some),
            _ => Ok(None),
        };
        stopped = stopped.or_else(|| read.as_ref().err().map(ToString::to_string));
        documents.push(read.unwrap_or(None));
    }
    let at = if ended == Ok(true) { until } else { world.now };
    let Moments { kept, not_kept } = std::mem::take(&mut world.moments);
    Watched { moments: kept.unwrap_or_default(), not_kept, at, documents, stopped }
}
