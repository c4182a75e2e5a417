//! One directed link between two nodes.

use std::ops::Deref;

use super::loss::Chain;
use super::route::Route;
use super::wire::{INITIAL_WINDOW, MAXIMUM_SEGMENT, Packets, SEGMENT_OVERHEAD, stream_bytes};
use crate::profile::LinkDirection;
use crate::rng::Stream;
use crate::time::{Span, Time};

/// How often lost packets of one message are sent again; after that they come
/// through. Linux gives a connection up after as many (`tcp_retries2`), which
/// here is the business of whoever waits for an answer.
pub const MOST_RETRANSMISSION_ROUNDS: u32 = 15;

/// The longest retransmission timeout, as in Linux (`TCP_RTO_MAX`).
pub const LONGEST_TIMEOUT: Span = Span::from_secs(120);

/// A window stops growing after this many doublings, at 15 GB.
const MOST_DOUBLINGS: u32 = 20;

/// What became of a message over an ordered, reliable connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reliable {
    /// When its last byte leaves for the first time.
    pub departs: Time,
    /// When all of it is there, and all before it.
    pub arrives: Time,
    /// Bytes on the wire, headers and retransmissions included.
    pub wire_bytes: u64,
    /// Packets that were sent again.
    pub retransmissions: u32,
}

/// When copies of a datagram arrive: not at all, once or twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arrivals {
    times: [Time; 2],
    count: u8,
}

impl Arrivals {
    fn push(&mut self, time: Time) {
        self.times[usize::from(self.count)] = time;
        self.count += 1;
    }
}

impl Deref for Arrivals {
    type Target = [Time];
    fn deref(&self) -> &[Time] {
        &self.times[..usize::from(self.count)]
    }
}

/// What became of a message sent as datagrams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Datagram {
    /// When its last byte leaves; when it was sent, if the queue had no room.
    pub departs: Time,
    /// When it arrives; a message in several datagrams arrives whole or not.
    pub arrivals: Arrivals,
    /// Bytes on the wire, headers included; none if the queue had no room.
    pub wire_bytes: u64,
}

/// One directed link between two nodes: a queue before the bottleneck's rate,
/// the state of loss, and the window of the connection on it.
///
/// Messages queue one after another at the rate of the slower of the two access
/// links; two links of one device do not share it (its radio does). Draws are
/// keyed by the number of the message and of the packet in it, so that what
/// happens to one message never shifts the draws of another.
#[derive(Clone, Debug)]
pub struct Link {
    stream: Stream,
    messages: u64,
    /// When everything has left that was sent so far.
    free_at: Time,
    last_arrival: Time,
    /// How often the connection's window has doubled.
    doublings: u32,
    chains: Chains,
}

/// The state of loss of both ends.
#[derive(Clone, Copy, Debug, Default)]
struct Chains {
    up: Chain,
    down: Chain,
}

impl Link {
    /// A link that was never used, with its own stream of draws.
    pub fn new(stream: Stream) -> Self {
        Self {
            stream,
            messages: 0,
            free_at: Time::ZERO,
            last_arrival: Time::ZERO,
            doublings: 0,
            chains: Chains::default(),
        }
    }

    /// A fresh connection. What the last one had not sent yet will not be sent,
    /// its window is forgotten, and its arrivals hold up nothing.
    pub fn restart(&mut self) {
        self.doublings = 0;
        self.free_at = Time::ZERO;
        self.last_arrival = Time::ZERO;
    }

    /// Sends a message of `payload_bytes` over a connection: in order, and sent
    /// again until it is there. A sender that is faster than the link waits.
    ///
    /// What does not fit into the window waits for acknowledgements (slow start,
    /// from [`INITIAL_WINDOW`], again after a timeout's worth of silence). Each
    /// round of lost packets costs a retransmission timeout, which doubles.
    ///
    /// # Panics
    /// If the rate of a direction is zero.
    pub fn send_reliable(&mut self, now: Time, route: &Route<'_>, payload_bytes: u64) -> Reliable {
        let message = self.next_message();
        let packets = Packets::of_stream(payload_bytes);
        let starts = now.max(self.free_at);
        if self.doublings > 0 && now > self.free_at + route.retransmission_timeout() {
            self.doublings = 0;
        }
        let stalled = self.grow_window(route, stream_bytes(payload_bytes));
        let departs = starts + stalled + route.time_for(packets.wire_bytes());

        let again = self.retransmit(route, message, &packets);
        self.free_at = departs + again.sending;
        let flight = again.waited + route.flight(&mut message.draws());
        self.last_arrival = self.last_arrival.max(self.free_at + flight);
        Reliable {
            departs,
            arrives: self.last_arrival,
            wire_bytes: packets.wire_bytes() + again.bytes,
            retransmissions: u32::try_from(again.packets).unwrap_or(u32::MAX),
        }
    }

    /// Sends a message of `payload_bytes` as datagrams: each may be lost, and
    /// the message arrives late, twice or not at all.
    ///
    /// # Panics
    /// If the rate of a direction is zero.
    pub fn send_datagram(&mut self, now: Time, route: &Route<'_>, payload_bytes: u64) -> Datagram {
        let message = self.next_message();
        let packets = Packets::of_datagrams(payload_bytes);
        let wire_bytes = packets.wire_bytes();
        let mut arrivals = Arrivals::default();
        if !route.has_room(self.free_at - now, wire_bytes) {
            return Datagram { departs: now, arrivals, wire_bytes: 0 };
        }
        let departs = now.max(self.free_at) + route.time_for(wire_bytes);
        self.free_at = departs;
        if self.chains.count_lost(route, message, 0, packets.count) == 0 {
            let draws = &mut message.draws();
            arrivals.push(departs + route.flight(draws));
            let copies = route.directions().filter(|each| draws.chance(each.duplicate)).count();
            if copies > 0 {
                arrivals.push(departs + route.flight(draws));
            }
        }
        Datagram { departs, arrivals, wire_bytes }
    }

    fn next_message(&mut self) -> Stream {
        let number = self.messages;
        self.messages += 1;
        self.stream.numbered(number)
    }

    /// How long a message of `bytes` waits for acknowledgements before its last
    /// window may leave. On a link without a rate, this is a round trip for each
    /// doubling; where sending a window takes longer than a round trip, its
    /// acknowledgements come in time.
    fn grow_window(&mut self, route: &Route<'_>, bytes: u64) -> Span {
        let mut stalled = Span::ZERO;
        let mut window = INITIAL_WINDOW << self.doublings;
        let mut covered = window;
        while covered < bytes {
            let wire_bytes = window + window.div_ceil(MAXIMUM_SEGMENT) * SEGMENT_OVERHEAD;
            stalled += route.round_trip().saturating_sub(route.time_for(wire_bytes));
            if self.doublings < MOST_DOUBLINGS {
                self.doublings += 1;
                window *= 2;
            }
            covered = covered.saturating_add(window);
        }
        stalled
    }

    /// Sends lost packets of `message` again until all are there.
    ///
    /// Bursts are counted in packets, and a timeout is as long as many. So each
    /// round finds the chains in any state, and leaves them as they are for the
    /// messages that were sent meanwhile. If a round met the rest of the burst
    /// that it waited for, then with `r` of a half each further round would be
    /// half as likely and twice as long, and the mean wait would have no bound.
    fn retransmit(&mut self, route: &Route<'_>, message: Stream, packets: &Packets) -> Again {
        let mut again = Again::default();
        if self.chains.is_lossless(route) {
            return again;
        }
        let mut timeout = route.retransmission_timeout();
        let mut sent = packets.count;
        // The full packets and the last one, which is the shorter.
        let mut lost = self.chains.count_lost(route, message, 0, packets.count - 1);
        let mut last_lost = self.chains.count_lost(route, message, packets.count - 1, 1);
        for round in 0..MOST_RETRANSMISSION_ROUNDS {
            if lost + last_lost == 0 {
                break;
            }
            self.doublings = 0;
            again.packets += lost + last_lost;
            again.bytes += lost * packets.full + last_lost * packets.last;
            again.waited += timeout;
            timeout = timeout.times(2).min(LONGEST_TIMEOUT);
            let mut chains = self.chains.much_later(route, message, round);
            let (full, last) = (lost, last_lost);
            lost = chains.count_lost(route, message, sent, full);
            last_lost = chains.count_lost(route, message, sent + full, last);
            sent += full + last;
        }
        if again.bytes > 0 {
            again.sending = route.time_for(again.bytes);
        }
        again
    }
}

impl Chains {
    /// Sends `count` packets of `message`, beginning with number `first`, and
    /// counts those that are lost. What the uplink lost, the downlink never sees.
    fn count_lost(&mut self, route: &Route<'_>, message: Stream, first: u64, count: u64) -> u64 {
        if self.is_lossless(route) {
            return 0;
        }
        let mut lost = 0;
        for packet in first..first + count {
            let draws = &mut message.numbered(packet).draws();
            let lost_up = route.up.is_some_and(|up| self.up.loses(up.loss, draws));
            let lost_here =
                lost_up || route.down.is_some_and(|down| self.down.loses(down.loss, draws));
            lost += u64::from(lost_here);
        }
        lost
    }

    /// After the timeout before a `round` of sending again.
    fn much_later(self, route: &Route<'_>, message: Stream, round: u32) -> Self {
        let draws = &mut message.named("timeout").numbered(u64::from(round)).draws();
        let mut later = |chain: Chain, end: Option<&LinkDirection>| {
            end.map_or(chain, |end| chain.much_later(end.loss, draws))
        };
        Self { up: later(self.up, route.up), down: later(self.down, route.down) }
    }

    fn is_lossless(&self, route: &Route<'_>) -> bool {
        route.up.is_none_or(|up| self.up.is_lossless(up.loss))
            && route.down.is_none_or(|down| self.down.is_lossless(down.loss))
    }
}

/// What sending again took.
#[derive(Clone, Copy, Debug, Default)]
struct Again {
    packets: u64,
    bytes: u64,
    sending: Span,
    waited: Span,
}
