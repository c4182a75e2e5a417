//! `[expect]`: bounds on figures, for the whole run and by group.

use std::borrow::Cow;
use std::fmt;

use deadzone_core::measure::{HISTOGRAMS, METRICS, MetricInfo};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::values::{Entries, entries};

/// What must hold at the end.
pub(crate) struct ExpectFile {
    /// Keys with their values: bounds, groups, and one switch.
    pub(crate) entries: Entries<ExpectValue>,
}

/// What stands behind a key of `[expect]`.
pub(crate) enum ExpectValue {
    /// A bound as a plain number.
    Number(i64),
    /// A bound with its unit.
    Text(String),
    /// A switch.
    Flag(bool),
    /// The bounds of a group.
    Group(Entries<ExpectValue>),
}

/// The switch that makes expectations hold for baselines too.
pub(crate) const OF_BASELINES: &str = "of_baselines";
/// The bound on the last convergence, for the whole run.
pub(crate) const CONVERGED_WITHIN: &str = "converged_within";
/// How percentiles are named behind a histogram's name.
pub(crate) const SUFFIXES: [&str; 5] = ["_p50", "_p90", "_p99", "_p999", "_max"];

impl<'de> Deserialize<'de> for ExpectValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = ExpectValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a bound such as `0` or `\"100ms\"`, or a group's table of bounds")
            }
            fn visit_i64<E>(self, number: i64) -> Result<ExpectValue, E> {
                Ok(ExpectValue::Number(number))
            }
            fn visit_str<E>(self, text: &str) -> Result<ExpectValue, E> {
                Ok(ExpectValue::Text(text.to_owned()))
            }
            fn visit_bool<E>(self, flag: bool) -> Result<ExpectValue, E> {
                Ok(ExpectValue::Flag(flag))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ExpectValue, A::Error> {
                entries(map).map(ExpectValue::Group)
            }
        }
        deserializer.deserialize_any(Any)
    }
}

impl<'de> Deserialize<'de> for ExpectFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Table;
        impl<'de> Visitor<'de> for Table {
            type Value = ExpectFile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of bounds such as `edits_rejected = 0`")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ExpectFile, A::Error> {
                Ok(ExpectFile { entries: entries(map)? })
            }
        }
        deserializer.deserialize_any(Table)
    }
}

impl JsonSchema for ExpectFile {
    fn schema_name() -> Cow<'static, str> {
        "Expect".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let group = bounds();
        let mut overall = group.clone();
        overall.insert(
            CONVERGED_WITHIN.to_owned(),
            describe(
                "from each heal, or from the last edit, to all replicas being equal; at most",
                "ns",
            ),
        );
        overall.insert(
            OF_BASELINES.to_owned(),
            json_schema!({
                "type": "boolean",
                "description": "Whether server-centred baselines must keep these bounds too. Default: false.",
            }),
        );
        json_schema!({
            "description": "What must hold at the end: the most that a figure may be, for the whole run and, in a table, for a group.",
            "type": "object",
            "properties": overall,
            "additionalProperties": {
                "description": "Bounds for the group of this name.",
                "type": "object",
                "properties": group,
                "additionalProperties": false,
            },
        })
    }
}

fn bounds() -> std::collections::BTreeMap<String, Schema> {
    let one = |info: &MetricInfo| (info.name.to_owned(), describe(info.summary, info.unit));
    let percentiles = |info: &'static MetricInfo| {
        SUFFIXES.map(|suffix| {
            let percentile = suffix.trim_start_matches('_');
            let summary = format!("{} ({percentile})", info.summary);
            (format!("{}{suffix}", info.name), describe(&summary, info.unit))
        })
    };
    METRICS.iter().map(one).chain(HISTOGRAMS.iter().flat_map(percentiles)).collect()
}

fn describe(summary: &str, unit: &str) -> Schema {
    match unit {
        "ns" => json_schema!({ "description": summary, "type": "string" }),
        "count" | "work" => {
            json_schema!({ "description": summary, "type": "integer", "minimum": 0 })
        }
        _ => json_schema!({ "description": summary, "type": ["integer", "string"], "minimum": 0 }),
    }
}
