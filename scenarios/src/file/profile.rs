//! The tables of profiles: the same in `profiles/*.toml` and in a scenario.

use std::collections::BTreeMap;

use deadzone_core::profile::Runtime;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};

use crate::values::{
    At, BatteryText, Entries, FineEnergyText, FinePowerText, PowerText, RateText, ShareText,
    SizeText, SlowdownText, TimeText, entries,
};

/// A file of profiles.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ProfilesFile {
    /// Radios by name.
    pub(crate) radio: BTreeMap<At<String>, At<RadioFile>>,
    /// Devices by name.
    pub(crate) device: BTreeMap<At<String>, At<DeviceFile>>,
    /// Links by name.
    pub(crate) link: BTreeMap<At<String>, At<LinkFile>>,
    /// Outages by name.
    pub(crate) outage: BTreeMap<At<String>, At<OutageFile>>,
    /// The CPU model.
    pub(crate) cpu: Option<At<CpuFile>>,
}

/// How counted work becomes time.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schemars(rename = "Cpu")]
pub(crate) struct CpuFile {
    /// What one allocation weighs, in thousandths of a block.
    pub(crate) allocation_milliblocks: Option<At<u64>>,
    /// What one allocated byte weighs, in thousandths of a block.
    pub(crate) allocated_byte_milliblocks: Option<At<u64>>,
    /// How long a block takes on the reference device, in picoseconds.
    pub(crate) block_picoseconds: Option<At<u64>>,
    /// How long everything takes under WebAssembly, in per cent of native.
    pub(crate) wasm_percent: Option<At<u64>>,
}

/// A kind of device.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schemars(rename = "Device")]
pub(crate) struct DeviceFile {
    /// One line on it.
    pub(crate) summary: At<String>,
    /// How many times slower than the reference device.
    pub(crate) slowdown: At<SlowdownText>,
    /// The low and the high end of the slowdown. Default: no range.
    pub(crate) slowdown_range: Option<At<[At<SlowdownText>; 2]>>,
    /// Above idle, while the app's core is busy.
    pub(crate) busy_power: At<PowerText>,
    /// What runs the engine's code. Default: `native`.
    pub(crate) runtime: Option<At<Runtime>>,
    /// How long a durable flush takes.
    pub(crate) flush_latency: At<TimeText>,
    /// How long a write takes until the operating system has it.
    pub(crate) write_latency: At<TimeText>,
    /// How fast stored bytes are read back.
    pub(crate) read_rate: At<RateText>,
    /// Energy of one flush.
    pub(crate) flush_energy: At<FineEnergyText>,
    /// Energy of one written byte.
    pub(crate) byte_energy: At<FineEnergyText>,
    /// Energy in a full battery. Default: it hangs on mains.
    pub(crate) battery: Option<At<BatteryText>>,
    /// What the platform draws while the app rests, without the screen.
    pub(crate) base_power: At<PowerText>,
    /// Memory that the replica may take before the platform ends the app.
    pub(crate) memory: At<SizeText>,
    /// By technology (`wifi`, `lte`, `5g`, `3g`, `ble`, `ethernet`): the radio
    /// model, or a table with those of the low and the high end of energy too.
    pub(crate) radios: BTreeMap<At<String>, At<RadioChoice>>,
}

/// Which radio model stands for a radio of a device.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(crate) enum RadioChoice {
    /// One model, without a range.
    One(String),
    /// A model, and those for the low and the high end of its energy.
    Range(RadioRange),
}

/// A radio model with its range.
#[derive(Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "a radio's name, or a table with `model`, `low` and `high`"
)]
pub(crate) struct RadioRange {
    /// The model that times and energy come from.
    pub(crate) model: At<String>,
    /// The model for the low end of energy.
    pub(crate) low: At<String>,
    /// The model for the high end of energy.
    pub(crate) high: At<String>,
}

/// The radio state machine: idle, promotion, transfer, tail.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schemars(rename = "Radio")]
pub(crate) struct RadioFile {
    /// How long idle to connected takes.
    pub(crate) promotion: At<TimeText>,
    /// Power while promoting.
    pub(crate) promotion_power: At<PowerText>,
    /// Power while transferring, whatever the rate.
    pub(crate) transfer_power: At<PowerText>,
    /// Added per Mbit/s sent. Default: nothing.
    pub(crate) up_per_mbps: Option<At<FinePowerText>>,
    /// Added per Mbit/s received. Default: nothing.
    pub(crate) down_per_mbps: Option<At<FinePowerText>>,
    /// The phases after a transfer, before idle, in order. Default: none.
    #[serde(default)]
    pub(crate) tail: Vec<At<TailFile>>,
    /// Mean power while idle, paging included.
    pub(crate) idle_power: At<PowerText>,
    /// How long an idle radio takes on average to hear that somebody wants it.
    /// Default: no time.
    pub(crate) paging_delay: Option<At<TimeText>>,
}

/// A stretch of the tail.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schemars(rename = "TailPhase")]
pub(crate) struct TailFile {
    /// How long.
    pub(crate) length: At<TimeText>,
    /// Mean power over it, discontinuous reception included.
    pub(crate) power: At<PowerText>,
}

/// An access link: what lies between a device and the backbone. `up` and `down`
/// say what differs between the directions.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schemars(rename = "Link")]
pub(crate) struct LinkFile {
    /// One line on it.
    pub(crate) summary: At<String>,
    /// The radio technology: `wifi`, `lte`, `5g`, `3g`, `ble` or `ethernet`.
    pub(crate) technology: At<String>,
    /// Round trips until a new connection may carry data. Default: 3 (TCP, TLS
    /// 1.3, WebSocket).
    pub(crate) setup_round_trips: Option<At<u32>>,
    /// The least time from one end to the other.
    pub(crate) one_way_delay: Option<At<TimeText>>,
    /// Evenly drawn from nothing to this, on top. Default: nothing.
    pub(crate) jitter: Option<At<TimeText>>,
    /// Which packets are lost. Default: none.
    pub(crate) loss: Option<At<LossFile>>,
    /// The share of messages that arrive twice. Default: none.
    pub(crate) duplicate: Option<At<ShareText>>,
    /// The share of messages that are held back. Default: none.
    pub(crate) reorder: Option<At<ShareText>>,
    /// How long such a message is held back.
    pub(crate) reorder_delay: Option<At<TimeText>>,
    /// The rate, or `"unlimited"`.
    pub(crate) rate: Option<At<RateText>>,
    /// The queue before the rate; what does not fit is dropped. Default: 1MB.
    pub(crate) queue: Option<At<SizeText>>,
    /// What is different from the device.
    pub(crate) up: Option<At<DirectionFile>>,
    /// What is different to the device.
    pub(crate) down: Option<At<DirectionFile>>,
}

/// What is different in one direction of a link.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schemars(rename = "Direction")]
pub(crate) struct DirectionFile {
    /// The least time from one end to the other.
    pub(crate) one_way_delay: Option<At<TimeText>>,
    /// Evenly drawn from nothing to this, on top.
    pub(crate) jitter: Option<At<TimeText>>,
    /// Which packets are lost.
    pub(crate) loss: Option<At<LossFile>>,
    /// The share of messages that arrive twice.
    pub(crate) duplicate: Option<At<ShareText>>,
    /// The share of messages that are held back.
    pub(crate) reorder: Option<At<ShareText>>,
    /// How long such a message is held back.
    pub(crate) reorder_delay: Option<At<TimeText>>,
    /// The rate, or `"unlimited"`.
    pub(crate) rate: Option<At<RateText>>,
    /// The queue before the rate.
    pub(crate) queue: Option<At<SizeText>>,
}

/// How packets are lost.
#[derive(Clone, JsonSchema)]
#[schemars(untagged)]
pub(crate) enum LossFile {
    /// Each by itself.
    Random(ShareText),
    /// In bursts.
    Bursts(GilbertElliottFile),
}

/// The two-state chain of Gilbert and Elliott, as in tc-netem(8).
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a share, or a table with `p` and `r`")]
pub(crate) struct GilbertElliottFile {
    /// From the good state to the bad one, at each packet.
    pub(crate) p: At<ShareText>,
    /// From the bad state to the good one, at each packet.
    pub(crate) r: At<ShareText>,
    /// Loss in the bad state. Default: 100%.
    pub(crate) in_bad: Option<At<ShareText>>,
    /// Loss in the good state. Default: 0%.
    pub(crate) in_good: Option<At<ShareText>>,
}

/// How a device's links come and go.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schemars(rename = "Outage")]
pub(crate) struct OutageFile {
    /// One line on it.
    pub(crate) summary: At<String>,
    /// The technologies that it takes away. Default: all.
    #[serde(default)]
    pub(crate) technologies: Vec<At<String>>,
    /// How long the links are up between outages.
    pub(crate) up: At<DistributionFile>,
    /// How long an outage lasts.
    pub(crate) down: At<DistributionFile>,
}

/// A distribution of times.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(crate) enum DistributionFile {
    /// Always this.
    Fixed(TimeText),
    /// One of the others.
    Drawn(DrawnFile),
}

/// A distribution of times; exactly one of `uniform`, `exponential` and
/// `quantiles`.
#[derive(Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "a time, or a table with `uniform`, `exponential` or `quantiles`"
)]
pub(crate) struct DrawnFile {
    /// Evenly from the first to the second.
    pub(crate) uniform: Option<At<[At<TimeText>; 2]>>,
    /// Exponential with this mean; needs `at_most`.
    pub(crate) exponential: Option<At<TimeText>>,
    /// Where `exponential` is cut.
    pub(crate) at_most: Option<At<TimeText>>,
    /// Straight lines between quantiles, by per cent: `p0`, …, `p50`, …, `p100`.
    pub(crate) quantiles: Option<At<QuantilesFile>>,
}

/// Quantiles by `p` and a whole number of per cent.
#[derive(JsonSchema)]
#[schemars(with = "BTreeMap<String, TimeText>")]
pub(crate) struct QuantilesFile(pub(crate) Entries<TimeText>);

impl<'de> Deserialize<'de> for QuantilesFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Table;
        impl<'de> Visitor<'de> for Table {
            type Value = QuantilesFile;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a table of quantiles such as `{ p0 = \"1s\", p100 = \"9s\" }`")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<QuantilesFile, A::Error> {
                entries(map).map(QuantilesFile)
            }
        }
        deserializer.deserialize_any(Table)
    }
}

/// Text or a table, told apart without losing places, as serde's own untagged
/// enums would.
macro_rules! text_or_table {
    ($name:ident, $expecting:literal, $text:ty => $from_text:expr, $table:ty => $from_table:expr) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Either;
                impl<'de> Visitor<'de> for Either {
                    type Value = $name;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str($expecting)
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        let deserializer = serde::de::value::StrDeserializer::new(text);
                        <$text>::deserialize(deserializer).map($from_text)
                    }
                    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<$name, A::Error> {
                        <$table>::deserialize(MapAccessDeserializer::new(map)).map($from_table)
                    }
                }
                deserializer.deserialize_any(Either)
            }
        }
    };
}

text_or_table!(
    LossFile,
    "a share such as \"2%\", or a table with `p` and `r`",
    ShareText => LossFile::Random,
    GilbertElliottFile => LossFile::Bursts
);
text_or_table!(
    DistributionFile,
    "a time such as \"10s\", or a table with `uniform`, `exponential` or `quantiles`",
    TimeText => DistributionFile::Fixed,
    DrawnFile => DistributionFile::Drawn
);
text_or_table!(
    RadioChoice,
    "a radio's name, or a table with `model`, `low` and `high`",
    String => RadioChoice::One,
    RadioRange => RadioChoice::Range
);

crate::values::tables! {
    CpuFile: "a table of weights";
    DeviceFile: "a table with a device";
    RadioFile: "a table with a radio";
    TailFile: "a table with `length` and `power`";
    LinkFile: "a table with a link";
    DirectionFile: "a table with what is different in this direction";
    OutageFile: "a table with `up` and `down`";
}
