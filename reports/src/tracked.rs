//! Figures as services that watch them over time take them: by a name that
//! stays the same from run to run, with the span over seeds.

use std::collections::BTreeMap;

use deadzone_core::record::{CpuMode, Outcome, Results};

use crate::catalog::Part;
use crate::context::Context;
use crate::sheet::{self, Column, Figure, Scope, Sheet};

/// What is watched of one column, or of one group in it.
pub(crate) struct Tracked<'a> {
    /// `scenario/engine`, `scenario/engine/group`; with the version only where
    /// results hold several of one engine, so that a history goes on when an
    /// engine is updated.
    pub(crate) name: String,
    /// Where the figures come from.
    pub(crate) column: Column<'a>,
    /// By metric; histograms by percentile.
    pub(crate) figures: BTreeMap<String, Figure>,
    /// How many runs failed; unsupported ones did not.
    pub(crate) failed: u64,
    /// The group, or none for the whole run.
    group: Option<String>,
    /// Whether figures depend on the machine's mood.
    pub(crate) wall: bool,
}

/// All columns of all sheets, each followed by its groups.
pub(crate) fn all(results: &Results) -> Vec<Tracked<'_>> {
    let mut all = Vec::new();
    for sheet in sheet::sheets(results, &Context::default()) {
        for column in &sheet.columns {
            all.push(tracked(&sheet, column, Scope::Run));
            for group in sheet.groups() {
                all.push(tracked(&sheet, column, Scope::Group(group)));
            }
        }
    }
    all
}

fn tracked<'a>(sheet: &Sheet<'a>, column: &Column<'a>, scope: Scope<'_>) -> Tracked<'a> {
    let several = column.label != column.engine;
    let engine = if several {
        format!("{}@{}", column.engine, column.version)
    } else {
        column.engine.to_owned()
    };
    let mut name = format!("{}/{engine}", sheet.scenario);
    let group = match scope {
        Scope::Run => None,
        Scope::Group(group) => Some(group.to_owned()),
    };
    if let Some(group) = &group {
        name.push('/');
        name.push_str(group);
    }
    for words in sheet.circumstances() {
        name.push_str(&format!(" [{words}]"));
    }
    let failed = column.runs.iter().filter(|run| run.verdict.outcome.failed()).count() as u64;
    Tracked {
        name,
        column: column.clone(),
        figures: figures(column, scope),
        failed,
        group,
        wall: sheet.cpu == CpuMode::Wall,
    }
}

impl Tracked<'_> {
    /// Whether it is not about a group.
    pub(crate) fn is_whole_run(&self) -> bool {
        self.group.is_none()
    }
}

/// None where no run passed: figures of a run that stopped half-way would look
/// like an improvement.
fn figures(column: &Column<'_>, scope: Scope<'_>) -> BTreeMap<String, Figure> {
    let mut figures = BTreeMap::new();
    for run in column.counting_runs() {
        if run.verdict.outcome != Outcome::Passed {
            continue;
        }
        let (metrics, histograms) = match scope {
            Scope::Run => (&run.metrics, &run.histograms),
            Scope::Group(name) => match run.groups.get(name) {
                Some(group) => (&group.metrics, &group.histograms),
                None => continue,
            },
        };
        let of_histograms = histograms
            .keys()
            .flat_map(|name| [Part::P50, Part::P99, Part::Max].map(|part| (name, part)));
        for (name, part) in metrics.keys().map(|name| (name, Part::Value)).chain(of_histograms) {
            if let Some(figure) = column.figure(scope, name, part) {
                figures.insert(format!("{name}{}", part.suffix()), figure);
            }
        }
    }
    figures
}
