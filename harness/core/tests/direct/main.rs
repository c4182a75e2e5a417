//! The direct driver on the reference CRDT, on engines that do wrong, and on
//! traces.

mod concurrent;
mod faulty;
mod micro;
mod recorded;

use deadzone_core::edit::ContainerKind;
use deadzone_core::engine::Engine;
use deadzone_core::profile::CpuModel;
use deadzone_core::record::{CpuMode, Outcome, RunRecord};
use deadzone_core::sandbox::{Reading, Sandbox};
use deadzone_core::scenario::{Benchmark, DirectScenario};
use deadzone_core::time::Time;
use deadzone_core::workload::Trace;

/// A meter that counts one block for every call.
struct EveryCall;

impl Sandbox for EveryCall {
    fn start(&mut self) {}
    fn stop(&mut self) -> Reading {
        Reading { blocks: 1, ..Reading::default() }
    }
    fn blocks(&self) -> u64 {
        0
    }
    fn advance_to(&mut self, _now: Time) {}
}

fn scenario(benchmark: Benchmark, operations: u32) -> DirectScenario {
    DirectScenario {
        name: "test".to_owned(),
        question: "?".to_owned(),
        benchmark,
        operations,
        cpu_model: CpuModel {
            allocation_milliblocks: 0,
            allocated_byte_milliblocks: 0,
            block_picoseconds: 1_000,
            wasm_percent: 100,
        },
    }
}

fn run(
    engine: &dyn Engine,
    benchmark: Benchmark,
    operations: u32,
    trace: Option<&Trace>,
) -> RunRecord {
    let scenario = scenario(benchmark, operations);
    deadzone_core::direct::run(&scenario, 7, engine, &mut EveryCall, CpuMode::Counted, trace)
        .expect("the scenario is fine")
}

#[track_caller]
fn assert_passed(record: &RunRecord) {
    assert_eq!(record.verdict.outcome, Outcome::Passed, "{:?}", record.verdict);
    assert!(record.verdict.converged && record.verdict.document.is_some());
    assert_eq!(record.simulator, "direct");
    assert!(record.groups.is_empty() && record.series.is_empty());
}

fn figure(record: &RunRecord, name: &str) -> u64 {
    record.metrics[name].value
}

/// Roots of the benchmarks' documents, for engines that lack one.
const LIST: ContainerKind = ContainerKind::List;
