//! What devices, links and outages are like: plain data, read from
//! `scenarios/profiles/*.toml`, where every figure has its source.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::time::Span;
use crate::units::{BitsPerSecond, Milliwatts, PartsPerMillion};

/// How counted work becomes time: the weights of `profiles/cpu.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CpuModel {
    /// What one allocation weighs, in thousandths of a block.
    pub allocation_milliblocks: u64,
    /// What one allocated byte weighs, in thousandths of a block.
    pub allocated_byte_milliblocks: u64,
    /// How long a block takes on the reference device, in picoseconds.
    pub block_picoseconds: u64,
    /// How much longer everything takes under WebAssembly, in per cent (150 is
    /// half as long again).
    pub wasm_percent: u64,
}

/// A kind of device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeviceProfile {
    /// Its name in scenarios.
    pub name: String,
    /// One line on it.
    pub summary: String,
    /// Its processor.
    pub cpu: CpuProfile,
    /// Its storage.
    pub storage: StorageProfile,
    /// Energy in a full battery in millijoules; none for what hangs on mains.
    pub battery_millijoules: Option<u64>,
    /// What the platform draws while the app rests (not the screen).
    pub base_power: Milliwatts,
    /// Memory that the replica may take before the platform ends the app, in bytes.
    pub memory_bytes: u64,
    /// Which radio models this device has, by technology.
    pub radios: Vec<DeviceRadio>,
}

/// A processor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CpuProfile {
    /// How many times longer than the reference device, in per cent.
    pub slowdown_percent: u64,
    /// The low end of the slowdown's stated range, in per cent.
    pub slowdown_low_percent: u64,
    /// The high end of the slowdown's stated range, in per cent.
    pub slowdown_high_percent: u64,
    /// Above idle, while the app's core is busy.
    pub busy_power: Milliwatts,
    /// Background quota, in the style of cgroup's `cpu.max`.
    pub quota: Option<Quota>,
    /// Native or WebAssembly.
    pub runtime: Runtime,
}

/// At most `busy` of CPU time in each `period`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Quota {
    /// CPU time.
    pub busy: Span,
    /// Per this much time.
    pub period: Span,
}

/// What runs the engine's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Runtime {
    /// Machine code.
    Native,
    /// WebAssembly, slower by [`CpuModel::wasm_percent`].
    Wasm,
}

/// Storage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StorageProfile {
    /// How long a durable flush takes.
    pub flush_latency: Span,
    /// How long a write takes until the operating system has it.
    pub write_latency: Span,
    /// How fast stored bytes are read back.
    pub read_rate: BitsPerSecond,
    /// Energy of one flush, in nanojoules.
    pub flush_nanojoules: u64,
    /// Energy of one written byte, in nanojoules.
    pub byte_nanojoules: u64,
}

/// Which model stands for one of a device's radios, with the models that give
/// the low and the high end of its energy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeviceRadio {
    /// What links name: `wifi`, `lte`, `5g`, `3g`, `ble`, `ethernet`.
    pub technology: String,
    /// The model that times and energy come from.
    pub model: RadioProfile,
    /// The model for the low end of energy.
    pub low: RadioProfile,
    /// The model for the high end of energy.
    pub high: RadioProfile,
}

/// The radio state machine: idle, promotion, transfer, tail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RadioProfile {
    /// Its name, such as `lte-2012`.
    pub name: String,
    /// How long idle to connected takes.
    pub promotion: Span,
    /// Power while promoting.
    pub promotion_power: Milliwatts,
    /// Power while transferring, whatever the rate.
    pub transfer_power: Milliwatts,
    /// Added per Mbit/s sent, in microwatts.
    pub up_microwatts_per_mbps: u64,
    /// Added per Mbit/s received, in microwatts.
    pub down_microwatts_per_mbps: u64,
    /// The phases after a transfer, before idle, in order.
    pub tail: Vec<TailPhase>,
    /// Mean power while idle, paging included.
    pub idle_power: Milliwatts,
    /// How long an idle radio takes to hear that somebody wants it (half of the
    /// paging cycle), before its promotion.
    pub paging_delay: Span,
}

/// A stretch of the tail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TailPhase {
    /// How long.
    pub length: Span,
    /// Mean power over it, discontinuous reception included.
    pub power: Milliwatts,
}

/// An access link: what lies between a device and the backbone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LinkProfile {
    /// Its name in scenarios.
    pub name: String,
    /// One line on it.
    pub summary: String,
    /// The radio technology that it uses.
    pub technology: String,
    /// From the device.
    pub up: LinkDirection,
    /// To the device.
    pub down: LinkDirection,
    /// Round trips until a new connection may carry data (TCP, TLS, WebSocket).
    pub setup_round_trips: u32,
}

/// One direction of a link, in the terms of `tc netem`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LinkDirection {
    /// The least time from one end to the other.
    pub one_way_delay: Span,
    /// Uniform in `0..=jitter` on top.
    pub jitter: Span,
    /// Which packets are lost.
    pub loss: Loss,
    /// The share of messages that arrive twice.
    pub duplicate: PartsPerMillion,
    /// The share of messages that are held back by `reorder_delay`.
    pub reorder: PartsPerMillion,
    /// How long a reordered message is held back.
    pub reorder_delay: Span,
    /// The rate.
    pub rate: BitsPerSecond,
    /// The queue before the rate, in bytes; what does not fit is dropped at the
    /// tail.
    pub queue_bytes: u64,
}

/// How packets are lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// Each by itself.
    Random(PartsPerMillion),
    /// In bursts: the two-state chain of Gilbert and Elliott, `p`, `r`, `1-h`
    /// and `1-k` as in `tc-netem(8)`.
    GilbertElliott {
        /// From the good state to the bad one, at each packet.
        p: PartsPerMillion,
        /// From the bad state to the good one, at each packet.
        r: PartsPerMillion,
        /// Loss in the bad state.
        loss_in_bad: PartsPerMillion,
        /// Loss in the good state.
        loss_in_good: PartsPerMillion,
    },
}

/// How a device's links come and go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OutageProfile {
    /// Its name in scenarios.
    pub name: String,
    /// One line on it.
    pub summary: String,
    /// The technologies that it takes away; empty for all.
    pub technologies: Vec<String>,
    /// How long the links are up between outages.
    pub up: SpanDistribution,
    /// How long an outage lasts.
    pub down: SpanDistribution,
}

/// A distribution of spans, drawn in integers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SpanDistribution {
    /// Always this.
    Fixed(Span),
    /// Uniform between the two, both included.
    Uniform(Span, Span),
    /// Exponential with this mean, cut at the second.
    Exponential(Span, Span),
    /// Straight lines between quantiles, given as (parts per million, span) in
    /// rising order from 0 to 1,000,000.
    Quantiles(Vec<(PartsPerMillion, Span)>),
}
