//! Leaving things out.

use std::collections::BTreeSet;

use super::Attempt;
use crate::schedule::{Origin, ReplicaNumber, Schedule, ScheduleAction};

/// Of a run that was lowered, leaves out all steps of a kind at once, and puts an
/// exchange of messages in the place of each one that arrived: what is of no use
/// in it stands between everything else, where stretches of steps do not find it.
pub(super) fn what_a_run_has_in_plenty(attempt: &mut Attempt<'_>) {
    if attempt.best.origin != Origin::World {
        return;
    }
    attempt.offer_changed(exchange);
    let kinds: BTreeSet<&str> = attempt.best.steps.iter().map(|step| step.what.name()).collect();
    for kind in kinds {
        attempt.offer_changed(|schedule| schedule.steps.retain(|step| step.what.name() != kind));
    }
    replicas(attempt);
}

/// Whole exchanges instead of connections and single messages.
fn exchange(schedule: &mut Schedule) {
    schedule.steps.retain_mut(|step| match step.what {
        ScheduleAction::Receive { from: a, to: b } => {
            step.what = ScheduleAction::Sync { a: a.min(b), b: a.max(b) };
            true
        }
        ScheduleAction::Connect { .. }
        | ScheduleAction::Disconnect { .. }
        | ScheduleAction::Send { .. } => false,
        _ => true,
    });
    schedule.steps.dedup_by(|next, before| {
        matches!(next.what, ScheduleAction::Sync { .. }) && next.what == before.what
    });
}

/// Leaves out steps: long stretches first, single ones at last.
pub(super) fn steps(attempt: &mut Attempt<'_>) {
    let mut length = attempt.best.steps.len().div_ceil(2).max(1);
    loop {
        // From the end, since early steps are what later ones build on.
        let mut end = attempt.best.steps.len();
        while end > 0 {
            let start = end.saturating_sub(length);
            attempt.offer_changed(|schedule| drop(schedule.steps.drain(start..end)));
            end = start.min(attempt.best.steps.len());
            if attempt.is_exhausted() {
                return;
            }
        }
        if length == 1 {
            return;
        }
        length = length.div_ceil(2);
    }
}

/// Leaves out replicas with all that they do, and puts one in the place of
/// another.
pub(super) fn replicas(attempt: &mut Attempt<'_>) {
    for gone in used(attempt).into_iter().rev() {
        attempt.offer_changed(|schedule| {
            schedule.steps.retain(|step| !step.what.replicas().contains(&gone));
        });
    }
    for from in used(attempt).into_iter().rev() {
        for to in used(attempt) {
            if to < from && attempt.offer_changed(|s| crate::schedule::rename(s, from, to)) {
                break;
            }
        }
    }
    // Those that nothing is done at still take part at the end.
    while attempt.best.replicas > 1 {
        if !attempt.offer_changed(|schedule| schedule.replicas -= 1) {
            break;
        }
    }
}

fn used(attempt: &Attempt<'_>) -> BTreeSet<ReplicaNumber> {
    attempt.best.steps.iter().flat_map(|step| step.what.replicas()).collect()
}

/// Leaves out edits of transactions, updates of deliveries, and roots.
pub(super) fn parts(attempt: &mut Attempt<'_>) {
    for number in 0..attempt.best.steps.len() {
        let mut part = count(&attempt.best.steps[number].what);
        while part > 1 && !attempt.is_exhausted() {
            part -= 1;
            attempt.offer_changed(|schedule| match &mut schedule.steps[number].what {
                ScheduleAction::Edit { edits, .. } => drop(edits.remove(part)),
                ScheduleAction::Deliver { updates, .. } => drop(updates.remove(part)),
                _ => {}
            });
        }
    }
    let roots: Vec<String> = attempt.best.roots.keys().cloned().collect();
    for root in roots {
        let is_used = attempt.best.steps.iter().any(|step| match &step.what {
            ScheduleAction::Edit { edits, .. } => edits.iter().any(|edit| edit.at.root == root),
            _ => false,
        });
        if !is_used && attempt.best.roots.len() > 1 {
            attempt.offer_changed(|schedule| schedule.roots.retain(|name, _| *name != root));
        }
    }
}

fn count(what: &ScheduleAction) -> usize {
    match what {
        ScheduleAction::Edit { edits, .. } => edits.len(),
        ScheduleAction::Deliver { updates, .. } => updates.len(),
        _ => 0,
    }
}
