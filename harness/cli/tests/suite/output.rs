//! What `run` prints and writes.

use deadzone_core::record::{Outcome, Results};

use super::bench::{Bench, TINY};

#[test]
fn the_folder_holds_what_it_should() {
    let bench = Bench::new();
    let results = bench.run("tiny.toml", "out", &[]);
    let files = bench.files();
    for name in ["results.json", "report.html", "summary.md", "junit.xml", "charts"] {
        assert!(files.contains(&format!("out/{name}")), "{name}: {files:?}");
    }
    assert!(!files.contains(&"out/plans".to_owned()), "nothing failed: {files:?}");
    assert!(files.iter().any(|name| name.starts_with("out/charts/") && name.ends_with(".svg")));
    let run = &results.runs[0];
    assert_eq!((run.scenario.as_str(), run.engine.as_str(), run.devices), ("tiny", "reference", 2));
    assert_eq!(run.verdict.outcome, Outcome::Passed);
    assert!(results.environment.reproducible);
}

#[test]
fn json_goes_to_standard_output_alone() {
    let bench = Bench::new();
    let said = bench.expect(0, &["run", "tiny.toml", "--engine", "reference", "--format", "json"]);
    let printed: Results = serde_json::from_str(&said.stdout).expect("nothing but JSON");
    assert_eq!(printed, bench.results("deadzone-out"));
}

#[test]
fn quiet_is_quiet() {
    let bench = Bench::new();
    let said = bench.expect(0, &["run", "tiny.toml", "--engine", "reference", "--quiet"]);
    assert_eq!((said.stdout.as_str(), said.stderr.as_str()), ("", ""));
}

/// A pipe gets neither colours nor a progress bar.
#[test]
fn a_pipe_gets_plain_text() {
    let bench = Bench::new();
    let said = bench.expect(0, &["run", "tiny.toml", "--engine", "reference"]);
    assert!(said.stdout.contains("1 of 1 runs passed"), "{said:#?}");
    assert_eq!(said.stderr, "report: deadzone-out/report.html\n");
    assert!(!said.stdout.contains('\u{1b}'), "{said:#?}");
}

#[test]
fn what_an_engine_cannot_do_is_reported_and_no_failure() {
    let bench = Bench::new();
    bench.write_variant("mesh", "kind = \"replica\"", "kind = \"none\"\n[mesh]\nneighbours = 1");
    let said = bench.expect(0, &["run", "mesh.toml", "--engine", "cloud-first,reference"]);
    assert!(said.stdout.contains("unsupported"), "{said:#?}");
    let results = bench.results("deadzone-out");
    let outcomes: Vec<_> = results.runs.iter().map(|run| run.verdict.outcome).collect();
    assert_eq!(outcomes, [Outcome::Unsupported, Outcome::Passed]);
    assert_eq!(results.runs[0].verdict.violations.len(), 1);
}

#[test]
fn a_trace_that_is_not_there_is_reported_and_no_failure() {
    let bench = Bench::new();
    let said = bench.expect(0, &["run", "b4", "--engine", "reference"]);
    assert!(said.stdout.contains("--traces DIR"), "{said:#?}");
    assert_eq!(bench.results("deadzone-out").runs[0].verdict.outcome, Outcome::Unsupported);
}

#[test]
fn a_synthetic_trace_stands_in_and_says_so() {
    let bench = Bench::new();
    let said = bench.expect(0, &["run", "editing-trace", "--engine", "reference"]);
    assert!(said.stderr.contains("a synthetic trace stands in"), "{said:#?}");
    assert_eq!(bench.results("deadzone-out").runs[0].verdict.outcome, Outcome::Passed);
}

/// A violation has a plan beside it and a command that reproduces it.
#[test]
fn a_violation_can_be_reproduced() {
    let bench = Bench::new();
    bench.write_variant("strict", "converged_within = \"20s\"", "local_edit_latency_p99 = \"1ns\"");
    let arguments = ["run", "strict.toml", "--engine", "reference", "--seed", "3"];
    let said = bench.expect(4, &arguments);
    let first = bench.results("deadzone-out");
    assert_eq!(first.runs[0].verdict.outcome, Outcome::Violated);
    let digest = &first.runs[0].plan_digest[..8];
    let plan = format!(
        "deadzone-out/plans/strict-reference-{}-3-{digest}.json",
        env!("CARGO_PKG_VERSION")
    );
    serde_json::from_str::<serde_json::Value>(&bench.read(&plan)).expect("a plan is JSON");

    let command = said.stdout.lines().find_map(|line| line.trim().strip_prefix("$ deadzone "));
    let command = command.unwrap_or_else(|| panic!("no command in {said:#?}"));
    let again: Vec<_> = command.split_whitespace().chain(["--out", "again"]).collect();
    bench.expect(4, &again);
    assert_eq!(bench.results("again").runs, first.runs);
    // Mended, the plans of before are gone.
    bench.run("tiny.toml", "deadzone-out", &[]);
    assert!(!bench.files().contains(&"deadzone-out/plans".to_owned()));
}

#[test]
fn without_counting_nothing_is_promised() {
    let bench = Bench::new();
    let results = bench.run("tiny.toml", "wall", &["--cpu", "wall"]);
    assert!(!results.environment.reproducible);
    let results = bench.run("tiny.toml", "off", &["--cpu", "off"]);
    assert_eq!(results.runs[0].metrics["cpu_time_ns"].value, 0);
}

/// Of a file that is called otherwise than its scenario, with a recorded trace, and
/// fields that were set.
#[test]
fn the_command_of_a_report_makes_the_same_run_again() {
    let bench = Bench::new();
    let trace = r#"{"startContent":"","endContent":"hi","txns":[{"time":"2020-01-01T00:00:00Z","patches":[[0,0,"hi"]]}]}"#;
    bench.write("recorded ones/hi.json", trace);
    let replay = r#"kind = "trace", file = "hi.json", every = "1s""#;
    bench.write("mine/other.toml", TINY.replace(r#"kind = "typing", rate = "52wpm""#, replay));
    let more = ["--traces", "recorded ones", "--seed", "7", "--set", "fleet.0.count=3"];
    let first = bench.run("mine/other.toml", "out", &more);
    let summary = bench.read("out/summary.md");
    let command = summary.lines().find_map(|line| line.trim().strip_prefix("deadzone "));
    let command = command.expect("a command that reproduces the row");
    let said = std::process::Command::new("sh")
        .args(["-c", &format!("\"$0\" {command} --out again")])
        .arg(env!("CARGO_BIN_EXE_deadzone"))
        .current_dir(bench.path())
        .output()
        .expect("there is a shell");
    assert!(said.status.success(), "{command}: {said:?}");
    assert_eq!(bench.results("again").runs, first.runs);
}

#[test]
fn fields_that_were_set_are_in_the_results() {
    let bench = Bench::new();
    let set = ["--set", "duration=10s", "--set", "fleet.0.count=3"];
    let results = bench.run("tiny.toml", "out", &set);
    let run = &results.runs[0];
    assert_eq!(run.devices, 3);
    let parameters: Vec<_> =
        run.parameters.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(parameters, ["duration=10s", "fleet.0.count=3"]);
}

#[test]
fn without_a_name_it_takes_the_engines_that_the_scenario_compares() {
    let bench = Bench::new();
    let compare = "settle = \"30s\"\ncompare = [\"cloud-first\"]";
    bench.write_variant("compared", "settle = \"30s\"", compare);
    let engines = |arguments: &[&str]| -> Vec<String> {
        let said = bench.say(arguments);
        assert!(matches!(said.code, Some(0 | 4)), "{said:#?}");
        bench.results("deadzone-out").runs.into_iter().map(|run| run.engine).collect()
    };
    assert_eq!(engines(&["run", "tiny.toml"]), ["automerge", "loro", "yrs"]);
    assert_eq!(engines(&["run", "compared.toml"]), ["automerge", "cloud-first", "loro", "yrs"]);
    assert_eq!(engines(&["run", "compared.toml", "--engine", "all"]), ["automerge", "loro", "yrs"]);
}
