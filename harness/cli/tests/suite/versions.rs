//! Engines in other versions.

use super::bench::Bench;

#[test]
fn versions_that_cannot_be() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path().join("empty")).expect("a folder for tests");
    bench.write("other/Cargo.toml", "[package]\nname = \"other\"\nversion = \"0.28.1\"\n");
    bench.write("other/src/lib.rs", "");
    bench.write("broken/Cargo.toml", "[package\n");
    bench.write("old/Cargo.toml", "[package]\nname = \"yrs\"\nversion = \"0.9.0\"\n");
    bench.write("old/src/lib.rs", "");
    for (engine, reason) in [
        ("yrs@0.22.0", "expected a release from 0.23.5 to 0.28.1"),
        ("yrs@0.28.1..0.24.0", "expected yrs@0.24.0..0.28.1"),
        ("loro@newest", "`newest` is no release; expected three numbers"),
        ("yr@0.24.0", "did you mean `yrs`?"),
        ("cloud-first@9.9.9", "has no other versions; expected cloud-first@"),
        ("yrs@path:", "no folder is named"),
        ("yrs@path:nowhere", "there is no Cargo.toml in that folder"),
        ("yrs@path:empty", "there is no Cargo.toml in that folder"),
        ("yrs@path:other", "it holds the package `other`"),
        ("yrs@path:broken", "cargo cannot read it"),
        ("yrs@path:old", "it is 0.9.0, and the adapter speaks to 0.23.5 and later"),
    ] {
        let said = bench.refused(&["run", "tiny.toml", "--engine", engine]);
        assert!(said.contains(reason), "{said}");
    }
}

#[test]
fn the_version_that_is_built_in_is_not_built_again() {
    let bench = Bench::new();
    let version = env!("CARGO_PKG_VERSION");
    let arguments = ["run", "tiny.toml", "--engine", &format!("reference,reference@{version}")];
    let said = bench.expect(0, &arguments);
    assert!(!said.stderr.contains("building"), "{said:?}");
    assert_eq!(bench.results("deadzone-out").runs.len(), 1, "named twice, run once");
}

/// Builds two workers, which takes minutes and the registry.
#[test]
#[ignore = "needs a network and minutes; run it with `cargo test -p deadzone -- --ignored`"]
fn two_releases_side_by_side() {
    let bench = Bench::new();
    let cache = bench.path().join("cache");
    let run = |out: &str| {
        let engines = "yrs@0.24.0..0.25.0,yrs";
        let mut command = bench.command(&["run", "tiny.toml", "--engine", engines, "--out", out]);
        let output = command.env("XDG_CACHE_HOME", &cache).output().expect("the program starts");
        assert!(output.status.success(), "{output:?}");
        let results = bench.results(out);
        (results, String::from_utf8(output.stderr).expect("it prints UTF-8"))
    };
    let (first, said) = run("first");
    assert_eq!(said.matches("building a worker for yrs").count(), 2, "{said}");
    let versions: Vec<_> = first.runs.iter().map(|run| run.engine_version.as_str()).collect();
    assert_eq!(versions, ["0.24.0", "0.25.0", "0.28.1"]);
    assert!(
        first.runs.iter().all(|run| run.verdict.converged && run.metrics["cpu_work"].value > 0)
    );
    let (second, said) = run("second");
    assert!(!said.contains("building"), "they are kept: {said}");
    assert_eq!(first.digest, second.digest);
}
