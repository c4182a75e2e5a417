//! From Loro's values to the canonical document.

use std::collections::BTreeMap;

use deadzone_core::document::{Document, Node, Run, Scalar, TreeNode, normalized_runs};
use loro::{
    Container, LoroList, LoroMap, LoroMovableList, LoroText, LoroTree, LoroValue, TextDelta,
    TreeID, TreeParentId, ValueOrContainer,
};

use crate::roots::RootContainers;
use crate::tree;

/// The whole document: the declared roots and nothing else.
pub(crate) fn document(roots: &RootContainers) -> Document {
    Document { roots: roots.iter().map(|(name, root)| (name.clone(), container(root))).collect() }
}

fn container(container: &Container) -> Node {
    match container {
        Container::Text(it) => Node::Text(text(it)),
        Container::Map(it) => Node::Map(map(it)),
        Container::List(it) => Node::List(list(it)),
        Container::MovableList(it) => Node::List(movable_list(it)),
        Container::Counter(it) => Node::Counter(integer(it.get_value())),
        Container::Tree(it) => Node::Tree(nodes(it, &it.roots())),
        Container::Unknown(_) => foreign("container of an unknown kind"),
    }
}

fn text(text: &LoroText) -> Vec<Run> {
    normalized_runs(text.to_delta().into_iter().filter_map(|part| {
        match part {
            TextDelta::Insert { insert, attributes } => Some(Run {
                text: insert,
                marks: attributes
                    .into_iter()
                    .flatten()
                    .map(|(name, value)| (name, scalar(&value)))
                    .collect(),
            }),
            TextDelta::Retain { .. } | TextDelta::Delete { .. } => None,
        }
    }))
}

fn map(map: &LoroMap) -> BTreeMap<String, Node> {
    let mut entries = BTreeMap::new();
    map.for_each(|key, child| {
        entries.insert(key.to_owned(), value_or_container(&child));
    });
    entries
}

fn list(list: &LoroList) -> Vec<Node> {
    let mut items = Vec::with_capacity(list.len());
    list.for_each(|child| items.push(value_or_container(&child)));
    items
}

fn movable_list(list: &LoroMovableList) -> Vec<Node> {
    let mut items = Vec::with_capacity(list.len());
    list.for_each(|child| items.push(value_or_container(&child)));
    items
}

fn nodes(tree: &LoroTree, ids: &[TreeID]) -> Vec<TreeNode> {
    ids.iter()
        .map(|id| {
            let below = tree.children(TreeParentId::Node(*id)).unwrap_or_default();
            TreeNode {
                // A node whose label is gone shows as such to the oracles.
                label: tree::label(tree, *id).unwrap_or_default(),
                children: nodes(tree, &below),
            }
        })
        .collect()
}

fn value_or_container(child: &ValueOrContainer) -> Node {
    match child {
        ValueOrContainer::Value(it) => value(it),
        ValueOrContainer::Container(it) => container(it),
    }
}

fn value(value: &LoroValue) -> Node {
    match value {
        LoroValue::Map(entries) => Node::Map(
            entries.iter().map(|(key, entry)| (key.clone(), self::value(entry))).collect(),
        ),
        LoroValue::List(items) => Node::List(items.iter().map(self::value).collect()),
        plain => Node::Scalar(scalar(plain)),
    }
}

fn scalar(value: &LoroValue) -> Scalar {
    match value {
        LoroValue::Null => Scalar::Null,
        LoroValue::Bool(it) => Scalar::Bool(*it),
        LoroValue::I64(it) => Scalar::Int(*it),
        LoroValue::Double(it) if it.fract() == 0.0 => Scalar::Int(integer(*it)),
        LoroValue::String(it) => Scalar::Text(it.to_string()),
        other => Scalar::Text(format!("{other:?}")),
    }
}

/// What no edit can have put into the document; it shows, so that an oracle
/// finds it.
fn foreign(what: &str) -> Node {
    Node::Scalar(Scalar::Text(what.to_owned()))
}

/// Exact up to 53 bits, which is what the edits keep to.
fn integer(number: f64) -> i64 {
    number as i64
}
