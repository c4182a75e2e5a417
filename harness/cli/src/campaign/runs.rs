//! Carries out planned runs, some at a time, and collects their records.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result, bail};
use deadzone_core::digest;
use deadzone_core::plan::Plan;
use deadzone_core::record::{Outcome, RunRecord, Verdict};
use deadzone_core::scenario::Scenario;
use deadzone_core::time::Span;
use deadzone_worker::{Done, Job};

use super::prepare::{Planned, What};
use super::progress::Progress;
use crate::exit::BadInput;
use crate::interrupt;
use crate::rooms;
use crate::worker::{self, Ended, News};

/// A run that is over.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) planned: Planned,
    pub(crate) record: RunRecord,
    pub(crate) wall_ns: u64,
    pub(crate) wall_in_engine_ns: u64,
    /// Whether the wall clock had a say in how it ended.
    pub(crate) timed_out: bool,
    /// Of several rooms, those that failed by themselves, in order.
    pub(crate) failed_rooms: Vec<u32>,
}

/// What became of a campaign.
#[derive(Debug)]
pub(crate) struct Outcomes {
    /// In the order of the planned runs.
    pub(crate) runs: Vec<Run>,
    pub(crate) interrupted: bool,
}

/// Carries out `planned`, `jobs` processes at a time, each up to `blocks_max` basic blocks.
///
/// # Errors
/// If deadzone itself fails; what engines do is in the records.
pub(crate) fn execute(
    planned: &[Planned],
    jobs: NonZeroUsize,
    blocks_max: u64,
    parameters: &BTreeMap<String, String>,
    progress: &Progress,
) -> Result<Outcomes> {
    let runs_at_a_time = jobs.get().min(planned.len());
    // What runs leave free is for the rooms of those under way.
    let processes = jobs.get().checked_div(runs_at_a_time).and_then(NonZeroUsize::new);
    let processes = processes.unwrap_or(NonZeroUsize::MIN);
    let next = AtomicUsize::new(0);
    let done: Mutex<BTreeMap<usize, Result<Option<Run>>>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..runs_at_a_time {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    let Some(plan) = planned.get(number) else { return };
                    if interrupt::happened() {
                        return;
                    }
                    let outcome = run_one(plan, processes, blocks_max, parameters, progress);
                    let failed = outcome.is_err();
                    done.lock().expect("no holder panics").insert(number, outcome);
                    if failed {
                        next.store(planned.len(), Ordering::SeqCst);
                    }
                }
            });
        }
    });
    let mut runs = Vec::new();
    for outcome in done.into_inner().expect("no holder panics").into_values() {
        runs.extend(outcome?);
    }
    Ok(Outcomes { runs, interrupted: interrupt::happened() })
}

fn run_one(
    planned: &Planned,
    processes: NonZeroUsize,
    blocks_max: u64,
    parameters: &BTreeMap<String, String>,
    progress: &Progress,
) -> Result<Option<Run>> {
    let version = match &planned.program {
        Some(_) => format!(" {}", planned.engine_version),
        None => String::new(),
    };
    let label = format!("{} · {}{version}", planned.scenario.name(), planned.engine);
    let line = progress.begin(&label, planned.virtual_time_ns_max());
    let mut run = match (&planned.what, planned.task()) {
        (What::World(plan), _) if plan.scenario.rooms > 1 => {
            in_rooms(planned, plan, processes, blocks_max, &line)?
        }
        (_, None) => Some(not_run(planned)),
        (_, Some(task)) => {
            let job = Job {
                engine: planned.engine.clone(),
                mode: planned.mode,
                seed: planned.seed,
                blocks_max,
                task,
            };
            in_worker(planned, &job, &line)?
        }
    };
    if let Some(run) = &mut run {
        run.record.parameters = parameters.clone();
    }
    progress.end(&line);
    Ok(run)
}

fn in_rooms(
    planned: &Planned,
    plan: &Plan,
    processes: NonZeroUsize,
    blocks_max: u64,
    line: &super::progress::Line,
) -> Result<Option<Run>> {
    let ground = rooms::Ground {
        engine: &planned.engine,
        engine_version: &planned.engine_version,
        program: planned.program.as_deref(),
        simulator: planned.simulator,
        mode: planned.mode,
        blocks_max,
    };
    let end = Span::from_nanos(planned.virtual_time_ns_max());
    let progress = |over: u32, all: u32| line.at(end.scale(over.into(), all.into()).as_nanos());
    let Some(run) = rooms::run(&ground, plan, processes, &progress)? else { return Ok(None) };
    let mut record = run.record;
    record.engine_version.clone_from(&planned.engine_version);
    Ok(Some(Run {
        planned: planned.clone(),
        record,
        wall_ns: run.wall_ns,
        wall_in_engine_ns: run.wall_in_engine_ns,
        timed_out: run.timed_out,
        failed_rooms: run.failed,
    }))
}

fn in_worker(planned: &Planned, job: &Job, line: &super::progress::Line) -> Result<Option<Run>> {
    let ended = worker::run_again_if_silent(planned.program.as_deref(), job, |news| {
        if let News::Clock(virtual_time_ns) = news {
            line.at(virtual_time_ns);
        }
    })?;
    if let Some(outcome) = ended.outcome() {
        let timed_out = matches!(ended, Ended::Watchdog);
        return Ok(Some(cut_short(planned, outcome, ended.in_words(), timed_out)));
    }
    match ended {
        Ended::Done(done) => {
            let Done { mut record, wall_ns, wall_in_engine_ns } = *done;
            // A working copy's adapter knows only its number.
            record.engine_version.clone_from(&planned.engine_version);
            Ok(Some(Run {
                planned: planned.clone(),
                record,
                wall_ns,
                wall_in_engine_ns,
                timed_out: false,
                failed_rooms: Vec::new(),
            }))
        }
        Ended::Refused(reason) => Err(BadInput::error(reason)),
        Ended::Interrupted => Ok(None),
        ended => bail!("a worker did something else than it was to run: {ended:?}"),
    }
}

/// The record of a run that could not be done here.
fn not_run(planned: &Planned) -> Run {
    let What::Unsupported(reason) = &planned.what else {
        panic!("a run without a task is unsupported");
    };
    cut_short(planned, Outcome::Unsupported, reason.clone(), false)
}

/// The record of a run whose process told nothing.
fn cut_short(planned: &Planned, outcome: Outcome, said: String, timed_out: bool) -> Run {
    let (scenario_digest, devices) = match planned.scenario.as_ref() {
        Scenario::World(world) => {
            (digest::of_json(world), world.fleet.iter().map(|group| group.count).sum())
        }
        Scenario::Direct(direct) => (digest::of_json(direct), 0),
        Scenario::Hunt(hunt) => (digest::of_json(hunt), 0),
    };
    let (plan_digest, simulator) = match &planned.what {
        What::World(plan) => (plan.digest(), planned.simulator.name()),
        What::Direct { .. } => (String::new(), "direct"),
        What::Unsupported(_) => (String::new(), "none"),
    };
    let record = RunRecord {
        scenario: planned.scenario.name().to_owned(),
        engine: planned.engine.clone(),
        engine_version: planned.engine_version.clone(),
        seed: planned.seed,
        simulator: simulator.to_owned(),
        not_honoured: Vec::new(),
        cpu: planned.mode,
        scenario_digest,
        plan_digest,
        parameters: BTreeMap::new(),
        devices,
        virtual_time_ns: 0,
        events: 0,
        audit: String::new(),
        verdict: Verdict { outcome, converged: false, document: None, violations: vec![said] },
        metrics: BTreeMap::new(),
        histograms: BTreeMap::new(),
        groups: BTreeMap::new(),
        series: BTreeMap::new(),
    };
    let planned = planned.clone();
    let failed_rooms = Vec::new();
    Run { planned, record, wall_ns: 0, wall_in_engine_ns: 0, timed_out, failed_rooms }
}

/// As many runs at a time as there are processors, unless the user says.
pub(crate) fn jobs_at_a_time(asked: Option<u16>) -> Result<NonZeroUsize> {
    match asked {
        Some(jobs) => NonZeroUsize::new(usize::from(jobs)).context("--jobs 0 would run nothing"),
        None => Ok(thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)),
    }
}
