//! The event loop with an engine that does nothing, beside a bare binary heap
//! that turns over as many events at the same depth; and the memory of an idle
//! device.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the wall clock")]

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use deadzone_benches::{
    DEVICE_BYTES_MAX, Nothing, QUIET_UNTIL, WORK_UNTIL, bytes_per_idle_device, fleet,
};
use deadzone_core::plan::Plan;
use deadzone_core::record::CpuMode;
use deadzone_core::rng::Stream;
use deadzone_core::sandbox::Uncounted;
use deadzone_core::world::World;
use deadzone_meter::CountingAllocator;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// So many devices.
const DEVICES: u32 = 10_000;

/// The loop should turn over at least this share of the heap's events, in per
/// cent.
const RATE_PERCENT_MIN: u64 = 40;

/// How often both are measured for the summary, by turns.
const ROUNDS: usize = 9;

/// What the last fifteen seconds of virtual time took.
#[derive(Clone, Copy, Debug)]
struct Measured {
    took: Duration,
    events: u64,
    /// How many events waited in the queue halfway.
    depth: usize,
}

impl Measured {
    fn events_per_second(&self) -> u64 {
        (u128::from(self.events) * 1_000_000_000 / self.took.as_nanos().max(1)) as u64
    }
}

/// The world from the moment when everybody begins to type. What comes before,
/// and making the world, is not in it.
fn world(plan: &Plan, engine: &Nothing) -> Measured {
    let mut sandbox = Uncounted;
    let mut world = World::new(plan, engine, &mut sandbox, CpuMode::Counted);
    let halfway = QUIET_UNTIL + (WORK_UNTIL - QUIET_UNTIL).scale(1, 2);
    let ok = "an engine that does nothing does nothing wrong";
    world.begin().expect(ok);
    world.advance(QUIET_UNTIL, &mut |_| {}).expect(ok);
    let before = world.events();
    let started = Instant::now();
    world.advance(halfway, &mut |_| {}).expect(ok);
    let depth = world.queued();
    world.advance(WORK_UNTIL, &mut |_| {}).expect(ok);
    let took = started.elapsed();
    Measured { took, events: world.events() - before, depth }
}

/// A bare heap at a depth of `depth`: takes the next event and puts in another
/// one, later by up to a virtual second.
fn heap(depth: usize, events: u64) -> Measured {
    const SECOND: u64 = 1_000_000_000;
    let mut draws = Stream::root(1).named("heap").draws();
    let mut heap: BinaryHeap<Reverse<(u64, u64, u64)>> = (0..depth as u64)
        .map(|sequence| Reverse((draws.below(SECOND), sequence, sequence)))
        .collect();
    let started = Instant::now();
    for sequence in 0..events {
        let Reverse((at, _, payload)) = heap.pop().expect("its depth does not change");
        let payload = black_box(payload);
        heap.push(Reverse((at + draws.below(SECOND), depth as u64 + sequence, payload)));
    }
    let took = started.elapsed();
    Measured { took, events, depth: heap.len() }
}

/// The one in the middle by rate.
fn median(mut measured: Vec<Measured>) -> Measured {
    measured.sort_by_key(Measured::events_per_second);
    measured[measured.len() / 2]
}

fn summarize(plan: &Plan) {
    let said = |met| if met { "met" } else { "NOT met" };
    let silent = Nothing::default();
    let chatty = Nothing { message_bytes: Some(64) };
    let (mut worlds, mut heaps, mut chats) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let measured = world(plan, &silent);
        heaps.push(heap(measured.depth, measured.events));
        worlds.push(measured);
        chats.push(world(plan, &chatty));
    }
    let (world, heap, chat) = (median(worlds), median(heaps), median(chats));
    for (name, measured) in [("world", world), ("bare heap", heap), ("world, messages", chat)] {
        println!(
            "{name:16} {:>9} events/s ({} ns each, {} events, {} waiting)",
            measured.events_per_second(),
            measured.took.as_nanos() / u128::from(measured.events.max(1)),
            measured.events,
            measured.depth,
        );
    }
    let percent = world.events_per_second() * 100 / heap.events_per_second().max(1);
    println!(
        "event loop: {percent} % of a bare heap's events per second, at {DEVICES} devices; \
         target at least {RATE_PERCENT_MIN} %: {}",
        said(percent >= RATE_PERCENT_MIN)
    );
    let bytes = bytes_per_idle_device(plan);
    println!(
        "idle device: {bytes} bytes, at {DEVICES} devices; target at most {DEVICE_BYTES_MAX}: {}",
        said(bytes <= DEVICE_BYTES_MAX)
    );
}

fn main() {
    let plan = fleet(DEVICES);
    let mut criterion = Criterion::default().configure_from_args();
    let first = world(&plan, &Nothing::default());
    let mut group = criterion.benchmark_group("event_loop");
    group.sample_size(10).throughput(Throughput::Elements(first.events));
    let times = |iterations: u64, one: &dyn Fn() -> Measured| {
        (0..iterations).map(|_| one().took).sum::<Duration>()
    };
    group.bench_function(format!("world/devices={DEVICES}"), |bencher| {
        bencher.iter_custom(|n| times(n, &|| world(&plan, &Nothing::default())));
    });
    group.bench_function(format!("heap/devices={DEVICES}"), |bencher| {
        bencher.iter_custom(|n| times(n, &|| heap(first.depth, first.events)));
    });
    group.finish();
    summarize(&plan);
    criterion.final_summary();
}
