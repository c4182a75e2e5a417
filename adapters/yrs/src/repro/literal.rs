//! Values as they are written in Rust.

use std::collections::BTreeMap;

use deadzone_core::document::{Node, Run, Scalar};
use deadzone_core::edit::Value;
use serde_json::json;

pub(super) fn scalar(scalar: &Scalar) -> String {
    match scalar {
        Scalar::Null => "Any::Null".to_owned(),
        Scalar::Bool(value) => format!("Any::from({value})"),
        Scalar::Int(value) => format!("Any::from({value}_i64)"),
        Scalar::Text(value) => format!("Any::from({value:?})"),
    }
}

/// A scalar or an object; none for a container.
pub(super) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Scalar(value) => Some(scalar(value)),
        Value::Object(fields) => Some(object(fields)),
        Value::Container(_) => None,
    }
}

fn object(fields: &BTreeMap<String, Scalar>) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|(key, value)| format!("({key:?}.to_owned(), {})", scalar(value)))
        .collect();
    format!("Any::Map(Arc::new([{}].into()))", fields.join(", "))
}

/// A plain value as JSON; none where it holds what JSON does not show in yrs.
pub(super) fn json(node: &Node) -> Option<serde_json::Value> {
    Some(match node {
        Node::Scalar(Scalar::Null) => json!(null),
        Node::Scalar(Scalar::Bool(value)) => json!(value),
        Node::Scalar(Scalar::Int(value)) => json!(value),
        Node::Scalar(Scalar::Text(value)) => json!(value),
        Node::Text(runs) => json!(runs.iter().map(|run| run.text.as_str()).collect::<String>()),
        Node::Map(entries) => {
            let entries = entries.iter().map(|(key, node)| Some((key.clone(), json(node)?)));
            serde_json::Value::Object(entries.collect::<Option<_>>()?)
        }
        Node::List(items) => {
            serde_json::Value::Array(items.iter().map(json).collect::<Option<_>>()?)
        }
        // Maps, in truth.
        Node::Counter(_) | Node::Tree(_) => return None,
    })
}

/// The characters of a text with their marks.
pub(super) fn characters(runs: &[Run]) -> String {
    let mut characters = Vec::new();
    for run in runs {
        let marks: Vec<String> = run
            .marks
            .iter()
            .map(|(name, value)| format!("({name:?}.to_owned(), {})", scalar(value)))
            .collect();
        let marks = marks.join(", ");
        characters.extend(run.text.chars().map(|c| format!("({c:?}, [{marks}].into())")));
    }
    format!("vec![{}] as Vec<Character>", characters.join(", "))
}
