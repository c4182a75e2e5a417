//! `deadzone gate`: two results files, metric by metric.

use anyhow::{Context, Result};
use deadzone_reports::gate::{self, Tolerances, Verdict};

use crate::args::{GateArgs, GateFormat};
use crate::exit::{self, BadInput};
use crate::output::write_file;
use crate::results_file;
use crate::verbs::run::style;

/// Compares, and gives the verdict as exit code.
///
/// # Errors
/// On files that are no results, or tolerances that are none.
pub(crate) fn gate(args: &GateArgs) -> Result<i32> {
    let mut tolerances = Tolerances::default();
    for tolerance in &args.tolerance {
        tolerances.add(tolerance).map_err(|error| BadInput::error(error.to_string()))?;
    }
    let results = results_file::read(&args.results)?;
    if args.update {
        return update(args);
    }
    let baseline = results_file::read(&args.baseline)?;
    tolerances.check(&baseline, &results).map_err(|error| BadInput::error(format!("--{error}")))?;
    let comparison = gate::compare(&baseline, &results, &tolerances);
    match args.format {
        GateFormat::Human => anstream::println!("{}", gate::table(&comparison, style())),
        GateFormat::Markdown => anstream::println!("{}", gate::markdown(&comparison)),
    }
    let (baseline, results) = (args.baseline.display(), args.results.display());
    match comparison.verdict() {
        Verdict::Same | Verdict::Better => Ok(exit::OK),
        Verdict::Worse => {
            anstream::eprintln!("to accept: deadzone gate {baseline} {results} --update");
            Ok(exit::REGRESSED)
        }
        Verdict::Incomparable => {
            anstream::eprintln!("a new baseline: deadzone gate {baseline} {results} --update");
            Ok(exit::INCOMPARABLE)
        }
    }
}

/// Puts the new results in the baseline's place, in one step.
fn update(args: &GateArgs) -> Result<i32> {
    let shown = args.baseline.display();
    let content = std::fs::read(&args.results)
        .with_context(|| format!("reading {}", args.results.display()))?;
    write_file(&args.baseline, content, &format!("{shown}: cannot write the baseline"))?;
    anstream::println!("{shown} is {} now", args.results.display());
    Ok(exit::OK)
}
