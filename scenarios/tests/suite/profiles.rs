//! Built-in profiles against the figures that they were made from.

use deadzone_core::profile::{LinkDirection, Loss, RadioProfile, SpanDistribution};
use deadzone_core::units::Energy;
use deadzone_scenarios::Profiles;

/// What an isolated send costs beside its transfer, in millijoules.
fn wakeup_millijoules(radio: &RadioProfile) -> u64 {
    let promotion = Energy::of(radio.promotion_power, radio.promotion);
    let tail = radio.tail.iter().map(|phase| Energy::of(phase.power, phase.length)).sum();
    (promotion + tail).as_microjoules() / 1_000
}

#[test]
fn a_wakeup_costs_what_the_sources_say() {
    let radios = &Profiles::built_in().radios;
    // Derived from the constants of ARO: 11.4 J.
    assert_eq!(wakeup_millijoules(&radios["lte-2012"]), 11_367);
    let newer = wakeup_millijoules(&radios["lte-2021"]);
    assert!(newer * 4 < wakeup_millijoules(&radios["lte-2012"]), "{newer}");
    assert!(wakeup_millijoules(&radios["wifi"]) < 200);
    assert_eq!(wakeup_millijoules(&radios["ethernet"]), 0);
}

fn mean_nanoseconds(distribution: &SpanDistribution) -> u128 {
    match distribution {
        SpanDistribution::Fixed(span) => u128::from(span.as_nanos()),
        SpanDistribution::Uniform(low, high) => {
            (u128::from(low.as_nanos()) + u128::from(high.as_nanos())) / 2
        }
        // The cut is several means away in every built-in profile.
        SpanDistribution::Exponential(mean, _) => u128::from(mean.as_nanos()),
        SpanDistribution::Quantiles(points) => {
            let areas = points.windows(2).map(|pair| {
                let width = u128::from(pair[1].0.0 - pair[0].0.0);
                let height = u128::from(pair[0].1.as_nanos()) + u128::from(pair[1].1.as_nanos());
                width * height / 2
            });
            areas.sum::<u128>() / 1_000_000
        }
    }
}

#[test]
fn outages_take_the_share_of_time_that_was_measured() {
    for (name, per_mille) in
        [("subway", 58..=60), ("train", 105..=107), ("bus", 35..=37), ("driving-lte", 95..=131)]
    {
        let outage = &Profiles::built_in().outages[name];
        let (up, down) = (mean_nanoseconds(&outage.up), mean_nanoseconds(&outage.down));
        let share = (down * 1_000 + (up + down) / 2) / (up + down);
        assert!(per_mille.contains(&share), "{name}: {share} per mille");
    }
}

/// Mean time there and back without queues, in microseconds.
fn rtt_micros(up: &LinkDirection, down: &LinkDirection) -> u64 {
    let one_way = |side: &LinkDirection| side.one_way_delay.as_nanos() + side.jitter.as_nanos() / 2;
    (one_way(up) + one_way(down)) / 1_000
}

/// Presets state round trips; taking them for one direction would double them.
#[test]
fn round_trips_are_those_of_the_presets() {
    for (name, milliseconds) in [
        ("lte", 70),
        ("3g", 300),
        ("edge", 840),
        ("slow-4g", 150),
        ("fiber", 4),
        ("cable", 28),
        ("dsl", 50),
        ("5g", 59),
        ("p75-home", 100),
        ("p75-mobile", 100),
        ("in-flight", 790),
        ("starlink", 33),
        ("2g-rural", 1_300),
        ("satellite", 1_200),
        ("wifi", 10),
    ] {
        let link = &Profiles::built_in().links[name];
        assert_eq!(rtt_micros(&link.up, &link.down), milliseconds * 1_000, "{name}");
        assert!(link.up.rate.0 <= link.down.rate.0, "{name}");
    }
}

#[test]
fn mean_losses_are_those_of_the_sources() {
    for (name, per_mille) in [
        ("wifi", 10),
        ("wifi-lossy", 48),
        ("hotel-wifi", 91),
        ("satellite", 29),
        ("starlink", 25),
        ("lte", 0),
        ("2g-rural", 20),
    ] {
        let mean = match Profiles::built_in().links[name].up.loss {
            Loss::Random(share) => share.0 / 1_000,
            Loss::GilbertElliott { p, r, loss_in_bad, loss_in_good } => {
                assert_eq!((loss_in_bad.0, loss_in_good.0), (1_000_000, 0));
                (p.0 * 1_000 + (p.0 + r.0) / 2) / (p.0 + r.0)
            }
        };
        assert_eq!(mean, per_mille, "{name}");
    }
}

#[test]
fn ranges_hold_their_values_and_energy() {
    for device in Profiles::built_in().devices.values() {
        let cpu = &device.cpu;
        assert!(cpu.slowdown_low_percent <= cpu.slowdown_percent, "{}", device.name);
        assert!(cpu.slowdown_percent <= cpu.slowdown_high_percent, "{}", device.name);
        for radio in &device.radios {
            let [low, model, high] =
                [&radio.low, &radio.model, &radio.high].map(wakeup_millijoules);
            assert!(low <= model && model <= high, "{} {}", device.name, radio.technology);
        }
    }
}

#[test]
fn lists_of_names_and_summaries() {
    let profiles = Profiles::built_in();
    let devices = profiles.devices.values().map(|each| (&each.name, &each.summary));
    let links = profiles.links.values().map(|each| (&each.name, &each.summary));
    let outages = profiles.outages.values().map(|each| (&each.name, &each.summary));
    let lines: Vec<String> = devices
        .chain(links)
        .chain(outages)
        .map(|(name, summary)| format!("{name:20} {summary}"))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}
