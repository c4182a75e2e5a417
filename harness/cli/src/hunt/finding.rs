//! From a world that failed to a finding: confirmed, shrunk, and named by its
//! cause.

use anyhow::Result;
use deadzone_core::check::{Oracle, Violation};
use deadzone_core::replay::{Ending, Scrutiny, Story};
use deadzone_core::schedule::{Attention, Schedule};
use deadzone_core::shrink::{alike, cause, shrink};
use deadzone_worker::session::{ReplayRequest, Replayed, Request};

use super::session::{Answered, Session, blocks_max};

/// The most candidates that shrinking tries; each is one replay.
const TRIES_MAX: u32 = 6_000;

/// The most steps of all candidates together: those of a run that was lowered may
/// have ten thousands each, and then fewer are tried.
const STEPS_TRIED_MAX: u64 = 20_000_000;

/// Candidates that each cost a process are fewer.
const DEADLY_TRIES_MAX: u32 = 400;

/// A failure that was seen again in a process of its own.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// As it was found.
    pub(crate) plan: Schedule,
    /// As small as it got.
    pub(crate) shrunk: Schedule,
    /// What the small one violates.
    pub(crate) violation: Violation,
    /// What groups it; see [`cause`].
    pub(crate) cause: String,
    /// How many candidates were tried.
    pub(crate) tried: u32,
    /// The replay of the small one, with its story; none if the engine ended its
    /// process, and did not when it was watched.
    pub(crate) replayed: Option<Box<Replayed>>,
}

/// Confirms and shrinks.
pub(crate) struct Shrinker {
    session: Session,
    interrupted: bool,
    failed: Option<anyhow::Error>,
}

impl Shrinker {
    /// With processes like this one.
    pub(crate) fn new(session: &Session) -> Self {
        Self { session: session.another(), interrupted: false, failed: None }
    }

    /// Replays a schedule in a process that no other world has been in.
    ///
    /// # Errors
    /// If deadzone itself fails.
    pub(crate) fn replay_alone(
        &mut self,
        schedule: &Schedule,
        scrutiny: Scrutiny,
    ) -> Result<Answered> {
        self.session = self.session.another();
        self.replay(schedule, scrutiny)
    }

    fn replay(&mut self, schedule: &Schedule, scrutiny: Scrutiny) -> Result<Answered> {
        let blocks_max = blocks_max(schedule);
        let request = ReplayRequest { schedule: schedule.clone(), scrutiny, blocks_max };
        self.session.ask(&Request::Replay(Box::new(request)))
    }

    /// The violation that a schedule ends in, if it does.
    fn violation(&mut self, schedule: &Schedule, scrutiny: Scrutiny) -> Result<Option<Violation>> {
        match self.replay(schedule, scrutiny)? {
            Answered::Replayed(replayed) => Ok(replayed.ending.violation().cloned()),
            Answered::Died { violation, .. } => Ok(Some(violation)),
            Answered::Interrupted => {
                self.interrupted = true;
                Ok(None)
            }
            Answered::Hunted { .. } => unreachable!("no range was asked for"),
        }
    }

    /// The same replay with every document looked at on the way, for people, if it
    /// still ends in the same way: looking may change what an engine does.
    fn with_documents(
        &mut self,
        schedule: &Schedule,
        watched: Scrutiny,
        plain: Box<Replayed>,
    ) -> Result<Box<Replayed>> {
        let looked = Schedule { attention: Attention::Every, ..schedule.clone() };
        let same = |other: &Replayed| match (plain.ending.violation(), other.ending.violation()) {
            (Some(one), Some(other)) => alike(one, other) && one.step == other.step,
            _ => false,
        };
        match self.replay_alone(&looked, watched)? {
            Answered::Replayed(other) if same(&other) => {
                Ok(Box::new(Replayed { repro: plain.repro, ..*other }))
            }
            _ => Ok(plain),
        }
    }

    /// The replay of a schedule that ends the process as `expected`, as far as it
    /// came; none if it does not when it is watched.
    fn last_words(
        &mut self,
        schedule: &Schedule,
        watched: Scrutiny,
        expected: &Violation,
    ) -> Result<Option<Box<Replayed>>> {
        let Some(story) = self.recount(schedule, watched, expected)? else { return Ok(None) };
        let repro = self.session.another().write(&story)?;
        // For people, with every document, where looking changes nothing.
        let looked = Schedule { attention: Attention::Every, ..schedule.clone() };
        let step = |story: &Story| story.ending.violation().and_then(|violation| violation.step);
        let story = match self.recount(&looked, watched, expected)? {
            Some(other) if step(&other) == step(&story) => other,
            _ => story,
        };
        let ending = story.ending.clone();
        Ok(Some(Box::new(Replayed { ending, skipped: 0, blocks: 0, story: Some(story), repro })))
    }

    fn recount(
        &mut self,
        schedule: &Schedule,
        watched: Scrutiny,
        expected: &Violation,
    ) -> Result<Option<Story>> {
        let blocks_max = blocks_max(schedule);
        let request = ReplayRequest { schedule: schedule.clone(), scrutiny: watched, blocks_max };
        match self.session.another().ask(&Request::Recount(Box::new(request)))? {
            Answered::Died { violation, heard, .. } if alike(&violation, expected) => {
                Ok(Some(heard.into_story(schedule, violation)))
            }
            _ => Ok(None),
        }
    }

    /// The finding behind a schedule; none if it does not fail again in a process
    /// of its own, or if the user has interrupted.
    ///
    /// # Errors
    /// If deadzone itself fails.
    pub(crate) fn finding(
        &mut self,
        plan: &Schedule,
        expected: &Violation,
        scrutiny: Scrutiny,
    ) -> Result<Option<Finding>> {
        self.session = self.session.another();
        let Some(confirmed) = self.violation(plan, scrutiny)? else { return Ok(None) };
        if !alike(&confirmed, expected) {
            return Ok(None);
        }
        let tries_max = match expected.oracle {
            Oracle::Abort | Oracle::Hang => DEADLY_TRIES_MAX,
            _ => TRIES_MAX,
        };
        let mut steps_tried = 0;
        let shrunk = shrink(plan, tries_max, &mut |candidate| {
            steps_tried += candidate.steps.len() as u64;
            if self.interrupted || self.failed.is_some() || steps_tried > STEPS_TRIED_MAX {
                return false;
            }
            match self.violation(candidate, scrutiny) {
                Ok(violation) => violation.is_some_and(|violation| alike(&violation, expected)),
                Err(error) => {
                    self.failed = Some(error);
                    false
                }
            }
        });
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        if self.interrupted {
            return Ok(None);
        }
        let watched = Scrutiny { story: true, ..scrutiny };
        let (mut violation, replayed) = match self.replay_alone(&shrunk.schedule, watched)? {
            Answered::Replayed(replayed) => match &replayed.ending {
                Ending::Violated(violation) => (violation.clone(), Some(replayed)),
                // It needs what other worlds left behind: nothing to hand over.
                _ => return Ok(None),
            },
            Answered::Died { violation, .. } => (violation, None),
            Answered::Interrupted | Answered::Hunted { .. } => return Ok(None),
        };
        let cause = cause(&violation, &shrunk.schedule);
        let replayed = match replayed {
            Some(replayed) => Some(self.with_documents(&shrunk.schedule, watched, replayed)?),
            None => self.last_words(&shrunk.schedule, watched, &violation)?,
        };
        // Who dies cannot say where; whoever listened can.
        if violation.step.is_none()
            && let Some(heard) = replayed.as_ref().and_then(|it| it.ending.violation())
        {
            violation.clone_from(heard);
        }
        Ok(Some(Finding {
            plan: plan.clone(),
            shrunk: shrunk.schedule,
            violation,
            cause,
            tried: shrunk.tried,
            replayed,
        }))
    }
}
