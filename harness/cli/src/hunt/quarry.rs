//! What a hunt goes through: small worlds, or runs with times.

use std::num::NonZeroUsize;
use std::ops::Range;

use anyhow::Result;
use deadzone_core::engine::EngineInfo;
use deadzone_core::hunt::schedule;
use deadzone_core::replay::Scrutiny;
use deadzone_core::scenario::{HuntScenario, Scenario};
use deadzone_core::schedule::Schedule;
use deadzone_worker::session::{Hunted, scrutiny_of};

use super::runs::Runs;
use super::search::{Found, Made, Search};
use super::session::Session;
use crate::versions::Choice;

/// What is gone through.
pub(crate) enum Quarry<'a> {
    /// Small worlds.
    Small(&'a HuntScenario, Search<'a>),
    /// Runs with times.
    Runs(Runs<'a>),
}

impl<'a> Quarry<'a> {
    /// The seeds in `range` of a scenario, with `jobs` processes at a time. Of small
    /// worlds `first_alone` says that nothing beyond the first finding is wanted.
    pub(crate) fn new(
        scenario: &'a Scenario,
        choice: &'a Choice,
        session: &Session,
        jobs: NonZeroUsize,
        range: Range<u64>,
        first_alone: bool,
    ) -> Self {
        match scenario {
            Scenario::Hunt(scenario) => {
                let search = Search::new(scenario, session, jobs, range, first_alone);
                Self::Small(scenario, search)
            }
            Scenario::World(scenario) => Self::Runs(Runs::new(scenario, choice, jobs, range)),
            Scenario::Direct(_) => unreachable!("micro workloads are refused"),
        }
    }

    /// See [`Search::next_block`] and [`Runs::next_block`].
    ///
    /// # Errors
    /// If deadzone itself fails, or runs have no schedules.
    pub(crate) fn next_block(&mut self) -> Result<Option<Vec<Found>>> {
        match self {
            Self::Small(_, search) => search.next_block(),
            Self::Runs(runs) => runs.next_block(),
        }
    }

    /// What was done so far.
    pub(crate) fn tally(&self) -> &Hunted {
        match self {
            Self::Small(_, search) => &search.tally,
            Self::Runs(runs) => &runs.tally,
        }
    }

    /// The schedule of what was found, and how closely it is looked at.
    pub(crate) fn schedule(&self, found: &Found, info: &EngineInfo) -> (Schedule, Scrutiny) {
        match (self, &found.made) {
            (Self::Small(scenario, _), Made::Small(weights)) => {
                (schedule(scenario, info, found.seed, weights), scrutiny_of(found.seed))
            }
            (_, Made::Lowered(schedule)) => (schedule.as_ref().clone(), Scrutiny::default()),
            (Self::Runs(_), Made::Small(_)) => unreachable!("what runs find is lowered"),
        }
    }

    /// How many runs failed of what their schedules do not have.
    pub(crate) fn in_time_alone(&self) -> u32 {
        match self {
            Self::Small(..) => 0,
            Self::Runs(runs) => runs.in_time_alone,
        }
    }
}
