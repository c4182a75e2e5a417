//! Shards of one campaign, or campaigns of one build, as one [`Results`].

use super::{Build, Environment, Results, RunRecord};

/// Why two results are not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// They come from different builds, so a table of both would compare what
    /// cannot be compared.
    #[error(
        "they come from different builds: {field} is {one:?} and {other:?}; expected results of \
         one build"
    )]
    Build {
        /// The field of `build`.
        field: &'static str,
        /// What one has there.
        one: String,
        /// What the other has.
        other: String,
    },
    /// Both hold the same run, with other figures.
    #[error(
        "both hold the run of {0}, and its figures differ; expected it once, or twice the same"
    )]
    Differ(String),
}

impl Results {
    /// These runs and those of `other`; a run that is the same in both is there
    /// once.
    ///
    /// # Errors
    /// [`JoinError`] if they come from different builds, or disagree on a run.
    pub fn join(mut self, other: Self) -> Result<Self, JoinError> {
        same_build(&self.build, &other.build)?;
        for run in other.runs {
            match self.runs.iter().find(|own| own.key() == run.key()) {
                Some(own) if *own == run => {}
                Some(own) => return Err(JoinError::Differ(in_words(own))),
                None => self.runs.push(run),
            }
        }
        Ok(Self::new(self.build, self.runs, joined(self.environment, other.environment)))
    }
}

fn same_build(one: &Build, other: &Build) -> Result<(), JoinError> {
    let (features, others) = (one.cpu_features.join(" "), other.cpu_features.join(" "));
    let fields = [
        ("build.deadzone", &one.deadzone, &other.deadzone),
        ("build.rustc", &one.rustc, &other.rustc),
        ("build.target", &one.target, &other.target),
        ("build.profile", &one.profile, &other.profile),
        ("build.flags", &one.flags, &other.flags),
        ("build.cpu_features", &features, &others),
        ("build.lockfile", &one.lockfile, &other.lockfile),
        ("build.models", &one.models, &other.models),
    ];
    match fields.into_iter().find(|(_, one, other)| one != other) {
        None => Ok(()),
        Some((field, one, other)) => {
            Err(JoinError::Build { field, one: one.clone(), other: other.clone() })
        }
    }
}

fn in_words(run: &RunRecord) -> String {
    let RunRecord { scenario, engine, engine_version, seed, .. } = run;
    format!("{scenario} on {engine} {engine_version} with seed {seed}")
}

fn joined(one: Environment, other: Environment) -> Environment {
    Environment {
        git: both(one.git, &other.git),
        host: both(one.host, &other.host),
        reproducible: one.reproducible && other.reproducible,
        // RFC 3339 in UTC sorts as text.
        started: one.started.min(other.started),
        wall_time_ns: one.wall_time_ns.saturating_add(other.wall_time_ns),
        wall_time_in_engine_ns: one
            .wall_time_in_engine_ns
            .saturating_add(other.wall_time_in_engine_ns),
        // It is a part of the models, which are the same.
        cpu_model: one.cpu_model,
    }
}

fn both(one: String, other: &str) -> String {
    if one.split(", ").any(|part| part == other) { one } else { format!("{one}, {other}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{CpuMode, Outcome, Verdict};

    fn run(seed: u64, events: u64) -> RunRecord {
        RunRecord {
            scenario: "tiny".to_owned(),
            engine: "reference".to_owned(),
            engine_version: "0.1.0".to_owned(),
            seed,
            simulator: "event".to_owned(),
            not_honoured: Vec::new(),
            cpu: CpuMode::Counted,
            scenario_digest: String::new(),
            plan_digest: String::new(),
            parameters: Default::default(),
            devices: 2,
            virtual_time_ns: 1,
            events,
            audit: String::new(),
            verdict: Verdict {
                outcome: Outcome::Passed,
                converged: true,
                document: None,
                violations: Vec::new(),
            },
            metrics: Default::default(),
            histograms: Default::default(),
            groups: Default::default(),
            series: Default::default(),
        }
    }

    fn results(runs: &[RunRecord], host: &str, wall_time_ns: u64) -> Results {
        let environment = Environment {
            host: host.to_owned(),
            reproducible: true,
            started: format!("2026-01-01T00:00:{wall_time_ns:02}Z"),
            wall_time_ns,
            ..Environment::default()
        };
        Results::new(Build::default(), runs.to_vec(), environment)
    }

    #[test]
    fn shards_in_any_order_make_up_the_whole() {
        let runs: Vec<RunRecord> = (1..=5).map(|seed| run(seed, seed)).collect();
        let whole = results(&runs, "a", 9);
        for cut in 0..=runs.len() {
            let (one, other) = (results(&runs[..cut], "a", 4), results(&runs[cut..], "b", 5));
            for joined in [one.clone().join(other.clone()), other.join(one)] {
                let joined = joined.expect("they are of one build");
                assert_eq!((&joined.runs, &joined.digest), (&whole.runs, &whole.digest));
                assert!(joined.is_intact());
                assert_eq!(joined.environment.wall_time_ns, 9);
                assert_eq!(joined.environment.started, "2026-01-01T00:00:04Z");
            }
        }
    }

    #[test]
    fn a_run_that_is_in_both_is_there_once() {
        let (one, other) = ([run(1, 1), run(2, 2)], [run(2, 2), run(3, 3)]);
        let joined = results(&one, "a", 1).join(results(&other, "a", 1)).expect("they agree");
        assert_eq!(joined.runs, [run(1, 1), run(2, 2), run(3, 3)]);
        assert_eq!(joined.environment.host, "a");
    }

    #[test]
    fn what_disagrees_is_not_joined() {
        let one = results(&[run(1, 1)], "a", 1);
        let said = one.clone().join(results(&[run(1, 2)], "a", 1)).expect_err("they disagree");
        assert_eq!(said, JoinError::Differ("tiny on reference 0.1.0 with seed 1".to_owned()));

        let mut other = results(&[run(2, 2)], "a", 1);
        other.build.rustc = "rustc 1.0.0".to_owned();
        let said = one.join(other).expect_err("they are of two builds");
        assert!(matches!(said, JoinError::Build { field: "build.rustc", .. }), "{said}");
    }
}
