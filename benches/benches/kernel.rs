//! Whether a real kernel agrees with our own event loop: the same plans over the
//! sockets of Linux, with `tc netem` between network namespaces.
//!
//! Needs root and a kernel with `sch_netem`, and says so where they are not there. It
//! takes as long as people and links do while something is under way: an hour or so.
//! `kernel SCENARIO…` runs those alone, `--at-a-time=1` one after the other: where the
//! machine cannot keep up, the clock runs on, and edits are late.

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

/// As many as the user says.
fn at_a_time() -> usize {
    let said = std::env::args().find_map(|argument| {
        let number = argument.strip_prefix("--at-a-time=")?.to_owned();
        Some(number.parse().unwrap_or_else(|_| panic!("--at-a-time={number}: expected a number")))
    });
    said.unwrap_or(processors() * RUNS_PER_PROCESSOR)
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// One record for each seed.
type Records = Vec<RunRecord>;

/// The plans on all engines, so many at a time: the records of each engine.
fn records(simulator: Simulator, plans: &[Plan], at_a_time: usize) -> Vec<Records> {
    let engines = engines();
    let jobs: Vec<_> =
        engines.iter().flat_map(|engine| plans.iter().map(move |plan| (engine, plan))).collect();
    let records: Vec<OnceLock<RunRecord>> = jobs.iter().map(|_| OnceLock::new()).collect();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..at_a_time {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some((engine, plan)) = jobs.get(number) else { return };
                    let record = on(simulator, plan, engine.as_ref());
                    records[number].set(record).expect("a job is taken once");
                }
            });
        }
    });
    let mut records = records.into_iter().map(|it| it.into_inner().expect("all were run"));
    engines.iter().map(|_| records.by_ref().take(plans.len()).collect()).collect()
}

/// The cells of a row, and how far convergence is from ours; not where the machine
/// could not keep up with the clock.
fn row(
    case: &Case,
    engine: &dyn Engine,
    ours: &Records,
    theirs: &Records,
) -> (Vec<String>, Option<u128>) {
    let mut cells = vec![case.label.clone(), engine.info().name.to_owned()];
    let mut error = None;
    for histogram in TIMES {
        cells.extend([ours, theirs].map(|records| milliseconds(records, histogram)));
        let both = middle(ours, histogram).zip(middle(theirs, histogram));
        let off = both.map(|(ours, theirs)| off_permille(ours, theirs));
        cells.push(off.map_or_else(|| "–".to_owned(), per_cent));
        error = off.map(i128::unsigned_abs);
    }
    let count = |is: &dyn Fn(&&RunRecord) -> bool| theirs.iter().filter(is).count();
    let kept_up =
        count(&|record| !record.not_honoured.iter().any(|said| said.starts_with("time:")));
    for many in [count(&|record| record.verdict.converged), kept_up] {
        cells.push(format!("{many} of {}", theirs.len()));
    }
    (cells, error.filter(|_| kept_up == theirs.len()))
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
         error | converged | kept up |"
    );
    println!("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|");
    let mut errors = Vec::new();
    for case in &cases {
        if let Err(refusal) = limits(Simulator::Kernel, &case.plan(1)) {
            println!("\n{}: {refusal}\n", case.label);
            continue;
        }
        let plans: Vec<Plan> = (1..=SEEDS).map(|seed| case.plan(seed)).collect();
        // First, since they take the processor from whoever waits for the clock.
        let ours = records(Simulator::Event, &plans, processors());
        let theirs = records(Simulator::Kernel, &plans, at_a_time());
        for ((engine, ours), theirs) in engines().iter().zip(&ours).zip(&theirs) {
            let (cells, error) = row(case, engine.as_ref(), ours, theirs);
            println!("| {} |", cells.join(" | "));
            errors.extend(error);
        }
    }
    errors.sort_unstable();
    if let Some(&middle) = errors.get(errors.len() / 2) {
        let verdict = if middle <= ERROR_PERCENT_MAX * 10 { "met" } else { "NOT met" };
        println!(
            "\nmedian error of convergence time over {} rows that kept up: {}.{} % (at most \
             {ERROR_PERCENT_MAX} %: {verdict})",
            errors.len(),
            middle / 10,
            middle % 10
        );
    }
}
