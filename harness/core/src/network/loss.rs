//! Which packets are lost.

use crate::profile::Loss;
use crate::rng::Draws;

/// The state of the Gilbert-Elliott chain of one direction of a link. It starts
/// in the good state and moves on with each packet, as in `netem`: a packet is
/// lost by the state that it finds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Chain {
    bad: bool,
}

impl Chain {
    /// Whether the next packet is lost.
    pub(super) fn loses(&mut self, loss: Loss, draws: &mut Draws) -> bool {
        match loss {
            Loss::Random(probability) => draws.chance(probability),
            Loss::GilbertElliott { p, r, loss_in_bad, loss_in_good } => {
                let lost = draws.chance(if self.bad { loss_in_bad } else { loss_in_good });
                let changes = draws.chance(if self.bad { r } else { p });
                self.bad ^= changes;
                lost
            }
        }
    }

    /// The chain when so much time has passed that its state says nothing about
    /// it any more: bad as often as on average, `p / (p + r)`.
    pub(super) fn much_later(self, loss: Loss, draws: &mut Draws) -> Self {
        match loss {
            Loss::Random(_) => self,
            Loss::GilbertElliott { p, r, .. } => {
                let moves = u64::from(p.0) + u64::from(r.0);
                // What never moves stays where it is.
                let bad = if moves == 0 { self.bad } else { draws.below(moves) < u64::from(p.0) };
                Self { bad }
            }
        }
    }

    /// Whether no packet can be lost from now on.
    pub(super) fn is_lossless(&self, loss: Loss) -> bool {
        match loss {
            Loss::Random(probability) => probability.0 == 0,
            Loss::GilbertElliott { p, loss_in_good, loss_in_bad, .. } => {
                let leaves_good = self.bad || p.0 > 0;
                loss_in_good.0 == 0 && (loss_in_bad.0 == 0 || !leaves_good)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rng::Stream;
    use crate::units::PartsPerMillion;

    /// Losses among a million packets, and how many runs they make.
    fn lose(seed: u64, loss: Loss) -> (u64, u64) {
        let mut chain = Chain::default();
        let (mut lost, mut runs, mut before) = (0, 0, false);
        for packet in 0..1_000_000 {
            let draws = &mut Stream::root(seed).numbered(packet).draws();
            let now = chain.loses(loss, draws);
            lost += u64::from(now);
            runs += u64::from(now && !before);
            before = now;
        }
        (lost, runs)
    }

    fn chain(p: u32, r: u32, loss_in_bad: u32, loss_in_good: u32) -> Loss {
        Loss::GilbertElliott {
            p: PartsPerMillion(p),
            r: PartsPerMillion(r),
            loss_in_bad: PartsPerMillion(loss_in_bad),
            loss_in_good: PartsPerMillion(loss_in_good),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// `pi_B = p / (p + r)` of the packets find the chain in the bad state.
        #[test]
        fn the_mean_loss_is_that_of_the_stationary_chain(
            seed: u64,
            p in 5_000_u32..500_000,
            r in 100_000_u32..900_000,
            loss_in_bad in 300_000_u32..=1_000_000,
            loss_in_good in 0_u32..10_000,
        ) {
            let (lost, _) = lose(seed, chain(p, r, loss_in_bad, loss_in_good));
            let [p, r, bad, good] = [p, r, loss_in_bad, loss_in_good].map(f64::from);
            let in_bad = p / (p + r);
            let expected = in_bad * bad + (1.0 - in_bad) * good;
            // Bursts of 1/r packets widen the spread of a mean of independent
            // losses; at 5 % it is more than five of its standard errors.
            let off = (lost as f64 - expected).abs() / expected;
            prop_assert!(off < 0.05, "{} lost, {} expected", lost, expected);
        }
    }

    #[test]
    fn a_burst_is_one_over_r_long() {
        let (lost, runs) = lose(3, chain(10_000, 250_000, 1_000_000, 0));
        let thousandths = lost * 1_000 / runs;
        assert!((3_900..=4_100).contains(&thousandths), "{thousandths}");
    }

    #[test]
    fn much_later_it_is_bad_as_often_as_on_average() {
        for start in [Chain { bad: false }, Chain { bad: true }] {
            let share = |loss| {
                let draws = |number| Stream::root(3).numbered(number).draws();
                (0..100_000).filter(|&n| start.much_later(loss, &mut draws(n)).bad).count()
            };
            assert!((9_700..=10_300).contains(&share(chain(50_000, 450_000, 1, 0))));
            assert_eq!(share(chain(0, 1, 1, 0)), 0);
            assert_eq!(share(chain(1, 0, 1, 0)), 100_000);
            assert_eq!(share(chain(0, 0, 1, 0)), if start.bad { 100_000 } else { 0 });
        }
    }

    #[test]
    fn random_loss_has_its_share() {
        let (lost, _) = lose(3, Loss::Random(PartsPerMillion(20_000)));
        assert!((19_500..=20_500).contains(&lost), "{lost}");
        assert_eq!(lose(3, Loss::Random(PartsPerMillion(0))).0, 0);
    }

    #[test]
    fn a_chain_that_loses_nothing_says_so() {
        let (good, bad) = (Chain::default(), Chain { bad: true });
        for (chain, loss, expected) in [
            (good, Loss::Random(PartsPerMillion(0)), true),
            (good, Loss::Random(PartsPerMillion(1)), false),
            (good, chain(0, 0, 1_000_000, 0), true),
            (bad, chain(0, 0, 1_000_000, 0), false),
            (good, chain(1, 0, 1_000_000, 0), false),
            (good, chain(1, 0, 0, 0), true),
            (good, chain(0, 0, 0, 1), false),
        ] {
            assert_eq!(chain.is_lossless(loss), expected, "{chain:?} {loss:?}");
        }
    }
}
