//! What `tc netem` is told of a way.

use std::fmt;

use deadzone_core::network::Route;
use deadzone_core::network::wire::{MAXIMUM_SEGMENT, SEGMENT_OVERHEAD};
use deadzone_core::profile::{LinkDirection, Loss};
use deadzone_core::time::Span;
use deadzone_core::units::PartsPerMillion;

/// A whole, in parts per million.
const ALL: PartsPerMillion = PartsPerMillion(1_000_000);

/// What `netem` holds where it is told nothing.
const LIMIT_PACKETS: u64 = 1_000;

/// 1.5 GB of full packets: the kernel takes 32 bits.
const LIMIT_PACKETS_MAX: u64 = 1_000_000;

/// What packets meet from one node to another: the sender's access link, with the
/// backbone behind it, and then the receiver's. One of them where the other end
/// stands on the backbone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) first: Netem,
    pub(crate) second: Option<Netem>,
}

impl Shape {
    /// As a way is now; `stopped` if nothing comes through.
    pub(crate) fn of(route: &Route<'_>, stopped: bool) -> Self {
        let factor = u64::from(route.slow_factor.max(1));
        let netem = |end: Option<&LinkDirection>, more: Span| Netem::of(end, more, factor);
        let mut shape = match (route.up, route.down) {
            (Some(up), Some(down)) => Self {
                first: netem(Some(up), route.backbone_one_way),
                second: Some(netem(Some(down), Span::ZERO)),
            },
            (end, None) | (None, end) => {
                Self { first: netem(end, route.backbone_one_way), second: None }
            }
        };
        if stopped {
            shape.first.loss = Loss::Random(ALL);
        }
        shape
    }
}

/// The parameters of one `netem`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Netem {
    delay: Span,
    /// Either way of `delay`, uniformly.
    jitter: Span,
    loss: Loss,
    /// In bits a second; none has no bound.
    rate: Option<u64>,
    /// How many packets it holds, those that wait for their delay among them.
    limit_packets: u64,
}

impl Netem {
    fn of(end: Option<&LinkDirection>, more: Span, factor: u64) -> Self {
        let Some(end) = end else {
            return Self {
                delay: more.times(factor),
                jitter: Span::ZERO,
                loss: Loss::Random(PartsPerMillion(0)),
                rate: None,
                limit_packets: LIMIT_PACKETS,
            };
        };
        // Ours is from no jitter to all of it, netem's to both sides of the delay.
        let jitter = end.jitter.scale(1, 2).times(factor);
        let delay = (end.one_way_delay + more).times(factor) + jitter;
        let rate = end.rate.0 / factor;
        let packet_bits = 8 * (MAXIMUM_SEGMENT + SEGMENT_OVERHEAD);
        let longest = u128::from((delay + jitter).as_nanos());
        let under_way_bits = longest * u128::from(rate) / 1_000_000_000;
        let under_way = u64::try_from(under_way_bits).unwrap_or(u64::MAX).div_ceil(packet_bits);
        let waiting = end.queue_bytes.saturating_mul(8).div_ceil(packet_bits);
        let limit_packets = under_way.saturating_add(waiting).clamp(1, LIMIT_PACKETS_MAX);
        Self { delay, jitter, loss: end.loss, rate: Some(rate.max(1)), limit_packets }
    }
}

/// As the arguments of `tc qdisc … netem`.
impl fmt::Display for Netem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let microseconds = |span: Span| span.as_nanos() / 1_000;
        write!(f, "limit {} delay {}us", self.limit_packets, microseconds(self.delay))?;
        if self.jitter > Span::ZERO {
            write!(f, " {}us", microseconds(self.jitter))?;
        }
        match self.loss {
            Loss::Random(share) => write!(f, " loss random {}", per_cent(share))?,
            Loss::GilbertElliott { p, r, loss_in_bad, loss_in_good } => {
                let [p, r, bad, good] = [p, r, loss_in_bad, loss_in_good].map(per_cent);
                write!(f, " loss gemodel {p} {r} {bad} {good}")?;
            }
        }
        match self.rate {
            Some(rate) => write!(f, " rate {rate}bit"),
            None => Ok(()),
        }
    }
}

fn per_cent(PartsPerMillion(share): PartsPerMillion) -> String {
    format!("{}.{:04}%", share / 10_000, share % 10_000)
}

#[cfg(test)]
mod tests {
    use deadzone_core::units::BitsPerSecond;

    use super::*;

    fn direction() -> LinkDirection {
        LinkDirection {
            one_way_delay: Span::from_millis(20),
            jitter: Span::from_millis(30),
            loss: Loss::Random(PartsPerMillion(0)),
            duplicate: PartsPerMillion(0),
            reorder: PartsPerMillion(0),
            reorder_delay: Span::ZERO,
            rate: BitsPerSecond(12_000_000),
            queue_bytes: 150_000,
        }
    }

    fn route<'a>(up: Option<&'a LinkDirection>, down: Option<&'a LinkDirection>) -> Route<'a> {
        Route { up, down, backbone_one_way: Span::from_millis(5), slow_factor: 1 }
    }

    fn check(shape: &Shape, first: &str, second: Option<&str>) {
        assert_eq!(shape.first.to_string(), first);
        assert_eq!(shape.second.as_ref().map(Netem::to_string).as_deref(), second);
    }

    #[test]
    fn jitter_is_to_both_sides_of_a_later_delay() {
        let up = direction();
        // 55 ms of 12 Mbit/s are 55 packets of 1,500 bytes, the queue is 100 more.
        check(
            &Shape::of(&route(Some(&up), None), false),
            "limit 155 delay 40000us 15000us loss random 0.0000% rate 12000000bit",
            None,
        );
        check(
            &Shape::of(&route(None, Some(&up)), false),
            "limit 155 delay 40000us 15000us loss random 0.0000% rate 12000000bit",
            None,
        );
    }

    #[test]
    fn between_two_devices_each_has_its_link() {
        let up = LinkDirection { jitter: Span::ZERO, ..direction() };
        let loss = Loss::GilbertElliott {
            p: PartsPerMillion(5_000),
            r: PartsPerMillion(500_000),
            loss_in_bad: PartsPerMillion(1_000_000),
            loss_in_good: PartsPerMillion(0),
        };
        let down = LinkDirection { loss, ..up.clone() };
        check(
            &Shape::of(&route(Some(&up), Some(&down)), false),
            "limit 125 delay 25000us loss random 0.0000% rate 12000000bit",
            Some(
                "limit 120 delay 20000us loss gemodel 0.5000% 50.0000% 100.0000% 0.0000% rate \
                 12000000bit",
            ),
        );
    }

    #[test]
    fn a_slow_way_takes_longer_over_everything() {
        let up = direction();
        let slow = Route { slow_factor: 4, ..route(Some(&up), None) };
        check(
            &Shape::of(&slow, false),
            "limit 155 delay 160000us 60000us loss random 0.0000% rate 3000000bit",
            None,
        );
    }

    #[test]
    fn nothing_comes_through_where_it_is_stopped() {
        let up = LinkDirection { loss: Loss::Random(PartsPerMillion(12_345)), ..direction() };
        let loses = |stopped| Shape::of(&route(Some(&up), None), stopped).first.to_string();
        assert!(loses(false).contains("loss random 1.2345%"), "{}", loses(false));
        assert!(loses(true).contains("loss random 100.0000%"), "{}", loses(true));
        check(
            &Shape::of(&route(None, None), true),
            "limit 1000 delay 5000us loss random 100.0000%",
            None,
        );
    }
}
