//! What single faults become.

use super::scenes::{fault, group, mesh, names, relay, scenario};
use crate::plan::{Nodes, PlanAction, PlanError, generate};
use crate::scenario::{Fault, FaultKind, Topology, Workload, WorldScenario};
use crate::time::Span;
use crate::workload::Traces;

/// Groups `a` (devices 0 to 2) and `b` (3 and 4), the relay is 5.
fn with(faults: Vec<Fault>, topology: Topology) -> WorldScenario {
    let fleet = vec![group("a", 3, Workload::Idle), group("b", 2, Workload::Idle)];
    WorldScenario { faults, topology, ..scenario(0, fleet) }
}

fn lowered(faults: Vec<Fault>) -> String {
    let plan = generate(&with(faults, relay()), 1, &Traces::default()).unwrap();
    let line = |step| serde_json::to_string(step).unwrap();
    plan.steps.iter().map(|step| line(step) + "\n").collect()
}

#[test]
fn a_partition_stops_both_directions_between_every_two_sides() {
    let between = vec![names(&["a/1", "b"]), names(&["relay"]), names(&["a/0"])];
    insta::assert_snapshot!(lowered(vec![fault(10, 30, FaultKind::Partition { between })]));
}

#[test]
fn the_other_obstacles() {
    let between = vec![names(&["b"]), names(&["relay"])];
    insta::assert_snapshot!(lowered(vec![
        fault(10, 200, FaultKind::OneWay { from: names(&["a"]), to: names(&["relay"]) }),
        fault(20, 5, FaultKind::Slow { between: between.clone(), factor: 8 }),
        fault(30, 5, FaultKind::Jam { between }),
        fault(40, 5, FaultKind::ClockJump { who: names(&["b/0"]), by_milliseconds: -3_600_000 }),
    ]));
}

#[test]
fn overlapping_crashes_end_with_the_last() {
    insta::assert_snapshot!(lowered(vec![
        fault(10, 10, FaultKind::Crash { who: names(&["a/0", "a/1"]) }),
        fault(15, 10, FaultKind::PowerLoss { who: names(&["a/1"]) }),
        fault(25, 1, FaultKind::Crash { who: names(&["a/1"]) }),
        fault(30, 500, FaultKind::Crash { who: names(&["relay"]) }),
    ]));
}

/// The nodes that are jammed, in the order of the jams and of the releases.
fn swizzled(seed: u64, topology: Topology) -> (Vec<u32>, Vec<u32>) {
    let swizzle = FaultKind::Swizzle { who: names(&["a", "b"]) };
    let plan = generate(&with(vec![fault(20, 40, swizzle)], topology), seed, &Traces::default());
    let (mut jams, mut releases, mut ids) = (Vec::new(), Vec::new(), Vec::new());
    for step in plan.unwrap().steps {
        let seconds = step.at.since(crate::time::Time::ZERO).as_nanos() / 1_000_000_000;
        match step.what {
            PlanAction::Obstruct { id, from, to, .. } => {
                assert!((20..=40).contains(&seconds));
                if let [node] = from[..]
                    && !ids.contains(&(id ^ 1, node.0))
                {
                    assert!(!to.contains(&node), "{node:?} talks to itself");
                    jams.push(node.0);
                    ids.push((id, node.0));
                }
            }
            PlanAction::Clear { id } => {
                assert!((40..=60).contains(&seconds));
                releases.extend(ids.iter().find(|(other, _)| *other == id).map(|(_, node)| node));
            }
            other => panic!("unexpected: {other:?}"),
        }
    }
    (jams, releases)
}

#[test]
fn a_swizzle_jams_a_random_half_and_releases_it_in_another_order() {
    let mut reordered = 0;
    let mut halves = std::collections::BTreeSet::new();
    for seed in 0..20 {
        let (jams, releases) = swizzled(seed, mesh(1));
        assert_eq!(jams.len(), 3, "half of five, rounded up");
        let mut sorted = [jams.clone(), releases.clone()];
        sorted.iter_mut().for_each(|nodes| nodes.sort_unstable());
        assert_eq!(sorted[0], sorted[1]);
        reordered += u32::from(jams != releases);
        halves.insert(sorted[0].clone());
    }
    assert!(reordered >= 10, "{reordered} of 20 in another order");
    assert!(halves.len() >= 5, "{} halves", halves.len());
}

#[test]
fn neighbours_in_a_ring() {
    let scenario = with(Vec::new(), mesh(1));
    let peers = |node| -> Vec<u32> {
        Nodes::new(&scenario).peers(super::super::NodeId(node)).iter().map(|n| n.0).collect()
    };
    assert_eq!(peers(0), [1, 4]);
    assert_eq!(peers(3), [2, 4]);
    let full = with(Vec::new(), mesh(100));
    assert_eq!(Nodes::new(&full).peers(super::super::NodeId(2)).len(), 4);
}

fn refused(fault: Fault, topology: Topology) -> String {
    generate(&with(vec![fault], topology), 1, &Traces::default()).unwrap_err().to_string()
}

#[test]
fn unknown_sides_are_named_with_the_nearest_known() {
    let crash = |who: &str| fault(1, 1, FaultKind::Crash { who: names(&[who]) });
    insta::assert_snapshot!(
        [
            refused(crash("realy"), relay()),
            refused(crash("b/2"), relay()),
            refused(crash("a/x"), relay()),
            refused(crash("relay"), mesh(1)),
            refused(fault(120, 1, FaultKind::Crash { who: names(&["a"]) }), relay()),
        ]
        .join("\n")
    );
}

#[test]
fn the_length_of_a_plan_is_bounded() {
    let hasty = Workload::Form(super::scenes::pace(Span::from_nanos(1)));
    let scenario = scenario(0, vec![group("hasty", 1, hasty)]);
    let error = generate(&scenario, 1, &Traces::default()).unwrap_err();
    assert!(matches!(error, PlanError::TooLong { .. }));
    insta::assert_snapshot!(error);
}
