//! Stories as tests of Loro alone. What is generated is kept in `generated/`
//! and runs as a part of this test: what held must hold there, too.

use std::path::Path;

use deadzone_adapter_loro::Loro;
use deadzone_conformance::stories::{self, as_if, hold_to_file, tell, up_to};
use deadzone_core::check::{Oracle, Violation};
use deadzone_core::edit::ContainerKind;
use deadzone_core::engine::{Delivery, Engine};
use deadzone_core::replay::{Ending, Happened, Repro, Story};
use deadzone_core::schedule::{ReplicaNumber, Schedule};

/// rustfmt would write other bytes than the generator.
#[rustfmt::skip]
#[path = "generated"]
mod generated {
    mod abort;
    mod backwards;
    mod broadcast;
    mod hang;
    mod nested;
    mod nothing_waits;
    mod protocol;
    mod restored;
    mod shallow;
    mod silent;
    mod snapshot;
    mod snapshots;
    mod undo;
    mod undo_protocol;
    mod versions;
    mod wrong_today;
}

const ALL: [ContainerKind; 6] = [
    ContainerKind::Text,
    ContainerKind::Map,
    ContainerKind::List,
    ContainerKind::MovableList,
    ContainerKind::Counter,
    ContainerKind::Tree,
];
const NESTED: [ContainerKind; 4] =
    [ContainerKind::Text, ContainerKind::Map, ContainerKind::List, ContainerKind::Counter];

fn repro(story: &Story) -> Repro {
    Loro.repro(story).expect("the adapter can write it")
}

fn hold(name: &str, source: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/generated");
    hold_to_file(&folder.join(format!("{name}.rs")), source);
}

fn check_healthy(name: &str, schedule: &Schedule) {
    let story = tell(&Loro, schedule);
    assert_eq!(story.ending, Ending::Held);
    hold(name, &repro(&story).source);
}

#[test]
fn every_container() {
    check_healthy("broadcast", &stories::broadcast(&ALL));
    check_healthy("nested", &stories::broadcast(&NESTED));
}

#[test]
fn what_is_taken_back() {
    check_healthy("undo", &stories::undo(Delivery::Broadcast));
    check_healthy("undo_protocol", &stories::undo(Delivery::Protocol));
}

#[test]
fn every_way_of_delivery() {
    check_healthy("protocol", &stories::protocol());
    check_healthy("snapshots", &stories::snapshots());
    check_healthy("shallow", &stories::shallow());
}

#[test]
fn earlier_versions() {
    check_healthy("versions", &stories::versions());
    insta::assert_snapshot!(repro(&tell(&Loro, &stories::versions())).source);
}

/// What is asserted where something does not hold, of stories in which it does.
#[test]
fn what_is_demanded() {
    let check = |name: &str, story: Story, oracle, about, replica| {
        let violation = Violation::new(oracle, about, "something else happens");
        hold(name, &repro(&as_if(story, violation.at(ReplicaNumber(replica)))).source);
    };
    let chain = tell(&Loro, &stories::chain_in_reverse());
    check("backwards", chain.clone(), Oracle::History, "backwards", 2);
    check("nothing_waits", chain, Oracle::Pending, "updates", 2);
    let snapshots = tell(&Loro, &stories::snapshots());
    check("snapshot", snapshots, Oracle::History, "snapshot", 0);
    let protocol = tell(&Loro, &stories::protocol());
    let restarted = |what: &Happened| matches!(what, Happened::Restarted { .. });
    check("restored", up_to(protocol, restarted), Oracle::Durability, "document", 0);
}

/// What ends the process, or does not end, of stories in which it does neither.
#[test]
fn what_kills() {
    let merged = |what: &Happened| matches!(what, Happened::Merged { .. });
    let merging = up_to(tell(&Loro, &stories::snapshots()), merged);
    let said = "the engine ran past its limit of work";
    let hang = Violation::new(Oracle::Hang, "work", said).at(ReplicaNumber(1));
    hold("hang", &repro(&as_if(merging.clone(), hang)).source);
    let abort =
        Violation::new(Oracle::Abort, "signal-6", "the engine aborted").at(ReplicaNumber(1));
    hold("abort", &repro(&as_if(merging, abort)).source);
}

/// What would never fall silent, of a story in which it does.
#[test]
fn what_talks() {
    let said = "replica 0 and replica 2 still talk";
    let chatter = Violation::new(Oracle::Liveness, "chatter", said);
    let chatter = chatter.at(ReplicaNumber(0)).at(ReplicaNumber(2));
    hold("silent", &repro(&as_if(tell(&Loro, &stories::protocol()), chatter)).source);
}

/// Where what would be right cannot be computed, what is wrong is named.
#[test]
fn what_is_wrong_today() {
    let story = tell(&Loro, &stories::broadcast(&NESTED));
    let wrong = Violation::new(Oracle::Elements, "text", "an element of replica 1 is lost");
    let story = as_if(story, wrong.at(ReplicaNumber(1)));
    let fails = "#[test]\n#[should_panic(expected = \"b shows what it must not\")]\n";
    hold("wrong_today", &repro(&story).source.replacen("#[test]\n", fails, 1));
}
