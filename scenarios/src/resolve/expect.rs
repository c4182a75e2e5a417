//! Bounds on figures.

use std::collections::BTreeMap;

use deadzone_core::measure::{HISTOGRAMS, METRICS, MetricInfo};
use deadzone_core::scenario::{Expectation, Expectations, Group, Topology};

use super::fleet::RELAY;
use crate::error::{Located, Problem};
use crate::file::expect::{CONVERGED_WITHIN, ExpectFile, ExpectValue, OF_BASELINES, SUFFIXES};
use crate::units::{self, Quantity};
use crate::values::At;

pub(super) fn expectations(
    file: &ExpectFile,
    groups: &[Group],
    topology: &Topology,
) -> Result<Expectations, Located> {
    let mut names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    if matches!(topology, Topology::Relay(_)) {
        names.push(RELAY);
    }
    let mut expectations = Expectations::default();
    for (key, value) in &file.entries {
        match &value.value {
            ExpectValue::Group(bounds) => {
                if !names.contains(&key.as_str()) {
                    let problem = Problem::unknown("group", key, names.iter().copied());
                    return Err(problem.at(key.span.clone()));
                }
                let bounds = bounds.iter().map(|(key, value)| bound(key, value, &[]));
                let bounds = bounds.collect::<Result<_, _>>()?;
                expectations.groups.insert(key.value.clone(), bounds);
            }
            ExpectValue::Flag(flag) if key.as_str() == OF_BASELINES => {
                expectations.of_baselines = *flag;
            }
            _ if key.as_str() == OF_BASELINES => {
                return Err(value.wrong("this is no switch", "`true` or `false`"));
            }
            _ if key.as_str() == CONVERGED_WITHIN => {
                let at_most = amount(value, "ns")?;
                expectations.overall.push(Expectation { key: key.value.clone(), at_most });
            }
            _ => expectations.overall.push(bound(key, value, &names)?),
        }
    }
    Ok(expectations)
}

fn bound(
    key: &At<String>,
    value: &At<ExpectValue>,
    groups: &[&str],
) -> Result<Expectation, Located> {
    let Some(unit) = unit_of(key) else { return Err(unknown(key, groups)) };
    Ok(Expectation { key: key.value.clone(), at_most: amount(value, unit)? })
}

fn named<'a>(table: &'a [MetricInfo], name: &str) -> Option<&'a MetricInfo> {
    table.iter().find(|info| info.name == name)
}

fn unit_of(key: &str) -> Option<&'static str> {
    let percentile = || {
        let name = SUFFIXES.iter().find_map(|suffix| key.strip_suffix(suffix))?;
        named(HISTOGRAMS, name)
    };
    named(METRICS, key).or_else(percentile).map(|info| info.unit)
}

fn unknown(key: &At<String>, groups: &[&str]) -> Located {
    if named(HISTOGRAMS, key).is_some() {
        let examples = SUFFIXES.map(|suffix| format!("`{}{suffix}`", **key));
        return key.wrong(
            format!("`{}` is a distribution, not one figure", **key),
            format!("a percentile of it: {}", examples.join(", ")),
        );
    }
    if key.as_str() == CONVERGED_WITHIN {
        return key.wrong("the run converges as a whole", "`converged_within` in [expect] itself");
    }
    let percentiles: Vec<String> = HISTOGRAMS
        .iter()
        .flat_map(|info| SUFFIXES.map(|suffix| format!("{}{suffix}", info.name)))
        .collect();
    let metrics = METRICS.iter().map(|info| info.name);
    let known: BTreeMap<&str, ()> = metrics
        .chain(percentiles.iter().map(String::as_str))
        .chain(groups.iter().copied())
        .chain([CONVERGED_WITHIN, OF_BASELINES])
        .map(|name| (name, ()))
        .collect();
    Problem::new(format!("unknown metric `{}`", key.escape_debug()))
        .expected("a name of `deadzone list metrics`, for a histogram with its percentile")
        .nearest(key, known.keys().copied())
        .at(key.span.clone())
}

/// The bound in the metric's base unit.
fn amount(value: &At<ExpectValue>, unit: &str) -> Result<u64, Located> {
    let quantity: Option<&Quantity> = match unit {
        "ns" => Some(&units::TIME),
        "bytes" => Some(&units::SIZE),
        "uj" => Some(&units::ENERGY),
        "ppm" => Some(&units::SHARE),
        _ => None,
    };
    let plain = "a whole number, zero or more".to_owned();
    let expected = match (unit, quantity) {
        ("ns", Some(quantity)) => quantity.expected(),
        (_, Some(quantity)) => format!("{plain}, or {}", quantity.expected()),
        _ => plain,
    };
    match (&value.value, quantity) {
        (ExpectValue::Text(text), Some(quantity)) => {
            quantity.parse(text).map_err(|what| value.problem(what))
        }
        (ExpectValue::Number(number), _) if unit != "ns" => u64::try_from(*number)
            .map_err(|_| value.wrong(format!("`{number}` is negative"), expected)),
        (ExpectValue::Number(number), _) => {
            Err(value.wrong(format!("`{number}` has no unit"), expected))
        }
        (ExpectValue::Text(text), None) => {
            Err(value.wrong(format!("{:?} is no count", text.as_str()), expected))
        }
        (ExpectValue::Flag(_) | ExpectValue::Group(_), _) => {
            Err(value.wrong("this is no bound", expected))
        }
    }
}
