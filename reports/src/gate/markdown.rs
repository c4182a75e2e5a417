//! The comparison for a step summary or a comment on a pull request.

use super::comparison::{Comparison, Verdict};
use super::delta::Delta;
use super::words;
use crate::markdown::{Page, inline};

/// The verdict in the first line, then why something could not be compared,
/// what moved with the worst first, suspects and what to do; never more than
/// [`crate::markdown::LIMIT`] bytes.
pub fn markdown(comparison: &Comparison) -> String {
    let sign = match comparison.verdict() {
        Verdict::Same | Verdict::Better => "✅",
        Verdict::Worse => "❌",
        Verdict::Incomparable => "⚠️",
    };
    let mut page = Page::default();
    page.add(&format!("**{sign} deadzone gate: {}**\n\n", inline(&words::summary(comparison))));
    if let Some(advice) = words::advice(comparison) {
        page.add(&format!("{advice}\n\n"));
    }
    page.add(&not_compared(comparison));
    page.add(&suspects(comparison));
    let moved: Vec<&Delta> = comparison.moved().collect();
    let (first, rest) = moved.split_at(moved.len().min(SHOWN));
    page.add(&table(first));
    for more in rest.chunks(CHUNK) {
        let heading = format!("<details><summary>{} more</summary>\n\n", more.len());
        page.add(&format!("{heading}{}</details>\n\n", table(more)));
    }
    page.finish()
}

/// Rows that are shown unfolded.
const SHOWN: usize = 25;
/// Rows in each folded part, so that a page is cut between parts.
const CHUNK: usize = 50;

fn not_compared(comparison: &Comparison) -> String {
    let mut text = String::new();
    if !comparison.builds.is_empty() {
        text.push_str("The builds differ, so counts do not mean the same:\n\n");
        for difference in &comparison.builds {
            text.push_str(&format!("- {}\n", inline(&words::difference(difference))));
        }
        text.push('\n');
    }
    for (run, differences) in comparison.left_out.iter().take(SHOWN) {
        let fields: Vec<&str> =
            differences.iter().map(|difference| difference.field.as_str()).collect();
        let fields = inline(&fields.join(", "));
        text.push_str(&format!("- not compared: {} (differs in {fields})\n", inline(run)));
    }
    let more = comparison.left_out.len().saturating_sub(SHOWN);
    if more > 0 {
        text.push_str(&format!("- and {more} more\n"));
    }
    if !comparison.left_out.is_empty() {
        text.push('\n');
    }
    text
}

fn suspects(comparison: &Comparison) -> String {
    if comparison.moved().next().is_none() {
        return String::new();
    }
    let mut text = String::new();
    for (index, suspect) in comparison.suspects.iter().enumerate() {
        let word = if index == 0 { "First suspect" } else { "Also different" };
        text.push_str(&format!("{word}: {}\n\n", inline(&words::difference(suspect))));
    }
    text
}

fn table(deltas: &[&Delta]) -> String {
    if deltas.is_empty() {
        return String::new();
    }
    let mut text = "| | scenario | engine | seed | figure | baseline | now | change |\n\
                    |---|---|---|--:|---|--:|--:|--:|\n"
        .to_owned();
    for delta in deltas {
        let (before, after) = words::values(delta);
        let advisory = if delta.advisory { " (wall)" } else { "" };
        let scenario = if delta.parameters.is_empty() {
            delta.scenario.clone()
        } else {
            format!("{} {}", delta.scenario, delta.parameters)
        };
        text.push_str(&format!(
            "| {}{advisory} | {} | {} | {} | {} | {} | {} | {} |\n",
            delta.status.name(),
            inline(&scenario),
            inline(&delta.engine),
            delta.seed,
            inline(&words::figure(delta)),
            before,
            after,
            words::change(delta),
        ));
    }
    text.push('\n');
    text
}
