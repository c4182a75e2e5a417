//! All charts of a campaign as files.

use std::collections::BTreeSet;

use deadzone_core::record::{CpuMode, Results};

use crate::charts;
use crate::context::Context;
use crate::sheet::{self, Scope, Sheet};

/// One drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// What it shows, as a part of a file name: `local-edit-latency`.
    pub kind: String,
    /// The drawing, made for a page; see [`crate::charts`](mod@crate::charts).
    pub drawing: String,
}

/// The distributions that have curves of their own, with their titles.
const CURVES: [(&str, &str); 6] = [
    ("local_edit_latency", "Local edit latency"),
    ("visibility_latency", "Time until an edit is seen by others"),
    ("convergence_time", "Time until all replicas are equal"),
    ("cold_start", "Cold start"),
    ("message_size", "Message size"),
    ("engine_call_work", "Work of one engine call"),
];

/// Every chart that a sheet has something for, in the order of a page.
pub fn charts(sheet: &Sheet<'_>) -> Vec<Chart> {
    let mut all = Vec::new();
    let mut put = |kind: &str, drawing: Option<String>| {
        all.extend(drawing.map(|drawing| Chart { kind: kind.replace('_', "-"), drawing }));
    };
    for (name, title) in CURVES {
        let seeds = if sheet.seeds().len() > 1 { ", samples of all seeds" } else { "" };
        let title = format!("{title}{seeds}");
        put(name, charts::percentiles(sheet, Scope::Run, name, &title));
    }
    for name in series_names(sheet) {
        put(name, charts::series(sheet, name));
    }
    put("energy", charts::energy(sheet));
    put("battery", charts::battery(sheet));
    put("factors", charts::factors(sheet));
    all
}

fn series_names<'a>(sheet: &Sheet<'a>) -> Vec<&'a str> {
    let names: BTreeSet<&str> =
        sheet.runs().flat_map(|run| run.series.keys().map(String::as_str)).collect();
    names.into_iter().collect()
}

/// All charts as `(name, content)`, names without a folder:
/// `subway-commute-local-edit-latency.svg`. What sets a sheet apart from others
/// of its scenario stands in the name; where that is not enough, a number does.
pub fn files(results: &Results, context: &Context) -> Vec<(String, String)> {
    named(results, context)
        .into_iter()
        .map(|(name, drawing)| (format!("{name}.svg"), charts::standalone(&drawing)))
        .collect()
}

/// All charts, made for a page, with the names of their files without an ending.
pub(crate) fn named(results: &Results, context: &Context) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Vec::new();
    let mut taken = BTreeSet::new();
    for sheet in sheet::sheets(results, context) {
        let plain = stem(&sheet);
        let mut stem = plain.clone();
        let mut number = 2;
        while !taken.insert(stem.clone()) {
            stem = format!("{plain}-{number}");
            number += 1;
        }
        for chart in charts(&sheet) {
            files.push((format!("{stem}-{}", chart.kind), chart.drawing));
        }
    }
    files
}

fn stem(sheet: &Sheet<'_>) -> String {
    let mut words = vec![sheet.scenario.to_owned()];
    words.extend(sheet.parameters.iter().map(|(key, value)| format!("{key}-{value}")));
    if sheet.simulator != "event" {
        words.push(sheet.simulator.to_owned());
    }
    match sheet.cpu {
        CpuMode::Counted => {}
        CpuMode::Wall => words.push("wall".to_owned()),
        CpuMode::Off => words.push("no-cpu".to_owned()),
    }
    let name = words.join("-");
    let safe = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    // A name that begins with a dot would be hidden, or be a folder.
    name.chars().map(safe).collect::<String>().trim_start_matches('.').to_owned()
}
