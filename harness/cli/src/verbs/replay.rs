//! `deadzone replay`: runs a saved plan again.

use anyhow::Result;
use deadzone_core::check::Violation;
use deadzone_core::replay::{Ending, Scrutiny};
use deadzone_core::schedule::{History, SavedPlan, Schedule};
use deadzone_reports::finding::trace;
use deadzone_worker::session::Replayed;
use serde::Serialize;

use crate::args::{Format, ReplayArgs};
use crate::exit::{self, BadInput};
use crate::hunt::{Answered, Session, Shrinker, read_plan};
use crate::interrupt;
use crate::versions::{self, Choice};

/// What a replay on one engine came to.
#[derive(Debug, Serialize)]
struct Verdict {
    engine: String,
    engine_version: String,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    oracle: Option<&'static str>,
    #[serde(skip_serializing_if = "String::is_empty")]
    said: String,
    steps_skipped: u32,
    /// The first step after which it can no longer end well.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_bad_step: Option<u32>,
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
    let saved = read_plan(&args.plan)?;
    let schedule = match &saved.history {
        History::Schedule(schedule) => schedule,
        History::Plan(plan) => return super::replay_plan::replay(args, &saved, plan),
    };
    let mut verdicts = Vec::new();
    for choice in choices(args, &saved)? {
        verdicts.push(on(args, schedule, &choice)?);
        if interrupt::happened() {
            return Ok(exit::INTERRUPTED);
        }
    }
    show(args, &verdicts)?;
    let worst = |code: i32| verdicts.iter().any(|verdict| verdict.code == code);
    Ok(match () {
        () if worst(exit::ENGINE_DIED) => exit::ENGINE_DIED,
        () if worst(exit::VIOLATED) => exit::VIOLATED,
        () => exit::OK,
    })
}

/// The engines to replay on: those asked for, or the one that the plan names.
pub(super) fn choices(args: &ReplayArgs, saved: &SavedPlan) -> Result<Vec<Choice>> {
    if !args.engine.is_empty() {
        return versions::choose(&args.engine);
    }
    let name = std::slice::from_ref(&saved.engine);
    let built_in = versions::choose(name).map_err(|error| {
        BadInput::error(format!("{}: the plan names an engine: {error}", args.plan.display()))
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

fn on(args: &ReplayArgs, schedule: &Schedule, choice: &Choice) -> Result<Verdict> {
    let program = choice.worker()?;
    let name = choice.info().name;
    let mut shrinker = Shrinker::new(&Session::new(name, program.as_deref()));
    let until = args.until.as_deref().map(step_number).transpose()?;
    let scrutiny = Scrutiny { rebuilds: true, story: true, until };
    let answered = shrinker.replay_alone(schedule, scrutiny)?;
    let mut verdict = Verdict {
        engine: name.to_owned(),
        engine_version: choice.version.clone(),
        outcome: "held",
        oracle: None,
        said: String::new(),
        steps_skipped: 0,
        first_bad_step: None,
        code: exit::OK,
    };
    match answered {
        Answered::Replayed(replayed) => {
            verdict.judge(&replayed);
            if let Some(story) = &replayed.story
                && (args.trace || until.is_some())
                && args.format == Format::Human
            {
                let documents = match until.is_some() || args.states {
                    true => trace::Documents::Shown,
                    false => trace::Documents::Hidden,
                };
                anstream::println!("{}", trace::render(story, documents, super::run::style()));
            }
        }
        Answered::Died { violation, .. } => {
            verdict.violated(&violation);
        }
        Answered::Interrupted => return Ok(verdict),
        Answered::Hunted { .. } => unreachable!("no range was asked for"),
    }
    if args.bisect && verdict.code != exit::OK {
        verdict.first_bad_step = first_bad_step(&mut shrinker, schedule)?;
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
/// longer agree.
fn first_bad_step(shrinker: &mut Shrinker, schedule: &Schedule) -> Result<Option<u32>> {
    for length in 1..=schedule.steps.len() {
        let steps = schedule.steps[..length].to_vec();
        let number = steps.last().map(|step| step.number);
        let prefix = Schedule { steps, ..schedule.clone() };
        let scrutiny = Scrutiny { rebuilds: true, ..Scrutiny::default() };
        let bad = match shrinker.replay_alone(&prefix, scrutiny)? {
            Answered::Replayed(replayed) => replayed.ending.violation().is_some(),
            Answered::Died { .. } => true,
            Answered::Interrupted => return Ok(None),
            Answered::Hunted { .. } => unreachable!("no range was asked for"),
        };
        if bad {
            return Ok(number);
        }
    }
    Ok(None)
}

fn show(args: &ReplayArgs, verdicts: &[Verdict]) -> Result<()> {
    if args.format == Format::Json {
        anstream::println!("{}", serde_json::to_string_pretty(verdicts)?);
        return Ok(());
    }
    for verdict in verdicts {
        let Verdict { engine, engine_version, outcome, oracle, said, .. } = verdict;
        let oracle = oracle.map(|oracle| format!(" {oracle}:")).unwrap_or_default();
        anstream::println!("{engine} {engine_version}: {outcome}{oracle} {said}");
        if verdict.steps_skipped > 0 {
            anstream::println!("  {} steps could not be done", verdict.steps_skipped);
        }
        if let Some(step) = verdict.first_bad_step {
            anstream::println!(
                "  from step {step} on it ends badly, even if everything is brought together then"
            );
        }
    }
    Ok(())
}
