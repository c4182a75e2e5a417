use proptest::prelude::*;

use super::stepper::{Event, Stepper};
use super::{MOST_QUEUED, Radio, RadioEnergy, Radios};
use crate::profile::{DeviceRadio, RadioProfile, TailPhase};
use crate::time::{Span, Time};
use crate::units::{BitsPerSecond, Milliwatts};

fn phase(length: Span, milliwatts: u64) -> TailPhase {
    TailPhase { length, power: Milliwatts(milliwatts) }
}

/// LTE as in AT&T's Video Optimizer (attdevsupport/VideoOptimzer, `lte.conf`):
/// continuous reception for 100 ms, short DRX for 20 ms (2 ms at 1680 mW in
/// 20 ms, else 1060 mW), long DRX for 10 s (2 ms in 40 ms), and 43 ms at 594 mW
/// in each paging cycle of 1280 ms.
fn lte_aro() -> RadioProfile {
    RadioProfile {
        name: "lte-aro".to_owned(),
        promotion: Span::from_millis(260),
        promotion_power: Milliwatts(1_210),
        transfer_power: Milliwatts(1_200),
        up_microwatts_per_mbps: 438_390,
        down_microwatts_per_mbps: 51_970,
        tail: vec![
            phase(Span::from_millis(100), 1_200),
            phase(Span::from_millis(20), 1_122),
            phase(Span::from_secs(10), 1_091),
        ],
        idle_power: Milliwatts(20),
        paging_delay: Span::from_millis(640),
    }
}

/// WiFi with the figures that go round as those of Huang et al., MobiSys 2012.
fn wifi_2012() -> RadioProfile {
    RadioProfile {
        name: "wifi-2012".to_owned(),
        promotion: Span::from_micros(79_100),
        promotion_power: Milliwatts(124),
        transfer_power: Milliwatts(133),
        up_microwatts_per_mbps: 283_170,
        down_microwatts_per_mbps: 137_010,
        tail: vec![phase(Span::from_micros(238_100), 119)],
        idle_power: Milliwatts(2),
        paging_delay: Span::from_millis(51),
    }
}

const MBPS: BitsPerSecond = BitsPerSecond(1_000_000);

fn at_millis(milliseconds: u64) -> Time {
    Time::ZERO + Span::from_millis(milliseconds)
}

/// What an isolated send of 100 bytes costs beyond idling, in microjoules.
fn isolated_send(profile: &RadioProfile) -> u64 {
    let mut radio = Radio::new();
    radio.send(profile, at_millis(1_000), 100, MBPS);
    let energy = radio.energy(profile, at_millis(60_000));
    (energy.promotion + energy.transfer + energy.tail).as_microjoules()
}

#[test]
fn an_isolated_send_over_lte_costs_more_than_eleven_joules() {
    // 0.8 ms at 1200 mW and 438 mW on top, between promotion and tail.
    let expected = 314_600 + 1_310 + 120_000 + 22_440 + 10_910_000;
    assert_eq!(isolated_send(&lte_aro()), expected);
}

#[test]
fn an_isolated_send_over_wifi_costs_some_forty_millijoules() {
    let joules = isolated_send(&wifi_2012());
    assert!((37_000..40_000).contains(&joules), "{joules} µJ");
}

#[test]
fn a_push_waits_for_paging_and_a_send_does_not() {
    let profile = lte_aro();
    let push = Radio::new().receive(&profile, at_millis(1_000), 125_000, MBPS);
    assert_eq!((push.starts, push.ends), (at_millis(1_900), at_millis(2_900)));
    let send = Radio::new().send(&profile, at_millis(1_000), 125_000, MBPS);
    assert_eq!((send.starts, send.ends), (at_millis(1_260), at_millis(2_260)));
}

#[test]
fn the_tail_spares_a_promotion_until_it_is_over() {
    let profile = lte_aro();
    let mut radio = Radio::new();
    let first = radio.send(&profile, Time::ZERO, 125, MBPS);
    let last_chance = first.ends + Span::from_nanos(10_119_999_999);
    let second = radio.send(&profile, last_chance, 125, MBPS);
    assert_eq!(second.starts, last_chance);
    let too_late = second.ends + Span::from_millis(10_120);
    let third = radio.receive(&profile, too_late, 125, MBPS);
    assert_eq!(third.starts, too_late + Span::from_millis(900));
    assert_eq!(radio.wakeups(), 2);
}

#[test]
fn transfers_queue() {
    let profile = lte_aro();
    let mut radio = Radio::new();
    let first = radio.send(&profile, Time::ZERO, 125_000, MBPS);
    let second = radio.receive(&profile, at_millis(10), 125_000, MBPS);
    assert_eq!(second.starts, first.ends);
    assert_eq!(second.ends, first.ends + Span::from_secs(1));
}

#[test]
fn an_endless_queue_is_booked_early_but_in_full() {
    let profile = lte_aro();
    let mut radio = Radio::new();
    let count = 3 * MOST_QUEUED as u64;
    for _ in 0..count {
        radio.send(&profile, Time::ZERO, 125, MBPS);
    }
    let booked_early = radio.energy(&profile, at_millis(1_000));
    let end = at_millis(260 + count);
    let after = radio.energy(&profile, end);
    assert!(booked_early.total() <= after.total());
    assert_eq!(
        after.transfer.as_microjoules(),
        count * (1_200 + 438_390 / 1_000) + count * 39 / 100
    );
}

#[test]
fn a_used_radio_is_small() {
    assert!(size_of::<Radio>() <= 144, "{}", size_of::<Radio>());
    assert!(size_of::<Radios>() <= 176, "{}", size_of::<Radios>());
}

fn any_profile() -> impl Strategy<Value = RadioProfile> {
    let span = |most: u64| (0..most).prop_map(Span::from_nanos);
    let power = || (0..2_000_u64).prop_map(Milliwatts);
    let tail = prop::collection::vec(
        (span(40), power()).prop_map(|(length, power)| TailPhase { length, power }),
        0..4,
    );
    let powers = (power(), power(), power(), 0..500_000_u64, 0..500_000_u64);
    (span(30), span(30), tail, powers).prop_map(|(promotion, paging_delay, tail, powers)| {
        RadioProfile {
            name: "any".to_owned(),
            promotion,
            promotion_power: powers.0,
            transfer_power: powers.1,
            up_microwatts_per_mbps: powers.3,
            down_microwatts_per_mbps: powers.4,
            tail,
            idle_power: powers.2,
            paging_delay,
        }
    })
}

fn any_event() -> impl Strategy<Value = Event> {
    let transfer = || (0..60_u64, (100_000_000..9_000_000_000_u64).prop_map(BitsPerSecond));
    prop_oneof![
        4 => transfer().prop_map(|(bytes, rate)| Event::Send { bytes, rate }),
        4 => transfer().prop_map(|(bytes, rate)| Event::Receive { bytes, rate }),
        1 => Just(Event::Off),
        1 => Just(Event::On),
    ]
}

fn apply(radio: &mut Radio, profile: &RadioProfile, now: Time, event: Event) {
    match event {
        Event::Send { bytes, rate } => {
            radio.send(profile, now, bytes, rate);
        }
        Event::Receive { bytes, rate } => {
            radio.receive(profile, now, bytes, rate);
        }
        Event::Off => radio.switch_off(now),
        Event::On => radio.switch_on(now),
    }
}

/// Short gaps, so that events meet every state; sometimes a long one.
fn any_history() -> impl Strategy<Value = Vec<(u64, Event)>> {
    let gap = prop_oneof![4 => 0..50_u64, 1 => 0..400_u64];
    prop::collection::vec((gap, any_event()), 0..24)
}

proptest! {
    /// At every nanosecond, the machine has used up what a plain stepper has;
    /// asking at every nanosecond changes nothing for the next.
    #[test]
    fn it_agrees_with_the_stepper(profile in any_profile(), history in any_history()) {
        let mut radio = Radio::new();
        let mut stepper = Stepper::new(&profile);
        let mut now = 0;
        let last = (600, Event::On);
        for (gap, event) in history.into_iter().chain([last]) {
            for _ in 0..gap {
                let energy = radio.energy(&profile, Time::from_nanos(now));
                prop_assert_eq!(energy, stepper.energy(), "at {}", now);
                stepper.step();
                now += 1;
            }
            stepper.happen(event);
            apply(&mut radio, &profile, Time::from_nanos(now), event);
            prop_assert_eq!(radio.wakeups(), stepper.wakeups);
        }
        prop_assert_eq!(radio.energy(&profile, Time::from_nanos(now)), stepper.energy());
    }

    /// With a milliwatt in every state, energy is the time that it was on.
    #[test]
    fn every_nanosecond_is_in_one_state(profile in any_profile(), history in any_history()) {
        let one = Milliwatts(1);
        let profile = RadioProfile {
            promotion_power: one,
            transfer_power: one,
            idle_power: one,
            up_microwatts_per_mbps: 0,
            down_microwatts_per_mbps: 0,
            tail: profile.tail.iter().map(|phase| TailPhase { power: one, ..*phase }).collect(),
            ..profile
        };
        let mut radio = Radio::new();
        let (mut now, mut on, mut time_on) = (0, true, 0);
        for (gap, event) in history {
            now += gap;
            time_on += if on { gap } else { 0 };
            apply(&mut radio, &profile, Time::from_nanos(now), event);
            on = !matches!(event, Event::Off) ;
        }
        let total = radio.energy(&profile, Time::from_nanos(now)).total();
        prop_assert_eq!(total.as_picojoules(), u128::from(time_on));
    }

    /// Long times and real figures: energy never falls, and its parts add up.
    #[test]
    fn energy_grows_with_time(
        gaps in prop::collection::vec((0_u64..20_000_000_000, any_event()), 1..20),
        asked in prop::collection::vec(0_u64..60_000_000_000, 1..10),
    ) {
        let profile = lte_aro();
        let mut radio = Radio::new();
        let mut now = Time::ZERO;
        let mut before = RadioEnergy::default();
        let grows = |before: RadioEnergy, after: RadioEnergy| {
            before.promotion <= after.promotion
                && before.transfer <= after.transfer
                && before.tail <= after.tail
                && before.idle <= after.idle
        };
        for (gap, event) in gaps {
            now += Span::from_nanos(gap);
            let energy = radio.energy(&profile, now);
            prop_assert!(grows(before, energy));
            before = energy;
            apply(&mut radio, &profile, now, event);
            prop_assert_eq!(radio.energy(&profile, now), energy, "an event alone costs nothing");
        }
        let mut asked = asked;
        asked.sort_unstable();
        for after in asked {
            let energy = radio.energy(&profile, now + Span::from_nanos(after));
            prop_assert!(grows(before, energy));
            before = energy;
        }
    }

    /// More bytes cost more, once the transfer and its tail are over.
    #[test]
    fn energy_grows_with_bytes(fewer in 0_u64..10_000_000, more in 0_u64..10_000_000, up: bool) {
        let profile = lte_aro();
        let cost = |bytes| {
            let mut radio = Radio::new();
            if up {
                radio.send(&profile, Time::ZERO, bytes, MBPS);
            } else {
                radio.receive(&profile, Time::ZERO, bytes, MBPS);
            }
            radio.energy(&profile, at_millis(200_000)).total()
        };
        prop_assert!(cost(fewer) <= cost(fewer + more));
    }

    /// Shadows follow the same history as a machine of their own would.
    #[test]
    fn shadows_are_whole_machines(
        model in any_profile(),
        low in any_profile(),
        history in any_history(),
    ) {
        let radio =
            DeviceRadio { technology: "lte".to_owned(), high: model.clone(), model, low };
        let mut radios = Radios::new();
        let (mut nominal, mut alone) = (Radio::new(), Radio::new());
        let mut now = Time::ZERO;
        for (gap, event) in history {
            now += Span::from_nanos(gap);
            let range = radios.energy(&radio, now);
            prop_assert_eq!(range.nominal, nominal.energy(&radio.model, now));
            prop_assert_eq!(range.low, alone.energy(&radio.low, now));
            prop_assert_eq!(range.high, range.nominal);
            apply(&mut nominal, &radio.model, now, event);
            apply(&mut alone, &radio.low, now, event);
            match event {
                Event::Send { bytes, rate } => {
                    radios.send(&radio, now, bytes, rate);
                }
                Event::Receive { bytes, rate } => {
                    radios.receive(&radio, now, bytes, rate);
                }
                Event::Off => radios.switch_off(now),
                Event::On => radios.switch_on(now),
            }
        }
        prop_assert_eq!(radios.wakeups(), nominal.wakeups());
    }
}
