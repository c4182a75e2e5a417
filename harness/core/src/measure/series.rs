//! A figure over virtual time, thinned to what a chart can show.

use serde::{Deserialize, Serialize};

use crate::record::Series;
use crate::time::{Span, Time};

/// The most points that a series keeps.
const POINTS_MAX: u64 = 500;

/// Keeps the highest value of each of at most 500 equal stretches of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Timeline {
    step: Span,
    now: u64,
    buckets: Vec<(u64, u64)>,
    /// When the last of them ends.
    ends: Time,
}

impl Timeline {
    /// For a run that lasts at most `total`; begins with the value zero.
    pub fn new(total: Span) -> Self {
        let step = Span::from_nanos(total.as_nanos().div_ceil(POINTS_MAX).max(1));
        Self { step, now: 0, buckets: vec![(0, 0)], ends: Time::ZERO + step }
    }

    /// From `at` on the value is `value`. Times must not go back.
    pub fn set(&mut self, at: Time, value: u64) {
        let carried = self.now;
        self.now = value;
        let (last, highest) = self.buckets.last_mut().expect("it begins with one");
        if at < self.ends {
            *highest = value.max(*highest);
            return;
        }
        let bucket = at.as_nanos() / self.step.as_nanos();
        self.ends = Time::from_nanos(bucket.saturating_add(1).saturating_mul(self.step.as_nanos()));
        // What stood at the end of the last stretch holds until this one.
        if *highest != carried && *last + 1 < bucket {
            let next = *last + 1;
            self.buckets.push((next, carried));
        }
        self.buckets.push((bucket, value.max(carried)));
    }

    /// Adds another figure over the same total time, which goes on as it ended.
    ///
    /// Values of a stretch are its highest, so that the sum is exact for what
    /// never falls, and otherwise a bound on the highest of the sum.
    pub fn add(&mut self, other: &Self) {
        debug_assert_eq!(self.step, other.step, "both last equally long");
        let last = self.last().max(other.last());
        let (ours, theirs) = (self.through(last), other.through(last));
        let (mut ours, mut theirs) = (ours.peekable(), theirs.peekable());
        let (mut our_value, mut their_value) = (0, 0);
        let mut sum = Vec::with_capacity(self.buckets.len().max(other.buckets.len()));
        loop {
            let next = |points: Option<&(u64, u64)>| points.map_or(u64::MAX, |point| point.0);
            let at = next(ours.peek()).min(next(theirs.peek()));
            if at == u64::MAX {
                break;
            }
            our_value = ours.next_if(|point| point.0 == at).map_or(our_value, |point| point.1);
            their_value =
                theirs.next_if(|point| point.0 == at).map_or(their_value, |point| point.1);
            sum.push((at, our_value + their_value));
        }
        self.ends = self.ends.max(other.ends);
        self.now += other.now;
        self.buckets = sum;
    }

    /// The last stretch in which anything was set.
    fn last(&self) -> u64 {
        self.buckets.last().map_or(0, |bucket| bucket.0)
    }

    /// The stretches from which a value holds, through this one.
    fn through(&self, last: u64) -> impl Iterator<Item = (u64, u64)> + use<> {
        let own = self.last();
        let tail = (own < last).then_some((own + 1, self.now));
        self.buckets.clone().into_iter().chain(tail)
    }

    /// As it stands in results, up to `end`.
    pub fn to_series(&self, unit: &str, end: Time) -> Series {
        let mut series = Series { unit: unit.to_owned(), ..Series::default() };
        let mut put = |at: u64, value: u64| {
            if series.value.last() != Some(&value) {
                series.t_ns.push(at);
                series.value.push(value);
            }
        };
        for &(bucket, value) in &self.buckets {
            put(bucket * self.step.as_nanos(), value);
        }
        let last =
            self.buckets.last().map_or(0, |&(bucket, _)| (bucket + 1) * self.step.as_nanos());
        put(last.min(end.as_nanos()), self.now);
        series
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn peaks_survive_and_the_end_is_right() {
        let mut timeline = Timeline::new(Span::from_nanos(5_000));
        for (at, value) in [(3, 1), (4, 9), (5, 0), (1_000, 2), (1_001, 0)] {
            timeline.set(Time::from_nanos(at), value);
        }
        let series = timeline.to_series("count", Time::from_nanos(5_000));
        assert_eq!(series.t_ns, [0, 10, 1_000, 1_010]);
        assert_eq!(series.value, [9, 0, 2, 0]);
    }

    proptest! {
        /// Whatever is added to what, and in whatever order.
        #[test]
        fn sums_are_sums_of_step_functions(
            changes in proptest::collection::vec(
                proptest::collection::vec((0_u64..700, 0_u64..9), 0..12), 1..4),
        ) {
            let total = Span::from_nanos(600);
            let timelines: Vec<Timeline> = changes
                .into_iter()
                .map(|mut changes| {
                    changes.sort_by_key(|change| change.0);
                    let mut timeline = Timeline::new(total);
                    for (at, value) in changes {
                        timeline.set(Time::from_nanos(at.min(600)), value);
                    }
                    timeline
                })
                .collect();
            let sum = |order: &mut dyn Iterator<Item = &Timeline>| {
                let mut sum = Timeline::new(total);
                order.for_each(|timeline| sum.add(timeline));
                sum
            };
            let end = Time::from_nanos(600);
            let joined = sum(&mut timelines.iter()).to_series("count", end);
            let backwards = sum(&mut timelines.iter().rev()).to_series("count", end);
            prop_assert_eq!(&joined, &backwards);
            // A later value at the same time is the one that holds.
            let at = |series: &Series, at: u64| {
                let held = series.t_ns.iter().zip(&series.value).rev().find(|point| *point.0 <= at);
                held.map_or(0, |point| *point.1)
            };
            let each: Vec<Series> =
                timelines.iter().map(|timeline| timeline.to_series("count", end)).collect();
            for time in 0..600 {
                let expected: u64 = each.iter().map(|series| at(series, time)).sum();
                prop_assert_eq!(at(&joined, time), expected, "at {}", time);
            }
        }
    }
}
