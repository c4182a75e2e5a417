//! The JSON Schema of scenario files, for editors.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{Schema, SchemaGenerator};

use crate::file::ScenarioFile;

/// The JSON Schema (draft 2020-12) of a scenario file.
pub fn schema() -> Schema {
    let settings = SchemaSettings::draft2020_12();
    let mut schema = SchemaGenerator::new(settings).into_root_schema_for::<ScenarioFile>();
    schema.insert("title".to_owned(), "A scenario of deadzone".into());
    RecursiveTransform(without_null).transform(&mut schema);
    schema
}

/// TOML has no null: what may be left out is just not required.
fn without_null(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    if let Some(types) = object.get_mut("type").and_then(|types| types.as_array_mut()) {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    let Some(choices) = object.get_mut("anyOf").and_then(|choices| choices.as_array_mut()) else {
        return;
    };
    choices.retain(|choice| choice.get("type").is_none_or(|name| name != "null"));
    if let [only] = choices.as_slice() {
        let only = only.as_object().cloned().unwrap_or_default();
        object.remove("anyOf");
        for (key, value) in only {
            object.entry(key).or_insert(value);
        }
    }
}
