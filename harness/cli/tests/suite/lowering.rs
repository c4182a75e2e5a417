//! Plans of runs that failed, made into findings.

use std::fs;

use serde_json::Value;

use super::bench::{Bench, Said};

/// Runs a scenario of the bench, which fails with this code; its plan.
#[track_caller]
fn failed(bench: &Bench, code: i32, scenario: &str, engine: &str, more: &[&str]) -> String {
    let fixed = ["run", scenario, "--engine", engine, "--quiet", "--out", "ran"];
    bench.expect(code, &[fixed.as_slice(), more].concat());
    let mut plans = bench.files();
    plans.retain(|name| name.starts_with("ran/plans/") && name.ends_with(".json"));
    assert_eq!(plans.len(), 1, "{plans:?}");
    plans.remove(0)
}

/// The only folder below `found`.
fn only_finding(bench: &Bench) -> String {
    let mut found = bench.files();
    found.retain(|name| name.starts_with("found/") && name.matches('/').count() == 1);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn steps(bench: &Bench, file: &str) -> usize {
    let plan: Value = serde_json::from_str(&bench.read(file)).expect("it is JSON");
    plan["schedule"]["steps"].as_array().expect("it has steps").len()
}

/// With every number replaced: how long a call takes decides who comes first.
fn without_numbers(said: &Said) -> String {
    let mut text = String::new();
    for character in said.stdout.chars() {
        match character {
            '0'..='9' if text.ends_with('N') => {}
            '0'..='9' => text.push('N'),
            other => text.push(other),
        }
    }
    text
}

#[test]
fn a_failed_run_becomes_a_finding() {
    let bench = Bench::new();
    let plan = failed(&bench, 4, "tiny.toml", "saboteur-arrival-order", &[]);
    let shrink = ["replay", &plan, "--shrink", "--out", "found"];
    let said = bench.expect(4, &shrink);
    for part in ["the run: violated", "lowered to a schedule of", "violated convergence:"] {
        assert!(said.stdout.contains(part), "{part}: {}", said.stdout);
    }
    let folder = only_finding(&bench);
    for name in ["README.md", "plan.json", "shrunk.json", "timeline.svg", "timeline.html"] {
        assert!(bench.path().join(&folder).join(name).is_file(), "{name} is missing");
    }
    let shrunk = format!("{folder}/shrunk.json");
    assert!(steps(&bench, &shrunk) <= 6, "{}", bench.read(&shrunk));
    assert!(steps(&bench, &format!("{folder}/plan.json")) > 50);
    bench.expect(4, &["replay", &shrunk]);
    bench.expect(0, &["replay", &shrunk, "--engine", "reference"]);
    let refused = bench.refused(&shrink);
    assert!(refused.contains("--force"), "{refused}");
    bench.expect(4, &[shrink.as_slice(), &["--force"]].concat());
    assert_eq!(only_finding(&bench), folder, "the same plan gives the same finding");
}

#[test]
fn a_failed_run_is_bisected() {
    let bench = Bench::new();
    let plan = failed(&bench, 4, "tiny.toml", "saboteur-arrival-order", &[]);
    let said = bench.expect(4, &["replay", &plan, "--bisect"]);
    let step = said.stdout.lines().last().expect("it says something").trim().to_owned();
    let step: Value = serde_json::from_str(&step).expect("a step as JSON");
    assert!(step["do"].is_string(), "{step}");
    let told = bench.expect(4, &["replay", &plan, "--bisect", "--format", "json"]);
    let told: Value = serde_json::from_str(&told.stdout).expect("it is JSON");
    assert_eq!(told[0]["first_bad"]["do"], step["do"]);
    assert_eq!(told[0]["lowered"]["run"], "violated");
}

#[test]
fn whatever_way_an_engine_fails_its_run_is_shrunk() {
    for (engine, code, oracle, scenario) in [
        ("saboteur-lost-neighbour", 4, "convergence", "tiny.toml"),
        // A relay is the only way there: what it lost, nobody else brings.
        ("saboteur-lost-reconnect", 4, "pending", "subway-commute"),
        ("saboteur-panics", 6, "panic", "tiny.toml"),
        ("saboteur-aborts", 6, "abort", "tiny.toml"),
    ] {
        let bench = Bench::new();
        let plan = failed(&bench, code, scenario, engine, &[]);
        let shrink = ["replay", &plan, "--shrink", "--out", "found", "--format", "json"];
        let said = bench.expect(code, &shrink);
        let told: Value = serde_json::from_str(&said.stdout).expect("it is JSON");
        assert_eq!(told[0]["oracle"], oracle, "{engine}: {}", said.stdout);
        let after = told[0]["shrunk"]["steps_after"].as_u64().expect("it was shrunk");
        assert!(after <= 12, "{engine}: {}", said.stdout);
        assert!(told[0]["shrunk"]["steps_before"].as_u64() > Some(after), "{engine}");
    }
}

#[test]
fn what_is_a_matter_of_time_has_no_schedule_that_fails() {
    let bench = Bench::new();
    let set = ["--set", "expect.converged_within=1ns"];
    let plan = failed(&bench, 4, "tiny.toml", "reference", &set);
    let said = bench.expect(0, &["replay", &plan, "--shrink", "--bisect", "--out", "found"]);
    insta::assert_snapshot!(without_numbers(&said));
    assert!(!bench.path().join("found").exists(), "there is nothing to hand over");
}

#[test]
fn what_cannot_be_lowered_says_why() {
    let bench = Bench::new();
    bench.write_variant("crowd", "count = 2", "count = 16");
    let set = ["--set", "expect.converged_within=1ns"];
    let plan = failed(&bench, 4, "crowd.toml", "reference", &set);
    let named = bench.path().join("plan.json");
    fs::rename(bench.path().join(plan), named).expect("it can be moved");
    let said = [
        bench.refused(&["replay", "plan.json", "--shrink"]),
        bench.refused(&["replay", "plan.json", "--bisect", "--until", "5s"]),
        bench.refused(&["replay", "plan.json", "--shrink", "--out", "plan.json"]),
        bench.refused(&["replay", "plan.json", "--bisect", "--engine", "cloud-first"]),
    ];
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_hunt_goes_through_runs() {
    let bench = Bench::new();
    let sound = bench.expect(0, &["hunt", "tiny.toml", "--engine", "reference", "--seeds", "0..3"]);
    assert!(sound.stdout.contains(": 3 runs"), "{}", sound.stdout);
    let hunt = |jobs: &str| {
        let fixed = ["hunt", "tiny.toml", "--engine", "saboteur-arrival-order"];
        let more = ["--seeds", "0..6", "--keep-going", "--force", "--out", "found"];
        let format = ["--format", "json", "--jobs", jobs];
        bench.expect(4, &[fixed.as_slice(), &more, &format].concat()).stdout
    };
    let told = hunt("1");
    let findings: Value = serde_json::from_str(&told).expect("it is JSON");
    let finding = &findings[0]["findings"][0];
    assert_eq!(finding["oracle"], "convergence", "{told}");
    assert!(finding["steps_after"].as_u64() <= Some(6), "{told}");
    let folder = finding["folder"].as_str().expect("it has a folder");
    bench.expect(4, &["replay", &format!("{folder}/shrunk.json")]);
    assert_eq!(hunt("3"), told, "the number of processes changes nothing");
}
