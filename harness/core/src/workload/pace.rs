//! When people work: sessions, pauses, and the time from one input to the next.

use crate::rng::{Draws, Stream};
use crate::scenario::Pace;
use crate::time::{Span, Time};

/// Times drawn from an exponential distribution are cut at this many means,
/// which takes less than 0.7 % off the mean.
const CUT_AT_MEANS: u64 = 5;

/// A span with this mean, exponentially distributed, cut at five times the mean.
pub(super) fn around(draws: &mut Draws, mean: Span) -> Span {
    draws.exponential(mean, mean.times(CUT_AT_MEANS))
}

/// The sessions of a person, from first to last.
pub(super) struct Sessions {
    draws: Draws,
    session: Option<Span>,
    pause: Span,
    /// When the next session starts.
    next: Time,
    end: Time,
}

impl Sessions {
    /// Those within `between`, or from the start, up to `end`. Who works in
    /// sessions begins with a part of a pause, so that people are not in step.
    pub(super) fn new(
        stream: Stream,
        session: Option<Span>,
        pause: Span,
        between: Option<(Time, Time)>,
        end: Time,
    ) -> Self {
        let mut draws = stream.draws();
        let (from, to) = between.unwrap_or((Time::ZERO, end));
        let wait = if session.is_some() { draws.between(0, pause.as_nanos()) } else { 0 };
        let next = from + Span::from_nanos(wait);
        Self { draws, session, pause, next, end: to.min(end) }
    }
}

impl Iterator for Sessions {
    type Item = (Time, Time);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.next;
        if start >= self.end {
            return None;
        }
        let Some(mean) = self.session else {
            self.next = self.end;
            return Some((start, self.end));
        };
        let over = start + around(&mut self.draws, mean);
        // A pause of no length at all would never bring the end nearer.
        self.next = over + around(&mut self.draws, self.pause).max(Span::from_nanos(1));
        Some((start, over.min(self.end)))
    }
}

/// The moments of a [`Pace`], with whether a session begins there.
pub(super) struct Moments {
    draws: Draws,
    sessions: Sessions,
    every: Span,
    /// The current session: the last moment in it, and its end.
    current: Option<(Time, Time)>,
}

impl Moments {
    /// Those of `pace` up to `end`.
    pub(super) fn new(stream: Stream, pace: &Pace, end: Time) -> Self {
        let sessions =
            Sessions::new(stream.named("sessions"), pace.session, pace.pause, pace.between, end);
        Self { draws: stream.named("moments").draws(), sessions, every: pace.every, current: None }
    }
}

impl Iterator for Moments {
    type Item = (Time, bool);

    fn next(&mut self) -> Option<Self::Item> {
        let mut begins = false;
        loop {
            let (last, over) = match self.current {
                Some(session) => session,
                None => {
                    begins = true;
                    self.sessions.next()?
                }
            };
            let at = last + around(&mut self.draws, self.every).max(Span::from_nanos(1));
            if at < over {
                self.current = Some((at, over));
                return Some((at, begins));
            }
            self.current = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(every: Span, session: Option<Span>, pause: Span) -> Pace {
        Pace { every, session, pause, between: None }
    }

    #[test]
    fn sessions_keep_their_means_and_do_not_overlap() {
        let (session, pause) = (Span::from_secs(72), Span::from_secs(240));
        let end = Time::ZERO + Span::from_secs(312 * 2_000);
        let sessions: Vec<_> =
            Sessions::new(Stream::root(3), Some(session), pause, None, end).collect();
        assert!((1_900..2_100).contains(&sessions.len()), "{}", sessions.len());
        let total: u64 = sessions.iter().map(|(start, over)| over.since(*start).as_nanos()).sum();
        let mean = total / sessions.len() as u64 / 1_000_000_000;
        assert!((67..=77).contains(&mean), "{mean} s");
        for pair in sessions.windows(2) {
            assert!(pair[0].1 < pair[1].0);
        }
    }

    #[test]
    fn moments_come_at_their_pace_and_only_in_sessions() {
        let end = Time::ZERO + Span::from_secs(10_000);
        let all = Moments::new(Stream::root(1), &pace(Span::from_secs(1), None, Span::ZERO), end);
        let all: Vec<_> = all.collect();
        assert!((9_600..10_400).contains(&all.len()), "{}", all.len());
        assert_eq!(all.iter().filter(|(_, begins)| *begins).count(), 1);

        let some = pace(Span::from_secs(1), Some(Span::from_secs(10)), Span::from_secs(90));
        let some: Vec<_> = Moments::new(Stream::root(1), &some, end).collect();
        assert!((700..1_300).contains(&some.len()), "{}", some.len());
        assert!(some.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(some.iter().all(|(at, _)| *at < end));
    }

    #[test]
    fn a_window_bounds_everything() {
        let window = (Time::from_nanos(500), Time::from_nanos(900));
        let narrow = Pace { between: Some(window), ..pace(Span::from_nanos(7), None, Span::ZERO) };
        let moments: Vec<_> =
            Moments::new(Stream::root(9), &narrow, Time::from_nanos(800)).collect();
        assert!(!moments.is_empty());
        assert!(moments.iter().all(|(at, _)| (500..800).contains(&at.as_nanos())));
    }
}
