//! Worlds run to their end on the reference CRDT: they converge, repeat, and
//! keep their books.

mod lowering;
mod rooms;
mod scenes;

use deadzone_adapter_baselines::{CloudFirst, Reference};
use deadzone_core::engine::{Delivery, Engine};
use deadzone_core::record::{CpuMode, Outcome, RunRecord};
use deadzone_core::sandbox::Uncounted;
use deadzone_core::scenario::*;
use deadzone_core::time::Span;
use deadzone_core::world;
use proptest::prelude::*;

use self::scenes::{fault, plan, random_scenario, scenario, sides};

fn run_on(scenario: &WorldScenario, seed: u64, engine: &dyn Engine) -> RunRecord {
    let plan = plan(scenario, seed);
    world::run(&plan, engine, &mut Uncounted, CpuMode::Counted, &mut |_| {})
}

#[track_caller]
fn check_passes(scenario: &WorldScenario, seed: u64) -> RunRecord {
    let record = run_on(scenario, seed, &Reference);
    assert_eq!(record.verdict.outcome, Outcome::Passed, "{:?}", record.verdict);
    assert!(record.verdict.converged);
    assert!(record.metrics["edits"].value > 50, "{:?}", record.metrics["edits"]);
    record
}

#[test]
fn a_quiet_network_converges() {
    let record = check_passes(&scenario(0), 1);
    assert_eq!(record.metrics["edits_not_visible"].value, 0);
    assert_eq!(record.metrics["reconnects"].value, 0);
}

#[test]
fn groups_add_up_to_the_run() {
    let record = check_passes(&scenario(10_000), 1);
    for name in [
        "edits",
        "wire_bytes_sent",
        "wire_bytes_received",
        "wire_messages",
        "energy_uj",
        "energy_cpu_uj",
        "energy_radio_uj",
        "energy_base_uj",
        "energy_storage_uj",
        "cpu_work",
        "storage_writes",
        "payload_bytes",
    ] {
        let groups: u64 = record.groups.values().map(|group| group.metrics[name].value).sum();
        assert_eq!(groups, record.metrics[name].value, "{name}");
    }
    let value = |name: &str| record.metrics[name].value;
    let parts =
        ["energy_cpu_uj", "energy_radio_uj", "energy_storage_uj", "energy_base_uj"].map(value);
    assert_eq!(parts.iter().sum::<u64>(), value("energy_uj"));
    assert!(value("energy_radio_tail_uj") <= value("energy_radio_uj"));
}

#[test]
fn every_fault_heals() {
    let who = |name: &str| vec![name.to_owned()];
    for kind in [
        FaultKind::Partition { between: sides("writers", "relay") },
        FaultKind::OneWay { from: who("writers"), to: who("relay") },
        FaultKind::OneWay { from: who("relay"), to: who("writers") },
        FaultKind::Slow { between: sides("writers", "relay"), factor: 20 },
        FaultKind::Jam { between: sides("clerks", "relay") },
        FaultKind::Crash { who: who("writers/0") },
        FaultKind::Crash { who: who("relay") },
        FaultKind::PowerLoss { who: who("clerks") },
        FaultKind::ClockJump { who: who("clerks"), by_milliseconds: -86_400_000 },
        FaultKind::Swizzle { who: vec!["writers".to_owned(), "clerks".to_owned()] },
    ] {
        for lasts in [2, 90] {
            let mut scenario = scenario(5_000);
            scenario.faults = vec![fault(100, lasts, kind.clone())];
            let record = run_on(&scenario, 3, &Reference);
            let verdict = &record.verdict;
            assert_eq!(verdict.outcome, Outcome::Passed, "{kind:?} for {lasts} s: {verdict:?}");
        }
    }
}

#[test]
fn broadcast_arrives_in_the_end() {
    for loss_ppm in [0, 50_000] {
        let mut scenario = scenario(loss_ppm);
        scenario.sync.delivery = Delivery::Broadcast;
        scenario.faults = vec![
            fault(60, 60, FaultKind::Partition { between: sides("writers", "relay") }),
            fault(150, 20, FaultKind::Crash { who: vec!["clerks".to_owned()] }),
            fault(200, 5, FaultKind::Crash { who: vec!["relay".to_owned()] }),
        ];
        let record = check_passes(&scenario, 2);
        assert!(record.metrics["dropped_messages"].value > 0);
    }
}

#[test]
fn a_mesh_needs_no_relay() {
    for delivery in [Delivery::Protocol, Delivery::Broadcast] {
        for neighbours in [1, 2, 4] {
            let mut scenario = scenario(1_000);
            scenario.sync.delivery = delivery;
            scenario.topology =
                Topology::Mesh(Mesh { neighbours, backbone_rtt: Span::from_millis(10) });
            let record = check_passes(&scenario, 4);
            assert!(!record.groups.contains_key("relay"));
        }
    }
}

#[test]
fn a_partition_is_seen_in_the_figures() {
    let mut scenario = scenario(0);
    scenario.faults =
        vec![fault(60, 120, FaultKind::Partition { between: sides("writers", "relay") })];
    let record = check_passes(&scenario, 1);
    let value = |name: &str| record.metrics[name].value;
    assert_eq!(value("reconnects"), 2);
    for name in ["reconvergence_bytes", "reconvergence_round_trips", "reconvergence_energy_uj"] {
        assert!(value(name) > 0, "{name}");
    }
    let visibility = &record.histograms["visibility_latency"];
    assert!(visibility.max > 100_000_000_000, "{visibility:?}");
    assert!(record.histograms["convergence_time"].count >= 2);
}

#[test]
fn strict_durability_waits_for_the_flush() {
    let mut scenario = scenario(0);
    let relaxed = check_passes(&scenario, 1);
    scenario.sync.durability = Durability::Strict;
    let strict = check_passes(&scenario, 1);
    assert_eq!(relaxed.histograms["local_edit_latency"].p50, 0);
    assert!(strict.histograms["local_edit_latency"].min >= 25_000_000);
}

#[test]
fn a_server_makes_people_wait() {
    let record = run_on(&scenario(0), 1, &CloudFirst);
    assert_eq!(record.verdict.outcome, Outcome::Passed, "{:?}", record.verdict);
    // Two access links and the region, there and back.
    assert!(record.histograms["local_edit_latency"].min >= 110_000_000);
}

#[test]
fn offline_a_server_refuses_or_lets_wait() {
    let mut scenario = scenario(0);
    scenario.faults =
        vec![fault(60, 120, FaultKind::Partition { between: sides("writers", "relay") })];
    let refusing = run_on(&scenario, 1, &CloudFirst);
    assert!(refusing.metrics["edits_rejected"].value > 0);
    scenario.sync.offline = OfflineEdits::Wait;
    let waiting = run_on(&scenario, 1, &CloudFirst);
    assert_eq!(waiting.verdict.outcome, Outcome::Passed, "{:?}", waiting.verdict);
    assert_eq!(waiting.metrics["edits_rejected"].value, 0);
    assert!(waiting.histograms["local_edit_latency"].max > 60_000_000_000);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Whatever happens, it converges, twice to the same bytes.
    #[test]
    fn random_worlds_converge_and_repeat(
        seed in 0_u64..1_000,
        scenario in random_scenario(),
    ) {
        let once = run_on(&scenario, seed, &Reference);
        prop_assert_eq!(once.verdict.outcome, Outcome::Passed, "{:?}", once.verdict);
        let twice = run_on(&scenario, seed, &Reference);
        prop_assert_eq!(once, twice);
    }
}
