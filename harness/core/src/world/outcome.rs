//! The end of a run: reads the replicas, judges, sums up what was measured.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::check::{Agreement, agreement};
use crate::device::{BatteryShare, Cpu, Ledger};
use crate::document::Document;
use crate::engine::{Role, Save};
use crate::measure::metric;
use crate::plan::NodeId;
use crate::record::{Metric, Outcome, RunRecord, Verdict};
use crate::sandbox::{Heap, Panicked, ask};
use crate::sync::{Node, Stop};
use crate::time::Time;
use crate::units::Work;
use crate::world::measured::{GroupMeasured, Measured, RoomEnd, Timelines};
use crate::world::run::{Ending, World, totals};

/// One document saved whole and loaded again.
struct Snapshot {
    bytes: u64,
    visible_bytes: u64,
    encode: Work,
    parse: Work,
}

impl World<'_> {
    /// Runs to the end, and gives the record of it.
    pub(super) fn run_and_judge(self, progress: &mut dyn FnMut(Time)) -> RunRecord {
        let plan = self.plan;
        self.run_and_measure(0, progress).into_record(plan)
    }

    /// Runs to the end, and gives what was measured as that of the room with this
    /// number.
    pub(super) fn run_and_measure(mut self, room: u32, progress: &mut dyn FnMut(Time)) -> Measured {
        let ending = self.check_support().and_then(|()| self.run_to_end(progress));
        self.into_measured(room, ending)
    }

    /// Ends the run, and gives what was measured as that of the room with this
    /// number.
    pub(super) fn into_measured(mut self, room: u32, ending: Result<Ending, Stop>) -> Measured {
        let judged = ending.and_then(|ending| self.judge(ending));
        let (mut verdict, snapshot) = judged.unwrap_or_else(|stop| (verdict_of(&stop), None));
        // One that has panicked before may do so again.
        if let (Err(panicked), Outcome::Passed) = (self.drop_replicas(), verdict.outcome) {
            verdict = verdict_of(&panicked.into());
        }
        self.measured(room, verdict, snapshot.as_ref())
    }

    fn judge(&mut self, ending: Ending) -> Result<(Verdict, Option<Snapshot>), Stop> {
        let mut violations = Vec::new();
        let documents = self.read_all(&mut violations)?;
        violations.extend(self.out_of_memory());
        let snapshot = self.snapshot(&documents)?;
        self.ask_laggards()?;
        let equal = self.measures.sightings.all_equal();
        let mut verdict =
            Verdict { outcome: Outcome::Passed, converged: false, document: None, violations };
        if equal {
            let (nodes, lab) = (&self.nodes, &self.lab);
            let (bytes, now) = (self.measures.bytes_sent, self.now);
            self.measures.close_all_heals(&|| totals(nodes, lab, bytes, now));
            match agreement(&documents) {
                Agreement::Equal(digest) => {
                    verdict.converged = true;
                    verdict.document = Some(digest);
                }
                Agreement::Different(said) => verdict.violations.push(said),
            }
        }
        verdict.outcome = if !verdict.violations.is_empty() {
            Outcome::Violated
        } else if !equal {
            verdict.violations.push(self.who_lags());
            Outcome::NotConverged
        } else if ending == Ending::OutOfTime {
            let settle = self.scenario.settle;
            verdict.violations.push(format!(
                "all are equal, and messages still go round {settle} after everything healed"
            ));
            Outcome::NotSilent
        } else {
            Outcome::Passed
        };
        Ok((verdict, snapshot))
    }

    /// Replicas that seem to lack edits are saved and loaded again: a load names
    /// everything that is held, also what came as part of something else.
    fn ask_laggards(&mut self) -> Result<(), Stop> {
        let laggards: Vec<_> = self.measures.sightings.laggards().collect();
        for id in laggards {
            let setup = self.lab.setup(crate::engine::ReplicaId([0x5a; 16]), Role::Client);
            let (mut heap, mut work) = (Heap::default(), Work(0));
            let Some(replica) = self.nodes[id.0 as usize].replica_mut() else { continue };
            let whole =
                self.lab.call(self.now, &mut heap, &mut work, || replica.save(Save::Whole))?;
            let (engine, stored) = (self.lab.engine, [whole]);
            let mut loaded = self
                .lab
                .call(self.now, &mut heap, &mut work, || engine.load(&setup, &stored))?
                .map_err(|error| Stop::Violated(format!("loading what was just saved: {error}")))?;
            let mut seen = Vec::new();
            loaded.newly_seen(&mut seen);
            for seen in seen {
                self.measures.sightings.saw(id, seen, self.now, |_| {});
            }
        }
        Ok(())
    }

    fn who_lags(&self) -> String {
        const NAMED_MAX: usize = 8;
        let laggards: Vec<_> = self.measures.sightings.laggards().collect();
        let named: Vec<_> =
            laggards.iter().take(NAMED_MAX).map(|node| node.0.to_string()).collect();
        let more = if laggards.len() > NAMED_MAX { " and others" } else { "" };
        format!(
            "{} of {} replicas lack edits that others hold, {} after everything healed: {}{more}",
            laggards.len(),
            self.nodes.len(),
            self.scenario.settle,
            named.join(", ")
        )
    }

    fn read_all(&mut self, violations: &mut Vec<String>) -> Result<Vec<(NodeId, Document)>, Stop> {
        let mut documents = Vec::new();
        for (id, node) in self.nodes.iter_mut().enumerate() {
            let Some(replica) = node.replica_mut() else {
                violations.push(format!("device {id} never started again after its crash"));
                continue;
            };
            let pending = ask(self.lab.sandbox, || replica.pending())?;
            if pending > 0 {
                violations.push(format!(
                    "replica {id} still waits for what {pending} of its updates build on"
                ));
            }
            let mut document = Document::default();
            // Reading may decode: it counts as the engine's wall time alone.
            self.lab.call(self.now, &mut Heap::default(), &mut Work(0), || {
                document = replica.read();
            })?;
            documents.push((NodeId(id as u32), document));
        }
        Ok(documents)
    }

    /// For each group whose platform would have ended the app on some of its
    /// devices: the worst of them.
    fn out_of_memory(&self) -> impl Iterator<Item = String> {
        let groups = self.measures.groups.len();
        (0..groups).filter_map(|group| {
            let members =
                self.nodes.iter().enumerate().filter(|(_, node)| node.kind().group == group);
            let over: Vec<_> = members
                .filter(|(_, node)| node.heap().peak_bytes() > node.kind().device.memory_bytes)
                .collect();
            let (id, node) =
                over.iter().min_by_key(|(_, node)| Reverse(node.heap().peak_bytes()))?;
            let device = &node.kind().device;
            Some(format!(
                "replica {id} came to {} bytes of memory, and {} ends an app at {}: {} of \
                 its group went over",
                node.heap().peak_bytes(),
                device.name,
                device.memory_bytes,
                over.len(),
            ))
        })
    }

    /// Saves the first replica whole and loads it again.
    fn snapshot(&mut self, documents: &[(NodeId, Document)]) -> Result<Option<Snapshot>, Stop> {
        let Some((id, document)) = documents.first() else { return Ok(None) };
        let setup = self.lab.setup(crate::engine::ReplicaId([0x5a; 16]), Role::Client);
        let node = &mut self.nodes[id.0 as usize];
        let Some(replica) = node.replica_mut() else { return Ok(None) };
        let (mut encode, mut parse, mut heap) = (Work(0), Work(0), Heap::default());
        let whole =
            self.lab.call(self.now, &mut heap, &mut encode, || replica.save(Save::Whole))?;
        let (bytes, engine) = (whole.len() as u64, self.lab.engine);
        let stored = [whole];
        self.lab
            .call(self.now, &mut heap, &mut parse, || engine.load(&setup, &stored))?
            .map_err(|error| Stop::Violated(format!("loading what was just saved: {error}")))?;
        let visible_bytes = document.visible_bytes();
        Ok(Some(Snapshot { bytes, visible_bytes, encode, parse }))
    }

    fn drop_replicas(&mut self) -> Result<(), Panicked> {
        let replicas: Vec<_> = self.nodes.iter_mut().filter_map(Node::take_replica).collect();
        ask(self.lab.sandbox, || drop(replicas))
    }

    fn measured(mut self, room: u32, verdict: Verdict, snapshot: Option<&Snapshot>) -> Measured {
        let info = self.lab.engine.info();
        if let Some(snapshot) = snapshot {
            self.measure_cold_starts(snapshot);
        }
        let mut not_visible: BTreeMap<usize, u64> = BTreeMap::new();
        for origin in self.measures.sightings.not_visible() {
            *not_visible.entry(self.nodes[origin.0 as usize].kind().group).or_default() += 1;
        }
        let histograms = std::mem::take(&mut self.measures.groups);
        let groups = histograms.into_iter().enumerate().map(|(number, histograms)| {
            let members: Vec<&Node> =
                self.nodes.iter().filter(|node| node.kind().group == number).collect();
            let lost = not_visible.get(&number).copied().unwrap_or(0);
            GroupMeasured { metrics: node_metrics(&members, lost, self.now), histograms }
        });
        let groups = groups.collect();
        let everyone: Vec<&Node> = self.nodes.iter().collect();
        let mut metrics = node_metrics(&everyone, not_visible.values().sum(), self.now);
        self.add_run_metrics(&mut metrics, snapshot);
        let outside = self.outside.as_ref();
        Measured {
            engine: info.name.to_owned(),
            engine_version: info.version.to_owned(),
            authority: info.authority,
            simulator: outside.map_or("event", |outside| outside.simulator).to_owned(),
            not_honoured: outside.map_or_else(Vec::new, |outside| outside.not_honoured.clone()),
            cpu: self.lab.mode,
            ended_at: self.now,
            events: self.events,
            rooms: [(room, RoomEnd { audit: self.audit.to_hex(), verdict })].into(),
            metrics,
            groups,
            convergence_time: self.measures.convergence_time,
            message_size: self.measures.message_size,
            engine_call_work: self.lab.call_work,
            timelines: Some(Timelines { behind: self.measures.behind, bytes: self.measures.bytes }),
        }
    }

    /// What switching a device on would take now, one sample a group.
    fn measure_cold_starts(&mut self, snapshot: &Snapshot) {
        for (group, histograms) in self.measures.groups.iter_mut().enumerate() {
            let Some(node) = self.nodes.iter().find(|node| node.kind().group == group) else {
                continue;
            };
            let device = &node.kind().device;
            let read = device.storage.read_rate.time_for(snapshot.bytes);
            let parse = Cpu::time_for(&device.cpu, self.lab.model, snapshot.parse);
            histograms.cold_start.record((read + parse).as_nanos());
        }
    }

    fn add_run_metrics(&self, metrics: &mut BTreeMap<String, Metric>, snapshot: Option<&Snapshot>) {
        let measures = &self.measures;
        let reconvergence = &measures.reconvergence;
        let mut put = |name: &str, value: u64| {
            metrics.insert(name.to_owned(), metric(name, value));
        };
        put("reconvergence_bytes", reconvergence.total.bytes);
        put("reconvergence_round_trips", reconvergence.round_trips);
        put("reconvergence_cpu_work", reconvergence.total.work.0);
        put("reconvergence_energy_uj", reconvergence.total.energy_uj);
        put("overwritten_concurrently", measures.overwritten);
        put("dropped_messages", measures.dropped);
        put("duplicated_messages", measures.duplicated);
        if let Some(snapshot) = snapshot {
            put("document_bytes", snapshot.bytes);
            put("history_bytes", snapshot.bytes.saturating_sub(snapshot.visible_bytes));
            put("encode_work", snapshot.encode.0);
            put("parse_work", snapshot.parse.0);
        }
    }
}

fn verdict_of(stop: &Stop) -> Verdict {
    let outcome = match stop {
        Stop::Panicked(_) => Outcome::Panicked,
        Stop::Unsupported(_) => Outcome::Unsupported,
        Stop::Violated(_) => Outcome::Violated,
    };
    Verdict { outcome, converged: false, document: None, violations: vec![stop.to_string()] }
}

/// Sums over nodes; of heap and battery, the worst.
fn node_metrics(nodes: &[&Node], not_visible: u64, now: Time) -> BTreeMap<String, Metric> {
    let mut metrics = BTreeMap::new();
    let mut put = |name: &str, value: u64| {
        metrics.insert(name.to_owned(), metric(name, value));
    };
    let sum = |of: &dyn Fn(&Node) -> u64| nodes.iter().map(|node| of(node)).sum::<u64>();
    put("edits", sum(&|node| node.tally().edits));
    put("edits_rejected", sum(&|node| node.tally().edits_rejected));
    put("edits_skipped", sum(&|node| node.tally().edits_skipped));
    put("edits_not_visible", not_visible);
    put("wire_bytes_sent", sum(&|node| node.tally().wire_bytes_sent));
    put("wire_bytes_received", sum(&|node| node.tally().wire_bytes_received));
    put("wire_messages", sum(&|node| node.tally().wire_messages));
    put("payload_bytes", sum(&|node| node.tally().payload_bytes));
    put("cpu_time_ns", nodes.iter().map(|node| node.cpu_busy().as_nanos()).sum());
    put("cpu_work", sum(&|node| node.tally().work.0));
    put("reconnects", sum(&|node| node.tally().reconnects));
    put("crashes", sum(&|node| node.tally().crashes));
    put("heap_live_bytes", sum(&|node| node.heap().live_bytes()));
    let peak = nodes.iter().map(|node| node.heap().peak_bytes()).max();
    put("heap_peak_bytes", peak.unwrap_or(0));
    put("stored_bytes", sum(&|node| node.storage().bytes()));
    put("storage_writes", sum(&|node| node.storage().writes()));
    put("storage_flushes", sum(&|node| node.storage().flushes()));
    let ledgers: Vec<Ledger> = nodes.iter().map(|node| node.ledger(now)).collect();
    let total: Ledger = ledgers.iter().copied().sum();
    put("energy_cpu_uj", total.cpu);
    put("energy_radio_uj", total.radio());
    put("energy_radio_tail_uj", total.radio_tail);
    put("energy_storage_uj", total.storage);
    put("energy_base_uj", total.base);
    put("energy_uj", total.total());
    put("radio_wakeups", sum(&|node| node.radio_wakeups()));
    let span = now - Time::ZERO;
    let shares = ledgers
        .iter()
        .zip(nodes)
        .filter_map(|(ledger, node)| ledger.battery_ppm_per_hour(&node.kind().device, span));
    if let Some(worst) = shares.reduce(BatteryShare::worse) {
        put("battery_ppm_per_hour", worst.nominal);
        put("battery_ppm_per_hour_low", worst.low);
        put("battery_ppm_per_hour_high", worst.high);
    }
    metrics
}
