//! `[[fault]]`: what is done to the world.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::values::{At, JumpText, TimeText};

/// Groups, single devices, or `relay`.
pub(crate) type Names = Vec<At<String>>;

/// Something that is done to the world at a time. Sides name groups, single
/// devices (`commuters/0`) or `relay`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schemars(rename = "Fault")]
pub(crate) struct FaultFile {
    /// When.
    pub(crate) at: At<TimeText>,
    /// What.
    pub(crate) kind: At<FaultName>,
    /// How long; at the end everything it did is taken back. Only `clock_jump`
    /// may go without, and then lasts to the end of the duration.
    #[serde(rename = "for")]
    pub(crate) lasts: Option<At<TimeText>>,
    /// `partition`, `slow`, `jam`: the sides, two or more.
    pub(crate) between: Option<At<Vec<At<Names>>>>,
    /// `one_way`: those who are no longer heard.
    pub(crate) from: Option<At<Names>>,
    /// `one_way`: those who no longer hear them.
    pub(crate) to: Option<At<Names>>,
    /// `crash`, `power_loss`, `clock_jump`, `swizzle`: to whom.
    pub(crate) who: Option<At<Names>>,
    /// `slow`: how many times longer everything takes; at least 2.
    pub(crate) factor: Option<At<u32>>,
    /// `clock_jump`: by how much, such as `"1h"` or `"-30min"`.
    pub(crate) by: Option<At<JumpText>>,
}

/// Kinds of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FaultName {
    /// Nothing passes between the sides.
    Partition,
    /// Nothing passes from the first side to the second.
    OneWay,
    /// Everything between the sides takes longer.
    Slow,
    /// Everything between the sides is held and comes through at the end.
    Jam,
    /// The app dies; what the operating system had taken for writing survives.
    Crash,
    /// The device loses power; only what was flushed survives.
    PowerLoss,
    /// The wall clock jumps.
    ClockJump,
    /// A random half is jammed one by one and released in another order.
    Swizzle,
}

crate::values::tables! {
    FaultFile: "a table with a fault";
}
