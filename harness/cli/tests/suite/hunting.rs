//! `hunt` and `replay` through the binary.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::bench::{Bench, Said};

/// The only finding below a folder.
fn only_finding(out: &Path) -> PathBuf {
    let mut folders: Vec<PathBuf> = fs::read_dir(out)
        .expect("there are findings")
        .map(|entry| entry.expect("it can be read").path())
        .collect();
    assert_eq!(folders.len(), 1, "{folders:?}");
    folders.remove(0)
}

fn hunt(bench: &Bench, engine: &str, more: &[&str]) -> Said {
    let fixed = ["hunt", "text", "--engine", engine, "--seeds", "0..512", "--out", "found"];
    bench.say(&[fixed.as_slice(), more].concat())
}

#[test]
fn a_broken_engine_is_caught_and_handed_over() {
    let bench = Bench::new();
    let ran = hunt(&bench, "saboteur-arrival-order", &[]);
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    assert!(ran.stdout.contains("convergence"), "{}", ran.stdout);
    let folder = only_finding(&bench.path().join("found"));
    for name in ["README.md", "plan.json", "shrunk.json", "timeline.svg", "timeline.html"] {
        assert!(folder.join(name).is_file(), "{name} is missing");
    }
    let shrunk = folder.join("shrunk.json");
    let steps = |name: &str| {
        let text = fs::read_to_string(folder.join(name)).expect("it is there");
        let plan: Value = serde_json::from_str(&text).expect("it is JSON");
        plan["schedule"]["steps"].as_array().expect("it has steps").len()
    };
    assert!(steps("shrunk.json") <= 4);
    assert!(steps("plan.json") >= steps("shrunk.json"));

    let path = shrunk.to_str().expect("it is UTF-8");
    let again = bench.say(&["replay", path, "--trace", "--bisect"]);
    assert_eq!(again.code, Some(4), "{}", again.stderr);
    assert!(again.stdout.contains("from step"), "{}", again.stdout);
    let sound = bench.say(&["replay", path, "--engine", "reference"]);
    assert_eq!((sound.code, sound.stdout.contains("held")), (Some(0), true), "{}", sound.stdout);
    let stopped = bench.say(&["replay", path, "--until", "1"]);
    assert_eq!(stopped.code, Some(0), "{}", stopped.stderr);
    assert!(!stopped.stdout.contains("everything is brought"), "{}", stopped.stdout);
}

#[test]
fn the_same_seeds_give_the_same_findings() {
    let (one, other) = (Bench::new(), Bench::new());
    let flags = ["--keep-going", "--format", "json", "--jobs"];
    let first = hunt(&one, "saboteur-lost-neighbour", &[flags.as_slice(), &["1"]].concat());
    let second = hunt(&other, "saboteur-lost-neighbour", &[flags.as_slice(), &["3"]].concat());
    assert_eq!(first.stdout, second.stdout);
    let names = |bench: &Bench| -> Vec<(String, Vec<u8>)> {
        let mut files = Vec::new();
        for folder in fs::read_dir(bench.path().join("found")).expect("there are findings") {
            for file in fs::read_dir(folder.expect("it is there").path()).expect("a folder") {
                let file = file.expect("it is there").path();
                let name = file.strip_prefix(bench.path().join("found")).expect("it lies below");
                files.push((name.display().to_string(), fs::read(&file).expect("a file")));
            }
        }
        files.sort();
        files
    };
    assert!(!names(&one).is_empty());
    assert_eq!(names(&one), names(&other));
}

#[test]
fn findings_are_not_overwritten() {
    let bench = Bench::new();
    assert_eq!(hunt(&bench, "saboteur-arrival-order", &["--quiet"]).code, Some(4));
    let refused = hunt(&bench, "saboteur-arrival-order", &[]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(hunt(&bench, "saboteur-arrival-order", &["--force"]).code, Some(4));
    only_finding(&bench.path().join("found"));
}

#[test]
fn a_known_cause_does_not_fail() {
    let bench = Bench::new();
    let ran = hunt(&bench, "saboteur-arrival-order", &["--keep-going", "--format", "json"]);
    let told: Value = serde_json::from_str(&ran.stdout).expect("it is JSON");
    let findings = told[0]["findings"].as_array().expect("it has findings");
    assert!(!findings.is_empty());
    let known: String = findings
        .iter()
        .map(|finding| finding["cause"].as_str().expect("it has a cause"))
        .map(|cause| format!("saboteur-arrival-order {cause} # known\n"))
        .collect();
    fs::write(bench.path().join("known"), known).expect("it can be written");
    let flags = ["--keep-going", "--allow", "known", "--force"];
    let again = hunt(&bench, "saboteur-arrival-order", &flags);
    assert_eq!(again.code, Some(0), "{}{}", again.stdout, again.stderr);
    assert!(again.stdout.contains("(known)"), "{}", again.stdout);
    let mut left = fs::read_dir(bench.path().join("found")).expect("the folder stays");
    assert!(left.next().is_none(), "known findings are told and not written");
}

#[test]
fn an_engine_that_dies_is_a_finding() {
    for (engine, oracle) in [
        ("saboteur-panics", "panic"),
        ("saboteur-aborts", "abort"),
        ("saboteur-endless-merge", "hang"),
    ] {
        let bench = Bench::new();
        let ran = bench.say(&[
            "hunt",
            "everything",
            "--engine",
            engine,
            "--seeds",
            "0..32",
            "--out",
            "found",
        ]);
        assert_eq!(ran.code, Some(6), "{engine}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains(oracle), "{engine}: {}", ran.stdout);
        let folder = only_finding(&bench.path().join("found"));
        for name in ["shrunk.json", "plan.json", "timeline.svg", "timeline.html"] {
            assert!(folder.join(name).is_file(), "{engine}: {name} is missing");
        }
        // What happened is known, even of a process that cannot say so itself.
        let page = fs::read_to_string(folder.join("README.md")).expect("it is there");
        assert!(page.contains("## The history"), "{engine}: {page}");
    }
}

#[test]
fn several_plans_are_replayed_one_after_the_other() {
    let bench = Bench::new();
    hunt(&bench, "saboteur-arrival-order", &["--quiet"]);
    let shrunk = only_finding(&bench.path().join("found")).join("shrunk.json");
    let shrunk = shrunk.to_str().expect("it is UTF-8");
    bench.write_variant("late", "within = \"20s\"", "within = \"1ns\"");
    bench.expect(4, &["run", "late.toml", "--engine", "reference", "--quiet"]);
    let plans = bench.files().into_iter().filter(|name| name.starts_with("deadzone-out/plans/"));
    let run: &str = &plans.collect::<Vec<_>>()[0];

    let told = |arguments: &[&str]| -> Value {
        let said = bench.expect(4, &[&["replay", "--format", "json"], arguments].concat());
        serde_json::from_str(&said.stdout).expect("it is one value")
    };
    let shown = bench.expect(4, &["replay", run, shrunk]);
    let heads = [run, shrunk].map(|plan| shown.stdout.find(&format!("{plan}:\n")));
    assert!(heads[0].is_some() && heads[0] < heads[1], "{shown:#?}");
    let both = told(&[run, shrunk]);
    assert_eq!(both[0]["verdict"]["outcome"], "violated", "{both}");
    assert_eq!((&both[1]["plan"], &both[1]["outcome"]), (&shrunk.into(), &"violated".into()));
    assert_eq!(told(&[run])["verdict"]["outcome"], "violated");
    assert_eq!(told(&[run, "--engine", "reference,yrs"]).as_array().map(Vec::len), Some(2));

    bench.write("cut.json", &bench.read(run)[..100]);
    let refused = bench.refused(&["replay", shrunk, "cut.json"]);
    assert!(refused.contains("cut.json:"), "{refused}");
}

#[test]
fn bad_plans_are_refused() {
    let bench = Bench::new();
    hunt(&bench, "saboteur-arrival-order", &["--quiet"]);
    let shrunk = only_finding(&bench.path().join("found")).join("shrunk.json");
    let good = fs::read_to_string(&shrunk).expect("it is there");
    let check = |content: &str, said: &str| {
        fs::write(bench.path().join("bad.json"), content).expect("it can be written");
        let ran = bench.say(&["replay", "bad.json"]);
        assert_eq!(ran.code, Some(2), "{said}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    };
    check(&good[..good.len() / 2], "cut off");
    check(&good.replacen("\"schema\": 1", "\"schema\": 9", 1), "schema 9");
    check(&good.replace("\"engine\": \"saboteur-arrival-order\"", "\"engine\": \"yrz\""), "yrz");
    check(&good.replacen("\"root\": \"", "\"root\": \"no-", 1), "no-");
    check(&good.replacen("\"number\": 1", "\"number\": 90", 1), "must go up");
    let ran = bench.say(&["replay", "nowhere.json"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("nowhere.json"), "{}", ran.stderr);
    let ran = bench.say(&["hunt", "b1.1"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("deadzone run"), "{}", ran.stderr);
}

#[test]
fn a_plan_of_a_run_is_replayed() {
    let bench = Bench::new();
    let ran = bench.say(&[
        "run",
        "two-offline-writers",
        "--engine",
        "reference",
        "--set",
        "expect.converged_within=1ns",
        "--quiet",
    ]);
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    let plan = fs::read_dir(bench.path().join("deadzone-out/plans"))
        .expect("a failed run leaves a plan")
        .next()
        .expect("one")
        .expect("it can be read")
        .path();
    let plan = plan.to_str().expect("it is UTF-8");
    assert_eq!(bench.say(&["replay", plan]).code, Some(4));
    let stopped = bench.say(&["replay", plan, "--trace", "--until", "5s"]);
    assert_eq!(stopped.code, Some(0), "{}", stopped.stderr);
    assert!(stopped.stdout.contains("relay"), "{}", stopped.stdout);
    let wrong = bench.say(&["replay", plan, "--until", "soon"]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains("90s"), "{}", wrong.stderr);
}
