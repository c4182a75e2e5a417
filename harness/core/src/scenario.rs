//! A scenario, validated: who is there, what they do, what happens to them and
//! what is expected. `deadzone-scenarios` reads it from TOML.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::edit::{ContainerKind, Roots};
use crate::engine::Delivery;
use crate::hunt::Feature;
use crate::profile::{CpuModel, DeviceProfile, LinkProfile, OutageProfile};
use crate::time::{Span, Time};
use crate::units::{BitsPerSecond, PartsPerMillion};

/// What to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scenario {
    /// Devices in a virtual world.
    World(Box<WorldScenario>),
    /// One of the field's micro workloads, driven directly, without a network.
    Direct(DirectScenario),
    /// Many small random worlds without time, in search of a violation.
    Hunt(HuntScenario),
}

impl Scenario {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::World(scenario) => &scenario.name,
            Self::Direct(scenario) => &scenario.name,
            Self::Hunt(scenario) => &scenario.name,
        }
    }

    /// The question that it answers.
    pub fn question(&self) -> &str {
        match self {
            Self::World(scenario) => &scenario.question,
            Self::Direct(scenario) => &scenario.question,
            Self::Hunt(scenario) => &scenario.question,
        }
    }
}

/// What small worlds of a hunt are made of; each seed draws its own from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HuntScenario {
    /// Its name.
    pub name: String,
    /// The question that it answers.
    pub question: String,
    /// The document; each world has some of its roots.
    pub document: DocumentShape,
    /// How many replicas a world begins with.
    pub replicas: Counts,
    /// How many edits are made in it.
    pub edits: Counts,
    /// The ways that updates may travel; each world has one. Not empty.
    pub deliveries: Vec<Delivery>,
    /// What a world may have in it; each has some.
    pub features: BTreeSet<Feature>,
}

impl HuntScenario {
    /// Whether its features can put anything into containers of this kind.
    pub fn can_fill(&self, kind: ContainerKind) -> bool {
        let nests = self.features.contains(&Feature::NestInMap) && self.document.nesting > 0;
        self.features.contains(&Feature::that_fills(kind)) || (kind == ContainerKind::Map && nests)
    }
}

/// A number that is drawn from a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// The least.
    pub at_least: u32,
    /// The most; never below the least.
    pub at_most: u32,
}

/// A micro workload of dmonad/crdt-benchmarks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DirectScenario {
    /// Its name, such as `b1.1`.
    pub name: String,
    /// The question that it answers.
    pub question: String,
    /// Which one.
    pub benchmark: Benchmark,
    /// N: operations per client in B1 and B2; B3 has 20·⌊√N⌋ clients; the
    /// synthetic trace has N transactions. Recorded traces are replayed whole.
    pub operations: u32,
    /// The CPU model that work is counted with.
    pub cpu_model: CpuModel,
}

/// The workloads of dmonad/crdt-benchmarks by their ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs, reason = "each is named by its id; see `direct`")]
pub enum Benchmark {
    B1_1,
    B1_2,
    B1_3,
    B1_4,
    B1_5,
    B1_6,
    B1_7,
    B1_8,
    B1_9,
    B1_10,
    B1_11,
    B2_1,
    B2_2,
    B2_3,
    B2_4,
    B3_1,
    B3_2,
    B3_3,
    B3_4,
    /// The real editing trace at this path (relative to the traces folder).
    B4 {
        trace: String,
    },
    /// Any editing trace, sequential or concurrent, or the synthetic one.
    Trace {
        file: Option<String>,
    },
}

/// Devices in a virtual world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorldScenario {
    /// Its name.
    pub name: String,
    /// The question that it answers.
    pub question: String,
    /// How long people work and faults happen.
    pub duration: Span,
    /// How long the world may take to converge and fall silent after that.
    pub settle: Span,
    /// The document.
    pub document: DocumentShape,
    /// How many documents of that shape there are, each shared by some of the
    /// devices: device `k` of the fleet is in room `k` modulo this. At least one,
    /// and no more than there are devices.
    #[serde(default = "one_room", skip_serializing_if = "is_one_room")]
    pub rooms: u32,
    /// The devices, by group, in the file's order.
    pub fleet: Vec<Group>,
    /// How they reach each other.
    pub topology: Topology,
    /// How they sync.
    pub sync: SyncPolicy,
    /// What is done to them.
    pub faults: Vec<Fault>,
    /// What must hold, for the whole run and by group.
    pub expect: Expectations,
    /// The baselines that it is run on beside the CRDT engines, by name.
    pub compare: Vec<String>,
    /// The CPU model that work is counted with.
    pub cpu_model: CpuModel,
}

fn one_room() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_one_room(rooms: &u32) -> bool {
    *rooms == 1
}

impl WorldScenario {
    /// How many devices are in its fleet, the relay not counted; saturates.
    pub fn devices(&self) -> u32 {
        self.fleet.iter().fold(0, |sum, group| sum.saturating_add(group.count))
    }
}

/// The document that everybody edits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentShape {
    /// Its roots.
    pub roots: Roots,
    /// How deep workloads may nest containers in the roots; 0 for not at all.
    pub nesting: u32,
}

/// Devices of one kind that do the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Group {
    /// Its name; `relay` is taken.
    pub name: String,
    /// How many; at least one, but in the plan of one room of several maybe none.
    pub count: u32,
    /// What they are.
    pub device: DeviceProfile,
    /// Their links in order of preference; at least one.
    pub links: Vec<LinkProfile>,
    /// How their links come and go.
    pub outages: Option<OutageProfile>,
    /// What their people do.
    pub workload: Workload,
}

/// What the people of a group do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Workload {
    /// Nothing; the device follows.
    Idle,
    /// Writes prose into the text roots.
    Typing(Typing),
    /// Fills forms: puts fields into the map roots.
    Form(Pace),
    /// Keeps a to-do list in the list roots: adds, ticks off, removes, moves.
    Todo(Pace),
    /// Moves cards on a board: movable lists in columns, counters for votes.
    Board(Pace),
    /// Replays a recorded editing history.
    Trace(TraceReplay),
}

/// How a person writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Typing {
    /// Words per minute while writing; five characters a word.
    pub words_per_minute: u32,
    /// How long a session of writing lasts on average; none for all the time.
    pub session: Option<Span>,
    /// How long the pause between sessions is on average.
    pub pause: Span,
    /// The share of keystrokes that delete.
    pub deletions: PartsPerMillion,
    /// The share of sessions that begin somewhere else in the document rather
    /// than where the last one ended.
    pub jumps: PartsPerMillion,
    /// The share of bursts that are a paste of a sentence or more.
    pub pastes: PartsPerMillion,
    /// The share of words that are marked (bold) once written.
    pub marks: PartsPerMillion,
    /// The time in which it happens; none for the whole duration.
    pub between: Option<(Time, Time)>,
}

/// How often something is done that takes one edit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pace {
    /// The mean time from one edit to the next while at it.
    pub every: Span,
    /// How long a session lasts on average; none for all the time.
    pub session: Option<Span>,
    /// How long the pause between sessions is on average.
    pub pause: Span,
    /// The time in which it happens; none for the whole duration.
    pub between: Option<(Time, Time)>,
}

/// A recorded editing history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TraceReplay {
    /// The file, relative to the traces folder; none for the synthetic trace.
    pub file: Option<String>,
    /// The mean time from one transaction to the next, for traces that have no
    /// times of their own, and instead of those where given.
    pub every: Option<Span>,
    /// How many transactions at most.
    pub limit: Option<u32>,
}

/// How devices reach each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Topology {
    /// All through a relay that holds a replica.
    Relay(Relay),
    /// Each with some others, directly.
    Mesh(Mesh),
}

/// The relay in the middle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Relay {
    /// The round trip from the backbone to the relay's region and back, on top
    /// of the access links.
    pub region_rtt: Span,
    /// What it is.
    pub device: DeviceProfile,
}

/// Direct connections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mesh {
    /// How many others each device connects to at least: its next ones in a
    /// ring. The number of devices less one makes it full.
    pub neighbours: u32,
    /// The round trip between two access links.
    pub backbone_rtt: Span,
}

/// How devices sync.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SyncPolicy {
    /// How long a device waits after an edit for more before it sends.
    pub debounce: Span,
    /// How updates travel.
    pub delivery: Delivery,
    /// When an edit counts as made.
    pub durability: Durability,
    /// How long relaxed durability lets edits wait for storage.
    pub save_interval: Span,
    /// How long silence lasts until a peer is given up.
    pub connection_timeout: Span,
    /// The first wait before connecting again; doubles up to `retry_max`.
    pub retry_min: Span,
    /// The longest wait before connecting again.
    pub retry_max: Span,
    /// What an architecture with an authority does with edits made offline.
    pub offline: OfflineEdits,
}

/// When an edit counts as made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Durability {
    /// Once it is flushed to storage.
    Strict,
    /// Once it is in memory; storage follows within the save interval.
    Relaxed,
}

/// What a client without its server does with an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OfflineEdits {
    /// Refuses it.
    Refuse,
    /// Lets the person wait until the server is back.
    Wait,
}

/// Something that is done to the world at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fault {
    /// When.
    pub at: Time,
    /// How long; at its end everything it did is taken back.
    pub lasts: Span,
    /// What.
    pub kind: FaultKind,
}

/// What a fault does. Sides name groups, single devices (`group/0`) or `relay`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// Nothing passes between the sides.
    Partition {
        /// The sides.
        between: Vec<Vec<String>>,
    },
    /// Nothing passes from the first side to the second.
    OneWay {
        /// The senders.
        from: Vec<String>,
        /// The receivers.
        to: Vec<String>,
    },
    /// Everything between the sides takes longer.
    Slow {
        /// The sides.
        between: Vec<Vec<String>>,
        /// How many times longer.
        factor: u32,
    },
    /// Everything between the sides is held and comes through at the end.
    Jam {
        /// The sides.
        between: Vec<Vec<String>>,
    },
    /// The app dies; what the operating system had taken for writing survives.
    Crash {
        /// Who.
        who: Vec<String>,
    },
    /// The device loses power; only what was flushed survives.
    PowerLoss {
        /// Who.
        who: Vec<String>,
    },
    /// The wall clock jumps.
    ClockJump {
        /// Who.
        who: Vec<String>,
        /// By how much, in milliseconds; negative is back.
        by_milliseconds: i64,
    },
    /// A random half is jammed one by one and released in another order.
    Swizzle {
        /// Out of these.
        who: Vec<String>,
    },
}

/// What must hold at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Expectations {
    /// For the whole run.
    pub overall: Vec<Expectation>,
    /// By group.
    pub groups: BTreeMap<String, Vec<Expectation>>,
    /// The engines it is expected of, by authority: a baseline that needs a
    /// server is there to be compared, and may break what a replica must keep.
    pub of_baselines: bool,
}

/// A bound on one figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Expectation {
    /// The key as written: a metric, or a histogram and its percentile
    /// (`local_edit_latency_p99`), or `converged_within`.
    pub key: String,
    /// What it may be at most, in the metric's base unit.
    pub at_most: u64,
}

/// The rate that stands for a link without limit.
pub const UNLIMITED_RATE: BitsPerSecond = BitsPerSecond(1_000_000_000_000);
