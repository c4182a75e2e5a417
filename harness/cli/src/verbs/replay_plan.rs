//! `deadzone replay` of a plan with times, as `run` saves one.

use anyhow::{Context, Result};
use deadzone_core::plan::{NodeId, Nodes, Plan};
use deadzone_core::record::{CpuMode, Outcome, RunRecord};
use deadzone_core::schedule::SavedPlan;
use deadzone_core::time::{Span, Time};
use deadzone_core::world::{Kind, Moment, Watched, What};
use deadzone_worker::{Job, Task};

use crate::args::{BLOCKS_MAX, Format, ReplayArgs};
use crate::campaign::jobs_at_a_time;
use crate::exit::{self, BadInput};
use crate::rooms;
use crate::versions::Choice;
use crate::worker::{self, Ended};

/// Runs it on each engine; the exit code.
///
/// # Errors
/// [`BadInput`], or if deadzone itself fails.
pub(super) fn replay(args: &ReplayArgs, saved: &SavedPlan, plan: &Plan) -> Result<i32> {
    let until = args.until.as_deref().map(time).transpose()?;
    let mut code = exit::OK;
    for choice in super::replay::choices(args, saved)? {
        let (name, version) = (choice.info().name, choice.version.clone());
        if args.trace || until.is_some() {
            let watch = Task::Watch { plan: Box::new(plan.clone()), until, moments: args.trace };
            match in_worker(&choice, plan, watch)? {
                Ended::Watched(watched) => show(args, plan, &watched)?,
                Ended::Interrupted => return Ok(exit::INTERRUPTED),
                ended => {
                    anstream::println!("{name} {version}: {}", ended.in_words());
                    code = exit::ENGINE_DIED;
                    continue;
                }
            }
        }
        if until.is_some() {
            continue;
        }
        if plan.scenario.rooms > 1 {
            match in_rooms(args, &choice, plan)? {
                Some(this) => code = code.max(this),
                None => return Ok(exit::INTERRUPTED),
            }
            continue;
        }
        let this = match in_worker(&choice, plan, Task::World(Box::new(plan.clone())))? {
            Ended::Done(done) => verdict(args, &version, &done.record)?,
            Ended::Interrupted => return Ok(exit::INTERRUPTED),
            ended => {
                anstream::println!("{name} {version}: {}", ended.in_words());
                exit::ENGINE_DIED
            }
        };
        code = code.max(this);
    }
    Ok(code)
}

/// Runs all rooms; none if the user interrupts.
fn in_rooms(args: &ReplayArgs, choice: &Choice, plan: &Plan) -> Result<Option<i32>> {
    let program = choice.worker()?;
    let ground = rooms::Ground {
        engine: choice.info().name,
        engine_version: &choice.version,
        program: program.as_deref(),
        mode: CpuMode::Counted,
        blocks_max: BLOCKS_MAX,
    };
    let run = rooms::run(&ground, plan, jobs_at_a_time(None)?, &|_, _| {})?;
    run.map(|run| verdict(args, &choice.version, &run.record)).transpose()
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

fn time(text: &str) -> Result<Time> {
    let wrong = || {
        BadInput::error(format!(
            "--until {text}: this plan has times; expected one such as 90s, 10min or 1500ms"
        ))
    };
    let until = humantime::parse_duration(text).map_err(|_| wrong())?;
    let nanoseconds = u64::try_from(until.as_nanos()).map_err(|_| wrong())?;
    Ok(Time::ZERO + Span::from_nanos(nanoseconds))
}

fn verdict(args: &ReplayArgs, version: &str, record: &RunRecord) -> Result<i32> {
    if args.format == Format::Json {
        anstream::println!("{}", serde_json::to_string_pretty(record)?);
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

fn show(args: &ReplayArgs, plan: &Plan, watched: &Watched) -> Result<()> {
    if args.format == Format::Json {
        anstream::println!("{}", serde_json::to_string_pretty(watched)?);
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
