//! The worker's side: reads a job, runs it in the sandbox, answers.

use std::io::{self, stdin, stdout};
use std::path::{Path, PathBuf};

use deadzone_core::direct::{self, DirectError};
use deadzone_core::engine::Engine;
use deadzone_core::plan::Plan;
use deadzone_core::scenario::DirectScenario;
use deadzone_core::time::Time;
use deadzone_core::workload::{Trace, TraceError};
use deadzone_core::world::{self, lower::LowerError};
use deadzone_meter::{is_instrumented, limit_blocks, wall_time_ns, with_runtime, with_sandbox};
use deadzone_simulators::Simulator;

use crate::{Done, Job, Reply, Room, RoomsDone, Task, framing, session};

/// The most basic blocks from one step of a plan that is lowered to the next: some
/// ten seconds on a fast machine. What a run takes in all says nothing of whether
/// a call in it comes to an end.
const STEP_BLOCKS_MAX: u64 = 20_000_000_000;

/// Why a job could not begin.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The engine is not among those that the worker holds.
    #[error("this worker has no engine `{0}`")]
    UnknownEngine(String),
    /// The trace could not be read.
    #[error("{}: cannot read the trace: {error}", path.display())]
    UnreadableTrace {
        /// Its file.
        path: PathBuf,
        /// What reading said.
        error: io::Error,
    },
    /// The trace is not what it should be.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// The plan has no schedule.
    #[error(transparent)]
    Lower(#[from] LowerError),
    /// Nothing to do.
    #[error("these are no rooms")]
    NoRooms,
    /// The micro workload is out of bounds.
    #[error(transparent)]
    Direct(#[from] DirectError),
    /// The simulator cannot run the plan.
    #[error(transparent)]
    Simulator(#[from] deadzone_simulators::Refusal),
}

/// Serves one job, on the one of `engines` that it names.
///
/// # Errors
/// If the pipes are broken; a job that cannot be run is answered.
pub fn serve(engines: &[Box<dyn Engine>]) -> io::Result<()> {
    let Some(job) = framing::read::<Job>(&mut stdin().lock())? else {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the parent sent no job"));
    };
    if let (Task::Session, Some(engine)) = (&job.task, find(engines, &job.engine)) {
        return session::serve(engine, job.blocks_max, &mut stdin().lock(), &mut stdout());
    }
    let reply = serve_job(&job, engines)
        .unwrap_or_else(|refusal| Reply::Refused { reason: refusal.to_string() });
    framing::write(&mut stdout(), &reply)
}

fn find<'a>(engines: &'a [Box<dyn Engine>], name: &str) -> Option<&'a dyn Engine> {
    engines.iter().find(|engine| engine.info().name == name).map(AsRef::as_ref)
}

fn serve_job(job: &Job, engines: &[Box<dyn Engine>]) -> Result<Reply, Refusal> {
    let engine =
        find(engines, &job.engine).ok_or_else(|| Refusal::UnknownEngine(job.engine.clone()))?;
    match &job.task {
        Task::Describe => {
            let version = engine.info().version.to_owned();
            Ok(Reply::Engine { version, counts: is_instrumented() })
        }
        Task::Watch { plan, until, moments } => {
            let watched = with_sandbox(job.seed, |sandbox| {
                limit_blocks(job.blocks_max);
                world::watch(plan, engine, sandbox, *until, *moments)
            });
            Ok(Reply::Watched(Box::new(watched)))
        }
        Task::Lower(plan) => lower(job, plan, engine),
        Task::Rooms { rooms, simulator } => run_rooms(job, rooms, *simulator, engine),
        Task::World { plan, simulator } => {
            let RoomsDone { measured, wall_ns, wall_in_engine_ns } =
                simulate(job, 0, plan, *simulator, engine)?;
            let record = measured.into_record(plan);
            Ok(Reply::Done(Box::new(Done { record, wall_ns, wall_in_engine_ns })))
        }
        Task::Direct { scenario, trace } => direct(job, scenario, trace.as_deref(), engine),
        Task::Session => unreachable!("it is served before"),
    }
}

fn direct(
    job: &Job,
    scenario: &DirectScenario,
    trace: Option<&Path>,
    engine: &dyn Engine,
) -> Result<Reply, Refusal> {
    let trace = trace.map(read_trace).transpose()?;
    let done = with_sandbox(job.seed, |sandbox| {
        limit_blocks(job.blocks_max);
        let before = wall_time_ns();
        let record = direct::run(scenario, job.seed, engine, sandbox, job.mode, trace.as_ref())?;
        let wall_ns = wall_time_ns() - before;
        Ok::<_, Refusal>(Done { record, wall_ns, wall_in_engine_ns: sandbox.wall_total_ns() })
    })?;
    Ok(Reply::Done(Box::new(done)))
}

/// Each room has a sandbox of its own, so that none finds what another left behind
/// in it.
fn run_rooms(
    job: &Job,
    rooms: &[Room],
    simulator: Simulator,
    engine: &dyn Engine,
) -> Result<Reply, Refusal> {
    let mut all: Option<RoomsDone> = None;
    for Room { number, plan } in rooms {
        let done = simulate(job, *number, plan, simulator, engine)?;
        match &mut all {
            None => all = Some(done),
            Some(all) => {
                all.measured.join(done.measured);
                all.wall_ns += done.wall_ns;
                all.wall_in_engine_ns += done.wall_in_engine_ns;
            }
        }
    }
    Ok(Reply::Rooms(Box::new(all.ok_or(Refusal::NoRooms)?)))
}

fn tell_time(now: Time) {
    let progress = Reply::Progress { virtual_time_ns: now.as_nanos() };
    // A parent that is gone ends this process soon enough.
    let _ = framing::write(&mut stdout(), &progress);
}

/// One room, its messages carried by a simulator's network.
fn simulate(
    job: &Job,
    room: u32,
    plan: &Plan,
    simulator: Simulator,
    engine: &dyn Engine,
) -> Result<RoomsDone, Refusal> {
    with_runtime(plan.seed, !simulator.has_clock(), async |sandbox| {
        limit_blocks(job.blocks_max);
        let before = wall_time_ns();
        let (mode, tell) = (job.mode, &mut tell_time);
        let measured =
            deadzone_simulators::measure(simulator, plan, room, engine, sandbox, mode, tell)
                .await?;
        let wall_ns = wall_time_ns() - before;
        Ok(RoomsDone { measured, wall_ns, wall_in_engine_ns: sandbox.wall_total_ns() })
    })
}

fn lower(job: &Job, plan: &Plan, engine: &dyn Engine) -> Result<Reply, Refusal> {
    let limit = || limit_blocks(job.blocks_max.min(STEP_BLOCKS_MAX));
    let lowered = with_sandbox(job.seed, |sandbox| {
        limit();
        let mut tell = |told| {
            limit();
            // A parent that is gone ends this process soon enough.
            let _ = framing::write(&mut stdout(), &Reply::Told(told));
        };
        world::lower::lower(plan, engine, sandbox, job.mode, &mut tell)
    })?;
    Ok(Reply::Lowered(lowered))
}

fn read_trace(path: &Path) -> Result<Trace, Refusal> {
    let bytes = std::fs::read(path)
        .map_err(|error| Refusal::UnreadableTrace { path: path.to_owned(), error })?;
    Ok(Trace::parse(&path.display().to_string(), &bytes)?)
}
