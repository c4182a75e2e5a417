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
