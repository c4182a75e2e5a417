//! Edits of maps.

use super::Writer;
use crate::document::Scalar;
use crate::edit::{Action, ContainerKind, Position, Step, Value};
use crate::hunt::feature::Feature;
use crate::hunt::view::{Change, KEYS, View};

impl Writer<'_> {
    pub(super) fn in_map(&mut self, view: &mut View, spot: u8) -> Action<Position> {
        let nests = self.nests_at(self.spots[usize::from(spot)].depth);
        let overwrites = self.profile.has(Feature::Overwrite) && self.child(view, spot).is_some();
        let deletes = view.has_any_key(spot) || overwrites || self.profile.has(Feature::NoOps);
        let options =
            [(Feature::Put, true), (Feature::NestInMap, nests), (Feature::DeleteKey, deletes)];
        match self.choose(&options) {
            Some(Feature::NestInMap) => self.nest_in_map(view, spot),
            Some(Feature::DeleteKey) => self.delete_key(view, spot),
            _ => self.put(view, spot),
        }
    }

    fn put(&mut self, view: &mut View, spot: u8) -> Action<Position> {
        if let Some(key) = self.key_to_overwrite(view, spot) {
            return Action::Put { key, value: self.value() };
        }
        let key = self.plain_key();
        let last = self.spots[usize::from(spot)].last[key];
        if last != 0 && self.may(Feature::NoOps, 30) {
            self.change(view, Change::Key(spot, key as u8));
            return put(KEYS[key], Value::Scalar(Scalar::Int(last)));
        }
        let value = self.value();
        if let Value::Scalar(Scalar::Int(number)) = value {
            self.spots[usize::from(spot)].last[key] = number;
        }
        self.change(view, Change::Key(spot, key as u8));
        put(KEYS[key], value)
    }

    /// A container's usual key is its kind's name; when something is to be
    /// overwritten, any will do.
    fn nest_in_map(&mut self, view: &mut View, spot: u8) -> Action<Position> {
        let kind = *self.draws.pick(&self.profile.nested);
        let key = if self.may(Feature::Overwrite, 30) {
            match self.draws.below(2) {
                0 => KEYS[self.plain_key()],
                _ => self.draws.pick(&ContainerKind::ALL).name(),
            }
        } else {
            kind.name()
        };
        let step = Step::Key(key.to_owned());
        let taken = self.spots.iter().any(|child| {
            child.parent == Some(spot) && child.at.steps.last() == Some(&step) && view.has(child)
        });
        if taken && !self.profile.has(Feature::Overwrite) && self.profile.has(Feature::Put) {
            return self.put(view, spot);
        }
        self.forget_child(view, spot, &step);
        let at = self.path_to(spot, step);
        self.add_spot(view, at, kind, Some(spot));
        put(key, Value::Container(kind))
    }

    fn delete_key(&mut self, view: &mut View, spot: u8) -> Action<Position> {
        if let Some(key) = self.key_to_overwrite(view, spot) {
            return Action::Delete { key };
        }
        let mut key = self.plain_key();
        if !self.may(Feature::NoOps, 20)
            && !view.has_key(spot, key)
            && let Some(present) = (0..KEYS.len()).find(|key| view.has_key(spot, *key))
        {
            key = present;
        }
        self.change(view, Change::NoKey(spot, key as u8));
        Action::Delete { key: KEYS[key].to_owned() }
    }

    /// The key of a container that is to be overwritten or deleted.
    fn key_to_overwrite(&mut self, view: &mut View, spot: u8) -> Option<String> {
        let child = self.child(view, spot)?;
        if !self.may(Feature::Overwrite, 45) {
            return None;
        }
        let Some(Step::Key(key)) = self.spots[usize::from(child)].at.steps.last().cloned() else {
            unreachable!("what is in a map is under a key")
        };
        self.forget_child(view, spot, &Step::Key(key.clone()));
        Some(key)
    }

    fn plain_key(&mut self) -> usize {
        let count = if self.may(Feature::SamePlace, 60) { 1 } else { KEYS.len() as u64 };
        self.draws.below(count) as usize
    }
}

fn put(key: &str, value: Value) -> Action<Position> {
    Action::Put { key: key.to_owned(), value }
}
