//! The file that a failure is saved in, and that `deadzone replay` takes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Schedule;
use crate::check::Oracle;
use crate::plan::Plan;

/// A history and the engine on which it failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SavedPlan {
    /// The version of this format: [`super::SCHEMA`].
    pub schema: u32,
    /// The version of deadzone that wrote it.
    pub deadzone: String,
    /// The scenario that it comes from, by name.
    pub scenario: String,
    /// The engine's name.
    pub engine: String,
    /// The engine's version.
    pub engine_version: String,
    /// What was found, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<FoundBefore>,
    /// What happened.
    #[serde(flatten)]
    pub history: History,
}

/// What was found in a history before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FoundBefore {
    /// Which oracle said so.
    pub oracle: Oracle,
    /// The group of findings that it belongs to; see `deadzone hunt --allow`.
    pub cause: String,
    /// In words.
    pub said: String,
}

/// With time or without.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum History {
    /// A plan for devices in a virtual world.
    Plan(Box<Plan>),
    /// Steps without time.
    Schedule(Schedule),
}
