//! The schema, checked by a validator that knows as much of JSON Schema as the
//! schema uses.

use deadzone_scenarios::{embedded, schema};
use serde_json::{Map, Value, json};

use super::{DIRECT, HUNT, WORLD};

struct Validator {
    root: Value,
}

impl Validator {
    fn new() -> Self {
        Self { root: schema().to_value() }
    }

    fn accepts(&self, text: &str) -> bool {
        let value: toml::Table = text.parse().expect("it is TOML");
        let value = serde_json::to_value(value).expect("TOML without dates is JSON");
        self.fits(&self.root, &value)
    }

    fn fits(&self, schema: &Value, value: &Value) -> bool {
        let Value::Object(schema) = schema else { return schema == &json!(true) };
        let referred = schema.get("$ref").is_none_or(|reference| {
            let pointer = reference.as_str().and_then(|text| text.strip_prefix('#'));
            let target = pointer.and_then(|pointer| self.root.pointer(pointer));
            self.fits(target.expect("references lead somewhere"), value)
        });
        let chosen = ["anyOf", "oneOf"].into_iter().all(|key| {
            let choices = schema.get(key).and_then(Value::as_array);
            choices.is_none_or(|choices| choices.iter().any(|choice| self.fits(choice, value)))
        });
        let listed = schema
            .get("enum")
            .is_none_or(|names| names.as_array().expect("a list of names").contains(value));
        let same = schema.get("const").is_none_or(|constant| constant == value);
        referred
            && chosen
            && listed
            && same
            && has_type(schema, value)
            && self.fits_object(schema, value)
            && self.fits_array(schema, value)
    }

    fn fits_object(&self, schema: &Map<String, Value>, value: &Value) -> bool {
        let Value::Object(value) = value else { return true };
        let empty = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
        let required = schema.get("required").and_then(Value::as_array);
        let complete = required.is_none_or(|names| {
            names.iter().all(|name| value.contains_key(name.as_str().expect("a name")))
        });
        complete
            && value.iter().all(|(key, value)| match properties.get(key) {
                Some(property) => self.fits(property, value),
                None => schema
                    .get("additionalProperties")
                    .is_none_or(|additional| self.fits(additional, value)),
            })
    }

    fn fits_array(&self, schema: &Map<String, Value>, value: &Value) -> bool {
        let Value::Array(values) = value else { return true };
        let bound = |key| schema.get(key).and_then(Value::as_u64);
        let count = values.len() as u64;
        bound("minItems").is_none_or(|least| count >= least)
            && bound("maxItems").is_none_or(|most| count <= most)
            && schema
                .get("items")
                .is_none_or(|items| values.iter().all(|value| self.fits(items, value)))
    }
}

fn has_type(schema: &Map<String, Value>, value: &Value) -> bool {
    let is = |name: &Value| match name.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        other => panic!("the schema has the unexpected type {other:?}"),
    };
    match schema.get("type") {
        None => true,
        Some(Value::Array(names)) => names.iter().any(is),
        Some(name) => is(name),
    }
}

#[test]
fn it_accepts_what_the_parser_accepts() {
    let validator = Validator::new();
    for each in embedded() {
        assert!(validator.accepts(each.text), "{}", each.path);
    }
    assert!(validator.accepts(WORLD));
    assert!(validator.accepts(DIRECT));
    assert!(validator.accepts(HUNT));
    assert!(validator.accepts(&HUNT.replace("[\"insert-text\", \"put\"]", "\"all\"")));
    assert!(validator.accepts(&HUNT.replace("[2, 6]", "3")));
}

#[test]
fn it_refuses_what_it_can_know_to_be_wrong() {
    let validator = Validator::new();
    for (from, to) in [
        ("duration = \"30min\"", "durration = \"30min\""),
        ("duration = \"30min\"", "duration = 30"),
        ("notes = \"text\"", "notes = \"txt\""),
        ("count = 10", "count = \"ten\""),
        ("kind = \"partition\"", "kind = \"partion\""),
        ("delivery = \"protocol\"", "delivery = \"pigeon\""),
        ("link = \"wifi\"", "link = 3"),
        ("edits_rejected = 0", "edits_rejected = \"none\""),
        ("battery_ppm_per_hour = 20000", "battery = 20000"),
        ("loss = { p = \"1%\", r = \"50%\" }", "loss = { q = \"1%\" }"),
    ] {
        assert!(WORLD.contains(from), "{from}");
        assert!(!validator.accepts(&WORLD.replace(from, to)), "{to}");
    }
    for (from, to) in [
        ("[2, 6]", "\"2..6\""),
        ("[2, 6]", "[2]"),
        ("\"put\"", "\"putt\""),
        ("[\"insert-text\", \"put\"]", "\"most\""),
        ("edits", "edit"),
    ] {
        assert!(HUNT.contains(from), "{from}");
        assert!(!validator.accepts(&HUNT.replace(from, to)), "{to}");
    }
}

#[test]
fn every_key_says_what_it_is_for() {
    fn walk(schema: &Value, path: &str, silent: &mut Vec<String>) {
        let Value::Object(object) = schema else { return };
        if let Some(properties) = object.get("properties").and_then(Value::as_object) {
            for (key, property) in properties {
                if property.get("description").is_none() {
                    silent.push(format!("{path}.{key}"));
                }
            }
        }
        for (key, below) in object {
            match below {
                Value::Array(list) => list.iter().for_each(|each| walk(each, path, silent)),
                _ => walk(below, &format!("{path}/{key}"), silent),
            }
        }
    }
    let mut silent = Vec::new();
    walk(&schema().to_value(), "", &mut silent);
    assert_eq!(silent, Vec::<String>::new());
}

#[test]
fn no_null_is_left_in_it() {
    let text = schema().to_value().to_string();
    assert!(!text.contains("\"null\"") && !text.contains(":null"), "{text}");
}
