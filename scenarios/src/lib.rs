//! Scenarios of deadzone: the file format, the profiles that it draws on, and
//! the scenarios that come with the bench.
//!
//! A scenario is a TOML file; [`parse`] makes it a
//! [`deadzone_core::scenario::Scenario`] with every name looked up and every
//! value checked, or says where it is wrong and what would be right. Profiles
//! and curated scenarios are compiled in, so that the binary runs from any
//! folder.

#![forbid(unsafe_code)]

mod embedded;
mod error;
mod file;
mod overrides;
mod profiles;
mod resolve;
mod schema;
mod units;
mod values;

pub use embedded::{Embedded, Folder, benchmarks, curated, embedded, find, hunts, tour};
pub use error::{Error, Problem};
pub use profiles::{Profiles, models_digest};
pub use schema::schema;

use deadzone_core::scenario::{Benchmark, Scenario, Workload};

/// The scenario in `text`, which was read from `path`.
///
/// # Errors
/// [`Error::InFile`] with the place of the first thing that is wrong.
pub fn parse(text: &str, path: &str) -> Result<Scenario, Error> {
    resolve::scenario(text, Profiles::built_in()).map_err(|error| error.in_file(path, text))
}

/// The scenario in `text`, with fields set from outside: `("sync.debounce",
/// "1s")`. Tables in lists are named by index, groups of the fleet also by name
/// (`fleet.commuters.count`). A value that is no TOML is a string.
///
/// # Errors
/// [`Error::InFile`] if the file is wrong as it is; [`Error::Overridden`] if it
/// is what was set that makes it wrong.
pub fn parse_with(
    text: &str,
    path: &str,
    overrides: &[(String, String)],
) -> Result<Scenario, Error> {
    let scenario = parse(text, path)?;
    if overrides.is_empty() {
        return Ok(scenario);
    }
    let changed = overrides::apply(text, path, overrides)?;
    resolve::scenario(&changed, Profiles::built_in())
        .map_err(|error| overrides::blame(&changed, path, overrides, error))
}

/// Puts the synthetic trace in the place of recorded ones, for want of a folder
/// of traces, and gives the names of those that it stands in for. B4 stays as
/// it is: the point of it is that everybody runs the same.
pub fn use_synthetic_traces(scenario: &mut Scenario) -> Vec<String> {
    match scenario {
        Scenario::Direct(direct) => match &mut direct.benchmark {
            Benchmark::Trace { file } => file.take().into_iter().collect(),
            _ => Vec::new(),
        },
        Scenario::World(world) => {
            let workloads = world.fleet.iter_mut().map(|group| &mut group.workload);
            workloads
                .filter_map(|workload| match workload {
                    Workload::Trace(replay) => replay.file.take(),
                    _ => None,
                })
                .collect()
        }
        Scenario::Hunt(_) => Vec::new(),
    }
}
