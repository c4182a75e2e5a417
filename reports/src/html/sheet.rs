//! The part of the page about one sheet.

use deadzone_core::record::{CpuMode, Results, RunRecord};

use super::table::{self, Section, Table, Verdict};
use crate::command::reproduce;
use crate::compare::{self, Row};
use crate::context::Context;
use crate::sheet::{Scope, Sheet};
use crate::svg;
use crate::table::facts;
use crate::units;

/// One scenario under one set of circumstances.
pub(super) struct SheetView {
    pub(super) anchor: String,
    pub(super) scenario: String,
    pub(super) circumstances: Vec<String>,
    pub(super) simulator: String,
    pub(super) not_honoured: Vec<String>,
    pub(super) wall: bool,
    pub(super) question: String,
    pub(super) description: Vec<String>,
    pub(super) facts: String,
    /// Whether an engine that failed has figures.
    pub(super) some_failed: bool,
    pub(super) several_seeds: bool,
    pub(super) stated_ranges: bool,
    pub(super) brief: Table,
    /// What is zero for everybody, of the rows that people ask for first.
    pub(super) zeros: String,
    pub(super) notes: Vec<Note>,
    /// The first charts, and those that are folded.
    pub(super) charts: Vec<String>,
    pub(super) more_charts: Vec<String>,
    pub(super) all: Table,
    pub(super) all_zeros: String,
    pub(super) groups: Table,
    pub(super) runs: Vec<RunView>,
}

/// What a reader must know of an engine.
pub(super) struct Note {
    pub(super) number: usize,
    pub(super) engine: String,
    pub(super) text: String,
}

/// One run, with all that leads to it.
pub(super) struct RunView {
    pub(super) scenario: String,
    pub(super) engine: String,
    pub(super) version: String,
    pub(super) seed: u64,
    pub(super) verdict: Verdict,
    pub(super) violations: Vec<String>,
    pub(super) events: String,
    pub(super) audit: String,
    pub(super) command: String,
}

impl RunView {
    pub(super) fn of(run: &RunRecord, results: &Results, context: &Context) -> Self {
        Self {
            scenario: run.scenario.clone(),
            engine: run.engine.clone(),
            version: run.engine_version.clone(),
            seed: run.seed,
            verdict: Verdict::of_run(run.verdict.outcome),
            violations: run.verdict.violations.clone(),
            events: if run.events > 0 { units::grouped(run.events) } else { "–".to_owned() },
            audit: run.audit.chars().take(8).collect(),
            command: reproduce(run, results, context),
        }
    }
}

impl SheetView {
    pub(super) fn of(
        sheet: &Sheet<'_>,
        number: usize,
        results: &Results,
        context: &Context,
    ) -> Self {
        let notes = notes(sheet, context);
        let note_of =
            |engine: &str| notes.iter().find(|note| note.engine == engine).map(|note| note.number);
        let headings = table::headings(sheet, &note_of);
        let rows = compare::rows(sheet, Scope::Run);
        let brief = compare::brief_rows(sheet);
        let in_brief: Vec<Row> = rows.iter().filter(|row| row.in_brief).cloned().collect();
        let text = context.scenarios.get(sheet.scenario);
        let (charts, more_charts) = charts(sheet);
        Self {
            anchor: format!("s{number}"),
            scenario: sheet.scenario.to_owned(),
            circumstances: sheet.circumstances(),
            simulator: sheet.simulator.to_owned(),
            not_honoured: sheet.not_honoured().into_iter().map(str::to_owned).collect(),
            wall: sheet.cpu == CpuMode::Wall,
            question: context.question(sheet.scenario).unwrap_or_default().to_owned(),
            description: text.map(|text| text.description.clone()).unwrap_or_default(),
            facts: facts(sheet),
            some_failed: some_failed(sheet, &brief),
            several_seeds: sheet.seeds().len() > 1,
            stated_ranges: has_ranges(&brief),
            brief: Table {
                columns: headings.clone(),
                sections: table::by_topic(sheet, &brief),
                heads: true,
            },
            zeros: table::zeros(&in_brief).join(", "),
            charts,
            more_charts,
            groups: Table { columns: headings.clone(), sections: groups(sheet), heads: false },
            all: Table { columns: headings, sections: table::by_topic(sheet, &rows), heads: false },
            all_zeros: table::zeros(&rows).join(", "),
            runs: sheet.runs().map(|run| RunView::of(run, results, context)).collect(),
            notes,
        }
    }
}

fn some_failed(sheet: &Sheet<'_>, rows: &[Row]) -> bool {
    sheet.columns.iter().enumerate().any(|(index, column)| {
        column.tally().outcome.failed() && rows.iter().any(|row| row.cells[index].figure.is_some())
    })
}

fn has_ranges(rows: &[Row]) -> bool {
    rows.iter()
        .flat_map(|row| &row.cells)
        .filter_map(|cell| cell.figure.as_ref())
        .any(|figure| figure.stated_range.is_some())
}

/// Notes by engine, one number for each engine that has any.
fn notes(sheet: &Sheet<'_>, context: &Context) -> Vec<Note> {
    let mut engines: Vec<&str> = sheet.columns.iter().map(|column| column.engine).collect();
    engines.dedup();
    let texts = engines.into_iter().filter_map(|engine| {
        let text = context.engines.get(engine)?;
        (!text.notes.is_empty()).then(|| (engine, text.notes.join(" ")))
    });
    texts
        .enumerate()
        .map(|(index, (engine, text))| Note { number: index + 1, engine: engine.to_owned(), text })
        .collect()
}

/// Rows of each group, one section for each.
fn groups(sheet: &Sheet<'_>) -> Vec<Section> {
    let section = |group: &str| Section {
        title: group.to_owned(),
        lines: compare::rows(sheet, Scope::Group(group))
            .iter()
            .filter(|row| !row.is_zero())
            .map(|row| table::line(sheet, row))
            .collect(),
    };
    let sections = sheet.groups().into_iter().map(section);
    sections.filter(|section| !section.lines.is_empty()).collect()
}

/// Charts that answer what people ask first, and the others.
fn charts(sheet: &Sheet<'_>) -> (Vec<String>, Vec<String>) {
    let (mut first, mut others) = (Vec::new(), Vec::new());
    for chart in svg::charts(sheet) {
        if FOLDED.contains(&chart.kind.as_str()) { &mut others } else { &mut first }
            .push(chart.drawing);
    }
    (first, others)
}

const FOLDED: [&str; 4] = ["message-size", "engine-call-work", "cold-start", "factors"];
