//! What the people of a group do.

use deadzone_core::edit::ContainerKind;
use deadzone_core::scenario::{DocumentShape, Pace, TraceReplay, Typing, Workload};
use deadzone_core::time::{Span, Time};
use deadzone_core::units::PartsPerMillion;

use crate::error::{Located, Problem, one_of};
use crate::file::fleet::{WorkloadFile, WorkloadKind};
use crate::units::TIME;
use crate::values::{At, TimeText};

/// 36.2 words a minute is the mean of 37,370 people on phones (Palin et al.,
/// MobileHCI 2019), to the nearest whole word.
const WORDS_PER_MINUTE: u32 = 36;
/// An estimate; in the one trace with every keystroke (automerge-paper)
/// 77,463 of 259,778 edits delete, rewriting of whole passages included.
const DELETIONS: PartsPerMillion = PartsPerMillion(100_000);
/// An estimate.
const JUMPS: PartsPerMillion = PartsPerMillion(300_000);
/// In the traces of josephg/editing-traces an event is one character at the
/// median and 22 to 122 at the 99th percentile: one in a hundred is a paste.
const PASTES: PartsPerMillion = PartsPerMillion(10_000);
/// An estimate; no source says how long people pause between sessions of writing
/// on a phone.
const PAUSE: Span = Span::from_secs(240);
/// An estimate.
const EVERY: Span = Span::from_secs(5);
/// A word is five characters and stands for as many keystrokes.
const KEYSTROKES_PER_WORD: u128 = 5;

/// What a workload plays on.
pub(super) struct Stage<'a> {
    /// The scenario's duration.
    pub(super) duration: Span,
    /// The document.
    pub(super) document: &'a DocumentShape,
}

pub(super) fn workload(
    file: Option<&At<WorkloadFile>>,
    stage: &Stage<'_>,
) -> Result<Workload, Located> {
    let Some(file) = file else { return Ok(Workload::Idle) };
    check_keys(file)?;
    check_roots(file, stage)?;
    Ok(match *file.kind {
        WorkloadKind::Idle => Workload::Idle,
        WorkloadKind::Typing => Workload::Typing(typing(file, stage)?),
        WorkloadKind::Form => Workload::Form(pace(file, stage)?),
        WorkloadKind::Todo => Workload::Todo(pace(file, stage)?),
        WorkloadKind::Board => Workload::Board(pace(file, stage)?),
        WorkloadKind::Trace => Workload::Trace(trace(file)?),
    })
}

fn name(kind: WorkloadKind) -> &'static str {
    match kind {
        WorkloadKind::Idle => "idle",
        WorkloadKind::Typing => "typing",
        WorkloadKind::Form => "form",
        WorkloadKind::Todo => "todo",
        WorkloadKind::Board => "board",
        WorkloadKind::Trace => "trace",
    }
}

fn check_keys(file: &WorkloadFile) -> Result<(), Located> {
    const TYPING: &[&str] =
        &["rate", "session", "pause", "between", "deletions", "jumps", "pastes", "marks"];
    const PACE: &[&str] = &["every", "session", "pause", "between"];
    let allowed = match *file.kind {
        WorkloadKind::Idle => &[],
        WorkloadKind::Typing => TYPING,
        WorkloadKind::Form | WorkloadKind::Todo | WorkloadKind::Board => PACE,
        WorkloadKind::Trace => &["file", "every", "limit"],
    };
    macro_rules! given {
        ($($key:ident),*) => {
            [$((stringify!($key), file.$key.as_ref().map(|value| value.span.clone()))),*]
        };
    }
    let given =
        given!(rate, every, session, pause, between, deletions, jumps, pastes, marks, file, limit);
    for (key, span) in given {
        if let (Some(span), false) = (span, allowed.contains(&key)) {
            let what = format!("`{key}` means nothing where `kind` is `{}`", name(*file.kind));
            return Err(Problem::new(what).expected(one_of(allowed)).at(span));
        }
    }
    Ok(())
}

/// The kinds of root that a workload works on; it needs one of them.
fn needs(kind: WorkloadKind) -> &'static [ContainerKind] {
    match kind {
        WorkloadKind::Idle => &[],
        WorkloadKind::Typing | WorkloadKind::Trace => &[ContainerKind::Text],
        WorkloadKind::Form => &[ContainerKind::Map],
        WorkloadKind::Todo => &[ContainerKind::List, ContainerKind::MovableList],
        WorkloadKind::Board => &[ContainerKind::MovableList, ContainerKind::List],
    }
}

fn check_roots(file: &WorkloadFile, stage: &Stage<'_>) -> Result<(), Located> {
    let needs = needs(*file.kind);
    if needs.is_empty() || stage.document.roots.values().any(|kind| needs.contains(kind)) {
        return Ok(());
    }
    let names: Vec<&str> = needs.iter().map(|kind| kind.name()).collect();
    Err(file.kind.wrong(
        format!("nothing to work on for `kind = \"{}\"`", name(*file.kind)),
        format!("a root of kind {} in [document]", one_of(&names)),
    ))
}

fn typing(file: &WorkloadFile, stage: &Stage<'_>) -> Result<Typing, Located> {
    if let Some(rate) = file.rate.as_ref().filter(|rate| rate.0 == 0) {
        return Err(rate.wrong("nobody writes 0 words a minute", "1wpm or more"));
    }
    let (session, pause) = sessions(file)?;
    let share = |given: &Option<At<crate::values::ShareText>>, default| {
        given.as_ref().map_or(default, |share| share.0)
    };
    Ok(Typing {
        words_per_minute: file.rate.as_ref().map_or(WORDS_PER_MINUTE, |rate| rate.0),
        session,
        pause,
        deletions: share(&file.deletions, DELETIONS),
        jumps: share(&file.jumps, JUMPS),
        pastes: share(&file.pastes, PASTES),
        marks: share(&file.marks, PartsPerMillion(0)),
        between: between(file, stage)?,
    })
}

fn pace(file: &WorkloadFile, stage: &Stage<'_>) -> Result<Pace, Located> {
    let (session, pause) = sessions(file)?;
    let every = at_least_a_millisecond(file.every.as_ref())?.unwrap_or(EVERY);
    Ok(Pace { every, session, pause, between: between(file, stage)? })
}

fn trace(file: &WorkloadFile) -> Result<TraceReplay, Located> {
    if let Some(name) = file.file.as_ref().filter(|name| name.is_empty()) {
        return Err(name.wrong("no file", "the trace's path in the folder of traces"));
    }
    if let Some(limit) = file.limit.as_ref().filter(|limit| ***limit == 0) {
        return Err(limit.wrong("a trace of 0 transactions", "1 or more"));
    }
    Ok(TraceReplay {
        file: file.file.as_ref().map(|name| name.value.clone()),
        every: at_least_a_millisecond(file.every.as_ref())?,
        limit: file.limit.as_ref().map(|limit| **limit),
    })
}

fn at_least_a_millisecond(every: Option<&At<TimeText>>) -> Result<Option<Span>, Located> {
    match every {
        Some(every) if every.0 < Span::from_millis(1) => {
            Err(every.refused("from edit to edit is too short", "1ms or more"))
        }
        _ => Ok(every.map(|every| every.0)),
    }
}

fn sessions(file: &WorkloadFile) -> Result<(Option<Span>, Span), Located> {
    let zero = |text: &&At<TimeText>| text.0 == Span::ZERO;
    if let Some(session) = file.session.as_ref().filter(zero) {
        return Err(session.wrong("sessions without length", "more than nothing"));
    }
    match (&file.session, &file.pause) {
        (None, Some(pause)) => Err(pause.wrong("pauses without sessions", "`session` beside it")),
        (None, None) => Ok((None, Span::ZERO)),
        (Some(session), pause) => {
            Ok((Some(session.0), pause.as_ref().map_or(PAUSE, |pause| pause.0)))
        }
    }
}

fn between(file: &WorkloadFile, stage: &Stage<'_>) -> Result<Option<(Time, Time)>, Located> {
    let Some(between) = &file.between else { return Ok(None) };
    let [from, to] = &between.value;
    if from.0 >= to.0 || to.0 > stage.duration {
        let duration = TIME.format(stage.duration.as_nanos());
        return Err(between.wrong(
            "this stretch of time ends before it begins, or after the duration",
            format!("two times in order, within {duration}"),
        ));
    }
    Ok(Some((Time::ZERO + from.0, Time::ZERO + to.0)))
}

/// About how many edits one device makes, at most; traces have their own length.
pub(super) fn edits(workload: &Workload, duration: Span) -> u128 {
    let active = |session: Option<Span>, pause: Span, between: Option<(Time, Time)>| {
        let within = between.map_or(duration, |(from, to)| to.since(from));
        match session {
            Some(session) => within.scale(session.as_nanos(), (session + pause).as_nanos()),
            None => within,
        }
    };
    match workload {
        Workload::Idle => 0,
        Workload::Trace(trace) => u128::from(trace.limit.unwrap_or(0)),
        Workload::Typing(typing) => {
            let active = active(typing.session, typing.pause, typing.between);
            let minute = u128::from(Span::from_secs(60).as_nanos());
            let keystrokes = u128::from(typing.words_per_minute) * KEYSTROKES_PER_WORD;
            u128::from(active.as_nanos()) * keystrokes / minute
        }
        Workload::Form(pace) | Workload::Todo(pace) | Workload::Board(pace) => {
            let active = active(pace.session, pace.pause, pace.between);
            u128::from(active.as_nanos()) / u128::from(pace.every.as_nanos())
        }
    }
}
