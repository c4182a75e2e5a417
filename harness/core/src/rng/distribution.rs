//! Draws from distributions, in integers.
//!
//! Each takes at most one draw of 64 bits, turned into a value by the inverse
//! of the distribution function, out of tables with straight lines between
//! their entries.

use super::Draws;
use super::tables::{LN, NORMAL_TAIL, PER_HALVING};
use crate::profile::SpanDistribution;
use crate::time::Span;

impl Draws {
    /// Exponential with this mean, cut at `at_most`. Without the cut, it ends at
    /// 44 times the mean, and is off by less than 3 millionths of the mean.
    pub fn exponential(&mut self, mean: Span, at_most: Span) -> Span {
        let shared = u128::from(mean.as_nanos()) * u128::from(negative_ln(self.bits()));
        Span::from_nanos(u64::try_from(shared >> 32).unwrap_or(u64::MAX)).min(at_most)
    }

    /// Standard normal, in millionths of a standard deviation. It ends at 5.42
    /// standard deviations on either side, and is off by less than 60 millionths
    /// before that.
    pub fn standard_normal(&mut self) -> i32 {
        let bits = self.bits();
        let distance = i32::try_from(normal_tail(bits >> 1)).expect("the table ends at 5,419,983");
        if bits & 1 == 0 { distance } else { -distance }
    }

    /// Normal, cut at zero.
    pub fn normal(&mut self, mean: Span, deviation: Span) -> Span {
        let millionths = self.standard_normal();
        let off = deviation.scale(u64::from(millionths.unsigned_abs()), 1_000_000);
        if millionths < 0 { mean.saturating_sub(off) } else { mean + off }
    }

    /// An index into `weights`, as often as its weight says; 0 if all weights
    /// are zero.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let total = weights.iter().map(|&weight| u64::from(weight)).sum();
        let mut left = self.below(total);
        for (index, &weight) in weights.iter().enumerate() {
            match left.checked_sub(u64::from(weight)) {
                Some(beyond) => left = beyond,
                None => return index,
            }
        }
        0
    }
}

impl SpanDistribution {
    /// One span. All but [`SpanDistribution::Fixed`] take exactly one draw.
    pub fn draw(&self, draws: &mut Draws) -> Span {
        match self {
            Self::Fixed(span) => *span,
            Self::Uniform(low, high) => {
                let (low, high) = (low.as_nanos(), high.as_nanos());
                Span::from_nanos(draws.between(low, high.max(low)))
            }
            Self::Exponential(mean, at_most) => draws.exponential(*mean, *at_most),
            Self::Quantiles(quantiles) => {
                let points =
                    quantiles.iter().map(|(share, span)| (u64::from(share.0) << 32, *span));
                on_straight_lines(points, share_of(draws.bits()))
            }
        }
    }
}

/// `bits / 2^64` in units of 2^-32 parts per million.
fn share_of(bits: u64) -> u64 {
    ((u128::from(bits) * 1_000_000) >> 32) as u64
}

/// The span at `share`, between the points around it; the first or the last
/// point's beyond the ends, none without points.
fn on_straight_lines(points: impl Iterator<Item = (u64, Span)>, share: u64) -> Span {
    let mut before: Option<(u64, Span)> = None;
    for (next, span) in points {
        if share < next {
            let Some((last, from)) = before else { return span };
            let rise = span.saturating_sub(from);
            return from + rise.scale(share - last, next - last);
        }
        before = Some((next, span));
    }
    before.map_or(Span::ZERO, |(_, span)| span)
}

/// `-ln(bits / 2^64)` in units of 2^-32, off by less than 2 millionths. Even
/// numbers count as the next odd one, so that there is no logarithm of zero.
fn negative_ln(bits: u64) -> u64 {
    let bits = bits | 1;
    let halvings = u64::from(bits.leading_zeros()) + 1;
    // The mantissa without its leading one: 8 bits of index, 32 of fraction.
    let mantissa = (bits << (halvings - 1)) << 1;
    let (index, fraction) = ((mantissa >> 56) as usize, (mantissa >> 24) & 0xffff_ffff);
    let (low, high) = (u64::from(LN[index]), u64::from(LN[index + 1]));
    let ln_of_mantissa = low + (((high - low) * fraction) >> 32);
    halvings * u64::from(LN[256]) - ln_of_mantissa
}

/// How far out the upper tail of a normal distribution begins that has half of
/// the probability `bits / 2^63`, in millionths of a standard deviation.
fn normal_tail(bits: u64) -> u32 {
    let last = NORMAL_TAIL[NORMAL_TAIL.len() - 1];
    let halvings = bits.leading_zeros() as usize - 1;
    if halvings * PER_HALVING >= NORMAL_TAIL.len() - 1 {
        return last;
    }
    // From the larger probability down: 5 bits of index, 32 of fraction.
    let down = (bits << (halvings + 1)).wrapping_neg();
    let (index, fraction) = ((down >> 58) as usize, (down >> 26) & 0xffff_ffff);
    let index = halvings * PER_HALVING + index;
    let near = NORMAL_TAIL[index];
    let far = NORMAL_TAIL.get(index + 1).copied().unwrap_or(last);
    near + ((u64::from(far - near) * fraction) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rng::Stream;
    use crate::units::PartsPerMillion;

    /// The probability of more than `x` standard deviations above the mean: a
    /// power series below 2, a continued fraction above.
    fn upper_tail(x: f64) -> f64 {
        let density = (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
        if x < 2.0 {
            let (mut term, mut sum) = (x, x);
            for n in 1..100 {
                term *= x * x / f64::from(2 * n + 1);
                sum += term;
            }
            0.5 - density * sum
        } else {
            let fraction = (1..200).rev().fold(x, |below, n| x + f64::from(n) / below);
            density / fraction
        }
    }

    #[test]
    fn the_table_of_logarithms_is_that_of_ln() {
        for (i, &entry) in LN.iter().enumerate() {
            let exact = (1.0 + i as f64 / 256.0).ln() * 2_f64.powi(32);
            assert!((f64::from(entry) - exact).abs() <= 0.6, "{i}: {entry} for {exact}");
        }
    }

    #[test]
    fn the_table_of_tails_is_that_of_the_normal_distribution() {
        for (i, &entry) in NORMAL_TAIL.iter().enumerate() {
            let (halvings, part) = (i / PER_HALVING, i % PER_HALVING);
            let probability = 0.5_f64.powi(halvings as i32 + 1) * (1.0 - part as f64 / 64.0);
            let ratio = upper_tail(f64::from(entry) / 1e6) / probability;
            assert!((ratio - 1.0).abs() < 5e-6, "{i}: {entry} is off by {ratio}");
        }
    }

    #[test]
    fn means_and_deviations_of_many_draws() {
        let mut draws = Stream::root(11).named("many").draws();
        let (mut exponential, mut sum, mut squares) = (0_u64, 0_i64, 0_i64);
        let count = 1_000_000;
        for _ in 0..count {
            exponential +=
                draws.exponential(Span::from_secs(1), Span::from_secs(100)).as_nanos() / 1_000;
            let normal = i64::from(draws.standard_normal());
            sum += normal;
            squares += normal * normal / 1_000_000;
        }
        // Three standard errors of a mean of a million draws are 0.3 %.
        let (mean, normal, square) = (exponential as i64 / count, sum / count, squares / count);
        assert!((997_000..=1_003_000).contains(&mean), "{mean}");
        assert!((-3_000..=3_000).contains(&normal), "{normal}");
        assert!((995_000..=1_005_000).contains(&square), "{square}");
    }

    #[test]
    fn quantiles_are_met() {
        let ppm = PartsPerMillion;
        let distribution = SpanDistribution::Quantiles(vec![
            (ppm(0), Span::from_nanos(1_000)),
            (ppm(500_000), Span::from_nanos(2_000)),
            (ppm(900_000), Span::from_nanos(10_000)),
            (ppm(1_000_000), Span::from_nanos(100_000)),
        ]);
        let mut draws = Stream::root(5).draws();
        let spans: Vec<_> =
            (0..100_000).map(|_| distribution.draw(&mut draws).as_nanos()).collect();
        // Half a per cent is more than three standard errors of any share.
        for (span, expected) in
            [(1_000, 0), (1_500, 25_000), (2_000, 50_000), (6_000, 70_000), (10_000, 90_000)]
        {
            let below = spans.iter().filter(|&&drawn| drawn < span).count();
            assert!(below.abs_diff(expected) <= 500, "{below} below {span}");
        }
        assert!(spans.iter().all(|span| (1_000..100_000).contains(span)));
    }

    #[test]
    fn odd_distributions_do_not_panic() {
        let mut draws = Stream::root(5).draws();
        let span = Span::from_nanos;
        for (distribution, expected) in [
            (SpanDistribution::Fixed(span(7)), 7),
            (SpanDistribution::Uniform(span(9), span(3)), 9),
            (SpanDistribution::Uniform(span(3), span(3)), 3),
            (SpanDistribution::Exponential(span(0), span(3)), 0),
            (SpanDistribution::Exponential(span(u64::MAX), span(3)), 3),
            (SpanDistribution::Quantiles(vec![]), 0),
            (SpanDistribution::Quantiles(vec![(PartsPerMillion(0), span(8))]), 8),
            (SpanDistribution::Quantiles(vec![(PartsPerMillion(1_000_000), span(8))]), 8),
        ] {
            assert_eq!(distribution.draw(&mut draws).as_nanos(), expected, "{distribution:?}");
        }
        assert_eq!(draws.weighted(&[]), 0);
        assert_eq!(draws.weighted(&[0, 0]), 0);
    }

    #[test]
    fn weights_are_kept() {
        let mut draws = Stream::root(5).draws();
        let mut seen = [0_u32; 4];
        for _ in 0..100_000 {
            seen[draws.weighted(&[1, 0, 6, 3])] += 1;
        }
        assert_eq!(seen[1], 0);
        for (count, share) in [(seen[0], 10_000), (seen[2], 60_000), (seen[3], 30_000)] {
            assert!(count.abs_diff(share) < 500, "{seen:?}");
        }
    }

    proptest! {
        #[test]
        fn a_logarithm_is_off_by_two_millionths_at_most(bits: u64, shift in 0_u32..64) {
            let bits = (bits >> shift) | 1;
            let exact = -(bits as f64 / 2_f64.powi(64)).ln();
            let drawn = negative_ln(bits) as f64 / 2_f64.powi(32);
            prop_assert!((drawn - exact).abs() < 2e-6, "{} for {}", drawn, exact);
        }

        #[test]
        fn a_tail_is_off_by_sixty_millionths_at_most(bits: u64, shift in 1_u32..24) {
            let bits = bits >> shift;
            prop_assume!(bits > 1 << 39);
            let probability = bits as f64 / 2_f64.powi(64);
            let distance = f64::from(normal_tail(bits)) / 1e6;
            // The table falls as the probability grows: what lies sixty
            // millionths off on either side must enclose it.
            prop_assert!(upper_tail(distance + 6e-5) < probability);
            prop_assert!(upper_tail(distance - 6e-5) > probability);
        }

        #[test]
        fn an_exponential_is_cut(seed: u64, mean in 0_u64..u64::MAX, at_most: u64) {
            let at_most = Span::from_nanos(at_most);
            let mut draws = Stream::root(seed).draws();
            prop_assert!(draws.exponential(Span::from_nanos(mean), at_most) <= at_most);
        }
    }
}
