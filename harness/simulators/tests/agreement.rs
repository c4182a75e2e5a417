//! The same plans on all simulators: they run, they repeat, and they agree.

mod common;

use common::{RELAY, fault, on, plan};
use deadzone_core::plan::Plan;
use deadzone_core::record::{Outcome, RunRecord};
use deadzone_simulators::{Refusal, Simulator, limits};

fn median(record: &RunRecord, histogram: &str) -> u64 {
    record.histograms[histogram].p50
}

/// Runs the plan everywhere, twice: all pass, all repeat, and what does not depend
/// on timing is the same. Gives the records of our own loop, madsim and turmoil.
fn check(plan: &Plan) -> [RunRecord; 3] {
    let [event, madsim, turmoil] =
        [Simulator::Event, Simulator::Madsim, Simulator::Turmoil].map(|simulator| {
            let record = on(simulator, plan);
            assert_eq!(record, on(simulator, plan), "{} repeats", simulator.name());
            let verdict = &record.verdict;
            assert_eq!(verdict.outcome, Outcome::Passed, "{}: {verdict:?}", simulator.name());
            assert_eq!(record.simulator, simulator.name());
            record
        });
    for other in [&madsim, &turmoil] {
        for metric in ["edits", "edits_rejected", "crashes"] {
            let (ours, theirs) = (&event.metrics[metric], &other.metrics[metric]);
            assert_eq!(ours.value, theirs.value, "{metric} on {}", other.simulator);
        }
        let (ours, theirs) =
            (median(&event, "visibility_latency"), median(other, "visibility_latency"));
        let off_per_cent = ours.abs_diff(theirs) * 100 / ours;
        assert!(off_per_cent <= 25, "{}: {ours} ns and {theirs} ns", other.simulator);
    }
    [event, madsim, turmoil]
}

#[test]
fn nothing_happens_but_typing() {
    let [event, madsim, turmoil] = check(&plan("", RELAY));
    assert!(event.not_honoured.is_empty() && madsim.not_honoured.is_empty());
    assert!(turmoil.not_honoured.iter().any(|said| said.starts_with("jitter of ")));
}

#[test]
fn all_edits_are_made_while_apart() {
    let apart = "[[fault]]\nat = \"1s\"\nkind = \"partition\"\nfor = \"2min\"\n\
                 between = [[\"desk\"], [\"road\"], [\"relay\"]]\n";
    let [event, madsim, turmoil] = check(&plan("", &format!("{RELAY}{apart}")));
    assert_eq!(event.verdict.document, madsim.verdict.document);
    assert_eq!(event.verdict.document, turmoil.verdict.document);
}

#[test]
fn a_short_partition_breaks_connections() {
    let short = fault("partition", "between = [[\"road\"], [\"relay\"]]\nfor = \"5s\"");
    let [_, _, turmoil] = check(&plan("", &format!("{RELAY}{short}")));
    assert!(turmoil.metrics["reconnects"].value > 0);
}

#[test]
fn jams_hold_what_is_sent() {
    check(&plan(
        "",
        &format!(
            "{RELAY}{}",
            fault("jam", "between = [[\"road\"], [\"desk\", \"relay\"]]\nfor = \"4s\"")
        ),
    ));
}

#[test]
fn devices_crash_and_come_back() {
    let crash = fault("crash", "who = [\"road\"]\nfor = \"20s\"");
    let power = "[[fault]]\nat = \"70s\"\nkind = \"power_loss\"\nwho = [\"desk\"]\nfor = \"10s\"\n";
    check(&plan("", &format!("{RELAY}{crash}{power}")));
}

#[test]
fn a_mesh_without_a_relay() {
    check(&plan("", "[relay]\nkind = \"none\"\n[mesh]\nneighbours = 1\n"));
}

#[test]
fn single_updates_travel_by_themselves() {
    let [_, madsim, turmoil] =
        check(&plan("", &format!("{RELAY}[sync]\ndelivery = \"broadcast\"\n")));
    assert!(madsim.not_honoured.is_empty());
    assert!(turmoil.not_honoured.iter().any(|said| said.starts_with("sync.delivery")));
}

#[test]
fn a_fleet_that_is_too_large_is_refused() {
    let many = "[[fleet]]\ngroup = \"many\"\ncount = 100\ndevice = \"phone-mid\"\nlink = \"lte\"\n\
                workload = { kind = \"typing\", rate = \"36wpm\" }\n";
    let plan = plan(many, RELAY);
    assert_eq!(limits(Simulator::Madsim, &plan).ok(), Some(Vec::new()));
    let refusal = limits(Simulator::Turmoil, &plan).expect_err("it has 104 nodes");
    assert!(matches!(refusal, Refusal::TooManyNodes { nodes: 104, nodes_max: 100, .. }));
    assert_eq!(
        refusal.to_string(),
        "turmoil can run at most 100 nodes, and `small` has 104, relays included; expected a \
         smaller fleet (`--set fleet.GROUP.count=…`) or `--simulator madsim`"
    );
}

#[test]
fn each_room_is_a_world_of_its_own() {
    let many = "[[fleet]]\ngroup = \"many\"\ncount = 196\ndevice = \"phone-mid\"\nlink = \"lte\"\n\
                workload = { kind = \"typing\", rate = \"36wpm\" }\n";
    let mut plan = plan(many, RELAY);
    plan.scenario.rooms = 2;
    assert_eq!(limits(Simulator::Event, &plan).ok(), Some(Vec::new()));
    let refusal = limits(Simulator::Turmoil, &plan).expect_err("it has 200 devices");
    assert!(matches!(refusal, Refusal::TooManyNodes { nodes: 101, .. }), "{refusal}");
    plan.scenario.rooms = 3;
    assert!(limits(Simulator::Turmoil, &plan).is_ok());
    assert_eq!(limits(Simulator::Madsim, &plan).ok(), Some(Vec::new()));
    assert_eq!(
        limits(Simulator::Kernel, &plan).expect_err("it runs one").to_string(),
        "kernel runs one world, and `small` has 3 rooms with a document each; expected `--set \
         document.rooms=1` with a smaller fleet, or `--simulator madsim`"
    );
}

#[test]
fn a_kernel_is_refused_what_netem_has_not() {
    let jam = fault("jam", "between = [[\"road\"], [\"desk\", \"relay\"]]\nfor = \"4s\"");
    let refusal = limits(Simulator::Kernel, &plan("", &format!("{RELAY}{jam}")));
    assert_eq!(
        refusal.expect_err("netem holds nothing").to_string(),
        "kernel cannot do a jam, which `small` has at 30 s; expected a partition, or `--simulator \
         event` or `--simulator madsim`"
    );
    let broadcast = plan("", &format!("{RELAY}[sync]\ndelivery = \"broadcast\"\n"));
    let not_honoured = limits(Simulator::Kernel, &broadcast).expect("it can be run");
    assert_eq!(not_honoured, ["sync.delivery: updates by themselves travel over TCP, in order"]);
}
