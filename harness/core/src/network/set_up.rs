//! Setting up a connection.

use super::link::{LONGEST_TIMEOUT, MOST_RETRANSMISSION_ROUNDS};
use super::loss::Chain;
use super::route::Route;
use crate::rng::{Draws, Stream};
use crate::time::Span;

/// How long the first packet of a connection waits for its answer before it is sent
/// again, doubling each time: nothing is known of the way yet (RFC 6298, 2.1, and
/// `TCP_TIMEOUT_INIT` of Linux).
pub const FIRST_TIMEOUT: Span = Span::from_secs(1);

/// How long it takes until both sides may send: so many round trips one after the
/// other, a small packet there and one back each time.
///
/// They are late and lost as others are. Bursts of loss are counted in packets, and
/// these come one by one: each finds the chain in any state. The last attempt comes
/// through.
pub fn set_up(there: &Route<'_>, back: &Route<'_>, round_trips: u64, stream: Stream) -> Span {
    let mut taken = Span::ZERO;
    for number in 0..round_trips {
        let trip = stream.numbered(number);
        let mut timeout = if number == 0 { FIRST_TIMEOUT } else { there.retransmission_timeout() };
        for attempt in 0..=MOST_RETRANSMISSION_ROUNDS {
            let draws = &mut trip.numbered(u64::from(attempt)).draws();
            let lost = [there, back].map(|route| is_lost(route, draws));
            if lost == [false; 2] || attempt == MOST_RETRANSMISSION_ROUNDS {
                taken += there.flight(draws) + back.flight(draws);
                break;
            }
            taken += timeout;
            timeout = timeout.times(2).min(LONGEST_TIMEOUT);
        }
    }
    taken
}

/// Whether a packet by itself is lost on one of the directions of a route.
fn is_lost(route: &Route<'_>, draws: &mut Draws) -> bool {
    route.directions().fold(false, |lost, direction| {
        let mut chain = Chain::default().much_later(direction.loss, draws);
        chain.loses(direction.loss, draws) || lost
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::profile::{LinkDirection, Loss};
    use crate::units::{BitsPerSecond, PartsPerMillion};

    const ONE_WAY_MS: u64 = 35;

    fn direction(jitter: Span, loss: Loss) -> LinkDirection {
        LinkDirection {
            one_way_delay: Span::from_millis(20),
            jitter,
            loss,
            duplicate: PartsPerMillion(0),
            reorder: PartsPerMillion(0),
            reorder_delay: Span::ZERO,
            rate: BitsPerSecond(12_000_000),
            queue_bytes: 100_000,
        }
    }

    /// Over a device's access link and the backbone, there and back.
    fn taken(end: &LinkDirection, round_trips: u64, seed: u64) -> Span {
        let backbone_one_way = Span::from_millis(15);
        let there = Route { up: Some(end), down: None, backbone_one_way, slow_factor: 1 };
        let back = Route { up: None, down: Some(end), ..there };
        set_up(&there, &back, round_trips, Stream::root(seed))
    }

    fn mean_ms(end: &LinkDirection, round_trips: u64) -> u64 {
        let total: u64 = (0..20_000).map(|seed| taken(end, round_trips, seed).as_nanos()).sum();
        total / 20_000 / 1_000_000
    }

    fn random(share: u32) -> Loss {
        Loss::Random(PartsPerMillion(share))
    }

    proptest! {
        #[test]
        fn each_round_trip_takes_its_delay_and_up_to_its_jitter(
            jitter_ms in 0_u64..100,
            round_trips in 0_u64..6,
            seed: u64,
        ) {
            let end = direction(Span::from_millis(jitter_ms), random(0));
            let least = Span::from_millis(2 * ONE_WAY_MS * round_trips);
            let most = least + Span::from_millis(2 * jitter_ms * round_trips);
            let taken = taken(&end, round_trips, seed);
            prop_assert!((least..=most).contains(&taken), "{taken}");
        }
    }

    #[test]
    fn jitter_counts_in_the_mean() {
        // 3 times 70 ms, and 3 times half of 30 ms there and back.
        let mean = mean_ms(&direction(Span::from_millis(30), random(0)), 3);
        assert!((298..=302).contains(&mean), "{mean}");
    }

    #[test]
    fn what_is_lost_is_sent_again_after_a_timeout() {
        // A tenth is lost there and a tenth back, so that 19 % of attempts fail; the
        // sum of 1 s, 2 s, 4 s and so on, weighted, is 0.19 / (1 - 2 · 0.19) of them.
        let once = mean_ms(&direction(Span::ZERO, random(100_000)), 1);
        assert!((360..=395).contains(&once), "{once}");
        // Later ones know the way: their timeout is the least one.
        let twice = mean_ms(&direction(Span::ZERO, random(100_000)), 2);
        assert!((115..=150).contains(&(twice - once)), "{once} and {twice}");
    }

    #[test]
    fn a_burst_is_met_as_often_as_it_is_there() {
        let burst = Loss::GilbertElliott {
            p: PartsPerMillion(50_000),
            r: PartsPerMillion(450_000),
            loss_in_bad: PartsPerMillion(1_000_000),
            loss_in_good: PartsPerMillion(0),
        };
        let [burst, random] =
            [burst, random(100_000)].map(|loss| mean_ms(&direction(Span::ZERO, loss), 1));
        assert!(burst.abs_diff(random) < 20, "{burst} and {random}");
    }

    #[test]
    fn where_nothing_comes_through_it_ends_all_the_same() {
        let taken = taken(&direction(Span::ZERO, random(1_000_000)), 1, 1);
        assert!(taken > LONGEST_TIMEOUT, "{taken}");
    }
}
