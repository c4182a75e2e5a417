//! What a history did to which element: what most oracles begin from.
//!
//! Text characters, plain values of lists and maps, and nodes of trees are
//! *elements*. An element has an identity if nothing else that anybody inserted
//! in the whole history looks the same; the others are left out. What an edit
//! took away or overwrote is read from the state before it; where nobody looked
//! at that state, everything that the edit can have hit is exempt.

mod effect;
mod element;
mod place;

pub(super) use self::effect::node_at;
pub(super) use self::element::{Element, ElementNumber, Elements, Identity, shown};
pub(super) use self::place::{Place, PlaceNumber, PlaceStep, Places, Stands, Write};
use super::observed::{Made, MadeBy, Observed, Survival};
use crate::edit::{Action, ContainerKind, Edit, Value};

/// See the module.
pub(super) struct History<'a> {
    pub(super) observed: &'a Observed,
    pub(super) places: Places<'a>,
    pub(super) elements: Elements<'a>,
    /// By edit: whether others may have taken away what it took away. Engines
    /// may name a deletion by what it deleted, so that whoever has seen the one
    /// seems to hold the other.
    pub(super) shares: Vec<bool>,
    /// Whether anybody undid anything: what that did is not known.
    pub(super) undone: bool,
}

impl<'a> History<'a> {
    pub(super) fn of(observed: &'a Observed) -> Self {
        let mut history = Self {
            observed,
            places: Places::default(),
            elements: Elements::default(),
            shares: vec![false; observed.made.len()],
            undone: observed.made.iter().any(|made| made.by != MadeBy::Edit),
        };
        for (name, kind) in &observed.roots {
            let root = history.places.step(None, PlaceStep::Root(name));
            history.places.get_mut(root).kind = Some(*kind);
        }
        let all = || (0..).zip(&observed.made);
        let at: Vec<PlaceNumber> = all()
            .flat_map(|(number, made)| made.edits.iter().map(move |e| (number, e)))
            .map(|(number, edit)| history.count(number, edit))
            .collect();
        history.elements.settle();
        let mut at = at.into_iter();
        for (number, made) in all() {
            history.take_effects(number, made, at.by_ref().take(made.edits.len()));
        }
        history.settle();
        history
    }

    /// Notes what an edit inserts; where it is.
    fn count(&mut self, number: u32, edit: &'a Edit) -> PlaceNumber {
        let place = self.places.at(&edit.at);
        let Self { elements, places, .. } = self;
        match &edit.action {
            Action::InsertText { text, .. } => {
                for character in text.chars() {
                    elements.add(Identity::Character(character), number, place);
                }
            }
            Action::Put { key, value } => {
                let under = places.step(Some(place), PlaceStep::Key(key));
                match value {
                    Value::Scalar(scalar) => elements.add(Identity::Value(scalar), number, under),
                    other => self.count_fields(number, other, under),
                }
            }
            Action::Insert { values, .. } => {
                for value in values {
                    self.count_item(number, value, place);
                }
            }
            Action::Set { value, .. } => self.count_item(number, value, place),
            Action::CreateNode { label, .. } => {
                elements.add(Identity::Label(label), number, place);
            }
            Action::Increment { by } => places.get_mut(place).increments.push((number, *by)),
            _ => {}
        }
        place
    }

    fn count_item(&mut self, number: u32, value: &'a Value, place: PlaceNumber) {
        match value {
            Value::Scalar(scalar) => self.elements.add(Identity::Item(scalar), number, place),
            Value::Container(_) => {
                let below = self.places.step(Some(place), PlaceStep::Element);
                self.places.put(below, value);
            }
            Value::Object(_) => self.count_fields(number, value, place),
        }
    }

    /// The fields of an object are read back as values of a map. They come and
    /// go with it, so they get no identity of their own.
    fn count_fields(&mut self, number: u32, value: &'a Value, place: PlaceNumber) {
        let Value::Object(fields) = value else { return };
        for field in fields.values() {
            self.elements.add(Identity::Value(field), number, place);
            self.elements.add(Identity::Value(field), number, place);
        }
    }

    fn settle(&mut self) {
        for number in 0..self.places.all.len() {
            let lossy = self.key_is_lossy(&self.places.all[number].writes);
            self.places.all[number].lossy |= lossy;
        }
        self.places.settle(&self.observed.engine);
        for element in &self.elements.all {
            let alone = element.alone && element.gone_by.len() < 2;
            for edit in element.gone_by.iter().filter(|_| !alone) {
                self.shares[*edit as usize] = true;
            }
        }
        for place in &self.places.all {
            harm(&mut self.elements, place);
        }
    }

    /// Whether a container under a key may have lost its place to another
    /// writer: writes that did not know of each other, or nobody knows what of.
    fn key_is_lossy(&self, writes: &[Write<'_>]) -> bool {
        if writes.len() < 2 || !writes.iter().any(Write::puts_container) {
            return false;
        }
        let lossy = |one: &Write<'_>, other: &Write<'_>| {
            one.edit != other.edit && self.concurrent(one.edit, other.edit)
        };
        writes.iter().any(|write| !write.seen)
            || writes
                .iter()
                .enumerate()
                .any(|(place, one)| writes[place + 1..].iter().any(|other| lossy(one, other)))
    }

    pub(super) fn made(&self, edit: u32) -> &'a Made {
        &self.observed.made[edit as usize]
    }

    /// Whether the maker of an edit held another.
    pub(super) fn knew(&self, edit: u32, other: u32) -> bool {
        self.made(edit).knew.binary_search(&other).is_ok()
    }

    pub(super) fn concurrent(&self, one: u32, other: u32) -> bool {
        !self.knew(one, other) && !self.knew(other, one)
    }

    /// Whether an edit is still there at the end.
    pub(super) fn survived(&self, edit: u32) -> bool {
        self.made(edit).survived == Survival::Sure
    }

    /// Whether an edit may still be there at the end.
    pub(super) fn may_survive(&self, edit: u32) -> bool {
        self.made(edit).survived != Survival::Gone
    }

    /// The kind of the container that an element is in.
    pub(super) fn kind_of(&self, element: &Element<'_>) -> ContainerKind {
        match element.identity {
            Identity::Character(_) => ContainerKind::Text,
            Identity::Value(_) => ContainerKind::Map,
            Identity::Label(_) => ContainerKind::Tree,
            Identity::Item(_) => match self.places.get(element.place).kind {
                Some(ContainerKind::MovableList) => ContainerKind::MovableList,
                _ => ContainerKind::List,
            },
        }
    }

    /// "Step 5 at replica 1", for messages.
    pub(super) fn who(&self, edit: u32) -> String {
        let made = self.made(edit);
        format!("step {} at {}", made.step, made.replica)
    }
}

/// Marks the nodes of a tree that were deleted, or that may ever have stood
/// under one that was.
fn harm(elements: &mut Elements<'_>, place: &Place<'_>) {
    let mut harmed: Vec<&str> = Vec::new();
    for standing in &place.standings {
        if standing.what == Stands::Deleted {
            harmed.push(standing.label);
        }
    }
    let mut done = 0;
    while done < harmed.len() {
        for standing in &place.standings {
            if let Stands::Created(Some(parent)) | Stands::Moved(Some(parent)) = standing.what
                && parent == harmed[done]
                && !harmed.contains(&standing.label)
            {
                harmed.push(standing.label);
            }
        }
        done += 1;
    }
    for label in harmed {
        if let Some(element) = elements.label(label) {
            elements.all[element as usize].harmed = true;
        }
    }
}
