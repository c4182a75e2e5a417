//! Two runs, figure by figure.

use std::collections::BTreeSet;

use deadzone_core::record::{
    Better, CpuMode, Metric, MetricKind, Outcome, REAL_NETWORK, RunRecord,
};

use super::tolerance::Tolerances;
use crate::catalog::Part;
use crate::sheet::{Scope, measured};

/// What became of a figure, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// It moved beyond its tolerance in the bad direction.
    Worse,
    /// The baseline has it and the new results have not.
    Missing,
    /// It moved beyond its tolerance, and neither way is good.
    Changed,
    /// The new results have it and the baseline has not.
    New,
    /// It moved beyond its tolerance in the good direction.
    Better,
    /// It did not move beyond its tolerance.
    Same,
}

impl Status {
    /// As people read it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Worse => "worse",
            Self::Missing => "missing",
            Self::Changed => "changed",
            Self::New => "new",
            Self::Better => "better",
            Self::Same => "same",
        }
    }
}

/// What became of one figure, or (with [`Delta::name`] `run`, or `outcome`) of
/// one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delta {
    /// The scenario.
    pub scenario: String,
    /// The engine.
    pub engine: String,
    /// Fields set on the command line, as `key=value` divided by spaces.
    pub parameters: String,
    /// The seed.
    pub seed: u64,
    /// The group, or none for the whole run.
    pub group: Option<String>,
    /// The figure: a metric, a histogram with its percentile, or `run` for a
    /// run that is missing or new, or `outcome`.
    pub name: String,
    /// The unit; empty for `run` and `outcome`.
    pub unit: String,
    /// The baseline's value.
    pub baseline: Option<u64>,
    /// The new value.
    pub current: Option<u64>,
    /// How far it may move, in parts per million.
    pub tolerance: u64,
    /// What became of it.
    pub status: Status,
    /// Whether it cannot decide, being timed on the machine.
    pub advisory: bool,
    /// In words where no numbers are: `passed, now panicked`.
    pub note: String,
}

/// Fields set on the command line, in words.
pub(super) fn parameters(run: &RunRecord) -> String {
    let all = run.parameters.iter().map(|(key, value)| format!("{key}={value}"));
    all.collect::<Vec<_>>().join(" ")
}

fn delta(run: &RunRecord, name: &str, status: Status) -> Delta {
    Delta {
        scenario: run.scenario.clone(),
        engine: run.engine.clone(),
        parameters: parameters(run),
        seed: run.seed,
        group: None,
        name: name.to_owned(),
        unit: String::new(),
        baseline: None,
        current: None,
        tolerance: 0,
        status,
        advisory: false,
        note: String::new(),
    }
}

/// A run that only one of the files has.
pub(super) fn of_one(run: &RunRecord, status: Status) -> Delta {
    Delta { note: run.verdict.outcome.name().to_owned(), ..delta(run, "run", status) }
}

/// The outcome of a pair, and its figures where they may be compared.
pub(super) fn of_pair(old: &RunRecord, new: &RunRecord, tolerances: &Tolerances) -> Vec<Delta> {
    let (before, after) = (old.verdict.outcome, new.verdict.outcome);
    let status = match (before == Outcome::Passed, after == Outcome::Passed) {
        (true, false) => Status::Worse,
        (false, true) => Status::Better,
        _ if before == after => Status::Same,
        // From one failure to another; being unsupported is none.
        _ if !before.failed() => Status::Worse,
        _ if !after.failed() => Status::Better,
        _ => Status::Changed,
    };
    let note = format!("{}, now {}", before.name(), after.name());
    let mut all = vec![Delta { note, ..delta(new, "outcome", status) }];
    // What was not supported did not run, and has no figures.
    if status == Status::Same && after != Outcome::Unsupported {
        let groups: BTreeSet<&String> = old.groups.keys().chain(new.groups.keys()).collect();
        let scopes = groups.into_iter().map(|group| Scope::Group(group));
        for scope in std::iter::once(Scope::Run).chain(scopes) {
            all.extend(figures(old, new, scope, tolerances));
        }
    }
    all
}

fn figures(
    old: &RunRecord,
    new: &RunRecord,
    scope: Scope<'_>,
    tolerances: &Tolerances,
) -> Vec<Delta> {
    let mut all = names(old, scope);
    all.extend(names(new, scope));
    let group = match scope {
        Scope::Run => None,
        Scope::Group(group) => Some(group),
    };
    let of = |(base, part): (String, Part)| {
        let before = measured(old, scope, &base, part);
        let after = measured(new, scope, &base, part);
        let known = after.as_ref().or(before.as_ref())?;
        let name = format!("{base}{}", part.suffix());
        let tolerance = tolerances.of(group, &name, &base, known.kind);
        let status = status(before.as_ref(), after.as_ref(), tolerance);
        Some(Delta {
            group: group.map(str::to_owned),
            unit: known.unit.clone(),
            baseline: before.as_ref().map(|metric| metric.value),
            current: after.as_ref().map(|metric| metric.value),
            tolerance,
            advisory: known.kind == MetricKind::Wall || is_wall(old) || is_wall(new),
            ..delta(new, &name, status)
        })
    };
    all.into_iter().filter_map(of).collect()
}

fn is_wall(run: &RunRecord) -> bool {
    run.cpu == CpuMode::Wall || run.simulator == REAL_NETWORK
}

/// Metrics and percentiles that a run has.
pub(super) fn names(run: &RunRecord, scope: Scope<'_>) -> BTreeSet<(String, Part)> {
    let (metrics, histograms) = match scope {
        Scope::Run => (&run.metrics, &run.histograms),
        Scope::Group(group) => match run.groups.get(group) {
            Some(group) => (&group.metrics, &group.histograms),
            None => return BTreeSet::new(),
        },
    };
    let metrics = metrics.keys().map(|name| (name.clone(), Part::Value));
    let percentiles =
        histograms.keys().flat_map(|name| Part::OF_HISTOGRAMS.map(|part| (name.clone(), part)));
    metrics.chain(percentiles).collect()
}

fn status(before: Option<&Metric>, after: Option<&Metric>, tolerance: u64) -> Status {
    let (old, new) = match (before, after) {
        (Some(old), Some(new)) => (old, new),
        (Some(_), None) => return Status::Missing,
        _ => return Status::New,
    };
    if !moved(old.value, new.value, tolerance) && old.unit == new.unit {
        return Status::Same;
    }
    // Another unit is another figure, whatever the numbers are.
    match new.better {
        _ if old.unit != new.unit || old.better != new.better => Status::Changed,
        Better::None => Status::Changed,
        Better::Less if new.value < old.value => Status::Better,
        Better::More if new.value > old.value => Status::Better,
        Better::Less | Better::More => Status::Worse,
    }
}

/// Whether the greater is more than the lesser and its tolerance.
fn moved(a: u64, b: u64, tolerance: u64) -> bool {
    let (lesser, greater) = (u128::from(a.min(b)), u128::from(a.max(b)));
    greater * 1_000_000 > lesser.saturating_mul(1_000_000 + u128::from(tolerance))
}

/// Decisive before advisory, then by status, then by how far it moved, then by
/// name, so that the order is the same on every run.
pub(super) fn worst_first(a: &Delta, b: &Delta) -> std::cmp::Ordering {
    (a.advisory, a.status)
        .cmp(&(b.advisory, b.status))
        .then_with(|| by_move(b, a))
        .then_with(|| key(a).cmp(&key(b)))
}

fn key(delta: &Delta) -> (&str, &str, &str, u64, Option<&str>, &str) {
    (
        &delta.scenario,
        &delta.engine,
        &delta.parameters,
        delta.seed,
        delta.group.as_deref(),
        &delta.name,
    )
}

/// Orders by the ratio of the greater to the lesser value, without floats; what
/// has no numbers (a whole run) comes after all numbers, and so is shown first.
fn by_move(a: &Delta, b: &Delta) -> std::cmp::Ordering {
    let ends = |delta: &Delta| {
        let (old, new) = (delta.baseline?, delta.current?);
        // Nothing to nothing is a ratio of one; from or to nothing is infinite.
        let ends = if (old, new) == (0, 0) { (1, 1) } else { (old.min(new), old.max(new)) };
        Some((u128::from(ends.0), u128::from(ends.1)))
    };
    match (ends(a), ends(b)) {
        (Some((low_a, high_a)), Some((low_b, high_b))) => (high_a * low_b).cmp(&(high_b * low_a)),
        (a, b) => a.is_none().cmp(&b.is_none()),
    }
}
