//! The processor: one core for the app, a speed, and a quota.

use crate::profile::{CpuModel, CpuProfile, Quota, Runtime};
use crate::time::{Span, Time};
use crate::units::Work;

/// One core that does one job after another.
///
/// A quota works like cgroup's `cpu.max`: time is cut into periods at the
/// multiples of the quota's period, a job gets at most the quota's CPU time in
/// each, and stands still for the rest of it. What a period leaves unused is
/// gone. (The kernel hands the quota out in slices of 5 ms to each core, which
/// one core alone does not notice.)
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cpu {
    free_at: Time,
    busy_total: Span,
    /// The period that the last job ended in.
    period: u64,
    /// CPU time used in that period, in nanoseconds.
    used: u64,
}

impl Cpu {
    /// A core that never did anything.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long `work` keeps the core of such a device busy, quota aside: exact,
    /// rounded up to a nanosecond, at most [`u64::MAX`] nanoseconds.
    pub fn time_for(profile: &CpuProfile, model: &CpuModel, work: Work) -> Span {
        if work == Work(0) {
            return Span::ZERO;
        }
        let wasm_percent = match profile.runtime {
            Runtime::Native => 100,
            Runtime::Wasm => model.wasm_percent,
        };
        // Picoseconds to nanoseconds, and two percentages. A product beyond 128
        // bits is far beyond the longest span, so saturating loses nothing.
        let nanoseconds = u128::from(work.0)
            .saturating_mul(u128::from(model.block_picoseconds))
            .saturating_mul(u128::from(profile.slowdown_percent))
            .saturating_mul(u128::from(wasm_percent))
            .div_ceil(1_000 * 100 * 100);
        Span::from_nanos(clamp(nanoseconds))
    }

    /// Runs a job that takes `busy` of CPU time from `now` on and gives the time
    /// when it is done; [`Time::NEVER`] under a quota of nothing.
    ///
    /// The caller sees to it that the core is free; a job that comes too early
    /// waits until it is.
    pub fn run(&mut self, profile: &CpuProfile, now: Time, busy: Span) -> Time {
        let start = now.max(self.free_at);
        self.busy_total += busy;
        self.free_at = match profile.quota {
            Some(quota) if quota.busy < quota.period => self.throttled(quota, start, busy),
            _ => start + busy,
        };
        self.free_at
    }

    /// When the last job is done, or was.
    pub fn free_at(&self) -> Time {
        self.free_at
    }

    /// CPU time of all jobs so far, throttled time not included.
    pub fn busy_total(&self) -> Span {
        self.busy_total
    }

    fn throttled(&mut self, quota: Quota, start: Time, busy: Span) -> Time {
        let (start, busy) = (start.as_nanos(), busy.as_nanos());
        let (share, length) = (quota.busy.as_nanos(), quota.period.as_nanos());
        if busy == 0 {
            return Time::from_nanos(start);
        }
        if share == 0 {
            return Time::NEVER;
        }
        let period = start / length;
        if period != self.period {
            (self.period, self.used) = (period, 0);
        }
        let wall_left = length - start % length;
        let here = share.saturating_sub(self.used).min(wall_left);
        if busy <= here {
            self.used += busy;
            return Time::from_nanos(start.saturating_add(busy));
        }
        // Whole shares in the periods after this one; the rest, never empty, in
        // the period after those.
        let later = busy - here;
        let whole_shares = (later - 1) / share;
        self.used = later - whole_shares * share;
        self.period = period.saturating_add(1).saturating_add(whole_shares);
        let end = u128::from(self.period) * u128::from(length) + u128::from(self.used);
        Time::from_nanos(clamp(end))
    }
}

fn clamp(nanoseconds: u128) -> u64 {
    u64::try_from(nanoseconds).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::units::Milliwatts;

    fn profile(quota: Option<(u64, u64)>) -> CpuProfile {
        CpuProfile {
            slowdown_percent: 1_000,
            slowdown_low_percent: 500,
            slowdown_high_percent: 2_000,
            busy_power: Milliwatts(284),
            quota: quota.map(|(busy, period)| Quota {
                busy: Span::from_nanos(busy),
                period: Span::from_nanos(period),
            }),
            runtime: Runtime::Native,
        }
    }

    const MODEL: CpuModel = CpuModel {
        allocation_milliblocks: 0,
        allocated_byte_milliblocks: 0,
        block_picoseconds: 333,
        wasm_percent: 150,
    };

    /// Goes through the job nanosecond by nanosecond.
    fn stepped(quota: (u64, u64), jobs: &[(u64, u64)]) -> Vec<u64> {
        let (share, length) = quota;
        let (mut now, mut used) = (0, 0);
        let mut ends = Vec::new();
        for &(gap, mut busy) in jobs {
            for _ in 0..gap {
                now += 1;
                used = if now % length == 0 { 0 } else { used };
            }
            while busy > 0 {
                if used < share {
                    (used, busy) = (used + 1, busy - 1);
                }
                now += 1;
                // The end of a period is still the end of the job, but what comes
                // after it has a new share.
                used = if now % length == 0 { 0 } else { used };
            }
            ends.push(now);
        }
        ends
    }

    #[test]
    fn work_becomes_time_exactly_and_rounded_up() {
        let native = profile(None);
        let wasm = CpuProfile { runtime: Runtime::Wasm, ..native.clone() };
        for (profile, work, expected) in [
            (&native, 0, 0),
            (&native, 1, 4),
            (&native, 1_000_000, 3_330_000),
            (&wasm, 1_000_000, 4_995_000),
            (&wasm, 1, 5),
            (&native, u64::MAX, u64::MAX),
        ] {
            assert_eq!(Cpu::time_for(profile, &MODEL, Work(work)).as_nanos(), expected);
        }
        let absurd = CpuProfile { slowdown_percent: u64::MAX, ..native };
        let model = CpuModel { block_picoseconds: u64::MAX, ..MODEL };
        assert_eq!(Cpu::time_for(&absurd, &model, Work(u64::MAX)).as_nanos(), u64::MAX);
    }

    #[test]
    fn a_quota_of_a_fifth_stretches_a_job_over_the_periods() {
        let profile = profile(Some((20, 100)));
        let mut cpu = Cpu::new();
        assert_eq!(cpu.run(&profile, Time::from_nanos(10), Span::from_nanos(15)).as_nanos(), 25);
        // Five are left in this period, twenty come in each of the next two.
        assert_eq!(cpu.run(&profile, Time::from_nanos(30), Span::from_nanos(45)).as_nanos(), 220);
        assert_eq!(cpu.busy_total().as_nanos(), 60);
        assert_eq!(cpu.free_at().as_nanos(), 220);
    }

    #[test]
    fn a_quota_of_nothing_never_ends() {
        let mut cpu = Cpu::new();
        let end = cpu.run(&profile(Some((0, 100))), Time::ZERO, Span::from_nanos(1));
        assert_eq!(end, Time::NEVER);
    }

    #[test]
    fn it_is_small() {
        assert!(size_of::<Cpu>() <= 32);
    }

    proptest! {
        #[test]
        fn a_quota_is_never_exceeded_in_any_period(
            length in 1_u64..60,
            share in 1_u64..60,
            jobs in prop::collection::vec((0_u64..150, 0_u64..200), 1..12),
        ) {
            let quota = (share.min(length), length);
            let profile = profile(Some(quota));
            let mut cpu = Cpu::new();
            let mut ends = Vec::new();
            for &(gap, busy) in &jobs {
                let start = cpu.free_at() + Span::from_nanos(gap);
                ends.push(cpu.run(&profile, start, Span::from_nanos(busy)).as_nanos());
            }
            // The stepper hands out no more than the share in any period by its
            // construction, so ending when it ends is keeping the quota.
            prop_assert_eq!(ends, stepped(quota, &jobs));
            let total: u64 = jobs.iter().map(|job| job.1).sum();
            prop_assert_eq!(cpu.busy_total().as_nanos(), total);
        }

        #[test]
        fn any_run_ends_no_earlier_than_without_a_quota(
            now in 0_u64..u64::MAX / 4,
            busy in 0_u64..u64::MAX / 4,
            share in 1_u64..1_000_000_000,
            length in 1_u64..1_000_000_000,
        ) {
            let (now, busy) = (Time::from_nanos(now), Span::from_nanos(busy));
            let limited = Cpu::new().run(&profile(Some((share, length))), now, busy);
            let free = Cpu::new().run(&profile(None), now, busy);
            prop_assert!(limited >= free);
        }
    }
}
