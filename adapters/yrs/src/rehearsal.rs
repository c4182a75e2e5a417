//! A transaction of several edits, tried out before the document is touched.
//!
//! Only what decides whether an edit is possible is followed: lengths, keys,
//! kinds, and the trees that are edited. Containers are looked at when an edit
//! first comes by; what no edit comes by stays in the document.

use std::collections::BTreeMap;

use deadzone_core::edit::{Action, ContainerKind, Edit, Step, Value};
use deadzone_core::engine::EngineError;
use yrs::{Array, ArrayRef, Map, MapRef, Out, ReadTxn, Text};

use crate::editor::{Editor, OUT_OF_BOUNDS, RESERVED, WRONG_KIND, change_of_tree, within};
use crate::target::{RESERVED_KEY, Target, misplaced};
use crate::tree::Forest;

type Outcome = Result<(), &'static str>;

/// Whether all of `edits` can be done, one after the other.
///
/// # Errors
/// [`EngineError::Misplaced`] as [`Editor::apply`] would give.
pub(crate) fn rehearse<T: ReadTxn>(
    txn: &T,
    editor: &Editor,
    edits: &[Edit],
) -> Result<(), EngineError> {
    let mut roots: BTreeMap<&str, Shape> = BTreeMap::new();
    for edit in edits {
        let name = edit.at.root.as_str();
        if !roots.contains_key(name) {
            let root = editor.roots.get(name);
            let root = root.ok_or_else(|| misplaced(&edit.at, "no such root"))?;
            roots.insert(name, Shape::of(txn, root.clone()));
        }
        let root = roots.get_mut(name).expect("just put there");
        edit.at
            .steps
            .iter()
            .try_fold(root, |shape, step| shape.child(txn, step))
            .ok_or("no such container")
            .and_then(|shape| shape.apply(txn, &edit.action, editor.client()))
            .map_err(|why| misplaced(&edit.at, why))?;
    }
    Ok(())
}

/// What matters of a value.
#[derive(Debug)]
enum Shape {
    Plain,
    /// The length.
    Text(u32),
    /// The map in the document, and what is different from it.
    Map(Option<MapRef>, BTreeMap<String, Option<Self>>),
    List(Pieces),
    MovableList(Pieces),
    Counter,
    Tree(Forest),
}

/// A list as stretches of the array in the document and elements of their own.
#[derive(Debug)]
struct Pieces {
    array: Option<ArrayRef>,
    pieces: Vec<Piece>,
}

#[derive(Debug)]
enum Piece {
    /// `count` elements from `start` on, as in the document.
    Kept { start: u32, count: u32 },
    /// `count` plain values that are new.
    Plain { count: u32 },
    /// One element that an edit made or came by.
    Own(Shape),
}

impl Shape {
    fn of<T: ReadTxn>(txn: &T, target: Target) -> Self {
        match target {
            Target::Text(text) => Self::Text(text.len(txn)),
            Target::Map(map) => Self::Map(Some(map), BTreeMap::new()),
            Target::List(array) => Self::List(Pieces::of(txn, array)),
            Target::MovableList(array) => Self::MovableList(Pieces::of(txn, array)),
            Target::Counter(_) => Self::Counter,
            Target::Tree(map) => Self::Tree(Forest::read(txn, &map)),
        }
    }

    fn of_value<T: ReadTxn>(txn: &T, value: Out) -> Self {
        Target::nested(txn, value).map_or(Self::Plain, |target| Self::of(txn, target))
    }

    fn new(value: &Value) -> Self {
        let Value::Container(kind) = value else {
            return Self::Plain;
        };
        match kind {
            ContainerKind::Text => Self::Text(0),
            ContainerKind::Map => Self::Map(None, BTreeMap::new()),
            ContainerKind::List | ContainerKind::MovableList => {
                Self::MovableList(Pieces { array: None, pieces: Vec::new() })
            }
            ContainerKind::Counter => Self::Counter,
            ContainerKind::Tree => Self::Tree(Forest::default()),
        }
    }

    fn child<T: ReadTxn>(&mut self, txn: &T, step: &Step) -> Option<&mut Self> {
        match (self, step) {
            (Self::Map(map, changed), Step::Key(key)) => {
                if !changed.contains_key(key) {
                    let value = map.as_ref().and_then(|map| map.get(txn, key))?;
                    changed.insert(key.clone(), Some(Self::of_value(txn, value)));
                }
                changed.get_mut(key)?.as_mut()
            }
            (Self::List(pieces) | Self::MovableList(pieces), Step::Element(index)) => {
                pieces.element(txn, *index)
            }
            _ => None,
        }
    }

    fn apply<T: ReadTxn>(&mut self, txn: &T, action: &Action, client: u64) -> Outcome {
        match self {
            Self::Plain => Err("a plain value, not a container"),
            Self::Text(length) => apply_to_text(length, action),
            Self::Map(_, changed) => apply_to_map(changed, action),
            Self::List(pieces) => pieces.apply(action),
            Self::MovableList(pieces) => match action {
                Action::Move { from, to } => pieces.relocate(txn, *from, *to),
                action => pieces.apply(action),
            },
            Self::Counter => match action {
                Action::Increment { .. } => Ok(()),
                _ => Err(WRONG_KIND),
            },
            Self::Tree(forest) => {
                let change = change_of_tree(forest, action, client)?;
                *forest = std::mem::take(forest).after(change);
                Ok(())
            }
        }
    }
}

fn apply_to_text(length: &mut u32, action: &Action) -> Outcome {
    match action {
        Action::InsertText { index, text } => {
            within(*index, 0, *length)?;
            *length += text.encode_utf16().count() as u32;
        }
        Action::DeleteText { index, count } => {
            within(*index, *count, *length)?;
            *length -= count;
        }
        Action::Mark { index, count, .. } => within(*index, *count, *length)?,
        _ => return Err(WRONG_KIND),
    }
    Ok(())
}

fn apply_to_map(changed: &mut BTreeMap<String, Option<Shape>>, action: &Action) -> Outcome {
    let (key, shape) = match action {
        Action::Put { key, value } => (key, Some(Shape::new(value))),
        Action::Delete { key } => (key, None),
        _ => return Err(WRONG_KIND),
    };
    if key == RESERVED_KEY {
        return Err(RESERVED);
    }
    changed.insert(key.clone(), shape);
    Ok(())
}

impl Pieces {
    fn of<T: ReadTxn>(txn: &T, array: ArrayRef) -> Self {
        let kept = Piece::Kept { start: 0, count: array.len(txn) };
        Self { array: Some(array), pieces: vec![kept] }
    }

    fn length(&self) -> u32 {
        self.pieces.iter().map(Piece::count).sum()
    }

    /// Where in `pieces` the element at `index` begins, after cutting the piece
    /// that it is in. `index` is within the length.
    fn cut(&mut self, index: u32) -> usize {
        let mut left = index;
        for place in 0..self.pieces.len() {
            let count = self.pieces[place].count();
            if left < count {
                if left == 0 {
                    return place;
                }
                let tail = self.pieces[place].split(left);
                self.pieces.insert(place + 1, tail);
                return place + 1;
            }
            left -= count;
        }
        self.pieces.len()
    }

    fn element<T: ReadTxn>(&mut self, txn: &T, index: u32) -> Option<&mut Shape> {
        within(index, 1, self.length()).ok()?;
        let place = self.cut(index);
        self.cut(index + 1);
        let own = match &self.pieces[place] {
            Piece::Own(_) => None,
            Piece::Plain { .. } => Some(Shape::Plain),
            Piece::Kept { start, .. } => {
                let value = self.array.as_ref()?.get(txn, *start)?;
                Some(Shape::of_value(txn, value))
            }
        };
        if let Some(shape) = own {
            self.pieces[place] = Piece::Own(shape);
        }
        match &mut self.pieces[place] {
            Piece::Own(shape) => Some(shape),
            _ => None,
        }
    }

    fn insert(&mut self, index: u32, values: &[Value]) {
        let mut new: Vec<Piece> = Vec::new();
        for value in values {
            match (Shape::new(value), new.last_mut()) {
                (Shape::Plain, Some(Piece::Plain { count })) => *count += 1,
                (Shape::Plain, _) => new.push(Piece::Plain { count: 1 }),
                (shape, _) => new.push(Piece::Own(shape)),
            }
        }
        let place = self.cut(index);
        self.pieces.splice(place..place, new);
    }

    fn remove(&mut self, index: u32, count: u32) {
        let (start, end) = (self.cut(index), self.cut(index + count));
        // The second cut may have come before the first, which moved it.
        let start = start.min(end);
        self.pieces.drain(start..end);
    }

    fn apply(&mut self, action: &Action) -> Outcome {
        match action {
            Action::Insert { index, values } => {
                within(*index, 0, self.length())?;
                self.insert(*index, values);
            }
            Action::Set { index, value } => {
                within(*index, 1, self.length())?;
                self.remove(*index, 1);
                self.insert(*index, std::slice::from_ref(value));
            }
            Action::Remove { index, count } => {
                within(*index, *count, self.length())?;
                self.remove(*index, *count);
            }
            _ => return Err(WRONG_KIND),
        }
        Ok(())
    }

    fn relocate<T: ReadTxn>(&mut self, txn: &T, from: u32, to: u32) -> Outcome {
        let length = self.length();
        within(from, 1, length)?;
        within(to, 1, length)?;
        self.element(txn, from).ok_or(OUT_OF_BOUNDS)?;
        let place = self.cut(from);
        let element = self.pieces.remove(place);
        let place = self.cut(to);
        self.pieces.insert(place, element);
        Ok(())
    }
}

impl Piece {
    fn count(&self) -> u32 {
        match self {
            Self::Kept { count, .. } | Self::Plain { count } => *count,
            Self::Own(_) => 1,
        }
    }

    /// Leaves the first `length` elements and gives the others.
    fn split(&mut self, length: u32) -> Self {
        match self {
            Self::Kept { start, count } => {
                let tail = Self::Kept { start: *start + length, count: *count - length };
                *count = length;
                tail
            }
            Self::Plain { count } => {
                let tail = Self::Plain { count: *count - length };
                *count = length;
                tail
            }
            Self::Own(_) => unreachable!("one element is never cut"),
        }
    }
}
