//! `list` and `schema`: what editors and other programs read.

use std::collections::BTreeSet;

use serde_json::Value;

use super::bench::Bench;

#[test]
fn lists_are_arrays_of_names_and_summaries() {
    let bench = Bench::new();
    for what in ["scenarios", "engines", "devices", "links", "metrics"] {
        let said = bench.expect(0, &["list", what, "--format", "json"]);
        assert_eq!(said.stderr, "", "{what}");
        let items: Vec<Value> = serde_json::from_str(&said.stdout).expect("an array of JSON");
        let mut names = BTreeSet::new();
        for item in &items {
            let fields = item.as_object().expect("an object");
            assert!(fields.keys().eq(["name", "summary"]), "{what}: {item}");
            for (key, value) in fields {
                assert!(value.as_str().is_some_and(|it| !it.is_empty()), "{what}: {key} of {item}");
            }
            assert!(names.insert(item["name"].as_str()), "{what}: {item} is there twice");
        }
        let text = bench.expect(0, &["list", what]).stdout;
        assert_eq!(text.lines().count(), items.len(), "{what}");
        assert!(!items.is_empty(), "{what}");
    }
}

/// Every name that `list` shows is one that `check` takes.
#[test]
fn listed_scenarios_are_valid() {
    let bench = Bench::new();
    let text = bench.expect(0, &["list", "scenarios"]).stdout;
    let names: Vec<_> = text.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let said = bench.expect(0, &[&["check"], names.as_slice()].concat());
    assert_eq!(said.stdout.lines().count(), names.len());
}

#[test]
fn schemas_are_json_schemas() {
    let bench = Bench::new();
    for of in ["scenario", "results", "plan"] {
        let said = bench.expect(0, &["schema", of]);
        let schema: Value = serde_json::from_str(&said.stdout).expect("JSON");
        let version = schema["$schema"].as_str().unwrap_or_default();
        assert!(version.starts_with("https://json-schema.org/"), "{of}: {version:?}");
        assert_eq!(said.stderr, "", "{of}");
    }
}

/// The schema of results names what results hold.
#[test]
fn results_are_as_their_schema_says() {
    let bench = Bench::new();
    bench.run("tiny.toml", "out", &[]);
    let schema: Value =
        serde_json::from_str(&bench.expect(0, &["schema", "results"]).stdout).expect("JSON");
    let results: Value = serde_json::from_str(&bench.read("out/results.json")).expect("JSON");
    let held = |value: &Value| -> BTreeSet<String> {
        value.as_object().expect("an object").keys().cloned().collect()
    };
    assert_eq!(held(&results), held(&schema["properties"]));
    for (value, name) in [
        (&results["build"], "Build"),
        (&results["environment"], "Environment"),
        (&results["runs"][0], "RunRecord"),
        (&results["runs"][0]["verdict"], "Verdict"),
        (&results["runs"][0]["metrics"]["cpu_work"], "Metric"),
        (&results["runs"][0]["histograms"]["message_size"], "HistogramRecord"),
    ] {
        assert_eq!(held(value), held(&schema["$defs"][name]["properties"]), "{name}");
    }
}

#[test]
fn help_and_version_are_no_errors() {
    let bench = Bench::new();
    for verb in ["run", "gate", "report", "list", "check", "schema"] {
        let said = bench.expect(0, &[verb, "--help"]);
        assert!(said.stdout.contains("Usage: deadzone"), "{said:#?}");
    }
    let said = bench.expect(0, &["--version"]);
    assert_eq!(said.stdout, format!("deadzone {}\n", env!("CARGO_PKG_VERSION")));
    // Nothing to do is no success.
    bench.expect(2, &[]);
}
