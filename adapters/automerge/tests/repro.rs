//! Stories as tests of Automerge alone. What is generated is kept in `generated/`
//! and runs as a part of this test: what held must hold there, too.

use std::path::Path;

use deadzone_adapter_automerge::Automerge;
use deadzone_conformance::stories::{self, hold_to_file, tell};
use deadzone_core::check::{Oracle, Violation};
use deadzone_core::edit::ContainerKind;
use deadzone_core::engine::Engine;
use deadzone_core::replay::{Ending, Happened, Repro, Story};
use deadzone_core::schedule::{ReplicaNumber, Schedule};

/// rustfmt would write other bytes than the generator.
#[rustfmt::skip]
#[expect(clippy::disallowed_types, reason = "the engine's macro for maps makes a std hash map")]
#[path = "generated"]
mod generated {
    mod backwards;
    mod broadcast;
    mod nested;
    mod nothing_waits;
    mod protocol;
    mod restored;
    mod snapshot;
    mod snapshots;
    mod versions;
    mod wrong_today;
}

const ALL: [ContainerKind; 5] = [
    ContainerKind::Text,
    ContainerKind::Map,
    ContainerKind::List,
    ContainerKind::MovableList,
    ContainerKind::Counter,
];
const NESTED: [ContainerKind; 4] =
    [ContainerKind::Text, ContainerKind::Map, ContainerKind::List, ContainerKind::Counter];

fn repro(story: &Story) -> Repro {
    Automerge.repro(story).expect("the adapter can write it")
}

fn hold(name: &str, source: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/generated");
    hold_to_file(&folder.join(format!("{name}.rs")), source);
}

fn check_healthy(name: &str, schedule: &Schedule) {
    let story = tell(&Automerge, schedule);
    assert_eq!(story.ending, Ending::Held);
    hold(name, &repro(&story).source);
}

#[test]
fn every_container() {
    check_healthy("broadcast", &stories::broadcast(&ALL));
    check_healthy("nested", &stories::broadcast(&NESTED));
}

#[test]
fn every_way_of_delivery() {
    check_healthy("protocol", &stories::protocol());
    check_healthy("snapshots", &stories::snapshots());
}

#[test]
fn earlier_versions() {
    check_healthy("versions", &stories::versions());
    insta::assert_snapshot!(repro(&tell(&Automerge, &stories::versions())).source);
}

/// What is asserted where something does not hold, of stories in which it does.
#[test]
fn what_is_demanded() {
    let check = |name: &str, mut story: Story, oracle, about, replica| {
        let violation = Violation::new(oracle, about, "something else happens");
        story.ending = Ending::Violated(violation.at(ReplicaNumber(replica)));
        hold(name, &repro(&story).source);
    };
    let chain = tell(&Automerge, &stories::chain_in_reverse());
    check("backwards", chain.clone(), Oracle::History, "backwards", 2);
    check("nothing_waits", chain, Oracle::Pending, "updates", 2);
    let snapshots = tell(&Automerge, &stories::snapshots());
    check("snapshot", snapshots, Oracle::History, "snapshot", 0);
    let mut restarts = tell(&Automerge, &stories::protocol());
    let restarted = |what: &Happened| matches!(what, Happened::Restarted { .. });
    let last = restarts.events.iter().position(|event| restarted(&event.what));
    restarts.events.truncate(last.expect("one restarts") + 1);
    check("restored", restarts, Oracle::Durability, "document", 0);
}

/// Where what would be right cannot be computed, what is wrong is named.
#[test]
fn what_is_wrong_today() {
    let mut story = tell(&Automerge, &stories::broadcast(&NESTED));
    let wrong = Violation::new(Oracle::Elements, "text", "an element of replica 1 is lost");
    story.ending = Ending::Violated(wrong.at(ReplicaNumber(1)));
    let fails = "#[test]\n#[should_panic(expected = \"b shows what it must not\")]\n";
    hold("wrong_today", &repro(&story).source.replacen("#[test]\n", fails, 1));
}

#[test]
fn what_cannot_be_said_is_not() {
    let mut kinds = ALL.to_vec();
    kinds.push(ContainerKind::Tree);
    let story = tell(&Automerge, &stories::broadcast(&kinds));
    assert_eq!(Automerge.repro(&story), None);
}
