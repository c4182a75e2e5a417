//! Containers, by the way to them.
//!
//! A document gives its containers no identity, and indices of lists shift. So
//! a *place* is a path with its indices left out: all containers that were ever
//! under one key, and all elements of one list, are one place. That is coarse
//! in the safe direction: what may have happened to one container of a place is
//! taken to have happened to all.

use crate::edit::{ContainerKind, Path, Step, Value};
use crate::engine::{EngineInfo, Support};

/// The number of a [`Place`]; those of parents are smaller.
pub(in crate::check) type PlaceNumber = u32;

/// The last step to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) enum PlaceStep<'a> {
    Root(&'a str),
    Key(&'a str),
    Element,
}

/// See the module.
#[derive(Debug)]
pub(in crate::check) struct Place<'a> {
    pub(in crate::check) parent: Option<PlaceNumber>,
    pub(in crate::check) step: PlaceStep<'a>,
    /// The kind of what was put here; none for plain values.
    pub(in crate::check) kind: Option<ContainerKind>,
    /// The kinds that were put here before that.
    pub(in crate::check) other_kinds: Vec<ContainerKind>,
    /// Containers of several kinds were put here.
    pub(in crate::check) mixed: bool,
    /// It is, or stands in, something that the adapter builds.
    pub(in crate::check) built: bool,
    /// Somebody may have deleted or replaced a container here, or one above.
    pub(in crate::check) lossy: bool,
    /// Somebody took things directly out of here, and it is not known which.
    pub(in crate::check) unseen_removals: bool,
    /// Somebody moved elements directly in here, and it is not known which.
    pub(in crate::check) unseen_moves: bool,
    /// Somebody moved elements directly in here.
    pub(in crate::check) moves: bool,
    /// Every value that was put under this key, and every deletion of it.
    pub(in crate::check) writes: Vec<Write<'a>>,
    /// The increments of counters here.
    pub(in crate::check) increments: Vec<(u32, i64)>,
    /// What was done to the nodes of trees here.
    pub(in crate::check) standings: Vec<Standing<'a>>,
    /// The marks put on texts here: number in the history, number in the edit.
    pub(in crate::check) marks: Vec<(u32, u32)>,
}

/// A key was written.
#[derive(Clone, Copy, Debug)]
pub(in crate::check) struct Write<'a> {
    pub(in crate::check) edit: u32,
    /// None: deleted.
    pub(in crate::check) value: Option<&'a Value>,
    /// Whether the state before it is known.
    pub(in crate::check) seen: bool,
}

impl Write<'_> {
    pub(in crate::check) fn puts_container(&self) -> bool {
        matches!(self.value, Some(Value::Container(_)))
    }
}

/// A node of a tree was put somewhere.
#[derive(Clone, Copy, Debug)]
pub(in crate::check) struct Standing<'a> {
    pub(in crate::check) edit: u32,
    pub(in crate::check) label: &'a str,
    pub(in crate::check) what: Stands<'a>,
}

/// How a node of a tree stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) enum Stands<'a> {
    /// Newly under this parent, or at the top.
    Created(Option<&'a str>),
    /// Under another parent, or at the top.
    Moved(Option<&'a str>),
    Deleted,
}

/// All places of a history.
#[derive(Debug, Default)]
pub(in crate::check) struct Places<'a> {
    pub(in crate::check) all: Vec<Place<'a>>,
}

impl<'a> Places<'a> {
    /// The place at the end of a path.
    pub(in crate::check) fn at(&mut self, path: &'a Path) -> PlaceNumber {
        let mut place = self.step(None, PlaceStep::Root(&path.root));
        for step in &path.steps {
            let step = match step {
                Step::Key(key) => PlaceStep::Key(key),
                Step::Element(_) => PlaceStep::Element,
            };
            place = self.step(Some(place), step);
        }
        place
    }

    /// The place a step below another.
    pub(in crate::check) fn step(
        &mut self,
        parent: Option<PlaceNumber>,
        step: PlaceStep<'a>,
    ) -> PlaceNumber {
        let known = self.find(parent, step);
        known.unwrap_or_else(|| {
            self.all.push(Place {
                parent,
                step,
                kind: None,
                other_kinds: Vec::new(),
                mixed: false,
                built: false,
                lossy: false,
                unseen_removals: false,
                unseen_moves: false,
                moves: false,
                writes: Vec::new(),
                increments: Vec::new(),
                standings: Vec::new(),
                marks: Vec::new(),
            });
            self.all.len() as u32 - 1
        })
    }

    /// The same, if there is one.
    pub(in crate::check) fn find(
        &self,
        parent: Option<PlaceNumber>,
        step: PlaceStep<'_>,
    ) -> Option<PlaceNumber> {
        let is = |place: &Place<'_>| place.parent == parent && place.step == step;
        self.all.iter().position(is).map(|number| number as u32)
    }

    pub(in crate::check) fn get(&self, place: PlaceNumber) -> &Place<'a> {
        &self.all[place as usize]
    }

    pub(in crate::check) fn get_mut(&mut self, place: PlaceNumber) -> &mut Place<'a> {
        &mut self.all[place as usize]
    }

    /// A value was put there.
    pub(in crate::check) fn put(&mut self, place: PlaceNumber, value: &Value) {
        let Value::Container(kind) = value else { return };
        let place = self.get_mut(place);
        if let Some(known) = place.kind.replace(*kind)
            && known != *kind
        {
            place.mixed = true;
            place.other_kinds.push(known);
        }
    }

    /// Hands down what holds of a place to those below it.
    pub(in crate::check) fn settle(&mut self, engine: &EngineInfo) {
        for number in 0..self.all.len() {
            let parent = self.all[number].parent.map(|parent| self.get(parent));
            let (built, lossy) = parent.map_or((false, false), |p| (p.built, p.lossy || p.mixed));
            let place = &mut self.all[number];
            let is_built = |kind: &ContainerKind| {
                *kind != ContainerKind::Counter
                    && matches!(engine.containers.get(kind), Some(Support::Built(_)))
            };
            place.built |= built || place.kind.iter().chain(&place.other_kinds).any(is_built);
            place.lossy |= lossy;
        }
    }

    /// The names from the root to a place, as a person writes them.
    pub(in crate::check) fn name(&self, place: PlaceNumber) -> String {
        let place = self.get(place);
        let above = place.parent.map(|parent| self.name(parent)).unwrap_or_default();
        match place.step {
            PlaceStep::Root(name) => format!("`{name}`"),
            PlaceStep::Key(key) => format!("{above}/`{key}`"),
            PlaceStep::Element => format!("{above}/element"),
        }
    }
}
