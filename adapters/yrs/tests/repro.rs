//! Stories as tests of yrs alone. What is generated is kept in `generated/` and
//! runs as a part of this test: what held must hold there, too.

use std::path::Path;

use deadzone_adapter_yrs::Yrs;
use deadzone_conformance::stories::{self, as_if, hold_to_file, tell, up_to};
use deadzone_core::check::{Oracle, Violation};
use deadzone_core::edit::ContainerKind;
use deadzone_core::engine::{Delivery, Engine};
use deadzone_core::replay::{Ending, Event, Happened, Repro, Story};
use deadzone_core::schedule::{ReplicaNumber, Schedule};

/// rustfmt would write other bytes than the generator.
#[rustfmt::skip]
#[path = "generated"]
mod generated {
    mod abort;
    mod broadcast;
    mod chain_in_reverse;
    mod endless;
    mod hang;
    mod nested;
    mod protocol;
    mod silent;
    mod snapshots;
    mod trees;
    mod undo;
    mod undo_protocol;
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
    check_healthy("trees", &stories::broadcast(&[&ALL[..], &[ContainerKind::Tree]].concat()));
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
    let story = tell(&Yrs::default(), &stories::broadcast(&ALL));
    let wrong = Violation::new(Oracle::Elements, "text", "an element of replica 1 is lost");
    let story = as_if(story, wrong.at(ReplicaNumber(1)));
    check_failing("wrong_today", &story, "b shows what it must not");
}

/// What ends the process, or does not end, of stories in which it does neither.
#[test]
fn what_kills() {
    let merged = |what: &Happened| matches!(what, Happened::Merged { .. });
    let merging = up_to(tell(&Yrs::default(), &stories::snapshots()), merged);
    let said = "the engine ran past its limit of work";
    let hang = Violation::new(Oracle::Hang, "work", said).at(ReplicaNumber(1));
    let hang = as_if(merging.clone(), hang);
    hold("hang", &repro(&hang).source);
    let abort = Violation::new(Oracle::Abort, "signal-6", "the engine aborted");
    hold("abort", &repro(&as_if(merging, abort.at(ReplicaNumber(1)))).source);
    // The same with a call at its end that indeed never returns.
    let source = repro(&hang).source;
    let endless = source
        .replace(
            "    // The call above does not return.",
            "    loop {\n        thread::park();\n    }",
        )
        .replace("from_secs(20)", "from_millis(50)");
    let fails = "#[test]\n#[should_panic(expected = \"the steps come to an end\")]\n";
    hold("endless", &endless.replacen("#[test]\n", fails, 1));
}

/// What would never fall silent, of a story in which it does.
#[test]
fn what_talks() {
    let said = "replica 0 and replica 2 still talk";
    let chatter = Violation::new(Oracle::Liveness, "chatter", said);
    let chatter = chatter.at(ReplicaNumber(0)).at(ReplicaNumber(2));
    hold("silent", &repro(&as_if(tell(&Yrs::default(), &stories::protocol()), chatter)).source);
}

#[test]
fn what_cannot_be_said_is_not() {
    let mut story = tell(&Yrs::default(), &stories::protocol());
    // What that took from a stack is not told.
    let why = "there is nothing to take back".to_owned();
    story.events.push(Event { step: None, what: Happened::Skipped { why } });
    assert_eq!(Yrs::default().repro(&story), None);
}

#[test]
fn the_other_encoding_is_used_throughout() {
    let engine = Yrs::default().published_encoding().expect("there is V2");
    let story = tell(&*engine, &stories::protocol());
    let source = engine.repro(&story).expect("the adapter can write it").source;
    assert!(source.contains("update_v2") && !source.contains("update_v1"), "{source}");
}
