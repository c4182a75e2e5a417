//! The canonical value of a document: what every engine's state is read into,
//! so that replicas, engines and versions can be compared.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::edit::ContainerKind;

/// A value without inner structure. No floats: they have no canonical text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    /// The absent value; as the value of a mark it means "no mark".
    Null,
    /// A truth value.
    Bool(bool),
    /// An integer. Adapters may assume that it fits 53 bits.
    Int(i64),
    /// A string that is replaced as a whole.
    Text(String),
}

impl Scalar {
    /// Bytes of what a person sees: one for a truth value, eight for a number,
    /// UTF-8 for text.
    pub(crate) fn visible_bytes(&self) -> u64 {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Int(_) => 8,
            Self::Text(text) => text.len() as u64,
        }
    }
}

/// A document: its named roots.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Document {
    /// The root containers by name. A declared root is present even while empty.
    pub roots: BTreeMap<String, Node>,
}

/// A container or a scalar in a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Node {
    /// A plain value.
    Scalar(Scalar),
    /// Text with marks: neighbouring runs differ in their marks, none is empty.
    Text(Vec<Run>),
    /// A map.
    Map(BTreeMap<String, Node>),
    /// A list, movable or not.
    List(Vec<Node>),
    /// A counter.
    Counter(i64),
    /// A tree (a forest, in fact): its top nodes in order.
    Tree(Vec<TreeNode>),
}

/// A stretch of text with the same marks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The characters; never empty.
    pub text: String,
    /// The marks by name; never [`Scalar::Null`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub marks: BTreeMap<String, Scalar>,
}

/// A node of a tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreeNode {
    /// The label that the node was created with; unique in a run.
    pub label: String,
    /// Its children in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<TreeNode>,
}

impl Document {
    /// The canonical bytes: JSON without white space, keys in order.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("string keys and no floats: always JSON")
    }

    /// SHA-256 over the canonical bytes, in hex.
    pub fn digest(&self) -> String {
        crate::digest::hex(&Sha256::digest(self.to_bytes()))
    }

    /// Bytes of what a person sees: UTF-8 text, scalars and map keys, without
    /// any structure. What a file holds beyond these is history and overhead.
    pub fn visible_bytes(&self) -> u64 {
        self.roots.values().map(Node::visible_bytes).sum()
    }
}

impl Node {
    /// The empty container of this kind.
    pub fn empty(kind: ContainerKind) -> Self {
        match kind {
            ContainerKind::Text => Self::Text(Vec::new()),
            ContainerKind::Map => Self::Map(BTreeMap::new()),
            ContainerKind::List | ContainerKind::MovableList => Self::List(Vec::new()),
            ContainerKind::Counter => Self::Counter(0),
            ContainerKind::Tree => Self::Tree(Vec::new()),
        }
    }

    fn visible_bytes(&self) -> u64 {
        match self {
            Self::Scalar(scalar) => scalar.visible_bytes(),
            Self::Counter(_) => 8,
            Self::Text(runs) => runs.iter().map(|run| run.text.len() as u64).sum(),
            Self::Map(entries) => {
                entries.iter().map(|(key, node)| key.len() as u64 + node.visible_bytes()).sum()
            }
            Self::List(items) => items.iter().map(Self::visible_bytes).sum(),
            Self::Tree(nodes) => nodes.iter().map(TreeNode::visible_bytes).sum(),
        }
    }
}

impl TreeNode {
    fn visible_bytes(&self) -> u64 {
        self.label.len() as u64 + self.children.iter().map(Self::visible_bytes).sum::<u64>()
    }
}

/// Joins neighbouring runs with equal marks and drops empty runs and absent
/// marks, so that equal rich text has one form.
pub fn normalized_runs(runs: impl IntoIterator<Item = Run>) -> Vec<Run> {
    let mut joined: Vec<Run> = Vec::new();
    for mut run in runs {
        run.marks.retain(|_, value| *value != Scalar::Null);
        match joined.last_mut() {
            _ if run.text.is_empty() => {}
            Some(last) if last.marks == run.marks => last.text.push_str(&run.text),
            _ => joined.push(run),
        }
    }
    joined
}
