//! `deadzone merge`: the shards of one campaign as one results file.

use anyhow::{Context, Result};

use crate::args::MergeArgs;
use crate::exit;
use crate::output::write_file;
use crate::results_file;

/// Joins.
///
/// # Errors
/// On files that are no results, or that do not belong together.
pub(crate) fn merge(args: &MergeArgs) -> Result<i32> {
    let results = results_file::read_all(&args.results)?;
    let mut json = serde_json::to_string_pretty(&results).context("results as JSON")?;
    json.push('\n');
    match &args.out {
        Some(path) => {
            write_file(path, json, &format!("--out {}: cannot write it", path.display()))?;
        }
        None => anstream::print!("{json}"),
    }
    Ok(exit::OK)
}
