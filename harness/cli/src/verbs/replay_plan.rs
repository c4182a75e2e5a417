//! `deadzone replay` of a plan with times, as `run` saves one.

use anyhow::{Context, Result};
use deadzone_core::plan::{NodeId, Nodes, Plan};
use deadzone_core::record::{CpuMode, Outcome, RunRecord};
use deadzone_core::time::{Span, Time};
use deadzone_core::world::{Kind, Moment, Watched, What};
use deadzone_simulators::Simulator;
use deadzone_worker::{Job, Task};
use serde_json::{Value, json};

use crate::args::{BLOCKS_MAX, Format, ReplayArgs};
use crate::campaign::jobs_at_a_time;
use crate::exit::{self, BadInput};
use crate::rooms;
use crate::verbs::replay::Opened;
use crate::versions::Choice;
use crate::worker::{self, Ended};

/// Runs it on each engine; the exit code. What programs are told goes to `answers`.
///
/// # Errors
/// [`BadInput`], or if deadzone itself fails.
pub(super) fn replay(
    args: &ReplayArgs,
    opened: &Opened,
    plan: &Plan,
    answers: &mut Vec<Value>,
) -> Result<i32> {
    let until = args.until.as_deref().map(time).transpose()?;
    let mut code = exit::OK;
    for choice in super::replay::choices(args, opened)? {
        if args.trace || until.is_some() {
            let watch = Task::Watch { plan: Box::new(plan.clone()), until, moments: args.trace };
            match in_worker(&choice, plan, watch)? {
                Ended::Watched(watched) => show(args, plan, &watched, answers)?,
                Ended::Interrupted => return Ok(exit::INTERRUPTED),
                ended => {
                    died(args, &choice, &ended, answers)?;
                    code = exit::ENGINE_DIED;
                    continue;
                }
            }
        }
        if until.is_some() {
            continue;
        }
        if plan.scenario.rooms > 1 {
            let Some(record) = in_rooms(&choice, plan)? else { return Ok(exit::INTERRUPTED) };
            code = code.max(verdict(args, &choice.version, &record, answers)?);
            continue;
        }
        let world = Task::World { plan: Box::new(plan.clone()), simulator: Simulator::Event };
        let this = match in_worker(&choice, plan, world)? {
            Ended::Done(done) => verdict(args, &choice.version, &done.record, answers)?,
            Ended::Interrupted => return Ok(exit::INTERRUPTED),
            ended => {
                died(args, &choice, &ended, answers)?;
                exit::ENGINE_DIED
            }
        };
        code = code.max(this);
    }
    Ok(code)
}

/// The engine took its process with it: of a record there is no more than this.
fn died(args: &ReplayArgs, choice: &Choice, ended: &Ended, answers: &mut Vec<Value>) -> Result<()> {
    let (engine, engine_version) = (choice.info().name, &choice.version);
    let (outcome, said) = (ended.outcome(), ended.in_words());
    match args.format {
        Format::Human => anstream::println!("{engine} {engine_version}: {said}"),
        Format::Json => answers.push(json!({
            "engine": engine,
            "engine_version": engine_version,
            "verdict": { "outcome": outcome, "violations": [said] },
        })),
    }
    Ok(())
}

/// Runs all rooms; none if the user interrupts.
fn in_rooms(choice: &Choice, plan: &Plan) -> Result<Option<RunRecord>> {
    let program = choice.worker()?;
    let ground = rooms::Ground {
        engine: choice.info().name,
        engine_version: &choice.version,
        program: program.as_deref(),
        simulator: Simulator::Event,
        mode: CpuMode::Counted,
        blocks_max: BLOCKS_MAX,
    };
    let run = rooms::run(&ground, plan, jobs_at_a_time(None)?, &|_, _| {})?;
    Ok(run.map(|run| run.record))
}

fn in_worker(choice: &Choice, plan: &Plan, task: Task) -> Result<Ended> {
    let program = choice.worker()?;
    let job = Job {
        engine: choice.info().name.to_owned(),
        mode: CpuMode::Counted,
        seed: plan.seed,
        blocks_max: BLOCKS_MAX,
        task,
    };
    match worker::run(program.as_deref(), &job, |_| {})? {
        Ended::Refused(reason) => Err(BadInput::error(reason)),
        ended => Ok(ended),
    }
}

pub(super) fn time(text: &str) -> Result<Time> {
    let wrong = || {
        BadInput::error(format!(
            "--until {text}: this plan has times; expected one such as 90s, 10min or 1500ms"
        ))
    };
    let until = humantime::parse_duration(text).map_err(|_| wrong())?;
    let nanoseconds = u64::try_from(until.as_nanos()).map_err(|_| wrong())?;
    Ok(Time::ZERO + Span::from_nanos(nanoseconds))
}

fn verdict(
    args: &ReplayArgs,
    version: &str,
    record: &RunRecord,
    answers: &mut Vec<Value>,
) -> Result<i32> {
    if args.format == Format::Json {
        answers.push(serde_json::to_value(record)?);
    } else {
        let outcome = in_words(record.verdict.outcome)?;
        anstream::println!("{} {version}: {outcome}", record.engine);
        for violation in &record.verdict.violations {
            anstream::println!("  {violation}");
        }
    }
    Ok(match record.verdict.outcome {
        Outcome::Passed | Outcome::Unsupported => exit::OK,
        Outcome::NotConverged | Outcome::NotSilent | Outcome::Violated => exit::VIOLATED,
        Outcome::Panicked | Outcome::Aborted | Outcome::Hung => exit::ENGINE_DIED,
    })
}

/// What a run came to, for people.
pub(super) fn in_words(outcome: Outcome) -> Result<String> {
    let name = serde_json::to_value(outcome).context("an outcome as JSON")?;
    Ok(name.as_str().unwrap_or_default().replace('_', " "))
}

fn show(args: &ReplayArgs, plan: &Plan, watched: &Watched, answers: &mut Vec<Value>) -> Result<()> {
    if args.format == Format::Json {
        answers.push(serde_json::to_value(watched)?);
        return Ok(());
    }
    let names = Names::of(plan);
    for Moment { at, what } in &watched.moments {
        anstream::println!("{:>14}  {}", at.to_string(), names.tell(plan, what)?);
    }
    if watched.not_kept > 0 {
        anstream::println!("… and {} more, which are not kept", watched.not_kept);
    }
    if let Some(stopped) = &watched.stopped {
        anstream::println!("it could not go on at {}: {stopped}", watched.at);
    }
    if args.until.is_some() {
        anstream::println!("at {}:", watched.at);
        for (node, document) in (0..).map(NodeId).zip(&watched.documents) {
            let shown = match document {
                Some(document) => serde_json::to_string(document)?,
                None => "off".to_owned(),
            };
            anstream::println!("  {:<16} {shown}", names.name(node));
        }
    }
    Ok(())
}

/// What nodes are called.
struct Names(Vec<String>);

impl Names {
    fn of(plan: &Plan) -> Self {
        let nodes = Nodes::new(&plan.scenario);
        let mut names: Vec<String> = plan
            .scenario
            .fleet
            .iter()
            .flat_map(|group| (0..group.count).map(|number| format!("{}.{number}", group.name)))
            .collect();
        names.extend(nodes.relay().map(|_| deadzone_core::plan::RELAY.to_owned()));
        Self(names)
    }

    fn name(&self, node: NodeId) -> &str {
        self.0.get(node.0 as usize).map_or("nobody", String::as_str)
    }

    fn tell(&self, plan: &Plan, what: &What) -> Result<String> {
        let thing = |kind: &Kind, bytes: &u64| match kind {
            Kind::Protocol => format!("a protocol message of {bytes} bytes"),
            Kind::Update => format!("an update of {bytes} bytes"),
            Kind::Acknowledgement => "an acknowledgement".to_owned(),
        };
        Ok(match what {
            What::Step(number) => {
                let step = &plan.steps[*number as usize].what;
                format!("step {number}: {}", serde_json::to_string(step)?)
            }
            What::Edited { at, step } => {
                format!("{} has made the edit of step {step}", self.name(*at))
            }
            What::Sent { from, to, kind, bytes } => {
                format!("{} → {}: {}", self.name(*from), self.name(*to), thing(kind, bytes))
            }
            What::Received { from, to, kind, bytes } => format!(
                "{} has received {} of {}",
                self.name(*to),
                thing(kind, bytes),
                self.name(*from)
            ),
            What::Dialled { from, to } => {
                format!("{} calls {}", self.name(*from), self.name(*to))
            }
            What::HungUp { from, to } => {
                format!("{} gives up its connection to {}", self.name(*from), self.name(*to))
            }
        })
    }
}
