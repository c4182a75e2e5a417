//! `deadzone check`: validates scenarios without running them.

use anyhow::Result;

use crate::args::CheckArgs;
use crate::campaign::sources;
use crate::exit;

/// Validates, and says of each file what is wrong with it.
///
/// # Errors
/// If a file cannot be read.
pub(crate) fn check(args: &CheckArgs) -> Result<i32> {
    let mut code = exit::OK;
    for source in sources(&args.scenarios)? {
        match source.parse(&args.set) {
            Ok(scenario) => anstream::println!("{}: valid", scenario.name()),
            Err(error) => {
                anstream::eprintln!("{error}");
                code = exit::USAGE;
            }
        }
    }
    Ok(code)
}
