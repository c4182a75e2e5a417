//! What was measured in the rooms of a run, and how it becomes one record.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::{Deserialize, Serialize};

use super::measures::GroupHistograms;
use crate::audit::Audit;
use crate::check::broken_expectations;
use crate::engine::Authority;
use crate::measure::{HISTOGRAMS, Histogram, Timeline};
use crate::plan::{Plan, RELAY};
use crate::record::{
    CpuMode, GroupRecord, HistogramRecord, Metric, MetricKind, Outcome, RunRecord, Series, Verdict,
};
use crate::time::Time;

/// How many rooms that failed are told of by themselves, from the first on.
pub const ROOMS_TOLD_MAX: usize = 4;

/// How much is told of each.
const TOLD_PER_ROOM_MAX: usize = 2;

/// Metrics of which the rooms' highest counts, and not their sum: of the worst
/// replica or device, and of the longest chain.
const MAXIMA: [&str; 5] = [
    "battery_ppm_per_hour",
    "battery_ppm_per_hour_high",
    "battery_ppm_per_hour_low",
    "heap_peak_bytes",
    "reconvergence_round_trips",
];

/// What was measured in some rooms of a run: its one room, or any of several.
///
/// Joining is the same in any order, so it does not matter which room is over
/// first; and what is kept of a room once it is joined is how it ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Measured {
    pub(super) engine: String,
    pub(super) engine_version: String,
    pub(super) authority: Authority,
    pub(super) simulator: String,
    pub(super) not_honoured: Vec<String>,
    pub(super) cpu: CpuMode,
    /// When the last room ended.
    pub(super) ended_at: Time,
    pub(super) events: u64,
    pub(super) rooms: BTreeMap<u32, RoomEnd>,
    pub(super) metrics: BTreeMap<String, Metric>,
    pub(super) groups: Vec<GroupMeasured>,
    pub(super) convergence_time: Histogram,
    pub(super) message_size: Histogram,
    pub(super) engine_call_work: Histogram,
    /// None of rooms that told nothing.
    pub(super) timelines: Option<Timelines>,
}

/// How a room ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RoomEnd {
    pub(super) audit: String,
    pub(super) verdict: Verdict,
}

/// What was measured in one group.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct GroupMeasured {
    pub(super) metrics: BTreeMap<String, Metric>,
    pub(super) histograms: GroupHistograms,
}

/// Figures over virtual time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Timelines {
    pub(super) behind: Timeline,
    pub(super) bytes: Timeline,
}

impl Measured {
    /// Of a room of which nothing is known but how it ended: its process is gone.
    pub fn nothing(engine: &str, engine_version: &str, simulator: &str, cpu: CpuMode) -> Self {
        Self {
            engine: engine.to_owned(),
            engine_version: engine_version.to_owned(),
            authority: Authority::Replicas,
            simulator: simulator.to_owned(),
            not_honoured: Vec::new(),
            cpu,
            ended_at: Time::ZERO,
            events: 0,
            rooms: BTreeMap::new(),
            metrics: BTreeMap::new(),
            groups: Vec::new(),
            convergence_time: Histogram::default(),
            message_size: Histogram::default(),
            engine_call_work: Histogram::default(),
            timelines: None,
        }
    }

    /// Notes that the process of a room ended like this, and with it the room.
    pub fn died(&mut self, room: u32, outcome: Outcome, said: String) {
        let verdict = Verdict { outcome, converged: false, document: None, violations: vec![said] };
        self.rooms.insert(room, RoomEnd { audit: String::new(), verdict });
    }

    /// Notes more that the simulator did not do as the scenario says.
    pub fn did_not_honour(&mut self, said: impl IntoIterator<Item = String>) {
        self.not_honoured.extend(said);
    }

    /// The rooms that failed, in order.
    pub fn failed_rooms(&self) -> impl Iterator<Item = u32> {
        let failed = |(_, end): &(&u32, &RoomEnd)| end.verdict.outcome.failed();
        self.rooms.iter().filter(failed).map(|(room, _)| *room)
    }

    /// Adds what was measured in other rooms.
    pub fn join(&mut self, other: Self) {
        if other.authority == Authority::Server {
            self.authority = Authority::Server;
        }
        self.ended_at = self.ended_at.max(other.ended_at);
        self.events += other.events;
        self.rooms.extend(other.rooms);
        join_metrics(&mut self.metrics, other.metrics);
        let groups = self.groups.len().max(other.groups.len());
        self.groups.resize_with(groups, GroupMeasured::default);
        for (own, other) in self.groups.iter_mut().zip(other.groups) {
            join_metrics(&mut own.metrics, other.metrics);
            own.histograms.merge(&other.histograms);
        }
        self.convergence_time.merge(&other.convergence_time);
        self.message_size.merge(&other.message_size);
        self.engine_call_work.merge(&other.engine_call_work);
        match (&mut self.timelines, other.timelines) {
            (Some(own), Some(other)) => {
                own.behind.add(&other.behind);
                own.bytes.add(&other.bytes);
            }
            (None, other) => self.timelines = other,
            (Some(_), None) => {}
        }
    }

    /// The record of the run that `plan` is of, whose rooms these are.
    pub fn into_record(self, plan: &Plan) -> RunRecord {
        let scenario = &plan.scenario;
        let histograms = self.run_histograms();
        let series = self.timelines.as_ref().map(|timelines| timelines.series(self.ended_at));
        let names = scenario.fleet.iter().map(|group| group.name.clone());
        let groups = names.chain([RELAY.to_owned()]).zip(self.groups).map(|(name, group)| {
            let histograms = group.histograms.to_records();
            (name, GroupRecord { metrics: group.metrics, histograms })
        });
        let mut record = RunRecord {
            scenario: scenario.name.clone(),
            engine: self.engine,
            engine_version: self.engine_version,
            seed: plan.seed,
            simulator: self.simulator,
            not_honoured: self.not_honoured,
            cpu: self.cpu,
            scenario_digest: crate::digest::of_json(scenario),
            plan_digest: plan.digest(),
            parameters: BTreeMap::new(),
            devices: scenario.devices(),
            virtual_time_ns: self.ended_at.as_nanos(),
            events: self.events,
            audit: audit_of(&self.rooms),
            verdict: verdict_of(self.rooms),
            metrics: self.metrics,
            histograms,
            groups: groups.collect(),
            series: series.unwrap_or_default(),
        };
        if self.cpu == CpuMode::Wall {
            mark_as_wall(&mut record);
        }
        let held_to = self.authority == Authority::Replicas || scenario.expect.of_baselines;
        if record.verdict.outcome == Outcome::Passed && held_to {
            let broken = broken_expectations(&scenario.expect, &record);
            if !broken.is_empty() {
                record.verdict.outcome = Outcome::Violated;
                record.verdict.violations = broken;
            }
        }
        record
    }

    fn run_histograms(&self) -> BTreeMap<String, HistogramRecord> {
        let mut all = GroupHistograms::default();
        self.groups.iter().for_each(|group| all.merge(&group.histograms));
        let mut histograms = all.to_records();
        add_histogram(&mut histograms, "convergence_time", &self.convergence_time);
        add_histogram(&mut histograms, "message_size", &self.message_size);
        add_histogram(&mut histograms, "engine_call_work", &self.engine_call_work);
        histograms
    }
}

impl Timelines {
    fn series(&self, end: Time) -> BTreeMap<String, Series> {
        [
            ("replicas_behind".to_owned(), self.behind.to_series("count", end)),
            ("wire_bytes_sent".to_owned(), self.bytes.to_series("bytes", end)),
        ]
        .into()
    }
}

impl GroupHistograms {
    fn merge(&mut self, other: &Self) {
        self.local_edit_latency.merge(&other.local_edit_latency);
        self.visibility_latency.merge(&other.visibility_latency);
        self.cold_start.merge(&other.cold_start);
    }

    fn to_records(&self) -> BTreeMap<String, HistogramRecord> {
        let mut histograms = BTreeMap::new();
        add_histogram(&mut histograms, "local_edit_latency", &self.local_edit_latency);
        add_histogram(&mut histograms, "visibility_latency", &self.visibility_latency);
        add_histogram(&mut histograms, "cold_start", &self.cold_start);
        histograms
    }
}

/// Adds a histogram that has samples.
fn add_histogram(
    histograms: &mut BTreeMap<String, HistogramRecord>,
    name: &str,
    histogram: &Histogram,
) {
    let info = HISTOGRAMS.iter().find(|info| info.name == name);
    let info = info.unwrap_or_else(|| panic!("no histogram {name}"));
    if histogram.count() > 0 {
        histograms.insert(name.to_owned(), histogram.to_record(info.unit));
    }
}

fn join_metrics(metrics: &mut BTreeMap<String, Metric>, others: BTreeMap<String, Metric>) {
    for (name, other) in others {
        let is_maximum = MAXIMA.contains(&name.as_str());
        match metrics.entry(name) {
            Entry::Vacant(place) => {
                place.insert(other);
            }
            Entry::Occupied(own) if is_maximum => {
                let own = own.into_mut();
                own.value = own.value.max(other.value);
            }
            Entry::Occupied(own) => {
                let name = own.key().clone();
                let own = own.into_mut();
                own.value += other.value;
                assert!(own.value < 1 << 53, "{name} is too large: JSON readers would lose digits");
            }
        }
    }
}

/// With CPU time taken from the wall clock no figure of the run repeats.
fn mark_as_wall(record: &mut RunRecord) {
    let groups = record.groups.values_mut().map(|group| &mut group.metrics);
    for metrics in groups.chain([&mut record.metrics]) {
        metrics.values_mut().for_each(|metric| metric.kind = MetricKind::Wall);
    }
}

/// Over those of the rooms, in order; of one room its own.
fn audit_of(rooms: &BTreeMap<u32, RoomEnd>) -> String {
    let mut ends = rooms.values();
    if let (Some(only), None) = (ends.next(), ends.next()) {
        return only.audit.clone();
    }
    let mut audit = Audit::default();
    for end in rooms.values() {
        // The digits of one must not run into those of the next.
        audit.numbers([end.audit.len() as u64]);
        audit.bytes(end.audit.as_bytes());
    }
    audit.to_hex()
}

/// That of the only room; of several the worst, with what is wrong in the first
/// rooms that failed.
fn verdict_of(rooms: BTreeMap<u32, RoomEnd>) -> Verdict {
    let count = rooms.len();
    if count == 1 {
        return rooms.into_values().next().expect("there is one").verdict;
    }
    let verdicts = || rooms.values().map(|end| &end.verdict);
    let outcome = verdicts().map(|verdict| verdict.outcome).max_by_key(|outcome| gravity(*outcome));
    let outcome = outcome.unwrap_or(Outcome::Passed);
    let documents: Option<Vec<&str>> =
        verdicts().map(|verdict| verdict.document.as_deref()).collect();
    Verdict {
        outcome,
        converged: verdicts().all(|verdict| verdict.converged),
        document: documents.map(|all| crate::digest::of_bytes(all.join("\n").as_bytes())),
        violations: told(&rooms, outcome),
    }
}

fn told(rooms: &BTreeMap<u32, RoomEnd>, outcome: Outcome) -> Vec<String> {
    if outcome == Outcome::Unsupported {
        // What an engine lacks it lacks in every room.
        let unsupported = rooms.values().find(|end| end.verdict.outcome == outcome);
        return unsupported.map(|end| end.verdict.violations.clone()).unwrap_or_default();
    }
    let failed: Vec<_> = rooms.iter().filter(|(_, end)| end.verdict.outcome.failed()).collect();
    let mut told = Vec::new();
    for (room, end) in failed.iter().take(ROOMS_TOLD_MAX) {
        let said = end.verdict.violations.iter().take(TOLD_PER_ROOM_MAX);
        told.extend(said.map(|said| format!("room {room}: {said}")));
    }
    if failed.len() > ROOMS_TOLD_MAX {
        let (failed, all) = (failed.len(), rooms.len());
        told.push(format!("{failed} of {all} rooms failed; these are the first"));
    }
    told
}

/// What outweighs what, where rooms end differently.
const fn gravity(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Passed => 0,
        Outcome::Unsupported => 1,
        Outcome::NotSilent => 2,
        Outcome::NotConverged => 3,
        Outcome::Violated => 4,
        Outcome::Hung => 5,
        Outcome::Aborted => 6,
        Outcome::Panicked => 7,
    }
}
