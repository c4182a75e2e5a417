//! The world of `event_loop` as its fleet grows: phones behind one relay, that
//! do nothing, or whose people type.

use std::time::Duration;

use deadzone_benches::{
    Measured, Nothing, QUIET_UNTIL, bytes_per_idle_device, fleet_typing_for, heap, processor_time,
    typing,
};
use deadzone_core::plan::Plan;
use deadzone_core::record::CpuMode;
use deadzone_core::sandbox::Uncounted;
use deadzone_core::time::Span;
use deadzone_core::world::World;

use crate::target::Target;
use crate::words::{count, time};

const SIZES: [u32; 4] = [100, 1_000, 10_000, 100_000];

/// Where the targets are held to, and what the rate is compared with.
const LARGE: u32 = 100_000;
const SMALL: u32 = 1_000;

/// So many devices in so many bytes.
const LARGE_BYTES_MAX: u64 = 200_000_000;

/// The least rate at [`LARGE`], as a share of that at [`SMALL`].
const RATE_SHARE_MIN: f64 = 1.0 / 3.0;

/// Device-seconds of typing in a plan: about three times as many edits, however
/// large the fleet is.
const DEVICE_SECONDS: u64 = 400_000;

/// How often each is measured, by turns.
const ROUNDS: usize = 3;

const HOUR: Span = Span::from_secs(3_600);

/// One size.
#[derive(Clone, Copy, Debug)]
struct Row {
    devices: u32,
    device_bytes: u64,
    /// Typing, and nothing is sent.
    silent: Measured,
    /// Typing, and each phone sends what was typed to the relay.
    sending: Measured,
    /// A bare heap as deep as the queue of the silent world.
    heap: Measured,
    /// Virtual time of the typing.
    span: Duration,
    /// Time for an hour in which nobody types.
    idle_hour: Duration,
}

impl Row {
    fn measure(devices: u32) -> Self {
        let span = Span::from_secs((DEVICE_SECONDS / u64::from(devices)).max(1));
        let plan = fleet_typing_for(devices, span);
        let (mut silents, mut sendings, mut heaps) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            silents.push(typing(&plan, &Nothing::default()));
            let Measured { events, depth, .. } = silents[round];
            heaps.push(heap(depth, events));
            sendings.push(typing(&plan, &Nothing { message_bytes: Some(64) }));
        }
        Self {
            devices,
            device_bytes: bytes_per_idle_device(&plan).max(0) as u64,
            silent: Measured::median(silents),
            sending: Measured::median(sendings),
            heap: Measured::median(heaps),
            span: Duration::from_nanos(span.as_nanos()),
            idle_hour: idle_hour(plan),
        }
    }

    /// Time for a virtual hour in which everybody types.
    fn hour(&self) -> Duration {
        self.sending.took.mul_f64(3_600.0 / self.span.as_secs_f64())
    }

    fn bytes(&self) -> u64 {
        self.device_bytes * u64::from(self.devices)
    }
}

/// What an hour takes after everybody has connected, if nobody does anything.
fn idle_hour(mut plan: Plan) -> Duration {
    plan.steps.clear();
    let engine = Nothing::default();
    let mut sandbox = Uncounted;
    let mut world = World::new(&plan, &engine, &mut sandbox, CpuMode::Counted);
    let ok = "an engine that does nothing does nothing wrong";
    world.begin().expect(ok);
    world.advance(QUIET_UNTIL, &mut |_| {}).expect(ok);
    let started = processor_time();
    world.advance(QUIET_UNTIL + HOUR, &mut |_| {}).expect(ok);
    processor_time() - started
}

/// All sizes.
#[derive(Clone, Debug)]
pub(crate) struct Fleets {
    rows: Vec<Row>,
}

impl Fleets {
    /// Runs all.
    pub(crate) fn measure() -> Self {
        Self { rows: SIZES.iter().map(|devices| Row::measure(*devices)).collect() }
    }

    /// Rates, times and memory.
    pub(crate) fn print(&self) {
        println!(
            "| devices | bare heap, turns/s | typing, events/s | typing and sending, events/s \
             | an hour of typing and sending | an idle hour | bytes for each idle device \
             | all together |\n|---:|---:|---:|---:|---:|---:|---:|---:|"
        );
        for row in &self.rows {
            println!(
                "| {} | {} | {} | {} | {} | {} | {} | {:.1} MB |",
                count(u64::from(row.devices)),
                count(row.heap.per_second()),
                count(row.silent.per_second()),
                count(row.sending.per_second()),
                time(row.hour()),
                time(row.idle_hour),
                row.device_bytes,
                row.bytes() as f64 / 1e6,
            );
        }
    }

    /// How large and how slow the largest fleet may be.
    pub(crate) fn targets(&self) -> Vec<Target> {
        let at = |devices: u32| {
            let row = self.rows.iter().find(|row| row.devices == devices);
            row.expect("targets are at sizes that are measured")
        };
        let (small, large) = (at(SMALL), at(LARGE));
        let share = |of: fn(&Row) -> Measured| {
            of(large).per_second() as f64 / of(small).per_second().max(1) as f64
        };
        vec![
            Target::at_most_bytes("100,000 idle devices: memory", large.bytes(), LARGE_BYTES_MAX),
            Target::share_at_least(
                "typing: events per second at 100,000 devices to those at 1,000",
                share(|row| row.silent),
                RATE_SHARE_MIN,
            ),
            Target::share_at_least("the same, sending", share(|row| row.sending), RATE_SHARE_MIN),
        ]
    }
}
