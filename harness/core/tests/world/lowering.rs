//! What happens in a world happens again in the schedule that it is lowered to.

use deadzone_adapter_baselines::{CloudFirst, Reference};
use deadzone_core::check::{Agreement, agreement};
use deadzone_core::engine::{Delivery, Engine};
use deadzone_core::plan::{NodeId, Plan};
use deadzone_core::record::{CpuMode, Outcome};
use deadzone_core::replay::{self, Ending, Scrutiny};
use deadzone_core::sandbox::Uncounted;
use deadzone_core::scenario::*;
use deadzone_core::schedule::{Schedule, ScheduleAction};
use deadzone_core::time::Span;
use deadzone_core::world::lower::{self, LowerError, Lowered};
use proptest::prelude::*;

use super::scenes::{fault, plan, random_scenario, scenario, sides};

fn lowered(plan: &Plan, engine: &dyn Engine) -> (Schedule, Lowered) {
    let mut schedule = lower::begin(plan, &engine.info()).expect("it can be lowered");
    let mut tell = |told| lower::take_in(&mut schedule, told);
    let lowered = lower::lower(plan, engine, &mut Uncounted, CpuMode::Counted, &mut tell)
        .expect("it can be lowered");
    (schedule, lowered)
}

/// The document that all show at the end of a schedule, as worlds name it.
#[track_caller]
fn document(schedule: &Schedule) -> String {
    let replayed = replay::run(schedule, &Reference, &mut Uncounted, Scrutiny::default());
    assert_eq!(replayed.ending, Ending::Held);
    let shown = &replayed.observed.shown;
    let last: Vec<_> = (0..)
        .map(NodeId)
        .zip(&replayed.observed.last)
        .map(|(node, state)| (node, shown[*state].document.clone()))
        .collect();
    match agreement(&last) {
        Agreement::Equal(digest) => digest,
        Agreement::Different(said) => panic!("{said}"),
    }
}

/// Lowers a world that passes, and replays that; how many calls it lacks.
#[track_caller]
fn check_same(scenario: &WorldScenario, seed: u64) -> u32 {
    let plan = plan(scenario, seed);
    let (schedule, lowered) = lowered(&plan, &Reference);
    schedule.check().expect("it can be run");
    assert_eq!(lowered.verdict.outcome, Outcome::Passed, "{:?}", lowered.verdict);
    assert!(schedule.steps.len() > 100, "{}", schedule.steps.len());
    let document = document(&schedule);
    if lowered.left_out == 0 {
        assert_eq!(Some(document), lowered.verdict.document);
    }
    lowered.left_out
}

fn count(schedule: &Schedule, is: impl Fn(&ScheduleAction) -> bool) -> usize {
    schedule.steps.iter().filter(|step| is(&step.what)).count()
}

#[test]
fn every_fault_is_in_the_schedule() {
    let who = |name: &str| vec![name.to_owned()];
    let mut left_out = 0;
    let mut worlds = 0;
    for kind in [
        FaultKind::Partition { between: sides("writers", "relay") },
        FaultKind::OneWay { from: who("writers"), to: who("relay") },
        FaultKind::Jam { between: sides("clerks", "relay") },
        FaultKind::Crash { who: who("writers/0") },
        FaultKind::Crash { who: who("relay") },
        FaultKind::PowerLoss { who: who("clerks") },
        FaultKind::Swizzle { who: vec!["writers".to_owned(), "clerks".to_owned()] },
    ] {
        for lasts in [2, 90] {
            for delivery in [Delivery::Protocol, Delivery::Broadcast] {
                if delivery == Delivery::Broadcast && matches!(kind, FaultKind::PowerLoss { .. }) {
                    // Nobody sends a device what it lost of its own: no such
                    // world converges.
                    continue;
                }
                let mut scenario = scenario(5_000);
                scenario.sync.delivery = delivery;
                scenario.faults = vec![fault(100, lasts, kind.clone())];
                left_out += u32::from(check_same(&scenario, 3) > 0);
                worlds += 1;
            }
        }
    }
    assert!(left_out * 10 <= worlds, "{left_out} of {worlds} schedules lack something");
}

#[test]
fn a_crash_is_a_restart_with_what_was_written() {
    for durability in [Durability::Strict, Durability::Relaxed] {
        let mut scenario = scenario(0);
        scenario.sync.durability = durability;
        scenario.faults = vec![
            fault(60, 5, FaultKind::PowerLoss { who: vec!["writers".to_owned()] }),
            fault(120, 5, FaultKind::Crash { who: vec!["clerks".to_owned()] }),
        ];
        let (schedule, _) = lowered(&plan(&scenario, 1), &Reference);
        assert_eq!(count(&schedule, |what| matches!(what, ScheduleAction::Restart { .. })), 3);
        assert!(count(&schedule, |what| matches!(what, ScheduleAction::Save { .. })) > 20);
        assert_eq!(check_same(&scenario, 1), 0);
    }
}

#[test]
fn a_mesh_has_no_replica_in_the_middle() {
    for delivery in [Delivery::Protocol, Delivery::Broadcast] {
        let mut scenario = scenario(1_000);
        scenario.sync.delivery = delivery;
        let backbone_rtt = Span::from_millis(10);
        scenario.topology = Topology::Mesh(Mesh { neighbours: 2, backbone_rtt });
        assert_eq!(check_same(&scenario, 4), 0);
        assert_eq!(lowered(&plan(&scenario, 4), &Reference).0.replicas, 5);
    }
}

#[test]
fn what_has_no_schedule_says_why() {
    let refused = |scenario: &WorldScenario, engine: &dyn Engine| {
        lower::begin(&plan(scenario, 1), &engine.info()).expect_err("it cannot be lowered")
    };
    assert_eq!(refused(&scenario(0), &CloudFirst), LowerError::Server { engine: "cloud-first" });
    let mut many = scenario(0);
    many.fleet[0].count = 13;
    let error = refused(&many, &Reference);
    assert_eq!(error, LowerError::Replicas { found: 17 });
    insta::assert_snapshot!(error, @"the world has 17 replicas, the relay included; a schedule takes at most 16");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Whatever happens in a world, its schedule ends with the same document, and
    /// is the same every time.
    #[test]
    fn random_worlds_are_lowered_to_what_they_did(
        seed in 0_u64..1_000,
        scenario in random_scenario(),
    ) {
        check_same(&scenario, seed);
        let plan = plan(&scenario, seed);
        prop_assert_eq!(lowered(&plan, &Reference), lowered(&plan, &Reference));
    }
}
