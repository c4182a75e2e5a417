//! The simplest way for updates to travel: the engine's own protocol.
//!
//! A bug that shows however updates travel is one bug, so it should come down to
//! one history.

use std::collections::BTreeMap;

use super::Attempt;
use crate::engine::Delivery;
use crate::schedule::{ReplicaNumber, Schedule, ScheduleAction};

/// Lets updates travel by the protocol, if it fails then too.
pub(super) fn simplify(attempt: &mut Attempt<'_>) {
    attempt.offer_changed(by_protocol);
}

fn by_protocol(schedule: &mut Schedule) {
    if !matches!(schedule.delivery, Delivery::Broadcast | Delivery::Snapshot) {
        return;
    }
    schedule.delivery = Delivery::Protocol;
    let makers: BTreeMap<u32, ReplicaNumber> = schedule
        .steps
        .iter()
        .filter_map(|step| match step.what {
            ScheduleAction::Edit { at, .. }
            | ScheduleAction::Undo { at }
            | ScheduleAction::Redo { at } => Some((step.number, at)),
            _ => None,
        })
        .collect();
    for step in &mut schedule.steps {
        let from = match &step.what {
            ScheduleAction::Merge { from, to } => Some((*from, *to)),
            ScheduleAction::Deliver { updates, to } => updates
                .iter()
                .filter_map(|made| makers.get(made))
                .find(|maker| *maker != to)
                .map(|from| (*from, *to)),
            _ => None,
        };
        if let Some((a, b)) = from {
            step.what = ScheduleAction::Sync { a, b };
        }
    }
}
