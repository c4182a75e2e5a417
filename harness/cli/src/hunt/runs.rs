//! Goes through the runs of a scenario with times, some seeds at a time.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use anyhow::Result;
use deadzone_core::check::Violation;
use deadzone_core::plan::generate;
use deadzone_core::record::{CpuMode, Outcome};
use deadzone_core::replay::Scrutiny;
use deadzone_core::scenario::WorldScenario;
use deadzone_core::schedule::{Schedule, ScheduleAction};
use deadzone_core::workload::Traces;
use deadzone_worker::session::Hunted;

use super::finding::Shrinker;
use super::lowering::{FromRun, lowered};
use super::search::{Found, Made};
use super::session::{Answered, Session};
use crate::exit::BadInput;
use crate::interrupt;
use crate::versions::Choice;

/// How many seeds there are to a process in a block.
const SEEDS_PER_JOB: u64 = 4;

/// A search through the runs of a scenario, from a first seed on. CPU time is not
/// counted in them: what a device takes is of no matter to an oracle.
pub(crate) struct Runs<'a> {
    scenario: &'a WorldScenario,
    choice: &'a Choice,
    jobs: NonZeroUsize,
    next: u64,
    until: u64,
    /// What was done so far.
    pub(crate) tally: Hunted,
    /// How many runs failed of what their schedules do not have.
    pub(crate) in_time_alone: u32,
}

/// What came of one run.
enum Ran {
    Held { edits: u64, failed: bool },
    Unsupported,
    Found { edits: u64, schedule: Box<Schedule>, violation: Violation },
    Interrupted,
}

impl<'a> Runs<'a> {
    /// Of the seeds in `range`, with `jobs` processes at a time.
    pub(crate) fn new(
        scenario: &'a WorldScenario,
        choice: &'a Choice,
        jobs: NonZeroUsize,
        range: std::ops::Range<u64>,
    ) -> Self {
        Self {
            scenario,
            choice,
            jobs,
            next: range.start,
            until: range.end,
            tally: Hunted::default(),
            in_time_alone: 0,
        }
    }

    /// The runs of the next block that failed, by their seeds; none after the last
    /// block, or once the user has interrupted.
    ///
    /// # Errors
    /// [`BadInput`] if the runs have no schedules, or if deadzone itself fails.
    pub(crate) fn next_block(&mut self) -> Result<Option<Vec<Found>>> {
        if self.next >= self.until {
            return Ok(None);
        }
        let jobs = self.jobs.get() as u64;
        let (from, until) =
            (self.next, self.until.min(self.next.saturating_add(jobs * SEEDS_PER_JOB)));
        let (next, stopped) = (AtomicU64::new(from), AtomicBool::new(false));
        let this = &*self;
        let outcomes: Vec<Result<Vec<(u64, Ran)>>> = std::thread::scope(|scope| {
            let work = || {
                let mut done = Vec::new();
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= until || stopped.load(Ordering::SeqCst) {
                        return Ok(done);
                    }
                    let ran = this.one(seed);
                    let goes_on = matches!(&ran, Ok(ran) if !matches!(ran, Ran::Interrupted));
                    stopped.fetch_or(!goes_on, Ordering::SeqCst);
                    done.push((seed, ran?));
                }
            };
            let threads: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
            threads.into_iter().map(|it| it.join().expect("a search does not panic")).collect()
        });
        let mut all = Vec::new();
        for outcome in outcomes {
            all.extend(outcome?);
        }
        if interrupt::happened() {
            return Ok(None);
        }
        all.sort_by_key(|(seed, _)| *seed);
        self.next = until;
        Ok(Some(all.into_iter().filter_map(|(seed, ran)| self.count(seed, ran)).collect()))
    }

    fn count(&mut self, seed: u64, ran: Ran) -> Option<Found> {
        self.tally.worlds += 1;
        match ran {
            Ran::Held { edits, failed } => {
                self.tally.edits += edits;
                self.in_time_alone += u32::from(failed);
                None
            }
            Ran::Unsupported => {
                self.tally.unsupported += 1;
                None
            }
            Ran::Found { edits, schedule, violation } => {
                self.tally.edits += edits;
                Some(Found { seed, violation, made: Made::Lowered(schedule) })
            }
            Ran::Interrupted => None,
        }
    }

    fn one(&self, seed: u64) -> Result<Ran> {
        let name = &self.scenario.name;
        let plan = generate(self.scenario, seed, &Traces::default())
            .map_err(|error| BadInput::error(format!("{name}: {error}")))?;
        let Some(FromRun { schedule, run }) = lowered(self.choice, &plan, CpuMode::Off)? else {
            return Ok(Ran::Interrupted);
        };
        let is_edit = |what: &ScheduleAction| matches!(what, ScheduleAction::Edit { .. });
        let edits = schedule.steps.iter().filter(|step| is_edit(&step.what)).count() as u64;
        match run.outcome {
            Outcome::Unsupported => return Ok(Ran::Unsupported),
            run if !run.failed() => return Ok(Ran::Held { edits, failed: false }),
            _ => {}
        }
        let program = self.choice.worker()?;
        let session = Session::new(self.choice.info().name, program.as_deref());
        let violation =
            match Shrinker::new(&session).replay_alone(&schedule, Scrutiny::default())? {
                Answered::Replayed(replayed) => replayed.ending.violation().cloned(),
                Answered::Died { violation, .. } => Some(violation),
                Answered::Interrupted | Answered::Hunted { .. } => return Ok(Ran::Interrupted),
            };
        Ok(match violation {
            Some(violation) => Ran::Found { edits, schedule: Box::new(schedule), violation },
            None => Ran::Held { edits, failed: true },
        })
    }
}
