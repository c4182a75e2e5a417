//! Scales and their ticks.

/// A logarithmic scale over positive values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct LogScale {
    from: f64,
    to: f64,
}

impl LogScale {
    /// Over these values, from the last step of 1, 2, 5 at or below the least to
    /// the first at or above the greatest; zeros stand at the lower end. None
    /// without a positive value.
    pub(super) fn over(values: impl Iterator<Item = u64>) -> Option<Self> {
        let (mut least, mut greatest) = (u64::MAX, 0);
        for value in values.filter(|value| *value > 0) {
            least = least.min(value);
            greatest = greatest.max(value);
        }
        if greatest == 0 {
            return None;
        }
        let from = step_below(least as f64);
        let to = step_above(greatest as f64);
        Some(if from < to { Self { from, to } } else { Self { from: from / 2.0, to: to * 2.0 } })
    }

    /// Where a value is, from 0 at the lower end to 1 at the upper.
    pub(super) fn place(self, value: f64) -> f64 {
        let value = value.clamp(self.from, self.to);
        (value / self.from).ln() / (self.to / self.from).ln()
    }

    /// Values to write at the axis: powers of ten over more than three of them,
    /// else 1, 2 and 5.
    pub(super) fn ticks(self) -> Vec<u64> {
        let decades = (self.to / self.from).log10();
        let mut ticks = Vec::new();
        let mut power = 10_f64.powf(self.from.log10().floor());
        while power <= self.to {
            let digits: &[f64] = if decades > 3.0 { &[1.0] } else { &[1.0, 2.0, 5.0] };
            for digit in digits {
                let tick = power * digit;
                if tick >= self.from * 0.999 && tick <= self.to * 1.001 && tick >= 1.0 {
                    ticks.push(tick.round() as u64);
                }
            }
            power *= 10.0;
        }
        ticks
    }
}

const STEPS: [f64; 3] = [1.0, 2.0, 5.0];

fn step_below(value: f64) -> f64 {
    let power = 10_f64.powf(value.log10().floor());
    STEPS.iter().rev().map(|step| step * power).find(|step| *step <= value * 1.001).unwrap_or(power)
}

fn step_above(value: f64) -> f64 {
    let power = 10_f64.powf(value.log10().floor());
    let steps = STEPS.iter().map(|step| step * power);
    steps.chain([power * 10.0]).find(|step| *step >= value * 0.999).unwrap_or(power * 10.0)
}

/// About `count` round values from 0 to `greatest`, and where the axis ends.
pub(super) fn linear_ticks(greatest: f64, count: usize) -> Vec<f64> {
    let rough = greatest / count as f64;
    let step = step_above(rough.max(f64::MIN_POSITIVE));
    (0..).map(|index| f64::from(index) * step).take_while(|tick| *tick <= greatest).collect()
}

/// Times for an axis of virtual time, in steps of the units that clocks have.
pub(super) fn time_ticks(greatest: u64, count: u64) -> Vec<u64> {
    const SECOND: u64 = 1_000_000_000;
    const STEPS: [u64; 16] =
        [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 86_400];
    let enough = |step: &u64| greatest / (step * SECOND) <= count;
    let step = STEPS
        .into_iter()
        .find(enough)
        .unwrap_or(86_400 * (1 + greatest / (86_400 * SECOND * count)));
    (0..).map(|index: u64| index * step * SECOND).take_while(|tick| *tick <= greatest).collect()
}

/// Moves labels apart that would overlap: heights in, heights out, in the same
/// order, at least `apart` from each other and within `range`, each as near to
/// its own height as that allows.
pub(super) fn spread(heights: &[f64], apart: f64, range: (f64, f64)) -> Vec<f64> {
    let mut order: Vec<usize> = (0..heights.len()).collect();
    order.sort_by(|a, b| heights[*a].total_cmp(&heights[*b]));
    let mut placed = vec![0.0; heights.len()];
    let mut next = range.0;
    for index in &order {
        placed[*index] = heights[*index].max(next);
        next = placed[*index] + apart;
    }
    let mut limit = range.1;
    for index in order.iter().rev() {
        placed[*index] = placed[*index].min(limit);
        limit = placed[*index] - apart;
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithmic_ticks_are_round() {
        for (values, expected) in [
            (
                vec![1_300_000, 90_000_000],
                vec![
                    1_000_000,
                    2_000_000,
                    5_000_000,
                    10_000_000,
                    20_000_000,
                    50_000_000,
                    100_000_000,
                ],
            ),
            (vec![0, 700, 2_000_000], vec![1_000, 10_000, 100_000, 1_000_000]),
            (vec![5], vec![5, 10]),
        ] {
            let scale = LogScale::over(values.iter().copied()).expect("positive");
            assert_eq!(scale.ticks(), expected, "{values:?}");
            assert_eq!(scale.place(0.0), 0.0);
        }
        assert!(LogScale::over([0, 0].into_iter()).is_none());
    }

    #[test]
    fn times_are_cut_as_clocks_do() {
        let minutes = |m: u64| m * 60_000_000_000;
        assert_eq!(time_ticks(minutes(35), 8), (0..=7).map(|i| minutes(5 * i)).collect::<Vec<_>>());
        assert_eq!(time_ticks(minutes(60 * 24 * 7), 8).len(), 8);
        assert_eq!(time_ticks(0, 8), [0]);
    }

    #[test]
    fn labels_keep_apart_and_inside() {
        let placed = spread(&[10.0, 11.0, 95.0, 96.0], 12.0, (0.0, 100.0));
        assert_eq!(placed, [10.0, 22.0, 88.0, 100.0]);
    }
}
