//! A sequential trace in a world: the first device of the group replays it.

use super::super::pace::around;
use super::super::{Input, Person, Script};
use super::{Patch, Sequential, Trace, Traces, Transaction};
use crate::edit::{Action, ContainerKind, Edit, Path, Position};
use crate::plan::PlanError;
use crate::scenario::TraceReplay;
use crate::time::{Span, Time};

/// Longer pauses in a trace's own times are cut to this: what happened over
/// months would otherwise take a world of months.
pub const MAX_PAUSE: Span = Span::from_secs(60);

/// The least mean time between transactions that can be a person's.
const FASTEST: Span = Span::from_millis(10);

/// How far transactions of the same time are spread: most traces have times in
/// whole seconds.
const RESOLUTION: Span = Span::from_secs(1);

/// How many transactions the synthetic trace has if the scenario sets no limit.
const SYNTHETIC: u32 = 10_000;

/// What `person` does: the trace, if they are the first of their group, and
/// nothing else. It begins with the world and breaks off with it.
pub(in crate::workload) fn inputs(
    replay: &TraceReplay,
    person: &Person<'_>,
    traces: &Traces,
) -> Result<Vec<Input>, PlanError> {
    let Some((root, _)) = person.roots(&[ContainerKind::Text]).into_iter().next() else {
        return Err(person.no_root("trace", "a text", "paper = \"text\""));
    };
    if person.number > 0 {
        return Ok(Vec::new());
    }
    let limit = replay.limit.unwrap_or(u32::MAX);
    let group = || person.group.to_owned();
    let synthetic;
    let (file, trace) = match &replay.file {
        Some(file) => {
            let missing = || PlanError::TraceMissing { group: group(), file: file.clone() };
            (file.as_str(), traces.get(file).ok_or_else(missing)?)
        }
        None => {
            let seed = person.stream.named("synthetic trace").draws().bits();
            synthetic = Trace::synthetic(seed, limit.min(SYNTHETIC));
            ("synthetic", &synthetic)
        }
    };
    let Trace::Sequential(trace) = trace else {
        return Err(PlanError::ConcurrentTrace { group: group(), file: file.to_owned() });
    };
    let transactions = &trace.transactions[..trace.transactions.len().min(limit as usize)];
    let times = match replay.every {
        Some(every) => paced(person, every, transactions.len()),
        None => own_times(transactions).map_err(|span| PlanError::NoTimes {
            group: group(),
            file: file.to_owned(),
            transactions: transactions.len(),
            span,
        })?,
    };
    script(person, &root, trace, transactions, &times)
}

fn script(
    person: &Person<'_>,
    root: &Path<Position>,
    trace: &Sequential,
    transactions: &[Transaction],
    times: &[Span],
) -> Result<Vec<Input>, PlanError> {
    let mut script = Script::new(person);
    if !trace.start.is_empty() {
        let action = Action::InsertText { index: Position::Exact(0), text: trace.start.clone() };
        script.push(Time::ZERO, vec![Edit { at: root.clone(), action }])?;
    }
    for (transaction, &after) in transactions.iter().zip(times) {
        let at = Time::ZERO + after;
        if at >= person.end {
            break;
        }
        let edits: Vec<_> =
            transaction.patches.iter().flat_map(|patch| edits(root, patch)).collect();
        if !edits.is_empty() {
            script.push(at, edits)?;
        }
    }
    Ok(script.inputs)
}

/// The edits that make up `patch`; none for one that changes nothing.
fn edits(root: &Path<Position>, patch: &Patch) -> impl Iterator<Item = Edit<Position>> {
    patch.actions(Position::Exact).map(|action| Edit { at: root.clone(), action })
}

impl Patch {
    /// The deletion and the insertion that it is made of, as far as there are.
    pub(crate) fn actions<P>(&self, index: impl Fn(u32) -> P) -> impl Iterator<Item = Action<P>> {
        let delete = (self.deleted > 0)
            .then(|| Action::DeleteText { index: index(self.index), count: self.deleted });
        let insert = (!self.inserted.is_empty())
            .then(|| Action::InsertText { index: index(self.index), text: self.inserted.clone() });
        delete.into_iter().chain(insert)
    }
}

fn paced(person: &Person<'_>, every: Span, count: usize) -> Vec<Span> {
    let mut draws = person.stream.named("times").draws();
    let mut now = Span::ZERO;
    let times = (0..count).map(|_| {
        now += around(&mut draws, every);
        now
    });
    times.collect()
}

/// When each transaction happens by the trace's own times: pauses cut at
/// [`MAX_PAUSE`], steps back in time taken as none, and transactions of the
/// same time spread evenly over the second that follows.
///
/// The error is the span that all of them take, if that is no person's pace or
/// a time is missing.
fn own_times(transactions: &[Transaction]) -> Result<Vec<Span>, Span> {
    let stamps: Option<Vec<i64>> =
        transactions.iter().map(|transaction| transaction.unix_milliseconds).collect();
    let stamps = stamps.ok_or(Span::ZERO)?;
    let mut times = Vec::with_capacity(stamps.len());
    let mut now = Span::ZERO;
    let mut rest = stamps.as_slice();
    while let Some(&stamp) = rest.first() {
        let same = rest.iter().take_while(|&&other| other == stamp).count();
        let pause = match rest.get(same) {
            Some(next) => {
                let milliseconds = u64::try_from(next.saturating_sub(stamp)).unwrap_or(0);
                Span::from_millis(milliseconds).min(MAX_PAUSE)
            }
            None => RESOLUTION,
        };
        let spread = pause.min(RESOLUTION);
        times.extend((0..same as u64).map(|place| now + spread.scale(place, same as u64)));
        now += pause;
        rest = &rest[same..];
    }
    if now.saturating_sub(RESOLUTION) < FASTEST.times(stamps.len() as u64) && stamps.len() > 1 {
        return Err(now.saturating_sub(RESOLUTION));
    }
    Ok(times)
}
