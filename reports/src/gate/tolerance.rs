//! How far a figure may move.

use std::collections::{BTreeMap, BTreeSet};

use deadzone_core::record::{MetricKind, Results, RunRecord};

use super::delta;
use crate::sheet::Scope;

/// How far figures may move before it counts, in parts per million of the
/// lesser of the two values. The default is not at all: figures are exact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tolerances {
    /// For figures out of the models that have no entry of their own.
    pub simulated: u64,
    /// For figures counted in the engine that have no entry of their own.
    pub counted: u64,
    /// For figures timed on the machine that have no entry of their own; these
    /// are advisory.
    pub wall: u64,
    /// By name: `GROUP/NAME` before `NAME`, and of a percentile
    /// (`NAME_p99`) that of the histogram (`NAME`) where it has none itself.
    pub by_name: BTreeMap<String, u64>,
}

/// What is wrong with a tolerance that somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTolerance {
    /// There is no value.
    #[error(
        "tolerance `{0}` has no `=`; expected `NAME=PERCENT`, for example `wire_bytes_sent=2%`, \
         or `counted=1%` for all figures of a kind"
    )]
    NoValue(String),
    /// There is no name.
    #[error(
        "tolerance `{0}` has no name before the `=`; expected `NAME=PERCENT`, for example \
         `wire_bytes_sent=2%`, or `all=1%` for all figures"
    )]
    NoName(String),
    /// No figure has this name.
    #[error(
        "tolerance for `{name}`: no figure of either file has this name; expected a metric or \
         percentile such as `wire_bytes_sent=2%` or `local_edit_latency_p99=2%`, with its group \
         before it or not{}",
        suggested(nearest)
    )]
    UnknownName {
        /// What it is for.
        name: String,
        /// The name that comes nearest, if one is near.
        nearest: Option<String>,
    },
    /// The value is no percentage.
    #[error("tolerance `{name}={value}`: expected a percentage from 0% to 1000%, such as `0.5%`")]
    NoPercentage {
        /// What it is for.
        name: String,
        /// What stands there.
        value: String,
    },
}

/// The greatest tolerance, in parts per million: ten times as much.
const GREATEST: u64 = 10_000_000;

impl Tolerances {
    /// Adds one in the form `NAME=PERCENT` (`wire_bytes_sent=2%`,
    /// `commuters/cpu_time_ns=0.5%`); the names `simulated`, `counted`, `wall`
    /// and `all` are the defaults by kind.
    ///
    /// # Errors
    /// If it has another form, or is not between 0 and 1000 per cent.
    pub fn add(&mut self, written: &str) -> Result<(), BadTolerance> {
        let Some((name, value)) = written.split_once('=') else {
            return Err(BadTolerance::NoValue(written.to_owned()));
        };
        let (name, value) = (name.trim(), value.trim());
        if name.is_empty() {
            return Err(BadTolerance::NoName(written.to_owned()));
        }
        let ppm = parts_per_million(value).ok_or_else(|| BadTolerance::NoPercentage {
            name: name.to_owned(),
            value: value.to_owned(),
        })?;
        match name {
            "simulated" => self.simulated = ppm,
            "counted" => self.counted = ppm,
            "wall" => self.wall = ppm,
            "all" => (self.simulated, self.counted, self.wall) = (ppm, ppm, ppm),
            name => {
                self.by_name.insert(name.to_owned(), ppm);
            }
        }
        Ok(())
    }

    /// Whether each entry is about some figure of one of the two files: a name
    /// with a slip in it would loosen nothing, and nobody would notice.
    ///
    /// # Errors
    /// On the first one that is not, with the nearest name that there is.
    pub fn check(&self, baseline: &Results, current: &Results) -> Result<(), BadTolerance> {
        let mut known = BTreeSet::new();
        for run in baseline.runs.iter().chain(&current.runs) {
            names(run, &mut known);
        }
        match self.by_name.keys().find(|name| !known.contains(*name)) {
            None => Ok(()),
            Some(name) => {
                let kinds = KINDS.iter().map(|&kind| kind.to_owned());
                let nearest = nearest(name, known.into_iter().chain(kinds));
                Err(BadTolerance::UnknownName { name: name.clone(), nearest })
            }
        }
    }

    /// The tolerance of one figure, in parts per million.
    pub(super) fn of(&self, group: Option<&str>, name: &str, base: &str, kind: MetricKind) -> u64 {
        let in_group = |name: &str| {
            group.and_then(|group| self.by_name.get(&format!("{group}/{name}"))).copied()
        };
        in_group(name)
            .or_else(|| in_group(base))
            .or_else(|| self.by_name.get(name).copied())
            .or_else(|| self.by_name.get(base).copied())
            .unwrap_or(match kind {
                MetricKind::Simulated => self.simulated,
                MetricKind::Counted => self.counted,
                MetricKind::Wall => self.wall,
            })
    }
}

/// Names for all figures of a kind.
const KINDS: [&str; 4] = ["all", "counted", "simulated", "wall"];

/// All names by which a tolerance can mean a figure of this run.
fn names(run: &RunRecord, into: &mut BTreeSet<String>) {
    let groups = run.groups.keys().map(|group| (Scope::Group(group), format!("{group}/")));
    for (scope, prefix) in std::iter::once((Scope::Run, String::new())).chain(groups) {
        for (base, part) in delta::names(run, scope) {
            for name in [format!("{base}{}", part.suffix()), base] {
                into.insert(format!("{prefix}{name}"));
                // Without a group it holds for the run and for every group.
                into.insert(name);
            }
        }
    }
}

/// The name that somebody most likely meant; none if nothing is near enough.
fn nearest(name: &str, known: impl Iterator<Item = String>) -> Option<String> {
    let name: String = name.chars().take(100).collect();
    known
        .map(|known| (strsim::osa_distance(&name, &known), known))
        .filter(|(distance, known)| distance * 5 <= known.chars().count().max(name.len()) * 2)
        .min()
        .map(|(_, known)| known)
}

fn suggested(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or(String::new(), |nearest| format!("; did you mean `{nearest}`?"))
}

/// `0.5%` or `0.5`, up to four decimals, without going through a float.
fn parts_per_million(percentage: &str) -> Option<u64> {
    let digits = percentage.strip_suffix('%').unwrap_or(percentage).trim_end();
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || decimals.len() > 4 || !all_digits(whole) || !all_digits(decimals) {
        return None;
    }
    let decimals: u64 = format!("{decimals:0<4}").parse().ok()?;
    let ppm = whole.parse::<u64>().ok()?.checked_mul(10_000)?.checked_add(decimals)?;
    (ppm <= GREATEST).then_some(ppm)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_read_to_the_last_digit() {
        for (written, ppm) in [
            ("0", Some(0)),
            ("5%", Some(50_000)),
            ("0.5%", Some(5_000)),
            ("0.0001 %", Some(1)),
            ("1000%", Some(10_000_000)),
            ("1000.0001%", None),
            ("0.00001%", None),
            ("-1%", None),
            ("+1%", None),
            ("", None),
            ("%", None),
            (".5%", None),
            ("1e3%", None),
            ("99999999999999999999%", None),
        ] {
            assert_eq!(parts_per_million(written), ppm, "{written}");
        }
    }

    #[test]
    fn the_most_particular_tolerance_holds() {
        let mut tolerances = Tolerances::default();
        for written in ["counted=1%", "x=2%", "x_p99=3%", "desk/x=4%", "desk/x_p99=5%"] {
            tolerances.add(written).expect("a good tolerance");
        }
        for (group, name, base, ppm) in [
            (None, "y", "y", 10_000),
            (None, "x_p50", "x", 20_000),
            (None, "x_p99", "x", 30_000),
            (Some("desk"), "x_p50", "x", 40_000),
            (Some("desk"), "x_p99", "x", 50_000),
            (Some("relay"), "x_p99", "x", 30_000),
        ] {
            assert_eq!(tolerances.of(group, name, base, MetricKind::Counted), ppm, "{name}");
        }
    }

    #[test]
    fn bad_tolerances_are_refused_with_what_would_be_right() {
        for (written, wrong) in [
            ("cpu_work", "no `=`"),
            ("=5%", "no name"),
            (" = much", "no name"),
            ("cpu_work=much", "expected a percentage"),
            ("cpu_work=-5%", "expected a percentage"),
        ] {
            let error = Tolerances::default().add(written).expect_err("bad").to_string();
            assert!(error.contains('%') && error.contains(wrong), "{error}");
        }
    }
}
