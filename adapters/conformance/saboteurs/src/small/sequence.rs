//! The order of characters, list elements and children: RGA (Roh, Jeon, Kim
//! and Lee, "Replicated abstract data types", 2011). An element is inserted
//! behind another; of those inserted behind the same one, the newest is first.

use super::operation::{Context, Id};
use crate::Flaw;

/// Elements in a replicated order. One that is removed stays, hidden.
#[derive(Clone, Debug)]
pub(super) struct Sequence<T> {
    flaw: Flaw,
    elements: Vec<Element<T>>,
    /// Hidden by the last operation of another replica.
    stale: Vec<Id>,
}

#[derive(Clone, Debug)]
pub(super) struct Element<T> {
    pub(super) id: Id,
    pub(super) content: T,
    /// How many indices it takes up while it is not hidden.
    width: u32,
    pub(super) hidden: bool,
    /// The replicas that hid it.
    pub(super) hidden_by: Vec<u64>,
}

impl<T> Element<T> {
    fn width(&self) -> u32 {
        if self.hidden { 0 } else { self.width }
    }
}

const OUT_OF_BOUNDS: &str = "out of bounds";
const SPLIT: &str = "inside a surrogate pair";

impl<T> Sequence<T> {
    pub(super) fn new(flaw: Flaw) -> Self {
        Self { flaw, elements: Vec::new(), stale: Vec::new() }
    }

    /// How many indices all visible elements take up.
    pub(super) fn width(&self) -> u32 {
        self.elements.iter().map(Element::width).sum()
    }

    pub(super) fn position(&self, id: Id) -> Option<usize> {
        self.elements.iter().position(|element| element.id == id)
    }

    pub(super) fn get(&self, id: Id) -> Option<&Element<T>> {
        self.elements.get(self.position(id)?)
    }

    /// Adds an element behind another; without effect if it is there already.
    pub(super) fn insert(
        &mut self,
        id: Id,
        after: Option<Id>,
        content: T,
        width: u32,
        context: Context,
    ) {
        self.stale.clear();
        if self.position(id).is_some() && self.flaw != Flaw::AppliesTwice {
            return;
        }
        let neighbour = after.and_then(|after| self.position(after));
        if self.flaw == Flaw::LosesNeighbours
            && context.is_concurrent()
            && neighbour.is_some_and(|at| self.elements[at].hidden)
        {
            return;
        }
        let mut at = neighbour.map_or(0, |at| at + 1);
        if self.flaw != Flaw::ArrivalOrder {
            while self.elements.get(at).is_some_and(|other| self.comes_first(other.id, id)) {
                at += 1;
            }
        }
        let (hidden, hidden_by) = (false, Vec::new());
        self.elements.insert(at, Element { id, content, width, hidden, hidden_by });
    }

    /// Whether `one` stands before `other` where both were inserted behind the
    /// same element.
    fn comes_first(&self, one: Id, other: Id) -> bool {
        if self.flaw == Flaw::BreaksTiesInACircle && one.time == other.time {
            // Serial number arithmetic: no order of three.
            return one.replica.wrapping_sub(other.replica) < 1 << 63;
        }
        one > other
    }

    /// Hides or shows an element, as `by` says; whether it is there.
    pub(super) fn hide(&mut self, id: Id, hidden: bool, by: Id) -> bool {
        let Some(at) = self.position(id) else { return false };
        self.elements[at].hidden = hidden;
        if hidden {
            self.elements[at].hidden_by.push(by.replica);
        }
        true
    }

    /// Notes what an operation of another replica has hidden.
    pub(super) fn outdate(&mut self, hidden: Vec<Id>) {
        self.stale = hidden;
    }

    /// Removed elements are forgotten for good.
    pub(super) fn forget_hidden(&mut self) {
        self.elements.retain(|element| !element.hidden);
    }

    /// All elements in order, hidden ones too.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Element<T>> {
        self.elements.iter()
    }

    /// The visible elements in order.
    pub(super) fn visible(&self) -> impl Iterator<Item = &Element<T>> {
        self.elements.iter().filter(|element| !element.hidden)
    }

    /// The id of the element that directly follows, hidden or not.
    pub(super) fn following(&self, id: Id) -> Option<Id> {
        Some(self.elements.get(self.position(id)? + 1)?.id)
    }

    /// The element that ends at `index`, none for 0.
    pub(super) fn before(&self, index: u32) -> Result<Option<Id>, &'static str> {
        if self.flaw == Flaw::InsertsByOldIndex
            && index <= self.width()
            && let Ok(before) = self.end_at(index, |element| {
                let stale = self.stale.contains(&element.id);
                if stale { element.width } else { element.width() }
            })
        {
            return Ok(before);
        }
        self.end_at(index, Element::width)
    }

    fn end_at(
        &self,
        index: u32,
        width: impl Fn(&Element<T>) -> u32,
    ) -> Result<Option<Id>, &'static str> {
        let (mut end, mut last) = (0, None);
        for element in &self.elements {
            if end >= index {
                break;
            }
            if width(element) > 0 {
                end += width(element);
                last = Some(element.id);
            }
        }
        match end {
            end if end == index => Ok(last),
            end if end > index => Err(SPLIT),
            _ => Err(OUT_OF_BOUNDS),
        }
    }

    /// Whether `index` is inside an element.
    pub(super) fn splits(&self, index: u32) -> bool {
        self.end_at(index, Element::width) == Err(SPLIT)
    }

    /// The visible elements that take up `count` indices from `index` on.
    pub(super) fn range(&self, index: u32, count: u32) -> Result<Vec<Id>, &'static str> {
        let end = index.checked_add(count).ok_or(OUT_OF_BOUNDS)?;
        self.end_at(index, Element::width)?;
        self.end_at(end, Element::width)?;
        let mut at = 0;
        let mut ids = Vec::new();
        for element in self.visible() {
            if (index..end).contains(&at) {
                ids.push(element.id);
            }
            at += element.width;
        }
        Ok(ids)
    }

    /// How many indices these elements take up while visible.
    pub(super) fn units(&self, ids: &[Id]) -> u64 {
        ids.iter().filter_map(|id| self.get(*id)).map(|element| u64::from(element.width)).sum()
    }
}
