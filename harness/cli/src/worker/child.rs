//! The worker's side: reads a job, runs it in the sandbox, answers.

use std::io::{Stdout, stdin, stdout};

use anyhow::{Context, Result, anyhow};
use deadzone_core::direct;
use deadzone_core::engine::Engine;
use deadzone_core::record::RunRecord;
use deadzone_core::time::Time;
use deadzone_core::workload::Trace;
use deadzone_core::world;
use deadzone_meter::{Metered, limit_blocks, wall_time_ns, with_sandbox};

use super::{Done, Job, Reply, Task, framing};
use crate::registry;

/// Serves one job.
///
/// # Errors
/// If the pipes are broken; a job that cannot be run is answered.
pub(crate) fn serve() -> Result<()> {
    let job: Job = framing::read(&mut stdin().lock())?.context("the parent sent no job")?;
    let reply = match serve_job(&job) {
        Ok(done) => Reply::Done(Box::new(done)),
        Err(error) => Reply::Refused { reason: format!("{error:#}") },
    };
    Ok(framing::write(&mut stdout(), &reply)?)
}

fn serve_job(job: &Job) -> Result<Done> {
    let engine = registry::engine(&job.engine)
        .ok_or_else(|| anyhow!("this build has no engine `{}`", job.engine))?;
    let trace = match &job.task {
        Task::Direct { trace: Some(path), .. } => Some(crate::traces::read(path)?),
        _ => None,
    };
    with_sandbox(job.seed, |sandbox| {
        limit_blocks(job.blocks_max);
        let before = wall_time_ns();
        let record = run(job, engine.as_ref(), trace.as_ref(), sandbox, &stdout())?;
        let wall_ns = wall_time_ns() - before;
        Ok(Done { record, wall_ns, wall_in_engine_ns: sandbox.wall_total_ns() })
    })
}

fn run(
    job: &Job,
    engine: &dyn Engine,
    trace: Option<&Trace>,
    sandbox: &mut Metered,
    out: &Stdout,
) -> Result<RunRecord> {
    match &job.task {
        Task::World(plan) => {
            let mut tell = |now: Time| {
                let progress = Reply::Progress { virtual_time_ns: now.as_nanos() };
                // A parent that is gone ends this process soon enough.
                let _ = framing::write(&mut out.lock(), &progress);
            };
            Ok(world::run(plan, engine, sandbox, job.mode, &mut tell))
        }
        Task::Direct { scenario, .. } => {
            Ok(direct::run(scenario, job.seed, engine, sandbox, job.mode, trace)?)
        }
    }
}
