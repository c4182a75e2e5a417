//! The canonical value of a document.

use deadzone_core::document::{Document, Node, Run, normalized_runs};
use yrs::types::text::YChange;
use yrs::{Any, Array, ArrayRef, Map, MapRef, Out, ReadTxn, Text, TextRef};

use crate::target::{RESERVED_KEY, RootTargets, Target};
use crate::tree::Forest;
use crate::values;

/// Everything.
pub(crate) fn document<T: ReadTxn>(txn: &T, roots: &RootTargets) -> Document {
    let roots = roots.iter().map(|(name, target)| (name.clone(), container(txn, target)));
    Document { roots: roots.collect() }
}

fn container<T: ReadTxn>(txn: &T, target: &Target) -> Node {
    match target {
        Target::Text(text) => Node::Text(runs(txn, text)),
        Target::Map(map) => {
            let entries = map.iter(txn).map(|(key, value)| (key.to_owned(), node(txn, value)));
            Node::Map(entries.collect())
        }
        Target::List(array) | Target::MovableList(array) => Node::List(items(txn, array)),
        Target::Counter(map) => Node::Counter(sum(txn, map)),
        Target::Tree(map) => Node::Tree(Forest::read(txn, map).nodes()),
    }
}

fn node<T: ReadTxn>(txn: &T, value: Out) -> Node {
    match Target::nested(txn, value) {
        Ok(target) => container(txn, &target),
        Err(any) => values::to_node(&any),
    }
}

fn items<T: ReadTxn>(txn: &T, array: &ArrayRef) -> Vec<Node> {
    array.iter(txn).map(|value| node(txn, value)).collect()
}

/// The sum of a counter. Wraps, so that it does not depend on the order.
fn sum<T: ReadTxn>(txn: &T, map: &MapRef) -> i64 {
    map.iter(txn)
        .filter(|(key, _)| *key != RESERVED_KEY)
        .filter_map(|(_, value)| match value {
            Out::Any(any) => values::to_integer(&any),
            _ => None,
        })
        .fold(0, i64::wrapping_add)
}

/// A text with its marks.
pub(crate) fn runs<T: ReadTxn>(txn: &T, text: &TextRef) -> Vec<Run> {
    let runs = text.diff(txn, YChange::identity).into_iter().filter_map(|diff| {
        let Out::Any(Any::String(text)) = diff.insert else {
            return None;
        };
        let marks = diff.attributes.iter().flat_map(|attributes| attributes.iter());
        let marks = marks.map(|(name, value)| (name.to_string(), values::to_scalar(value)));
        Some(Run { text: text.as_ref().to_owned(), marks: marks.collect() })
    });
    normalized_runs(runs)
}
