//! First safety, then liveness: whatever a plan takes away, it gives back.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::scenes::any_scenario;
use crate::plan::{Nodes, Plan, PlanAction, generate};
use crate::time::Time;
use crate::workload::Traces;

/// What is amiss after all steps; every step must make sense where it stands.
#[derive(Default, Debug, PartialEq)]
struct Amiss {
    links: BTreeSet<(u32, u32)>,
    obstacles: BTreeSet<u32>,
    down: BTreeSet<u32>,
    clocks: BTreeMap<u32, i64>,
}

fn amiss_after(plan: &Plan) -> Amiss {
    let mut amiss = Amiss::default();
    for step in &plan.steps {
        match &step.what {
            PlanAction::Edit { edits, .. } => assert!(!edits.is_empty()),
            PlanAction::Link { device, link, up: false } => {
                assert!(amiss.links.insert((device.0, *link)), "away twice");
            }
            PlanAction::Link { device, link, up: true } => {
                assert!(amiss.links.remove(&(device.0, *link)), "back twice");
            }
            PlanAction::Obstruct { id, .. } => assert!(amiss.obstacles.insert(*id)),
            PlanAction::Clear { id } => assert!(amiss.obstacles.remove(id)),
            PlanAction::Crash { device, .. } => {
                amiss.down.insert(device.0);
            }
            PlanAction::Start { device } => assert!(amiss.down.remove(&device.0), "never down"),
            PlanAction::Clock { device, by_milliseconds } => {
                *amiss.clocks.entry(device.0).or_default() += by_milliseconds;
            }
        }
    }
    amiss.clocks.retain(|_, off| *off != 0);
    amiss
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn everything_heals_in_time(scenario in any_scenario(), seed: u64) {
        let plan = generate(&scenario, seed, &Traces::default()).unwrap();
        let end = Time::ZERO + scenario.duration;
        prop_assert!(plan.steps.windows(2).all(|pair| pair[0].at <= pair[1].at), "not in order");
        prop_assert!(plan.steps.iter().all(|step| step.at <= end), "too late");
        let devices = Nodes::new(&scenario).devices();
        for step in &plan.steps {
            if let PlanAction::Edit { device, .. } = step.what {
                prop_assert!(step.at < end && device.0 < devices);
            }
        }
        prop_assert_eq!(amiss_after(&plan), Amiss::default());
    }

    #[test]
    fn the_same_seed_gives_the_same_plan(scenario in any_scenario(), seed: u64) {
        let plan = || generate(&scenario, seed, &Traces::default()).unwrap();
        let (one, other) = (plan(), plan());
        prop_assert_eq!(one.digest(), other.digest());
        let json = serde_json::to_string(&one).unwrap();
        prop_assert_eq!(serde_json::from_str::<Plan>(&json).unwrap(), one);
    }
}
