//! `deadzone check`: validates scenarios without running them.

use anyhow::Result;

use crate::args::CheckArgs;
use crate::campaign::source;
use crate::exit;

/// Validates, and says of each file what is wrong with it, or that it cannot be
/// read.
///
/// # Errors
/// None today.
pub(crate) fn check(args: &CheckArgs) -> Result<i32> {
    let mut code = exit::OK;
    for name in &args.scenarios {
        match source(name).and_then(|source| source.parse(&args.set)) {
            Ok(scenario) => anstream::println!("{}: valid", scenario.name()),
            Err(error) => {
                anstream::eprintln!("{error}");
                code = exit::USAGE;
            }
        }
    }
    Ok(code)
}
