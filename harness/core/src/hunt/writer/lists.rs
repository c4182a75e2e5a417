//! Edits of lists, movable or not.

use super::Writer;
use crate::edit::{Action, Position, Step, Value};
use crate::hunt::feature::Feature;
use crate::hunt::view::{Change, View};

/// Where in a list of containers one is looked for: these lead somewhere
/// whatever is inserted or removed, as long as one is left.
const ROWS: [Position; 3] = [Position::START, Position::END, Position::Share(1 << 31)];

impl Writer<'_> {
    pub(super) fn in_list(&mut self, view: &mut View, spot: u8, movable: bool) -> Action<Position> {
        let length = view.size(spot);
        let list = &self.spots[usize::from(spot)];
        let rows = list.rows;
        // A list of containers stays one, but where containers are overwritten.
        let loose = rows.is_none() || self.profile.has(Feature::Overwrite);
        let nests = rows.is_none() && self.nests_at(list.depth);
        let options = [
            (Feature::InsertElement, true),
            (Feature::NestInList, nests),
            (Feature::SetElement, length > 0 && loose),
            (Feature::RemoveElement, length > 0),
            (Feature::MoveElement, length > 1 && movable),
        ];
        match self.choose(&options) {
            Some(Feature::NestInList) => self.nest_in_list(view, spot, length),
            Some(Feature::SetElement) => self.set(view, spot),
            Some(Feature::RemoveElement) => {
                let (index, count) = self.stretch(spot, 3);
                let count = if self.may(Feature::NoOps, 5) { 0 } else { count };
                self.change(view, Change::Grown(spot, -(count.min(length) as i16)));
                if count >= length {
                    ROWS.iter().for_each(|at| self.forget_child(view, spot, &Step::Element(*at)));
                }
                Action::Remove { index, count }
            }
            Some(Feature::MoveElement) => {
                let from = self.place();
                let to = if self.may(Feature::NoOps, 10) { from } else { self.place() };
                Action::Move { from, to }
            }
            _ if rows.is_some() => self.insert_row(view, spot),
            _ => {
                let count = if self.percent(60) { 1 } else { self.draws.between(2, 4) };
                let values: Vec<Value> = (0..count).map(|_| self.value()).collect();
                self.change(view, Change::Grown(spot, values.len() as i16));
                Action::Insert { index: self.place(), values }
            }
        }
    }

    fn set(&mut self, view: &mut View, spot: u8) -> Action<Position> {
        let list = &self.spots[usize::from(spot)];
        let nests = self.nests_at(list.depth);
        let index = match self.child(view, spot) {
            Some(child) if self.may(Feature::Overwrite, 60) => {
                match self.spots[usize::from(child)].at.steps.last() {
                    Some(Step::Element(index)) => *index,
                    _ => unreachable!("what is in a list is an element"),
                }
            }
            _ => self.place(),
        };
        self.forget_child(view, spot, &Step::Element(index));
        if nests && self.may(Feature::NestInList, 30) {
            let rows = self.spots[usize::from(spot)].rows;
            let kind = rows.unwrap_or(*self.draws.pick(&self.profile.nested));
            let at = self.path_to(spot, Step::Element(index));
            self.add_spot(view, at, kind, Some(spot));
            return Action::Set { index, value: Value::Container(kind) };
        }
        Action::Set { index, value: self.value() }
    }

    /// A container among plain elements. It is found again while nothing before
    /// it comes or goes.
    fn nest_in_list(&mut self, view: &mut View, spot: u8, length: u32) -> Action<Position> {
        self.used.insert(Feature::InsertElement);
        let kind = *self.draws.pick(&self.profile.nested);
        let index = Position::Exact(self.draws.below(u64::from(length.min(3)) + 1) as u32);
        let at = self.path_to(spot, Step::Element(index));
        self.forget_child(view, spot, &Step::Element(index));
        self.add_spot(view, at, kind, Some(spot));
        self.change(view, Change::Grown(spot, 1));
        Action::Insert { index, values: vec![Value::Container(kind)] }
    }

    /// A container in a list that has only such ones.
    fn insert_row(&mut self, view: &mut View, spot: u8) -> Action<Position> {
        self.used.insert(Feature::NestInList);
        let kind = self.spots[usize::from(spot)].rows.expect("a list of containers");
        let index = *self.draws.pick(&ROWS);
        let step = Step::Element(index);
        // What stood in the row that was there until now is not in this one.
        self.forget_child(view, spot, &step);
        let at = self.path_to(spot, step);
        self.add_spot(view, at, kind, Some(spot));
        self.change(view, Change::Grown(spot, 1));
        Action::Insert { index, values: vec![Value::Container(kind)] }
    }
}
