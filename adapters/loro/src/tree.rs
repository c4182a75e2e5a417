//! Trees: labels instead of Loro's node ids.

use std::collections::{BTreeMap, BTreeSet};

use deadzone_core::engine::EngineError;
use loro::{
    ContainerID, ContainerTrait, LoroError, LoroTree, LoroTreeError, LoroValue, TreeID,
    TreeParentId, ValueOrContainer,
};

use crate::edit::{misplaced, refused_edit};

/// Where a node's meta map holds the label.
const LABEL: &str = "label";

/// Which node has which label.
///
/// An application holds on to node ids. Edits name labels, so this remembers
/// the ids, lest looking them up be charged to the engine. Labels never change,
/// so an entry is wrong only once a node was deleted, and undo brought it back
/// under a new id; nodes that others made are read once.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    /// By tree; a document has few.
    trees: Vec<(ContainerID, LabelsOfTree)>,
}

#[derive(Debug, Default)]
struct LabelsOfTree {
    ids: BTreeMap<String, TreeID>,
    known: BTreeSet<TreeID>,
}

impl Labels {
    /// Forgets everything, for when ids may be given out a second time.
    pub(crate) fn clear(&mut self) {
        self.trees.clear();
    }

    fn of(&mut self, tree: &LoroTree) -> &mut LabelsOfTree {
        let id = tree.id();
        let index = self.trees.iter().position(|(known, _)| *known == id).unwrap_or_else(|| {
            self.trees.push((id, LabelsOfTree::default()));
            self.trees.len() - 1
        });
        &mut self.trees[index].1
    }

    /// The node with this label, if it is there and not deleted.
    fn find(&mut self, tree: &LoroTree, label: &str) -> Result<TreeID, EngineError> {
        let labels = self.of(tree);
        let there = |id: &TreeID| matches!(tree.is_node_deleted(id), Ok(false));
        if !labels.ids.get(label).is_some_and(there) {
            labels.learn(tree);
        }
        labels
            .ids
            .get(label)
            .copied()
            .filter(there)
            .ok_or_else(|| misplaced(format!("no node called {label:?} in the tree")))
    }

    fn parent(
        &mut self,
        tree: &LoroTree,
        label: Option<&str>,
    ) -> Result<TreeParentId, EngineError> {
        label.map_or(Ok(TreeParentId::Root), |label| self.find(tree, label).map(TreeParentId::Node))
    }

    /// Makes a node before the child at `index` of `parent`.
    pub(crate) fn create(
        &mut self,
        tree: &LoroTree,
        label: &str,
        parent: Option<&str>,
        index: u32,
    ) -> Result<(), EngineError> {
        let parent = self.parent(tree, parent)?;
        let id = tree.create_at(parent, index as usize).map_err(refused_edit)?;
        tree.get_meta(id).and_then(|meta| meta.insert(LABEL, label)).map_err(refused_edit)?;
        let labels = self.of(tree);
        labels.ids.insert(label.to_owned(), id);
        labels.known.insert(id);
        Ok(())
    }

    /// Moves a node before the child at `index` of `parent`; not below itself.
    pub(crate) fn move_to(
        &mut self,
        tree: &LoroTree,
        label: &str,
        parent: Option<&str>,
        index: u32,
    ) -> Result<(), EngineError> {
        let id = self.find(tree, label)?;
        let parent = self.parent(tree, parent)?;
        if stands_below(tree, parent, id) {
            return Ok(());
        }
        match tree.mov_to(id, parent, index as usize) {
            Err(LoroError::TreeError(LoroTreeError::CyclicMoveError)) => Ok(()),
            moved => moved.map_err(refused_edit),
        }
    }

    /// Removes a node with all below it.
    pub(crate) fn delete(&mut self, tree: &LoroTree, label: &str) -> Result<(), EngineError> {
        let id = self.find(tree, label)?;
        tree.delete(id).map_err(refused_edit)
    }
}

impl LabelsOfTree {
    fn learn(&mut self, tree: &LoroTree) {
        for id in tree.nodes() {
            if self.known.contains(&id) {
                continue;
            }
            let Some(label) = label(tree, id) else { continue };
            // Undo may bring a node back under a new id; the old one stays behind.
            if self.ids.contains_key(&label) && !matches!(tree.is_node_deleted(&id), Ok(false)) {
                continue;
            }
            self.ids.insert(label, id);
            self.known.insert(id);
        }
    }
}

/// Whether `place` is the node itself or below it.
fn stands_below(tree: &LoroTree, mut place: TreeParentId, node: TreeID) -> bool {
    while let TreeParentId::Node(id) = place {
        if id == node {
            return true;
        }
        match tree.parent(id) {
            Some(above) => place = above,
            None => return false,
        }
    }
    false
}

/// The label that a node was created with.
pub(crate) fn label(tree: &LoroTree, id: TreeID) -> Option<String> {
    match tree.get_meta(id).ok()?.get(LABEL)? {
        ValueOrContainer::Value(LoroValue::String(label)) => Some(label.to_string()),
        _ => None,
    }
}

/// The labels of all nodes that are not deleted, parents before their children
/// and siblings in order.
pub(crate) fn labels_in_order(tree: &LoroTree) -> Vec<String> {
    let mut labels = Vec::new();
    let mut open = tree.roots();
    open.reverse();
    while let Some(id) = open.pop() {
        labels.extend(label(tree, id));
        let below = tree.children(TreeParentId::Node(id)).unwrap_or_default();
        open.extend(below.into_iter().rev());
    }
    labels
}

/// How many nodes there are that are not deleted.
pub(crate) fn size(tree: &LoroTree) -> usize {
    tree.get_nodes(false).len()
}
