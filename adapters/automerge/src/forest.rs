//! Trees, built from maps.
//!
//! A tree is a map from each node's label to its place, which is one string:
//! the position among its siblings as a decimal number and, unless the node
//! stands at the top, `/` and the label of its parent. Being one value, a place
//! is taken or lost as a whole when two replicas move the same node.
//!
//! A node is there if its label is in the map and so are all above it. Siblings
//! stand in the order of their positions, equal ones in the order of labels.
//! Positions are given with gaps of [`GAP`] and halved in between; where there
//! is no room left, the following siblings are moved up in the same transaction.
//!
//! Anomalies, which a native tree has or has not:
//!
//! - Two moves that each are fine can together make a cycle. Whoever reads
//!   breaks it at the move that is last in Automerge's order of operations:
//!   that node stands at the top, on every replica, until it is moved again.
//! - A node that is deleted here and moved there at the same time stays, with
//!   all below it, since a map keeps what was written at the same time.
//! - A node that is moved under one that is deleted at the same time is gone.
//! - Making room can undo another replica's move of a sibling.
//! - What stood under a deleted node stays in the map, out of sight.
//! - Every edit reads the whole tree.

use std::collections::{BTreeMap, BTreeSet};

use automerge::transaction::{Transactable, Transaction};
use automerge::{ChangeHash, ObjId, ReadDoc, ScalarValueRef, ValueRef};
use deadzone_core::document::TreeNode;
use deadzone_core::edit::Action;

use crate::edit::{OUT_OF_BOUNDS, Wrong};

/// The distance between neighbours that were added at an end: leaves room for
/// twenty halvings, in seven digits.
pub const GAP: i64 = 1 << 20;

/// What the map says of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    parent: Option<String>,
    position: i64,
    /// The operation that put it there; later ones are greater, everywhere.
    written: ObjId,
}

/// A tree as it is to be seen: without cycles and without what is out of sight.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Forest {
    entries: BTreeMap<String, Entry>,
    children: BTreeMap<Option<String>, Vec<String>>,
}

impl Forest {
    /// Reads the tree that `map` holds, now or at `heads`.
    pub(crate) fn read<D: ReadDoc>(
        document: &D,
        map: &ObjId,
        heads: Option<&[ChangeHash]>,
    ) -> Self {
        let range = match heads {
            None => document.map_range(map, ..),
            Some(heads) => document.map_range_at(map, .., heads),
        };
        let entries = range.filter_map(|item| match &item.value {
            ValueRef::Scalar(ScalarValueRef::Str(place)) => {
                let (position, parent) = parse(place);
                let parent = parent.map(str::to_owned);
                Some((item.key.to_string(), Entry { parent, position, written: item.id() }))
            }
            _ => None,
        });
        Self::of(entries.collect())
    }

    fn of(mut entries: BTreeMap<String, Entry>) -> Self {
        break_cycles(&mut entries);
        let mut below: BTreeMap<Option<String>, Vec<(i64, String)>> = BTreeMap::new();
        for (label, entry) in &entries {
            let siblings = below.entry(entry.parent.clone()).or_default();
            siblings.push((entry.position, label.clone()));
        }
        let mut children = BTreeMap::new();
        let mut reached = vec![None];
        while let Some(parent) = reached.pop() {
            let Some(mut siblings) = below.remove(&parent) else { continue };
            siblings.sort_unstable();
            let labels: Vec<String> = siblings.into_iter().map(|(_, label)| label).collect();
            reached.extend(labels.iter().cloned().map(Some));
            children.insert(parent, labels);
        }
        for label in below.into_values().flatten().map(|(_, label)| label) {
            entries.remove(&label);
        }
        Self { entries, children }
    }

    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The labels, depth first, parents before their children.
    pub(crate) fn labels(&self) -> Vec<String> {
        let mut labels = Vec::with_capacity(self.len());
        let mut next: Vec<&String> = self.children(None).iter().rev().collect();
        while let Some(label) = next.pop() {
            labels.push(label.clone());
            next.extend(self.children(Some(label)).iter().rev());
        }
        labels
    }

    /// The canonical value.
    pub(crate) fn nodes(&self) -> Vec<TreeNode> {
        self.nodes_below(None)
    }

    fn nodes_below(&self, parent: Option<&str>) -> Vec<TreeNode> {
        let node = |label: &String| TreeNode {
            label: label.clone(),
            children: self.nodes_below(Some(label)),
        };
        self.children(parent).iter().map(node).collect()
    }

    fn children(&self, parent: Option<&str>) -> &[String] {
        self.children.get(&parent.map(str::to_owned)).map_or(&[], Vec::as_slice)
    }

    fn has(&self, label: &str) -> bool {
        self.entries.contains_key(label)
    }

    /// Whether `label` is `above` or stands below it.
    fn is_within(&self, label: &str, above: &str) -> bool {
        let mut next = Some(label);
        while let Some(label) = next {
            if label == above {
                return true;
            }
            next = self.entries.get(label).and_then(|entry| entry.parent.as_deref());
        }
        false
    }

    /// The places to write so that `label` stands at `index` below `parent`.
    fn put(
        &self,
        label: &str,
        parent: Option<&str>,
        index: usize,
    ) -> Result<Vec<(String, i64)>, Wrong> {
        if parent.is_some_and(|parent| !self.has(parent)) {
            return Err(Wrong::Place("there is no such parent"));
        }
        let position = |sibling: &String| self.entries[sibling].position;
        let siblings: Vec<&String> =
            self.children(parent).iter().filter(|sibling| *sibling != label).collect();
        if index > siblings.len() {
            return Err(OUT_OF_BOUNDS);
        }
        let (before, after) = siblings.split_at(index);
        let low = before.last().copied().map(position);
        // As many of the following siblings have to give way until there is room.
        for moved in 0..=after.len() {
            let high = after.get(moved).copied().map(position);
            if let Some(positions) = spread(low, high, moved + 1) {
                let labels = after[..moved].iter().map(|sibling| (*sibling).clone());
                return Ok(std::iter::once(label.to_owned())
                    .chain(labels)
                    .zip(positions)
                    .collect());
            }
        }
        unreachable!("behind the last sibling there is always room")
    }
}

/// `count` rising positions between `low` and `high`, if there is room.
fn spread(low: Option<i64>, high: Option<i64>, count: usize) -> Option<Vec<i64>> {
    let count = count as i64;
    let (start, step) = match (low, high) {
        (None, None) => (0, GAP),
        (Some(low), None) => (low, GAP),
        (None, Some(high)) => (high.saturating_sub((count + 1) * GAP), GAP),
        (Some(low), Some(high)) => (low, high.saturating_sub(low) / (count + 1)),
    };
    (step > 0).then(|| (1..=count).map(|n| start.saturating_add(n * step)).collect())
}

/// The position and the parent in a place. A place that nobody here wrote has
/// the position 0.
fn parse(place: &str) -> (i64, Option<&str>) {
    let (position, parent) = match place.split_once('/') {
        Some((position, parent)) => (position, Some(parent)),
        None => (place, None),
    };
    (position.parse().unwrap_or(0), parent)
}

fn write(position: i64, parent: Option<&str>) -> String {
    match parent {
        Some(parent) => format!("{position}/{parent}"),
        None => position.to_string(),
    }
}

/// Puts the last moved node of each cycle at the top.
fn break_cycles(entries: &mut BTreeMap<String, Entry>) {
    let mut settled: BTreeSet<String> = BTreeSet::new();
    let labels: Vec<String> = entries.keys().cloned().collect();
    for label in labels {
        let mut way: Vec<String> = Vec::new();
        let mut next = Some(label);
        while let Some(label) = next {
            if settled.contains(&label) || !entries.contains_key(&label) {
                break;
            }
            if let Some(start) = way.iter().position(|seen| *seen == label) {
                let last = way[start..].iter().max_by_key(|label| &entries[*label].written);
                let last = last.expect("a cycle has a node").clone();
                entries.get_mut(&last).expect("on the way").parent = None;
                break;
            }
            next = entries[&label].parent.clone();
            way.push(label);
        }
        settled.extend(way);
    }
}

/// Does `action` on the tree that `map` holds.
pub(crate) fn apply(
    transaction: &mut Transaction<'_>,
    map: &ObjId,
    action: &Action,
) -> Result<(), Wrong> {
    let (label, parent, index) = match action {
        Action::CreateNode { label, parent, index } | Action::MoveNode { label, parent, index } => {
            (label, parent.as_deref(), *index as usize)
        }
        Action::DeleteNode { label } => {
            if !Forest::read(transaction, map, None).has(label) {
                return Err(NO_NODE);
            }
            return Ok(transaction.delete(map, label.as_str())?);
        }
        _ => return Err(Wrong::Kind),
    };
    let forest = Forest::read(transaction, map, None);
    if matches!(action, Action::CreateNode { .. }) {
        if forest.has(label) {
            return Err(Wrong::Place("the label is taken"));
        }
    } else if !forest.has(label) {
        return Err(NO_NODE);
    } else {
        let under_itself = parent.is_some_and(|parent| forest.is_within(parent, label));
        if under_itself || forest.children(parent).get(index) == Some(label) {
            return Ok(());
        }
    }
    for (label, position) in forest.put(label, parent, index)? {
        transaction.put(map, label, write(position, parent))?;
    }
    Ok(())
}

const NO_NODE: Wrong = Wrong::Place("there is no such node");

#[cfg(test)]
mod tests {
    use super::*;

    fn forest(nodes: &[(&str, Option<&str>, i64, u64)]) -> Forest {
        let entry = |&(label, parent, position, written): &(&str, Option<&str>, i64, u64)| {
            let written = ObjId::Id(written, automerge::ActorId::from([1]), 0);
            (label.to_owned(), Entry { parent: parent.map(str::to_owned), position, written })
        };
        Forest::of(nodes.iter().map(entry).collect())
    }

    #[test]
    fn a_cycle_is_broken_at_its_last_move() {
        let tree = forest(&[
            ("a", Some("c"), 0, 5),
            ("b", Some("a"), 0, 9),
            ("c", Some("b"), 0, 7),
            ("d", Some("c"), 0, 1),
            ("e", Some("e"), 1, 2),
        ]);
        assert_eq!(tree.labels(), ["b", "c", "a", "d", "e"]);
    }

    #[test]
    fn what_stands_under_nothing_is_out_of_sight() {
        let tree = forest(&[("a", Some("gone"), 0, 1), ("b", Some("a"), 0, 2), ("c", None, 0, 3)]);
        assert_eq!((tree.labels(), tree.len()), (vec!["c".to_owned()], 1));
    }

    #[test]
    fn equal_positions_make_room() {
        let tree =
            forest(&[("a", None, 7, 1), ("b", None, 7, 2), ("c", None, 8, 3), ("d", None, 90, 4)]);
        let put = tree.put("x", None, 1).unwrap();
        let labels: Vec<&str> = put.iter().map(|(label, _)| label.as_str()).collect();
        assert_eq!(labels, ["x", "b", "c"]);
        assert!(put.iter().map(|(_, position)| *position).is_sorted_by(|a, b| a < b));
        assert!(put.iter().all(|(_, position)| 7 < *position && *position < 90));
    }

    #[test]
    fn there_is_room_at_both_ends_and_in_the_middle() {
        for (low, high) in [(None, None), (Some(5), None), (None, Some(5)), (Some(5), Some(7))] {
            let positions = spread(low, high, 1).unwrap();
            assert!(low.is_none_or(|low| low < positions[0]), "{low:?} {high:?} {positions:?}");
            assert!(high.is_none_or(|high| high > positions[0]), "{low:?} {high:?} {positions:?}");
        }
        assert_eq!(spread(Some(5), Some(6), 1), None);
        assert_eq!(spread(Some(5), Some(5), 1), None);
    }

    #[test]
    fn places_survive_writing() {
        for (position, parent) in [(0, None), (-7, Some("a")), (GAP, Some("with/slash"))] {
            assert_eq!(parse(&write(position, parent)), (position, parent));
        }
        assert_eq!(parse("nonsense/p"), (0, Some("p")));
    }
}
