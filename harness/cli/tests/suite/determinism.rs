//! The same input gives the same results, whatever is around it.

use deadzone_core::record::Results;

use super::bench::Bench;

const ENGINES: &str = "automerge,yrs,loro,reference,cloud-first";

/// What must be the same: `environment` aside, everything.
fn check(first: &Results, second: &Results) {
    assert_eq!(first.runs, second.runs);
    assert_eq!(first.build, second.build);
    assert_eq!(first.digest, second.digest);
}

#[test]
fn neither_processes_nor_jobs_nor_order_matter() {
    let bench = Bench::new();
    bench.write_variant("lossy", "link = \"wifi\"", "link = \"hotel-wifi\"");
    let run = |out: &str, more: &[&str]| {
        let said = bench.say(&[&["run", "--engine", ENGINES, "--out", out], more].concat());
        assert!(matches!(said.code, Some(0 | 4)), "{said:#?}");
        bench.results(out)
    };
    let first = run("first", &["tiny.toml", "lossy.toml", "--jobs", "1"]);
    assert_eq!(first.runs.len(), 10);
    check(&first, &run("again", &["tiny.toml", "lossy.toml", "--jobs", "1"]));
    check(&first, &run("at-once", &["lossy.toml", "tiny.toml", "--jobs", "2"]));
    check(&first, &run("many", &["lossy.toml", "./tiny.toml", "--jobs", "7", "--quiet"]));
}

/// The environment lies on the stack, and paths on the heap.
#[test]
fn neither_environment_nor_folder_matter() {
    let bench = Bench::new();
    let first = bench.run("tiny.toml", "first", &["--seed", "7"]);
    let deep = "a/folder/of/another/depth/and/a/rather/long/name";
    bench.write(&format!("{deep}/tiny.toml"), bench.read("tiny.toml"));
    let status = bench
        .command(&["run", "tiny.toml", "--engine", "reference", "--seed", "7"])
        .current_dir(bench.path().join(deep))
        .env("SOMETHING_LONG", "x".repeat(100_000))
        .env("LANG", "tr_TR.UTF-8")
        .env("TZ", "Pacific/Apia")
        .status();
    assert!(status.expect("the program starts").success());
    check(&first, &bench.results(&format!("{deep}/deadzone-out")));
}

#[test]
fn other_seeds_give_other_results() {
    let bench = Bench::new();
    let first = bench.run("tiny.toml", "first", &["--seed", "1"]);
    let second = bench.run("tiny.toml", "second", &["--seed", "2"]);
    assert_ne!(first.digest, second.digest);
    assert_ne!(first.runs[0].audit, second.runs[0].audit);
}

/// Whether engines pass is another question.
#[test]
fn twice_finds_no_difference() {
    let bench = Bench::new();
    let engines = ["--engine", "automerge,yrs,loro", "--seeds", "1..3"];
    let once = bench.say(&[&["run", "tiny.toml", "--out", "once"], &engines[..]].concat());
    let twice = bench.say(&[&["run", "tiny.toml", "--twice"], &engines[..]].concat());
    assert_eq!(once.code, twice.code, "{twice:#?}");
    assert!(!twice.stderr.contains("not deterministic"), "{twice:#?}");
    let results = bench.results("deadzone-out");
    assert_eq!(results.runs.len(), 6);
    check(&bench.results("once"), &results);
}

/// Wall time is the one thing that differs: `--twice` must see it.
#[test]
fn twice_finds_a_difference() {
    let bench = Bench::new();
    let arguments = ["run", "tiny.toml", "--engine", "automerge", "--cpu", "wall", "--twice"];
    let said = bench.expect(5, &arguments);
    assert!(said.stderr.contains("tiny on automerge with seed 1 differ"), "{said:#?}");
}

#[test]
fn ranges_of_seeds_are_half_open() {
    let bench = Bench::new();
    let seeds = |results: Results| results.runs.iter().map(|run| run.seed).collect::<Vec<_>>();
    assert_eq!(seeds(bench.run("tiny.toml", "few", &["--seeds", "3..6"])), [3, 4, 5]);
    assert_eq!(
        seeds(bench.run("tiny.toml", "last", &["--seed", &u64::MAX.to_string()])),
        [u64::MAX]
    );
}

/// Every run is in one shard, and is there what it is in the whole campaign.
#[test]
fn shards_make_up_the_whole() {
    let bench = Bench::new();
    let whole = bench.run("tiny.toml", "whole", &["--seeds", "1..6"]);
    for number in 1..=3 {
        let shard = format!("{number}/3");
        let out = format!("out-{number}");
        let part = bench.run("tiny.toml", &out, &["--seeds", "1..6", "--shard", &shard]);
        assert!(part.runs.len() < whole.runs.len(), "{shard}");
    }
    bench.write("merged/results.json", "of an earlier campaign");
    let shards = ["out-3/results.json", "out-1/results.json", "out-2/results.json"];
    bench.expect(0, &[&["merge"], &shards[..], &["--out", "merged/results.json"]].concat());
    check(&whole, &bench.results("merged"));
    let said = bench.expect(0, &[&["merge"], &shards[..]].concat());
    assert_eq!(said.stdout, bench.read("merged/results.json"));
}
