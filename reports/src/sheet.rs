//! Runs laid side by side: what may be compared with what.

use std::collections::{BTreeMap, BTreeSet};

use deadzone_core::record::{
    Better, CpuMode, GroupRecord, HistogramRecord, Metric, MetricKind, Outcome, REAL_NETWORK,
    Results, RunRecord,
};

use crate::catalog::{self, Part};
use crate::context::Context;

/// Runs that may be compared: the same scenario with the same parameters, in
/// the same simulator, with CPU cost found in the same way. Wall-clock runs
/// never stand beside counted ones.
#[derive(Clone, Debug)]
pub struct Sheet<'a> {
    /// The scenario.
    pub scenario: &'a str,
    /// The simulator.
    pub simulator: &'a str,
    /// How CPU cost was found.
    pub cpu: CpuMode,
    /// Fields set on the command line.
    pub parameters: &'a BTreeMap<String, String>,
    /// One for each version of each engine: engines by name, then baselines.
    pub columns: Vec<Column<'a>>,
}

/// One version of one engine, with all its seeds.
#[derive(Clone, Debug)]
pub struct Column<'a> {
    /// The engine.
    pub engine: &'a str,
    /// Its version.
    pub version: &'a str,
    /// Whether it is there to be compared with.
    pub baseline: bool,
    /// Its colour: the same on every page, see [`crate::charts::palette`].
    pub tone: usize,
    /// The name, with the version if the results hold several of this engine.
    pub label: String,
    /// The runs in the order of their seeds; at least one.
    pub runs: Vec<&'a RunRecord>,
}

/// The whole run, or one group of the fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope<'a> {
    /// The whole run.
    Run,
    /// The group of this name.
    Group(&'a str),
}

/// One figure over all seeds of a column. Every number stands in the results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// The median over seeds; of an even number of seeds the lower of the two
    /// in the middle, so that it is the figure of one run.
    pub value: u64,
    /// The least over seeds.
    pub min: u64,
    /// The greatest over seeds.
    pub max: u64,
    /// What the models leave open: the least `NAME_low` and the greatest
    /// `NAME_high` over seeds, where results state them.
    pub stated_range: Option<(u64, u64)>,
    /// The unit.
    pub unit: String,
    /// Where it comes from.
    pub kind: MetricKind,
    /// Which way is good.
    pub better: Better,
}

/// What came of all seeds of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The first outcome that is a failure, else that of the first run that did
    /// not pass, else passed.
    pub outcome: Outcome,
    /// How many runs ended otherwise than passed.
    pub not_passed: usize,
    /// How many runs there are.
    pub of: usize,
}

/// Lays out results as sheets, in the order of their runs.
pub fn sheets<'a>(results: &'a Results, context: &Context) -> Vec<Sheet<'a>> {
    let legend = Legend::of(results, context);
    let mut sheets: Vec<Sheet<'a>> = Vec::new();
    for run in &results.runs {
        let index = sheets.iter().position(|sheet| sheet.takes(run)).unwrap_or_else(|| {
            sheets.push(Sheet {
                scenario: &run.scenario,
                simulator: &run.simulator,
                cpu: run.cpu,
                parameters: &run.parameters,
                columns: Vec::new(),
            });
            sheets.len() - 1
        });
        sheets[index].add(run, &legend);
    }
    for sheet in &mut sheets {
        sheet.columns.sort_by_key(|column| column.baseline);
    }
    sheets
}

/// The engines of a results file with the label and colour of each.
struct Legend<'a> {
    /// Engines by name and version, then baselines.
    versions: Vec<(bool, &'a str, &'a str)>,
}

impl<'a> Legend<'a> {
    fn of(results: &'a Results, context: &Context) -> Self {
        let mut versions: Vec<_> = Vec::new();
        for run in &results.runs {
            let baseline = context.is_baseline(&run.engine);
            let version = (baseline, run.engine.as_str(), run.engine_version.as_str());
            if !versions.contains(&version) {
                versions.push(version);
            }
        }
        // Runs are sorted by version within an engine; a stable sort keeps that.
        versions.sort_by_key(|(baseline, engine, _)| (*baseline, *engine));
        Self { versions }
    }

    /// Counts engines and baselines by themselves, as their palettes do.
    fn tone(&self, engine: &str, version: &str) -> usize {
        let of = |v: &&(bool, &str, &str)| (v.1, v.2) == (engine, version);
        let Some(&(baseline, ..)) = self.versions.iter().find(of) else { return 0 };
        let mut alike = self.versions.iter().filter(|version| version.0 == baseline);
        alike.position(|v| (v.1, v.2) == (engine, version)).unwrap_or(0)
    }

    fn label(&self, engine: &str, version: &str) -> String {
        if self.versions.iter().filter(|(_, name, _)| *name == engine).count() > 1 {
            format!("{engine} {version}")
        } else {
            engine.to_owned()
        }
    }
}

impl<'a> Sheet<'a> {
    fn takes(&self, run: &RunRecord) -> bool {
        self.scenario == run.scenario
            && self.simulator == run.simulator
            && self.cpu == run.cpu
            && *self.parameters == run.parameters
    }

    fn add(&mut self, run: &'a RunRecord, legend: &Legend<'_>) {
        let (engine, version) = (run.engine.as_str(), run.engine_version.as_str());
        let known = self
            .columns
            .iter_mut()
            .find(|column| (column.engine, column.version) == (engine, version));
        match known {
            Some(column) => column.runs.push(run),
            None => self.columns.push(Column {
                engine,
                version,
                baseline: legend.versions.contains(&(true, engine, version)),
                tone: legend.tone(engine, version),
                label: legend.label(engine, version),
                runs: vec![run],
            }),
        }
    }

    /// All runs.
    pub fn runs(&self) -> impl Iterator<Item = &'a RunRecord> + '_ {
        self.columns.iter().flat_map(|column| column.runs.iter().copied())
    }

    /// The seeds, each once, in order.
    pub fn seeds(&self) -> Vec<u64> {
        let mut seeds: Vec<u64> = self.runs().map(|run| run.seed).collect();
        seeds.sort_unstable();
        seeds.dedup();
        seeds
    }

    /// The groups of the fleet by name, the relay last.
    pub fn groups(&self) -> Vec<&'a str> {
        let mut groups: Vec<&str> =
            self.runs().flat_map(|run| run.groups.keys().map(String::as_str)).collect();
        groups.sort_unstable_by_key(|group| (*group == RELAY, *group));
        groups.dedup();
        groups
    }

    /// What sets this sheet apart from others of its scenario, in words; empty
    /// for the usual case.
    pub fn circumstances(&self) -> Vec<String> {
        let mut words: Vec<String> =
            self.parameters.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        match self.simulator {
            "event" => {}
            REAL_NETWORK => words.push("a kernel's network: not reproducible".to_owned()),
            simulator => words.push(format!("simulator {simulator}")),
        }
        match self.cpu {
            CpuMode::Counted => {}
            CpuMode::Wall => words.push("CPU by wall clock: not reproducible".to_owned()),
            CpuMode::Off => words.push("CPU cost left out".to_owned()),
        }
        words
    }

    /// What the scenario asks for and the simulator does in another way, or not at
    /// all: a sentence on each; nothing for the usual simulator.
    pub fn not_honoured(&self) -> Vec<&'a str> {
        let all: BTreeSet<&str> =
            self.runs().flat_map(|run| run.not_honoured.iter().map(String::as_str)).collect();
        all.into_iter().collect()
    }

    /// The scenario's name with what sets this sheet apart.
    pub fn title(&self) -> String {
        let mut title = self.scenario.to_owned();
        for words in self.circumstances() {
            title.push_str(" · ");
            title.push_str(&words);
        }
        title
    }
}

/// The group that the relay is.
const RELAY: &str = "relay";

impl<'a> Column<'a> {
    /// What came of all seeds.
    pub fn tally(&self) -> Tally {
        let outcomes = || self.runs.iter().map(|run| run.verdict.outcome);
        let outcome = outcomes()
            .find(|outcome| outcome.failed())
            .or_else(|| outcomes().find(|outcome| *outcome != Outcome::Passed))
            .unwrap_or(Outcome::Passed);
        let not_passed = outcomes().filter(|outcome| *outcome != Outcome::Passed).count();
        Tally { outcome, not_passed, of: self.runs.len() }
    }

    /// The runs that figures are taken from: those that passed, or if none did,
    /// all that ran at all. What was not supported did not run, whatever zeros
    /// it left.
    pub fn counting_runs(&self) -> Vec<&'a RunRecord> {
        let of = |wanted: fn(Outcome) -> bool| -> Vec<&'a RunRecord> {
            self.runs.iter().filter(|run| wanted(run.verdict.outcome)).copied().collect()
        };
        let passed = of(|outcome| outcome == Outcome::Passed);
        if passed.is_empty() { of(|outcome| outcome != Outcome::Unsupported) } else { passed }
    }

    /// A figure over the seeds; none if no run has it.
    pub fn figure(&self, scope: Scope<'_>, name: &str, part: Part) -> Option<Figure> {
        let runs = self.counting_runs();
        let found: Vec<Metric> =
            runs.iter().filter_map(|run| measured(run, scope, name, part)).collect();
        let first = found.first()?;
        let mut values: Vec<u64> = found.iter().map(|metric| metric.value).collect();
        values.sort_unstable();
        let bound = |suffix: &str| -> Vec<u64> {
            let name = format!("{name}{suffix}");
            let metrics = runs.iter().filter_map(|run| measured(run, scope, &name, part));
            metrics.map(|metric| metric.value).collect()
        };
        let stated_range = bound("_low").into_iter().min().zip(bound("_high").into_iter().max());
        Some(Figure {
            value: values[(values.len() - 1) / 2],
            min: values[0],
            max: values[values.len() - 1],
            stated_range,
            unit: first.unit.clone(),
            kind: first.kind,
            better: first.better,
        })
    }

    /// The distributions of this name, one for each counting run that has it.
    pub fn histograms(&self, scope: Scope<'_>, name: &str) -> Vec<&'a HistogramRecord> {
        self.counting_runs()
            .into_iter()
            .filter_map(|run| histograms(run, scope)?.get(name))
            .collect()
    }
}

/// A metric, or a percentile of a histogram as a metric.
pub(crate) fn measured(
    run: &RunRecord,
    scope: Scope<'_>,
    name: &str,
    part: Part,
) -> Option<Metric> {
    if part == Part::Value {
        let metrics = match scope {
            Scope::Run => &run.metrics,
            Scope::Group(group) => &run.groups.get(group)?.metrics,
        };
        return metrics.get(name).cloned();
    }
    let histogram = histograms(run, scope)?.get(name)?;
    // Percentiles of nothing are no figures.
    (histogram.count > 0).then(|| percentile(run, name, histogram, part))
}

fn histograms<'a>(
    run: &'a RunRecord,
    scope: Scope<'_>,
) -> Option<&'a BTreeMap<String, HistogramRecord>> {
    match scope {
        Scope::Run => Some(&run.histograms),
        Scope::Group(group) => {
            run.groups.get(group).map(|GroupRecord { histograms, .. }| histograms)
        }
    }
}

/// Results do not say of histograms where they come from and which way is
/// good: that is in the core's table; and all that a wall-clock run measured
/// depends on the wall clock.
fn percentile(run: &RunRecord, name: &str, histogram: &HistogramRecord, part: Part) -> Metric {
    let info = catalog::info(name);
    let kind = match run.cpu {
        CpuMode::Wall => MetricKind::Wall,
        CpuMode::Counted | CpuMode::Off => info.map_or(MetricKind::Simulated, |info| info.kind),
    };
    let value = match part {
        Part::Value => histogram.count,
        Part::P50 => histogram.p50,
        Part::P90 => histogram.p90,
        Part::P99 => histogram.p99,
        Part::P999 => histogram.p999,
        Part::Max => histogram.max,
    };
    let better = info.map_or(Better::None, |info| info.better);
    Metric { value, unit: histogram.unit.clone(), kind, better }
}
