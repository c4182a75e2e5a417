//! `[document]`: named roots, and how deep workloads may nest below them.

use std::borrow::Cow;
use std::fmt;

use deadzone_core::edit::ContainerKind;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::values::{At, Entries};

/// The document that everybody edits.
pub(crate) struct DocumentFile {
    /// Its roots by name.
    pub(crate) roots: Entries<ContainerKind>,
    /// How deep workloads may nest containers in the roots; 0 by default.
    pub(crate) nesting: Option<At<u32>>,
}

/// The one key that is no root.
const NESTING: &str = "nesting";

impl<'de> Deserialize<'de> for DocumentFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Table;
        impl<'de> Visitor<'de> for Table {
            type Value = DocumentFile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of roots such as `notes = \"text\"`")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<DocumentFile, A::Error> {
                let mut file = DocumentFile { roots: Vec::new(), nesting: None };
                while let Some(key) = map.next_key::<At<String>>()? {
                    if *key == NESTING {
                        file.nesting = Some(map.next_value()?);
                    } else {
                        file.roots.push((key, map.next_value()?));
                    }
                }
                Ok(file)
            }
        }
        deserializer.deserialize_any(Table)
    }
}

impl JsonSchema for DocumentFile {
    fn schema_name() -> Cow<'static, str> {
        "Document".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let kind = generator.subschema_for::<ContainerKind>();
        json_schema!({
            "description": "The document that everybody edits: its roots by name, each with its kind.",
            "type": "object",
            "properties": {
                NESTING: {
                    "description": "How deep workloads may nest containers in the roots. Default: 0, not at all.",
                    "type": "integer",
                    "minimum": 0,
                },
            },
            "additionalProperties": kind,
        })
    }
}
