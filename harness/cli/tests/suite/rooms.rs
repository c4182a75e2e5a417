//! Runs of many documents, each shared by a few.

use deadzone_core::record::Outcome;

use super::bench::Bench;

/// Somebody in each of 130 rooms, of which only the first three have two who write:
/// two rooms to a process.
const MANY: &str = r#"schema = 1
name = "many"
question = "Does one document have anything to do with another?"
duration = "5s"
settle = "30s"

[document]
notes = "text"
chores = "list"
nesting = 2
rooms = 130

[[fleet]]
group = "readers"
count = 130
device = "phone-mid"
link = "wifi"

[[fleet]]
group = "writers"
count = 133
device = "laptop-top"
link = "wifi"
workload = { kind = "typing", rate = "52wpm" }

[relay]
kind = "replica"
"#;

/// Nested containers, since yrs hashes addresses there.
const NESTED: &str = r#"schema = 1
name = "nested"
question = "Are counts those of the room, whatever ran before and beside it?"
duration = "20s"
settle = "30s"

[document]
notes = "text"
chores = "list"
settings = "map"
nesting = 4
rooms = 5

[[fleet]]
group = "doers"
count = 7
device = "phone-mid"
link = "hotel-wifi"
workload = { kind = "todo", every = "1s" }

[[fleet]]
group = "clerks"
count = 5
device = "laptop-top"
link = "wifi"
workload = { kind = "form", every = "1s" }

[relay]
kind = "replica"
"#;

fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("many.toml", MANY);
    bench.write("nested.toml", NESTED);
    bench
}

#[test]
fn it_does_not_matter_how_many_rooms_are_under_way() {
    let bench = bench();
    let run = |out: &str, more: &[&str]| {
        let said = bench.say(&[&["run", "--out", out, "--quiet"], more].concat());
        assert!(matches!(said.code, Some(0 | 4)), "{said:#?}");
        bench.results(out)
    };
    let engines = ["nested.toml", "--engine", "automerge,yrs,loro,reference,cloud-first"];
    let one = run("one", &[&engines[..], &["--jobs", "1"]].concat());
    assert_eq!(one.runs.len(), 5);
    for (out, jobs) in [("two", "2"), ("all", "8"), ("more", "23")] {
        let other = run(out, &[&engines[..], &["--jobs", jobs]].concat());
        assert_eq!(one.runs, other.runs, "--jobs {jobs}");
        assert_eq!(one.digest, other.digest);
    }
    let one = run("many", &["many.toml", "--engine", "yrs", "--jobs", "1"]);
    let other = run("many-at-once", &["many.toml", "--engine", "yrs", "--jobs", "3"]);
    assert_eq!(one.runs, other.runs);
}

#[test]
fn a_fleet_has_the_figures_of_all_its_rooms() {
    let bench = bench();
    let results = bench.run("many.toml", "out", &[]);
    let run = &results.runs[0];
    assert_eq!(run.devices, 263);
    assert!(run.verdict.converged);
    assert_eq!(run.groups.keys().collect::<Vec<_>>(), ["readers", "relay", "writers"]);
    assert_eq!(run.groups["readers"].metrics["edits"].value, 0);
    assert_eq!(run.groups["writers"].metrics["edits"].value, run.metrics["edits"].value);
    // Edits become visible to one reader and one relay, and in three rooms to one
    // more writer.
    let edits = run.metrics["edits"].value;
    let seen = run.histograms["visibility_latency"].count;
    assert!((2 * edits..2 * edits + edits / 10).contains(&seen), "{edits} edits, {seen} times");
    assert_eq!(run.series["replicas_behind"].value.last(), Some(&0));
}

/// Each room is a world on them, too, and what they cannot do is said of the whole
/// fleet once.
#[test]
fn other_simulators_run_rooms() {
    let bench = bench();
    for simulator in ["madsim", "turmoil"] {
        let run = |jobs: &str| {
            let more = ["--engine", "yrs,reference", "--simulator", simulator, "--jobs", jobs];
            bench.run("nested.toml", &format!("{simulator}-{jobs}"), &more)
        };
        let results = run("1");
        assert_eq!(results.runs, run("3").runs);
        for record in &results.runs {
            assert_eq!((record.simulator.as_str(), record.devices), (simulator, 12));
            assert!(record.verdict.converged, "{:?}", record.verdict);
            let mut said = record.not_honoured.iter();
            let without_jitter = said.any(|said| said.starts_with("jitter of hotel-wifi, wifi:"));
            assert_eq!(without_jitter, simulator == "turmoil", "{:?}", record.not_honoured);
        }
    }
    let dies = ["run", "many.toml", "--engine", "saboteur-aborts", "--simulator", "madsim"];
    bench.expect(6, &dies);
    let record = &bench.results("deadzone-out").runs[0];
    assert_eq!((record.simulator.as_str(), record.verdict.outcome), ("madsim", Outcome::Aborted));
}

/// Whoever dies, the other rooms are measured.
#[test]
fn a_room_that_takes_its_process_down_is_found() {
    let bench = bench();
    for (engine, outcome) in
        [("saboteur-aborts", Outcome::Aborted), ("saboteur-panics", Outcome::Panicked)]
    {
        let run = |out: &str, jobs: &str| {
            let arguments = ["run", "many.toml", "--engine", engine, "--out", out, "--jobs", jobs];
            bench.expect(6, &arguments);
            bench.results(out)
        };
        let results = run(engine, "2");
        let record = &results.runs[0];
        assert_eq!(record.verdict.outcome, outcome);
        let violations = &record.verdict.violations;
        let told: Vec<_> =
            violations.iter().filter_map(|said| Some(said.split_once(": ")?.0)).collect();
        assert!(!told.is_empty(), "{violations:?}");
        assert!(told.iter().all(|room| ["room 0", "room 1", "room 2"].contains(room)), "{told:?}");
        // One writer a room, less those who are lost with their rooms.
        assert!(record.metrics["edits"].value > 1_000, "{:?}", record.metrics["edits"]);
        assert_eq!(run(&format!("{engine}-again"), "1").runs, results.runs);

        let mut plans = bench.files();
        plans.retain(|name| name.starts_with(&format!("{engine}/plans/")));
        assert_eq!(plans.len(), told.len(), "{plans:?}");
        for plan in &plans {
            assert!(plan.contains("-1-room-"), "{plan}");
            bench.expect(6, &["replay", plan]);
        }
        bench.expect(0, &["replay", &plans[0], "--engine", "reference"]);
    }
}

/// No room failed, but the fleet did not do what was expected of it.
#[test]
fn the_plan_of_all_rooms_is_replayed_as_it_was_run() {
    let bench = bench();
    bench.write("strict.toml", format!("{NESTED}\n[expect]\nedits = 1\n"));
    bench.expect(4, &["run", "strict.toml", "--engine", "reference", "--out", "ran"]);
    let record = bench.results("ran").runs.remove(0);
    let mut plans = bench.files();
    plans.retain(|name| name.starts_with("ran/plans/"));
    let [plan] = plans.as_slice() else { panic!("{plans:?}") };
    let said = bench.expect(4, &["replay", plan, "--format", "json"]);
    let again: serde_json::Value = serde_json::from_str(&said.stdout).expect("a record as JSON");
    assert_eq!(again, serde_json::to_value(&record).expect("a record is JSON"));
    let refused: String = ["--trace", "--until=3s", "--bisect", "--shrink"]
        .iter()
        .map(|flag| bench.refused(&["replay", plan, flag]).replace(plan, "PLAN"))
        .collect();
    insta::assert_snapshot!(refused + &bench.refused(&["hunt", "nested.toml"]));
}
