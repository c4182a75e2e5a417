//! Rooms are worlds of their own, and a run is their sum.

use std::collections::BTreeMap;

use deadzone_adapter_baselines::{CloudFirst, Reference};
use deadzone_core::engine::{Delivery, Engine};
use deadzone_core::measure::{Histogram, decode, raw_counts};
use deadzone_core::plan::{Plan, Rooms};
use deadzone_core::record::{CpuMode, HistogramRecord, Outcome, RunRecord};
use deadzone_core::sandbox::Uncounted;
use deadzone_core::scenario::{Expectation, FaultKind, Mesh, Topology, WorldScenario};
use deadzone_core::time::Span;
use deadzone_core::world::{self, Measured, lower, measure, watch};
use proptest::prelude::*;

use super::scenes::{fault, plan, scenario, sides};

fn run(plan: &Plan, engine: &dyn Engine) -> RunRecord {
    world::run(plan, engine, &mut Uncounted, CpuMode::Counted, &mut |_| {})
}

/// Everybody twice, in so many rooms.
fn shared(rooms: u32, loss_ppm: u32) -> WorldScenario {
    let mut scenario = scenario(loss_ppm);
    scenario.fleet.iter_mut().for_each(|group| group.count *= 2);
    WorldScenario { rooms, duration: Span::from_secs(90), ..scenario }
}

/// The samples of several histograms as those of one.
fn merged(all: &[&HistogramRecord]) -> String {
    let mut sum = Histogram::default();
    for record in all {
        for step in decode(&record.hdr).expect("it was just made").iter_recorded() {
            (0..step.count_at_value()).for_each(|_| sum.record(step.value_iterated_to()));
        }
    }
    raw_counts(&sum.to_record("").hdr)
}

/// The run is what its rooms, each run alone, come to.
fn check_sum(whole: &RunRecord, alone: &[RunRecord]) {
    for (name, metric) in &whole.metrics {
        let values: Vec<u64> = alone.iter().map(|room| room.metrics[name].value).collect();
        let worst = ["heap_peak_bytes", "reconvergence_round_trips"].contains(&name.as_str())
            || name.starts_with("battery_");
        let expected = if worst { values.iter().max().copied() } else { Some(values.iter().sum()) };
        assert_eq!(Some(metric.value), expected, "{name}");
    }
    let counts = |of: &dyn Fn(&RunRecord) -> BTreeMap<String, HistogramRecord>| {
        for (name, histogram) in of(whole) {
            let parts: Vec<_> = alone.iter().map(of).collect();
            let parts: Vec<_> = parts.iter().filter_map(|part| part.get(&name)).collect();
            assert_eq!(raw_counts(&histogram.hdr), merged(&parts), "{name}");
        }
    };
    counts(&|record| record.histograms.clone());
    for (group, figures) in &whole.groups {
        counts(&|record| record.groups[group].histograms.clone());
        for name in ["edits", "wire_bytes_sent", "energy_uj", "payload_bytes"] {
            let sum: u64 = alone.iter().map(|room| room.groups[group].metrics[name].value).sum();
            assert_eq!(figures.metrics[name].value, sum, "{group}: {name}");
        }
    }
    assert_eq!(whole.events, alone.iter().map(|room| room.events).sum::<u64>());
    assert_eq!(whole.devices, alone.iter().map(|room| room.devices).sum::<u32>());
    let ends = alone.iter().map(|room| room.virtual_time_ns);
    assert_eq!(Some(whole.virtual_time_ns), ends.max());
    let last = |record: &RunRecord, name: &str| record.series[name].value.last().copied();
    for name in ["wire_bytes_sent", "replicas_behind"] {
        let sum: u64 = alone.iter().filter_map(|room| last(room, name)).sum();
        assert_eq!(last(whole, name), Some(sum), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn a_run_is_the_sum_of_its_rooms(
        seed in 0_u64..1_000,
        rooms in 2_u32..6,
        loss_ppm in prop_oneof![Just(0_u32), 0_u32..40_000],
        broadcast in any::<bool>(),
        meshed in any::<bool>(),
        order in Just((0..6_u32).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let mut scenario = shared(rooms, loss_ppm);
        if broadcast {
            scenario.sync.delivery = Delivery::Broadcast;
        }
        if meshed {
            let backbone_rtt = Span::from_millis(10);
            scenario.topology = Topology::Mesh(Mesh { neighbours: 1, backbone_rtt });
        } else {
            scenario.faults = vec![
                fault(20, 30, FaultKind::Partition { between: sides("writers", "relay") }),
                fault(60, 5, FaultKind::Crash { who: vec!["relay".to_owned(), "clerks/1".to_owned()] }),
            ];
        }
        let plan = plan(&scenario, seed);
        let whole = run(&plan, &Reference);
        prop_assert_eq!(whole.verdict.outcome, Outcome::Passed, "{:?}", whole.verdict);
        let divided = Rooms::new(&plan);
        let alone: Vec<RunRecord> =
            (0..rooms).map(|room| run(&divided.plan(room), &Reference)).collect();
        check_sum(&whole, &alone);

        // In any order, in any portions, and over any distance.
        let mut portions: Vec<Measured> = Vec::new();
        for room in order.into_iter().filter(|room| *room < rooms) {
            let of = |sandbox: &mut Uncounted| {
                measure(&divided.plan(room), room, &Reference, sandbox, CpuMode::Counted, &mut |_| {})
            };
            let measured = of(&mut Uncounted);
            match portions.last_mut() {
                Some(portion) if room % 2 == 0 => portion.join(measured),
                _ => portions.push(measured),
            }
        }
        let mut all: Option<Measured> = None;
        for portion in portions.into_iter().rev() {
            let json = serde_json::to_string(&portion).expect("it is JSON");
            let portion: Measured = serde_json::from_str(&json).expect("it was just written");
            match &mut all {
                None => all = Some(portion),
                Some(all) => all.join(portion),
            }
        }
        prop_assert_eq!(all.expect("there are rooms").into_record(&plan), whole);
    }
}

#[test]
fn rooms_neither_meet_nor_are_alike() {
    let plan = plan(&shared(5, 10_000), 3);
    let divided = Rooms::new(&plan);
    let rooms: Vec<RunRecord> = (0..5).map(|room| run(&divided.plan(room), &Reference)).collect();
    for (number, room) in rooms.iter().enumerate() {
        assert!(room.metrics["edits"].value > 0, "{number}");
        for other in &rooms[number + 1..] {
            assert_ne!(room.verdict.document, other.verdict.document);
            assert_ne!(room.audit, other.audit);
        }
    }
    let whole = run(&plan, &Reference);
    assert!(whole.verdict.converged && whole.verdict.document.is_some());
    assert!(rooms.iter().all(|room| room.verdict.document != whole.verdict.document));
}

#[test]
fn the_worst_room_decides_and_is_named() {
    let mut scenario = shared(5, 0);
    // Cut off until the end, with no time to come together again.
    scenario.settle = Span::from_millis(1);
    let who = || vec!["writers/0".to_owned(), "clerks/1".to_owned()];
    scenario.faults = vec![fault(
        5,
        200,
        FaultKind::Partition { between: vec![who(), vec!["relay".to_owned()]] },
    )];
    let plan = plan(&scenario, 1);
    let divided = Rooms::new(&plan);
    let alone: Vec<RunRecord> = (0..5).map(|room| run(&divided.plan(room), &Reference)).collect();
    let failed: Vec<usize> = (0..5).filter(|&room| alone[room].verdict.outcome.failed()).collect();
    let whole = run(&plan, &Reference);
    assert!(whole.verdict.outcome.failed());
    assert!(!whole.verdict.converged && whole.verdict.document.is_none());
    for room in failed.iter().take(world::ROOMS_TOLD_MAX) {
        let said = format!("room {room}: {}", alone[*room].verdict.violations[0]);
        assert!(whole.verdict.violations.contains(&said), "{said}: {:?}", whole.verdict);
    }
}

#[test]
fn what_is_expected_is_expected_of_all_rooms_together() {
    let mut scenario = shared(2, 0);
    let edits = run(&plan(&scenario, 1), &Reference).metrics["edits"].value;
    for (at_most, outcome) in [(edits, Outcome::Passed), (edits - 1, Outcome::Violated)] {
        scenario.expect.overall = vec![Expectation { key: "edits".to_owned(), at_most }];
        let record = run(&plan(&scenario, 1), &Reference);
        assert_eq!(record.verdict.outcome, outcome, "{:?}", record.verdict);
    }
}

#[test]
fn an_engine_that_cannot_says_so_once() {
    let mut scenario = shared(3, 0);
    scenario.topology = Topology::Mesh(Mesh { neighbours: 1, backbone_rtt: Span::from_millis(10) });
    let record = run(&plan(&scenario, 1), &CloudFirst);
    assert_eq!(record.verdict.outcome, Outcome::Unsupported);
    assert_eq!(record.verdict.violations.len(), 1, "{:?}", record.verdict);
}

#[test]
fn what_is_about_one_document_refuses_several() {
    let plan = plan(&shared(3, 0), 1);
    let error = lower::begin(&plan, &Reference.info()).expect_err("a schedule has one document");
    assert_eq!(error, lower::LowerError::Rooms { found: 3 });
    assert_eq!(lower::begin(&Rooms::new(&plan).plan(0), &Reference.info()).err(), None);
    let watched = watch(&plan, &Reference, &mut Uncounted, None, true);
    assert!(watched.stopped.is_some_and(|said| said.contains("3 rooms")));
}
