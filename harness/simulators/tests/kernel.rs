//! Runs over a real kernel's network, where there is one: `ci/with-kernel` has one.

mod common;

use std::path::PathBuf;

use common::{RELAY, fault, on, plan};
use deadzone_core::plan::Plan;
use deadzone_core::record::{Outcome, RunRecord};
use deadzone_simulators::Simulator;

/// So far the median visibility may be from that of our own loop, in per cent. What
/// else the machine does takes its time from it.
const BAND_PERCENT: u64 = 25;

/// Runs the plan, if there is a network to run it on: it passes, its people did what
/// they did in our own loop, and saw of each other nearly as soon.
fn check(plan: &Plan) -> Option<RunRecord> {
    if let Err(error) = Simulator::Kernel.check() {
        #[expect(clippy::print_stderr, reason = "a test that is left out says so")]
        {
            eprintln!("skipped: {error}");
        }
        return None;
    }
    let (event, kernel) = (on(Simulator::Event, plan), on(Simulator::Kernel, plan));
    assert_eq!(kernel.simulator, "kernel");
    assert_eq!(kernel.verdict.outcome, Outcome::Passed, "{:?}", kernel.verdict);
    for metric in ["edits", "edits_rejected", "crashes"] {
        assert_eq!(event.metrics[metric].value, kernel.metrics[metric].value, "{metric}");
    }
    let [ours, theirs] =
        [&event, &kernel].map(|record| record.histograms["visibility_latency"].p50);
    let off_per_cent = ours.abs_diff(theirs) * 100 / ours;
    assert!(off_per_cent <= BAND_PERCENT, "{ours} ns and {theirs} ns");
    Some(kernel)
}

#[test]
fn a_partition_ends_and_all_is_equal() {
    let apart = fault("partition", "between = [[\"road\"], [\"relay\"]]\nfor = \"5s\"");
    check(&plan("", &format!("{RELAY}{apart}")));
}

#[test]
fn devices_crash_and_come_back() {
    let crash = fault("crash", "who = [\"road\"]\nfor = \"20s\"");
    let power = "[[fault]]\nat = \"70s\"\nkind = \"power_loss\"\nwho = [\"desk\"]\nfor = \"10s\"\n";
    if let Some(record) = check(&plan("", &format!("{RELAY}{crash}{power}"))) {
        assert!(record.metrics["reconnects"].value > 0);
    }
}

#[test]
fn a_mesh_has_both_links_between_two_devices() {
    check(&plan("", "[relay]\nkind = \"none\"\n[mesh]\nneighbours = 1\n"));
}

#[test]
fn all_edits_are_made_while_apart() {
    let apart = "[[fault]]\nat = \"1s\"\nkind = \"partition\"\nfor = \"2min\"\n\
                 between = [[\"desk\"], [\"road\"], [\"relay\"]]\n";
    let plan = plan("", &format!("{RELAY}{apart}"));
    if let Some(record) = check(&plan) {
        assert_eq!(record.verdict.document, on(Simulator::Event, &plan).verdict.document);
    }
}

/// Namespaces and devices have no names outside of the process, and `tc` ends with it.
#[test]
fn nothing_is_left_behind() {
    let files = |folder: &str| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort_unstable();
        paths
    };
    let seen = || (files("/sys/class/net"), files("/run/netns"));
    let before = seen();
    check(&plan("", RELAY));
    assert_eq!(seen(), before);
}
