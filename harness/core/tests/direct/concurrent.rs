//! Concurrent traces, made so that everybody writes a line of their own: then
//! what they lead to is known without merging anything.

use std::collections::BTreeSet;

use deadzone_adapter_baselines::Reference;
use deadzone_core::direct::DirectError;
use deadzone_core::record::{CpuMode, Outcome};
use deadzone_core::sandbox::Uncounted;
use deadzone_core::scenario::Benchmark;
use deadzone_core::workload::Trace;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{assert_passed, run, scenario};

/// A line that one agent writes in one place; an agent with two lines works in
/// two places at once.
struct Line {
    text: Vec<char>,
    /// The latest transaction on it.
    latest: usize,
}

/// A trace under construction.
struct Author {
    agents: usize,
    lines: Vec<Line>,
    transactions: Vec<Value>,
    /// By transaction: which ones it knows, itself included.
    known: Vec<BTreeSet<usize>>,
    /// By transaction: its line and how much longer it made it.
    grown: Vec<(usize, i64)>,
}

impl Author {
    /// Agents take the lines by turns.
    fn new(agents: usize, lines: usize) -> Self {
        let patch = json!([0, 0, "\n".repeat(lines)]);
        Self {
            agents,
            lines: (0..lines).map(|_| Line { text: Vec::new(), latest: 0 }).collect(),
            transactions: vec![json!({"parents": [], "agent": 0, "patches": [patch]})],
            known: vec![BTreeSet::from([0])],
            grown: vec![(0, 0)],
        }
    }

    /// Writes `text` into (or deletes from) line `line` at `place`, knowing the
    /// line's own past and what `others` knew.
    fn write(&mut self, line: usize, place: usize, text: &str, others: &[usize]) {
        let mut parents: BTreeSet<usize> = others.iter().copied().collect();
        parents.insert(self.lines[line].latest);
        let mut known: BTreeSet<usize> =
            parents.iter().flat_map(|parent| &self.known[*parent]).copied().collect();
        let before: i64 = known
            .iter()
            .map(|&number| self.grown[number])
            .filter(|(other, _)| *other < line)
            .map(|(_, grown)| grown)
            .sum();
        let own = &mut self.lines[line].text;
        let place = place % (own.len() + 1);
        let deleted = usize::from(text.is_empty() && place < own.len());
        own.splice(place..place + deleted, text.chars());
        let index = before as usize + line + place;
        let number = self.transactions.len();
        self.grown.push((line, text.chars().count() as i64 - deleted as i64));
        known.insert(number);
        self.known.push(known);
        self.lines[line].latest = number;
        let parents: Vec<_> = parents.into_iter().collect();
        self.transactions.push(json!({
            "parents": parents,
            "agent": line % self.agents,
            "patches": [[index, deleted, text]],
        }));
    }

    fn finish(self) -> Trace {
        let lines = self.lines.iter().flat_map(|line| line.text.iter().copied().chain(['\n']));
        let trace = json!({
            "kind": "concurrent",
            "endContent": lines.collect::<String>(),
            "numAgents": self.agents,
            "txns": self.transactions,
        });
        Trace::parse("made", trace.to_string().as_bytes()).expect("well-formed")
    }
}

fn replay(trace: &Trace) -> deadzone_core::record::RunRecord {
    run(&Reference, Benchmark::Trace { file: Some("made".to_owned()) }, 1, Some(trace))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn everybody_sees_exactly_what_they_knew(
        agents in 1_usize..4,
        lines in 1_usize..5,
        writes in prop::collection::vec(
            (
                any::<prop::sample::Index>(),
                any::<u8>(),
                "[ab😀é]{0,3}",
                prop::collection::vec(any::<prop::sample::Index>(), 0..3),
            ),
            1..40,
        ),
    ) {
        let mut author = Author::new(agents, lines);
        for (line, place, text, others) in &writes {
            let made = author.transactions.len();
            let others: Vec<_> = others.iter().map(|other| other.index(made)).collect();
            author.write(line.index(lines), place.to_owned().into(), text, &others);
        }
        let record = replay(&author.finish());
        prop_assert_eq!(record.verdict.outcome, Outcome::Passed, "{:?}", record.verdict);
    }
}

#[test]
fn an_agent_in_two_places_is_two_replicas() {
    let mut author = Author::new(1, 2);
    author.write(0, 0, "one", &[]);
    author.write(1, 0, "two", &[]);
    author.write(0, 3, "!", &[]);
    author.write(1, 3, "!", &[]);
    let record = replay(&author.finish());
    assert_passed(&record);
    assert_eq!(record.devices, 2);
}

#[test]
fn an_agent_that_follows_itself_is_one_replica() {
    let mut author = Author::new(2, 2);
    for round in 0..10 {
        let latest = author.transactions.len() - 1;
        author.write(round % 2, 0, "x", &[latest]);
    }
    let record = replay(&author.finish());
    assert_passed(&record);
    assert_eq!(record.devices, 2);
    assert_eq!(record.metrics["edits"].value, 11);
}

#[test]
fn a_wrong_end_is_a_violation() {
    let json = r#"{"kind": "concurrent", "endContent": "ba", "numAgents": 1, "txns": [
        {"parents": [], "agent": 0, "patches": [[0, 0, "ab"]]}]}"#;
    let record = replay(&Trace::parse("wrong", json.as_bytes()).unwrap());
    assert_eq!(record.verdict.outcome, Outcome::Violated);
    insta::assert_snapshot!(record.verdict.violations.join("\n"));
}

#[test]
fn positions_beyond_the_text_name_the_transaction() {
    for text in ["ab", "a😀"] {
        let json = format!(
            r#"{{"kind": "concurrent", "endContent": "", "numAgents": 2, "txns": [
                {{"parents": [], "agent": 0, "patches": [[0, 0, "{text}"]]}},
                {{"parents": [0], "agent": 1, "patches": [[1, 5, ""]]}}]}}"#
        );
        let record = replay(&Trace::parse("wrong", json.as_bytes()).unwrap());
        assert_eq!(record.verdict.outcome, Outcome::Violated);
        let said = &record.verdict.violations[0];
        assert!(said.starts_with("transaction 1 of agent 1: "), "{said}");
    }
}

#[test]
fn an_empty_trace_is_an_empty_document() {
    let json = r#"{"kind": "concurrent", "endContent": "", "numAgents": 0, "txns": []}"#;
    assert_passed(&replay(&Trace::parse("empty", json.as_bytes()).unwrap()));
}

#[test]
fn replicas_are_bounded() {
    // Everybody starts from the first transaction, in a replica of their own.
    let txns = (0..5_000).map(|agent| {
        let parents = if agent == 0 { vec![] } else { vec![0] };
        json!({"parents": parents, "agent": agent, "patches": [[0, 0, "a"]]})
    });
    let trace = json!({
        "kind": "concurrent", "endContent": "", "txns": txns.collect::<Vec<_>>(),
    });
    let trace = Trace::parse("crowd", trace.to_string().as_bytes()).unwrap();
    let scenario = scenario(Benchmark::Trace { file: Some("crowd".to_owned()) }, 1);
    let outcome = deadzone_core::direct::run(
        &scenario,
        1,
        &Reference,
        &mut Uncounted,
        CpuMode::Off,
        Some(&trace),
    );
    assert!(matches!(outcome, Err(DirectError::TooManyReplicas { transaction: 4_096, .. })));
}
