//! The order of characters, list elements and children: Fugue (Weidner and
//! Kleppmann, "The Art of the Fugue", 2023), which does not interleave what
//! was typed concurrently at one place.
//!
//! Elements form a tree. An element comes after its left children and before
//! its right ones; siblings on one side stand in the order of their ids. An
//! element is never taken out of the tree, only hidden. Beside the tree, the
//! order that it implies is kept as a linked list.
//!
//! Simplified: an index is found by walking from the start, so an edit costs
//! time proportional to the length of the sequence.

use std::collections::BTreeMap;

use super::operation::{OpId, Place, Side};

/// Elements with contents in a replicated order.
#[derive(Clone, Debug)]
pub(super) struct Sequence<T> {
    /// The first is the root of the tree: before everything and never visible.
    elements: Vec<Element<T>>,
    numbers: BTreeMap<OpId, usize>,
    /// The sum of the widths of all elements.
    width: u32,
}

#[derive(Clone, Debug)]
struct Element<T> {
    id: OpId,
    /// None only for the root.
    content: Option<T>,
    /// How many indices it takes up; 0 while hidden.
    width: u32,
    left_children: Vec<usize>,
    right_children: Vec<usize>,
    previous: usize,
    next: Option<usize>,
}

impl<T> Element<T> {
    fn new(id: OpId, content: Option<T>, width: u32) -> Self {
        let (left_children, right_children) = (Vec::new(), Vec::new());
        Self { id, content, width, left_children, right_children, previous: 0, next: None }
    }
}

const ROOT: usize = 0;

impl<T> Sequence<T> {
    /// An empty sequence; its root has the id `root`.
    pub(super) fn new(root: OpId) -> Self {
        Self {
            elements: vec![Element::new(root, None, 0)],
            numbers: BTreeMap::from([(root, ROOT)]),
            width: 0,
        }
    }

    /// How many indices all visible elements take up.
    pub(super) fn width(&self) -> u32 {
        self.width
    }

    /// Adds an element. Without effect if its id is there already or its place
    /// is not.
    pub(super) fn insert(&mut self, id: OpId, place: Place, content: T, width: u32) {
        let Some(&parent) = self.numbers.get(&place.parent) else { return };
        let new = self.elements.len();
        let before_root = parent == ROOT && place.side == Side::Left;
        if before_root || self.numbers.contains_key(&id) {
            return;
        }
        self.numbers.insert(id, new);
        self.elements.push(Element::new(id, Some(content), width));
        self.width += width;
        let siblings = self.siblings(parent, place.side);
        let rank = siblings.partition_point(|&sibling| self.elements[sibling].id < id);
        let previous = match place.side {
            Side::Right if rank == 0 => parent,
            Side::Right => self.last_below(siblings[rank - 1]),
            Side::Left => {
                let next = siblings.get(rank).map_or(parent, |&sibling| self.first_below(sibling));
                self.elements[next].previous
            }
        };
        match place.side {
            Side::Left => self.elements[parent].left_children.insert(rank, new),
            Side::Right => self.elements[parent].right_children.insert(rank, new),
        }
        let next = self.elements[previous].next.replace(new);
        (self.elements[new].previous, self.elements[new].next) = (previous, next);
        if let Some(next) = next {
            self.elements[next].previous = new;
        }
    }

    fn siblings(&self, parent: usize, side: Side) -> &[usize] {
        match side {
            Side::Left => &self.elements[parent].left_children,
            Side::Right => &self.elements[parent].right_children,
        }
    }

    fn first_below(&self, mut number: usize) -> usize {
        while let Some(&child) = self.elements[number].left_children.first() {
            number = child;
        }
        number
    }

    fn last_below(&self, mut number: usize) -> usize {
        while let Some(&child) = self.elements[number].right_children.last() {
            number = child;
        }
        number
    }

    /// The place directly behind an element, or at the very start.
    pub(super) fn place_after(&self, element: Option<OpId>) -> Place {
        let number = element.map_or(ROOT, |id| self.numbers[&id]);
        match self.elements[number].next {
            // Right children come directly behind: go before the first of them.
            Some(next) if !self.elements[number].right_children.is_empty() => {
                Place { parent: self.elements[next].id, side: Side::Left }
            }
            _ => Place { parent: self.elements[number].id, side: Side::Right },
        }
    }

    /// Shows the element with this width, or hides it with 0; whether it is
    /// there.
    pub(super) fn set_width(&mut self, id: OpId, width: u32) -> bool {
        let Some(&number) = self.numbers.get(&id) else { return false };
        let old = std::mem::replace(&mut self.elements[number].width, width);
        self.width = self.width - old + width;
        true
    }

    /// What an element holds.
    pub(super) fn content(&self, id: OpId) -> Option<&T> {
        self.elements[*self.numbers.get(&id)?].content.as_ref()
    }

    /// The id of the element that directly follows, hidden or not.
    pub(super) fn following(&self, id: OpId) -> Option<OpId> {
        let next = self.elements[*self.numbers.get(&id)?].next?;
        Some(self.elements[next].id)
    }

    /// All elements in order, hidden ones too: id, content, width.
    pub(super) fn iter(&self) -> impl Iterator<Item = (OpId, &T, u32)> {
        let first = self.elements[ROOT].next;
        std::iter::successors(first, |&number| self.elements[number].next).filter_map(|number| {
            let element = &self.elements[number];
            Some((element.id, element.content.as_ref()?, element.width))
        })
    }

    /// The visible elements in order.
    pub(super) fn visible(&self) -> impl Iterator<Item = (OpId, &T, u32)> {
        self.iter().filter(|(_, _, width)| *width > 0)
    }

    /// The element that ends at `index`, none for 0.
    ///
    /// # Errors
    /// If `index` is out of bounds or inside an element.
    pub(super) fn before(&self, index: u32) -> Result<Option<OpId>, &'static str> {
        if index > self.width {
            return Err("out of bounds");
        }
        let (mut end, mut last) = (0, None);
        for (id, _, width) in self.visible() {
            if end >= index {
                break;
            }
            end += width;
            last = Some(id);
        }
        if end == index { Ok(last) } else { Err("inside a surrogate pair") }
    }

    /// Whether `index` is inside an element.
    pub(super) fn splits(&self, index: u32) -> bool {
        index <= self.width && self.before(index).is_err()
    }

    /// The ids of the visible elements that take up `count` indices from
    /// `index` on.
    ///
    /// # Errors
    /// As with [`Self::before`].
    pub(super) fn range(&self, index: u32, count: u32) -> Result<Vec<OpId>, &'static str> {
        let end = index.checked_add(count).ok_or("out of bounds")?;
        self.before(index)?;
        self.before(end)?;
        let mut at = 0;
        let mut ids = Vec::new();
        for (id, _, width) in self.visible() {
            if at >= end {
                break;
            }
            if at >= index {
                ids.push(id);
            }
            at += width;
        }
        Ok(ids)
    }
}
