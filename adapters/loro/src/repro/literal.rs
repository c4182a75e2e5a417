//! Values as they are written in Rust.

use deadzone_core::document::{Node, Run, Scalar};
use deadzone_core::edit::{ContainerKind, Value};

pub(super) fn scalar(scalar: &Scalar) -> String {
    match scalar {
        Scalar::Null => "LoroValue::Null".to_owned(),
        Scalar::Bool(value) => value.to_string(),
        Scalar::Int(value) => format!("{value}_i64"),
        Scalar::Text(value) => format!("{value:?}"),
    }
}

/// The value, or the container to make.
pub(super) fn plain(value: &Value) -> Result<String, &'static str> {
    match value {
        Value::Scalar(value) => Ok(scalar(value)),
        Value::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(key, value)| format!("{key:?}: {}", in_macro(value))).collect();
            Ok(format!("loro_value!({{{}}})", fields.join(", ")))
        }
        Value::Container(kind) => Err(match kind {
            ContainerKind::Text => "LoroText::new()",
            ContainerKind::Map => "LoroMap::new()",
            ContainerKind::List => "LoroList::new()",
            ContainerKind::MovableList => "LoroMovableList::new()",
            ContainerKind::Counter => "LoroCounter::new()",
            ContainerKind::Tree => "LoroTree::new()",
        }),
    }
}

fn in_macro(value: &Scalar) -> String {
    match value {
        Scalar::Null => "null".to_owned(),
        Scalar::Int(value) if *value < 0 => format!("({value}_i64)"),
        other => scalar(other),
    }
}

/// A deep value for `loro_value!`; none where a tree is in it.
pub(super) fn deep(node: &Node) -> Option<String> {
    Some(match node {
        Node::Scalar(value) => in_macro(value),
        Node::Counter(sum) => format!("({sum}_f64)"),
        Node::Text(runs) => {
            let text: String = runs.iter().map(|run| run.text.as_str()).collect();
            format!("{text:?}")
        }
        Node::Map(entries) => {
            let entries =
                entries.iter().map(|(key, node)| Some(format!("{key:?}: {}", deep(node)?)));
            format!("{{{}}}", entries.collect::<Option<Vec<_>>>()?.join(", "))
        }
        Node::List(items) => {
            let items = items.iter().map(deep).collect::<Option<Vec<_>>>()?;
            format!("[{}]", items.join(", "))
        }
        Node::Tree(_) => return None,
    })
}

/// The characters of a text with their marks.
pub(super) fn characters(runs: &[Run]) -> String {
    let mut characters = Vec::new();
    for run in runs {
        let marks: Vec<String> = run
            .marks
            .iter()
            .map(|(name, value)| format!("({name:?}.to_owned(), {}.into())", scalar(value)))
            .collect();
        let marks = marks.join(", ");
        characters.extend(run.text.chars().map(|c| format!("({c:?}, [{marks}].into())")));
    }
    format!("vec![{}] as Vec<Character>", characters.join(", "))
}
