//! The rooms of a run: independent worlds, each measured by itself.

use super::measured::Measured;
use super::run::World;
use crate::engine::Engine;
use crate::plan::{Plan, Rooms};
use crate::record::{CpuMode, RunRecord};
use crate::sandbox::Sandbox;
use crate::time::Time;

/// Runs the plan of one room to its end, and gives what was measured in it as that
/// of the room with this number.
///
/// `progress` hears of the virtual time now and then.
///
/// # Panics
/// If the plan has several rooms itself: see [`Rooms::plan`].
pub fn measure(
    plan: &Plan,
    room: u32,
    engine: &dyn Engine,
    sandbox: &mut dyn Sandbox,
    mode: CpuMode,
    progress: &mut dyn FnMut(Time),
) -> Measured {
    World::new(plan, engine, sandbox, mode).run_and_measure(room, progress)
}

/// Runs all rooms of a plan, one after the other.
pub(super) fn run(
    plan: &Plan,
    engine: &dyn Engine,
    sandbox: &mut dyn Sandbox,
    mode: CpuMode,
    progress: &mut dyn FnMut(Time),
) -> RunRecord {
    let rooms = Rooms::new(plan);
    let mut all = measure(&rooms.plan(0), 0, engine, sandbox, mode, progress);
    for room in 1..rooms.count() {
        all.join(measure(&rooms.plan(room), room, engine, sandbox, mode, progress));
    }
    all.into_record(plan)
}
