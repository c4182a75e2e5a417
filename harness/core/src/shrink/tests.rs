use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::edit::{Action, ContainerKind, Edit, Path, Position};
use crate::engine::Delivery;
use crate::schedule::{Attention, Origin, ReplicaNumber, SCHEMA, ScheduleAction, ScheduleStep};

fn typing(at: u8, text: &str, share: u32) -> ScheduleAction {
    let action = Action::InsertText { index: Position::Share(share), text: text.to_owned() };
    let edits = vec![Edit { at: Path::root("notes"), action }];
    ScheduleAction::Edit { at: ReplicaNumber(at), edits }
}

fn schedule(actions: Vec<ScheduleAction>) -> Schedule {
    let steps = actions.into_iter().zip(10..);
    Schedule {
        schema: SCHEMA,
        seed: 1,
        roots: BTreeMap::from([
            ("notes".to_owned(), ContainerKind::Text),
            ("todo".to_owned(), ContainerKind::List),
        ]),
        delivery: Delivery::Broadcast,
        replicas: 5,
        attention: Attention::Every,
        origin: Origin::Hunt,
        steps: steps.map(|(what, number)| ScheduleStep { number, what }).collect(),
    }
}

/// Characters that anybody types, in order.
fn typed(schedule: &Schedule) -> Vec<(u8, char)> {
    let characters = schedule.steps.iter().flat_map(|step| match &step.what {
        ScheduleAction::Edit { at, edits } => edits
            .iter()
            .filter_map(|edit| match &edit.action {
                Action::InsertText { text, .. } => Some(text.chars().map(|c| (at.0, c))),
                _ => None,
            })
            .flatten()
            .collect::<Vec<_>>(),
        _ => Vec::new(),
    });
    characters.collect()
}

#[test]
fn what_is_not_needed_comes_off() {
    let mut actions = Vec::new();
    for round in 0..40 {
        actions.push(typing(round % 5, "一丁七万丈", u32::from(round) << 20));
        actions.push(ScheduleAction::Deliver {
            updates: vec![10, 12, 14],
            to: ReplicaNumber(round % 4),
        });
    }
    // Fails while two different replicas type, one after the other has got
    // something.
    let mut fails = |schedule: &Schedule| {
        let deliver = schedule
            .steps
            .iter()
            .position(|step| matches!(&step.what, ScheduleAction::Deliver { .. }));
        let Some(deliver) = deliver else { return false };
        let split =
            |range: &[ScheduleStep]| typed(&Schedule { steps: range.to_vec(), ..schedule.clone() });
        let (before, after) =
            (split(&schedule.steps[..deliver]), split(&schedule.steps[deliver..]));
        before.iter().any(|(one, _)| after.iter().any(|(other, _)| one != other))
    };
    let start = schedule(actions);
    assert!(fails(&start));
    let shrunk = shrink(&start, 10_000, &mut fails);
    assert!(!shrunk.exhausted);
    assert!(fails(&shrunk.schedule));
    assert_eq!(shrunk.schedule.steps.len(), 3, "{:#?}", shrunk.schedule);
    assert_eq!(typed(&shrunk.schedule).len(), 2);
    assert_eq!(shrunk.schedule.replicas, 1, "nobody but those in the steps is needed");
    assert_eq!(shrunk.schedule.roots.len(), 1);
    let numbers: Vec<u32> = shrunk.schedule.steps.iter().map(|step| step.number).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(shrink(&start, 10_000, &mut fails), shrunk);
}

#[test]
fn the_bound_holds() {
    let actions = (0..50).map(|n| typing(n % 5, "一", u32::from(n))).collect();
    let mut tried = 0;
    let shrunk = shrink(&schedule(actions), 7, &mut |_| {
        tried += 1;
        false
    });
    assert_eq!((tried, shrunk.tried, shrunk.exhausted), (7, 7, true));
    assert_eq!(shrunk.schedule.steps.len(), 50);
}

proptest! {
    /// Whatever subset of the characters is needed, these stay and nothing else.
    #[test]
    fn exactly_what_is_needed_stays(needed in prop::collection::btree_set(0_u8..30, 1..5)) {
        let letter = |n: u8| char::from_u32(0x4e00 + u32::from(n)).unwrap();
        let actions = (0..30).map(|n| typing(n % 3, &letter(n).to_string(), 0)).collect();
        let mut fails = |schedule: &Schedule| {
            let there: Vec<char> = typed(schedule).into_iter().map(|(_, c)| c).collect();
            needed.iter().all(|n| there.contains(&letter(*n)))
        };
        let shrunk = shrink(&schedule(actions), 100_000, &mut fails);
        prop_assert_eq!(shrunk.schedule.steps.len(), needed.len());
    }
}

/// What shows however updates travel comes down to one history; what does not
/// keeps its way.
#[test]
fn updates_travel_in_the_simplest_way() {
    let deliver = || ScheduleAction::Deliver { updates: vec![10], to: ReplicaNumber(1) };
    let merge = || ScheduleAction::Merge { from: ReplicaNumber(0), to: ReplicaNumber(1) };
    // Fails while replica 1 gets something that replica 0 typed.
    let carries = |schedule: &Schedule| {
        let by_first = typed(schedule).iter().any(|(at, _)| *at == 0);
        by_first
            && schedule.steps.iter().any(|step| match &step.what {
                ScheduleAction::Deliver { updates, to } => {
                    schedule.delivery == Delivery::Broadcast && !updates.is_empty() && to.0 == 1
                }
                ScheduleAction::Merge { from, to } => {
                    schedule.delivery == Delivery::Snapshot && (from.0, to.0) == (0, 1)
                }
                ScheduleAction::Sync { a, b } => {
                    schedule.delivery == Delivery::Protocol && (a.0, b.0) == (0, 1)
                }
                _ => false,
            })
    };
    for (delivery, step) in [(Delivery::Broadcast, deliver()), (Delivery::Snapshot, merge())] {
        let start = Schedule { delivery, ..schedule(vec![typing(0, "一", 0), step]) };
        let shrunk = shrink(&start, 1000, &mut |schedule| carries(schedule)).schedule;
        assert_eq!(shrunk.delivery, Delivery::Protocol);
        let kept = shrink(&start, 1000, &mut |schedule| {
            carries(schedule) && schedule.delivery == delivery
        });
        assert_eq!(kept.schedule.delivery, delivery);
    }
}
