//! `summary.md`: for a step summary or a comment on a pull request.

use deadzone_core::record::{Outcome, Results, RunRecord};

use crate::command::reproduce;
use crate::compare::{self, Cell, Row};
use crate::context::Context;
use crate::sheet::{self, Sheet};
use crate::table::{facts, last_line, spread, verdict, words};
use crate::units;

/// The most that a summary has, in bytes: a comment on a pull request may have
/// 64 KiB.
pub const LIMIT: usize = 60_000;

/// The verdict in the first line, then what failed, then the rows with the
/// greatest factors, then a table for each scenario, folded. What does not fit
/// into [`LIMIT`] is named and left out, from the end.
pub fn render(results: &Results, context: &Context) -> String {
    let sheets = sheet::sheets(results, context);
    let mut page = Page::default();
    page.add(&format!("**{}**\n\n", first_line(results)));
    let failures: Vec<&RunRecord> =
        results.runs.iter().filter(|run| run.verdict.outcome.failed()).collect();
    if !failures.is_empty() {
        page.add("### What failed\n\n");
        for run in failures {
            page.add(&failure(run, results, context));
        }
    }
    page.add(&worst(&sheets));
    for sheet in &sheets {
        page.add(&details(sheet, results, context));
    }
    page.add(&build(results));
    page.finish()
}

/// Text that stops at the limit.
#[derive(Default)]
pub(crate) struct Page {
    text: String,
    left_out: usize,
}

/// What the last line of a page that was cut may take.
const RESERVE: usize = 200;

impl Page {
    pub(crate) fn add(&mut self, part: &str) {
        if self.text.len() + part.len() + RESERVE > LIMIT {
            self.left_out += 1;
        } else {
            self.text.push_str(part);
        }
    }

    pub(crate) fn finish(mut self) -> String {
        if self.left_out > 0 {
            self.text.push_str(&format!(
                "\n_{} more parts did not fit; report.html and results.json have them._\n",
                self.left_out
            ));
        }
        self.text
    }
}

fn first_line(results: &Results) -> String {
    let sign =
        if results.runs.iter().any(|run| run.verdict.outcome.failed()) { "❌" } else { "✅" };
    format!("{sign} deadzone: {}", last_line(results))
}

fn failure(run: &RunRecord, results: &Results, context: &Context) -> String {
    let mut text = format!(
        "- **{}** on {} {}, seed {}: {}\n",
        inline(&run.scenario),
        inline(&run.engine),
        inline(&run.engine_version),
        run.seed,
        words(run.verdict.outcome)
    );
    for violation in run.verdict.violations.iter().take(MOST_VIOLATIONS) {
        text.push_str(&format!("  - {}\n", inline(&shortened(violation))));
    }
    let more = run.verdict.violations.len().saturating_sub(MOST_VIOLATIONS);
    if more > 0 {
        text.push_str(&format!("  - and {more} more\n"));
    }
    text.push_str(&format!("\n{}", fenced(&reproduce(run, results, context), "  ", "sh")));
    text
}

const MOST_VIOLATIONS: usize = 5;
const LONGEST_VIOLATION: usize = 400;

fn shortened(text: &str) -> String {
    if text.chars().count() <= LONGEST_VIOLATION {
        return text.to_owned();
    }
    text.chars().take(LONGEST_VIOLATION).chain(['…']).collect()
}

/// The figures in which engines differ most.
fn worst(sheets: &[Sheet<'_>]) -> String {
    let mut rows: Vec<(f64, &Sheet<'_>, usize, Row)> = Vec::new();
    for sheet in sheets {
        for row in compare::brief_rows(sheet) {
            for index in 0..row.cells.len() {
                let Some(factor) = row.cells[index].factor else { continue };
                if factor >= NOTEWORTHY && !sheet.columns[index].baseline {
                    rows.push((factor, sheet, index, row.clone()));
                }
            }
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut text = "### Where engines differ most\n\n| scenario | engine | figure | value | \
                    factor | best |\n|---|---|---|--:|--:|--:|\n"
        .to_owned();
    for (factor, sheet, index, row) in rows.iter().take(MOST_ROWS) {
        let best = row.cells.iter().find(|cell| cell.best);
        text.push_str(&format!(
            "| {} | {} | {} | {} | {}x | {} |\n",
            inline(&sheet.title()),
            inline(&sheet.columns[*index].label),
            inline(&row.label),
            value(&row.cells[*index]),
            units::ratio(*factor),
            best.map_or_else(String::new, value),
        ));
    }
    text.push('\n');
    text
}

/// Factors below this are no news.
const NOTEWORTHY: f64 = 1.5;
const MOST_ROWS: usize = 12;

fn value(cell: &Cell) -> String {
    cell.figure
        .as_ref()
        .map_or_else(|| "–".to_owned(), |figure| units::human(figure.value, &figure.unit))
}

fn details(sheet: &Sheet<'_>, results: &Results, context: &Context) -> String {
    let mut text = format!(
        "<details><summary><b>{}</b>: {}</summary>\n\n",
        in_html(&sheet.title()),
        sheet_verdict(sheet)
    );
    if let Some(question) = context.question(sheet.scenario) {
        text.push_str(&format!("{}\n\n", inline(question)));
    }
    text.push_str(&format!("{}\n\n", inline(&facts(sheet))));
    let not_honoured = sheet.not_honoured();
    if !not_honoured.is_empty() {
        text.push_str(&format!("Not as the scenario says on {}:\n\n", inline(sheet.simulator)));
        for said in not_honoured {
            text.push_str(&format!("- {}\n", inline(said)));
        }
        text.push('\n');
    }
    text.push_str(&table(sheet));
    let which = if sheet.seeds().len() > 1 { " the first seed" } else { "" };
    text.push_str(&format!("\nTo reproduce{which}:\n\n"));
    let commands: Vec<String> =
        sheet.columns.iter().map(|column| reproduce(column.runs[0], results, context)).collect();
    text.push_str(&fenced(&commands.join("\n"), "", "sh"));
    text.push_str("</details>\n\n");
    text
}

fn sheet_verdict(sheet: &Sheet<'_>) -> String {
    let of = |outcome: Outcome| sheet.runs().filter(|run| run.verdict.outcome == outcome).count();
    let failed = sheet.runs().filter(|run| run.verdict.outcome.failed()).count();
    let mut text = format!("{} passed", of(Outcome::Passed));
    if failed > 0 {
        text.push_str(&format!(", {failed} failed"));
    }
    if of(Outcome::Unsupported) > 0 {
        text.push_str(&format!(", {} unsupported", of(Outcome::Unsupported)));
    }
    text
}

fn table(sheet: &Sheet<'_>) -> String {
    let rows = compare::brief_rows(sheet);
    let means = compare::means(sheet, &rows);
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let each = |of: &dyn Fn(usize) -> String| -> Vec<String> {
        (0..sheet.columns.len()).map(of).collect()
    };
    let headings = each(&|index| {
        let column = &sheet.columns[index];
        format!("{} {}", inline(column.engine), inline(column.version))
    });
    let mut text = line([vec![String::new()], headings].concat());
    text.push_str(&format!("|---|{}\n", "--:|".repeat(sheet.columns.len())));
    let verdicts = each(&|index| verdict(sheet.columns[index].tally()));
    text.push_str(&line([vec!["verdict".to_owned()], verdicts].concat()));
    for row in &rows {
        let label = if row.in_mean { format!("{} •", row.label) } else { row.label.clone() };
        let cells = each(&|index| cell(&row.cells[index]));
        text.push_str(&line([vec![inline(&label)], cells].concat()));
    }
    if means.iter().flatten().next().is_some() {
        let cells = each(&|index| {
            means[index].map_or_else(
                || "–".to_owned(),
                |mean| format!("**{}x**", units::ratio(mean.factor)),
            )
        });
        text.push_str(&line([vec!["geometric mean of •".to_owned()], cells].concat()));
    }
    text
}

fn cell(cell: &Cell) -> String {
    let Some(figure) = &cell.figure else { return "–".to_owned() };
    let mut text = units::human(figure.value, &figure.unit);
    match cell.factor {
        _ if cell.best => text = format!("**{text}**"),
        Some(factor) if factor != 1.0 => text.push_str(&format!(" ({}x)", units::ratio(factor))),
        _ => {}
    }
    if let Some((low, high)) = figure.stated_range {
        text.push_str(&format!("<br>model {}", units::range(low, high, &figure.unit)));
    }
    if let Some(range) = spread(figure) {
        text.push_str(&format!("<br>seeds {range}"));
    }
    text
}

fn build(results: &Results) -> String {
    let build = &results.build;
    format!(
        "<sub>deadzone {} · {} · {} · digest {} · factors against the best of each row; the \
         geometric mean is over the rows marked •</sub>\n",
        inline(&build.deadzone),
        inline(&build.rustc),
        inline(&build.target),
        inline(results.digest.get(..16).unwrap_or(&results.digest)),
    )
}

/// One line without anything that Markdown or HTML would take for markup.
pub(crate) fn inline(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => plain.push_str("&amp;"),
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '~' | '#' | '@' => {
                plain.push('\\');
                plain.push(c);
            }
            c if c.is_control() => plain.push(' '),
            c => plain.push(c),
        }
    }
    plain
}

/// The same inside a line of HTML, where Markdown is not read.
fn in_html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace(char::is_control, " ")
}

/// A block of code, whatever is in it.
pub(crate) fn fenced(text: &str, indent: &str, language: &str) -> String {
    let mut fence = "```".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    let lines: String = text.lines().map(|line| format!("{indent}{line}\n")).collect();
    format!("{indent}{fence}{language}\n{lines}{indent}{fence}\n\n")
}
