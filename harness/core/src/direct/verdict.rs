//! What is checked at the end, and the record that comes of a run.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Driven;
use super::bench::{Bench, Client, Stop, Tally};
use crate::document::{Document, Node};
use crate::edit::{Action, Edit};
use crate::engine::EngineInfo;
use crate::measure::metric;
use crate::record::{CpuMode, Metric, MetricKind, Outcome, RunRecord, Verdict};
use crate::scenario::DirectScenario;
use crate::units::Work;
use crate::workload::difference;

/// The documents at the end, and what is wrong with them.
pub(super) struct Findings {
    document: Document,
    converged: bool,
    violations: Vec<String>,
}

/// What is measured once, at the end.
pub(super) struct Figures {
    /// What the original's mean of update sizes divides by.
    pub(super) mean_of: u64,
    /// See the metric.
    pub(super) encode_work: Work,
    /// See the metric.
    pub(super) parse_work: Work,
    /// See the metric.
    pub(super) document_bytes: u64,
    /// Of the loaded replica.
    pub(super) heap_live_bytes: u64,
}

impl Findings {
    /// Compares the documents of all `clients`, of which there is at least one.
    pub(super) fn of_all<'a>(
        bench: &mut Bench<'_>,
        clients: impl IntoIterator<Item = &'a mut Client>,
    ) -> Result<Self, Stop> {
        let mut findings =
            Self { document: Document::default(), converged: true, violations: Vec::new() };
        for (number, client) in clients.into_iter().enumerate() {
            let pending = bench.pending(client)?;
            if pending > 0 {
                findings.violated(format!(
                    "replica {number} was given all updates, but {pending} of them still wait"
                ));
            }
            let document = bench.read(client)?;
            if number == 0 {
                findings.document = document;
            } else if document != findings.document {
                findings.converged = false;
                findings.compare(&format!("replica {number}"), "replica 0", &document);
            }
        }
        Ok(findings)
    }

    /// Something is wrong.
    pub(super) fn violated(&mut self, what: String) {
        self.violations.push(what);
    }

    /// What the edits, done one after the other, lead to.
    pub(super) fn check_root(&mut self, root: &str, expected: &Node) {
        let found = self.document.roots.get(root);
        if found != Some(expected) {
            let what = found.map_or("it is missing".to_owned(), |found| apart(expected, found));
            self.violated(format!("`{root}` is not what the edits lead to: {what}"));
        }
    }

    /// The same of a text.
    pub(super) fn check_text(&mut self, root: &str, expected: &str) {
        let found = self.document.roots.get(root).map(plain_text).unwrap_or_default();
        if let Some(what) = difference(expected, &found) {
            self.violated(format!("`{root}` does not end as the trace does: {what}"));
        }
    }

    /// Of concurrent edits, every insertion is there once, and a key holds what
    /// one of the clients put.
    pub(super) fn check_contributions(&mut self, root: &str, clients: &[Vec<Edit>]) {
        let mut put: Vec<Node> = clients.iter().flatten().flat_map(contributions).collect();
        let holds = match self.document.roots.get(root) {
            Some(Node::List(found)) => {
                let text = |node: &Node| serde_json::to_string(node).expect("always JSON");
                let mut found = found.clone();
                found.sort_by_cached_key(text);
                put.sort_by_cached_key(text);
                found == put
            }
            Some(Node::Map(found)) => {
                found.len() == 1 && found.values().all(|value| put.contains(value))
            }
            _ => false,
        };
        if !holds {
            self.violated(format!(
                "`{root}` does not hold what {} clients put there: something is lost, doubled or \
                 made up",
                clients.len()
            ));
        }
    }

    /// The document loaded from what was saved.
    pub(super) fn check_loaded(&mut self, document: &Document) {
        if *document != self.document {
            self.compare("the document loaded from what was saved", "the one saved", document);
        }
    }

    fn compare(&mut self, who: &str, whom: &str, found: &Document) {
        let parted = |(name, expected): (&String, &Node)| match found.roots.get(name) {
            Some(found) if found == expected => None,
            Some(found) => Some(format!("`{name}`: {}", apart(expected, found))),
            None => Some(format!("`{name}` is missing")),
        };
        let what = self.document.roots.iter().find_map(parted);
        let what = what.unwrap_or_else(|| "it has more roots".to_owned());
        self.violated(format!("{who} differs from {whom}: {what}"));
    }
}

/// Where two nodes differ, in words.
fn apart(expected: &Node, found: &Node) -> String {
    match (expected, found) {
        (Node::Text(_), Node::Text(_)) => difference(&plain_text(expected), &plain_text(found))
            .unwrap_or_else(|| "the marks differ".to_owned()),
        (Node::List(expected), Node::List(found)) => {
            let common = expected.iter().zip(found).take_while(|(a, b)| a == b).count();
            let (expected, found) = (expected.len(), found.len());
            format!("expected {expected} elements, found {found}; they part at element {common}")
        }
        _ => {
            let short = |node: &Node| digest(node)[..8].to_owned();
            format!("expected content of digest {}, found {}", short(expected), short(found))
        }
    }
}

fn plain_text(node: &Node) -> String {
    match node {
        Node::Text(runs) => runs.iter().map(|run| run.text.as_str()).collect(),
        _ => String::new(),
    }
}

fn contributions(edit: &Edit) -> Vec<Node> {
    match &edit.action {
        Action::Put { value, .. } => vec![Node::of(value)],
        Action::Insert { values, .. } => values.iter().map(Node::of).collect(),
        _ => Vec::new(),
    }
}

/// SHA-256 over the JSON of `value`, in hex.
pub(super) fn digest(value: &impl Serialize) -> String {
    let mut hash = Sha256::new();
    serde_json::to_writer(&mut hash, value).expect("hashing cannot fail, and it is always JSON");
    crate::digest::hex(&hash.finalize())
}

/// The record of a run.
pub(super) fn record(
    scenario: &DirectScenario,
    seed: u64,
    info: &EngineInfo,
    mode: CpuMode,
    tally: &Tally,
    plan_digest: String,
    driven: Driven,
) -> RunRecord {
    let mut metrics = BTreeMap::new();
    let mut histograms = BTreeMap::new();
    let verdict = match driven {
        Ok((findings, figures)) => {
            metrics = self::metrics(tally, &figures, findings.document.visible_bytes(), mode);
            histograms = BTreeMap::from([
                ("engine_call_work".to_owned(), tally.calls.to_record("work")),
                ("message_size".to_owned(), tally.sizes.to_record("bytes")),
            ]);
            findings.verdict()
        }
        Err(stop) => stop.verdict(),
    };
    RunRecord {
        scenario: scenario.name.clone(),
        engine: info.name.to_owned(),
        engine_version: info.version.to_owned(),
        seed,
        simulator: "direct".to_owned(),
        not_honoured: Vec::new(),
        cpu: mode,
        scenario_digest: digest(scenario),
        plan_digest,
        parameters: BTreeMap::new(),
        devices: tally.replicas,
        virtual_time_ns: 0,
        events: tally.events,
        audit: crate::digest::hex(&tally.audit.digest().to_be_bytes()),
        verdict,
        metrics,
        histograms,
        groups: BTreeMap::new(),
        series: BTreeMap::new(),
    }
}

impl Findings {
    fn verdict(self) -> Verdict {
        let held = self.violations.is_empty();
        Verdict {
            outcome: if held { Outcome::Passed } else { Outcome::Violated },
            converged: self.converged,
            document: self.converged.then(|| self.document.digest()),
            violations: self.violations,
        }
    }
}

impl Stop {
    fn verdict(self) -> Verdict {
        let (outcome, what) = match self {
            Self::Panicked(what) => (Outcome::Panicked, what),
            Self::Unsupported(what) => (Outcome::Unsupported, what),
            Self::Failed(what) => (Outcome::Violated, what),
        };
        Verdict { outcome, converged: false, document: None, violations: vec![what] }
    }
}

fn metrics(
    tally: &Tally,
    figures: &Figures,
    visible_bytes: u64,
    mode: CpuMode,
) -> BTreeMap<String, Metric> {
    let mean_of = figures.mean_of.max(1);
    let named = [
        ("cpu_work", tally.work.0),
        // Rounded, as the original does it.
        ("update_bytes_mean", (tally.update_bytes + mean_of / 2) / mean_of),
        ("update_bytes_total", tally.update_bytes),
        ("document_bytes", figures.document_bytes),
        ("history_bytes", figures.document_bytes.saturating_sub(visible_bytes)),
        ("encode_work", figures.encode_work.0),
        ("parse_work", figures.parse_work.0),
        ("heap_live_bytes", figures.heap_live_bytes),
        ("heap_peak_bytes", tally.heap_peak_bytes),
        ("edits", tally.edits),
        ("payload_bytes", tally.payload_bytes),
    ];
    let figure = |(name, value): (&str, u64)| {
        let mut figure = metric(name, value);
        if mode == CpuMode::Wall && figure.unit == "work" {
            figure.kind = MetricKind::Wall;
        }
        (name.to_owned(), figure)
    };
    named.into_iter().map(figure).collect()
}
