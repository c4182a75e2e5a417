//! Values as they are written in Rust.

use deadzone_core::document::{Node, Scalar};
use deadzone_core::edit::{ContainerKind, Value};

use crate::place::WRAPPER;

pub(super) fn scalar(scalar: &Scalar) -> String {
    match scalar {
        Scalar::Null => "ScalarValue::Null".to_owned(),
        Scalar::Bool(value) => value.to_string(),
        Scalar::Int(value) => format!("{value}_i64"),
        Scalar::Text(value) => format!("{value:?}"),
    }
}

/// A value whole, for the calls that take more than one object at a time.
pub(super) fn whole(value: &Value) -> String {
    match value {
        Value::Scalar(value) => format!("ScalarValue::from({})", scalar(value))
            .replace("ScalarValue::from(ScalarValue::Null)", "ScalarValue::Null"),
        Value::Object(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(key, value)| format!("{key:?} => {}", whole(&Value::Scalar(value.clone()))))
                .collect();
            format!("hydrate_map! {{ {} }}", fields.join(", "))
        }
        Value::Container(kind) => container(*kind),
    }
}

fn container(kind: ContainerKind) -> String {
    match kind {
        ContainerKind::Text => "hydrate::Value::text(TextEncoding::Utf16CodeUnit, \"\")".to_owned(),
        ContainerKind::Map => "hydrate_map! {}".to_owned(),
        ContainerKind::List => "hydrate_list![]".to_owned(),
        ContainerKind::Counter => "ScalarValue::counter(0)".to_owned(),
        ContainerKind::MovableList => format!("hydrate_map! {{ {WRAPPER:?} => hydrate_list![] }}"),
        ContainerKind::Tree => format!("hydrate_map! {{ {WRAPPER:?} => hydrate_map! {{}} }}"),
    }
}

/// What the function `json` of the file gives; none for a tree.
pub(super) fn json(node: &Node) -> Option<String> {
    Some(match node {
        Node::Scalar(Scalar::Null) => "null".to_owned(),
        Node::Scalar(Scalar::Bool(value)) => value.to_string(),
        Node::Scalar(Scalar::Int(value)) | Node::Counter(value) => value.to_string(),
        Node::Scalar(Scalar::Text(value)) => format!("{value:?}"),
        Node::Text(runs) => {
            let text: String = runs.iter().map(|run| run.text.as_str()).collect();
            format!("{text:?}")
        }
        Node::Map(entries) => {
            let entries =
                entries.iter().map(|(key, node)| Some(format!("{key:?}:{}", json(node)?)));
            format!("{{{}}}", entries.collect::<Option<Vec<_>>>()?.join(","))
        }
        Node::List(items) => {
            let items = items.iter().map(json).collect::<Option<Vec<_>>>()?;
            format!("[{}]", items.join(","))
        }
        Node::Tree(_) => return None,
    })
}
