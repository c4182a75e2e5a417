//! A story in moments: what happened in one step, and what is known of every
//! document after it.

use std::collections::BTreeMap;

use deadzone_core::document::Document;
use deadzone_core::replay::{Happened, Story};
use deadzone_core::schedule::{ReplicaNumber, Schedule};

use super::act::{Act, Reader};

/// One step, or one exchange of the end, when everything is brought to
/// everyone.
#[derive(Clone, Debug, Default)]
pub(super) struct Moment<'a> {
    /// The number of the step; none at the end.
    pub(super) step: Option<u32>,
    /// What happened; empty only where nothing but looking did.
    pub(super) acts: Vec<Act<'a>>,
    /// What is known of the replicas that are there afterwards.
    pub(super) known: BTreeMap<ReplicaNumber, Known<'a>>,
}

/// What is known of a replica's document.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known<'a> {
    /// As it was last read, if it was.
    pub(super) document: Option<&'a Document>,
    /// As it was read before that, in an earlier moment.
    pub(super) before: Option<&'a Document>,
    /// Whether something has happened to it since it was read.
    pub(super) stale: bool,
}

impl Moment<'_> {
    /// All in one sentence or a few: `replica 0 connects…; replica 1 …`.
    pub(super) fn sentence(&self) -> String {
        if self.acts.is_empty() {
            return "every document is read".to_owned();
        }
        let sentences: Vec<String> = self.acts.iter().map(Act::sentence).collect();
        sentences.join("; ")
    }

    /// `4`, or `end`.
    pub(super) fn label(&self) -> String {
        self.step.map_or_else(|| "end".to_owned(), |step| step.to_string())
    }
}

/// The moments of a story, in order.
///
/// An engine that panics in a step does not live to tell of it; what it was at
/// then stands in the `schedule`.
pub(super) fn of<'a>(story: &'a Story, schedule: Option<&'a Schedule>) -> Vec<Moment<'a>> {
    let mut moments = Vec::new();
    let mut reader = Reader::default();
    let mut known: BTreeMap<ReplicaNumber, Known<'a>> = BTreeMap::new();
    let mut open: Option<Moment<'a>> = None;
    for event in &story.events {
        let act = reader.read(event.step, &event.what);
        if let Some(Act::Created { at }) = act {
            known.insert(at, Known::default());
            continue;
        }
        let same = open.as_ref().is_some_and(|moment| {
            moment.step == event.step && (event.step.is_some() || continues(moment, act.as_ref()))
        });
        if !same {
            close(&mut moments, open.take(), &mut known);
            open = Some(Moment { step: event.step, ..Moment::default() });
        }
        let moment = open.as_mut().expect("opened just now");
        match (&event.what, act) {
            (Happened::Shown { replica, document }, _) => {
                let of = known.entry(*replica).or_default();
                (of.document, of.stale) = (Some(document), false);
            }
            (_, Some(act)) => {
                for replica in act.changes() {
                    known.entry(replica).or_default().stale = true;
                }
                moment.acts.push(act);
            }
            (_, None) => {}
        }
    }
    close(&mut moments, open, &mut known);
    told_to_the_last(&mut moments, story, schedule, &known);
    moments
}

/// Adds what the story could not tell of the step in which it breaks off.
fn told_to_the_last<'a>(
    moments: &mut Vec<Moment<'a>>,
    story: &Story,
    schedule: Option<&'a Schedule>,
    known: &BTreeMap<ReplicaNumber, Known<'a>>,
) {
    let last = story.ending.violation().and_then(|violation| violation.step);
    let Some((number, schedule)) = last.zip(schedule) else { return };
    let Some(step) = schedule.steps.iter().find(|step| step.number == number) else { return };
    let attempt = Act::Attempt { action: &step.what };
    match moments.last_mut() {
        Some(moment) if moment.step == Some(number) => {
            if moment.acts.iter().all(|act| matches!(act, Act::Read { .. })) {
                moment.acts = vec![attempt];
            }
        }
        _ => moments.push(Moment { step: Some(number), acts: vec![attempt], known: known.clone() }),
    }
}

/// Whether an act of the end belongs to the exchange before it.
fn continues(moment: &Moment<'_>, act: Option<&Act<'_>>) -> bool {
    let pair = |act: &Act<'_>| {
        let mut replicas = act.replicas();
        replicas.sort_unstable();
        let again = matches!(act, Act::Apply { again: true, .. });
        (replicas, again, matches!(act, Act::LookBack { .. }))
    };
    match (moment.acts.last(), act) {
        (Some(last), Some(act)) => {
            !matches!(act, Act::Merge { .. } | Act::Join { .. }) && pair(last) == pair(act)
        }
        (_, None) => true,
        (None, Some(_)) => false,
    }
}

fn close<'a>(
    moments: &mut Vec<Moment<'a>>,
    moment: Option<Moment<'a>>,
    known: &mut BTreeMap<ReplicaNumber, Known<'a>>,
) {
    let Some(mut moment) = moment else { return };
    for act in &moment.acts {
        if let Act::Join { to, .. } = act {
            known.entry(*to).or_default();
        }
    }
    moment.acts = gathered(std::mem::take(&mut moment.acts));
    if moment.acts.is_empty()
        && moment.step.is_some()
        && let Some((at, _)) = known.iter().find(|(_, of)| of.document != of.before)
    {
        moment.acts.push(Act::Read { at: *at });
    }
    moment.known = known.clone();
    for of in known.values_mut() {
        of.before = of.document;
    }
    moments.push(moment);
}

/// The same with messages to and fro as one exchange, and updates that arrive
/// one after the other as one arrival.
fn gathered(acts: Vec<Act<'_>>) -> Vec<Act<'_>> {
    let sends = acts.iter().any(|act| matches!(act, Act::Send { .. }));
    let receives = acts.iter().any(|act| matches!(act, Act::Receive { .. }));
    let mut all: Vec<Act<'_>> = Vec::new();
    for act in acts {
        match (all.last_mut(), act) {
            (Some(Act::Exchange { messages, bytes: sum, .. }), Act::Send { bytes, .. }) => {
                *messages += 1;
                *sum += bytes;
            }
            (Some(Act::Connect { a, b }), Act::Send { bytes, .. }) if sends && receives => {
                let (a, b) = (*a, *b);
                all.push(Act::Exchange { a, b, messages: 1, bytes });
            }
            (_, Act::Send { from, to, bytes, .. }) if sends && receives => {
                all.push(Act::Exchange { a: from, b: to, messages: 1, bytes });
            }
            (Some(Act::Exchange { .. }), Act::Receive { .. }) => {}
            (
                Some(Act::Apply { at, of, again, calls }),
                Act::Apply { at: to, of: more, again: too, calls: 1 },
            ) if *at == to && *again == too => {
                of.extend(more);
                *calls += 1;
            }
            (_, act) => all.push(act),
        }
    }
    all
}
