//! Stories as tests of Loro alone. What is generated is kept in `generated/`
//! and runs as a part of this test: what held must hold there, too.

use deadzone_adapter_loro::Loro;
use deadzone_conformance::generated::Generated;
use deadzone_conformance::stories;
use deadzone_core::edit::ContainerKind;
use deadzone_core::engine::Delivery;

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

fn generated() -> Generated {
    Generated::of(Loro, env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_container() {
    let generated = generated();
    generated.hold_healthy("broadcast", &stories::broadcast(&ALL));
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
    generated.hold_healthy("shallow", &stories::shallow());
}

#[test]
fn earlier_versions() {
    let generated = generated();
    generated.hold_healthy("versions", &stories::versions());
    insta::assert_snapshot!(generated.repro(&generated.tell(&stories::versions())).source);
}

/// What is asserted where something does not hold, of stories in which it does.
#[test]
fn what_is_demanded() {
    generated().hold_what_is_demanded();
}

/// What ends the process, or does not end, of stories in which it does neither.
#[test]
fn what_kills() {
    generated().hold_what_kills();
}

/// What would never fall silent, of a story in which it does.
#[test]
fn what_talks() {
    generated().hold_what_talks();
}

/// Where what would be right cannot be computed, what is wrong is named.
#[test]
fn what_is_wrong_today() {
    generated().hold_what_is_wrong_today(&NESTED);
}
