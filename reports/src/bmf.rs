//! Bencher Metric Format, as bencher.dev takes it
//! (`bencher run --adapter json --file bmf.json`).

use std::collections::BTreeMap;

use deadzone_core::record::Results;
use serde::Serialize;

use crate::tracked::{self, Tracked};

#[derive(Serialize)]
struct Measure {
    value: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    lower_value: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upper_value: Option<u64>,
}

/// One benchmark for each scenario and engine (`scenario/engine`) and for each
/// group in it (`scenario/engine/group`); measures are metrics, percentiles
/// (`NAME_p50`, `NAME_p99`, `NAME_max`) and `failed_runs`. Of several seeds the
/// one in the middle is the value, the least and the greatest are its bounds.
/// Wall-clock figures have the name's suffix that keeps bencher from alerting.
pub fn render(results: &Results) -> String {
    let benchmarks: BTreeMap<String, BTreeMap<String, Measure>> = tracked::all(results)
        .iter()
        .map(|tracked| (benchmark(tracked), measures(tracked)))
        .filter(|(_, measures)| !measures.is_empty())
        .collect();
    let mut text = serde_json::to_string_pretty(&benchmarks).expect("maps of integers are JSON");
    text.push('\n');
    text
}

fn benchmark(tracked: &Tracked<'_>) -> String {
    let suffix = if tracked.wall { "_bencher_ignore" } else { "" };
    format!("{}{suffix}", tracked.name)
}

fn measures(tracked: &Tracked<'_>) -> BTreeMap<String, Measure> {
    let mut measures: BTreeMap<String, Measure> = tracked
        .figures
        .iter()
        .map(|(name, figure)| {
            let several = tracked.column.counting_runs().len() > 1;
            let bound = |value: u64| several.then_some(value);
            let measure = Measure {
                value: figure.value,
                lower_value: bound(figure.min),
                upper_value: bound(figure.max),
            };
            (name.clone(), measure)
        })
        .collect();
    if tracked.is_whole_run() && (tracked.failed > 0 || !measures.is_empty()) {
        let failed = Measure { value: tracked.failed, lower_value: None, upper_value: None };
        measures.insert("failed_runs".to_owned(), failed);
    }
    measures
}
