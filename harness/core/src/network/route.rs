//! The way of a message from one node to another at the time it is sent.

use crate::profile::LinkDirection;
use crate::rng::Draws;
use crate::time::Span;
use crate::units::BitsPerSecond;

/// The least retransmission timeout. RFC 6298 asks for a second; Linux takes
/// 200 ms (`TCP_RTO_MIN`), and that is what servers and phones run.
const LEAST_TIMEOUT: Span = Span::from_millis(200);

/// The way of a message from one node to another, as it is when the message is
/// sent: which of its links a device uses may be another one each time.
#[derive(Clone, Copy, Debug)]
pub struct Route<'a> {
    /// The sender's uplink; none for a relay, which stands on the backbone.
    pub up: Option<&'a LinkDirection>,
    /// The receiver's downlink; none for a relay.
    pub down: Option<&'a LinkDirection>,
    /// What lies between the two access links.
    pub backbone_one_way: Span,
    /// How many times longer everything takes than it should; 1, or 0, is as it
    /// should be.
    pub slow_factor: u32,
}

impl<'a> Route<'a> {
    /// The directions that there are.
    pub(super) fn directions(&self) -> impl Iterator<Item = &'a LinkDirection> + use<'a> {
        [self.up, self.down].into_iter().flatten()
    }

    fn slowed(&self, span: Span) -> Span {
        span.times(u64::from(self.slow_factor.max(1)))
    }

    /// The least time from one end to the other.
    pub fn one_way_delay(&self) -> Span {
        let access = self.directions().fold(Span::ZERO, |sum, each| sum + each.one_way_delay);
        self.slowed(access + self.backbone_one_way)
    }

    /// The most that jitter adds to [`Route::one_way_delay`].
    pub fn jitter(&self) -> Span {
        self.slowed(self.directions().fold(Span::ZERO, |sum, each| sum + each.jitter))
    }

    /// The mean round trip, with a way back like the way there.
    pub fn round_trip(&self) -> Span {
        self.one_way_delay().times(2) + self.jitter()
    }

    /// The retransmission timeout of RFC 6298: the smoothed round trip and four
    /// times its mean deviation, but no less than Linux's 200 ms. The mean
    /// deviation of one way's uniform jitter is a quarter of it.
    pub(super) fn retransmission_timeout(&self) -> Span {
        (self.round_trip() + self.jitter()).max(LEAST_TIMEOUT)
    }

    /// The direction that is the bottleneck: the one with the lower rate.
    fn bottleneck(&self) -> Option<&'a LinkDirection> {
        self.directions().min_by_key(|direction| (direction.rate, direction.queue_bytes))
    }

    /// How long `wire_bytes` take through the bottleneck.
    pub(super) fn time_for(&self, wire_bytes: u64) -> Span {
        let at = |direction: &LinkDirection| direction.rate.time_for(wire_bytes);
        self.slowed(self.bottleneck().map_or(Span::ZERO, at))
    }

    /// Whether the bottleneck's queue has room for `wire_bytes` behind what it
    /// takes `waiting` to send off. An empty queue takes any message, since its
    /// sender paces what does not fit at once.
    pub(super) fn has_room(&self, waiting: Span, wire_bytes: u64) -> bool {
        let Some(bottleneck) = self.bottleneck() else { return true };
        let BitsPerSecond(rate) = bottleneck.rate;
        let slow_factor = u128::from(self.slow_factor.max(1));
        let backlog = (u128::from(waiting.as_nanos()) * u128::from(rate))
            .div_ceil(8_000_000_000 * slow_factor);
        backlog == 0 || backlog + u128::from(wire_bytes) <= u128::from(bottleneck.queue_bytes)
    }

    /// How long one message is under way once it has left.
    pub(super) fn flight(&self, draws: &mut Draws) -> Span {
        let extra = self.directions().fold(Span::ZERO, |sum, direction| {
            let jitter = Span::from_nanos(draws.between(0, direction.jitter.as_nanos()));
            let held_back = draws.chance(direction.reorder);
            sum + jitter + if held_back { direction.reorder_delay } else { Span::ZERO }
        });
        self.one_way_delay() + self.slowed(extra)
    }
}
