//! The stock hunts on the reference CRDT: what their worlds reach, and that
//! they mostly do something.

use deadzone_adapter_baselines::Reference;
use deadzone_core::engine::{Delivery, Engine, EngineInfo};
use deadzone_core::hunt::{
    BLOCK, Coverage, Feature, Features, Operation, Relation, Weights, schedule, small_world,
};
use deadzone_core::replay::{Ending, Replayed, Scrutiny, run};
use deadzone_core::sandbox::Uncounted;
use deadzone_core::scenario::{HuntScenario, Scenario};
use deadzone_core::schedule::Schedule;
use proptest::prelude::*;

fn hunt(name: &str) -> HuntScenario {
    match deadzone_scenarios::find(name).expect("it is a stock hunt").scenario() {
        Scenario::Hunt(hunt) => hunt,
        other => panic!("{} is no hunt", other.name()),
    }
}

fn replay(engine: &dyn Engine, schedule: &Schedule) -> Replayed {
    let scrutiny = Scrutiny { rebuilds: schedule.seed.is_multiple_of(8), ..Scrutiny::default() };
    run(schedule, engine, &mut Uncounted, scrutiny)
}

/// What a range of seeds came to.
#[derive(Default)]
struct Searched {
    coverage: Coverage,
    steps: u64,
    skipped: u64,
    edits: u64,
    used: Features,
    /// Pairs seen by the end of each block.
    by_block: Vec<usize>,
}

/// # Panics
/// If a world does not hold.
fn search(scenario: &HuntScenario, seeds: u64, steered: bool) -> Searched {
    let engine = Reference;
    let info = engine.info();
    let mut searched = Searched::default();
    let mut weights = Weights::default();
    for seed in 0..seeds {
        if seed > 0 && seed % BLOCK == 0 {
            searched.by_block.push(searched.coverage.pairs_seen());
            if steered {
                weights = Weights::after(&searched.coverage);
            }
        }
        let world = small_world(scenario, &info, seed, &weights);
        let replayed = replay(&engine, &world.schedule);
        let name = &scenario.name;
        assert_eq!(replayed.ending, Ending::Held, "{name}, seed {seed}");
        searched.coverage.note(&replayed.observed);
        searched.steps += world.schedule.steps.len() as u64;
        searched.skipped += u64::from(replayed.skipped);
        searched.edits += replayed.observed.made.len() as u64;
        searched.used = searched.used.or(world.used);
    }
    searched.by_block.push(searched.coverage.pairs_seen());
    searched
}

/// The reference, if it had shallow snapshots.
fn with_all_deliveries() -> EngineInfo {
    let mut info = Reference.info();
    info.deliveries.push(Delivery::Shallow);
    info
}

#[test]
fn every_feature_is_used_within_500_seeds() {
    let (everything, info) = (hunt("everything"), with_all_deliveries());
    let mut used = Features::NONE;
    for seed in 0..500 {
        used = used.or(small_world(&everything, &info, seed, &Weights::default()).used);
    }
    let unused: Vec<&Feature> = Feature::ALL.iter().filter(|it| !used.has(**it)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

/// A feature that a hunt lists and that none of its worlds has is a mistake in
/// the file.
#[test]
fn every_feature_of_every_stock_hunt_is_used() {
    let info = with_all_deliveries();
    let mut all_unused = Vec::new();
    for file in deadzone_scenarios::hunts() {
        let scenario = hunt(file.name);
        let mut used = Features::NONE;
        for seed in 0..600 {
            used = used.or(small_world(&scenario, &info, seed, &Weights::default()).used);
        }
        let unused: Vec<Feature> =
            scenario.features.iter().copied().filter(|it| !used.has(*it)).collect();
        if !unused.is_empty() {
            all_unused.push(format!("{}: {unused:?}", file.name));
        }
    }
    assert!(all_unused.is_empty(), "{all_unused:#?}");
}

#[test]
fn few_steps_are_skipped_and_pairs_add_up() {
    let searched = search(&hunt("everything"), 2 * BLOCK, true);
    let Searched { steps, skipped, by_block, .. } = searched;
    assert!(skipped * 100 < steps * 15, "{skipped} of {steps} steps were skipped");
    assert!(by_block[1] > by_block[0], "{by_block:?}");
    assert!(by_block[0] > 300, "{by_block:?}");
}

#[test]
fn every_stock_hunt_holds_and_mostly_does_something() {
    for file in deadzone_scenarios::hunts() {
        let Searched { steps, skipped, edits, .. } = search(&hunt(file.name), 60, false);
        assert!(skipped * 100 < steps * 20, "{}: {skipped} of {steps}", file.name);
        assert!(edits > 60 * 5, "{}: {edits} edits", file.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Weights must not depend on how the seeds were split among jobs.
    #[test]
    fn coverage_adds_up_in_any_order(jobs in 1_usize..6, from: u32) {
        let (everything, engine) = (hunt("everything"), Reference);
        let info = engine.info();
        let mut whole = Coverage::default();
        let mut parts = vec![Coverage::default(); jobs];
        for number in 0..16_u64 {
            let seed = u64::from(from) + number;
            let schedule = schedule(&everything, &info, seed, &Weights::default());
            let observed = replay(&engine, &schedule).observed;
            whole.note(&observed);
            parts[number as usize % jobs].note(&observed);
        }
        let mut sum = Coverage::default();
        parts.iter().rev().for_each(|part| sum.add(part));
        prop_assert_eq!(Weights::after(&sum), Weights::after(&whole));
        prop_assert_eq!(sum.pairs_seen(), whole.pairs_seen());
        prop_assert_eq!(sum.new_pairs(), whole.new_pairs());
        prop_assert_eq!(sum.new_pairs(), 0);
    }
}

/// Which concurrent pairs each stock hunt reaches, with and without steering,
/// and what none of them does.
#[test]
#[ignore = "prints a table; run it with --nocapture"]
#[expect(clippy::print_stdout, reason = "the table is what it is for")]
fn table_of_pairs() {
    const SEEDS: u64 = 2_000;
    let mut all = Coverage::default();
    println!(
        "{:12} {:>6} {:>8} {:>8} {:>6} pairs by block",
        "hunt", "pairs", "unsteered", "edits", "skip"
    );
    for file in deadzone_scenarios::hunts() {
        let scenario = hunt(file.name);
        let plain = search(&scenario, SEEDS, false).coverage.pairs_seen();
        let searched = search(&scenario, SEEDS, true);
        println!(
            "{:12} {:>6} {plain:>8} {:>8} {:>5}% {:?}",
            file.name,
            searched.coverage.pairs_seen(),
            searched.edits,
            searched.skipped * 100 / searched.steps,
            searched.by_block
        );
        all.add(&searched.coverage);
    }
    for relation in Relation::ALL {
        let of: Vec<_> = all.pairs().filter(|(pair, _)| pair.relation == relation).collect();
        let seen = of.iter().filter(|(_, count)| *count > 0).count();
        println!("{}: {seen} of {}", relation.name(), of.len());
        for (pair, count) in of.iter().filter(|(_, count)| *count < 5) {
            println!("  {count} × {} + {}", pair.one.name(), pair.other.name());
        }
    }
    for operation in Operation::ALL {
        let of = all.pairs().filter(|(pair, _)| pair.one == *operation || pair.other == *operation);
        println!("{:20} {}", operation.name(), of.map(|(_, count)| count).sum::<u32>());
    }
}

/// How long generating takes: the time that the test itself takes, by 20,000.
#[test]
#[ignore = "measures; run it in the release profile"]
fn twenty_thousand_schedules() {
    let (everything, info) = (hunt("everything"), with_all_deliveries());
    let steps = (0..20_000)
        .map(|seed| schedule(&everything, &info, seed, &Weights::default()).steps.len())
        .sum::<usize>();
    assert!(steps > 0);
}
