//! Goes through seeds, a block at a time.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use deadzone_core::check::Violation;
use deadzone_core::hunt::{BLOCK, Weights};
use deadzone_core::scenario::HuntScenario;
use deadzone_core::schedule::Schedule;
use deadzone_worker::session::{HuntRequest, Hunted, Request};

use super::session::{Answered, Session};

/// A world that failed.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) seed: u64,
    pub(crate) violation: Violation,
    pub(crate) made: Made,
}

/// Where the schedule of a world comes from.
#[derive(Clone, Debug)]
pub(crate) enum Made {
    /// From its seed, with these weights.
    Small(Weights),
    /// From a run, which was lowered.
    Lowered(Box<Schedule>),
}

/// A search through the seeds from a first one on.
pub(crate) struct Search<'a> {
    scenario: &'a HuntScenario,
    sessions: Vec<Session>,
    next: u64,
    until: u64,
    /// Whether a process that died of a world ends its share of the block: with
    /// the first finding wanted alone, what comes after it is not.
    first_alone: bool,
    /// What was done so far.
    pub(crate) tally: Hunted,
}

impl<'a> Search<'a> {
    /// Of the seeds in `range`, with `jobs` processes like `session`.
    pub(crate) fn new(
        scenario: &'a HuntScenario,
        session: &Session,
        jobs: NonZeroUsize,
        range: std::ops::Range<u64>,
        first_alone: bool,
    ) -> Self {
        let sessions = (0..jobs.get()).map(|_| session.another()).collect();
        Self {
            scenario,
            sessions,
            next: range.start,
            until: range.end,
            first_alone,
            tally: Hunted::default(),
        }
    }

    /// The worlds of the next block that failed, by their seeds; none after the
    /// last block, or once the user has interrupted.
    ///
    /// Weights come from the coverage of the blocks before, so a block is the
    /// same however many processes share it.
    ///
    /// # Errors
    /// If deadzone itself fails.
    pub(crate) fn next_block(&mut self) -> Result<Option<Vec<Found>>> {
        if self.next >= self.until {
            return Ok(None);
        }
        let weights = Weights::after(&self.tally.coverage);
        let (from, until) = (self.next, self.until.min(self.next + BLOCK));
        let share = (until - from).div_ceil(self.sessions.len() as u64);
        let interrupted = AtomicBool::new(false);
        let (scenario, first_alone) = (self.scenario, self.first_alone);
        let outcomes: Vec<Result<Part>> = std::thread::scope(|scope| {
            let parts: Vec<_> = self
                .sessions
                .iter_mut()
                .enumerate()
                .map(|(number, session)| {
                    let from = (from + share * number as u64).min(until);
                    let until = (from + share).min(until);
                    let (weights, interrupted) = (&weights, &interrupted);
                    scope.spawn(move || {
                        part(session, scenario, weights, from..until, first_alone, interrupted)
                    })
                })
                .collect();
            parts.into_iter().map(|part| part.join().expect("a part does not panic")).collect()
        });
        if interrupted.load(Ordering::SeqCst) {
            return Ok(None);
        }
        let mut found = Vec::new();
        for outcome in outcomes {
            let part = outcome?;
            self.tally.add(&part.hunted);
            found.extend(part.found.into_iter().map(|(seed, violation)| Found {
                seed,
                violation,
                made: Made::Small(weights.clone()),
            }));
        }
        found.sort_by_key(|found| found.seed);
        self.next = until;
        Ok(Some(found))
    }
}

/// What one process has done of a block.
#[derive(Default)]
struct Part {
    hunted: Hunted,
    found: Vec<(u64, Violation)>,
}

/// The worlds of a range. A world that takes the process with it is a finding;
/// those before it are run again, since what they came to is lost.
fn part(
    session: &mut Session,
    scenario: &HuntScenario,
    weights: &Weights,
    range: std::ops::Range<u64>,
    first_alone: bool,
    interrupted: &AtomicBool,
) -> Result<Part> {
    let mut part = Part::default();
    let mut ahead = vec![range];
    while let Some(range) = ahead.pop() {
        if range.is_empty() {
            continue;
        }
        let request = Request::Hunt(Box::new(HuntRequest {
            scenario: scenario.clone(),
            weights: weights.clone(),
            from: range.start,
            until: range.end,
        }));
        match session.ask(&request)? {
            Answered::Hunted { hunted, found } => {
                part.hunted.add(&hunted);
                part.found.extend(found);
            }
            Answered::Died { seed, violation, .. } => {
                let seed = seed.unwrap_or(range.start);
                part.found.push((seed, violation));
                if first_alone {
                    ahead.clear();
                } else {
                    ahead.push(seed + 1..range.end);
                }
                ahead.push(range.start..seed);
            }
            Answered::Interrupted => {
                interrupted.store(true, Ordering::SeqCst);
                return Ok(part);
            }
            Answered::Replayed(_) => unreachable!("no schedule was asked for"),
        }
    }
    Ok(part)
}
