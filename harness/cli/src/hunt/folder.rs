//! The folder of findings, and the files in it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use deadzone_core::plan;
use deadzone_core::schedule::{FoundBefore, History, SCHEMA, SavedPlan, Schedule};
use deadzone_reports::finding;

use super::finding::Finding;
use super::provenance::Provenance;
use crate::exit::BadInput;
use crate::output::readable_by_all;

/// What every finding's folder of ours holds.
const SHRUNK: &str = "shrunk.json";

/// Where findings go: a folder each, below one folder.
pub(crate) struct Folders {
    place: PathBuf,
}

/// A finding's folder that is written.
pub(crate) struct Written {
    pub(crate) folder: PathBuf,
    /// The command line that shows the finding again.
    pub(crate) again: String,
}

impl Folders {
    /// Below `place`; what is there already stays, unless `force` says that old
    /// findings may go.
    ///
    /// # Errors
    /// [`BadInput`] if there are findings already, or something that is none.
    pub(crate) fn begin(place: &Path, force: bool) -> Result<Self> {
        let shown = place.display();
        if place.exists() && !place.is_dir() {
            return Err(BadInput::error(format!(
                "--out {shown}: this is a file; expected a folder"
            )));
        }
        for entry in entries(place)? {
            let ours = entry.join(SHRUNK).exists();
            if !ours {
                return Err(BadInput::error(format!(
                    "--out {shown}: the folder holds {}, which is no finding; expected a new or \
                     an empty folder",
                    entry.display()
                )));
            }
            if !force {
                return Err(BadInput::error(format!(
                    "--out {shown}: the folder holds findings already; say another folder, or \
                     --force to lose them"
                )));
            }
        }
        if force {
            for entry in entries(place)? {
                fs::remove_dir_all(&entry).map_err(|error| {
                    BadInput::place(format!("--out {shown}: cannot remove the old"), &error)
                })?;
            }
        }
        Ok(Self { place: place.to_owned() })
    }

    /// Writes the folder of a finding, whole or not at all.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn write(&self, finding: &Finding, of: &Provenance<'_>) -> Result<Written> {
        let shown = self.place.display();
        fs::create_dir_all(&self.place)
            .map_err(|error| BadInput::place(format!("--out {shown}: cannot make it"), &error))?;
        let name = format!(
            "{}-{}-{}",
            of.label(),
            finding.violation.oracle.name(),
            &finding.shrunk.digest()[..8]
        );
        let place = self.place.join(name);
        let making = tempfile::Builder::new()
            .prefix(".finding-")
            .tempdir_in(&self.place)
            .map_err(|error| BadInput::place(format!("--out {shown}: cannot write"), &error))?;
        let shrunk = saved(finding, of, &finding.shrunk);
        let command = of.again(&place.join(SHRUNK));
        let mut files = vec![
            ("plan.json".to_owned(), json(&saved(finding, of, &finding.plan))?),
            (SHRUNK.to_owned(), json(&shrunk)?),
        ];
        if let Some(replayed) = &finding.replayed
            && let Some(story) = &replayed.story
        {
            let repro = replayed.repro.as_ref().map(|repro| of.repro(repro));
            files.extend(finding::files(&finding::Finding {
                story,
                saved: &shrunk,
                violation: &finding.violation,
                seed: Some(of.seed),
                steps_before: finding.plan.steps.len(),
                steps_after: finding.shrunk.steps.len(),
                command: &command,
                repro: repro.as_ref(),
            }));
        }
        for (name, content) in files {
            fs::write(making.path().join(&name), content)
                .with_context(|| format!("cannot write {name} of a finding"))?;
        }
        let made = making.keep();
        readable_by_all(&made).context("opening a finding")?;
        fs::rename(&made, &place)
            .with_context(|| format!("cannot put a finding at {}", place.display()))?;
        Ok(Written { folder: place, again: command })
    }
}

fn entries(place: &Path) -> Result<Vec<PathBuf>> {
    if !place.exists() {
        return Ok(Vec::new());
    }
    let shown = place.display();
    let unreadable = |error: std::io::Error| {
        BadInput::place(format!("--out {shown}: cannot look into it"), &error)
    };
    fs::read_dir(place)
        .map_err(unreadable)?
        .map(|entry| Ok(entry.map_err(unreadable)?.path()))
        .collect()
}

fn saved(finding: &Finding, of: &Provenance<'_>, schedule: &Schedule) -> SavedPlan {
    SavedPlan {
        schema: SCHEMA,
        deadzone: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: of.scenario.to_owned(),
        engine: of.engine.to_owned(),
        engine_version: of.engine_version.to_owned(),
        found: Some(FoundBefore {
            oracle: finding.violation.oracle,
            cause: finding.cause.clone(),
            said: finding.violation.said.clone(),
        }),
        history: History::Schedule(schedule.clone()),
    }
}

fn json(saved: &SavedPlan) -> Result<String> {
    Ok(serde_json::to_string_pretty(saved).context("a plan as JSON")? + "\n")
}

/// The plan in a file.
///
/// # Errors
/// [`BadInput`] with the path, the place and what is wrong.
pub(crate) fn read_plan(path: &Path) -> Result<SavedPlan> {
    let shown = path.display();
    let bytes = fs::read(path).map_err(|error| BadInput::error(format!("{shown}: {error}")))?;
    let schema = serde_json::from_slice::<Versioned>(&bytes).ok().map(|file| file.schema);
    if let Some(schema) = schema
        && schema != SCHEMA
    {
        return Err(BadInput::error(format!(
            "{shown}: it has schema {schema}; this deadzone reads schema {SCHEMA}"
        )));
    }
    let saved: SavedPlan = serde_json::from_slice(&bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let hint = if error.is_eof() { "; is the file cut off?" } else { "" };
        BadInput::error(format!(
            "{shown}:{line}:{column}: {error}{hint}; expected a plan of `deadzone run` or \
             `deadzone hunt` (`deadzone schema plan`)"
        ))
    })?;
    let checked = match &saved.history {
        History::Schedule(schedule) => schedule.check().map_err(|error| error.to_string()),
        History::Plan(plan) => plan::check(plan).map_err(|error| error.to_string()),
    };
    checked.map_err(|error| BadInput::error(format!("{shown}: {error}")))?;
    Ok(saved)
}

#[derive(serde::Deserialize)]
struct Versioned {
    schema: u32,
}
