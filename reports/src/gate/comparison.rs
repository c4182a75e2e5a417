//! Two results files, figure by figure.

use std::collections::{BTreeMap, BTreeSet};

use deadzone_core::record::{Results, RunRecord};

use super::comparability::{self, Difference};
use super::delta::{self, Delta, Status};
use super::tolerance::Tolerances;

/// What the gate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing moved beyond its tolerance in a direction that counts.
    Same,
    /// Something got better and nothing worse: time for a new baseline.
    Better,
    /// Something got worse, or is missing.
    Worse,
    /// Nothing got worse, as far as could be compared, but not everything
    /// could.
    Incomparable,
}

impl Verdict {
    /// The exit code of the `gate` verb.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Same | Self::Better => 0,
            Self::Worse => 3,
            Self::Incomparable => 7,
        }
    }
}

/// All of two results files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// What the builds differ in, so that nothing was compared.
    pub builds: Vec<Difference>,
    /// Pairs of runs that were left out, and why: scenario, engine and seed in
    /// words, and the fields.
    pub left_out: Vec<(String, Vec<Difference>)>,
    /// All figures, the worst first; as far as they were compared.
    pub deltas: Vec<Delta>,
    /// What may explain what moved, the first suspect first.
    pub suspects: Vec<Difference>,
}

impl Comparison {
    /// What the gate says. A regression among what could be compared counts
    /// more than that not everything could.
    pub fn verdict(&self) -> Verdict {
        let has = |statuses: &[Status]| {
            self.deltas.iter().any(|delta| !delta.advisory && statuses.contains(&delta.status))
        };
        if has(&[Status::Worse, Status::Missing]) {
            Verdict::Worse
        } else if !self.builds.is_empty() || !self.left_out.is_empty() {
            Verdict::Incomparable
        } else if has(&[Status::Better]) {
            Verdict::Better
        } else {
            Verdict::Same
        }
    }

    /// How many figures have this status, advisory ones aside.
    pub fn count(&self, status: Status) -> usize {
        self.deltas.iter().filter(|delta| !delta.advisory && delta.status == status).count()
    }

    /// The figures that moved, are missing or are new, advisory ones last.
    pub fn moved(&self) -> impl Iterator<Item = &Delta> {
        self.deltas.iter().filter(|delta| delta.status != Status::Same)
    }
}

/// Compares two results files by the rules of [this module](super).
pub fn compare(baseline: &Results, current: &Results, tolerances: &Tolerances) -> Comparison {
    let builds = comparability::of_builds(baseline, current);
    let suspects = comparability::suspects(baseline, current);
    let mut comparison = Comparison { builds, left_out: Vec::new(), deltas: Vec::new(), suspects };
    if !comparison.builds.is_empty() {
        return comparison;
    }
    let (old, new) = (by_key(baseline), by_key(current));
    let keys: BTreeSet<&Key<'_>> = old.keys().chain(new.keys()).collect();
    for key in keys {
        let none = Vec::new();
        let runs = (old.get(key).unwrap_or(&none), new.get(key).unwrap_or(&none));
        for pair in pairs(runs.0, runs.1) {
            comparison.add(pair, tolerances);
        }
    }
    comparison.deltas.sort_by(delta::worst_first);
    comparison
}

type Key<'a> = (&'a str, &'a str, &'a BTreeMap<String, String>, &'a str, u64);
type Pair<'a> = (Option<&'a RunRecord>, Option<&'a RunRecord>);

fn by_key(results: &Results) -> BTreeMap<Key<'_>, Vec<&RunRecord>> {
    let mut map: BTreeMap<Key<'_>, Vec<&RunRecord>> = BTreeMap::new();
    for run in &results.runs {
        let key = (
            run.scenario.as_str(),
            run.engine.as_str(),
            &run.parameters,
            run.simulator.as_str(),
            run.seed,
        );
        map.entry(key).or_default().push(run);
    }
    map
}

/// Equal versions first, the rest in order.
fn pairs<'a>(old: &[&'a RunRecord], new: &[&'a RunRecord]) -> Vec<Pair<'a>> {
    let mut pairs = Vec::new();
    let mut rest_of_new: Vec<&RunRecord> = new.to_vec();
    let mut rest_of_old = Vec::new();
    for run in old.iter().copied() {
        let twin = rest_of_new
            .iter()
            .position(|other| other.engine_version == run.engine_version && other.cpu == run.cpu);
        match twin {
            Some(index) => pairs.push((Some(run), Some(rest_of_new.remove(index)))),
            None => rest_of_old.push(run),
        }
    }
    let longer = rest_of_old.len().max(rest_of_new.len());
    pairs.extend((0..longer).map(|i| (rest_of_old.get(i).copied(), rest_of_new.get(i).copied())));
    pairs
}

impl Comparison {
    fn add(&mut self, pair: Pair<'_>, tolerances: &Tolerances) {
        match pair {
            (Some(old), Some(new)) => {
                let differences = comparability::of_runs(old, new);
                if differences.is_empty() {
                    self.deltas.extend(delta::of_pair(old, new, tolerances));
                } else {
                    self.left_out.push((name(new), differences));
                }
            }
            (Some(old), None) => self.deltas.push(delta::of_one(old, Status::Missing)),
            (None, Some(new)) => self.deltas.push(delta::of_one(new, Status::New)),
            (None, None) => {}
        }
    }
}

/// A run in words.
fn name(run: &RunRecord) -> String {
    let parameters = delta::parameters(run);
    let parameters = if parameters.is_empty() { parameters } else { format!(" {parameters}") };
    format!("{} on {} seed {}{parameters}", run.scenario, run.engine, run.seed)
}
