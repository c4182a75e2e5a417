//! Where engine code runs: a fresh thread with a `madsim` runtime on it, which
//! makes entropy, `Instant` and `SystemTime` virtual and seeded.

use std::thread;
use std::time::Duration;

use deadzone_core::sandbox::{Reading, Sandbox};
use deadzone_core::time::{Span, Time};
use madsim::runtime::Runtime;
use rustix::time::{ClockId, clock_gettime};

use crate::counters::Counts;

/// Deep documents recurse deeply in every engine, and a debug build's frames
/// are large.
const STACK_BYTES: usize = 256 << 20;

/// Runs `code` on a fresh thread inside a `madsim` runtime with this seed.
///
/// The keys of std's hash maps are drawn once per thread, so that a thread
/// which has hashed before would not be deterministic.
///
/// # Panics
/// If the thread cannot be started, or if `code` panics.
pub fn with_sandbox<T: Send>(seed: u64, code: impl FnOnce(&mut Metered) -> T + Send) -> T {
    on_fresh_thread(seed, async move || code(&mut Metered::new(true)))
}

/// The same for code that waits for others of the runtime's tasks. With
/// `moves_clock`, [`Sandbox::advance_to`] moves the runtime's clock; without it the
/// clock moves by itself, as those tasks wait.
///
/// # Panics
/// As [`with_sandbox`].
pub fn with_runtime<T: Send>(
    seed: u64,
    moves_clock: bool,
    code: impl AsyncFnOnce(&mut Metered) -> T + Send,
) -> T {
    on_fresh_thread(seed, async move || code(&mut Metered::new(moves_clock)).await)
}

fn on_fresh_thread<T: Send>(seed: u64, code: impl AsyncFnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let run = move || {
            let runtime = Runtime::with_seed_and_config(seed, madsim::Config::default());
            runtime.block_on(code())
        };
        let thread = thread::Builder::new()
            .name("sandbox".to_owned())
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, run)
            .expect("a thread can be started");
        thread.join().unwrap_or_else(|payload| std::panic::resume_unwind(payload))
    })
}

/// The real monotonic clock in nanoseconds, also inside the sandbox, where
/// `Instant` is virtual.
pub fn wall_time_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// The meter and the virtual clock of a sandbox.
#[derive(Debug)]
pub struct Metered {
    moves_clock: bool,
    now: Time,
    before: Counts,
    wall_before_ns: u64,
    wall_total_ns: u64,
}

impl Metered {
    fn new(moves_clock: bool) -> Self {
        let (now, before) = (Time::ZERO, Counts::default());
        Self { moves_clock, now, before, wall_before_ns: 0, wall_total_ns: 0 }
    }

    /// Wall time between [`Sandbox::start`] and [`Sandbox::stop`] so far, in
    /// nanoseconds.
    pub fn wall_total_ns(&self) -> u64 {
        self.wall_total_ns
    }
}

impl Sandbox for Metered {
    fn start(&mut self) {
        Counts::restart_peak();
        self.wall_before_ns = wall_time_ns();
        self.before = Counts::now();
    }

    fn stop(&mut self) -> Reading {
        let after = Counts::now();
        let before = self.before;
        let wall_ns = wall_time_ns() - self.wall_before_ns;
        self.wall_total_ns += wall_ns;
        Reading {
            blocks: after.blocks - before.blocks,
            allocations: after.allocations - before.allocations,
            allocated_bytes: after.bytes - before.bytes,
            live_change_bytes: after.live - before.live,
            peak_bytes: u64::try_from(after.peak - before.live).unwrap_or(0),
            wall_ns,
        }
    }

    fn blocks(&self) -> u64 {
        Counts::now().blocks
    }

    fn advance_to(&mut self, now: Time) {
        let span = now - self.now;
        if self.moves_clock && span > Span::ZERO {
            madsim::time::advance(Duration::from_nanos(span.as_nanos()));
            self.now = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::hash_map::RandomState;
    use std::hash::BuildHasher;
    use std::time::Instant;

    use super::*;

    #[test]
    fn hash_seeds_repeat() {
        let hash = |seed| with_sandbox(seed, |_| RandomState::new().hash_one(1));
        assert_eq!(hash(1), hash(1));
        assert_ne!(hash(1), hash(2));
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "this is what engines do")]
    fn clocks_are_virtual() {
        with_sandbox(1, |sandbox| {
            let before = Instant::now();
            thread::yield_now();
            assert_eq!(before.elapsed(), Duration::ZERO);
            sandbox.advance_to(Time::from_nanos(5_000_000_000));
            assert_eq!(before.elapsed(), Duration::from_secs(5));
        });
    }

    #[test]
    fn a_reading_holds_what_happened_between() {
        with_sandbox(1, |sandbox| {
            sandbox.start();
            deadzone_meter_probe::call(1_000);
            let kept = vec![0_u8; 10_000];
            let reading = sandbox.stop();
            assert_eq!(reading.blocks > 0, cfg!(metered));
            assert_eq!(reading.live_change_bytes, 10_000);
            assert_eq!(reading.peak_bytes, 10_000);
            drop(kept);
        });
    }
}
