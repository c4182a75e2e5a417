//! `deadzone replay`: runs saved plans again.

use std::path::PathBuf;

use anyhow::Result;
use deadzone_core::check::Violation;
use deadzone_core::plan::Plan;
use deadzone_core::record::CpuMode;
use deadzone_core::replay::{Ending, Scrutiny};
use deadzone_core::schedule::{History, SavedPlan, Schedule, ScheduleStep};
use deadzone_reports::finding::trace;
use deadzone_worker::session::Replayed;
use serde::Serialize;
use serde_json::Value;

use crate::args::{Format, ReplayArgs};
use crate::exit::{self, BadInput};
use crate::hunt::{
    Answered, Folders, FromRun, Provenance, Run, Session, Shrinker, Shrunk, lowered, read_plan,
};
use crate::interrupt;
use crate::versions::{self, Choice};

/// Schedules up to this length are bisected step by step, from the first on;
/// longer ones by halves.
const STEPS_ONE_BY_ONE: usize = 64;

/// A plan, and the file that it is in.
pub(super) struct Opened {
    path: PathBuf,
    saved: SavedPlan,
}

/// What a replay on one engine came to.
#[derive(Debug, Serialize)]
struct Verdict {
    plan: PathBuf,
    engine: String,
    engine_version: String,
    /// The run that the steps come from, if it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    lowered: Option<Run>,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    oracle: Option<&'static str>,
    #[serde(skip_serializing_if = "String::is_empty")]
    said: String,
    steps_skipped: u32,
    /// The first step after which it can no longer end well.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_bad_step: Option<u32>,
    /// What happens in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_bad: Option<ScheduleStep>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shrunk: Option<Shrunk>,
    #[serde(skip)]
    violation: Option<Violation>,
    #[serde(skip)]
    code: i32,
}

/// Runs the verb; the exit code.
///
/// # Errors
/// [`BadInput`], or if deadzone itself fails.
pub(crate) fn replay(args: &ReplayArgs) -> Result<i32> {
    super::run::fix_addresses();
    interrupt::listen()?;
    // All of them first: a file that is no plan stops none half way.
    let opened: Vec<Opened> =
        args.plans.iter().map(|path| open(args, path.clone())).collect::<Result<_>>()?;
    let folders = args.shrink.then(|| Folders::begin(&args.out, args.force)).transpose()?;
    let (mut code, mut answers) = (exit::OK, Vec::new());
    for (number, opened) in opened.iter().enumerate() {
        if args.plans.len() > 1 && args.format == Format::Human {
            let gap = if number > 0 { "\n" } else { "" };
            anstream::println!("{gap}{}:", opened.path.display());
        }
        let this = match opened.run(args) {
            Some(plan) => super::replay_plan::replay(args, opened, plan, &mut answers)?,
            None => on_each(args, opened, folders.as_ref(), &mut answers)?,
        };
        if this == exit::INTERRUPTED {
            return Ok(this);
        }
        // What is worse has the greater number.
        code = code.max(this);
    }
    if args.format == Format::Json {
        let whole = matches!(&opened[..], [only] if only.run(args).is_some()) && answers.len() == 1;
        let answer = if whole { answers.remove(0) } else { Value::Array(answers) };
        anstream::println!("{}", serde_json::to_string_pretty(&answer)?);
    }
    Ok(code)
}

impl Opened {
    /// The plan of a run, unless that is looked at as what its replicas did and
    /// received.
    fn run(&self, args: &ReplayArgs) -> Option<&Plan> {
        match &self.saved.history {
            History::Plan(plan) if !args.bisect && !args.shrink => Some(plan),
            _ => None,
        }
    }
}

/// Reads a plan, and refuses what cannot be asked of it.
fn open(args: &ReplayArgs, path: PathBuf) -> Result<Opened> {
    let opened = Opened { saved: read_plan(&path)?, path };
    refuse_rooms(args, &opened)?;
    let Some(until) = args.until.as_deref() else { return Ok(opened) };
    match (opened.run(args), &opened.saved.history) {
        (Some(_), _) => super::replay_plan::time(until).map(|_| opened),
        (None, History::Schedule(_)) => step_number(until).map(|_| opened),
        (None, History::Plan(_)) => Err(BadInput::error(format!(
            "{}: this plan has times; --until stops it at one, and --bisect and --shrink go by \
             what its replicas did to its end",
            opened.path.display()
        ))),
    }
}

/// A schedule, or what the replicas of a run did, on each engine; the exit code.
fn on_each(
    args: &ReplayArgs,
    opened: &Opened,
    folders: Option<&Folders>,
    answers: &mut Vec<Value>,
) -> Result<i32> {
    let mut code = exit::OK;
    for choice in choices(args, opened)? {
        if let Some(verdict) = on(args, opened, folders, &choice)? {
            // At once: of a range, the next release may take minutes to build.
            match args.format {
                Format::Human => show(args, &verdict)?,
                Format::Json => answers.push(serde_json::to_value(&verdict)?),
            }
            code = code.max(verdict.code);
        }
        if interrupt::happened() {
            return Ok(exit::INTERRUPTED);
        }
    }
    Ok(code)
}

/// Looking into a run is for one document at a time.
fn refuse_rooms(args: &ReplayArgs, opened: &Opened) -> Result<()> {
    let History::Plan(plan) = &opened.saved.history else { return Ok(()) };
    let wanted = [
        (args.trace, "--trace"),
        (args.until.is_some(), "--until"),
        (args.bisect, "--bisect"),
        (args.shrink, "--shrink"),
    ];
    match wanted.into_iter().find(|(is_wanted, _)| *is_wanted) {
        Some((_, flag)) if plan.scenario.rooms > 1 => Err(BadInput::error(format!(
            "{}: this plan has {} rooms with a document each, and {flag} looks into one; expected \
             the plan of one room, as `run` saves it for a room that failed by itself",
            opened.path.display(),
            plan.scenario.rooms
        ))),
        _ => Ok(()),
    }
}

/// What becomes of a plan on one engine; nothing if the user interrupts.
fn on(
    args: &ReplayArgs,
    opened: &Opened,
    folders: Option<&Folders>,
    choice: &Choice,
) -> Result<Option<Verdict>> {
    let saved = &opened.saved;
    let (schedule, run) = match &saved.history {
        History::Schedule(schedule) => (schedule.clone(), None),
        History::Plan(plan) => match lowered(choice, plan, CpuMode::Counted)? {
            Some(FromRun { schedule, run }) => (schedule, Some(run)),
            None => return Ok(None),
        },
    };
    let program = choice.worker()?;
    let mut shrinker = Shrinker::new(&Session::new(choice.info().name, program.as_deref()));
    // A run fails of what its replicas did, not of what could be made of them.
    let rebuilds = run.is_none();
    let mut verdict = judge(args, opened, &schedule, choice, &mut shrinker, rebuilds)?;
    verdict.lowered = run;
    if args.bisect && verdict.code != exit::OK {
        let first = first_bad_step(&mut shrinker, &schedule, rebuilds)?;
        verdict.first_bad_step = first.as_ref().map(|step| step.number);
        verdict.first_bad = first;
    }
    if let (Some(folders), Some(violation)) = (folders, &verdict.violation) {
        let scrutiny = Scrutiny { rebuilds, ..Scrutiny::default() };
        let finding = shrinker.finding(&schedule, violation, scrutiny)?;
        verdict.shrunk = finding
            .map(|finding| {
                let provenance = Provenance {
                    scenario: &saved.scenario,
                    engine: &verdict.engine,
                    engine_version: &verdict.engine_version,
                    seed: schedule.seed,
                };
                let written = folders.write(&finding, &provenance)?;
                Ok::<_, anyhow::Error>(Shrunk::new(&finding, Some(written)))
            })
            .transpose()?;
    }
    Ok(Some(verdict))
}

/// The engines to replay on: those asked for, or the one that the plan names.
pub(super) fn choices(args: &ReplayArgs, opened: &Opened) -> Result<Vec<Choice>> {
    let Opened { path, saved } = opened;
    if !args.engine.is_empty() {
        return versions::choose(&args.engine);
    }
    let name = std::slice::from_ref(&saved.engine);
    let built_in = versions::choose(name).map_err(|error| {
        BadInput::error(format!("{}: the plan names an engine: {error}", path.display()))
    })?;
    let version = &saved.engine_version;
    if built_in.iter().all(|choice| choice.version != *version) {
        anstream::eprintln!(
            "note: the plan was found on {} {version}; it is replayed on the version built in \
             (--engine {}@{version} for that one)",
            saved.engine,
            saved.engine
        );
    }
    Ok(built_in)
}

fn judge(
    args: &ReplayArgs,
    opened: &Opened,
    schedule: &Schedule,
    choice: &Choice,
    shrinker: &mut Shrinker,
    rebuilds: bool,
) -> Result<Verdict> {
    let until = args.until.as_deref().map(step_number).transpose()?;
    let tells = args.trace || until.is_some();
    let scrutiny = Scrutiny { rebuilds, story: tells, until };
    let answered = shrinker.replay_alone(schedule, scrutiny)?;
    let mut verdict = Verdict {
        plan: opened.path.clone(),
        engine: choice.info().name.to_owned(),
        engine_version: choice.version.clone(),
        lowered: None,
        outcome: "held",
        oracle: None,
        said: String::new(),
        steps_skipped: 0,
        first_bad_step: None,
        first_bad: None,
        shrunk: None,
        violation: None,
        code: exit::OK,
    };
    match answered {
        Answered::Replayed(replayed) => {
            verdict.judge(&replayed);
            if let Some(story) = &replayed.story
                && args.format == Format::Human
            {
                let documents = match until.is_some() || args.states {
                    true => trace::Documents::Shown,
                    false => trace::Documents::Hidden,
                };
                anstream::println!("{}", trace::render(story, documents, super::run::style()));
            }
        }
        Answered::Died { violation, .. } => verdict.violated(&violation),
        Answered::Interrupted => {}
        Answered::Hunted { .. } => unreachable!("no range was asked for"),
    }
    Ok(verdict)
}

impl Verdict {
    fn judge(&mut self, replayed: &Replayed) {
        self.steps_skipped = replayed.skipped;
        match &replayed.ending {
            Ending::Held => {}
            Ending::Violated(violation) => self.violated(violation),
            Ending::Unsupported(what) => {
                self.outcome = "unsupported";
                self.said = format!("the engine lacks {what}");
            }
        }
    }

    fn violated(&mut self, violation: &Violation) {
        self.outcome = "violated";
        self.oracle = Some(violation.oracle.name());
        self.said = violation.said.clone();
        self.violation = Some(violation.clone());
        self.code = if violation.oracle.is_death() { exit::ENGINE_DIED } else { exit::VIOLATED };
    }
}

fn step_number(text: &str) -> Result<u32> {
    text.parse().map_err(|_| {
        BadInput::error(format!(
            "--until {text}: this plan has steps and no times; expected the number of a step"
        ))
    })
}

/// The first step after which the replicas, brought together at once, can no
/// longer agree. In a long schedule, which is gone through by halves, there may be
/// an earlier one that a later one makes good for a while.
fn first_bad_step(
    shrinker: &mut Shrinker,
    schedule: &Schedule,
    rebuilds: bool,
) -> Result<Option<ScheduleStep>> {
    let mut ends_badly = |length: usize| -> Result<Option<bool>> {
        let steps = schedule.steps[..length].to_vec();
        let prefix = Schedule { steps, ..schedule.clone() };
        let scrutiny = Scrutiny { rebuilds, ..Scrutiny::default() };
        Ok(match shrinker.replay_alone(&prefix, scrutiny)? {
            Answered::Replayed(replayed) => Some(replayed.ending.violation().is_some()),
            Answered::Died { .. } => Some(true),
            Answered::Interrupted => None,
            Answered::Hunted { .. } => unreachable!("no range was asked for"),
        })
    };
    let (mut good, mut bad) = (0, schedule.steps.len());
    while bad - good > 1 {
        let length = match bad > STEPS_ONE_BY_ONE {
            true => good + (bad - good) / 2,
            false => good + 1,
        };
        match ends_badly(length)? {
            Some(true) => bad = length,
            Some(false) => good = length,
            None => return Ok(None),
        }
    }
    Ok(bad.checked_sub(1).map(|last| schedule.steps[last].clone()))
}

fn show(args: &ReplayArgs, verdict: &Verdict) -> Result<()> {
    let Verdict { engine, engine_version, outcome, oracle, said, .. } = verdict;
    if let Some(lowered) = &verdict.lowered {
        let run = super::replay_plan::in_words(lowered.outcome)?;
        anstream::println!("{engine} {engine_version}, the run: {run}");
        for said in &lowered.said {
            anstream::println!("  {said}");
        }
        let left_out = match lowered.left_out {
            0 => String::new(),
            calls => format!(", without {calls} calls that have no place in it"),
        };
        anstream::println!("  lowered to a schedule of {} steps{left_out}", lowered.steps);
    }
    let oracle = oracle.map(|oracle| format!(" {oracle}:")).unwrap_or_default();
    let line = format!("{engine} {engine_version}: {outcome}{oracle} {said}");
    anstream::println!("{}", line.trim_end());
    if verdict.lowered.as_ref().is_some_and(|run| run.outcome.failed()) && *outcome == "held" {
        anstream::println!("  what failed in the run takes time, or what a link does");
    }
    if verdict.steps_skipped > 0 {
        anstream::println!("  {} steps could not be done", verdict.steps_skipped);
    }
    if let Some(step) = &verdict.first_bad {
        anstream::println!(
            "  from step {} on it ends badly, even if everything is brought together then:",
            step.number
        );
        anstream::println!("    {}", serde_json::to_string(&step.what)?);
    }
    match &verdict.shrunk {
        Some(shrunk) => shrunk.show(None),
        None if args.shrink && verdict.violation.is_some() => {
            anstream::println!("  it did not fail again in a process of its own");
        }
        None => {}
    }
    Ok(())
}
