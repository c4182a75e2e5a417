//! What the harness costs beside the engines in the curated scenarios: wall
//! time outside of engine calls by event, and the share inside.
//!
//! `cargo bench --bench overhead -- NAME…` takes only scenarios and engines
//! whose names hold one of these.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::env::args;

use deadzone_benches::{ENGINES, as_in_a_worker, engine};
use deadzone_core::plan::{Plan, generate};
use deadzone_core::record::{CpuMode, Outcome};
use deadzone_core::scenario::Scenario;
use deadzone_core::workload::Traces;
use deadzone_core::world;
use deadzone_meter::{CountingAllocator, is_instrumented, wall_time_ns, with_sandbox};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// The most that an event may cost beside the engine.
const BESIDE_NS_MAX: u64 = 1_500;

/// At least this share of the wall time should be inside these engines.
const INSIDE_PERCENT_MIN: u64 = 90;
const HELD_TO_SHARE: [&str; 2] = ["automerge", "loro"];

/// How often each is run; the one with the least time beside the engine counts.
const ROUNDS: usize = 3;

const SEED: u64 = 1;

struct Measured {
    events: u64,
    wall_ns: u64,
    inside_ns: u64,
    audit: String,
    outcome: Outcome,
}

impl Measured {
    fn beside_ns(&self) -> u64 {
        self.wall_ns - self.inside_ns
    }
}

/// As a worker of `deadzone run` does it.
fn measure(plan: &Plan, name: &str) -> Measured {
    let engine = engine(name);
    with_sandbox(plan.seed, |sandbox| {
        let before = wall_time_ns();
        let record = world::run(plan, engine.as_ref(), sandbox, CpuMode::Counted, &mut |_| {});
        let wall_ns = wall_time_ns() - before;
        Measured {
            events: record.events,
            wall_ns,
            inside_ns: sandbox.wall_total_ns(),
            audit: record.audit,
            outcome: record.verdict.outcome,
        }
    })
}

fn plans() -> Vec<Plan> {
    let mut plans = Vec::new();
    for file in deadzone_scenarios::curated() {
        let mut scenario = file.scenario();
        deadzone_scenarios::use_synthetic_traces(&mut scenario);
        let Scenario::World(world) = scenario else { continue };
        plans.push(generate(&world, SEED, &Traces::default()).expect("a test plans every one"));
    }
    plans
}

fn report(plan: &Plan, name: &str, rounds: usize) -> Measured {
    let measured = (0..rounds).map(|_| measure(plan, name));
    let best = measured.min_by_key(Measured::beside_ns).expect("there is a round");
    let beside = best.beside_ns() / best.events.max(1);
    let inside_permille = best.inside_ns * 1_000 / best.wall_ns.max(1);
    let held = HELD_TO_SHARE.contains(&name);
    println!(
        "{:20} {name:10} {:>8} {:>9.1} {beside:>8} {:>7} {:>7}.{} {:>7}  {} {:?}",
        plan.scenario.name,
        best.events,
        best.wall_ns as f64 / 1e6,
        verdict(beside <= BESIDE_NS_MAX),
        inside_permille / 10,
        inside_permille % 10,
        if held { verdict(inside_permille >= INSIDE_PERCENT_MIN * 10) } else { "-" },
        best.audit,
        best.outcome,
    );
    best
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "NOT met" }
}

fn main() {
    as_in_a_worker();
    let (flags, names): (Vec<_>, Vec<_>) = args().skip(1).partition(|arg| arg.starts_with('-'));
    // `cargo test` runs benches too, without this flag: once, to see that it works.
    let rounds = if flags.iter().any(|flag| flag == "--bench") { ROUNDS } else { 1 };
    let chosen = |text: &str| names.iter().any(|name| text.contains(name.as_str()));
    let any_scenario = !plans().iter().any(|plan| chosen(&plan.scenario.name));
    let any_engine = !ENGINES.iter().any(|engine| chosen(engine));
    if !is_instrumented() {
        println!("blocks are not counted in this build: CPU work is allocations alone");
    }
    println!(
        "{:20} {:10} {:>8} {:>9} {:>8} {:>7} {:>9} {:>7}  audit",
        "scenario", "engine", "events", "wall ms", "ns/event", "<=1500", "inside %", ">=90"
    );
    for plan in plans().iter().filter(|plan| any_scenario || chosen(&plan.scenario.name)) {
        for name in ENGINES.into_iter().filter(|name| any_engine || chosen(name)) {
            report(plan, name, rounds);
        }
    }
}
