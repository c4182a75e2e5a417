//! A world in which everybody types.

use deadzone_core::plan::Plan;
use deadzone_core::record::CpuMode;
use deadzone_core::sandbox::Uncounted;
use deadzone_core::time::Time;
use deadzone_core::world::World;

use crate::{Measured, Nothing, QUIET_UNTIL, processor_time};

/// The world of [`crate::fleet`] from the moment when everybody begins to type
/// until they end. What comes before, and making the world, is not in it.
///
/// # Panics
/// If an engine that does nothing does something wrong.
pub fn typing(plan: &Plan, engine: &Nothing) -> Measured {
    let end = Time::ZERO + plan.scenario.duration;
    let halfway = QUIET_UNTIL + (end - QUIET_UNTIL).scale(1, 2);
    let mut sandbox = Uncounted;
    let mut world = World::new(plan, engine, &mut sandbox, CpuMode::Counted);
    let ok = "an engine that does nothing does nothing wrong";
    world.begin().expect(ok);
    world.advance(QUIET_UNTIL, &mut |_| {}).expect(ok);
    let before = world.events();
    let started = processor_time();
    world.advance(halfway, &mut |_| {}).expect(ok);
    let depth = world.queued();
    world.advance(end, &mut |_| {}).expect(ok);
    let took = processor_time() - started;
    Measured { took, events: world.events() - before, depth }
}
