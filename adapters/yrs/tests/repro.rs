//! Stories as tests of yrs alone. What is generated is kept in `generated/` and
//! runs as a part of this test: what held must hold there, too.

use std::path::Path;

use deadzone_adapter_yrs::Yrs;
use deadzone_conformance::stories::{self, hold_to_file, tell};
use deadzone_core::check::{Oracle, Violation};
use deadzone_core::edit::ContainerKind;
use deadzone_core::engine::Engine;
use deadzone_core::replay::{Ending, Repro, Story};
use deadzone_core::schedule::{ReplicaNumber, Schedule};

/// rustfmt would write other bytes than the generator.
#[rustfmt::skip]
#[path = "generated"]
mod generated {
    mod broadcast;
    mod chain_in_reverse;
    mod nested;
    mod protocol;
    mod snapshots;
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
    Yrs::default().repro(story).expect("the adapter can write it")
}

fn hold(name: &str, source: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/generated");
    hold_to_file(&folder.join(format!("{name}.rs")), source);
}

fn check_healthy(name: &str, schedule: &Schedule) {
    let story = tell(&Yrs::default(), schedule);
    assert_eq!(story.ending, Ending::Held);
    hold(name, &repro(&story).source);
}

/// As [`check_healthy`], of a story whose test fails.
fn check_failing(name: &str, story: &Story, message: &str) {
    let source = repro(story).source;
    let fails = format!("#[test]\n#[should_panic(expected = {message:?})]\n");
    hold(name, &source.replacen("#[test]\n", &fails, 1));
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

/// See `faults.rs`.
#[test]
fn a_chain_of_two_clients_in_reverse() {
    let story = tell(&Yrs::default(), &stories::chain_in_reverse());
    let violation = story.ending.violation().expect("yrs does not hold it");
    assert_eq!(violation.oracle, Oracle::Pending);
    check_failing("chain_in_reverse", &story, "c still waits");
    insta::assert_snapshot!(repro(&story).source);
}

/// Where what would be right cannot be computed, what is wrong is named.
#[test]
fn what_is_wrong_today() {
    let mut story = tell(&Yrs::default(), &stories::broadcast(&ALL));
    let wrong = Violation::new(Oracle::Elements, "text", "an element of replica 1 is lost");
    story.ending = Ending::Violated(wrong.at(ReplicaNumber(1)));
    check_failing("wrong_today", &story, "b shows what it must not");
}

#[test]
fn what_cannot_be_said_is_not() {
    let mut kinds = ALL.to_vec();
    kinds.push(ContainerKind::Tree);
    let story = tell(&Yrs::default(), &stories::broadcast(&kinds));
    assert_eq!(Yrs::default().repro(&story), None);
}

#[test]
fn the_other_encoding_is_used_throughout() {
    let engine = Yrs::default().published_encoding().expect("there is V2");
    let story = tell(&*engine, &stories::protocol());
    let source = engine.repro(&story).expect("the adapter can write it").source;
    assert!(source.contains("update_v2") && !source.contains("update_v1"), "{source}");
}
