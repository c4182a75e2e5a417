//! What a device takes that does nothing.

use deadzone_core::plan::Plan;
use deadzone_core::record::CpuMode;
use deadzone_core::sandbox::Uncounted;
use deadzone_core::world::World;
use deadzone_meter::Counts;

use crate::{Nothing, QUIET_UNTIL};

/// An idle device should take at most so many bytes.
pub const DEVICE_BYTES_MAX: i64 = 1_024;

/// Requested heap bytes that a device takes which has connected and then fallen
/// silent, its part of the relay, the network and the queue included. `plan` is
/// one of [`crate::fleet`].
///
/// Counts nothing unless the program's allocator is the meter's.
///
/// # Panics
/// If an engine that does nothing does something wrong.
pub fn bytes_per_idle_device(plan: &Plan) -> i64 {
    let devices: u32 = plan.scenario.fleet.iter().map(|group| group.count).sum();
    let mut sandbox = Uncounted;
    let engine = Nothing::default();
    let before = Counts::now().live;
    let mut world = World::new(plan, &engine, &mut sandbox, CpuMode::Counted);
    let ok = "an engine that does nothing does nothing wrong";
    world.begin().expect(ok);
    world.advance(QUIET_UNTIL, &mut |_| {}).expect(ok);
    (Counts::now().live - before) / i64::from(devices)
}
