//! Another device, group or fault shifts nobody else's draws.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::scenes::{any_scenario, any_workload, fault, group, names, tunnels};
use crate::plan::{Nodes, Plan, PlanAction, generate};
use crate::scenario::{FaultKind, Group, WorldScenario};
use crate::time::Time;
use crate::workload::Traces;

/// What each device does and suffers, by group and number in it.
fn by_device(plan: &Plan) -> BTreeMap<(String, usize), Vec<(Time, String)>> {
    let nodes = Nodes::new(&plan.scenario);
    let mut devices: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (place, group) in plan.scenario.fleet.iter().enumerate() {
        for (number, node) in nodes.group(place).enumerate() {
            let own = plan.steps.iter().filter_map(|step| {
                let what = match &step.what {
                    PlanAction::Edit { device, edits } if *device == node => {
                        serde_json::to_string(edits).unwrap()
                    }
                    PlanAction::Link { device, link, up } if *device == node => {
                        format!("{link} {up}")
                    }
                    _ => return None,
                };
                Some((step.at, what))
            });
            devices.insert((group.name.clone(), number), own.collect());
        }
    }
    devices
}

fn plan(scenario: &WorldScenario, seed: u64) -> Plan {
    generate(scenario, seed, &Traces::default()).unwrap()
}

/// When things happen that faults do.
fn fault_times(plan: &Plan) -> Vec<Time> {
    let is_fault =
        |what: &PlanAction| !matches!(what, PlanAction::Edit { .. } | PlanAction::Link { .. });
    plan.steps.iter().filter(|step| is_fault(&step.what)).map(|step| step.at).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_change_leaves_others_alone(
        scenario in any_scenario(),
        workload in any_workload(),
        seed: u64,
        which in 0_usize..4,
    ) {
        let newcomer = Group { outages: Some(tunnels(&[])), ..group("new", 2, workload) };
        let mut changed = scenario.clone();
        match which {
            0 => changed.fleet.insert(0, newcomer),
            1 => changed.fleet.push(newcomer),
            2 => changed.fleet[0].count += 1,
            _ => {
                let swizzle = FaultKind::Swizzle { who: names(&["a", "relay"]) };
                changed.faults.insert(0, fault(1, 50, swizzle));
            }
        }
        let (before, after) = (plan(&scenario, seed), plan(&changed, seed));
        let devices = by_device(&after);
        for (device, steps) in by_device(&before) {
            prop_assert_eq!(&devices[&device], &steps, "{:?} changed", device);
        }
    }

    #[test]
    fn a_fault_leaves_other_faults_alone(seed: u64, at in 0_u64..100, lasts in 1_u64..100) {
        let quiet = crate::scenario::Workload::Idle;
        let mut scenario = super::scenes::scenario(0, vec![group("a", 9, quiet)]);
        let swizzle = || FaultKind::Swizzle { who: names(&["a"]) };
        scenario.faults = vec![fault(at, lasts, swizzle())];
        let alone = fault_times(&plan(&scenario, seed));
        scenario.faults.insert(0, fault(at, lasts + 1, swizzle()));
        let together = fault_times(&plan(&scenario, seed));
        prop_assert_eq!(together.len(), 2 * alone.len());
        prop_assert!(alone.iter().all(|time| together.contains(time)));
        // The very same fault twice is drawn twice.
        scenario.faults = vec![fault(at, lasts, swizzle()), fault(at, lasts, swizzle())];
        let twice = plan(&scenario, seed);
        let times = fault_times(&twice);
        prop_assert!(alone.iter().all(|time| times.contains(time)));
        prop_assert!(times.windows(5).any(|five| five[0] != five[4]));
    }

    #[test]
    fn seeds_make_a_difference(seed: u64) {
        let typing = crate::scenario::Workload::Typing(super::scenes::typing(50));
        let scenario = super::scenes::scenario(0, vec![group("a", 2, typing)]);
        let (one, other) = (plan(&scenario, seed), plan(&scenario, seed.wrapping_add(1)));
        prop_assert_ne!(by_device(&one), by_device(&other));
        let devices = by_device(&one);
        prop_assert_ne!(&devices[&("a".to_owned(), 0)], &devices[&("a".to_owned(), 1)]);
    }
}
