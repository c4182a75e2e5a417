//! B1, B2 and B3.

use deadzone_adapter_baselines::Reference;
use deadzone_core::direct::{DirectError, MAX_OPERATIONS_B3};
use deadzone_core::record::CpuMode;
use deadzone_core::sandbox::Uncounted;
use deadzone_core::scenario::Benchmark::{self, *};

use super::{assert_passed, figure, run, scenario};

const B1: [Benchmark; 11] = [B1_1, B1_2, B1_3, B1_4, B1_5, B1_6, B1_7, B1_8, B1_9, B1_10, B1_11];
const B2: [Benchmark; 4] = [B2_1, B2_2, B2_3, B2_4];
const B3: [Benchmark; 4] = [B3_1, B3_2, B3_3, B3_4];

/// How many transactions a benchmark of B1 makes with N = 60.
fn transactions(benchmark: &Benchmark) -> u64 {
    match benchmark {
        B1_2 | B1_9 => 1,
        B1_6 => 2,
        _ => 60,
    }
}

#[test]
fn b1_counts_the_first_replica_alone() {
    for benchmark in B1 {
        let made = transactions(&benchmark);
        let record = run(&Reference, benchmark, 60, None);
        assert_passed(&record);
        assert_eq!(record.devices, 2);
        assert_eq!(figure(&record, "edits"), made);
        // An edit and its updates are a call each.
        assert_eq!(figure(&record, "cpu_work"), 2 * made);
        assert_eq!(figure(&record, "encode_work"), 1);
        assert_eq!(figure(&record, "parse_work"), 1);
        // Two creations, and an application at the other replica each.
        assert_eq!(record.events, 2 + 3 * made + 2);
        assert_eq!(record.histograms["message_size"].count, made);
        assert_eq!(record.histograms["engine_call_work"].count, record.events);
    }
}

#[test]
fn means_divide_by_what_the_original_divides_by() {
    let mean = |benchmark, operations| {
        let record = run(&Reference, benchmark, operations, None);
        (figure(&record, "update_bytes_total"), figure(&record, "update_bytes_mean"))
    };
    let rounded = |total: u64, by: u64| (total + by / 2) / by;
    let (total, average) = mean(B1_1, 30);
    assert_eq!(average, rounded(total, 30));
    let (total, average) = mean(B1_6, 30);
    assert_eq!(average, total, "two transactions are one input");
    let (total, average) = mean(B2_2, 30);
    assert_eq!(average, rounded(total, 2), "three updates by two");
    let (total, average) = mean(B3_1, 30);
    assert_eq!(average, rounded(total, 100));
}

#[test]
fn b2_counts_both_replicas_and_their_exchange() {
    for benchmark in B2 {
        let record = run(&Reference, benchmark, 40, None);
        assert_passed(&record);
        assert_eq!(record.devices, 2);
        assert_eq!(figure(&record, "edits"), 3, "the initial text and one each");
        assert_eq!(figure(&record, "cpu_work"), 6);
        assert!(figure(&record, "payload_bytes") > 100);
    }
}

#[test]
fn b3_counts_the_second_replica_alone() {
    for benchmark in B3 {
        let record = run(&Reference, benchmark, 40, None);
        assert_passed(&record);
        assert_eq!(record.devices, 20 * 6);
        assert_eq!(figure(&record, "edits"), 20 * 6);
        assert_eq!(figure(&record, "cpu_work"), 1);
    }
}

#[test]
fn the_same_seed_gives_the_same_record() {
    for benchmark in [B1_7, B2_4, B3_4] {
        let once = run(&Reference, benchmark.clone(), 40, None);
        assert_eq!(once, run(&Reference, benchmark.clone(), 40, None));
        let other = deadzone_core::direct::run(
            &scenario(benchmark, 40),
            8,
            &Reference,
            &mut Uncounted,
            CpuMode::Off,
            None,
        );
        let other = other.expect("the scenario is fine");
        assert_ne!(once.audit, other.audit);
        assert_eq!(once.scenario_digest, other.scenario_digest);
        assert_eq!(figure(&other, "cpu_work"), 0);
    }
}

#[test]
fn operations_are_bounded() {
    let refused = |benchmark, operations| {
        let scenario = scenario(benchmark, operations);
        let mut sandbox = Uncounted;
        deadzone_core::direct::run(&scenario, 1, &Reference, &mut sandbox, CpuMode::Off, None)
            .expect_err("out of bounds")
    };
    assert!(matches!(refused(B1_1, 0), DirectError::Operations { .. }));
    insta::assert_snapshot!(
        refused(B3_1, MAX_OPERATIONS_B3 + 1),
        @"test: operations = 100001 is out of bounds; expected 1 to 100000"
    );
}
