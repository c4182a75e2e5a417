//! `deadzone gate`: what moved, and the exit code that says so.

use deadzone_core::record::{Better, Outcome, Results};

use super::bench::Bench;

/// A bench with the results of two runs in `base.json`.
fn bench() -> (Bench, Results) {
    let bench = Bench::new();
    let results = bench.run("tiny.toml", "out", &["--seeds", "1..3"]);
    write(&bench, "base.json", &results);
    (bench, results)
}

fn write(bench: &Bench, name: &str, results: &Results) {
    bench.write(name, serde_json::to_string_pretty(results).expect("results are JSON"));
}

/// Holds results changed by `change` against those unchanged; the digest fits.
fn check(code: i32, more: &[&str], change: impl FnOnce(&mut Results)) -> String {
    let (bench, mut results) = bench();
    change(&mut results);
    let Results { build, runs, environment, .. } = results;
    write(&bench, "new.json", &Results::new(build, runs, environment));
    bench.expect(code, &[&["gate", "base.json", "new.json"], more].concat()).stdout
}

/// Changes the metric of the first run by percents.
fn scale(results: &mut Results, name: &str, percent: u64) {
    let metric = results.runs[0].metrics.get_mut(name).expect("there is such a metric");
    assert_eq!(metric.better, Better::Less, "{name}");
    assert!(metric.value >= 1_000, "{name} is too small to tell per cents apart");
    metric.value = metric.value * percent / 100;
}

#[test]
fn the_same_is_the_same() {
    check(0, &[], |_| {});
    let said = check(0, &[], |results| {
        results.environment.host = "elsewhere".to_owned();
        results.environment.wall_time_ns *= 2;
    });
    assert!(said.contains("same"), "{said}");
}

#[test]
fn worse_and_better() {
    let said = check(3, &[], |results| scale(results, "wire_bytes_sent", 110));
    assert!(said.contains("wire_bytes_sent"), "{said}");
    check(0, &[], |results| scale(results, "wire_bytes_sent", 90));
    check(3, &[], |results| {
        scale(results, "wire_bytes_sent", 101);
        scale(results, "cpu_work", 50);
    });
}

#[test]
fn tolerances_cover_what_they_name() {
    for (code, tolerance) in [
        (0, "wire_bytes_sent=10%"),
        (3, "wire_bytes_sent=9.9%"),
        (3, "cpu_work=50%"),
        (0, "all=20%"),
        (0, "simulated=20%"),
        (3, "counted=20%"),
    ] {
        check(code, &["--tolerance", tolerance], |results| {
            scale(results, "wire_bytes_sent", 110);
        });
    }
}

#[test]
fn a_tolerance_for_nothing_is_bad_usage() {
    let (bench, _) = bench();
    for (tolerance, said) in [
        ("wire_bytes_snet=10%", "did you mean `wire_bytes_sent`?"),
        ("=1%", "no name before the `=`"),
        ("cpu_work", "no `=`"),
    ] {
        let found = bench.refused(&["gate", "base.json", "base.json", "--tolerance", tolerance]);
        assert!(found.contains(said), "{found}");
    }
}

#[test]
fn what_is_missing_is_worse() {
    check(3, &[], |results| results.runs.truncate(1));
    check(3, &[], |results| results.runs.clear());
    check(3, &[], |results| {
        results.runs[0].metrics.remove("cpu_work").expect("there is such a metric");
    });
    check(3, &[], |results| {
        results.runs[0].histograms.clear();
    });
    check(3, &[], |results| {
        results.runs[1].verdict.outcome = Outcome::Violated;
    });
}

#[test]
fn another_build_or_scenario_is_incomparable() {
    let said = check(7, &[], |results| results.build.rustc = "rustc 9.0.0".to_owned());
    assert!(said.contains("rustc 9.0.0"), "{said}");
    check(7, &[], |results| results.build.target = "riscv64gc-unknown-linux-gnu".to_owned());
    check(7, &[], |results| {
        for run in &mut results.runs {
            run.scenario_digest = "another".to_owned();
        }
    });
}

/// Whatever is not comparable: what got worse among the rest counts more.
#[test]
fn a_regression_beside_another_scenario() {
    check(3, &[], |results| {
        scale(results, "wire_bytes_sent", 110);
        results.runs[1].scenario_digest = "another".to_owned();
    });
}

#[test]
fn markdown_for_the_summary_of_a_job() {
    let said = check(3, &["--format", "markdown"], |results| {
        scale(results, "wire_bytes_sent", 110);
    });
    assert!(said.contains("| "), "{said}");
    assert!(said.contains("wire") && !said.contains('\u{1b}'), "{said}");
}

#[test]
fn update_takes_the_new_results() {
    let (bench, _) = bench();
    let other = bench.run("tiny.toml", "other", &["--seed", "9"]);
    bench.expect(3, &["gate", "base.json", "other/results.json"]);
    bench.expect(0, &["gate", "base.json", "other/results.json", "--update"]);
    assert_eq!(bench.read("base.json"), bench.read("other/results.json"));
    bench.expect(0, &["gate", "base.json", "other/results.json"]);
    // Where there was none before.
    bench.expect(0, &["gate", "first.json", "other/results.json", "--update"]);
    assert_eq!(bench.read("first.json"), bench.read("other/results.json"));
    assert_eq!(other.runs.len(), 1);
}

#[test]
fn files_that_are_no_results() {
    let (bench, results) = bench();
    let whole = bench.read("base.json");
    bench.write("half.json", &whole[..whole.len() / 2]);
    bench.write("empty.json", "");
    bench.write("other.json", "{}");
    bench.write("newer.json", whole.replacen("\"schema\": 1", "\"schema\": 2", 1));
    bench.write("lacking.json", "{ \"schema\": 1 }");
    bench.write("bytes.json", b"\xff\xfe");
    let mut tampered = results;
    tampered.runs[0].events += 1;
    write(&bench, "tampered.json", &tampered);
    let mut said = String::new();
    for wrong in ["empty", "other", "newer", "lacking", "bytes", "tampered", "gone"] {
        let wrong = format!("{wrong}.json");
        said += &bench.refused(&["gate", "base.json", &wrong]);
        bench.refused(&["gate", &wrong, "base.json"]);
        bench.refused(&["gate", "base.json", &wrong, "--update"]);
        bench.refused(&["report", &wrong]);
    }
    for tolerance in ["cpu_work", "=1%", "cpu_work=much", "cpu_work=-1%", "cpu_work=1001%"] {
        said += &bench.refused(&["gate", "base.json", "base.json", "--tolerance", tolerance]);
    }
    insta::assert_snapshot!(said);
    // Where it breaks off depends on the results.
    assert!(bench.refused(&["gate", "base.json", "half.json"]).contains("half.json:"));
    assert_eq!(bench.read("base.json"), whole);
}
