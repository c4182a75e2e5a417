//! Places that cannot be written, and what must not be lost in them.

use super::bench::Bench;

#[test]
fn output_folders() {
    let bench = Bench::new();
    bench.write("thesis/chapter.tex", "mine");
    let said: String = ["tiny.toml", "tiny.toml/below", "tiny.toml/far/below", "thesis"]
        .iter()
        .map(|place| bench.refused(&["run", "tiny.toml", "--engine", "reference", "--out", place]))
        .collect();
    insta::assert_snapshot!(said);
    assert_eq!(bench.read("thesis/chapter.tex"), "mine");
}

#[test]
fn an_empty_folder_is_taken() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path().join("out")).expect("it can be made");
    assert_eq!(bench.run("tiny.toml", "out", &[]).runs.len(), 1);
    assert_eq!(bench.run("tiny.toml", "new/deep/out", &[]).runs.len(), 1);
}

#[test]
fn an_earlier_output_survives_what_fails() {
    let bench = Bench::new();
    bench.run("tiny.toml", "out", &[]);
    bench.write("out/notes.txt", "mine");
    let (before, results) = (bench.files(), bench.read("out/results.json"));
    for wrong in [
        &["run", "gone.toml", "--out", "out"][..],
        &["run", "tiny.toml", "gone.toml", "--out", "out"],
        &["run", "tiny.toml", "--set", "sync.debonce=1s", "--out", "out"],
        &["run", "tiny.toml", "--traces", "gone", "--out", "out"],
        &["report", "out/results.json", "--format", "svg"],
        &["report", "out/results.json", "--out", "out"],
    ] {
        bench.refused(wrong);
        assert_eq!(bench.files(), before);
        assert_eq!(bench.read("out/results.json"), results);
    }
    // Another seed: the old output goes, what is not ours stays.
    bench.run("tiny.toml", "out", &["--seed", "2"]);
    assert_ne!(bench.read("out/results.json"), results);
    assert_eq!(bench.read("out/notes.txt"), "mine");
}

#[test]
fn places_for_reports_and_baselines() {
    let bench = Bench::new();
    bench.run("tiny.toml", "out", &[]);
    let results = "out/results.json";
    let said: String = [
        &["report", results, "--format", "svg"][..],
        &["report", results, "--format", "gha"],
        &["report", results, "--format", "png"],
        &["report", results, "--format", "gha", "--out", "tiny.toml"],
        &["report", results, "--format", "svg", "--out", "tiny.toml/below"],
        &["report", results, "--out", "gone/report.html"],
        &["report", results, "--out", "tiny.toml/report.html"],
        &["report", results, "--out", "out"],
        &["gate", "gone/baseline.json", results, "--update"],
        &["gate", "tiny.toml/baseline.json", results, "--update"],
        &["gate", "out", results, "--update"],
    ]
    .iter()
    .map(|arguments| bench.refused(arguments))
    .collect();
    insta::assert_snapshot!(said);
}
