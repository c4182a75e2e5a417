//! Hunts: what small random worlds are made of.

use std::borrow::Cow;
use std::fmt;

use deadzone_core::engine::Delivery;
use deadzone_core::hunt::Feature;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};

use super::document::DocumentFile;
use crate::values::At;

/// Many small random worlds without time, in search of a violation.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a scenario")]
pub(crate) struct HuntFile {
    /// The version of this format: 1.
    pub(crate) schema: At<u32>,
    /// The scenario's name: that of the file, without `.toml`.
    pub(crate) name: At<String>,
    /// The question that the scenario answers, in one sentence.
    pub(crate) question: At<String>,
    /// The document that everybody edits; each world has some of its roots.
    pub(crate) document: At<DocumentFile>,
    /// What the worlds are like.
    pub(crate) hunt: At<HuntTable>,
}

/// What the worlds of a hunt are like.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schemars(rename = "HuntTable")]
pub(crate) struct HuntTable {
    /// How many replicas a world begins with, 1 to 8. Default: `[2, 4]`.
    pub(crate) replicas: Option<At<CountsFile>>,
    /// How many edits are made in a world, 1 to 1000. Default: `[5, 40]`.
    pub(crate) edits: Option<At<CountsFile>>,
    /// The ways that updates may travel; each world has one of them. Default:
    /// all.
    pub(crate) deliveries: Option<At<Vec<At<Delivery>>>>,
    /// What a world may have in it; each has some. Default: `"all"`.
    pub(crate) features: Option<At<FeaturesFile>>,
}

crate::values::tables! {
    HuntTable: "a table with the hunt's `replicas` and `edits`";
}

/// A number, or the least and the most of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CountsFile {
    pub(crate) at_least: u32,
    pub(crate) at_most: u32,
}

impl<'de> Deserialize<'de> for CountsFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Counts;
        impl<'de> Visitor<'de> for Counts {
            type Value = CountsFile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(COUNTS_EXPECTED)
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<CountsFile, E> {
                let count = u32::try_from(number).map_err(|_| {
                    E::custom(format!("`{number}` is no count, expected {COUNTS_EXPECTED}"))
                })?;
                Ok(CountsFile { at_least: count, at_most: count })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<CountsFile, A::Error> {
                use serde::de::Error as _;
                let least = items.next_element()?;
                let most = items.next_element()?;
                let (Some(at_least), Some(at_most), None) =
                    (least, most, items.next_element::<u32>()?)
                else {
                    return Err(A::Error::custom(format!(
                        "these are no two numbers, expected {COUNTS_EXPECTED}"
                    )));
                };
                Ok(CountsFile { at_least, at_most })
            }
        }
        deserializer.deserialize_any(Counts)
    }
}

const COUNTS_EXPECTED: &str = "a number, or the least and the most such as `[2, 6]`";

impl JsonSchema for CountsFile {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Counts".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let number = json_schema!({ "type": "integer", "minimum": 1 });
        json_schema!({
            "description": COUNTS_EXPECTED,
            "anyOf": [
                number,
                { "type": "array", "items": number, "minItems": 2, "maxItems": 2 },
            ],
        })
    }
}

/// `"all"`, or a list.
#[derive(Clone, Debug)]
pub(crate) enum FeaturesFile {
    All,
    Listed(Vec<At<Feature>>),
}

impl<'de> Deserialize<'de> for FeaturesFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Features;
        impl<'de> Visitor<'de> for Features {
            type Value = FeaturesFile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(FEATURES_EXPECTED)
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<FeaturesFile, E> {
                if text == ALL {
                    return Ok(FeaturesFile::All);
                }
                Err(E::custom(format!(
                    "`{}` is no list, expected {FEATURES_EXPECTED}",
                    text.escape_debug()
                )))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<FeaturesFile, A::Error> {
                let mut listed = Vec::new();
                while let Some(feature) = items.next_element()? {
                    listed.push(feature);
                }
                Ok(FeaturesFile::Listed(listed))
            }
        }
        deserializer.deserialize_any(Features)
    }
}

const ALL: &str = "all";
const FEATURES_EXPECTED: &str = "`\"all\"`, or an array of features such as `[\"insert-text\"]`";

impl JsonSchema for FeaturesFile {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Features".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let feature = generator.subschema_for::<Feature>();
        json_schema!({
            "description": FEATURES_EXPECTED,
            "anyOf": [
                { "const": ALL },
                { "type": "array", "items": feature, "minItems": 1 },
            ],
        })
    }
}
