//! Whether figures of two results files mean the same.

use deadzone_core::record::{CpuMode, Results, RunRecord};

/// Something that differs and must not, or that may explain what moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which field of results.
    pub field: String,
    /// What the baseline has.
    pub baseline: String,
    /// What the new results have.
    pub current: String,
}

impl Difference {
    fn of(field: &str, baseline: &str, current: &str) -> Option<Self> {
        (baseline != current).then(|| Self {
            field: field.to_owned(),
            baseline: baseline.to_owned(),
            current: current.to_owned(),
        })
    }
}

/// Fields of the builds that differ and decide about counts.
pub(super) fn of_builds(baseline: &Results, current: &Results) -> Vec<Difference> {
    let (a, b) = (&baseline.build, &current.build);
    let (schema_a, schema_b) = (baseline.schema.to_string(), current.schema.to_string());
    let (features_a, features_b) = (a.cpu_features.join(" "), b.cpu_features.join(" "));
    let fields = [
        ("schema", &schema_a, &schema_b),
        ("build.rustc", &a.rustc, &b.rustc),
        ("build.target", &a.target, &b.target),
        ("build.profile", &a.profile, &b.profile),
        ("build.flags", &a.flags, &b.flags),
        ("build.cpu_features", &features_a, &features_b),
        ("build.models", &a.models, &b.models),
    ];
    fields.into_iter().filter_map(|(field, a, b)| Difference::of(field, a, b)).collect()
}

/// Fields of a pair of runs that differ and make them two different things.
pub(super) fn of_runs(baseline: &RunRecord, current: &RunRecord) -> Vec<Difference> {
    let fields = [
        ("scenario_digest", baseline.scenario_digest.as_str(), current.scenario_digest.as_str()),
        ("plan_digest", &baseline.plan_digest, &current.plan_digest),
        ("cpu", cpu(baseline.cpu), cpu(current.cpu)),
    ];
    fields.into_iter().filter_map(|(field, a, b)| Difference::of(field, a, b)).collect()
}

fn cpu(mode: CpuMode) -> &'static str {
    match mode {
        CpuMode::Counted => "counted",
        CpuMode::Wall => "wall",
        CpuMode::Off => "off",
    }
}

/// What may explain figures that moved, the first suspect first: the lock file,
/// then versions of engines, then the version of deadzone.
pub fn suspects(baseline: &Results, current: &Results) -> Vec<Difference> {
    let (a, b) = (&baseline.build, &current.build);
    let mut suspects: Vec<Difference> =
        Difference::of("build.lockfile", &a.lockfile, &b.lockfile).into_iter().collect();
    for engine in engines(baseline) {
        let (old, new) = (versions(baseline, engine), versions(current, engine));
        if !new.is_empty() {
            suspects.extend(Difference::of(&format!("engine {engine}"), &old, &new));
        }
    }
    suspects.extend(Difference::of("build.deadzone", &a.deadzone, &b.deadzone));
    suspects
}

fn engines(results: &Results) -> Vec<&str> {
    let mut engines: Vec<&str> = results.runs.iter().map(|run| run.engine.as_str()).collect();
    engines.sort_unstable();
    engines.dedup();
    engines
}

fn versions(results: &Results, engine: &str) -> String {
    let of_engine = results.runs.iter().filter(|run| run.engine == engine);
    let mut versions: Vec<&str> = of_engine.map(|run| run.engine_version.as_str()).collect();
    versions.sort_unstable();
    versions.dedup();
    versions.join(", ")
}
