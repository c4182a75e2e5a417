//! The whole page.

use askama::Template;
use deadzone_core::record::{Outcome, Results};
use deadzone_core::time::Span;

use super::sheet::{RunView, SheetView};
use super::table::{Factor, Verdict, tint};
use crate::catalog;
use crate::charts::palette;
use crate::compare::{self, FACTOR_RULE, MEAN_RULE};
use crate::context::Context;
use crate::sheet::{self, Sheet};
use crate::table::last_line;

#[derive(Template)]
#[template(path = "report.html")]
pub(super) struct Page {
    palette: String,
    title: String,
    passed: String,
    others: String,
    /// `passed` or `failed`.
    class: &'static str,
    intact: bool,
    reproducible: bool,
    overview: Overview,
    failures: Vec<RunView>,
    /// Failures beyond those that are shown.
    more_failures: usize,
    /// Engine and scenario, and what is lacking.
    unsupported: Vec<(String, String)>,
    sheets: Vec<SheetView>,
    has_means: bool,
    factor_rule: &'static str,
    mean_rule: &'static str,
    glossary: Vec<(String, String)>,
    build: Vec<(&'static str, String)>,
    environment: Vec<(&'static str, String)>,
    engines: Vec<(String, String)>,
    deadzone: String,
    digest: String,
}

/// All scenarios against all engines.
struct Overview {
    columns: Vec<OverviewColumn>,
    rows: Vec<OverviewRow>,
}

struct OverviewColumn {
    label: String,
    tint: &'static str,
    baseline: bool,
}

struct OverviewRow {
    anchor: String,
    title: String,
    question: String,
    cells: Vec<Option<(Verdict, Option<Factor>)>>,
}

impl Page {
    pub(super) fn of(results: &Results, context: &Context) -> Self {
        let sheets = sheet::sheets(results, context);
        let line = last_line(results);
        let (passed, others) = line.split_once("; ").unwrap_or((&line, ""));
        let failures: Vec<_> =
            results.runs.iter().filter(|run| run.verdict.outcome.failed()).collect();
        let overview = Overview::of(&sheets, context);
        Self {
            palette: palette::css(),
            title: format!("deadzone: {line}"),
            passed: passed.to_owned(),
            others: others.to_owned(),
            class: if !failures.is_empty() { "failed" } else { "passed" },
            intact: results.is_intact(),
            reproducible: results.environment.reproducible,
            has_means: overview.rows.iter().any(OverviewRow::has_mean),
            overview,
            failures: failures
                .iter()
                .take(MOST_FAILURES)
                .map(|run| RunView::of(run, results, context))
                .collect(),
            more_failures: failures.len().saturating_sub(MOST_FAILURES),
            unsupported: unsupported(results),
            sheets: sheets
                .iter()
                .enumerate()
                .map(|(number, sheet)| SheetView::of(sheet, number, results, context))
                .collect(),
            factor_rule: FACTOR_RULE,
            mean_rule: MEAN_RULE,
            glossary: glossary(results),
            build: build(results),
            environment: environment(results),
            engines: engines(&sheets, context),
            deadzone: results.build.deadzone.clone(),
            digest: results.digest.clone(),
        }
    }
}

/// More would push the comparison out of reach.
const MOST_FAILURES: usize = 30;

/// Each engine in each scenario once, whatever the number of seeds.
fn unsupported(results: &Results) -> Vec<(String, String)> {
    let mut lines: Vec<(String, String)> = Vec::new();
    for run in results.runs.iter().filter(|run| run.verdict.outcome == Outcome::Unsupported) {
        let who = format!("{} {} in {}", run.engine, run.engine_version, run.scenario);
        let line = (who, run.verdict.violations.join("; "));
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

impl Overview {
    fn of(sheets: &[Sheet<'_>], context: &Context) -> Self {
        let mut columns: Vec<OverviewColumn> = Vec::new();
        for column in sheets.iter().flat_map(|sheet| &sheet.columns) {
            if columns.iter().all(|known| known.label != column.label) {
                columns.push(OverviewColumn {
                    label: column.label.clone(),
                    tint: tint(column),
                    baseline: column.baseline,
                });
            }
        }
        columns.sort_by(|a, b| (a.baseline, a.tint).cmp(&(b.baseline, b.tint)));
        let row = |(number, sheet): (usize, &Sheet<'_>)| {
            // Once is enough for several sheets of one scenario.
            let again = number > 0 && sheets[number - 1].scenario == sheet.scenario;
            let question = context.question(sheet.scenario).filter(|_| !again);
            OverviewRow::of(sheet, number, &columns, question.unwrap_or_default())
        };
        let rows = sheets.iter().enumerate().map(row).collect();
        Self { columns, rows }
    }
}

impl OverviewRow {
    fn of(sheet: &Sheet<'_>, number: usize, columns: &[OverviewColumn], question: &str) -> Self {
        let means = compare::means(sheet, &compare::brief_rows(sheet));
        let cell = |column: &OverviewColumn| {
            let index = sheet.columns.iter().position(|other| other.label == column.label)?;
            let mean = means[index].map(|mean| Factor::of(mean.factor));
            Some((Verdict::of(&sheet.columns[index]), mean))
        };
        Self {
            anchor: format!("s{number}"),
            title: sheet.title(),
            question: question.to_owned(),
            cells: columns.iter().map(cell).collect(),
        }
    }

    fn has_mean(&self) -> bool {
        self.cells.iter().flatten().any(|(_, mean)| mean.is_some())
    }
}

/// One line on each figure that some run has.
fn glossary(results: &Results) -> Vec<(String, String)> {
    let mut names: Vec<&str> = Vec::new();
    for run in &results.runs {
        let groups = run.groups.values();
        names.extend(run.metrics.keys().chain(run.histograms.keys()).map(String::as_str));
        names.extend(
            groups
                .flat_map(|group| group.metrics.keys().chain(group.histograms.keys()))
                .map(String::as_str),
        );
    }
    names.sort_unstable();
    names.dedup();
    let line = |name: &str| Some((name.to_owned(), catalog::info(name)?.summary.to_owned()));
    names.into_iter().filter_map(line).collect()
}

fn build(results: &Results) -> Vec<(&'static str, String)> {
    let build = &results.build;
    present([
        ("deadzone", build.deadzone.clone()),
        ("compiler", build.rustc.clone()),
        ("target", build.target.clone()),
        ("profile", build.profile.clone()),
        ("flags", build.flags.clone()),
        ("CPU features", build.cpu_features.join(" ")),
        ("Cargo.lock", build.lockfile.clone()),
        ("models", build.models.clone()),
        ("digest", results.digest.clone()),
    ])
}

fn environment(results: &Results) -> Vec<(&'static str, String)> {
    let environment = &results.environment;
    let seconds = |nanoseconds: u64| {
        if nanoseconds == 0 {
            return String::new();
        }
        Span::from_nanos(nanoseconds / 1_000_000 * 1_000_000).to_string()
    };
    let model = environment.cpu_model.iter().map(|(name, value)| format!("{name} {value}"));
    present([
        ("commit", environment.git.clone()),
        ("machine", environment.host.clone()),
        ("started", environment.started.clone()),
        ("wall time", seconds(environment.wall_time_ns)),
        ("of it in engines", seconds(environment.wall_time_in_engine_ns)),
        ("CPU model", model.collect::<Vec<_>>().join(", ")),
    ])
}

fn present<const N: usize>(lines: [(&'static str, String); N]) -> Vec<(&'static str, String)> {
    lines.into_iter().filter(|(_, text)| !text.is_empty()).collect()
}

/// Each engine with its version and what the adapter says of it.
fn engines(sheets: &[Sheet<'_>], context: &Context) -> Vec<(String, String)> {
    let mut engines: Vec<(String, String)> = Vec::new();
    for column in sheets.iter().flat_map(|sheet| &sheet.columns) {
        let name = format!("{} {}", column.engine, column.version);
        if engines.iter().all(|(known, _)| *known != name) {
            let text = context.engines.get(column.engine);
            let mut summary = text.map(|text| text.summary.clone()).unwrap_or_default();
            if column.baseline {
                let divider = if summary.is_empty() { "" } else { "; " };
                summary = format!("{summary}{divider}a baseline");
            }
            engines.push((name, summary));
        }
    }
    engines
}
