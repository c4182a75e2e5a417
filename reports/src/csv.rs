//! One line for each run, group and figure, for spreadsheets and scripts.

use deadzone_core::record::{Better, CpuMode, MetricKind, Outcome, Results, RunRecord};

use crate::catalog::Part;
use crate::sheet::{Scope, measured};

const HEADER: &str = "scenario,engine,engine_version,seed,simulator,cpu,parameters,outcome,group,\
                      metric,value,unit,kind,better";

/// All figures of all runs (RFC 4180, lines ended by `\n`). `group` is empty
/// for the whole run; histograms stand as `NAME_count` and `NAME_p50` to
/// `NAME_max`; `parameters` as `key=value` divided by spaces. A run without
/// figures has one line with an empty metric, so that no failure is dropped.
pub fn render(results: &Results) -> String {
    let mut text = format!("{HEADER}\n");
    for run in &results.runs {
        let before = text.len();
        scope(&mut text, run, Scope::Run);
        for group in run.groups.keys() {
            scope(&mut text, run, Scope::Group(group));
        }
        if text.len() == before {
            line(&mut text, run, "", ["", "", "", "", ""]);
        }
    }
    text
}

fn scope(text: &mut String, run: &RunRecord, scope: Scope<'_>) {
    if run.verdict.outcome == Outcome::Unsupported {
        return;
    }
    let (group, metrics, histograms) = match scope {
        Scope::Run => ("", &run.metrics, &run.histograms),
        Scope::Group(name) => match run.groups.get(name) {
            Some(group) => (name, &group.metrics, &group.histograms),
            None => return,
        },
    };
    for (name, metric) in metrics {
        let value = metric.value.to_string();
        let (kind, better) = (kind(metric.kind), better(metric.better));
        line(text, run, group, [name, &value, &metric.unit, kind, better]);
    }
    for (name, histogram) in histograms {
        let count = histogram.count.to_string();
        line(text, run, group, [&format!("{name}_count"), &count, "count", "simulated", "none"]);
        for part in Part::OF_HISTOGRAMS {
            if let Some(metric) = measured(run, scope, name, part) {
                let name = format!("{name}{}", part.suffix());
                let value = metric.value.to_string();
                let (kind, better) = (kind(metric.kind), better(metric.better));
                line(text, run, group, [&name, &value, &metric.unit, kind, better]);
            }
        }
    }
}

fn line(text: &mut String, run: &RunRecord, group: &str, figure: [&str; 5]) {
    let parameters: Vec<String> =
        run.parameters.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let seed = run.seed.to_string();
    let cpu = match run.cpu {
        CpuMode::Counted => "counted",
        CpuMode::Wall => "wall",
        CpuMode::Off => "off",
    };
    let parameters = parameters.join(" ");
    let about = [
        run.scenario.as_str(),
        &run.engine,
        &run.engine_version,
        &seed,
        &run.simulator,
        cpu,
        &parameters,
        run.verdict.outcome.name(),
        group,
    ];
    let fields: Vec<String> = about.iter().chain(&figure).map(|field| escaped(field)).collect();
    text.push_str(&fields.join(","));
    text.push('\n');
}

/// In quotes where the field holds what divides fields.
fn escaped(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

/// The name in results.
pub(crate) fn kind(kind: MetricKind) -> &'static str {
    match kind {
        MetricKind::Counted => "counted",
        MetricKind::Simulated => "simulated",
        MetricKind::Wall => "wall",
    }
}

/// The name in results.
fn better(better: Better) -> &'static str {
    match better {
        Better::Less => "less",
        Better::More => "more",
        Better::None => "none",
    }
}
