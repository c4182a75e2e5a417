//! The scenario file as it is written. Nothing here is checked beyond its
//! types; [`crate::resolve`] does that.
//!
//! The comments of these types are what `deadzone schema scenario` says.

pub(crate) mod document;
pub(crate) mod expect;
pub(crate) mod fault;
pub(crate) mod fleet;
pub(crate) mod hunt;
pub(crate) mod profile;

use std::collections::BTreeMap;

use deadzone_core::engine::Delivery;
use deadzone_core::scenario::{Durability, OfflineEdits};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::values::{At, TimeText};

use document::DocumentFile;
use expect::ExpectFile;
use fault::FaultFile;
use fleet::GroupFile;
use hunt::HuntFile;
use profile::{CpuFile, DeviceFile, LinkFile, OutageFile, RadioFile};

/// A scenario of deadzone: devices in a virtual world, a micro workload that is
/// driven directly, or a hunt through small random worlds.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its schema is asked for; which one a file is decides its keys")]
pub(crate) enum ScenarioFile {
    /// Devices in a virtual world.
    World(Box<WorldFile>),
    /// A micro workload that is driven directly.
    Direct(Box<DirectFile>),
    /// Many small random worlds without time, in search of a violation.
    Hunt(Box<HuntFile>),
}

/// Devices in a virtual world.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a scenario")]
pub(crate) struct WorldFile {
    /// The version of this format: 1.
    pub(crate) schema: At<u32>,
    /// The scenario's name: that of the file, without `.toml`.
    pub(crate) name: At<String>,
    /// The question that the scenario answers, in one sentence.
    pub(crate) question: At<String>,
    /// How long people work and faults happen, in virtual time; at most 365d.
    pub(crate) duration: At<TimeText>,
    /// Virtual time allowed to converge and fall silent after everything
    /// healed. Default: 5min.
    pub(crate) settle: Option<At<TimeText>>,
    /// The document that everybody edits.
    pub(crate) document: At<DocumentFile>,
    /// The devices, by groups that do the same.
    pub(crate) fleet: Vec<At<GroupFile>>,
    /// The relay in the middle. Default: one that holds a replica, 40ms away
    /// from the backbone and back.
    pub(crate) relay: Option<At<RelayFile>>,
    /// Direct connections, where `relay.kind` is `none`.
    pub(crate) mesh: Option<At<MeshFile>>,
    /// How devices sync.
    pub(crate) sync: Option<At<SyncFile>>,
    /// What is done to the world, each at its time.
    #[serde(default)]
    pub(crate) fault: Vec<At<FaultFile>>,
    /// Baselines that it is run on beside the CRDT engines, such as
    /// `cloud-first`, where the command line names no engines.
    #[serde(default)]
    pub(crate) compare: Vec<String>,
    /// What must hold at the end; if it does not, `run` exits with code 4.
    pub(crate) expect: Option<ExpectFile>,
    /// Radios of this scenario's own, by name. They go before built-in ones.
    #[serde(default)]
    pub(crate) radio: BTreeMap<At<String>, At<RadioFile>>,
    /// Devices of this scenario's own, by name. They go before built-in ones.
    #[serde(default)]
    pub(crate) device: BTreeMap<At<String>, At<DeviceFile>>,
    /// Links of this scenario's own, by name. They go before built-in ones.
    #[serde(default)]
    pub(crate) link: BTreeMap<At<String>, At<LinkFile>>,
    /// Outages of this scenario's own, by name. They go before built-in ones.
    #[serde(default)]
    pub(crate) outage: BTreeMap<At<String>, At<OutageFile>>,
    /// Weights of the CPU model that differ from the built-in ones.
    pub(crate) cpu: Option<At<CpuFile>>,
}

/// The relay in the middle.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schemars(rename = "Relay")]
pub(crate) struct RelayFile {
    /// What it is. Default: `replica`.
    pub(crate) kind: Option<At<RelayKind>>,
    /// The round trip from the backbone to the relay's region and back, on top
    /// of the access links. Default: 40ms.
    pub(crate) region_rtt: Option<At<TimeText>>,
    /// Its device profile. Default: `server`.
    pub(crate) device: Option<At<String>>,
}

/// What a relay is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RelayKind {
    /// It holds a replica and takes part in the engine's protocol.
    Replica,
    /// The same relay, named for scenarios about server-centred applications.
    Cloud,
    /// There is none: devices connect directly, as `[mesh]` says.
    None,
}

/// Direct connections between devices.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schemars(rename = "Mesh")]
pub(crate) struct MeshFile {
    /// How many others each device connects to at least: its next ones in a
    /// ring. All others make a full mesh. Default: 2.
    pub(crate) neighbours: Option<At<u32>>,
    /// The round trip between two access links. Default: 20ms.
    pub(crate) backbone_rtt: Option<At<TimeText>>,
}

/// How devices sync.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schemars(rename = "Sync")]
pub(crate) struct SyncFile {
    /// How long a device waits after an edit for more before it sends.
    /// Default: 300ms.
    pub(crate) debounce: Option<At<TimeText>>,
    /// How updates travel. Default: `protocol`.
    pub(crate) delivery: Option<At<Delivery>>,
    /// When an edit counts as made: once in storage (`strict`) or once in
    /// memory (`relaxed`). Default: `relaxed`.
    pub(crate) durability: Option<At<Durability>>,
    /// How long relaxed durability lets edits wait for storage. Default: 1s.
    pub(crate) save_interval: Option<At<TimeText>>,
    /// How long silence lasts until a peer is given up. Default: 30s.
    pub(crate) connection_timeout: Option<At<TimeText>>,
    /// The first wait before connecting again; doubles. Default: 1s.
    pub(crate) retry_min: Option<At<TimeText>>,
    /// The longest wait before connecting again. Default: 30s.
    pub(crate) retry_max: Option<At<TimeText>>,
    /// What a server-centred baseline does with edits made offline.
    /// Default: `refuse`.
    pub(crate) offline: Option<At<OfflineEdits>>,
}

/// A micro workload that is driven directly, without a network.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a scenario")]
pub(crate) struct DirectFile {
    /// The version of this format: 1.
    pub(crate) schema: At<u32>,
    /// The scenario's name: that of the file, without `.toml`.
    pub(crate) name: At<String>,
    /// The question that the scenario answers, in one sentence.
    pub(crate) question: At<String>,
    /// The workload.
    pub(crate) direct: At<DirectTable>,
    /// Weights of the CPU model that differ from the built-in ones.
    pub(crate) cpu: Option<At<CpuFile>>,
}

/// Which micro workload.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schemars(rename = "DirectTable")]
pub(crate) struct DirectTable {
    /// Its id in dmonad/crdt-benchmarks, such as `B1.1`, or `trace` for any
    /// editing trace. Default: `B4` where `trace` names a file.
    pub(crate) benchmark: Option<At<String>>,
    /// N: operations per client in B1 and B2; B3 has 20·⌊√N⌋ clients; the
    /// synthetic trace has N transactions. Recorded traces are replayed whole.
    /// Default: 6000.
    pub(crate) operations: Option<At<u32>>,
    /// The trace's file, relative to the folder given as `--traces`. B4 needs
    /// one; for `trace` the default is a synthetic one.
    pub(crate) trace: Option<At<String>>,
}

crate::values::tables! {
    RelayFile: "a table with the relay's `kind`";
    MeshFile: "a table with the mesh's `neighbours`";
    SyncFile: "a table of sync settings";
    DirectTable: "a table with `benchmark` or `trace`";
}
