//! `[[fleet]]`: groups of devices and what their people do.

use deadzone_core::profile::Runtime;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::values::{At, OneOrMore, QuotaText, ShareText, TimeText, WritingText};

/// Devices of one kind that do the same.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schemars(rename = "Group")]
pub(crate) struct GroupFile {
    /// The group's name; `relay` is taken.
    pub(crate) group: At<String>,
    /// How many devices. Default: 1.
    pub(crate) count: Option<At<u32>>,
    /// What they are: a name of `deadzone list devices`, or of a `[device.…]`
    /// table in this file.
    pub(crate) device: At<String>,
    /// Their links in order of preference: names of `deadzone list links`, or
    /// of `[link.…]` tables in this file.
    pub(crate) link: OneOrMore<At<String>>,
    /// How their links come and go: a built-in name, or that of an `[outage.…]`
    /// table in this file. Default: they stay.
    pub(crate) outages: Option<At<String>>,
    /// What their people do. Default: nothing.
    pub(crate) workload: Option<At<WorkloadFile>>,
    /// CPU time that the app gets in the background, as time per period.
    /// Default: all of one core.
    pub(crate) quota: Option<At<QuotaText>>,
    /// What runs the engine's code. Default: what the device profile says.
    pub(crate) runtime: Option<At<Runtime>>,
}

/// What the people of a group do.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schemars(rename = "Workload")]
pub(crate) struct WorkloadFile {
    /// What they do.
    pub(crate) kind: At<WorkloadKind>,
    /// `typing`: how fast, while at it. Default: 36wpm, as on a phone.
    pub(crate) rate: Option<At<WritingText>>,
    /// `form`, `todo`, `board`: the mean time from one edit to the next while at
    /// it. Default: 5s. `trace`: the mean time from one transaction to the
    /// next, instead of the recorded times.
    pub(crate) every: Option<At<TimeText>>,
    /// All but `idle` and `trace`: how long a session lasts on average.
    /// Default: all the time.
    pub(crate) session: Option<At<TimeText>>,
    /// With `session`: how long the pause between sessions is on average.
    /// Default: 4min.
    pub(crate) pause: Option<At<TimeText>>,
    /// All but `idle` and `trace`: from when to when, such as
    /// `["2min", "8min"]`. Default: the whole duration.
    pub(crate) between: Option<At<[At<TimeText>; 2]>>,
    /// `typing`: the share of keystrokes that delete. Default: 10%.
    pub(crate) deletions: Option<At<ShareText>>,
    /// `typing`: the share of sessions that begin somewhere else in the
    /// document. Default: 30%.
    pub(crate) jumps: Option<At<ShareText>>,
    /// `typing`: the share of bursts that are a paste. Default: 1%.
    pub(crate) pastes: Option<At<ShareText>>,
    /// `typing`: the share of words that are marked bold once written.
    /// Default: 0%.
    pub(crate) marks: Option<At<ShareText>>,
    /// `trace`: the file, relative to the folder given as `--traces`.
    /// Default: a synthetic trace.
    pub(crate) file: Option<At<String>>,
    /// `trace`: how many transactions at most. Default: all.
    pub(crate) limit: Option<At<u32>>,
}

/// Kinds of workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum WorkloadKind {
    /// Nothing; the device follows.
    Idle,
    /// Writes prose into the text roots.
    Typing,
    /// Fills forms: puts fields into the map roots.
    Form,
    /// Keeps a to-do list in the list roots.
    Todo,
    /// Moves cards on a board: movable lists in columns, counters for votes.
    Board,
    /// Replays a recorded editing history.
    Trace,
}

crate::values::tables! {
    GroupFile: "a table with a group of devices";
    WorkloadFile: "a table such as `{ kind = \"typing\" }`";
}
