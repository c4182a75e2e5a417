//! Places: what stands where a path leads.

use std::collections::BTreeMap;

use automerge::{ObjId, ObjType, Prop, ReadDoc, Value};
use deadzone_core::edit::{Path, Step};
use deadzone_core::engine::EngineError;

/// The key under which a nested movable list or tree sits in a map of its own.
pub const WRAPPER: &str = "\u{1}";

/// A container in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A text object.
    Text(ObjId),
    /// A map object.
    Map(ObjId),
    /// A list object.
    List(ObjId),
    /// The list object of a movable list.
    MovableList(ObjId),
    /// The map object of a tree.
    Tree(ObjId),
    /// A counter, which is a value and no object.
    Counter {
        /// The map or list that it stands in.
        holder: ObjId,
        /// Its key or index there.
        at: Prop,
    },
}

/// The places of the roots by name: found once, they never change.
pub(crate) type RootPlaces = BTreeMap<String, Place>;

/// The place that `path` leads to. Costs one look-up for each step, and one
/// more where the path ends at a nested map, to see whether it is a wrapper.
///
/// # Errors
/// [`EngineError::Misplaced`] if there is no container.
pub(crate) fn resolve<D: ReadDoc>(
    document: &D,
    roots: &RootPlaces,
    path: &Path,
) -> Result<Place, EngineError> {
    let nothing = || misplaced("nothing is there", path);
    let mut place = roots.get(path.root.as_str()).ok_or_else(nothing)?.clone();
    let mut steps = path.steps.iter().peekable();
    while let Some(step) = steps.next() {
        let (holder, prop): (&ObjId, Prop) = match (&place, step) {
            (Place::Map(map), Step::Key(key)) => (map, key.into()),
            (Place::List(list) | Place::MovableList(list), Step::Element(index)) => {
                (list, (*index as usize).into())
            }
            _ => return Err(nothing()),
        };
        let (value, id) = document.get(holder, prop).ok().flatten().ok_or_else(nothing)?;
        place = match value {
            Value::Object(ObjType::Text) => Place::Text(id),
            Value::Object(ObjType::List) => Place::List(id),
            // What is looked up by key next is a map, or else is not found.
            Value::Object(_) if matches!(steps.peek(), Some(Step::Key(_))) => Place::Map(id),
            Value::Object(_) => unwrap(document, id),
            Value::Scalar(scalar) if scalar.is_counter() => {
                Place::Counter { holder: holder.clone(), at: prop_of(step) }
            }
            Value::Scalar(_) => return Err(misplaced("a plain value is there", path)),
        };
    }
    Ok(place)
}

/// What the map `map` is: itself, or what it wraps.
pub(crate) fn unwrap<D: ReadDoc>(document: &D, map: ObjId) -> Place {
    match document.get(&map, WRAPPER) {
        Ok(Some((Value::Object(ObjType::List), list))) => Place::MovableList(list),
        Ok(Some((Value::Object(ObjType::Map), tree))) => Place::Tree(tree),
        _ => Place::Map(map),
    }
}

fn prop_of(step: &Step) -> Prop {
    match step {
        Step::Key(key) => key.into(),
        Step::Element(index) => (*index as usize).into(),
    }
}

/// The error for an edit at `path` that does not fit.
pub(crate) fn misplaced(why: &str, path: &Path) -> EngineError {
    EngineError::Misplaced(format!("{why}: {path:?}"))
}
