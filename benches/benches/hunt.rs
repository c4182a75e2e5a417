//! How many small worlds a second one core goes through, with the oracles that
//! run on every world: three replicas, 30 edits, and some ten exchanges.
//!
//! Rebuilds run on one seed of four, as in a hunt. Names of engines on the command
//! line leave the others out.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the wall clock")]

use std::env;
use std::time::{Duration, Instant};

use deadzone_adapter_automerge::Automerge;
use deadzone_adapter_baselines::Reference;
use deadzone_adapter_loro::Loro;
use deadzone_adapter_yrs::Yrs;
use deadzone_benches::as_in_a_worker;
use deadzone_core::engine::Engine;
use deadzone_core::hunt::{Weights, schedule};
use deadzone_core::replay::{Ending, run};
use deadzone_core::scenario::{Counts, HuntScenario, Scenario};
use deadzone_meter::{CountingAllocator, with_sandbox};
use deadzone_worker::session::scrutiny_of;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// The world of the target: three replicas that make 30 edits.
const REPLICAS: u32 = 3;
const EDITS: u32 = 30;

/// The engines, how many worlds each goes through, and the worlds a second that
/// it should reach.
fn lanes() -> Vec<(Box<dyn Engine>, u64, u64)> {
    vec![
        (Box::new(Reference), 4_000, 2_000),
        (Box::new(Yrs::default()), 2_000, 300),
        (Box::new(Loro), 1_000, 300),
        (Box::new(Automerge), 1_000, 300),
    ]
}

fn scenario() -> HuntScenario {
    let file = deadzone_scenarios::find("everything").expect("a stock hunt");
    let Scenario::Hunt(scenario) = file.scenario() else { panic!("a stock hunt is a hunt") };
    let exactly = |count| Counts { at_least: count, at_most: count };
    HuntScenario { replicas: exactly(REPLICAS), edits: exactly(EDITS), ..scenario }
}

fn main() {
    as_in_a_worker();
    let asked: Vec<String> = env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let scenario = scenario();
    println!("| engine | worlds | edits | a second | target | in schedules |");
    println!("|---|--:|--:|--:|--:|--:|");
    for (engine, worlds, target) in lanes() {
        let info = engine.info();
        if !asked.is_empty() && !asked.iter().any(|name| name == info.name) {
            continue;
        }
        let weights = Weights::default();
        let started = Instant::now();
        let mut generating = Duration::ZERO;
        let mut edits = 0;
        let mut failed = 0;
        for seed in 0..worlds {
            let before = Instant::now();
            let schedule = schedule(&scenario, &info, seed, &weights);
            generating += before.elapsed();
            let replayed = with_sandbox(seed, |sandbox| {
                let replayed = run(&schedule, engine.as_ref(), sandbox, scrutiny_of(seed));
                (replayed.observed.made.len(), matches!(replayed.ending, Ending::Violated(_)))
            });
            edits += replayed.0;
            failed += u32::from(replayed.1);
        }
        let took = started.elapsed();
        let rate = u128::from(worlds) * 1_000_000_000 / took.as_nanos().max(1);
        let share = generating.as_nanos() * 100 / took.as_nanos().max(1);
        println!("| {} | {worlds} | {edits} | {rate} | {target} | {share} % |", info.name);
        if failed > 0 {
            println!("{}: {failed} worlds failed", info.name);
        }
    }
}
