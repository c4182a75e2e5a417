//! `deadzone schema`: JSON Schema, for editors and for other programs.

use anyhow::Result;
use deadzone_core::record::Results;
use deadzone_core::schedule::SavedPlan;

use crate::args::{Described, SchemaArgs};
use crate::exit;

/// Prints the schema.
///
/// # Errors
/// If it cannot be written as JSON.
pub(crate) fn schema(args: &SchemaArgs) -> Result<i32> {
    let schema = match args.of {
        Described::Scenario => deadzone_scenarios::schema(),
        Described::Results => schemars::schema_for!(Results),
        Described::Plan => schemars::schema_for!(SavedPlan),
    };
    anstream::println!("{}", serde_json::to_string_pretty(&schema)?);
    Ok(exit::OK)
}
