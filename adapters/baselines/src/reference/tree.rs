//! A tree whose nodes move, after Kleppmann, Mulligan, Gomes and Beresford, "A
//! highly-available move operation for replicated trees" (2022): all moves take
//! effect in the order of their ids, and one that would make a cycle has none.
//!
//! Simplified: where a move arrives out of that order, all are done again.

use std::collections::BTreeMap;

use super::operation::{OpId, Place};
use super::sequence::Sequence;
use deadzone_core::document::TreeNode;

/// A forest of labelled nodes.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    /// The id of the container, which stands for the parent of the top nodes.
    root: OpId,
    labels: BTreeMap<OpId, String>,
    /// Every place that a node was ever put to, under the parent it was put
    /// to. It counts only while the node's standing says so.
    places: BTreeMap<OpId, Sequence<OpId>>,
    /// Every move, by its id.
    moves: BTreeMap<OpId, Move>,
    standings: BTreeMap<OpId, Standing>,
}

#[derive(Clone, Copy, Debug)]
struct Move {
    node: OpId,
    /// None: taken out.
    parent: Option<OpId>,
}

/// Where a node stands by now: the parent, and the move that put it there.
#[derive(Clone, Copy, Debug)]
struct Standing {
    parent: Option<OpId>,
    by: OpId,
}

impl Tree {
    pub(super) fn new(root: OpId) -> Self {
        Self {
            root,
            labels: BTreeMap::new(),
            places: BTreeMap::from([(root, Sequence::new(root))]),
            moves: BTreeMap::new(),
            standings: BTreeMap::new(),
        }
    }

    pub(super) fn create(&mut self, node: OpId, label: &str) {
        self.labels.insert(node, label.to_owned());
        self.places.entry(node).or_insert_with(|| Sequence::new(node));
    }

    pub(super) fn attach(&mut self, id: OpId, node: OpId, parent: OpId, place: Place) {
        let Some(places) = self.places.get_mut(&parent) else { return };
        places.insert(id, place, node, 1);
        self.record(id, Move { node, parent: Some(parent) });
    }

    pub(super) fn detach(&mut self, id: OpId, node: OpId) {
        self.record(id, Move { node, parent: None });
    }

    fn record(&mut self, id: OpId, this: Move) {
        let in_order = self.moves.last_key_value().is_none_or(|(last, _)| *last < id);
        self.moves.insert(id, this);
        if in_order {
            self.carry_out(id, this);
        } else {
            self.standings.clear();
            for (id, this) in self.moves.clone() {
                self.carry_out(id, this);
            }
        }
    }

    fn carry_out(&mut self, by: OpId, Move { node, parent }: Move) {
        let makes_cycle = parent.is_some_and(|parent| self.is_under(parent, node));
        if !makes_cycle {
            self.standings.insert(node, Standing { parent, by });
        }
    }

    /// Whether `node` is `above` or stands anywhere below it.
    pub(super) fn is_under(&self, node: OpId, above: OpId) -> bool {
        let parent = |node: &OpId| self.standings.get(node)?.parent;
        std::iter::successors(Some(node), parent).any(|node| node == above)
    }

    /// The root for none, else the node with this label that is not taken out.
    pub(super) fn find(&self, label: Option<&str>) -> Option<OpId> {
        let Some(label) = label else { return Some(self.root) };
        let named = self.labels.iter().filter(|(_, name)| *name == label);
        named.map(|(node, _)| *node).find(|node| self.is_under(*node, self.root))
    }

    /// The children of a node that stand there by now, each with the id of
    /// its place.
    pub(super) fn children(&self, parent: OpId) -> Vec<(OpId, OpId)> {
        let Some(places) = self.places.get(&parent) else { return Vec::new() };
        let stands = |place: OpId, node: &OpId| {
            self.standings.get(node).is_some_and(|standing| standing.by == place)
        };
        let standing = places.iter().filter(|(place, node, _)| stands(*place, node));
        standing.map(|(place, node, _)| (*node, place)).collect()
    }

    /// The place at `index` among the children of `parent`, not counting
    /// `without`; none out of bounds.
    pub(super) fn place(&self, parent: OpId, without: Option<OpId>, index: u32) -> Option<Place> {
        let mut siblings = self.children(parent);
        siblings.retain(|(node, _)| Some(*node) != without);
        let before = match (index as usize).checked_sub(1) {
            None => None,
            Some(last) => Some(siblings.get(last)?.1),
        };
        Some(self.places.get(&parent)?.place_after(before))
    }

    /// Where a node stands: its parent, and its index there.
    pub(super) fn standing(&self, node: OpId) -> Option<(OpId, u32)> {
        let parent = self.standings.get(&node)?.parent?;
        let index = self.children(parent).iter().position(|(child, _)| *child == node)?;
        Some((parent, index as u32))
    }

    pub(super) fn top(&self) -> Vec<TreeNode> {
        self.nodes(self.root)
    }

    fn nodes(&self, parent: OpId) -> Vec<TreeNode> {
        let node = |(id, _): (OpId, OpId)| {
            Some(TreeNode { label: self.labels.get(&id)?.clone(), children: self.nodes(id) })
        };
        self.children(parent).into_iter().filter_map(node).collect()
    }

    /// The labels, depth first.
    pub(super) fn labels(&self) -> Vec<String> {
        let mut labels = Vec::new();
        let mut ahead: Vec<_> = self.children(self.root);
        ahead.reverse();
        while let Some((node, _)) = ahead.pop() {
            labels.extend(self.labels.get(&node).cloned());
            ahead.extend(self.children(node).into_iter().rev());
        }
        labels
    }
}
