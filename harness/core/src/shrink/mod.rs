//! Makes a failing schedule small.
//!
//! Delta debugging (Zeller and Hildebrandt, "Simplifying and isolating
//! failure-inducing input", IEEE TSE 2002) on the steps, then on what is in
//! them, again and again until nothing more comes off. The candidates and their
//! order depend on the schedule alone, so the same failure gives the same small
//! schedule every time.

mod cause;
mod delivery;
mod reduce;
mod renaming;
mod simplify;

pub use self::cause::{alike, cause};
use crate::schedule::Schedule;

/// What shrinking came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shrunk {
    /// The small schedule; its steps are numbered from 1.
    pub schedule: Schedule,
    /// How many candidates were tried.
    pub tried: u32,
    /// Whether it ended because of the bound, and not because nothing more came
    /// off.
    pub exhausted: bool,
}

/// Shrinks `schedule`, for which `fails` must hold. At most `tries_max`
/// candidates are tried.
pub fn shrink(
    schedule: &Schedule,
    tries_max: u32,
    fails: &mut dyn FnMut(&Schedule) -> bool,
) -> Shrunk {
    let mut attempt = Attempt { best: schedule.clone(), tried: 0, tries_max, fails };
    reduce::what_a_run_has_in_plenty(&mut attempt);
    loop {
        let before = attempt.best.clone();
        reduce::steps(&mut attempt);
        reduce::replicas(&mut attempt);
        reduce::parts(&mut attempt);
        delivery::simplify(&mut attempt);
        simplify::all(&mut attempt);
        if attempt.best == before || attempt.is_exhausted() {
            break;
        }
    }
    renaming::all(&mut attempt);
    let exhausted = attempt.is_exhausted();
    Shrunk { tried: attempt.tried, schedule: attempt.best, exhausted }
}

/// The smallest schedule so far that still fails.
struct Attempt<'a> {
    best: Schedule,
    tried: u32,
    tries_max: u32,
    fails: &'a mut dyn FnMut(&Schedule) -> bool,
}

impl Attempt<'_> {
    fn is_exhausted(&self) -> bool {
        self.tried >= self.tries_max
    }

    /// Takes the candidate if it still fails.
    fn offer(&mut self, candidate: Schedule) -> bool {
        if self.is_exhausted() || candidate == self.best {
            return false;
        }
        self.tried += 1;
        let fails = candidate.check().is_ok() && (self.fails)(&candidate);
        if fails {
            self.best = candidate;
        }
        fails
    }

    /// Offers the best schedule with a change made to it.
    fn offer_changed(&mut self, change: impl FnOnce(&mut Schedule)) -> bool {
        let mut candidate = self.best.clone();
        change(&mut candidate);
        self.offer(candidate)
    }
}

#[cfg(test)]
mod tests;
