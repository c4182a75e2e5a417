//! The event loop with an engine that does nothing, beside a bare binary heap
//! that turns over as many events at the same depth; and the memory of an idle
//! device.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::time::Duration;

use criterion::{Criterion, Throughput};
use deadzone_benches::{
    DEVICE_BYTES_MAX, Measured, Nothing, as_in_a_worker, bytes_per_idle_device, fleet, heap, typing,
};
use deadzone_core::plan::Plan;
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

fn summarize(plan: &Plan) {
    let said = |met| if met { "met" } else { "NOT met" };
    let silent = Nothing::default();
    let chatty = Nothing { message_bytes: Some(64) };
    let (mut worlds, mut heaps, mut chats) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let measured = typing(plan, &silent);
        heaps.push(heap(measured.depth, measured.events));
        worlds.push(measured);
        chats.push(typing(plan, &chatty));
    }
    let (world, heap, chat) =
        (Measured::median(worlds), Measured::median(heaps), Measured::median(chats));
    for (name, measured) in [("world", world), ("bare heap", heap), ("world, messages", chat)] {
        println!(
            "{name:16} {:>9} events/s ({} ns each, {} events, {} waiting)",
            measured.per_second(),
            measured.took.as_nanos() / u128::from(measured.events.max(1)),
            measured.events,
            measured.depth,
        );
    }
    let percent = world.per_second() * 100 / heap.per_second().max(1);
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
    as_in_a_worker();
    let plan = fleet(DEVICES);
    let mut criterion = Criterion::default().configure_from_args();
    let first = typing(&plan, &Nothing::default());
    let mut group = criterion.benchmark_group("event_loop");
    group.sample_size(10).throughput(Throughput::Elements(first.events));
    let times = |iterations: u64, one: &dyn Fn() -> Measured| {
        (0..iterations).map(|_| one().took).sum::<Duration>()
    };
    group.bench_function(format!("world/devices={DEVICES}"), |bencher| {
        bencher.iter_custom(|n| times(n, &|| typing(&plan, &Nothing::default())));
    });
    group.bench_function(format!("heap/devices={DEVICES}"), |bencher| {
        bencher.iter_custom(|n| times(n, &|| heap(first.depth, first.events)));
    });
    group.finish();
    summarize(&plan);
    criterion.final_summary();
}
