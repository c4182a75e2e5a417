//! `results.json`: what a campaign of runs found, in the order and with the
//! names that `deadzone schema results` states.

mod join;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use join::JoinError;

/// The version of the results format.
pub const SCHEMA: u32 = 1;

/// The whole file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Results {
    /// [`SCHEMA`].
    pub schema: u32,
    /// SHA-256 over `build` and `runs`, histograms by their raw counts.
    pub digest: String,
    /// What may change counts without anyone's fault.
    pub build: Build,
    /// The runs, sorted by scenario, engine, version, simulator, parameters, seed.
    pub runs: Vec<RunRecord>,
    /// What differs between machines and moments; not in the digest.
    pub environment: Environment,
}

/// What may change counts without anyone's fault. Results that differ here are
/// incomparable, not regressed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Build {
    /// The version of deadzone.
    pub deadzone: String,
    /// The compiler.
    pub rustc: String,
    /// The target triple.
    pub target: String,
    /// The profile that it was built with.
    pub profile: String,
    /// The compiler flags that decide about counts.
    pub flags: String,
    /// CPU features of the machine that dependencies dispatch on.
    pub cpu_features: Vec<String>,
    /// SHA-256 of `Cargo.lock`.
    pub lockfile: String,
    /// SHA-256 over the model and profile files.
    pub models: String,
}

/// What differs between machines and moments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Environment {
    /// The commit that deadzone was built from, if known.
    pub git: String,
    /// The machine.
    pub host: String,
    /// Whether addresses and clocks were under control, so that the same bytes
    /// can be promised.
    pub reproducible: bool,
    /// When, in RFC 3339.
    pub started: String,
    /// Wall time of the worlds, from the first event to the last, summed over
    /// the runs, in nanoseconds. Starting processes is not in it.
    pub wall_time_ns: u64,
    /// The part of it that was spent inside engines, in nanoseconds.
    pub wall_time_in_engine_ns: u64,
    /// The model that turns counted work into time, as it was used.
    pub cpu_model: BTreeMap<String, u64>,
}

/// How CPU cost was found.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum CpuMode {
    /// Counted blocks: the same on every run.
    Counted,
    /// Wall time: not reproducible.
    Wall,
    /// Not at all: engine calls take no time.
    Off,
}

/// In place of a simulator's name: messages went over a kernel's sockets, and the
/// clock was the real one.
pub const REAL_NETWORK: &str = "kernel";

/// One scenario on one engine with one seed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunRecord {
    /// The scenario.
    pub scenario: String,
    /// The engine.
    pub engine: String,
    /// Its version.
    pub engine_version: String,
    /// The root seed.
    pub seed: u64,
    /// The simulator; [`REAL_NETWORK`] where there was none.
    pub simulator: String,
    /// What the scenario asks for and the simulator does not do; nothing for `event`.
    #[serde(default)]
    pub not_honoured: Vec<String>,
    /// How CPU cost was found.
    pub cpu: CpuMode,
    /// SHA-256 of the validated scenario.
    pub scenario_digest: String,
    /// SHA-256 of the plan.
    pub plan_digest: String,
    /// Fields set on the command line, by dotted path.
    pub parameters: BTreeMap<String, String>,
    /// How many devices, the relay not counted.
    pub devices: u32,
    /// How much virtual time went by.
    pub virtual_time_ns: u64,
    /// How many events were processed.
    pub events: u64,
    /// Rolling hash over every processed event, in hex.
    pub audit: String,
    /// What came of it.
    pub verdict: Verdict,
    /// Figures of the whole run, by name.
    pub metrics: BTreeMap<String, Metric>,
    /// Distributions of the whole run, by name.
    pub histograms: BTreeMap<String, HistogramRecord>,
    /// The same by group of the fleet; the relay is the group `relay`.
    pub groups: BTreeMap<String, GroupRecord>,
    /// Figures over virtual time, by name.
    pub series: BTreeMap<String, Series>,
}

/// Figures of one group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GroupRecord {
    /// By name.
    pub metrics: BTreeMap<String, Metric>,
    /// By name.
    pub histograms: BTreeMap<String, HistogramRecord>,
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// The outcome.
    pub outcome: Outcome,
    /// Whether all replicas held the same edits and were equal at the end.
    pub converged: bool,
    /// SHA-256 of the canonical document that they converged on.
    pub document: Option<String>,
    /// What was violated, in words, in the order found.
    pub violations: Vec<String>,
}

/// How a run ended.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// All held.
    Passed,
    /// Some replica was still different when the settling time was over.
    NotConverged,
    /// Replicas went on talking when the settling time was over.
    NotSilent,
    /// An invariant or an expectation did not hold.
    Violated,
    /// The engine panicked.
    Panicked,
    /// The engine took its process down.
    Aborted,
    /// The engine ran past its limit of work.
    Hung,
    /// The engine lacks what the scenario needs.
    Unsupported,
}

impl Outcome {
    /// The name in results.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::NotConverged => "not_converged",
            Self::NotSilent => "not_silent",
            Self::Violated => "violated",
            Self::Panicked => "panicked",
            Self::Aborted => "aborted",
            Self::Hung => "hung",
            Self::Unsupported => "unsupported",
        }
    }

    /// Whether it makes `run` fail; being unsupported does not.
    pub const fn failed(self) -> bool {
        !matches!(self, Self::Passed | Self::Unsupported)
    }
}

/// One figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Metric {
    /// In `unit`; below 2^53.
    pub value: u64,
    /// `ns`, `bytes`, `count`, `work`, `uj`, `ppm`.
    pub unit: String,
    /// Where it comes from.
    pub kind: MetricKind,
    /// Which way is good.
    pub better: Better,
}

/// Where a figure comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MetricKind {
    /// Counted in the engine: exact for one build.
    Counted,
    /// Out of the models: exact.
    Simulated,
    /// Timed on this machine: not reproducible.
    Wall,
}

/// Which way is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Better {
    /// Down.
    Less,
    /// Up.
    More,
    /// Neither.
    None,
}

/// One distribution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HistogramRecord {
    /// The unit of the values.
    pub unit: String,
    /// How many samples.
    pub count: u64,
    /// The least.
    pub min: u64,
    /// The median.
    pub p50: u64,
    /// The 90th percentile.
    pub p90: u64,
    /// The 99th percentile.
    pub p99: u64,
    /// The 99.9th percentile.
    pub p999: u64,
    /// The greatest.
    pub max: u64,
    /// HdrHistogram V2 with DEFLATE, in base64.
    pub hdr: String,
}

/// One figure over virtual time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Series {
    /// The unit of the values.
    pub unit: String,
    /// The times.
    pub t_ns: Vec<u64>,
    /// The value from that time on.
    pub value: Vec<u64>,
}

impl Results {
    /// Sorts the runs, fills in the digest.
    pub fn new(build: Build, mut runs: Vec<RunRecord>, environment: Environment) -> Self {
        runs.sort_by(|a, b| a.key().cmp(&b.key()));
        let digest = digest_of(&build, &runs);
        Self { schema: SCHEMA, digest, build, runs, environment }
    }

    /// Whether the digest is that of the contents.
    pub fn is_intact(&self) -> bool {
        self.digest == digest_of(&self.build, &self.runs)
    }
}

/// The deflated form of a histogram depends on the compressor, so the digest
/// goes over the raw counts that it stands for.
fn digest_of(build: &Build, runs: &[RunRecord]) -> String {
    let mut hash = Sha256::new();
    hash.update(json(build));
    for run in runs {
        let mut plain = run.clone();
        let groups = plain.groups.values_mut().flat_map(|group| group.histograms.values_mut());
        for histogram in plain.histograms.values_mut().chain(groups) {
            histogram.hdr = crate::measure::raw_counts(&histogram.hdr);
        }
        hash.update(json(&plain));
    }
    crate::digest::hex(&hash.finalize())
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("results are always JSON")
}

impl RunRecord {
    /// What tells runs of a campaign apart, in sorting order.
    #[allow(clippy::type_complexity, reason = "a key to compare, read nowhere")]
    pub fn key(&self) -> (&str, &str, Vec<u64>, &str, &str, &BTreeMap<String, String>, u64) {
        let version =
            self.engine_version.split(['.', '-', '+']).map(|part| part.parse().unwrap_or(0));
        (
            &self.scenario,
            &self.engine,
            version.collect(),
            // Working copies have no number.
            &self.engine_version,
            &self.simulator,
            &self.parameters,
            self.seed,
        )
    }
}
