//! Comparison tables of the page.

use askama::Template;
use deadzone_core::record::Outcome;

use crate::catalog::Topic;
use crate::charts::palette;
use crate::compare::{self, Mean, Row};
use crate::sheet::{Column, Sheet};
use crate::table::{spread, verdict, words};
use crate::units;

/// A comparison: engines as columns, figures as rows.
#[derive(Template)]
#[template(path = "comparison.html")]
pub(super) struct Table {
    pub(super) columns: Vec<Heading>,
    pub(super) sections: Vec<Section>,
    /// Whether verdicts and means stand on top.
    pub(super) heads: bool,
}

impl Table {
    fn has_means(&self) -> bool {
        self.columns.iter().any(|column| column.mean.is_some())
    }
}

/// The heading of a column.
#[derive(Clone)]
pub(super) struct Heading {
    pub(super) name: String,
    pub(super) version: String,
    /// The custom property of its colour.
    pub(super) tint: &'static str,
    pub(super) baseline: bool,
    /// The number of its note, if it has one.
    pub(super) note: Option<usize>,
    pub(super) verdict: Verdict,
    pub(super) mean: Option<Factor>,
}

/// A verdict with its class.
#[derive(Clone)]
pub(super) struct Verdict {
    pub(super) class: &'static str,
    pub(super) text: String,
}

/// A factor with the hue of its background.
#[derive(Clone)]
pub(super) struct Factor {
    pub(super) text: String,
    pub(super) hue: u32,
}

/// Rows of one topic.
pub(super) struct Section {
    pub(super) title: String,
    pub(super) lines: Vec<Line>,
}

pub(super) struct Line {
    pub(super) label: String,
    pub(super) hint: String,
    pub(super) in_mean: bool,
    pub(super) cells: Vec<CellView>,
}

pub(super) struct CellView {
    /// Empty if there is no figure.
    pub(super) value: String,
    pub(super) factor: Option<Factor>,
    pub(super) best: bool,
    /// Of an engine that failed: shown, and not judged.
    pub(super) dim: bool,
    pub(super) baseline: bool,
    pub(super) range: Option<String>,
    pub(super) spread: Option<String>,
}

impl Factor {
    pub(super) fn of(factor: f64) -> Self {
        Self { text: format!("{}×", units::ratio(factor)), hue: hue(factor) }
    }
}

/// From green at 1 over yellow at 2 to red at 4 and beyond, as even in between
/// as people see factors: by their logarithm.
fn hue(factor: f64) -> u32 {
    const GREEN: f64 = 152.0;
    const YELLOW: f64 = 92.0;
    const RED: f64 = 25.0;
    let doublings = factor.max(1.0).log2().min(2.0);
    let hue = if doublings < 1.0 {
        GREEN + (YELLOW - GREEN) * doublings
    } else {
        YELLOW + (RED - YELLOW) * (doublings - 1.0)
    };
    hue.round() as u32
}

impl Verdict {
    pub(super) fn of(column: &Column<'_>) -> Self {
        let tally = column.tally();
        Self { class: class(tally.outcome), text: verdict(tally) }
    }

    pub(super) fn of_run(outcome: Outcome) -> Self {
        Self { class: class(outcome), text: words(outcome).to_owned() }
    }
}

fn class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Unsupported => "unsupported",
        _ => "failed",
    }
}

/// The custom property of a column's colour.
pub(super) fn tint(column: &Column<'_>) -> &'static str {
    palette::of(column.baseline, column.tone).class
}

/// The headings of a sheet; `notes` gives an engine's note a number.
pub(super) fn headings(sheet: &Sheet<'_>, notes: &dyn Fn(&str) -> Option<usize>) -> Vec<Heading> {
    let rows = compare::brief_rows(sheet);
    let means = compare::means(sheet, &rows);
    let heading = |(column, mean): (&Column<'_>, Option<Mean>)| Heading {
        name: column.engine.to_owned(),
        version: column.version.to_owned(),
        tint: tint(column),
        baseline: column.baseline,
        note: notes(column.engine),
        verdict: Verdict::of(column),
        mean: mean.map(|mean| Factor::of(mean.factor)),
    };
    sheet.columns.iter().zip(means).map(heading).collect()
}

/// Rows by topic; those that are zero for everybody are not among them.
pub(super) fn by_topic(sheet: &Sheet<'_>, rows: &[Row]) -> Vec<Section> {
    let mut sections: Vec<(Topic, Section)> = Vec::new();
    for row in rows.iter().filter(|row| !row.is_zero()) {
        if sections.last().is_none_or(|(topic, _)| *topic != row.topic) {
            let title = row.topic.title().to_owned();
            sections.push((row.topic, Section { title, lines: Vec::new() }));
        }
        let (_, section) = sections.last_mut().expect("just pushed");
        section.lines.push(line(sheet, row));
    }
    sections.into_iter().map(|(_, section)| section).collect()
}

/// The labels of rows that are zero for everybody.
pub(super) fn zeros(rows: &[Row]) -> Vec<String> {
    rows.iter().filter(|row| row.is_zero()).map(|row| row.label.clone()).collect()
}

pub(super) fn line(sheet: &Sheet<'_>, row: &Row) -> Line {
    Line {
        label: row.label.clone(),
        hint: hint(row),
        in_mean: row.in_mean,
        cells: row.cells.iter().zip(&sheet.columns).map(cell).collect(),
    }
}

fn hint(row: &Row) -> String {
    if row.hint.is_empty() { row.name.clone() } else { format!("{}: {}", row.name, row.hint) }
}

fn cell((cell, column): (&compare::Cell, &Column<'_>)) -> CellView {
    let dim = column.tally().outcome != Outcome::Passed;
    let Some(figure) = &cell.figure else {
        return CellView {
            value: String::new(),
            factor: None,
            best: false,
            dim,
            baseline: column.baseline,
            range: None,
            spread: None,
        };
    };
    CellView {
        value: units::human(figure.value, &figure.unit),
        factor: cell.factor.map(Factor::of),
        best: cell.best,
        dim,
        baseline: column.baseline,
        range: figure.stated_range.map(|(low, high)| units::range(low, high, &figure.unit)),
        spread: spread(figure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_go_from_green_over_yellow_to_red() {
        for (factor, expected) in [(0.5, 152), (1.0, 152), (2.0, 92), (4.0, 25), (1_000.0, 25)] {
            assert_eq!(hue(factor), expected);
        }
        assert!(hue(1.4) < hue(1.2) && hue(3.0) < hue(2.0));
    }
}
