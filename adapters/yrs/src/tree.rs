//! A tree made of a map: from label to parent and position.

mod position;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use deadzone_core::document::TreeNode;
use yrs::{Any, Map, MapRef, Out, ReadTxn};

use self::position::Position;
use crate::target::RESERVED_KEY;

/// Where a node stands, as its entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    parent: Option<String>,
    position: Position,
}

/// What an edit of a tree does to its map.
#[derive(Debug)]
pub(crate) enum Change {
    /// Nothing.
    None,
    /// Sets the entry of a label.
    Set(String, Standing),
    /// Takes the entry of a label out.
    Remove(String),
}

/// A tree as it is shown: without cycles, and without what stands below a node
/// that is not there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Forest {
    entries: BTreeMap<String, Standing>,
    /// Labels of the children in order, by parent; the top is under none. A node
    /// is shown if it is in here.
    children: BTreeMap<Option<String>, Vec<String>>,
    /// The parent under which each node is shown.
    shown: BTreeMap<String, Option<String>>,
}

impl Forest {
    /// The tree that a map holds.
    pub(crate) fn read<T: ReadTxn>(txn: &T, map: &MapRef) -> Self {
        let entries = map.iter(txn).filter(|(label, _)| *label != RESERVED_KEY);
        let entries = entries
            .filter_map(|(label, value)| Some((label.to_owned(), Standing::from_value(value)?)));
        Self::new(entries.collect())
    }

    fn new(entries: BTreeMap<String, Standing>) -> Self {
        let shown = shown(&entries);
        let mut children: BTreeMap<Option<String>, Vec<String>> = BTreeMap::new();
        for (label, parent) in &shown {
            children.entry(parent.clone()).or_default().push(label.clone());
        }
        for siblings in children.values_mut() {
            // Stable, so that equal positions are ordered by label.
            siblings.sort_by(|a, b| entries[a].position.cmp(&entries[b].position));
        }
        Self { entries, children, shown }
    }

    fn children(&self, parent: Option<&str>) -> &[String] {
        self.children.get(&parent.map(str::to_owned)).map_or(&[], Vec::as_slice)
    }

    /// How many children a node has, or the top.
    pub(crate) fn branches(&self, parent: Option<&str>) -> Option<u32> {
        let is_there = parent.is_none_or(|parent| self.shown.contains_key(parent));
        is_there.then(|| self.children(parent).len() as u32)
    }

    /// How many nodes are shown.
    pub(crate) fn length(&self) -> u32 {
        self.shown.len() as u32
    }

    /// Their labels, depth first, parents before their children.
    pub(crate) fn labels(&self) -> Vec<String> {
        let mut labels = Vec::with_capacity(self.shown.len());
        let mut stack: Vec<&String> = self.children(None).iter().rev().collect();
        while let Some(label) = stack.pop() {
            labels.push(label.clone());
            stack.extend(self.children(Some(label)).iter().rev());
        }
        labels
    }

    /// The canonical value.
    pub(crate) fn nodes(&self) -> Vec<TreeNode> {
        // Children before parents, so that no recursion is as deep as the tree.
        let mut made: BTreeMap<String, Vec<TreeNode>> = BTreeMap::new();
        let take = |made: &mut BTreeMap<String, Vec<TreeNode>>, parent: Option<&str>| {
            let node = |label: &String| TreeNode {
                label: label.clone(),
                children: made.remove(label).unwrap_or_default(),
            };
            self.children(parent).iter().map(node).collect::<Vec<_>>()
        };
        for label in self.labels().iter().rev() {
            let nodes = take(&mut made, Some(label));
            made.insert(label.clone(), nodes);
        }
        take(&mut made, None)
    }

    /// A new node.
    pub(crate) fn create(
        &self,
        label: &str,
        parent: Option<&str>,
        index: u32,
        client: u64,
    ) -> Result<Change, &'static str> {
        if label == RESERVED_KEY {
            return Err("the label is reserved");
        }
        if self.shown.contains_key(label) {
            return Err("the label is taken");
        }
        self.stand(label, parent, index, client)
    }

    /// A node elsewhere.
    pub(crate) fn relocate(
        &self,
        label: &str,
        parent: Option<&str>,
        index: u32,
        client: u64,
    ) -> Result<Change, &'static str> {
        let old_parent = self.shown.get(label).ok_or(NO_NODE)?;
        if self.is_below(parent, label) {
            return Ok(Change::None);
        }
        let old_index = self.children(old_parent.as_deref()).iter().position(|l| l == label);
        if old_parent.as_deref() == parent && old_index == Some(index as usize) {
            return Ok(Change::None);
        }
        self.stand(label, parent, index, client)
    }

    /// A node gone, with all below it.
    pub(crate) fn delete(&self, label: &str) -> Result<Change, &'static str> {
        if !self.shown.contains_key(label) {
            return Err(NO_NODE);
        }
        Ok(Change::Remove(label.to_owned()))
    }

    /// The tree after `change`.
    #[must_use]
    pub(crate) fn after(mut self, change: Change) -> Self {
        match change {
            Change::None => return self,
            Change::Set(label, standing) => {
                self.entries.insert(label, standing);
            }
            Change::Remove(label) => {
                self.entries.remove(&label);
            }
        }
        Self::new(self.entries)
    }

    fn stand(
        &self,
        label: &str,
        parent: Option<&str>,
        index: u32,
        client: u64,
    ) -> Result<Change, &'static str> {
        if parent.is_some_and(|parent| !self.shown.contains_key(parent)) {
            return Err("there is no such parent");
        }
        let siblings: Vec<&String> =
            self.children(parent).iter().filter(|sibling| *sibling != label).collect();
        let index = index as usize;
        if index > siblings.len() {
            return Err("out of bounds");
        }
        let at = |index: usize| siblings.get(index).map(|label| &self.entries[*label].position);
        let before = index.checked_sub(1).and_then(at);
        let position = Position::between(before, at(index), client);
        let standing = Standing { parent: parent.map(str::to_owned), position };
        Ok(Change::Set(label.to_owned(), standing))
    }

    /// Whether `node` is `label` or stands below it.
    fn is_below(&self, node: Option<&str>, label: &str) -> bool {
        let mut next = node;
        while let Some(current) = next {
            if current == label {
                return true;
            }
            next = self.shown.get(current).and_then(Option::as_deref);
        }
        false
    }
}

const NO_NODE: &str = "there is no such node";

impl Standing {
    fn from_value(value: Out) -> Option<Self> {
        let Out::Any(Any::Array(fields)) = value else {
            return None;
        };
        match fields.as_ref() {
            [Any::Null, Any::Buffer(position)] => {
                Some(Self { parent: None, position: position.as_ref().into() })
            }
            [Any::String(parent), Any::Buffer(position)] => Some(Self {
                parent: Some(parent.as_ref().to_owned()),
                position: position.as_ref().into(),
            }),
            _ => None,
        }
    }

    /// The entry.
    pub(crate) fn to_any(&self) -> Any {
        let parent = self.parent.as_deref().map_or(Any::Null, Any::from);
        Any::Array(Arc::from([parent, Any::from(self.position.as_bytes())]))
    }
}

/// The nodes that are shown, and the parent of each: those that lead up to the
/// top, and those that lead into a cycle, which is cut above its smallest label.
/// Those that lead to a label without an entry are not.
fn shown(entries: &BTreeMap<String, Standing>) -> BTreeMap<String, Option<String>> {
    let mut fates: BTreeMap<&str, bool> = BTreeMap::new();
    let mut cut: BTreeSet<&str> = BTreeSet::new();
    for label in entries.keys() {
        let mut path: Vec<&str> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        let mut next = Some(label.as_str());
        let fate = loop {
            let Some(current) = next else {
                break true;
            };
            if let Some(fate) = fates.get(current) {
                break *fate;
            }
            if let Some(start) = places.get(current) {
                let smallest = path[*start..].iter().max_by_key(|label| Reverse(**label));
                cut.extend(smallest);
                break true;
            }
            let Some(standing) = entries.get(current) else {
                break false;
            };
            places.insert(current, path.len());
            path.push(current);
            next = standing.parent.as_deref();
        };
        fates.extend(path.into_iter().map(|label| (label, fate)));
    }
    let parent = |label: &str, standing: &Standing| {
        if cut.contains(label) { None } else { standing.parent.clone() }
    };
    entries
        .iter()
        .filter(|(label, _)| fates[label.as_str()])
        .map(|(label, standing)| (label.clone(), parent(label, standing)))
        .collect()
}

#[cfg(test)]
mod tests;
