//! `[document]`: named roots, how deep workloads may nest below them, and how many
//! such documents there are.

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
    /// How many documents of this shape the fleet is divided among; 1 by default.
    pub(crate) rooms: Option<At<u32>>,
}

/// The keys that are no roots.
const NESTING: &str = "nesting";
const ROOMS: &str = "rooms";

impl<'de> Deserialize<'de> for DocumentFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Table;
        impl<'de> Visitor<'de> for Table {
            type Value = DocumentFile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of roots such as `notes = \"text\"`")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<DocumentFile, A::Error> {
                let mut file = DocumentFile { roots: Vec::new(), nesting: None, rooms: None };
                while let Some(key) = map.next_key::<At<String>>()? {
                    match key.as_str() {
                        NESTING => file.nesting = Some(map.next_value()?),
                        ROOMS => file.rooms = Some(map.next_value()?),
                        _ => file.roots.push((key, map.next_value()?)),
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
                ROOMS: {
                    "description": "How many documents of this shape there are. Each is shared by the devices of one room, and device k of the fleet is in room k modulo this number. Default: 1, the same document for all.",
                    "type": "integer",
                    "minimum": 1,
                },
            },
            "additionalProperties": kind,
        })
    }
}
