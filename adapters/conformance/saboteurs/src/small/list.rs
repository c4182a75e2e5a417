//! Lists, movable or not.

use std::collections::BTreeMap;

use deadzone_core::edit::{Action, Value};

use super::map::is_same_plain_value;
use super::operation::{Change, Context, Id};
use super::sequence::Sequence;
use super::state::{WRONG_KIND, removals};
use crate::Flaw;

/// Every place that an element was ever put to is in `places`, and visible only
/// if it is the one with the greatest id.
#[derive(Clone, Debug)]
pub(super) struct List {
    flaw: Flaw,
    movable: bool,
    /// From places to elements. An element has the id of its first place.
    pub(super) places: Sequence<Id>,
    items: BTreeMap<Id, Item>,
}

/// An element: its value, by the operation that set it.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) by: Id,
    pub(super) value: Value,
    place: Id,
    removed: bool,
}

impl List {
    pub(super) fn new(movable: bool, flaw: Flaw) -> Self {
        Self { flaw, movable, places: Sequence::new(flaw), items: BTreeMap::new() }
    }

    /// The visible elements.
    pub(super) fn items(&self) -> impl Iterator<Item = &Item> {
        self.places.visible().filter_map(|place| self.items.get(&place.content))
    }

    /// The place and the element at an index.
    fn at(&self, index: u32) -> Result<(Id, Id), &'static str> {
        let place = self.places.visible().nth(index as usize).ok_or("out of bounds")?;
        Ok((place.id, place.content))
    }

    pub(super) fn prepare(&self, action: &Action) -> Result<Vec<Change>, &'static str> {
        match action {
            Action::Insert { index, values } => {
                let after = self.places.before(*index)?;
                let insert = || Change::Insert { after, values: values.clone() };
                Ok((!values.is_empty()).then(insert).into_iter().collect())
            }
            Action::Set { index, value } => {
                let (_, element) = self.at(*index)?;
                let same = is_same_plain_value(&self.items[&element].value, value);
                let set = || Change::Set { element, value: value.clone() };
                Ok((!same).then(set).into_iter().collect())
            }
            Action::Remove { index, count } => {
                let places = self.places.range(*index, *count)?;
                let element = |place: &Id| self.places.get(*place).map(|place| place.content);
                let elements: Vec<Id> = places.iter().filter_map(element).collect();
                Ok(removals(&elements, |run| run.len() as u64))
            }
            Action::Move { from, to } if self.movable => {
                let (place, element) = self.at(*from)?;
                self.at(*to)?;
                // Counted with the element itself, what it will stand behind.
                let after = self.places.before(if to > from { to + 1 } else { *to })?;
                let change = Change::Move { element, from: place, after };
                Ok((from != to).then_some(change).into_iter().collect())
            }
            _ => Err(WRONG_KIND),
        }
    }

    pub(super) fn apply(&mut self, id: Id, change: &Change, context: Context) {
        match change {
            Change::Insert { after, values } => {
                let mut after = *after;
                for (step, value) in values.iter().enumerate() {
                    let id = id.plus(step as u64);
                    self.places.insert(id, after, id, 1, context);
                    let item = Item { by: id, value: value.clone(), place: id, removed: false };
                    self.items.entry(id).or_insert(item);
                    after = Some(id);
                }
            }
            Change::Remove { from, count, .. } => {
                let gone: Vec<Id> = (0..*count).map(|step| from.plus(step)).collect();
                let places: Vec<Id> = gone.iter().flat_map(|id| self.places_of(*id)).collect();
                for element in &gone {
                    if let Some(item) = self.items.get_mut(element) {
                        item.removed = true;
                    }
                }
                for place in &places {
                    self.places.hide(*place, true, id);
                }
                self.places.outdate(if context.local { Vec::new() } else { places });
            }
            Change::Set { element, value } => {
                if let Some(item) = self.items.get_mut(element)
                    && item.by < id
                {
                    (item.by, item.value) = (id, value.clone());
                }
            }
            Change::Move { element, from, after } => self.put(id, *element, *from, *after, context),
            _ => {}
        }
    }

    fn places_of(&self, element: Id) -> Vec<Id> {
        let places = self.places.iter().filter(|place| place.content == element);
        places.map(|place| place.id).collect()
    }

    fn put(&mut self, id: Id, element: Id, from: Id, after: Option<Id>, context: Context) {
        self.places.insert(id, after, element, 1, context);
        let Some(item) = self.items.get_mut(&element) else { return };
        item.place = item.place.max(id);
        let (last, removed) = (item.place, item.removed);
        if self.flaw == Flaw::MovesDouble {
            // A move as a deletion and an insertion.
            self.places.hide(from, true, id);
            self.places.hide(id, removed, id);
            return;
        }
        for place in self.places_of(element) {
            self.places.hide(place, removed || place != last, id);
        }
    }
}
