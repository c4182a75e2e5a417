//! Stories as tests of yrs alone. What is generated is kept in `generated/` and
//! runs as a part of this test: what held must hold there, too.

use deadzone_adapter_yrs::Yrs;
use deadzone_conformance::generated::{Generated, failing};
use deadzone_conformance::stories::{self, tell};
use deadzone_core::check::Oracle;
use deadzone_core::edit::ContainerKind;
use deadzone_core::engine::{Delivery, Engine};
use deadzone_core::replay::{Event, Happened};

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

fn generated() -> Generated {
    Generated::of(Yrs::default(), env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_container() {
    let generated = generated();
    generated.hold_healthy("broadcast", &stories::broadcast(&ALL));
    generated
        .hold_healthy("trees", &stories::broadcast(&[&ALL[..], &[ContainerKind::Tree]].concat()));
    generated.hold_healthy("nested", &stories::broadcast(&NESTED));
}

#[test]
fn what_is_taken_back() {
    let generated = generated();
    generated.hold_healthy("undo", &stories::undo(Delivery::Broadcast));
    generated.hold_healthy("undo_protocol", &stories::undo(Delivery::Protocol));
}

#[test]
fn every_way_of_delivery() {
    let generated = generated();
    generated.hold_healthy("protocol", &stories::protocol());
    generated.hold_healthy("snapshots", &stories::snapshots());
}

/// See `faults.rs`.
#[test]
fn a_chain_of_two_clients_in_reverse() {
    let generated = generated();
    let story = generated.tell(&stories::chain_in_reverse());
    let violation = story.ending.violation().expect("yrs does not hold it");
    assert_eq!(violation.oracle, Oracle::Pending);
    generated.hold_failing("chain_in_reverse", &story, "c still waits");
    insta::assert_snapshot!(generated.repro(&story).source);
}

/// Where what would be right cannot be computed, what is wrong is named.
#[test]
fn what_is_wrong_today() {
    generated().hold_what_is_wrong_today(&ALL);
}

/// What ends the process, or does not end, of stories in which it does neither; and
/// one with a call at its end that indeed never returns.
#[test]
fn what_kills() {
    let generated = generated();
    let endless = generated
        .hold_what_kills()
        .replace(
            "    // The call above does not return.",
            "    loop {\n        thread::park();\n    }",
        )
        .replace("from_secs(20)", "from_millis(50)");
    generated.hold("endless", &failing(&endless, "the steps come to an end"));
}

/// What would never fall silent, of a story in which it does.
#[test]
fn what_talks() {
    generated().hold_what_talks();
}

#[test]
fn what_cannot_be_said_is_not() {
    let generated = generated();
    let mut story = generated.tell(&stories::protocol());
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
