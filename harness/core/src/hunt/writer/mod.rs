//! Edits that mostly fit what their replica knows.
//!
//! Elements have identity: each character and each number is written once in a
//! world, but where a write that changes nothing is meant.

mod lists;
mod maps;
mod text;
mod trees;

use super::feature::{Feature, Features};
use super::profile::Profile;
use super::view::{Branch, Change, SPOTS_MAX, Spot, View};
use crate::document::Scalar;
use crate::edit::{Action, ContainerKind, Edit, Path, Position, Step, Value};
use crate::rng::Draws;
use crate::units::PartsPerMillion;

/// How many places everybody writes at under [`Feature::SamePlace`].
const PLACES: usize = 3;

/// A source of edits.
pub(super) struct Writer<'a> {
    pub(super) profile: &'a Profile,
    nesting: u32,
    draws: Draws,
    spots: Vec<Spot>,
    nodes: Vec<Branch>,
    /// How many roots there are: the first spots.
    roots: usize,
    places: [Position; PLACES],
    /// The container that was written in last.
    hot: u8,
    /// The stretch that was deleted or marked last.
    stretch: Option<(u8, Position, u32)>,
    numbers: i64,
    characters: u32,
    labels: u32,
    /// What the edit changes, for those who learn of it later.
    changes: Vec<Change>,
    /// The features that were used.
    pub(super) used: Features,
}

impl<'a> Writer<'a> {
    /// A writer, and the view of a new replica.
    pub(super) fn new(profile: &'a Profile, nesting: u32, mut draws: Draws) -> (Self, View) {
        let any = |draws: &mut Draws| Position::Share(draws.bits() as u32);
        let edges = [Position::START, Position::END, Position::Exact(1)];
        let places = [*draws.pick(&edges), any(&mut draws), Position::Exact(draws.below(4) as u32)];
        let mut writer = Self {
            profile,
            nesting,
            draws,
            spots: Vec::with_capacity(profile.roots.len()),
            nodes: Vec::new(),
            roots: profile.roots.len().min(SPOTS_MAX),
            places,
            hot: 0,
            stretch: None,
            numbers: 0,
            characters: 0,
            labels: 0,
            changes: Vec::new(),
            used: Features::NONE,
        };
        let mut view = View::default();
        for (name, kind) in profile.roots.iter().take(SPOTS_MAX) {
            writer.add_spot(&mut view, Path::root(name.clone()), *kind, None);
        }
        writer.hot = 0;
        writer.changes.clear();
        (writer, view)
    }

    /// One transaction by somebody who knows `view`, and what it changes.
    pub(super) fn transaction(&mut self, view: &mut View) -> (Vec<Edit<Position>>, Vec<Change>) {
        let mut count = 1;
        if self.may(Feature::Transactions, 35) {
            count = self.draws.between(2, 4);
        }
        let edits = (0..count).map(|_| self.edit(view)).collect();
        (edits, std::mem::take(&mut self.changes))
    }

    fn edit(&mut self, view: &mut View) -> Edit<Position> {
        let spot = self.spot(view);
        self.hot = spot;
        let action = match self.spots[usize::from(spot)].kind {
            ContainerKind::Text => self.in_text(view, spot),
            ContainerKind::Map => self.in_map(view, spot),
            ContainerKind::List => self.in_list(view, spot, false),
            ContainerKind::MovableList => self.in_list(view, spot, true),
            ContainerKind::Counter => self.in_counter(),
            ContainerKind::Tree => self.in_tree(view, spot),
        };
        Edit { at: self.spots[usize::from(spot)].at.clone(), action }
    }

    /// A container to write in: often the one that was written in last.
    fn spot(&mut self, view: &View) -> u8 {
        if self.percent(30) && view.has(&self.spots[usize::from(self.hot)]) {
            return self.hot;
        }
        let nested = self.spots.iter().skip(self.roots).filter(|spot| view.has(spot)).count();
        let (first, known) = match nested > 0 && self.percent(60) {
            true => (self.roots, nested),
            // Roots are always known.
            false => (0, self.roots),
        };
        let chosen = self.draws.below(known as u64) as usize;
        let spots = (0_u8..).zip(&self.spots).skip(first);
        let mut known = spots.filter(|(_, spot)| view.has(spot));
        known.nth(chosen).map_or(0, |(number, _)| number)
    }

    fn in_counter(&mut self) -> Action<Position> {
        self.used.insert(Feature::Increment);
        if self.may(Feature::NoOps, 10) {
            return Action::Increment { by: 0 };
        }
        let by = self.draws.between(1, 12) as i64;
        Action::Increment { by: if self.percent(35) { -by } else { by } }
    }

    /// One of the features that can be used now, by their rates.
    fn choose(&mut self, options: &[(Feature, bool)]) -> Option<Feature> {
        let rate = |option: &(Feature, bool)| match option {
            (feature, true) => u64::from(self.profile.rate(*feature)),
            (_, false) => 0,
        };
        let sum = options.iter().map(rate).sum();
        if sum == 0 {
            return None;
        }
        let mut drawn = self.draws.below(sum);
        for option in options {
            let rate = u64::from(self.profile.rate(option.0)) * u64::from(option.1);
            if drawn < rate {
                self.used.insert(option.0);
                return Some(option.0);
            }
            drawn -= rate;
        }
        None
    }

    /// Whether a feature that is on is used here.
    pub(super) fn may(&mut self, feature: Feature, percent: u32) -> bool {
        let used = self.profile.has(feature) && self.percent(percent);
        if used {
            self.used.insert(feature);
        }
        used
    }

    fn percent(&mut self, percent: u32) -> bool {
        self.draws.chance(PartsPerMillion(percent * 10_000))
    }

    fn place(&mut self) -> Position {
        if self.may(Feature::SamePlace, 60) {
            return *self.draws.pick(&self.places);
        }
        match self.draws.below(10) {
            0 => Position::START,
            1 => Position::END,
            2 => Position::Cursor(0),
            3 => Position::Exact(self.draws.below(6) as u32),
            _ => Position::Share(self.draws.bits() as u32),
        }
    }

    /// A stretch to delete or to mark; often the last one again.
    fn stretch(&mut self, spot: u8, most: u64) -> (Position, u32) {
        if let Some((same, index, count)) = self.stretch
            && same == spot
            && self.may(Feature::SameStretch, 60)
        {
            return (index, count);
        }
        let (index, count) = (self.place(), self.draws.between(1, most) as u32);
        self.stretch = Some((spot, index, count));
        (index, count)
    }

    fn number(&mut self) -> i64 {
        self.numbers += 1;
        self.numbers
    }

    /// A value that nobody has written yet.
    fn value(&mut self) -> Value {
        let number = self.number();
        if self.may(Feature::Objects, 20) {
            let mut fields = std::collections::BTreeMap::new();
            fields.insert("x".to_owned(), Scalar::Int(number));
            if self.percent(50) {
                fields.insert("y".to_owned(), Scalar::Int(self.number()));
            }
            return Value::Object(fields);
        }
        Value::Scalar(match self.percent(10) {
            true => Scalar::Text(format!("v{number}")),
            false => Scalar::Int(number),
        })
    }

    fn change(&mut self, view: &mut View, change: Change) {
        view.apply(change);
        self.changes.push(change);
    }

    /// Notes that there is a new container.
    fn add_spot(
        &mut self,
        view: &mut View,
        at: Path<Position>,
        kind: ContainerKind,
        parent: Option<u8>,
    ) {
        let number = self.spots.len();
        if number == SPOTS_MAX {
            return;
        }
        let parent = parent.map(|parent| (parent, &self.spots[usize::from(parent)]));
        let mut spot = Spot::new(number, at, kind, parent);
        let is_list = matches!(kind, ContainerKind::List | ContainerKind::MovableList);
        if is_list && self.nests_at(spot.depth) && self.profile.has(Feature::NestInList) {
            let rows = self.percent(50).then(|| *self.draws.pick(&self.profile.nested));
            spot.rows = rows;
        }
        self.spots.push(spot);
        self.change(view, Change::Made(number as u8));
        // An empty container finds nothing: it is written in soon.
        self.hot = number as u8;
    }

    /// Whether containers may stand in one at this depth.
    fn nests_at(&self, depth: u32) -> bool {
        depth < self.nesting && !self.profile.nested.is_empty()
    }

    /// The containers in `parent` by this step, as far as `view` knows.
    fn forget_child(&mut self, view: &mut View, parent: u8, step: &Step<Position>) {
        for number in 0..self.spots.len() {
            let spot = &self.spots[number];
            let there = spot.parent == Some(parent) && spot.at.steps.last() == Some(step);
            if there && view.has(spot) {
                self.change(view, Change::Gone(number as u8));
            }
        }
    }

    /// The last container in `parent` that `view` knows; that which was written
    /// in last goes first.
    fn child(&self, view: &View, parent: u8) -> Option<u8> {
        let is_child = |number: u8| {
            let spot = &self.spots[usize::from(number)];
            spot.parent == Some(parent) && view.has(spot)
        };
        if is_child(self.hot) {
            return Some(self.hot);
        }
        (self.roots as u8..self.spots.len() as u8).rev().find(|number| is_child(*number))
    }

    fn path_to(&self, parent: u8, step: Step<Position>) -> Path<Position> {
        self.spots[usize::from(parent)].at.clone().then(step)
    }
}
