//! What a device used up, by component.

use std::iter::Sum;
use std::ops::{Add, AddAssign};

use super::{Cpu, Radios, Storage};
use crate::profile::DeviceProfile;
use crate::time::{Span, Time};
use crate::units::Energy;

/// What one device used up by some time, in whole microjoules.
///
/// Each part is rounded down by itself and totals are sums of rounded parts, so
/// that everything adds up exactly: parts to totals, devices to groups, groups
/// to the run, and spans to the whole time. The error is under a microjoule for
/// each part of each device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// The app's core, above idle.
    pub cpu: u64,
    /// Radios, from idle to connected.
    pub radio_promotion: u64,
    /// Radios, sending and receiving.
    pub radio_transfer: u64,
    /// Radios, in the tail.
    pub radio_tail: u64,
    /// Radios, idle.
    pub radio_idle: u64,
    /// Writes and flushes.
    pub storage: u64,
    /// What the platform draws anyway.
    pub base: u64,
    /// [`Ledger::active`] at the low end of the stated uncertainty: the
    /// thriftiest of the radio models, and the low end of the CPU's slowdown.
    pub active_low: u64,
    /// The same at the high end.
    pub active_high: u64,
}

impl Ledger {
    /// What a device used up from [`Time::ZERO`] to `until`. `radios` are those
    /// of `profile.radios`, in the same order; those that are not given count as
    /// nothing.
    pub fn at(
        profile: &DeviceProfile,
        cpu: &Cpu,
        storage: &Storage,
        radios: &[Radios],
        until: Time,
    ) -> Self {
        let mut ledger = Self {
            storage: storage.energy().as_microjoules(),
            base: Energy::of(profile.base_power, until - Time::ZERO).as_microjoules(),
            ..Self::default()
        };
        ledger.add_cpu(profile, cpu);
        for (radios, radio) in radios.iter().zip(&profile.radios) {
            let range = radios.energy(radio, until);
            ledger.radio_promotion += range.nominal.promotion.as_microjoules();
            ledger.radio_transfer += range.nominal.transfer.as_microjoules();
            ledger.radio_tail += range.nominal.tail.as_microjoules();
            ledger.radio_idle += range.nominal.idle.as_microjoules();
            // Which model is the thriftiest depends on the traffic.
            let totals = [range.nominal, range.low, range.high].map(|energy| {
                energy.promotion.as_microjoules()
                    + energy.transfer.as_microjoules()
                    + energy.tail.as_microjoules()
                    + energy.idle.as_microjoules()
            });
            ledger.active_low += totals.into_iter().min().unwrap_or(0);
            ledger.active_high += totals.into_iter().max().unwrap_or(0);
        }
        ledger.active_low += ledger.storage;
        ledger.active_high += ledger.storage;
        ledger
    }

    /// A CPU that is slower by some factor is busy longer by it, at the same
    /// power.
    fn add_cpu(&mut self, profile: &DeviceProfile, cpu: &Cpu) {
        let cpu_profile = &profile.cpu;
        let nominal = Energy::of(cpu_profile.busy_power, cpu.busy_total());
        self.cpu = nominal.as_microjoules();
        let at = |percent| nominal.scale(percent, cpu_profile.slowdown_percent.max(1));
        self.active_low += at(cpu_profile.slowdown_low_percent).as_microjoules().min(self.cpu);
        self.active_high += at(cpu_profile.slowdown_high_percent).as_microjoules().max(self.cpu);
    }

    /// Radios in all states.
    pub fn radio(&self) -> u64 {
        self.radio_promotion + self.radio_transfer + self.radio_tail + self.radio_idle
    }

    /// What the app is the cause of: all but the base.
    pub fn active(&self) -> u64 {
        self.cpu + self.radio() + self.storage
    }

    /// Everything.
    pub fn total(&self) -> u64 {
        self.active() + self.base
    }

    /// What was used up since `earlier`, a ledger of the same devices.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        self.combine(earlier, u64::saturating_sub)
    }

    /// The share of the device's battery per hour, in parts per million and
    /// rounded down, if it used up this much over `span`; the base is not in it.
    /// None for what has no battery.
    pub fn battery_ppm_per_hour(
        &self,
        profile: &DeviceProfile,
        span: Span,
    ) -> Option<BatteryShare> {
        const HOUR: u128 = 3_600_000_000_000;
        let battery_microjoules = u128::from(profile.battery_millijoules?) * 1_000;
        let divisor = (battery_microjoules * u128::from(span.as_nanos())).max(1);
        let share = |microjoules: u64| {
            let ppm = u128::from(microjoules) * 1_000_000 * HOUR / divisor;
            u64::try_from(ppm).unwrap_or(u64::MAX)
        };
        Some(BatteryShare {
            nominal: share(self.active()),
            low: share(self.active_low),
            high: share(self.active_high),
        })
    }

    fn combine(&self, other: &Self, with: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            cpu: with(self.cpu, other.cpu),
            radio_promotion: with(self.radio_promotion, other.radio_promotion),
            radio_transfer: with(self.radio_transfer, other.radio_transfer),
            radio_tail: with(self.radio_tail, other.radio_tail),
            radio_idle: with(self.radio_idle, other.radio_idle),
            storage: with(self.storage, other.storage),
            base: with(self.base, other.base),
            active_low: with(self.active_low, other.active_low),
            active_high: with(self.active_high, other.active_high),
        }
    }
}

impl Add for Ledger {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.combine(&other, u64::saturating_add)
    }
}

impl AddAssign for Ledger {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Ledger {
    fn sum<I: Iterator<Item = Self>>(ledgers: I) -> Self {
        ledgers.fold(Self::default(), Add::add)
    }
}

/// A share of a battery per hour, in parts per million, with its stated range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatteryShare {
    /// Under the models that times come from.
    pub nominal: u64,
    /// Under the thriftiest stated models.
    pub low: u64,
    /// Under the hungriest stated models.
    pub high: u64,
}

impl BatteryShare {
    /// The worse of two devices, figure by figure.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        Self {
            nominal: self.nominal.max(other.nominal),
            low: self.low.max(other.low),
            high: self.high.max(other.high),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::profile::{
        CpuProfile, DeviceRadio, RadioProfile, Runtime, StorageProfile, TailPhase,
    };
    use crate::units::{BitsPerSecond, Milliwatts};

    fn radio(tail_milliwatts: u64) -> RadioProfile {
        RadioProfile {
            name: format!("radio-{tail_milliwatts}"),
            promotion: Span::from_millis(260),
            promotion_power: Milliwatts(1_210),
            transfer_power: Milliwatts(1_200),
            up_microwatts_per_mbps: 438_390,
            down_microwatts_per_mbps: 51_970,
            tail: vec![TailPhase {
                length: Span::from_secs(10),
                power: Milliwatts(tail_milliwatts),
            }],
            idle_power: Milliwatts(20),
            paging_delay: Span::from_millis(640),
        }
    }

    fn phone() -> DeviceProfile {
        DeviceProfile {
            name: "phone".to_owned(),
            summary: String::new(),
            cpu: CpuProfile {
                slowdown_percent: 1_000,
                slowdown_low_percent: 500,
                slowdown_high_percent: 2_000,
                busy_power: Milliwatts(284),
                quota: None,
                runtime: Runtime::Native,
            },
            storage: StorageProfile {
                flush_latency: Span::from_millis(25),
                write_latency: Span::from_micros(200),
                read_rate: BitsPerSecond(560_000_000),
                flush_nanojoules: 125_333,
                byte_nanojoules: 7,
            },
            battery_millijoules: Some(55_440_000),
            base_power: Milliwatts(30),
            memory_bytes: 1 << 28,
            radios: vec![DeviceRadio {
                technology: "lte".to_owned(),
                model: radio(1_060),
                low: radio(178),
                high: radio(1_288),
            }],
        }
    }

    #[derive(Clone, Copy, Debug)]
    struct Use {
        gap: u64,
        busy: u64,
        bytes: u64,
    }

    fn any_use() -> impl Strategy<Value = Use> {
        (0_u64..20_000_000_000, 0_u64..500_000_000, 0_u64..100_000)
            .prop_map(|(gap, busy, bytes)| Use { gap, busy, bytes })
    }

    /// The ledgers after each use.
    fn ledgers(profile: &DeviceProfile, uses: &[Use]) -> Vec<(Time, Ledger)> {
        let (mut cpu, mut storage, mut radios) = (Cpu::new(), Storage::new(), [Radios::new()]);
        let mut now = Time::ZERO;
        let mut ledgers = Vec::new();
        for each in uses {
            now += Span::from_nanos(each.gap);
            cpu.run(&profile.cpu, now, Span::from_nanos(each.busy));
            storage.append(&profile.storage, vec![0; each.bytes as usize / 100]);
            storage.flush(&profile.storage);
            radios[0].send(&profile.radios[0], now, each.bytes, BitsPerSecond(5_000_000));
            ledgers.push((now, Ledger::at(profile, &cpu, &storage, &radios, now)));
        }
        ledgers
    }

    proptest! {
        #[test]
        fn everything_adds_up(uses in prop::collection::vec(any_use(), 1..20)) {
            let profile = phone();
            let ledgers = ledgers(&profile, &uses);
            let mut before = Ledger::default();
            let mut spans = Ledger::default();
            for (_, ledger) in &ledgers {
                prop_assert_eq!(
                    ledger.total(),
                    ledger.cpu
                        + ledger.radio_promotion
                        + ledger.radio_transfer
                        + ledger.radio_tail
                        + ledger.radio_idle
                        + ledger.storage
                        + ledger.base
                );
                prop_assert!(ledger.active_low <= ledger.active());
                prop_assert!(ledger.active() <= ledger.active_high);
                prop_assert!(before.total() <= ledger.total());
                spans += ledger.since(&before);
                before = *ledger;
            }
            prop_assert_eq!(spans, before);
            let all: Ledger = ledgers.iter().map(|(_, ledger)| *ledger).sum();
            let total: u64 = ledgers.iter().map(|(_, ledger)| ledger.total()).sum();
            prop_assert_eq!(all.total(), total);
        }
    }

    #[test]
    fn the_share_of_the_battery_leaves_out_the_base() {
        let profile = phone();
        let ledger = Ledger {
            cpu: 55_440_000,
            radio_tail: 2 * 55_440_000,
            base: 1 << 40,
            active_low: 55_440_000,
            active_high: 4 * 55_440_000,
            ..Ledger::default()
        };
        let share = ledger.battery_ppm_per_hour(&profile, Span::from_secs(1_800));
        assert_eq!(share, Some(BatteryShare { nominal: 6_000, low: 2_000, high: 8_000 }));
        let mains = DeviceProfile { battery_millijoules: None, ..profile };
        assert_eq!(ledger.battery_ppm_per_hour(&mains, Span::from_secs(1_800)), None);
    }

    #[test]
    fn a_hundredth_of_a_battery_is_some_forty_isolated_sends() {
        let profile = phone();
        let every = Span::from_secs(60);
        let uses = [Use { gap: every.as_nanos(), busy: 0, bytes: 100 }; 60];
        let mut ledgers = ledgers(&profile, &uses);
        let (end, ledger) = ledgers.pop().expect("sixty uses");
        let share = ledger.battery_ppm_per_hour(&profile, end - Time::ZERO);
        // Ten seconds at 1060 mW and a promotion cost 10.9 J, of 55.4 kJ; idle
        // costs a joule a minute on top.
        let nominal = share.expect("a phone has a battery").nominal;
        assert!((12_000..13_500).contains(&nominal), "{nominal}");
    }

    #[test]
    fn the_cpu_ranges_over_its_slowdown() {
        let profile = phone();
        let mut cpu = Cpu::new();
        cpu.run(&profile.cpu, Time::ZERO, Span::from_secs(10));
        let ledger = Ledger::at(&profile, &cpu, &Storage::new(), &[], Time::ZERO);
        assert_eq!(ledger.cpu, 2_840_000);
        assert_eq!((ledger.active_low, ledger.active_high), (1_420_000, 5_680_000));
    }
}
