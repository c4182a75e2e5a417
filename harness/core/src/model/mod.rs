//! A document on which edits are done plainly: one copy, no concurrency, no
//! history. What an edit means is defined here; oracles compare engines with it.

mod forest;
mod text;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::forest::Forest;
pub use self::text::MarkedText;
use crate::document::{Document, Node, Scalar};
use crate::edit::{Action, ContainerKind, Edit, Path, Roots, Step, Value};
use crate::engine::EngineError;

/// A document as one person alone sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    roots: BTreeMap<String, Part>,
}

/// A container or a value in a [`Model`]. Unlike a [`Node`] it tells movable
/// lists from others, and objects from maps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    Scalar(Scalar),
    Object(BTreeMap<String, Scalar>),
    Text(MarkedText),
    Map(BTreeMap<String, Part>),
    List(Vec<Part>),
    MovableList(Vec<Part>),
    Counter(i64),
    Tree(Forest),
}

impl Model {
    /// An empty document with these roots.
    pub fn new(roots: &Roots) -> Self {
        let part = |kind: &ContainerKind| Part::from(&Value::Container(*kind));
        Self { roots: roots.iter().map(|(name, kind)| (name.clone(), part(kind))).collect() }
    }

    /// What these roots of a document show. A document does not tell movable
    /// lists from others, nor objects from maps: here all lists are movable and
    /// all objects are maps.
    pub fn of<'a>(roots: impl IntoIterator<Item = (&'a String, &'a Node)>) -> Self {
        let roots = roots.into_iter();
        Self { roots: roots.map(|(name, node)| (name.clone(), Part::from(node))).collect() }
    }

    /// Whether a root shows this, marks of texts aside.
    pub(crate) fn shows(&self, root: &str, node: &Node) -> bool {
        self.roots.get(root).is_some_and(|part| part.shows(node))
    }

    /// Does `edits` in order, all or none; whether anything changed. A new
    /// container is a change, even in the place of an equal one.
    ///
    /// # Errors
    /// [`EngineError::Misplaced`], with the document unchanged.
    pub fn apply(&mut self, edits: &[Edit]) -> Result<bool, EngineError> {
        // One edit checks before it changes anything; several need a way back.
        let before = (edits.len() > 1).then(|| self.clone());
        let mut changed = false;
        for edit in edits {
            match self.apply_one(edit) {
                Ok(this) => changed |= this,
                Err(error) => {
                    if let Some(before) = before {
                        *self = before;
                    }
                    return Err(error);
                }
            }
        }
        Ok(changed)
    }

    fn apply_one(&mut self, edit: &Edit) -> Result<bool, EngineError> {
        let part = self.part_mut(&edit.at).ok_or_else(|| misplaced(edit, NOTHING))?;
        let changes = part.check(&edit.action).map_err(|why| misplaced(edit, why))?;
        if changes {
            part.perform(&edit.action);
        }
        Ok(changes)
    }

    /// What [`Self::apply`] would answer. Cheap for a single edit.
    ///
    /// # Errors
    /// [`EngineError::Misplaced`].
    pub fn check(&self, edits: &[Edit]) -> Result<bool, EngineError> {
        match edits {
            [edit] => {
                let part = self.part(&edit.at).ok_or_else(|| misplaced(edit, NOTHING))?;
                part.check(&edit.action).map_err(|why| misplaced(edit, why))
            }
            _ => self.clone().apply(edits),
        }
    }

    /// The canonical value.
    pub fn document(&self) -> Document {
        let roots = self.roots.iter().map(|(name, part)| (name.clone(), part.node()));
        Document { roots: roots.collect() }
    }

    /// What kind of container is there, if any.
    pub fn kind(&self, at: &Path) -> Option<ContainerKind> {
        self.part(at)?.kind()
    }

    /// See [`crate::engine::Replica::length`].
    pub fn length(&self, at: &Path) -> Option<u32> {
        match self.part(at)? {
            Part::Text(text) => Some(text.length()),
            Part::Map(entries) => Some(entries.len() as u32),
            Part::List(items) | Part::MovableList(items) => Some(items.len() as u32),
            Part::Tree(forest) => Some(forest.labels().len() as u32),
            Part::Scalar(_) | Part::Object(_) | Part::Counter(_) => None,
        }
    }

    /// See [`crate::engine::Replica::snap`].
    pub fn snap(&self, at: &Path, index: u32) -> u32 {
        match self.part(at) {
            Some(Part::Text(text)) if text.splits(index) => index - 1,
            _ => index,
        }
    }

    /// See [`crate::engine::Replica::children`].
    pub fn children(&self, at: &Path) -> Vec<String> {
        match self.part(at) {
            Some(Part::Map(entries)) => entries.keys().cloned().collect(),
            Some(Part::Tree(forest)) => forest.labels(),
            _ => Vec::new(),
        }
    }

    /// The labels of the children of a tree's node, or of its top nodes, in
    /// order; none if there is no such tree or node.
    pub fn tree_children(&self, at: &Path, parent: Option<&str>) -> Option<Vec<&str>> {
        match self.part(at)? {
            Part::Tree(forest) => forest.children(parent),
            _ => None,
        }
    }

    fn part(&self, at: &Path) -> Option<&Part> {
        let root = self.roots.get(at.root.as_str())?;
        at.steps.iter().try_fold(root, |part, step| match (part, step) {
            (Part::Map(entries), Step::Key(key)) => entries.get(key),
            (Part::List(items) | Part::MovableList(items), Step::Element(index)) => {
                items.get(*index as usize)
            }
            _ => None,
        })
    }

    fn part_mut(&mut self, at: &Path) -> Option<&mut Part> {
        let root = self.roots.get_mut(at.root.as_str())?;
        at.steps.iter().try_fold(root, |part, step| match (part, step) {
            (Part::Map(entries), Step::Key(key)) => entries.get_mut(key),
            (Part::List(items) | Part::MovableList(items), Step::Element(index)) => {
                items.get_mut(*index as usize)
            }
            _ => None,
        })
    }
}

fn misplaced(edit: &Edit, why: &str) -> EngineError {
    EngineError::Misplaced(format!("{why}: {:?} at {:?}", edit.action, edit.at))
}

impl Part {
    fn kind(&self) -> Option<ContainerKind> {
        match self {
            Self::Scalar(_) | Self::Object(_) => None,
            Self::Text(_) => Some(ContainerKind::Text),
            Self::Map(_) => Some(ContainerKind::Map),
            Self::List(_) => Some(ContainerKind::List),
            Self::MovableList(_) => Some(ContainerKind::MovableList),
            Self::Counter(_) => Some(ContainerKind::Counter),
            Self::Tree(_) => Some(ContainerKind::Tree),
        }
    }

    fn node(&self) -> Node {
        match self {
            Self::Scalar(scalar) => Node::Scalar(scalar.clone()),
            Self::Object(fields) => Node::Map(
                fields
                    .iter()
                    .map(|(key, value)| (key.clone(), Node::Scalar(value.clone())))
                    .collect(),
            ),
            Self::Text(text) => Node::Text(text.runs()),
            Self::Map(entries) => {
                Node::Map(entries.iter().map(|(key, part)| (key.clone(), part.node())).collect())
            }
            Self::List(items) | Self::MovableList(items) => {
                Node::List(items.iter().map(Self::node).collect())
            }
            Self::Counter(sum) => Node::Counter(*sum),
            Self::Tree(forest) => Node::Tree(forest.top().to_vec()),
        }
    }

    /// Whether the node is what this reads as, marks of texts aside.
    fn shows(&self, node: &Node) -> bool {
        match (self, node) {
            (Self::Scalar(part), Node::Scalar(node)) => part == node,
            (Self::Text(text), Node::Text(runs)) => text.reads(runs),
            (Self::Map(entries), Node::Map(nodes)) => {
                let same = |((key, part), (name, node)): ((&String, &Self), (&String, &Node))| {
                    key == name && part.shows(node)
                };
                entries.len() == nodes.len() && entries.iter().zip(nodes).all(same)
            }
            (Self::Object(fields), Node::Map(nodes)) => {
                let same =
                    |((key, field), (name, node)): ((&String, &Scalar), (&String, &Node))| {
                        key == name && matches!(node, Node::Scalar(scalar) if scalar == field)
                    };
                fields.len() == nodes.len() && fields.iter().zip(nodes).all(same)
            }
            (Self::List(parts) | Self::MovableList(parts), Node::List(nodes)) => {
                parts.len() == nodes.len()
                    && parts.iter().zip(nodes).all(|(part, node)| part.shows(node))
            }
            (Self::Counter(sum), Node::Counter(node)) => sum == node,
            (Self::Tree(forest), Node::Tree(nodes)) => forest.top() == nodes,
            _ => false,
        }
    }

    /// Whether putting `other` here changes nothing.
    fn is_same_plain_value(&self, other: &Self) -> bool {
        matches!(self, Self::Scalar(_) | Self::Object(_)) && self == other
    }

    /// Whether an action changes anything here, or why it cannot be done.
    fn check(&self, action: &Action) -> Result<bool, &'static str> {
        match self {
            Self::Text(text) => text.check(action),
            Self::Tree(forest) => forest.check(action),
            Self::Map(entries) => match action {
                Action::Put { key, value } => {
                    let same = |old: &Self| old.is_same_plain_value(&Self::from(value));
                    Ok(!entries.get(key).is_some_and(same))
                }
                Action::Delete { key } => Ok(entries.contains_key(key)),
                _ => Err(WRONG_KIND),
            },
            Self::List(items) => check_in_list(items, action),
            Self::MovableList(items) => match action {
                Action::Move { from, to } => {
                    let inside = (*from.max(to) as usize) < items.len();
                    if inside { Ok(from != to) } else { Err(OUT_OF_BOUNDS) }
                }
                _ => check_in_list(items, action),
            },
            Self::Counter(_) => match action {
                Action::Increment { by } => Ok(*by != 0),
                _ => Err(WRONG_KIND),
            },
            Self::Scalar(_) | Self::Object(_) => Err("a plain value, not a container"),
        }
    }

    /// Does what [`Self::check`] allowed.
    fn perform(&mut self, action: &Action) {
        match (self, action) {
            (Self::Text(text), _) => text.perform(action),
            (Self::Tree(forest), _) => forest.perform(action),
            (Self::Map(entries), Action::Put { key, value }) => {
                entries.insert(key.clone(), Self::from(value));
            }
            (Self::Map(entries), Action::Delete { key }) => {
                entries.remove(key);
            }
            (Self::List(items) | Self::MovableList(items), _) => perform_in_list(items, action),
            (Self::Counter(sum), Action::Increment { by }) => *sum = sum.wrapping_add(*by),
            _ => {}
        }
    }
}

const NOTHING: &str = "nothing is there";
const WRONG_KIND: &str = "not an action of this kind of container";
const OUT_OF_BOUNDS: &str = "out of bounds";

impl From<&Value> for Part {
    fn from(value: &Value) -> Self {
        match value {
            Value::Scalar(scalar) => Self::Scalar(scalar.clone()),
            Value::Object(fields) => Self::Object(fields.clone()),
            Value::Container(kind) => match kind {
                ContainerKind::Text => Self::Text(MarkedText::default()),
                ContainerKind::Map => Self::Map(BTreeMap::new()),
                ContainerKind::List => Self::List(Vec::new()),
                ContainerKind::MovableList => Self::MovableList(Vec::new()),
                ContainerKind::Counter => Self::Counter(0),
                ContainerKind::Tree => Self::Tree(Forest::default()),
            },
        }
    }
}

impl From<&Node> for Part {
    fn from(node: &Node) -> Self {
        match node {
            Node::Scalar(scalar) => Self::Scalar(scalar.clone()),
            Node::Text(runs) => Self::Text(MarkedText::from(runs.clone())),
            Node::Map(entries) => Self::Map(
                entries.iter().map(|(key, node)| (key.clone(), Self::from(node))).collect(),
            ),
            Node::List(items) => Self::MovableList(items.iter().map(Self::from).collect()),
            Node::Counter(sum) => Self::Counter(*sum),
            Node::Tree(nodes) => Self::Tree(Forest::from(nodes.clone())),
        }
    }
}

fn check_in_list(items: &[Part], action: &Action) -> Result<bool, &'static str> {
    let (end, changes) = match action {
        Action::Insert { index, values } => (u64::from(*index), !values.is_empty()),
        Action::Set { index, value } => {
            let item = items.get(*index as usize).ok_or(OUT_OF_BOUNDS)?;
            (0, !item.is_same_plain_value(&Part::from(value)))
        }
        Action::Remove { index, count } => (u64::from(*index) + u64::from(*count), *count > 0),
        _ => return Err(WRONG_KIND),
    };
    if end <= items.len() as u64 { Ok(changes) } else { Err(OUT_OF_BOUNDS) }
}

fn perform_in_list(items: &mut Vec<Part>, action: &Action) {
    match action {
        Action::Insert { index, values } => {
            let index = *index as usize;
            items.splice(index..index, values.iter().map(Part::from));
        }
        Action::Set { index, value } => items[*index as usize] = Part::from(value),
        Action::Remove { index, count } => {
            items.drain(*index as usize..(*index + *count) as usize);
        }
        Action::Move { from, to } => {
            let item = items.remove(*from as usize);
            items.insert(*to as usize, item);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
