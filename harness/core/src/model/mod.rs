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
        let part = self.part_mut(&edit.at).ok_or_else(|| misplaced(edit, "nothing is there"))?;
        part.apply(&edit.action).map_err(|why| misplaced(edit, why))
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

    fn part(&self, at: &Path) -> Option<&Part> {
        at.steps.iter().try_fold(self.roots.get(&at.root)?, |part, step| match (part, step) {
            (Part::Map(entries), Step::Key(key)) => entries.get(key),
            (Part::List(items) | Part::MovableList(items), Step::Element(index)) => {
                items.get(*index as usize)
            }
            _ => None,
        })
    }

    fn part_mut(&mut self, at: &Path) -> Option<&mut Part> {
        at.steps.iter().try_fold(self.roots.get_mut(&at.root)?, |part, step| match (part, step) {
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

    /// Whether putting `other` here changes nothing.
    fn is_same_plain_value(&self, other: &Self) -> bool {
        matches!(self, Self::Scalar(_) | Self::Object(_)) && self == other
    }

    fn apply(&mut self, action: &Action) -> Result<bool, &'static str> {
        match self {
            Self::Text(text) => text.apply(action),
            Self::Tree(forest) => forest.apply(action),
            Self::Map(entries) => apply_to_map(entries, action),
            Self::List(items) => apply_to_list(items, action),
            Self::MovableList(items) => match action {
                Action::Move { from, to } => move_item(items, *from, *to),
                _ => apply_to_list(items, action),
            },
            Self::Counter(sum) => match action {
                Action::Increment { by } => {
                    *sum = sum.wrapping_add(*by);
                    Ok(*by != 0)
                }
                _ => Err(WRONG_KIND),
            },
            Self::Scalar(_) | Self::Object(_) => Err("a plain value, not a container"),
        }
    }
}

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

fn apply_to_map(
    entries: &mut BTreeMap<String, Part>,
    action: &Action,
) -> Result<bool, &'static str> {
    match action {
        Action::Put { key, value } => {
            let new = Part::from(value);
            let same = entries.get(key).is_some_and(|old| old.is_same_plain_value(&new));
            entries.insert(key.clone(), new);
            Ok(!same)
        }
        Action::Delete { key } => Ok(entries.remove(key).is_some()),
        _ => Err(WRONG_KIND),
    }
}

fn apply_to_list(items: &mut Vec<Part>, action: &Action) -> Result<bool, &'static str> {
    match action {
        Action::Insert { index, values } => {
            let index = *index as usize;
            if index > items.len() {
                return Err(OUT_OF_BOUNDS);
            }
            items.splice(index..index, values.iter().map(Part::from));
            Ok(!values.is_empty())
        }
        Action::Set { index, value } => {
            let item = items.get_mut(*index as usize).ok_or(OUT_OF_BOUNDS)?;
            let new = Part::from(value);
            let same = item.is_same_plain_value(&new);
            *item = new;
            Ok(!same)
        }
        Action::Remove { index, count } => {
            let (start, end) = (*index as usize, *index as usize + *count as usize);
            if end > items.len() {
                return Err(OUT_OF_BOUNDS);
            }
            items.drain(start..end);
            Ok(*count > 0)
        }
        _ => Err(WRONG_KIND),
    }
}

fn move_item(items: &mut Vec<Part>, from: u32, to: u32) -> Result<bool, &'static str> {
    let (from, to) = (from as usize, to as usize);
    if from >= items.len() || to >= items.len() {
        return Err(OUT_OF_BOUNDS);
    }
    let item = items.remove(from);
    items.insert(to, item);
    Ok(from != to)
}

#[cfg(test)]
mod tests;
