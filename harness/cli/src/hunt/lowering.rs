//! From a run to a schedule: what happened in it, without time.

use anyhow::{Result, bail};
use deadzone_core::plan::Plan;
use deadzone_core::record::{CpuMode, Outcome};
use deadzone_core::schedule::Schedule;
use deadzone_core::world::lower;
use deadzone_worker::{Job, Task};
use serde::Serialize;

use crate::args::BLOCKS_MAX;
use crate::exit::BadInput;
use crate::versions::Choice;
use crate::worker::{self, Ended, News};

/// A run that was lowered.
#[derive(Clone, Debug)]
pub(crate) struct FromRun {
    pub(crate) schedule: Schedule,
    pub(crate) run: Run,
}

/// What is told of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Run {
    /// What it came to.
    #[serde(rename = "run")]
    pub(crate) outcome: Outcome,
    /// That in words.
    pub(crate) said: Vec<String>,
    /// How many steps the schedule has.
    pub(crate) steps: usize,
    /// See [`lower::Lowered::left_out`].
    pub(crate) left_out: u32,
}

/// Runs a plan in a process of its own and writes down what its replicas did;
/// none if the user interrupts.
///
/// # Errors
/// [`BadInput`] if the plan has no schedule on this engine.
pub(crate) fn lowered(choice: &Choice, plan: &Plan, mode: CpuMode) -> Result<Option<FromRun>> {
    let info = choice.info();
    let refuse = |reason: &dyn std::fmt::Display| {
        BadInput::error(format!("this run has no schedule without times: {reason}"))
    };
    let mut schedule = lower::begin(plan, &info).map_err(|error| refuse(&error))?;
    let job = Job {
        engine: info.name.to_owned(),
        mode,
        seed: plan.seed,
        blocks_max: BLOCKS_MAX,
        task: Task::Lower(Box::new(plan.clone())),
    };
    let program = choice.worker()?;
    let ended = worker::run(program.as_deref(), &job, |news| {
        if let News::Told(told) = news {
            lower::take_in(&mut schedule, told);
        }
    })?;
    let (outcome, said, left_out) = match ended {
        Ended::Lowered(lowered) => {
            (lowered.verdict.outcome, lowered.verdict.violations, lowered.left_out)
        }
        Ended::Interrupted => return Ok(None),
        Ended::Refused(reason) => return Err(refuse(&reason)),
        ended => match ended.outcome() {
            Some(outcome) => (outcome, vec![ended.in_words()], 0),
            None => bail!("a worker did something else than to lower a plan: {ended:?}"),
        },
    };
    let steps = schedule.steps.len();
    Ok(Some(FromRun { schedule, run: Run { outcome, said, steps, left_out } }))
}
