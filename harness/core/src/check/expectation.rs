//! Expectations: bounds that a scenario sets on figures of its record.

use std::collections::BTreeMap;

use crate::record::{HistogramRecord, Metric, RunRecord};
use crate::scenario::{Expectation, Expectations};
use crate::time::Span;

/// The key of the bound on the longest convergence.
const CONVERGED_WITHIN: &str = "converged_within";

/// The expectations that a record does not meet, in words.
pub fn broken_expectations(expect: &Expectations, record: &RunRecord) -> Vec<String> {
    let mut broken = Vec::new();
    for expectation in &expect.overall {
        broken.extend(check(expectation, "", &record.metrics, &record.histograms));
    }
    for (name, expectations) in &expect.groups {
        let Some(group) = record.groups.get(name) else { continue };
        for expectation in expectations {
            let place = format!("{name}: ");
            broken.extend(check(expectation, &place, &group.metrics, &group.histograms));
        }
    }
    broken
}

fn check(
    expectation: &Expectation,
    place: &str,
    metrics: &BTreeMap<String, Metric>,
    histograms: &BTreeMap<String, HistogramRecord>,
) -> Option<String> {
    let Expectation { key, at_most } = expectation;
    if key == CONVERGED_WITHIN && !histograms.contains_key("convergence_time") {
        // Nothing was ever apart.
        return None;
    }
    let Some((value, unit)) = find(key, metrics, histograms) else {
        return Some(format!("{place}{key} was not measured; expected at most {at_most}"));
    };
    let shown = |value: u64| match unit {
        "ns" => Span::from_nanos(value).to_string(),
        unit => format!("{value} {unit}"),
    };
    (value > *at_most)
        .then(|| format!("{place}{key} is {}; expected at most {}", shown(value), shown(*at_most)))
}

/// The figure that a key names: a metric, a percentile of a histogram, or
/// `converged_within` for the longest convergence.
fn find<'a>(
    key: &str,
    metrics: &'a BTreeMap<String, Metric>,
    histograms: &'a BTreeMap<String, HistogramRecord>,
) -> Option<(u64, &'a str)> {
    if let Some(metric) = metrics.get(key) {
        return Some((metric.value, &metric.unit));
    }
    let key = if key == CONVERGED_WITHIN { "convergence_time_max" } else { key };
    let (name, percentile) = key.rsplit_once('_')?;
    let histogram = histograms.get(name)?;
    let value = match percentile {
        "p50" => histogram.p50,
        "p90" => histogram.p90,
        "p99" => histogram.p99,
        "p999" => histogram.p999,
        "max" => histogram.max,
        _ => return None,
    };
    Some((value, &histogram.unit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Histogram, metric};

    #[test]
    fn metrics_and_percentiles_are_found() {
        let metrics = [("edits_rejected".to_owned(), metric("edits_rejected", 2))].into();
        let mut times = Histogram::default();
        times.record(500);
        let histograms = [("convergence_time".to_owned(), times.to_record("ns"))].into();
        let said = |key: &str, at_most| {
            check(&Expectation { key: key.to_owned(), at_most }, "", &metrics, &histograms)
        };
        assert_eq!(said("edits_rejected", 2), None);
        assert!(said("edits_rejected", 1).is_some());
        assert_eq!(said("convergence_time_p99", 500), None);
        assert!(said("converged_within", 499).is_some());
        assert!(said("cold_start_p50", 1).is_some_and(|text| text.contains("not measured")));
    }
}
