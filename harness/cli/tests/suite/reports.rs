//! `deadzone report`: every format, from a results file alone.

use deadzone_core::record::Results;
use serde_json::Value;

use super::bench::Bench;

/// A bench with the results of two runs in `out`.
fn bench() -> Bench {
    let bench = Bench::new();
    bench.run("tiny.toml", "out", &["--seeds", "1..3"]);
    bench
}

fn report(bench: &Bench, format: &str) -> String {
    let said = bench.expect(0, &["report", "out/results.json", "--format", format]);
    assert_eq!(said.stderr, "", "{format}");
    let path = format!("report.{format}");
    bench.expect(0, &["report", "out/results.json", "--format", format, "--out", &path]);
    assert_eq!(bench.read(&path).trim_end(), said.stdout.trim_end(), "{format}");
    said.stdout
}

#[test]
fn pages_for_people() {
    let bench = bench();
    let html = report(&bench, "html");
    assert!(html.to_lowercase().starts_with("<!doctype html>") && html.contains("tiny"));
    let markdown = report(&bench, "markdown");
    assert!(markdown.contains("2 of 2 runs passed"), "{markdown}");
    assert!(markdown.contains("deadzone run"), "{markdown}");
    // Without a format it is the page.
    let said = bench.expect(0, &["report", "out/results.json"]);
    assert_eq!(said.stdout, html);
}

#[test]
fn files_for_machines() {
    let bench = bench();
    let junit = report(&bench, "junit");
    assert_eq!(junit.matches("<testcase ").count(), 2, "{junit}");

    let bmf: Value = serde_json::from_str(&report(&bench, "bmf")).expect("JSON");
    assert!(bmf.as_object().is_some_and(|benches| !benches.is_empty()), "{bmf}");

    let csv = report(&bench, "csv");
    let columns: Vec<_> = csv.lines().map(|line| line.split(',').count()).collect();
    assert!(columns.len() > 100 && columns.iter().all(|count| *count == columns[0]), "{csv}");
}

#[test]
fn folders_of_files() {
    let bench = bench();
    for format in ["svg", "gha"] {
        bench.expect(0, &["report", "out/results.json", "--format", format, "--out", format]);
    }
    let files = bench.files();
    let charts: Vec<_> = files.iter().filter(|name| name.ends_with(".svg")).collect();
    assert!(charts.iter().any(|name| name.starts_with("svg/")), "{files:?}");
    for chart in charts {
        assert!(bench.read(chart).contains("<svg"), "{chart}");
    }
    bench.expect(0, &["report", "out/results.json", "--format", "png", "--out", "png"]);
    let files = bench.files();
    let pictures: Vec<_> = files.iter().filter(|name| name.ends_with(".png")).collect();
    let drawings = files.iter().filter(|name| name.starts_with("svg/")).count();
    assert_eq!(pictures.len(), drawings, "{files:?}");
    for picture in pictures {
        let content = std::fs::read(bench.path().join(picture)).expect("it was just listed");
        assert!(content.starts_with(b"\x89PNG\r\n\x1a\n"), "{picture}");
    }
    for name in ["gha/gha-smaller.json", "gha/gha-bigger.json"] {
        let figures: Vec<Value> = serde_json::from_str(&bench.read(name)).expect("an array");
        for figure in &figures {
            assert!(figure["name"].is_string() && figure["value"].is_number(), "{figure}");
            assert!(figure["unit"].is_string(), "{figure}");
        }
    }
}

/// What `run` wrote and what `report` renders from it is the same.
#[test]
fn the_folder_and_the_reports_agree() {
    let bench = Bench::new();
    bench.run("tiny.toml", "out", &[]);
    bench.expect(0, &["run", "no-spinner", "--engine", "reference", "--quiet"]);
    for (file, format) in [("summary.md", "markdown"), ("junit.xml", "junit")] {
        let results = "deadzone-out/results.json";
        let said = bench.expect(0, &["report", results, "--format", format]);
        assert_eq!(said.stdout.trim_end(), bench.read(&format!("deadzone-out/{file}")).trim_end());
    }
}

/// Several results files are one report, if they belong together.
#[test]
fn several_results_are_one_report() {
    let bench = Bench::new();
    bench.run("tiny.toml", "both", &["--seeds", "1..3"]);
    bench.run("tiny.toml", "one", &["--seed", "1"]);
    bench.run("tiny.toml", "two", &["--seed", "2"]);
    let whole = bench.expect(0, &["report", "both/results.json", "--format", "csv"]);
    let parts =
        bench.expect(0, &["report", "two/results.json", "one/results.json", "--format", "csv"]);
    assert_eq!(parts.stdout, whole.stdout);
}

#[test]
fn results_that_do_not_belong_together() {
    let bench = Bench::new();
    let mut one = bench.run("tiny.toml", "one", &[]);
    one.runs[0].events += 1;
    let other = Results::new(one.build.clone(), one.runs.clone(), one.environment.clone());
    bench.write("other.json", serde_json::to_string(&other).expect("results are JSON"));
    let rustc = std::mem::replace(&mut one.build.rustc, "rustc 1.0.0".to_owned());
    one.build.flags = "-Cnothing".to_owned();
    let older = Results::new(one.build.clone(), one.runs.clone(), one.environment.clone());
    bench.write("older.json", serde_json::to_string(&older).expect("results are JSON"));
    let said: String = [
        &["merge", "one/results.json", "other.json"][..],
        &["merge", "one/results.json", "older.json", "--out", "all.json"],
        &["report", "one/results.json", "absent.json"],
        &["merge"],
    ]
    .map(|arguments| bench.refused(arguments).replace(&rustc, "[rustc]"))
    .concat();
    insta::assert_snapshot!(said);
}
