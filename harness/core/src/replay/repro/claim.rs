//! What a file asserts, from how its story ended.

use std::collections::{BTreeMap, BTreeSet};

use super::scribe::has_updates;
use crate::check::{Oracle, Violation};
use crate::document::Document;
use crate::engine::Delivery;
use crate::replay::steps::NOTHING_TO_TAKE_BACK;
use crate::replay::{Ending, Happened, Story};
use crate::schedule::{REPLICAS_MAX, ReplicaNumber};

/// What a file asserts. It does not hold while the engine behaves as in the
/// story, or, if the story held, it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// These show the same document at the end.
    Equal(Vec<ReplicaNumber>),
    /// At these nothing waits at the end.
    NothingWaits(Vec<ReplicaNumber>),
    /// A fresh replica that gets all updates, the last one first, waits for
    /// nothing and shows what this one shows.
    Backwards(ReplicaNumber),
    /// This one shows the same as before the event with this index, from which
    /// on everything arrives once more.
    Twice(ReplicaNumber, usize),
    /// A whole save of this one shows the same when it is loaded.
    Snapshot(ReplicaNumber),
    /// This one shows and holds what it did when it was last stored.
    Restored(ReplicaNumber),
    /// Earlier versions show what they did, and looking at them changes nothing:
    /// asserted wherever one is looked at.
    Versions,
    /// The last call succeeds: it returns, and the process lives on.
    LastCall,
    /// These fall silent, if from the event with this index on they exchange
    /// messages until neither has anything to say. The test needs no event after
    /// it.
    Silent(ReplicaNumber, ReplicaNumber, usize),
    /// This one shows something else than this document, which is wrong.
    NotThis(ReplicaNumber, Document),
}

impl Claim {
    /// The one for a story; none where it cannot be said in a few lines.
    pub fn of(story: &Story) -> Option<Self> {
        // What undoes nothing may still take something from a stack, and nothing
        // is told of it.
        let undoes_nothing = |what: &Happened| matches!(what, Happened::Skipped { why } if why == NOTHING_TO_TAKE_BACK);
        if story.events.iter().any(|event| undoes_nothing(&event.what)) {
            return None;
        }
        let violation = match &story.ending {
            Ending::Held => return came_together(story).then(|| Self::Equal(alive(story))),
            Ending::Unsupported(_) => return None,
            Ending::Violated(violation) => violation,
        };
        let first = alive(story).first().copied();
        let seen_at = violation.replicas.first().copied().or(first)?;
        match (violation.oracle, violation.about.as_str()) {
            (Oracle::Convergence, _) => Some(Self::Equal(alive(story))),
            (Oracle::Pending | Oracle::History, "backwards") => first.map(Self::Backwards),
            (Oracle::Pending, _) => Some(Self::NothingWaits(violation.replicas.clone())),
            (Oracle::Idempotence, "twice") => {
                repetition(story).map(|index| Self::Twice(seen_at, index))
            }
            (Oracle::History, "snapshot") => first.map(Self::Snapshot),
            (Oracle::History, "checkout") => Some(Self::Versions),
            (Oracle::Durability, _) => Some(Self::Restored(seen_at)),
            // Only what the end of a replay makes anew is not in the schedule.
            (Oracle::Panic | Oracle::Refusal | Oracle::Abort | Oracle::Hang, _)
                if seen_at.0 >= REPLICAS_MAX =>
            {
                let all_updates = story.delivery == Delivery::Broadcast;
                first.map(if all_updates { Self::Backwards } else { Self::Snapshot })
            }
            (Oracle::Panic | Oracle::Refusal | Oracle::Abort | Oracle::Hang, _) => {
                Some(Self::LastCall)
            }
            (Oracle::Liveness, "chatter") => match violation.replicas.as_slice() {
                [a, b] => chatter(story, *a, *b).map(|from| Self::Silent(*a, *b, from)),
                _ => None,
            },
            (Oracle::Liveness, _) => None,
            _ => Self::wrong(story, violation, seen_at),
        }
    }

    fn wrong(story: &Story, violation: &Violation, at: ReplicaNumber) -> Option<Self> {
        let shown = story.events.iter().rev().find_map(|event| match &event.what {
            Happened::Shown { replica, document }
                if *replica == at && (violation.step.is_none() || event.step == violation.step) =>
            {
                Some(document.clone())
            }
            _ => None,
        });
        shown.map(|document| Self::NotThis(at, document))
    }
}

/// The replicas that there are at the end.
fn alive(story: &Story) -> Vec<ReplicaNumber> {
    let made = story.events.iter().filter_map(|event| match &event.what {
        Happened::Created { replica, .. } => Some(*replica),
        Happened::Joined { to, .. } => Some(*to),
        _ => None,
    });
    made.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Whether all replicas were last seen with the same document. They were not if
/// the replay was stopped on the way.
fn came_together(story: &Story) -> bool {
    let mut last = BTreeMap::new();
    for event in &story.events {
        if let Happened::Shown { replica, document } = &event.what {
            last.insert(*replica, document);
        }
    }
    let mut documents = last.values();
    let first = documents.next();
    first.is_some() && documents.all(|document| Some(document) == first)
}

/// Where the last exchange of messages between two begins, and nothing is under
/// way between them.
fn chatter(story: &Story, a: ReplicaNumber, b: ReplicaNumber) -> Option<usize> {
    let between = |one: &ReplicaNumber, other: &ReplicaNumber| {
        (*one, *other) == (a, b) || (*one, *other) == (b, a)
    };
    let of_exchange = |what: &Happened| match what {
        Happened::Sent { from, to, .. } | Happened::Received { from, to, .. } => between(from, to),
        _ => false,
    };
    let said = story.events.iter().rposition(|event| of_exchange(&event.what))?;
    let before = story.events[..=said].iter().rposition(|event| !of_exchange(&event.what))?;
    let mut under_way = BTreeSet::new();
    for (index, event) in story.events[..=said].iter().enumerate() {
        if index > before && under_way.is_empty() {
            return Some(index);
        }
        match &event.what {
            Happened::Sent { message, from, to, .. } if between(from, to) => {
                under_way.insert(*message);
            }
            Happened::Received { message, .. } => drop(under_way.remove(message)),
            Happened::Disconnected { a, b, .. } if between(a, b) => under_way.clear(),
            _ => {}
        }
    }
    None
}

/// Where everything begins to arrive once more: as many deliveries from the end
/// as there are edits with updates.
fn repetition(story: &Story) -> Option<usize> {
    let edits = story.events.iter().filter(|event| has_updates(&event.what)).count();
    let arrivals = story.events.iter().enumerate().filter_map(|(index, event)| {
        let arrives = event.step.is_none() && matches!(event.what, Happened::Applied { .. });
        arrives.then_some(index)
    });
    arrivals.rev().nth(edits.checked_sub(1)?)
}
