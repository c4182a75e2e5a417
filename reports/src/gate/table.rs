//! The comparison for a terminal.

use comfy_table::{
    Cell, CellAlignment, ContentArrangement, ContentLineStyle, LineStyle, Table, TableStyle,
};

use super::comparison::{Comparison, Verdict};
use super::delta::{Delta, Status};
use super::words;
use crate::ink::{self, Ink};
use crate::table::Style;

/// The verdict, why something could not be compared, what moved with the worst
/// first (at most `MOST_ROWS` rows), the suspects and what to do.
pub fn table(comparison: &Comparison, style: Style) -> String {
    let ink = match comparison.verdict() {
        Verdict::Same | Verdict::Better => Ink::Good,
        Verdict::Worse => Ink::Bad,
        Verdict::Incomparable => Ink::Middling,
    };
    let mut page = format!("{}\n", ink::mark(ink, &words::summary(comparison)));
    not_compared(&mut page, comparison);
    let moved: Vec<&Delta> = comparison.moved().collect();
    if !moved.is_empty() {
        page.push_str(&rows(&moved[..moved.len().min(MOST_ROWS)]));
        page.push('\n');
        if moved.len() > MOST_ROWS {
            page.push_str(&format!("and {} more\n", moved.len() - MOST_ROWS));
        }
        suspects(&mut page, comparison);
    }
    if let Some(advice) = words::advice(comparison) {
        page.push_str(advice);
        page.push('\n');
    }
    ink::paint(&page, style.color)
}

/// More would push the verdict out of sight.
const MOST_ROWS: usize = 60;

fn not_compared(page: &mut String, comparison: &Comparison) {
    if !comparison.builds.is_empty() {
        page.push_str("The builds differ, so counts do not mean the same:\n");
        for difference in &comparison.builds {
            page.push_str(&format!("  {}\n", ink::plain(&words::difference(difference))));
        }
    }
    for (run, differences) in &comparison.left_out {
        page.push_str(&format!("Not compared: {}\n", ink::plain(run)));
        for difference in differences {
            page.push_str(&format!("  {}\n", ink::plain(&words::difference(difference))));
        }
    }
}

fn suspects(page: &mut String, comparison: &Comparison) {
    for (index, suspect) in comparison.suspects.iter().enumerate() {
        let word = if index == 0 { "First suspect" } else { "Also different" };
        page.push_str(&format!("{word}: {}\n", ink::plain(&words::difference(suspect))));
    }
}

const LINES: TableStyle = TableStyle::new()
    .top_border(LineStyle::new('─', '─', '─', '─'))
    .header_separator(LineStyle::new('─', '─', '─', '─'))
    .bottom_border(LineStyle::new('─', '─', '─', '─'))
    .header_lines(ContentLineStyle::none())
    .content_lines(ContentLineStyle::none());

fn rows(deltas: &[&Delta]) -> String {
    let mut table = Table::new();
    table.load_style(LINES).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["", "run", "figure", "baseline", "now", "change"]);
    for delta in deltas {
        let (before, after) = words::values(delta);
        let right = |text: String| Cell::new_owned(text).set_alignment(CellAlignment::Right);
        table.add_row([
            Cell::new_owned(status(delta)),
            Cell::new_owned(ink::plain(&run(delta))),
            Cell::new_owned(ink::plain(&words::figure(delta))),
            right(before),
            right(after),
            right(words::change(delta)),
        ]);
    }
    table.to_string()
}

fn status(delta: &Delta) -> String {
    let ink = match delta.status {
        _ if delta.advisory => Ink::Dim,
        Status::Worse | Status::Missing => Ink::Bad,
        Status::Better => Ink::Good,
        _ => Ink::Middling,
    };
    let advisory = if delta.advisory { " (wall)" } else { "" };
    ink::mark(ink, &format!("{}{advisory}", delta.status.name()))
}

fn run(delta: &Delta) -> String {
    let mut text = format!("{} {} {}", delta.scenario, delta.engine, delta.seed);
    if !delta.parameters.is_empty() {
        text.push(' ');
        text.push_str(&delta.parameters);
    }
    text
}
