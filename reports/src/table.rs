//! The comparison for a terminal: one table for each scenario, engines as
//! columns, a choice of figures as rows.

use comfy_table::{
    Cell as TableCell, CellAlignment, ContentArrangement, ContentLineStyle, LineStyle, Table,
    TableStyle,
};
use deadzone_core::record::{CpuMode, Outcome, Results};

use crate::command::reproduce;
use crate::compare::{self, Cell, Mean, Row};
use crate::context::Context;
use crate::ink::{self, Ink, mark, plain};
use crate::sheet::{self, Column, Figure, Sheet, Tally};
use crate::units;

/// How to write to a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether to write colours.
    pub color: bool,
    /// How many columns the terminal has; tables that are wider are cut into
    /// several with some engines each.
    pub width: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self { color: false, width: 100 }
    }
}

/// All scenarios with their tables, what failed and how to reproduce it, and a
/// last line that sums up.
pub fn render(results: &Results, context: &Context, style: Style) -> String {
    let sheets = sheet::sheets(results, context);
    let mut page = String::new();
    for sheet in &sheets {
        heading(&mut page, sheet, context, style);
        page.push_str(&tables(sheet, style));
        failures(&mut page, sheet, results, context, style);
        page.push('\n');
    }
    page.push_str(&wrapped(&last_line(results), style.width, ""));
    ink::paint(&page, style.color)
}

/// How many runs ended in which way, in one line: `14 of 17 runs passed; 1
/// violated, 2 unsupported`.
pub fn last_line(results: &Results) -> String {
    let total = results.runs.len();
    let count =
        |outcome: Outcome| results.runs.iter().filter(|run| run.verdict.outcome == outcome).count();
    let others: Vec<String> = OUTCOMES
        .iter()
        .map(|outcome| (outcome, count(*outcome)))
        .filter(|(_, count)| *count > 0)
        .map(|(outcome, count)| format!("{count} {}", words(*outcome)))
        .collect();
    let passed = format!("{} of {total} runs passed", count(Outcome::Passed));
    if others.is_empty() { passed } else { format!("{passed}; {}", others.join(", ")) }
}

/// What is not passed, the gravest first.
const OUTCOMES: [Outcome; 7] = [
    Outcome::Aborted,
    Outcome::Panicked,
    Outcome::Hung,
    Outcome::Violated,
    Outcome::NotConverged,
    Outcome::NotSilent,
    Outcome::Unsupported,
];

/// An outcome as people read it.
pub fn words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::NotConverged => "not converged",
        Outcome::NotSilent => "not silent",
        other => other.name(),
    }
}

/// The verdict on all seeds of a column: `✓ passed`, `✗ violated 1 of 2`.
pub(crate) fn verdict(tally: Tally) -> String {
    let sign = match tally.outcome {
        Outcome::Passed => "✓",
        Outcome::Unsupported => "–",
        _ => "✗",
    };
    let part = if tally.not_passed > 0 && tally.not_passed < tally.of {
        format!(" {} of {}", tally.not_passed, tally.of)
    } else {
        String::new()
    };
    format!("{sign} {}{part}", words(tally.outcome))
}

/// Devices, virtual time and seeds of a sheet.
pub(crate) fn facts(sheet: &Sheet<'_>) -> String {
    let mut facts = Vec::new();
    // A run that died tells neither.
    if let Some(devices) = sheet.runs().map(|run| run.devices).max().filter(|count| *count > 0) {
        facts.push(format!("{devices} {}", if devices == 1 { "device" } else { "devices" }));
    }
    if let Some(time) = sheet.runs().map(|run| run.virtual_time_ns).max().filter(|time| *time > 0) {
        facts.push(format!("{} of virtual time", units::span(time)));
    }
    facts.push(seeds(sheet));
    facts.join(", ")
}

/// The seeds of a sheet: `seed 1`, `seeds 1, 2, 7`, `seeds 0 to 99`.
pub(crate) fn seeds(sheet: &Sheet<'_>) -> String {
    let seeds = sheet.seeds();
    match seeds.as_slice() {
        [seed] => format!("seed {seed}"),
        [first, .., last] if seeds.len() > 4 && last - first == seeds.len() as u64 - 1 => {
            format!("seeds {first} to {last}")
        }
        all if all.len() <= 12 => {
            format!("seeds {}", all.iter().map(u64::to_string).collect::<Vec<_>>().join(", "))
        }
        all => format!("{} seeds", all.len()),
    }
}

fn heading(page: &mut String, sheet: &Sheet<'_>, context: &Context, style: Style) {
    page.push_str(&mark(Ink::Bold, &plain(sheet.scenario)));
    page.push('\n');
    if let Some(question) = context.question(sheet.scenario) {
        page.push_str(&wrapped(&plain(question), style.width, ""));
    }
    let facts = [vec![facts(sheet)], sheet.circumstances()].concat().join(", ");
    page.push_str(&mark(Ink::Dim, &wrapped(&plain(&facts), style.width, "")));
}

/// As few tables as fit the width, each with at least one engine.
fn tables(sheet: &Sheet<'_>, style: Style) -> String {
    let rows = compare::brief_rows(sheet);
    let means = compare::means(sheet, &rows);
    let mut rest: Vec<usize> = (0..sheet.columns.len()).collect();
    let mut text = String::new();
    while !rest.is_empty() {
        let mut take = rest.len();
        let mut drawn = table(sheet, &rows, &means, &rest);
        while take > 1 && width(&drawn) > style.width {
            take -= 1;
            drawn = table(sheet, &rows, &means, &rest[..take]);
        }
        text.push_str(&drawn);
        text.push('\n');
        rest.drain(..take);
    }
    text
}

fn width(drawn: &str) -> usize {
    drawn.lines().map(ink::width).max().unwrap_or(0)
}

const LINES: TableStyle = TableStyle::new()
    .top_border(LineStyle::new('─', '─', '┬', '─'))
    .header_lines(ContentLineStyle::none().junction('│'))
    .header_separator(LineStyle::new('─', '─', '┼', '─'))
    .content_lines(ContentLineStyle::none().junction('│'))
    .bottom_border(LineStyle::new('─', '─', '┴', '─'));

fn table(sheet: &Sheet<'_>, rows: &[Row], means: &[Option<Mean>], shown: &[usize]) -> String {
    let mut table = Table::new();
    table.load_style(LINES).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(line(String::new(), shown, |index| title(&sheet.columns[index])));
    let verdicts = |index: usize| {
        let tally = sheet.columns[index].tally();
        mark(tone_of(tally.outcome), &verdict(tally))
    };
    table.add_row(line("verdict".to_owned(), shown, verdicts));
    let has_means = means.iter().any(Option::is_some);
    for row in rows {
        let counts = row.in_mean && has_means;
        let label = if counts { format!("{} •", row.label) } else { row.label.clone() };
        let of = |index: usize| cell(&row.cells[index], &sheet.columns[index]);
        table.add_row(line(plain(&label), shown, of));
    }
    if has_means {
        let label = mark(Ink::Bold, "geometric mean of •");
        table.add_row(line(label, shown, |index| means[index].map_or_else(absent, mean)));
    }
    table.to_string()
}

fn line(label: String, shown: &[usize], cell: impl Fn(usize) -> String) -> Vec<TableCell> {
    let figures = shown
        .iter()
        .map(|index| TableCell::new_owned(cell(*index)).set_alignment(CellAlignment::Right));
    std::iter::once(TableCell::new_owned(label)).chain(figures).collect()
}

fn title(column: &Column<'_>) -> String {
    let below = if column.baseline {
        format!("{} baseline", column.version)
    } else {
        column.version.to_owned()
    };
    format!("{}\n{}", mark(Ink::Bold, &plain(column.engine)), mark(Ink::Dim, plain(&below).trim()))
}

/// The value with its factor, and in a second line what seeds or models leave
/// open.
fn cell(cell: &Cell, column: &Column<'_>) -> String {
    let Some(figure) = &cell.figure else { return absent() };
    let value = units::human(figure.value, &figure.unit);
    let passed = column.tally().outcome == Outcome::Passed;
    let mut text = match cell.factor {
        _ if cell.best => mark(Ink::Best, &format!("{value}  (best)")),
        Some(factor) if factor != 1.0 => {
            let shown = format!("({}x)", units::ratio(factor));
            let ink = if passed { tone(factor) } else { Ink::Dim };
            format!("{value} {}", mark(ink, &format!("{shown:>7}")))
        }
        _ => format!("{value}{:8}", ""),
    };
    if let Some((low, high)) = figure.stated_range {
        text.push_str(&below(&format!("model {}", units::range(low, high, &figure.unit))));
    }
    if let Some(range) = spread(figure) {
        text.push_str(&below(&range));
    }
    text
}

/// The least and the greatest of several seeds, where they read differently.
pub(crate) fn spread(figure: &Figure) -> Option<String> {
    let differ = units::human(figure.min, &figure.unit) != units::human(figure.max, &figure.unit);
    differ.then(|| units::range(figure.min, figure.max, &figure.unit))
}

fn below(text: &str) -> String {
    format!("\n{}", mark(Ink::Dim, text))
}

fn mean(mean: Mean) -> String {
    mark(tone(mean.factor), &format!("{}x", units::ratio(mean.factor)))
}

fn absent() -> String {
    mark(Ink::Dim, "–")
}

/// More would push the table out of sight.
const MOST_FAILURES: usize = 12;

fn failures(
    page: &mut String,
    sheet: &Sheet<'_>,
    results: &Results,
    context: &Context,
    style: Style,
) {
    let not_passed: Vec<_> =
        sheet.runs().filter(|run| run.verdict.outcome != Outcome::Passed).collect();
    for run in not_passed.iter().take(MOST_FAILURES) {
        let what = words(run.verdict.outcome);
        let who = plain(&format!("{} {} seed {}", run.engine, run.engine_version, run.seed));
        page.push_str(&mark(tone_of(run.verdict.outcome), &format!("{who}: {what}")));
        page.push('\n');
        for violation in &run.verdict.violations {
            page.push_str(&wrapped(&plain(violation), style.width, "  "));
        }
        if run.verdict.outcome.failed() {
            page.push_str(&mark(
                Ink::Dim,
                &format!("  $ {}", plain(&reproduce(run, results, context))),
            ));
            page.push('\n');
        }
    }
    if not_passed.len() > MOST_FAILURES {
        page.push_str(&format!("and {} more\n", not_passed.len() - MOST_FAILURES));
    }
    let not_honoured = sheet.not_honoured();
    if !not_honoured.is_empty() {
        page.push_str(&format!("Not as the scenario says on {}:\n", plain(sheet.simulator)));
        for said in not_honoured {
            page.push_str(&wrapped(&plain(said), style.width, "  "));
        }
    }
    if sheet.cpu == CpuMode::Wall {
        let words = "Timed on this machine: another run gives other figures.";
        page.push_str(&wrapped(words, style.width, ""));
    }
}

/// Broken between words into lines of at most `width`, each after `indent`.
fn wrapped(text: &str, width: usize, indent: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always one");
        let length = indent.len() + line.chars().count() + 1 + word.chars().count();
        if !line.is_empty() && length > width {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.iter().map(|line| format!("{indent}{line}\n")).collect()
}

fn tone(factor: f64) -> Ink {
    if factor < 1.5 {
        Ink::Good
    } else if factor < 3.0 {
        Ink::Middling
    } else {
        Ink::Bad
    }
}

fn tone_of(outcome: Outcome) -> Ink {
    match outcome {
        Outcome::Passed => Ink::Good,
        Outcome::Unsupported => Ink::Dim,
        _ => Ink::Bad,
    }
}
