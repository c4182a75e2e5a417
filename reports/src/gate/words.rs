//! A comparison in words, for every renderer of it.

use super::comparability::Difference;
use super::comparison::{Comparison, Verdict};
use super::delta::{Delta, Status};
use crate::units;

/// The verdict and the counts in one line.
pub(super) fn summary(comparison: &Comparison) -> String {
    let verdict = match comparison.verdict() {
        Verdict::Same => "as the baseline",
        Verdict::Better => "better than the baseline",
        Verdict::Worse => "worse than the baseline",
        Verdict::Incomparable => "not comparable with the baseline",
    };
    let counts: Vec<String> = ORDER
        .iter()
        .map(|status| (comparison.count(*status), status.name()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{} {name}", units::grouped(count as u64)))
        .collect();
    let advisory = comparison.moved().filter(|delta| delta.advisory).count();
    let mut text = format!("{verdict}: {}", counts.join(", "));
    if counts.is_empty() {
        text = format!("{verdict}: nothing was compared");
    }
    if advisory > 0 {
        text.push_str(&format!("; {advisory} moved on the wall clock, which does not count"));
    }
    text
}

const ORDER: [Status; 6] =
    [Status::Worse, Status::Missing, Status::Changed, Status::New, Status::Better, Status::Same];

/// What to do about it, in one sentence; none if there is nothing to do.
pub(super) fn advice(comparison: &Comparison) -> Option<&'static str> {
    match comparison.verdict() {
        Verdict::Same if comparison.count(Status::New) > 0 => {
            Some("New figures are not watched yet: run `deadzone gate` with --update.")
        }
        Verdict::Same => None,
        Verdict::Better => {
            Some("Better than the baseline: run `deadzone gate` with --update to hold it.")
        }
        Verdict::Worse => {
            Some("If this is meant, run `deadzone gate` with --update and commit the new baseline.")
        }
        Verdict::Incomparable => Some(
            "Make a new baseline with this build: run the same `deadzone run` on the commit that \
             is the baseline, or `deadzone gate` with --update.",
        ),
    }
}

/// `build.rustc: 1.90.0, now 1.91.0`.
pub(super) fn difference(difference: &Difference) -> String {
    let shown = |value: &str| {
        let short: String = value.chars().take(LONGEST).collect();
        match (value.is_empty(), short.len() < value.len()) {
            (true, _) => "nothing".to_owned(),
            (_, true) => format!("{short}…"),
            _ => short,
        }
    };
    // Nobody reads digests to the end.
    let is_digest =
        |value: &str| value.len() >= 32 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_digest(&difference.baseline) || is_digest(&difference.current) {
        let short = |value: &str| shown(&value.chars().take(12).collect::<String>());
        let (from, to) = (short(&difference.baseline), short(&difference.current));
        return format!("{}: {from}, now {to}", difference.field);
    }
    // Two long values may begin alike: then their difference is what counts.
    let (a, b) = (&difference.baseline, &difference.current);
    let alike = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let from = if alike > LONGEST / 2 { alike - LONGEST / 4 } else { 0 };
    let cut = |value: &str| {
        let rest: String = value.chars().skip(from).collect();
        format!("{}{}", if from > 0 { "…" } else { "" }, shown(&rest))
    };
    format!("{}: {}, now {}", difference.field, cut(a), cut(b))
}

/// The longest value that is shown whole.
const LONGEST: usize = 48;

/// The figure, with the group it is of.
pub(super) fn figure(delta: &Delta) -> String {
    match &delta.group {
        Some(group) => format!("{group}/{}", delta.name),
        None => delta.name.clone(),
    }
}

/// Both values in units for people, or the note where there are no values. Two
/// values that would read the same are given to the last digit.
pub(super) fn values(delta: &Delta) -> (String, String) {
    let shown = |value: Option<u64>| {
        value.map_or_else(|| "–".to_owned(), |value| units::human(value, &delta.unit))
    };
    if delta.baseline.is_none() && delta.current.is_none() {
        let (before, after) = delta.note.split_once(", now ").unwrap_or(match delta.status {
            Status::Missing => (&delta.note, "–"),
            _ => ("–", &delta.note),
        });
        return (before.replace('_', " "), after.replace('_', " "));
    }
    let (before, after) = (shown(delta.baseline), shown(delta.current));
    if before == after && delta.baseline != delta.current {
        let exact = |value: Option<u64>| {
            let value = units::grouped(value.unwrap_or_default());
            if delta.unit == "count" { value } else { format!("{value} {}", delta.unit) }
        };
        return (exact(delta.baseline), exact(delta.current));
    }
    (before, after)
}

/// How far it moved: `+12.3 %`, `-3.10 %`, `x 4.20`; empty where that says
/// nothing.
pub(super) fn change(delta: &Delta) -> String {
    let (Some(old), Some(new)) = (delta.baseline, delta.current) else { return String::new() };
    if old == new || old == 0 {
        return String::new();
    }
    let ratio = new as f64 / old as f64;
    if ratio >= 2.0 {
        return format!("x {}", units::ratio(ratio));
    }
    let sign = if ratio >= 1.0 { "+" } else { "-" };
    let percent = (ratio - 1.0).abs() * 100.0;
    let shown = if percent < 0.001 { "<0.001".to_owned() } else { units::three_digits(percent) };
    format!("{sign}{shown} %")
}
