//! From a plan with times to a [`Schedule`] without: the plan is run, and what
//! each replica did and received is written down in the order in which it was
//! called.
//!
//! Time, links and draws are gone from it. What a link lost is on no list of
//! what was received: on a connection of the engine's own protocol whatever is
//! lost is sent again by TCP below it, so that only the last messages before it
//! breaks never arrive, and a schedule's [`ScheduleAction::Disconnect`] loses
//! these too; of updates by themselves each copy that arrives is a
//! [`ScheduleAction::Deliver`] of its own. What did not survive a crash (saves
//! that were not flushed, and edits that nobody else had) never happened in the
//! schedule.

mod lines;
mod storage;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use self::lines::Lines;
use self::storage::Written;
use super::run::World;
use crate::engine::{Authority, Delivery, Engine, EngineInfo};
use crate::plan::{NodeId, Plan, PlanAction};
use crate::record::{CpuMode, Verdict};
use crate::sandbox::Sandbox;
use crate::scenario::Topology;
use crate::schedule::{
    Attention, Origin, REPLICAS_MAX, ReplicaNumber, SCHEMA, STEPS_MAX, Schedule, ScheduleAction,
    ScheduleStep,
};
use crate::sync::{Call, UpdateId, Witness};

/// Why a plan has no schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LowerError {
    /// More nodes than a schedule may name.
    #[error(
        "the world has {found} replicas, the relay included; a schedule takes at most \
         {REPLICAS_MAX}"
    )]
    Replicas {
        /// How many.
        found: u32,
    },
    /// More documents than one.
    #[error(
        "it is about {found} rooms with a document each; a schedule has one document, as the \
         plan of one room has"
    )]
    Rooms {
        /// How many.
        found: u32,
    },
    /// A server decides what the document is.
    #[error(
        "on {engine} a server decides what the document is; a schedule is for replicas that \
         decide by themselves"
    )]
    Server {
        /// The engine.
        engine: &'static str,
    },
    /// More happens than a schedule may hold.
    #[error("more than {STEPS_MAX} things happen in it, which is the most that a schedule holds")]
    TooLong,
}

/// What is told while a plan is lowered, each before the engine is called for it:
/// an engine that ends its process leaves the schedule up to there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// This happens.
    Step(ScheduleStep),
    /// It has turned out that the step with this number came to nothing.
    Never(u32),
}

/// What lowering came to, beside the steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lowered {
    /// What the world itself came to.
    pub verdict: Verdict,
    /// How many calls the schedule does not have: messages of a connection that
    /// the other side had given up already. Their edits arrive later in it.
    pub left_out: u32,
}

/// The schedule of a plan in which nothing has happened yet.
///
/// # Errors
/// [`LowerError`] if the plan has none on this engine.
pub fn begin(plan: &Plan, engine: &EngineInfo) -> Result<Schedule, LowerError> {
    let scenario = &plan.scenario;
    if scenario.rooms > 1 {
        return Err(LowerError::Rooms { found: scenario.rooms });
    }
    let found = scenario.devices() + u32::from(matches!(scenario.topology, Topology::Relay(_)));
    if found > u32::from(REPLICAS_MAX) {
        return Err(LowerError::Replicas { found });
    }
    if engine.authority == Authority::Server {
        return Err(LowerError::Server { engine: engine.name });
    }
    Ok(Schedule {
        schema: SCHEMA,
        seed: plan.seed,
        roots: scenario.document.roots.clone(),
        delivery: scenario.sync.delivery,
        replicas: found as u8,
        attention: Attention::End,
        origin: Origin::World,
        steps: Vec::new(),
    })
}

/// Adds to a schedule what was told.
pub fn take_in(schedule: &mut Schedule, told: Told) {
    match told {
        Told::Step(step) => schedule.steps.push(step),
        Told::Never(number) => {
            let place = schedule.steps.binary_search_by_key(&number, |step| step.number);
            if let Ok(place) = place {
                schedule.steps.remove(place);
            }
        }
    }
}

/// Runs a plan to its end, and tells what happens in it as steps of the schedule
/// that [`begin`] gives.
///
/// # Errors
/// [`LowerError`]; nothing is run if the plan has no schedule on this engine.
pub fn lower(
    plan: &Plan,
    engine: &dyn Engine,
    sandbox: &mut dyn Sandbox,
    mode: CpuMode,
    tell: &mut dyn FnMut(Told),
) -> Result<Lowered, LowerError> {
    let schedule = begin(plan, &engine.info())?;
    let mut scribe = Scribe {
        plan,
        broadcasts: schedule.delivery == Delivery::Broadcast,
        tell,
        next: 1,
        lines: Lines::default(),
        written: vec![Written::default(); usize::from(schedule.replicas)],
        updates: BTreeMap::new(),
        left_out: 0,
    };
    let verdict = {
        let mut world = World::new(plan, engine, sandbox, mode);
        world.lab.witness = Some(&mut scribe);
        world.run_and_judge(&mut |_| {}).verdict
    };
    match scribe.is_full() {
        true => Err(LowerError::TooLong),
        false => Ok(Lowered { verdict, left_out: scribe.left_out }),
    }
}

/// Writes steps down.
struct Scribe<'a> {
    plan: &'a Plan,
    broadcasts: bool,
    tell: &'a mut dyn FnMut(Told),
    /// The number of the next step.
    next: u32,
    lines: Lines,
    /// By node.
    written: Vec<Written>,
    /// The steps whose edits an update holds.
    updates: BTreeMap<UpdateId, Vec<u32>>,
    left_out: u32,
}

fn replica(node: NodeId) -> ReplicaNumber {
    ReplicaNumber(u8::try_from(node.0).expect("there are no more than a schedule may name"))
}

impl Scribe<'_> {
    fn is_full(&self) -> bool {
        self.next as usize > STEPS_MAX
    }

    /// Tells a step; its number.
    fn step(&mut self, what: ScheduleAction) -> u32 {
        let number = self.next;
        if !self.is_full() {
            self.next += 1;
            (self.tell)(Told::Step(ScheduleStep { number, what }));
        }
        number
    }

    fn never(&mut self, number: u32) {
        (self.tell)(Told::Never(number));
    }

    fn edit(&mut self, at: NodeId, step: u32) {
        let PlanAction::Edit { edits, .. } = &self.plan.steps[step as usize].what else {
            unreachable!("nodes make the edits of steps that are edits")
        };
        let what = ScheduleAction::Edit { at: replica(at), edits: edits.clone() };
        let number = self.step(what);
        self.written[at.0 as usize].edit(number);
    }

    fn connect(&mut self, at: NodeId, peer: NodeId, epoch: u32) {
        let (a, b) = (replica(at), replica(peer));
        let before = self.lines.join(at, peer, epoch);
        if before.must_break {
            self.step(ScheduleAction::Disconnect { a, b });
        }
        if before.must_come_up {
            self.step(ScheduleAction::Connect { a, b });
        }
    }

    fn receive(&mut self, at: NodeId, peer: NodeId, message: &std::rc::Rc<[u8]>) {
        if self.lines.receive(peer, at, message) {
            self.step(ScheduleAction::Receive { from: replica(peer), to: replica(at) });
        } else {
            self.left_out += 1;
        }
    }

    fn took(&mut self, at: NodeId, first: UpdateId, count: usize) {
        let steps = self.written[at.0 as usize].publish();
        let of = |number: usize| match steps.len() == count {
            true => vec![steps[number]],
            // The engine has made one of several, or several of one.
            false => steps.clone(),
        };
        for number in 0..count {
            let id = UpdateId { number: first.number + number as u64, ..first };
            self.updates.insert(id, of(number));
        }
    }

    fn load(&mut self, at: NodeId, chunks: &[Vec<u8>], keeps: &dyn Fn(UpdateId) -> bool) {
        let found = self.written[at.0 as usize].restart(chunks);
        self.left_out += u32::from(!found.is_whole);
        let mut gone = found.lost_saves;
        if self.broadcasts {
            let kept: std::collections::BTreeSet<u32> = self
                .updates
                .iter()
                .filter(|(id, _)| keeps(**id))
                .flat_map(|(_, steps)| steps.iter().copied())
                .collect();
            gone.extend(found.unsaved_edits.into_iter().filter(|edit| !kept.contains(edit)));
        }
        gone.into_iter().for_each(|number| self.never(number));
        self.lines.forget(at);
        self.step(ScheduleAction::Restart { at: replica(at) });
    }
}

impl Witness for Scribe<'_> {
    fn called(&mut self, at: NodeId, call: Call<'_>) {
        match call {
            Call::Edit { step } => self.edit(at, step),
            Call::Edited => self.written[at.0 as usize].edited(),
            Call::Connect { peer, epoch } => self.connect(at, peer, epoch),
            Call::Disconnect { peer } => {
                if self.lines.leave(at, peer) {
                    let (a, b) = (replica(at), replica(peer));
                    self.step(ScheduleAction::Disconnect { a, b });
                }
            }
            Call::Poll { peer } => {
                if self.lines.is_on(at, peer) {
                    let (from, to) = (replica(at), replica(peer));
                    let number = self.step(ScheduleAction::Send { from, to });
                    self.lines.polls(number);
                }
            }
            Call::Polled { peer, message } => {
                if let Some(number) = self.lines.polled(at, peer, message) {
                    self.never(number);
                }
            }
            Call::Receive { peer, message } => self.receive(at, peer, message),
            Call::Took { first, count } => self.took(at, first, count),
            Call::Apply { id } => match self.updates.get(&id) {
                Some(updates) if !updates.is_empty() => {
                    let updates = updates.clone();
                    self.step(ScheduleAction::Deliver { updates, to: replica(at) });
                }
                _ => self.left_out += 1,
            },
            Call::Save { whole } => {
                let number = self.step(ScheduleAction::Save { at: replica(at), whole });
                self.written[at.0 as usize].save(number, whole);
            }
            Call::Saved { bytes } => self.written[at.0 as usize].saved(bytes),
            Call::Load { chunks, keeps } => self.load(at, chunks, keeps),
        }
    }
}
