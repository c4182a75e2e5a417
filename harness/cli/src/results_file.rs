//! Reading `results.json`.

use std::path::{Path, PathBuf};

use anyhow::Result;
use deadzone_core::record::{Results, SCHEMA};

use crate::exit::BadInput;

/// Reads a results file.
///
/// # Errors
/// [`BadInput`] with the path, and the line and column where there is one.
pub(crate) fn read(path: &Path) -> Result<Results> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| BadInput::error(format!("{shown}: cannot read the results: {error}")))?;
    let value: serde_json::Value = serde_json::from_str(&text).map_err(|error| at(path, &error))?;
    let schema = value.get("schema").and_then(serde_json::Value::as_u64);
    if schema != Some(u64::from(SCHEMA)) {
        let found = schema.map_or("it has no number at `schema`".to_owned(), |schema| {
            format!("results of schema {schema} are not known here")
        });
        return Err(BadInput::error(format!(
            "{shown}: {found}; expected the results of a run, of schema {SCHEMA}"
        )));
    }
    let results: Results = serde_json::from_str(&text).map_err(|error| at(path, &error))?;
    if !results.is_intact() {
        return Err(BadInput::error(format!(
            "{shown}: the digest does not fit the contents; expected a file as `deadzone run` \
             wrote it"
        )));
    }
    Ok(results)
}

/// Reads results files and joins them.
///
/// # Errors
/// As [`read`], and on files that do not belong together.
///
/// # Panics
/// Without a path: the command line asks for one.
pub(crate) fn read_all(paths: &[PathBuf]) -> Result<Results> {
    let (first, others) = paths.split_first().expect("the command line asks for one");
    let mut joined = read(first)?;
    for (path, number) in others.iter().zip(1..) {
        joined = joined.join(read(path)?).map_err(|error| {
            let before: Vec<_> =
                paths[..number].iter().map(|path| path.to_string_lossy()).collect();
            let (path, before) = (path.display(), before.join(", "));
            BadInput::error(format!("{path}: cannot be joined with {before}: {error}"))
        })?;
    }
    Ok(joined)
}

fn at(path: &Path, error: &serde_json::Error) -> anyhow::Error {
    let (path, line, column) = (path.display(), error.line(), error.column());
    let said = error.to_string();
    // The place is said once, as everywhere else: before the message.
    let said = said.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&said);
    BadInput::error(format!("{path}:{line}:{column}: {said}; expected the results of a run"))
}
