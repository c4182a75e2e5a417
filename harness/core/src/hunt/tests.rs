//! What can be said of schedules without an engine.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{Feature, Weights, schedule};
use crate::edit::{Action, ContainerKind, Edit, Position, Value};
use crate::engine::{Authority, Delivery, EngineInfo, Support};
use crate::scenario::{Counts, DocumentShape, HuntScenario};
use crate::schedule::{Schedule, ScheduleAction};

fn info() -> EngineInfo {
    EngineInfo {
        name: "any",
        version: "1",
        summary: "Has everything.",
        authority: Authority::Replicas,
        containers: ContainerKind::ALL.map(|kind| (kind, Support::Native)).into(),
        marks: Support::Native,
        deliveries: DELIVERIES.to_vec(),
        undo: true,
    }
}

const DELIVERIES: [Delivery; 4] =
    [Delivery::Protocol, Delivery::Broadcast, Delivery::Snapshot, Delivery::Shallow];

fn everything() -> HuntScenario {
    let root = |kind: ContainerKind| (format!("the-{}", kind.name()), kind);
    HuntScenario {
        name: "everything".to_owned(),
        question: "Does anything break?".to_owned(),
        document: DocumentShape { roots: ContainerKind::ALL.map(root).into(), nesting: 2 },
        replicas: Counts { at_least: 2, at_most: 6 },
        edits: Counts { at_least: 5, at_most: 40 },
        deliveries: DELIVERIES.to_vec(),
        features: Feature::ALL.iter().copied().collect(),
    }
}

fn edits(schedule: &Schedule) -> impl Iterator<Item = &Edit<Position>> {
    schedule.steps.iter().flat_map(|step| match &step.what {
        ScheduleAction::Edit { edits, .. } => edits.as_slice(),
        _ => &[],
    })
}

proptest! {
    #[test]
    fn every_schedule_is_valid_and_the_same_each_time(
        seed: u64,
        features in proptest::sample::subsequence(Feature::ALL, 0..=Feature::ALL.len()),
        replicas in 1_u32..=8,
        most in 1_u32..200,
        nesting in 0_u32..5,
    ) {
        let mut scenario = everything();
        scenario.features = features.into_iter().collect();
        scenario.features.insert(Feature::Put);
        scenario.replicas = Counts { at_least: replicas, at_most: replicas };
        scenario.edits = Counts { at_least: 1, at_most: most };
        scenario.document.nesting = nesting;
        let made = schedule(&scenario, &info(), seed, &Weights::default());
        prop_assert_eq!(made.check(), Ok(()));
        prop_assert_eq!(u32::from(made.replicas), replicas);
        let edits = made.steps.iter().filter(|step| step.what.name() == "edit").count();
        prop_assert!((1..=most as usize).contains(&edits));
        let again = schedule(&scenario, &info(), seed, &Weights::default());
        prop_assert_eq!(made.digest(), again.digest());
    }

    #[test]
    fn elements_are_told_apart(seed: u64) {
        let made = schedule(&everything(), &info(), seed, &Weights::default());
        let (mut characters, mut labels) = (BTreeSet::new(), BTreeSet::new());
        let mut numbers = BTreeSet::new();
        for edit in edits(&made) {
            match &edit.action {
                Action::InsertText { text, .. } => {
                    for character in text.chars() {
                        prop_assert!(characters.insert(character), "{character} twice");
                        let code = u32::from(character);
                        let plain = (0x4e00..=0x9fff).contains(&code);
                        prop_assert!(plain || (0x2_0000..0x2_a6e0).contains(&code));
                    }
                }
                Action::CreateNode { label, .. } => {
                    prop_assert!(labels.insert(label.clone()), "{label} twice");
                }
                Action::Insert { values, .. } => {
                    for value in values {
                        if let Value::Scalar(value) = value {
                            prop_assert!(numbers.insert(value.clone()), "{value:?} twice");
                        }
                    }
                }
                _ => {}
            }
        }
    }

    #[test]
    fn deliveries_keep_to_their_contracts(seed: u64, number in 0_usize..4) {
        let mut scenario = everything();
        scenario.deliveries = vec![DELIVERIES[number]];
        let made = schedule(&scenario, &info(), seed, &Weights::default());
        let protocol = ["connect", "disconnect", "send", "receive", "sync"];
        for step in &made.steps {
            let name = step.what.name();
            let travels = match made.delivery {
                Delivery::Protocol => protocol.contains(&name),
                Delivery::Broadcast => name == "deliver",
                Delivery::Snapshot => ["merge", "join"].contains(&name),
                Delivery::Shallow => protocol.contains(&name) || name == "join",
            };
            let stays =
                ["edit", "undo", "redo", "save", "restart", "checkout", "read"].contains(&name);
            prop_assert!(travels || stays, "{name} under {:?}", made.delivery);
        }
    }
}

#[test]
fn what_an_engine_lacks_is_left_out_while_anything_is_left() {
    let mut info = info();
    info.marks = Support::Lacking;
    info.deliveries = vec![Delivery::Broadcast];
    for kind in ContainerKind::ALL {
        if kind != ContainerKind::Text && kind != ContainerKind::Map {
            info.containers.insert(kind, Support::Lacking);
        }
    }
    for seed in 0..300 {
        let made = schedule(&everything(), &info, seed, &Weights::default());
        assert_eq!(made.delivery, Delivery::Broadcast);
        let kinds: BTreeSet<ContainerKind> = made.roots.values().copied().collect();
        assert!(!kinds.is_empty());
        assert!(kinds.iter().all(|kind| info.containers[kind] == Support::Native), "{kinds:?}");
        for edit in edits(&made) {
            assert!(!matches!(edit.action, Action::Mark { .. }));
            if let Action::Put { value: Value::Container(kind), .. } = &edit.action {
                assert_eq!(info.containers[kind], Support::Native);
            }
        }
    }
    info.deliveries = vec![];
    info.containers = BTreeMap::new();
    let made = schedule(&everything(), &info, 1, &Weights::default());
    assert_eq!(made.roots, everything().document.roots, "the replay says what is not supported");
}
