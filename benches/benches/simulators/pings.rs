//! The pings on every simulator, at every size that it can bear.

use std::time::Duration;

use deadzone_benches::ping::{Ping, Pinged};
use deadzone_benches::{Measured, heap};

use crate::target::Target;
use crate::words::{count, time, times};
use crate::{on_madsim, on_turmoil};

const SECOND: Duration = Duration::from_secs(1);

/// The sizes. turmoil visits every pair of hosts for every host at every tick,
/// so it ends at 100; madsim at 10,000, where a run takes seconds.
const SIZES: [u32; 6] = [10, 30, 100, 1_000, 10_000, 100_000];
const TURMOIL_MAX: u32 = 100;
const MADSIM_MAX: u32 = 10_000;

/// Where targets are held to.
const BESIDE_MADSIM: u32 = 1_000;
const BESIDE_TURMOIL: u32 = 100;

/// At least so many times the messages per second of the other.
const MADSIM_TIMES_MIN: f64 = 5.0;
const TURMOIL_TIMES_MIN: f64 = 1_000.0;

/// How often each is measured, by turns.
const ROUNDS: usize = 5;

/// The same for turmoil, to which a second of 100 devices is several.
const TURMOIL_ROUNDS: usize = 3;

/// One simulator at one size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    /// The workload.
    pub(crate) ping: Ping,
    /// Messages, in the round in the middle.
    pub(crate) measured: Measured,
    /// Bytes for each device when nobody has pinged yet.
    pub(crate) device_bytes: u64,
}

impl Cell {
    fn of(ping: Ping, rounds: &[Pinged]) -> Option<Self> {
        let first = rounds.first()?;
        let device_bytes = first.idle_bytes.max(0) as u64 / u64::from(ping.devices);
        let measured = Measured::median(rounds.iter().map(|round| round.measured).collect());
        let missing = ping.messages().abs_diff(measured.events);
        assert!(missing <= ping.slack(), "{ping:?}: {} messages", measured.events);
        Some(Self { ping, measured, device_bytes })
    }

    /// Wall time for an hour of virtual time.
    pub(crate) fn hour(&self) -> Duration {
        self.measured.took.mul_f64(3_600.0 / self.ping.span.as_secs_f64())
    }
}

/// Everybody at one size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// How many devices.
    pub(crate) devices: u32,
    /// The time from one ping of a device to its next.
    period: Duration,
    /// A bare heap, turned over once for each message.
    pub(crate) heap: Measured,
    /// deadzone's own world.
    pub(crate) deadzone: Cell,
    /// madsim, where it can.
    pub(crate) madsim: Option<Cell>,
    /// turmoil, where it can.
    pub(crate) turmoil: Option<Cell>,
}

impl Row {
    fn measure(devices: u32, period: Duration) -> Self {
        let ping = |messages: u64, least: u32| {
            let by_turn = 2 * u64::from(devices);
            let turns = u32::try_from(messages / by_turn).unwrap_or(u32::MAX).max(least);
            Ping { devices, period, span: period * turns }
        };
        let (for_world, for_madsim) = (ping(200_000, 3), ping(60_000, 3));
        let for_turmoil = {
            // Ticks cost it more than messages.
            let span = if devices < 100 { SECOND * 10 } else { SECOND };
            Ping { devices, period, span }
        };
        let plan = for_world.plan();
        let (mut heaps, mut worlds) = (Vec::new(), Vec::new());
        let (mut madsims, mut turmoils) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            worlds.push(for_world.on_deadzone(&plan));
            let Measured { events, depth, .. } = worlds[round].measured;
            heaps.push(heap(depth, events));
            if devices <= MADSIM_MAX {
                madsims.push(on_madsim::run(for_madsim));
            }
            if devices <= TURMOIL_MAX && round < TURMOIL_ROUNDS {
                turmoils.push(on_turmoil::run(for_turmoil));
            }
        }
        Self {
            devices,
            period,
            heap: Measured::median(heaps),
            deadzone: Cell::of(for_world, &worlds).expect("there were rounds"),
            madsim: Cell::of(for_madsim, &madsims),
            turmoil: Cell::of(for_turmoil, &turmoils),
        }
    }

    /// How many times more messages per second deadzone delivers.
    fn times(&self, other: Option<Cell>) -> Option<f64> {
        let (own, other) = (self.deadzone.measured, other?.measured);
        Some(own.per_second() as f64 / other.per_second().max(1) as f64)
    }
}

/// All sizes, with a ping each second, and with ten of them.
#[derive(Clone, Debug)]
pub(crate) struct Pings {
    /// A ping of each device each second.
    pub(crate) rows: Vec<Row>,
    /// A ping of each device ten times a second, at the sizes of the targets.
    dense: Vec<Row>,
}

impl Pings {
    /// Runs all.
    pub(crate) fn measure() -> Self {
        let dense = [BESIDE_TURMOIL, BESIDE_MADSIM];
        Self {
            rows: SIZES.iter().map(|devices| Row::measure(*devices, SECOND)).collect(),
            dense: dense.iter().map(|devices| Row::measure(*devices, SECOND / 10)).collect(),
        }
    }

    /// Messages per second, time for a virtual hour, and memory.
    pub(crate) fn print(&self) {
        println!(
            "| devices | a ping each | bare heap, turns/s | deadzone, messages/s | madsim \
             | turmoil | deadzone : madsim | deadzone : turmoil |\n\
             |---:|---:|---:|---:|---:|---:|---:|---:|"
        );
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
        let rate = |cell: Cell| count(cell.measured.per_second());
        for row in self.rows.iter().chain(&self.dense) {
            println!(
                "| {} | {} | {} | {} | {} | {} | {} | {} |",
                count(u64::from(row.devices)),
                time(row.period),
                count(row.heap.per_second()),
                rate(row.deadzone),
                or_dash(row.madsim.map(rate)),
                or_dash(row.turmoil.map(rate)),
                or_dash(row.times(row.madsim).map(times)),
                or_dash(row.times(row.turmoil).map(times)),
            );
        }
        println!(
            "\n| devices | a virtual hour on deadzone | madsim | turmoil \
             | bytes for each device on deadzone | madsim | turmoil |\n\
             |---:|---:|---:|---:|---:|---:|---:|"
        );
        let hour = |cell: Cell| time(cell.hour());
        let bytes = |cell: Cell| count(cell.device_bytes);
        for row in &self.rows {
            println!(
                "| {} | {} | {} | {} | {} | {} | {} |",
                count(u64::from(row.devices)),
                hour(row.deadzone),
                or_dash(row.madsim.map(hour)),
                or_dash(row.turmoil.map(hour)),
                bytes(row.deadzone),
                or_dash(row.madsim.map(bytes)),
                or_dash(row.turmoil.map(bytes)),
            );
        }
    }

    /// How far ahead of the others deadzone should be.
    pub(crate) fn targets(&self) -> Vec<Target> {
        let at = |devices: u32| {
            let row = self.rows.iter().find(|row| row.devices == devices);
            row.expect("targets are at sizes that are measured")
        };
        let (small, large) = (at(BESIDE_TURMOIL), at(BESIDE_MADSIM));
        let beside_madsim = large.times(large.madsim).expect("madsim runs there");
        let beside_turmoil = small.times(small.turmoil).expect("turmoil runs there");
        vec![
            Target::at_least(
                "pings, 1,000 devices: messages per second, deadzone to madsim",
                beside_madsim,
                MADSIM_TIMES_MIN,
            ),
            Target::at_least(
                "pings, 100 devices: messages per second, deadzone to turmoil",
                beside_turmoil,
                TURMOIL_TIMES_MIN,
            ),
        ]
    }
}
