//! Whether a real kernel agrees with our own event loop: the same plans over the
//! sockets of Linux, with `tc netem` between network namespaces.
//!
//! Needs root and a kernel with `sch_netem`, and says so where they are not there. It
//! takes as long as people and links do while something is under way: an hour or so.
//! `kernel SCENARIO…` runs those alone.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::num::NonZeroUsize;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use deadzone_benches::agreement::{
    Case, TIMES, engines, middle, milliseconds, named, off_permille, on, per_cent,
};
use deadzone_core::engine::Engine;
use deadzone_core::plan::Plan;
use deadzone_core::record::RunRecord;
use deadzone_meter::CountingAllocator;
use deadzone_simulators::{Simulator, limits};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// A run has few heals, and what is lost on a link is drawn: of so many seeds the one
/// in the middle counts.
const SEEDS: u64 = 3;

/// So many at a time for each processor: mostly they wait for the clock.
const RUNS_PER_PROCESSOR: usize = 4;

/// So far the middle one of the errors may be from ours, in per cent.
const ERROR_PERCENT_MAX: u128 = 10;

/// One plan on one engine, here and there.
struct Pair {
    simulated: RunRecord,
    real: RunRecord,
}

/// All engines with all seeds, some at a time: the pairs of each engine.
fn pairs(case: &Case) -> Vec<Vec<Pair>> {
    let plans: Vec<Plan> = (1..=SEEDS).map(|seed| case.plan(seed)).collect();
    let engines = engines();
    let jobs: Vec<_> =
        engines.iter().flat_map(|engine| plans.iter().map(move |plan| (engine, plan))).collect();
    let results: Vec<OnceLock<Pair>> = jobs.iter().map(|_| OnceLock::new()).collect();
    let next = AtomicUsize::new(0);
    let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    thread::scope(|scope| {
        for _ in 0..processors * RUNS_PER_PROCESSOR {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some((engine, plan)) = jobs.get(number) else { return };
                    let engine = engine.as_ref();
                    let simulated = on(Simulator::Event, plan, engine);
                    let real = on(Simulator::Kernel, plan, engine);
                    let _ = results[number].set(Pair { simulated, real });
                }
            });
        }
    });
    let mut results = results.into_iter().map(|pair| pair.into_inner().expect("all were run"));
    engines.iter().map(|_| results.by_ref().take(plans.len()).collect()).collect()
}

/// The cells of a row, and how far convergence is from ours.
fn row(case: &Case, engine: &dyn Engine, pairs: Vec<Pair>) -> (Vec<String>, Option<u128>) {
    let mut cells = vec![case.label.clone(), engine.info().name.to_owned()];
    let (ours, theirs): (Vec<RunRecord>, Vec<RunRecord>) =
        pairs.into_iter().map(|Pair { simulated, real }| (simulated, real)).unzip();
    let mut error = None;
    for histogram in TIMES {
        cells.extend([&ours, &theirs].map(|records| milliseconds(records, histogram)));
        let both = middle(&ours, histogram).zip(middle(&theirs, histogram));
        let off = both.map(|(ours, theirs)| off_permille(ours, theirs));
        cells.push(off.map_or_else(|| "–".to_owned(), per_cent));
        error = off.map(i128::unsigned_abs);
    }
    let converged = theirs.iter().filter(|record| record.verdict.converged).count();
    cells.push(format!("{converged} of {}", theirs.len()));
    (cells, error)
}

fn main() {
    if let Err(error) = Simulator::Kernel.check() {
        println!("skipped: {error}");
        return;
    }
    let mut cases = named();
    if cases.is_empty() {
        cases = Case::curated();
    }
    println!(
        "| scenario | engine | seen: simulated | kernel | error | equal: simulated | kernel | \
         error | converged |"
    );
    println!("|---|---|--:|--:|--:|--:|--:|--:|--:|");
    let mut errors = Vec::new();
    for case in &cases {
        if let Err(refusal) = limits(Simulator::Kernel, &case.plan(1)) {
            println!("\n{}: {refusal}\n", case.label);
            continue;
        }
        for (engine, pairs) in engines().iter().zip(pairs(case)) {
            let (cells, error) = row(case, engine.as_ref(), pairs);
            println!("| {} |", cells.join(" | "));
            errors.extend(error);
        }
    }
    errors.sort_unstable();
    if let Some(&middle) = errors.get(errors.len() / 2) {
        let verdict = if middle <= ERROR_PERCENT_MAX * 10 { "met" } else { "NOT met" };
        println!(
            "\nmedian error of convergence time over {} rows: {}.{} % (at most \
             {ERROR_PERCENT_MAX} %: {verdict})",
            errors.len(),
            middle / 10,
            middle % 10
        );
    }
}
