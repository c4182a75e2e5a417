//! Sequential traces, the synthetic one and recorded ones.

use std::path::PathBuf;

use deadzone_adapter_baselines::Reference;
use deadzone_core::direct::DirectError;
use deadzone_core::record::{CpuMode, Outcome};
use deadzone_core::sandbox::Uncounted;
use deadzone_core::scenario::Benchmark;
use deadzone_core::workload::Trace;

use super::{assert_passed, figure, run, scenario};

#[test]
fn the_synthetic_trace_ends_as_it_says() {
    let record = run(&Reference, Benchmark::Trace { file: None }, 600, None);
    assert_passed(&record);
    assert_eq!(figure(&record, "edits"), 600);
    assert_eq!(figure(&record, "cpu_work"), 1_200);
    assert_eq!(record.devices, 2);
    assert!(figure(&record, "history_bytes") < figure(&record, "document_bytes"));
}

/// A trace that starts with something and has a transaction of several patches.
fn small() -> Trace {
    let json = r#"{"startContent": "ab😀", "endContent": "xb!", "txns": [
        {"patches": [[2, 1, "!"], [0, 1, "x"]]}, {"patches": []}]}"#;
    Trace::parse("small", json.as_bytes()).unwrap()
}

#[test]
fn b4_makes_every_change_a_transaction() {
    let file = "small".to_owned();
    let b4 = run(&Reference, Benchmark::B4 { trace: file.clone() }, 1, Some(&small()));
    assert_passed(&b4);
    assert_eq!((figure(&b4, "edits"), b4.devices), (5, 1));
    assert_eq!(figure(&b4, "cpu_work"), 8, "the initial text is not timed");

    let other = run(&Reference, Benchmark::Trace { file: Some(file) }, 1, Some(&small()));
    assert_passed(&other);
    assert_eq!((figure(&other, "edits"), other.devices), (2, 2));
    assert_eq!(figure(&other, "cpu_work"), 2);
    assert_eq!(b4.verdict.document, other.verdict.document);
    assert_eq!(b4.plan_digest, other.plan_digest);
}

#[test]
fn a_trace_that_is_not_here_is_unsupported() {
    let record = run(&Reference, Benchmark::B4 { trace: "paper.json.gz".to_owned() }, 1, None);
    assert_eq!(record.verdict.outcome, Outcome::Unsupported);
    insta::assert_snapshot!(record.verdict.violations.join("\n"));
}

#[test]
fn b4_needs_a_sequential_trace() {
    let json = r#"{"kind": "concurrent", "endContent": "", "txns": []}"#;
    let trace = Trace::parse("c", json.as_bytes()).unwrap();
    let scenario = scenario(Benchmark::B4 { trace: "c".to_owned() }, 1);
    let mut sandbox = Uncounted;
    let outcome = deadzone_core::direct::run(
        &scenario,
        1,
        &Reference,
        &mut sandbox,
        CpuMode::Off,
        Some(&trace),
    );
    assert!(matches!(outcome, Err(DirectError::ConcurrentB4 { .. })));
}

/// Where recorded traces lie, if they are here.
fn traces() -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/traces");
    let folder = std::env::var_os("DEADZONE_TRACES").map_or_else(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// Every recorded trace that is here can be read, and the shorter ones are
/// replayed.
#[test]
fn recorded_traces_end_as_they_say() {
    let Some(folder) = traces() else { return };
    let mut files: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let trace = Trace::parse(&name, &std::fs::read(&file).unwrap()).unwrap();
        let transactions = match &trace {
            Trace::Sequential(trace) => trace.transactions.len(),
            Trace::Concurrent(trace) => trace.transactions.len(),
        };
        assert!(transactions > 0, "{name}");
        if transactions < 25_000 {
            let record = run(&Reference, Benchmark::Trace { file: Some(name) }, 1, Some(&trace));
            assert_passed(&record);
        }
    }
}
