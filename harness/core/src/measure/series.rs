//! A figure over virtual time, thinned to what a chart can show.

use crate::record::Series;
use crate::time::{Span, Time};

/// The most points that a series keeps.
const POINTS_MAX: u64 = 500;

/// Keeps the highest value of each of at most 500 equal stretches of a run.
#[derive(Clone, Debug)]
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
}
