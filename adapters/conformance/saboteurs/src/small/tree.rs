//! A tree whose nodes move: all moves take effect in the order of their ids, and
//! one that would make a cycle has none (Kleppmann, Mulligan, Gomes and
//! Beresford, "A highly-available move operation for replicated trees", 2022).

use std::collections::BTreeMap;

use deadzone_core::document::TreeNode;
use deadzone_core::edit::Action;

use super::operation::{Change, Context, Id};
use super::sequence::Sequence;
use super::state::WRONG_KIND;
use crate::Flaw;

/// A forest of labelled nodes.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    flaw: Flaw,
    /// The id of the container, which stands for the parent of the top nodes.
    root: Id,
    labels: BTreeMap<Id, String>,
    /// Every place that a node was ever put to, under the parent.
    places: BTreeMap<Id, Sequence<Id>>,
    /// Every move: the node, and its parent, none if it was taken out.
    moves: BTreeMap<Id, (Id, Option<Id>)>,
    /// Where each node stands by now, and the move that put it there.
    standings: BTreeMap<Id, (Option<Id>, Id)>,
}

impl Tree {
    pub(super) fn new(root: Id, flaw: Flaw) -> Self {
        Self {
            flaw,
            root,
            labels: BTreeMap::new(),
            places: BTreeMap::from([(root, Sequence::new(flaw))]),
            moves: BTreeMap::new(),
            standings: BTreeMap::new(),
        }
    }

    pub(super) fn prepare(&self, action: &Action, next: Id) -> Result<Vec<Change>, &'static str> {
        let find = |label: Option<&str>| self.find(label).ok_or("there is no such node");
        match action {
            Action::CreateNode { label, parent, index } => {
                if self.find(Some(label)).is_some() {
                    return Err("the label is taken");
                }
                let parent = find(parent.as_deref())?;
                let after = self.place(parent, None, *index)?;
                let create = Change::Create { label: label.clone() };
                Ok(vec![create, Change::Attach { node: next, parent, after }])
            }
            Action::MoveNode { label, parent, index } => {
                let (node, parent) = (find(Some(label))?, find(parent.as_deref())?);
                if self.is_under(parent, node) {
                    return Ok(Vec::new());
                }
                let after = self.place(parent, Some(node), *index)?;
                let children = self.children(parent);
                let same = children.get(*index as usize).is_some_and(|(child, _)| *child == node);
                let attach = Change::Attach { node, parent, after };
                Ok((!same).then_some(attach).into_iter().collect())
            }
            Action::DeleteNode { label } => Ok(vec![Change::Detach { node: find(Some(label))? }]),
            _ => Err(WRONG_KIND),
        }
    }

    pub(super) fn apply(&mut self, id: Id, change: &Change, context: Context) {
        match change {
            Change::Create { label } => {
                self.labels.insert(id, label.clone());
                let flaw = self.flaw;
                self.places.entry(id).or_insert_with(|| Sequence::new(flaw));
            }
            Change::Attach { node, parent, after } => {
                let Some(places) = self.places.get_mut(parent) else { return };
                places.insert(id, *after, *node, 1, context);
                self.record(id, *node, Some(*parent));
            }
            Change::Detach { node } => self.record(id, *node, None),
            _ => {}
        }
    }

    fn record(&mut self, id: Id, node: Id, parent: Option<Id>) {
        self.moves.insert(id, (node, parent));
        self.standings.clear();
        for (by, (node, parent)) in self.moves.clone() {
            let makes_cycle = parent.is_some_and(|parent| self.is_under(parent, node));
            if !makes_cycle || self.flaw == Flaw::TreesCycle {
                self.standings.insert(node, (parent, by));
            }
        }
    }

    /// Whether `node` is `above` or stands anywhere below it.
    fn is_under(&self, node: Id, above: Id) -> bool {
        let parent = |node: &Id| self.standings.get(node)?.0;
        let line = std::iter::successors(Some(node), parent);
        // No line of a tree is longer; one in a cycle is.
        line.take(self.labels.len() + 1).any(|node| node == above)
    }

    /// The root for none, else the node with this label that is not taken out.
    fn find(&self, label: Option<&str>) -> Option<Id> {
        let Some(label) = label else { return Some(self.root) };
        let named = self.labels.iter().filter(|(_, name)| *name == label);
        named.map(|(node, _)| *node).find(|node| self.is_under(*node, self.root))
    }

    /// The children that stand there by now, each with the id of its place.
    fn children(&self, parent: Id) -> Vec<(Id, Id)> {
        let Some(places) = self.places.get(&parent) else { return Vec::new() };
        let stands =
            |place: Id, node: Id| self.standings.get(&node).is_some_and(|(_, by)| *by == place);
        let standing = places.iter().filter(|place| stands(place.id, place.content));
        standing.map(|place| (place.content, place.id)).collect()
    }

    /// What a node stands behind that is put to `index` under `parent`, not
    /// counting `without`.
    fn place(
        &self,
        parent: Id,
        without: Option<Id>,
        index: u32,
    ) -> Result<Option<Id>, &'static str> {
        let mut siblings = self.children(parent);
        siblings.retain(|(node, _)| Some(*node) != without);
        match (index as usize).checked_sub(1) {
            None => Ok(None),
            Some(last) => Ok(Some(siblings.get(last).ok_or("out of bounds")?.1)),
        }
    }

    pub(super) fn top(&self) -> Vec<TreeNode> {
        self.nodes(self.root)
    }

    fn nodes(&self, parent: Id) -> Vec<TreeNode> {
        let node = |(id, _): (Id, Id)| {
            Some(TreeNode { label: self.labels.get(&id)?.clone(), children: self.nodes(id) })
        };
        self.children(parent).into_iter().filter_map(node).collect()
    }

    /// The labels, depth first.
    pub(super) fn labels(&self) -> Vec<String> {
        fn collect(nodes: &[TreeNode], into: &mut Vec<String>) {
            for node in nodes {
                into.push(node.label.clone());
                collect(&node.children, into);
            }
        }
        let mut labels = Vec::new();
        collect(&self.top(), &mut labels);
        labels
    }
}
