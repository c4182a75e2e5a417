//! Several versions of one engine in one results file.

mod fixture;

use deadzone_core::record::Results;
use deadzone_reports::command::reproduce;
use deadzone_reports::sheet::sheets;
use fixture::context;

/// The small campaign, with its first engine in these versions beside.
fn with(versions: &[&str]) -> (String, Results) {
    let small = fixture::small();
    let mut runs = small.runs.clone();
    let first = runs[0].clone();
    for version in versions {
        let mut run = first.clone();
        run.engine_version = (*version).to_owned();
        runs.push(run);
    }
    (first.engine, Results::new(small.build, runs, small.environment))
}

#[test]
fn each_version_has_a_column_with_its_number() {
    let (engine, results) = with(&["0.9.0", "0.10.0", "path:../a", "path:../b"]);
    let sheets = sheets(&results, &context());
    let columns: Vec<_> =
        sheets.iter().flat_map(|sheet| &sheet.columns).filter(|it| it.engine == engine).collect();
    let labels: Vec<_> = columns.iter().map(|column| column.label.as_str()).collect();
    let number = |version: &str| labels.iter().position(|it| **it == format!("{engine} {version}"));
    assert!(number("0.9.0").expect("it is there") < number("0.10.0").expect("it is there"));
    assert!(number("path:../a").is_some() && number("path:../b").is_some(), "{labels:?}");
    assert_eq!(labels.len(), 5, "{labels:?}");
    assert!(columns.iter().all(|column| column.runs.len() == 1), "no runs are thrown together");
    let mut tones: Vec<_> = columns.iter().map(|column| column.tone).collect();
    tones.sort_unstable();
    tones.dedup();
    assert_eq!(tones.len(), 5, "each has its own colour");
}

#[test]
fn the_order_of_runs_decides_nothing() {
    let (_, forth) = with(&["path:../a", "path:../b", "0.9.0"]);
    let (_, back) = with(&["0.9.0", "path:../b", "path:../a"]);
    assert_eq!(forth.digest, back.digest);
}

#[test]
fn a_version_is_named_where_it_is_not_built_in() {
    let (engine, results) = with(&[]);
    let run = &results.runs[0];
    let mut context = context();
    let named = format!("--engine {engine}@{} ", run.engine_version);
    assert!(!reproduce(run, &results, &context).contains(&named), "nothing else is known");
    context.engines.entry(engine.clone()).or_default().version.clone_from(&run.engine_version);
    assert!(!reproduce(run, &results, &context).contains(&named), "it is built in");
    context.engines.entry(engine).or_default().version = "99.0.0".to_owned();
    assert!(reproduce(run, &results, &context).contains(&named), "it must be asked for");
}
