//! Values: ours and Automerge's.

use std::collections::BTreeMap;

use automerge::hydrate::{self, MapValue};
use automerge::{ObjType, ScalarValue, ScalarValueRef, TextEncoding};
use deadzone_core::document::Scalar;
use deadzone_core::edit::{ContainerKind, Value};

use crate::place::WRAPPER;

/// The object that a container is, or none for a counter, which is a scalar.
pub(crate) fn object_type(kind: ContainerKind) -> Option<ObjType> {
    match kind {
        ContainerKind::Text => Some(ObjType::Text),
        ContainerKind::Map | ContainerKind::Tree => Some(ObjType::Map),
        ContainerKind::List | ContainerKind::MovableList => Some(ObjType::List),
        ContainerKind::Counter => None,
    }
}

/// A counter that stands at 0.
pub(crate) fn empty_counter() -> ScalarValue {
    ScalarValue::counter(0)
}

/// What Automerge stores for `scalar`.
pub(crate) fn stored(scalar: &Scalar) -> ScalarValue {
    match scalar {
        Scalar::Null => ScalarValue::Null,
        Scalar::Bool(truth) => ScalarValue::Boolean(*truth),
        Scalar::Int(number) => ScalarValue::Int(*number),
        Scalar::Text(text) => ScalarValue::Str(text.as_str().into()),
    }
}

/// The canonical form of a stored value. Kinds that this adapter never writes
/// come out as text, so that a foreign document can still be compared.
pub(crate) fn canonical(value: &ScalarValue) -> Scalar {
    match value {
        ScalarValue::Null => Scalar::Null,
        ScalarValue::Boolean(truth) => Scalar::Bool(*truth),
        ScalarValue::Int(number) | ScalarValue::Timestamp(number) => Scalar::Int(*number),
        ScalarValue::Str(text) => Scalar::Text(text.to_string()),
        other => Scalar::Text(other.to_string()),
    }
}

/// As [`canonical`], of a value that is borrowed from the document.
pub(crate) fn canonical_ref(value: &ScalarValueRef<'_>) -> Scalar {
    match value {
        ScalarValueRef::Null => Scalar::Null,
        ScalarValueRef::Boolean(truth) => Scalar::Bool(*truth),
        ScalarValueRef::Int(number) | ScalarValueRef::Timestamp(number) => Scalar::Int(*number),
        ScalarValueRef::Str(text) => Scalar::Text(text.to_string()),
        other => Scalar::Text(other.to_string()),
    }
}

/// `value` whole, containers and their insides included, for the calls that
/// take more than one object at a time.
pub(crate) fn whole(value: &Value) -> hydrate::Value {
    match value {
        Value::Scalar(scalar) => hydrate::Value::Scalar(stored(scalar)),
        Value::Object(fields) => object(fields),
        Value::Container(kind) => container(*kind),
    }
}

fn object(fields: &BTreeMap<String, Scalar>) -> hydrate::Value {
    let mut map = hydrate::Map::default();
    for (key, scalar) in fields {
        let value = hydrate::Value::Scalar(stored(scalar));
        map.insert(key.clone(), MapValue { value, conflict: false });
    }
    hydrate::Value::Map(map)
}

fn container(kind: ContainerKind) -> hydrate::Value {
    match kind {
        ContainerKind::Text => hydrate::Value::text(TextEncoding::Utf16CodeUnit, ""),
        ContainerKind::Map => hydrate::Value::map(),
        ContainerKind::List => hydrate::Value::list(),
        ContainerKind::Counter => hydrate::Value::Scalar(empty_counter()),
        ContainerKind::MovableList => wrapped(hydrate::Value::list()),
        ContainerKind::Tree => wrapped(hydrate::Value::map()),
    }
}

fn wrapped(value: hydrate::Value) -> hydrate::Value {
    let mut map = hydrate::Map::default();
    map.insert(WRAPPER.to_owned(), MapValue { value, conflict: false });
    hydrate::Value::Map(map)
}
