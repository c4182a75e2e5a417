use proptest::prelude::*;

use super::wire::{INITIAL_WINDOW, Packets, TLS_RECORD, TLS_RECORD_LIMIT, WEBSOCKET_FRAME};
use super::{Link, MOST_RETRANSMISSION_ROUNDS, Route};
use crate::profile::{LinkDirection, Loss};
use crate::rng::Stream;
use crate::time::{Span, Time};
use crate::units::{BitsPerSecond, PartsPerMillion};

/// Ten milliseconds, no limits, nothing lost.
fn ideal() -> LinkDirection {
    LinkDirection {
        one_way_delay: Span::from_millis(10),
        jitter: Span::ZERO,
        loss: Loss::Random(PartsPerMillion(0)),
        duplicate: PartsPerMillion(0),
        reorder: PartsPerMillion(0),
        reorder_delay: Span::ZERO,
        rate: BitsPerSecond(8_000_000_000_000),
        queue_bytes: 1_000_000,
    }
}

fn over<'a>(up: &'a LinkDirection, down: &'a LinkDirection) -> Route<'a> {
    Route {
        up: Some(up),
        down: Some(down),
        backbone_one_way: Span::from_millis(30),
        slow_factor: 1,
    }
}

fn link() -> Link {
    Link::new(Stream::root(1).named("link"))
}

fn at_millis(milliseconds: u64) -> Time {
    Time::ZERO + Span::from_millis(milliseconds)
}

#[test]
fn a_message_takes_its_delays_and_its_rate() {
    let up = LinkDirection { rate: BitsPerSecond(872_000), ..ideal() };
    let down = ideal();
    // 27 bytes are 109 on the wire: a millisecond at this rate.
    let sent = link().send_reliable(at_millis(5), &over(&up, &down), 27);
    assert_eq!((sent.departs, sent.arrives), (at_millis(6), at_millis(56)));
    assert_eq!((sent.wire_bytes, sent.retransmissions), (109, 0));
    // And 77 in a datagram.
    let up = LinkDirection { rate: BitsPerSecond(616_000), ..ideal() };
    let sent = link().send_datagram(at_millis(5), &over(&up, &down), 27);
    assert_eq!((sent.departs, &*sent.arrivals), (at_millis(6), &[at_millis(56)][..]));
    assert_eq!(sent.wire_bytes, 77);
}

#[test]
fn relays_stand_on_the_backbone() {
    let backbone =
        Route { up: None, down: None, backbone_one_way: Span::from_millis(20), slow_factor: 1 };
    let sent = link().send_reliable(at_millis(5), &backbone, 1_000);
    assert_eq!((sent.departs, sent.arrives), (at_millis(5), at_millis(25)));
    let sent = link().send_datagram(at_millis(5), &backbone, 1_000);
    assert_eq!(&*sent.arrivals, [at_millis(25)]);
}

#[test]
fn slow_means_everything_takes_longer() {
    let up = LinkDirection { rate: BitsPerSecond(872_000), ..ideal() };
    let down = ideal();
    let route = Route { slow_factor: 3, ..over(&up, &down) };
    let sent = link().send_reliable(Time::ZERO, &route, 27);
    assert_eq!((sent.departs, sent.arrives), (at_millis(3), at_millis(153)));
    let zero = Route { slow_factor: 0, ..route };
    assert_eq!(link().send_reliable(Time::ZERO, &zero, 27).arrives, at_millis(51));

    let held_back = LinkDirection {
        reorder: PartsPerMillion(1_000_000),
        reorder_delay: Span::from_millis(7),
        ..ideal()
    };
    let route = Route { slow_factor: 3, ..over(&held_back, &down) };
    assert_eq!(link().send_reliable(Time::ZERO, &route, 27).arrives.as_nanos() / 1_000_000, 171);
}

/// Payload whose message fills the stream with exactly `bytes`.
fn payload_of(bytes: u64) -> u64 {
    let records = bytes.div_ceil(TLS_RECORD_LIMIT + TLS_RECORD);
    bytes - WEBSOCKET_FRAME - records * TLS_RECORD
}

#[test]
fn slow_start_costs_a_round_trip_for_each_doubling() {
    let (up, down) = (ideal(), ideal());
    let route = over(&up, &down);
    let took = |link: &mut Link, now, bytes| {
        let sent = link.send_reliable(now, &route, payload_of(bytes));
        // What the rate takes is well under a millisecond here.
        ((sent.arrives - now).as_nanos() + 500_000) / 1_000_000
    };
    // ceil(log2(S / 14600 + 1)) - 1 round trips of 100 ms on top of 50 ms.
    for (bytes, expected) in [
        (INITIAL_WINDOW, 50),
        (INITIAL_WINDOW + 1, 150),
        (3 * INITIAL_WINDOW, 150),
        (3 * INITIAL_WINDOW + 1, 250),
        (7 * INITIAL_WINDOW, 250),
        (15 * INITIAL_WINDOW + 1, 450),
    ] {
        assert_eq!(took(&mut link(), Time::ZERO, bytes), expected, "{bytes}");
    }
    let mut warm = link();
    took(&mut warm, Time::ZERO, 7 * INITIAL_WINDOW);
    assert_eq!(took(&mut warm.clone(), at_millis(400), 4 * INITIAL_WINDOW), 50, "still open");
    assert_eq!(took(&mut warm.clone(), at_millis(400), 5 * INITIAL_WINDOW), 150, "beyond it");
    assert_eq!(took(&mut warm.clone(), at_millis(2_000), 3 * INITIAL_WINDOW), 150, "idle");
    warm.restart();
    assert_eq!(took(&mut warm, at_millis(400), 3 * INITIAL_WINDOW), 150, "fresh");
}

#[test]
fn small_messages_do_not_open_the_window() {
    let (up, down) = (ideal(), ideal());
    let mut link = link();
    for number in 0..100 {
        link.send_reliable(at_millis(number), &over(&up, &down), 100);
    }
    let big = link.send_reliable(at_millis(100), &over(&up, &down), payload_of(7 * INITIAL_WINDOW));
    assert!(big.arrives >= at_millis(350));
}

#[test]
fn a_slow_link_is_never_idle_in_slow_start() {
    // A window takes longer to send than its acknowledgement to come back.
    let up = LinkDirection { rate: BitsPerSecond(400_000), ..ideal() };
    let down = ideal();
    let sent = link().send_reliable(Time::ZERO, &over(&up, &down), 1_000_000);
    assert_eq!(sent.departs - Time::ZERO, BitsPerSecond(400_000).time_for(sent.wire_bytes));
}

#[test]
fn lost_packets_cost_timeouts_that_double() {
    let hopeless = LinkDirection { loss: Loss::Random(PartsPerMillion(1_000_000)), ..ideal() };
    let down = ideal();
    let sent = link().send_reliable(Time::ZERO, &over(&hopeless, &down), 27);
    assert_eq!(sent.retransmissions, MOST_RETRANSMISSION_ROUNDS);
    assert_eq!(sent.wire_bytes, 109 * 16);
    // 0.2 s ten times doubled, then 120 s each: what Linux takes to give up.
    let waited = sent.arrives - at_millis(50);
    assert_eq!(waited.as_nanos() / 1_000_000, 200 * 1_023 + 5 * 120_000);
    assert!(link().send_datagram(Time::ZERO, &over(&hopeless, &down), 27).arrivals.is_empty());
}

#[test]
fn a_timeout_is_two_round_trips_of_jitter_and_delay() {
    let hopeless = LinkDirection {
        one_way_delay: Span::from_millis(400),
        jitter: Span::from_millis(300),
        loss: Loss::Random(PartsPerMillion(1_000_000)),
        ..ideal()
    };
    let down = ideal();
    let sent = link().send_reliable(Time::ZERO, &over(&hopeless, &down), 27);
    // 2 * (440 + 300) ms: RFC 6298 with a round trip of 1180 ms, whose mean
    // deviation is 75 ms. Doubled six times, then 120 s.
    let waited = 1_480 * 127 + 8 * 120_000;
    let flight = (sent.arrives - at_millis(waited)).as_nanos() / 1_000_000;
    assert!((440..=740).contains(&flight), "{flight}");
}

#[test]
fn a_lost_packet_closes_the_window() {
    let (up, down) = (ideal(), ideal());
    let lossy = LinkDirection { loss: Loss::Random(PartsPerMillion(1_000_000)), ..ideal() };
    let mut link = link();
    let took = |link: &mut Link, at| {
        let sent = link.send_reliable(at, &over(&up, &down), payload_of(7 * INITIAL_WINDOW));
        ((sent.departs - at).as_nanos() + 500_000) / 1_000_000
    };
    assert_eq!(took(&mut link, Time::ZERO), 200);
    assert_eq!(took(&mut link, at_millis(300)), 100);
    link.send_reliable(at_millis(450), &over(&lossy, &down), 27);
    assert_eq!(took(&mut link, at_millis(500)), 200);
}

#[test]
fn every_packet_of_a_large_message_has_its_own_fate() {
    let (up, down) =
        (LinkDirection { loss: Loss::Random(PartsPerMillion(200_000)), ..ideal() }, ideal());
    let (mut link, route) = (link(), over(&up, &down));
    // Some 7,000 packets, a fifth of which is lost, a fifth of that again, ...
    let sent = link.send_reliable(Time::ZERO, &route, 10_000_000);
    let packets = Packets::of_stream(10_000_000);
    let expected = packets.count / 4;
    assert!(u64::from(sent.retransmissions).abs_diff(expected) < expected / 10);
    let again = sent.wire_bytes - packets.wire_bytes();
    assert!(again.abs_diff(u64::from(sent.retransmissions) * packets.full) <= packets.full);
    // What is sent again is lost again by a draw of its own.
    let again: u32 =
        (0..10_000).map(|_| link.send_reliable(sent.arrives, &route, 2_000).retransmissions).sum();
    assert!((4_500..5_500).contains(&again), "{again} of 20,000 packets");
}

#[test]
fn a_fiftieth_is_lost_and_sent_again() {
    let (up, down) =
        (LinkDirection { loss: Loss::Random(PartsPerMillion(20_000)), ..ideal() }, ideal());
    let (mut link, route) = (link(), over(&up, &down));
    let (mut again, mut late, mut dropped) = (0, 0, 0);
    for number in 0..100_000 {
        let now = at_millis(number * 1_000);
        let sent = link.send_reliable(now, &route, 100);
        again += sent.retransmissions;
        late += u32::from(sent.arrives - now > Span::from_millis(60));
        dropped += u32::from(link.send_datagram(now, &route, 100).arrivals.is_empty());
    }
    // 1/49 again, since what is sent again may be lost again; 1/50 late at all.
    assert!((1_950..2_130).contains(&again), "{again}");
    assert!((1_900..2_100).contains(&late), "{late}");
    assert!((1_900..2_100).contains(&dropped), "{dropped}");
}

/// The WiFi of the profiles: 1 % lost, in bursts of two packets.
#[test]
fn a_burst_is_over_when_the_timeout_is() {
    let bursts = Loss::GilbertElliott {
        p: PartsPerMillion(5_000),
        r: PartsPerMillion(500_000),
        loss_in_bad: PartsPerMillion(1_000_000),
        loss_in_good: PartsPerMillion(0),
    };
    let (up, down) = (LinkDirection { loss: bursts, ..ideal() }, ideal());
    let (mut link, route) = (link(), over(&up, &down));
    let (mut late, mut again, mut worst) = (0, 0, Span::ZERO);
    for number in 0..100_000 {
        // Apart enough for none to wait behind another.
        let now = at_millis(number * 1_000_000);
        let sent = link.send_reliable(now, &route, 100);
        late += u32::from(sent.retransmissions > 0);
        again += sent.retransmissions;
        worst = worst.max(sent.arrives - now);
    }
    assert!((800..1_200).contains(&late), "{late} late");
    assert!(again - late < 40, "{again} sent again, {late} late");
    // Three rounds of 0.2 s, 0.4 s and 0.8 s; a fourth has one chance in a thousand.
    assert!(worst <= Span::from_millis(1_450), "{worst:?}");
}

#[test]
fn losses_of_both_ends_come_together() {
    let lossy = LinkDirection { loss: Loss::Random(PartsPerMillion(100_000)), ..ideal() };
    let (mut link, route) = (link(), over(&lossy, &lossy));
    let lost = (0..100_000)
        .filter(|&number| link.send_datagram(at_millis(number), &route, 100).arrivals.is_empty())
        .count();
    assert!((18_600..19_400).contains(&lost), "{lost} of 100,000, expected 19 %");
}

#[test]
fn duplicates_and_reorderings_have_their_shares() {
    let up = LinkDirection {
        duplicate: PartsPerMillion(50_000),
        reorder: PartsPerMillion(100_000),
        reorder_delay: Span::from_millis(7),
        ..ideal()
    };
    let down = ideal();
    let (mut link, route) = (link(), over(&up, &down));
    let (mut twice, mut copies, mut held_back) = (0, 0, 0);
    for number in 0..100_000 {
        let now = at_millis(number);
        let sent = link.send_datagram(now, &route, 100);
        twice += u32::from(sent.arrivals.len() == 2);
        for &arrival in sent.arrivals.iter() {
            copies += 1;
            held_back += u32::from(arrival - now > Span::from_millis(55));
        }
    }
    assert!((4_800..5_200).contains(&twice), "{twice}");
    assert!(held_back.abs_diff(copies / 10) < copies / 200, "{held_back} of {copies}");
}

#[test]
fn jitter_is_uniform() {
    let up = LinkDirection { jitter: Span::from_millis(10), ..ideal() };
    let down = ideal();
    let (mut link, route) = (link(), over(&up, &down));
    let mut tenths = [0_u32; 10];
    for number in 0..100_000 {
        let sent = link.send_datagram(at_millis(number), &route, 100);
        let late = (sent.arrivals[0] - sent.departs).saturating_sub(Span::from_millis(50));
        tenths[late.as_nanos().div_euclid(1_000_000).min(9) as usize] += 1;
    }
    assert!(tenths.iter().all(|count| (9_600..10_400).contains(count)), "{tenths:?}");
}

#[test]
fn an_unused_link_is_small() {
    assert!(size_of::<Link>() <= 48, "{}", size_of::<Link>());
}

fn any_loss() -> impl Strategy<Value = Loss> {
    let ppm = |most: u32| (0..=most).prop_map(PartsPerMillion);
    prop_oneof![
        Just(Loss::Random(PartsPerMillion(0))),
        ppm(300_000).prop_map(Loss::Random),
        (ppm(200_000), ppm(1_000_000), ppm(1_000_000), ppm(50_000)).prop_map(
            |(p, r, loss_in_bad, loss_in_good)| Loss::GilbertElliott {
                p,
                r,
                loss_in_bad,
                loss_in_good
            }
        ),
    ]
}

fn any_direction() -> impl Strategy<Value = LinkDirection> {
    let millis = |most: u64| (0..most).prop_map(Span::from_millis);
    let ppm = || (0..=1_000_000_u32).prop_map(PartsPerMillion);
    let rate = (10_000_u64..1_000_000_000).prop_map(BitsPerSecond);
    let times = (millis(400), millis(200), millis(100));
    (times, any_loss(), ppm(), ppm(), rate, 0_u64..100_000).prop_map(
        |(times, loss, duplicate, reorder, rate, queue_bytes)| LinkDirection {
            one_way_delay: times.0,
            jitter: times.1,
            loss,
            duplicate,
            reorder,
            reorder_delay: times.2,
            rate,
            queue_bytes,
        },
    )
}

/// Gaps in milliseconds, payloads, and whether each is sent reliably.
fn any_traffic() -> impl Strategy<Value = Vec<(u64, u64, bool)>> {
    let gap = prop_oneof![Just(0), 0_u64..20, 0_u64..2_000];
    let payload = prop_oneof![0_u64..300, 0_u64..60_000];
    prop::collection::vec((gap, payload, any::<bool>()), 1..40)
}

/// A message on the wire: when its last byte leaves, how much of it there was
/// by then, and how much was sent again afterwards.
struct OnWire {
    departs: Time,
    first_time: u64,
    again: u64,
}

proptest! {
    #[test]
    fn reliable_messages_arrive_in_order(
        up in any_direction(),
        down in any_direction(),
        traffic in any_traffic(),
        slow_factor in 0_u32..4,
    ) {
        let route = Route { slow_factor, ..over(&up, &down) };
        let (mut link, mut now, mut before) = (link(), Time::ZERO, Time::ZERO);
        for (gap, payload, _) in traffic {
            now += Span::from_millis(gap);
            let sent = link.send_reliable(now, &route, payload);
            prop_assert!(sent.departs >= now);
            prop_assert!(sent.arrives >= sent.departs + route.one_way_delay());
            prop_assert!(sent.arrives >= before);
            before = sent.arrives;
        }
    }

    /// Between the departures of any two messages, no more bytes leave than the
    /// rate lets through.
    #[test]
    fn the_rate_is_never_exceeded(
        up in any_direction(),
        down in any_direction(),
        traffic in any_traffic(),
    ) {
        let route = over(&up, &down);
        let rate = up.rate.min(down.rate);
        let (mut link, mut now) = (link(), Time::ZERO);
        let mut sent = Vec::new();
        for (gap, payload, reliable) in traffic {
            now += Span::from_millis(gap);
            sent.push(if reliable {
                let sent = link.send_reliable(now, &route, payload);
                let first_time = Packets::of_stream(payload).wire_bytes();
                let again = sent.wire_bytes - first_time;
                OnWire { departs: sent.departs, first_time, again }
            } else {
                let sent = link.send_datagram(now, &route, payload);
                if sent.wire_bytes == 0 {
                    continue;
                }
                OnWire { departs: sent.departs, first_time: sent.wire_bytes, again: 0 }
            });
        }
        for (index, from) in sent.iter().enumerate() {
            let mut bytes = from.again;
            for to in &sent[index + 1..] {
                bytes += to.first_time;
                prop_assert!(to.departs - from.departs >= rate.time_for(bytes));
                bytes += to.again;
            }
        }
    }

    /// A datagram waits for no more than a full queue, whatever came before.
    #[test]
    fn the_queue_is_bounded(
        up in any_direction(),
        down in any_direction(),
        traffic in any_traffic(),
        slow_factor in 1_u32..4,
    ) {
        let route = Route { slow_factor, ..over(&up, &down) };
        let slowest = if down.rate < up.rate { &down } else { &up };
        let through = |bytes| slowest.rate.time_for(bytes).times(u64::from(slow_factor));
        let (mut link, mut now) = (link(), Time::ZERO);
        let mut free_at = Time::ZERO;
        for (gap, payload, _) in traffic {
            now += Span::from_millis(gap);
            let sent = link.send_datagram(now, &route, payload);
            let own = through(Packets::of_datagrams(payload).wire_bytes());
            if sent.wire_bytes == 0 {
                prop_assert!(sent.arrivals.is_empty());
                prop_assert!(free_at > now, "an empty queue takes anything");
                let full = through(slowest.queue_bytes);
                // A byte's worth for rounding.
                prop_assert!(free_at + own + through(1) > now + full, "there was room");
            } else {
                let rounding = Span::from_nanos(8);
                let most = (through(slowest.queue_bytes) + rounding).max(own);
                prop_assert!(sent.departs - now <= most);
                free_at = sent.departs;
            }
        }
    }

    /// Whatever is sent first, later messages draw the same.
    #[test]
    fn a_message_never_shifts_the_draws_of_another(
        seed: u64,
        up in any_direction(),
        first in 0_u64..100_000,
        other in 0_u64..100_000,
        loss in (0..=300_000_u32).prop_map(PartsPerMillion),
    ) {
        // The state of a Gilbert-Elliott chain is carried on; its draws are not.
        let up = LinkDirection { loss: Loss::Random(loss), ..up };
        let (down, hour) = (ideal(), Time::ZERO + Span::from_secs(3_600));
        let route = over(&up, &down);
        let later = |payload| {
            let mut link = Link::new(Stream::root(seed));
            let sent = link.send_datagram(Time::ZERO, &route, payload);
            let again = link.send_reliable(sent.departs, &route, payload);
            let later = hour.max(again.arrives);
            (0..20_u64)
                .map(|number| {
                    let now = later + Span::from_secs(number * 10);
                    let sent = link.send_datagram(now, &route, 3_000);
                    sent.arrivals.iter().map(|&arrival| arrival - now).collect::<Vec<_>>()
                })
                .collect::<Vec<_>>()
        };
        prop_assert_eq!(later(first), later(other));
    }
}
