//! Input that is wrong: every message should help somebody who has never seen
//! the code.

use super::bench::{Bench, TINY, TOY};

fn check(bench: &Bench, all: &[&[&str]]) -> String {
    all.iter().map(|arguments| bench.refused(arguments)).collect()
}

#[test]
fn names_of_scenarios_and_engines() {
    let said = check(
        &Bench::new(),
        &[
            &["run", "no-spiner"],
            &["run", "tiny"],
            &["run", ""],
            &["run", "missing.toml"],
            &["run", "."],
            &["run", "tiny.toml", "--engine", "autmerge"],
            &["run", "tiny.toml", "--engine", "reference,locloc"],
            &["run", "tiny.toml", "--engine", ""],
            &["run", "tiny.toml", "--engine", "yjs@13"],
            &["check", "no-spiner"],
        ],
    );
    insta::assert_snapshot!(said);
}

#[test]
fn a_version_that_is_not_built_in() {
    let said = Bench::new().refused(&["run", "tiny.toml", "--engine", "reference@99.0.0"]);
    let expected = format!("expected reference@{}", env!("CARGO_PKG_VERSION"));
    assert!(said.contains(&expected), "{said}");
}

#[test]
fn hunts_are_not_run() {
    let said = Bench::new().refused(&["run", "everything"]);
    assert!(said.contains("use `deadzone hunt everything`"), "{said}");
}

#[test]
fn fields_set_on_the_command_line() {
    let said = check(
        &Bench::new(),
        &[
            &["run", "tiny.toml", "--set", "sync.debonce=1s"],
            &["run", "tiny.toml", "--set", "sync.debounce=1"],
            &["run", "tiny.toml", "--set", "sync.debounce"],
            &["run", "tiny.toml", "--set", "=1"],
            &["run", "tiny.toml", "--set", "fleet.0.count=0"],
            &["run", "tiny.toml", "--set", "fleet.0.count=99999999999"],
            &["run", "tiny.toml", "--set", "fleet.7.count=1"],
            &["run", "tiny.toml", "--set", "fleet.0.device=laptop-tip"],
            &["run", "tiny.toml", "--set", "fleet.0.link=wify"],
            &["run", "tiny.toml", "--set", "duration=366d"],
            &["run", "tiny.toml", "--set", "duration=0s"],
            &["run", "tiny.toml", "--set", "expect.converged_wihtin=1s"],
        ],
    );
    insta::assert_snapshot!(said);
}

#[test]
fn seeds_shards_and_jobs() {
    let said = check(
        &Bench::new(),
        &[
            &["run", "tiny.toml", "--seeds", "5"],
            &["run", "tiny.toml", "--seeds", "5..5"],
            &["run", "tiny.toml", "--seeds", "9..2"],
            &["run", "tiny.toml", "--seeds", "0..18446744073709551615"],
            &["run", "tiny.toml", "--seed", "18446744073709551616"],
            &["run", "tiny.toml", "--seed=-1"],
            &["run", "tiny.toml", "--seed", "1", "--seeds", "1..3"],
            &["run", "tiny.toml", "--shard", "5/4"],
            &["run", "tiny.toml", "--shard", "0/4"],
            &["run", "tiny.toml", "--shard", "1"],
            &["run", "tiny.toml", "--jobs", "0"],
            &["run", "tiny.toml", "--cpu", "guessed"],
            &["run", "tiny.toml", "--simulator", "evnt"],
            &["run", "tiny.toml", "--simulator", "kernel", "--twice"],
        ],
    );
    insta::assert_snapshot!(said);
}

#[test]
fn simulators_that_cannot() {
    let said = check(
        &Bench::new(),
        &[
            &["run", "no-spinner", "--simulator", "turmoil", "--set", "fleet.0.count=200"],
            &["run", "no-spinner", "--simulator", "madsim", "--set", "fleet.0.count=20000"],
            &["run", "b1.1", "--simulator", "turmoil"],
        ],
    );
    insta::assert_snapshot!(said);
}

#[test]
fn verbs_and_their_words() {
    let said = check(
        &Bench::new(),
        &[
            &["rnu"],
            &["run", "--duration", "5"],
            &["list", "scenario"],
            &["list"],
            &["schema", "result"],
            &["report"],
            &["report", "tiny.toml", "--format", "pdf"],
            &["gate", "one.json"],
            &["check"],
        ],
    );
    insta::assert_snapshot!(said);
}

#[test]
fn scenario_files() {
    let bench = Bench::new();
    bench.write("bytes.toml", b"schema = 1\nname = \"\xff\"");
    bench.write("folder.toml/inside", "");
    bench.write("empty.toml", "");
    bench.write("half.toml", &TINY[..TINY.len() / 2]);
    bench.write_variant("nobody", "count = 2", "count = 0");
    bench.write_variant("forever", "duration = \"20s\"", "duration = \"1000000d\"");
    bench.write_variant("devise", "device = ", "devise = ");
    bench.write_variant("other", "schema = 1", "schema = 2");
    bench.write_variant("toy", "device = \"laptop-top\"", "device = \"toy\"");
    let said = check(
        &bench,
        &[
            &["run", "bytes.toml"],
            &["run", "folder.toml"],
            &["run", "empty.toml"],
            &["run", "half.toml"],
            &["run", "nobody.toml"],
            &["run", "forever.toml"],
            &["run", "devise.toml"],
            &["run", "other.toml"],
            &["run", "toy.toml"],
        ],
    );
    insta::assert_snapshot!(said);
}

/// Devices of a scenario's own, with figures that no device has.
#[test]
fn profiles_with_absurd_values() {
    let bench = Bench::new();
    let with = |from: &str, to: &str| {
        assert_eq!(TOY.matches(from).count(), 1, "{from:?} should stand in the profile once");
        bench.write_on_toys("toy.toml", &TOY.replace(from, to));
    };
    with("10x", "10x");
    bench.expect(0, &["check", "toy.toml"]);
    let absurd = [
        ("\"10x\"", "\"0x\""),
        ("\"10x\"", "10"),
        ("\"10x\"", "\"-3x\""),
        ("284mW", "284ms"),
        ("284mW", "99999999999999999999W"),
        ("70MB/s", "0MB/s"),
        ("256MB", "0MB"),
        ("slowdown", "speed"),
    ];
    let mut said = String::new();
    for (from, to) in absurd {
        with(from, to);
        said += &format!("{from} -> {to}\n{}", bench.refused(&["run", "toy.toml"]));
    }
    insta::assert_snapshot!(said);
}

#[test]
fn recorded_traces() {
    let bench = Bench::new();
    let trace = r#"{"startContent":"","endContent":"hi","txns":[{"time":"2020-01-01T00:00:00Z","patches":[[0,0,"hi"]]}]}"#;
    bench.write("traces/whole.json", trace);
    bench.write("traces/half.json", &trace[..trace.len() / 2]);
    bench.write("traces/noise.json.gz", b"\x1f\x8b\x08\x00nothing");
    bench.write("traces/empty.json", "");
    for name in ["whole.json", "half.json", "noise.json.gz", "empty.json", "gone.json"] {
        let workload = format!(r#"kind = "trace", file = "{name}", every = "1s""#);
        let short = name.split('.').next().expect("there is a first part");
        bench.write_variant(short, r#"kind = "typing", rate = "52wpm""#, &workload);
    }
    bench.run("whole.toml", "out", &["--traces", "traces"]);
    let said = check(
        &bench,
        &[
            &["run", "half.toml", "--traces", "traces"],
            &["run", "noise.toml", "--traces", "traces"],
            &["run", "empty.toml", "--traces", "traces"],
            &["run", "gone.toml", "--traces", "traces"],
            &["run", "whole.toml", "--traces", "no-such-folder"],
            &["run", "whole.toml", "--traces", "tiny.toml"],
        ],
    );
    insta::assert_snapshot!(said);
}

/// Results are told apart by the scenario's name: two of one name would mix.
#[test]
fn one_name_for_two_scenarios() {
    let bench = Bench::new();
    bench.write("again/tiny.toml", TINY);
    bench.write("other/tiny.toml", TINY.replace("count = 2", "count = 3"));
    insta::assert_snapshot!(bench.refused(&["run", "tiny.toml", "other/tiny.toml"]));
    let arguments = ["run", "tiny.toml", "again/tiny.toml", "--engine", "reference"];
    bench.expect(0, &arguments);
    assert_eq!(bench.results("deadzone-out").runs.len(), 1);
}

/// One bad file does not hide the next.
#[test]
fn check_says_all_that_is_wrong() {
    let bench = Bench::new();
    bench.write_variant("wrong", "count = 2", "cuont = 2");
    let said = bench.expect(2, &["check", "no-spiner", "gone.toml", "tiny.toml", "wrong.toml"]);
    assert_eq!(said.stdout, "tiny: valid\n");
    insta::assert_snapshot!(said.stderr);
    let said = bench.expect(0, &["check", "tiny.toml", "no-spinner"]);
    assert_eq!(
        (said.stdout.as_str(), said.stderr.as_str()),
        ("tiny: valid\nno-spinner: valid\n", "")
    );
}
