//! Plain values: ours and those of yrs.

use deadzone_core::document::{Node, Scalar};
use deadzone_core::edit::Value;
use yrs::Any;
use yrs::types::Attrs;

use crate::shim;

/// A scalar as yrs keeps it. Integers stay integers (lib0 writes the larger ones
/// as floats where that loses nothing).
pub(crate) fn from_scalar(scalar: &Scalar) -> Any {
    match scalar {
        Scalar::Null => Any::Null,
        Scalar::Bool(value) => Any::Bool(*value),
        Scalar::Int(value) => Any::from(*value),
        Scalar::Text(value) => Any::from(value.as_str()),
    }
}

/// A scalar or an object as yrs keeps it; none for a container.
pub(crate) fn from_value(value: &Value) -> Option<Any> {
    match value {
        Value::Scalar(scalar) => Some(from_scalar(scalar)),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| (key.clone(), from_scalar(value)));
            Some(Any::Map(std::sync::Arc::new(fields.collect())))
        }
        Value::Container(_) => None,
    }
}

/// The attribute that a mark is.
pub(crate) fn attribute(name: &str, value: &Scalar) -> Attrs {
    Attrs::from([(name.into(), from_scalar(value))])
}

/// A value of yrs as a scalar. Other programs may have put in what has no
/// scalar; that reads as its text.
pub(crate) fn to_scalar(any: &Any) -> Scalar {
    match any {
        Any::Null | Any::Undefined => Scalar::Null,
        Any::Bool(value) => Scalar::Bool(*value),
        Any::String(value) => Scalar::Text(value.as_ref().to_owned()),
        _ => match shim::number(any) {
            Some(Ok(number)) => Scalar::Int(number),
            Some(Err(text)) => Scalar::Text(text),
            None => Scalar::Text(any.to_string()),
        },
    }
}

/// A plain value of yrs as it is read.
pub(crate) fn to_node(any: &Any) -> Node {
    match any {
        Any::Map(fields) => {
            Node::Map(fields.iter().map(|(key, value)| (key.clone(), to_node(value))).collect())
        }
        Any::Array(items) => Node::List(items.iter().map(to_node).collect()),
        _ => Node::Scalar(to_scalar(any)),
    }
}

/// An integer of yrs.
pub(crate) fn to_integer(any: &Any) -> Option<i64> {
    shim::number(any)?.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_survive_the_wire() {
        let integers = [0, 1, -1, 63, 64, -64, 1 << 24, (1 << 24) + 1, 1 << 31, (1 << 53) - 1];
        let edges = [i64::MIN, i64::MIN + 1, i64::MAX, i64::MAX - 1, -(1 << 53), (1 << 53) + 1];
        let texts = ["", "é", "😀"].map(|text| Scalar::Text(text.to_owned()));
        let others = [Scalar::Null, Scalar::Bool(false), Scalar::Bool(true)];
        for scalar in integers.into_iter().chain(edges).map(Scalar::Int).chain(texts).chain(others)
        {
            let mut bytes = Vec::new();
            from_scalar(&scalar).encode(&mut bytes);
            let mut cursor = yrs::encoding::read::Cursor::new(&bytes);
            let back = Any::decode(&mut cursor).expect("just encoded");
            assert_eq!(to_scalar(&back), scalar);
        }
    }
}
