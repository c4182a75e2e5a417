//! Edits in a transaction.
//!
//! An operation on the document is made only where something changes. Two cases
//! are decided here because Automerge would make an operation: an increment by
//! nothing, and a mark over nothing. Bounds are checked here where Automerge
//! would do less than it was asked to: it deletes as much text as there is.

use automerge::marks::{ExpandMark, Mark};
use automerge::transaction::{Transactable, Transaction};
use automerge::{AutomergeError, ObjId, Prop, ReadDoc, hydrate};
use deadzone_core::edit::{Action, ContainerKind, Edit, Value};
use deadzone_core::engine::EngineError;

use crate::place::{Place, RootPlaces, misplaced, resolve};
use crate::shim;
use crate::value::{empty_counter, object_type, stored, whole};
use crate::{forest, movable};

/// Does `edit` in `transaction`.
///
/// # Errors
/// [`EngineError::Misplaced`]; the caller then rolls the transaction back.
pub(crate) fn apply(
    transaction: &mut Transaction<'_>,
    roots: &RootPlaces,
    edit: &Edit,
) -> Result<(), EngineError> {
    let place = resolve(transaction, roots, &edit.at)?;
    let done = match &place {
        Place::Text(text) => on_text(transaction, text, &edit.action),
        Place::Map(map) => on_map(transaction, map, &edit.action),
        Place::List(list) => on_list(transaction, list, &edit.action),
        Place::MovableList(list) => match &edit.action {
            Action::Move { from, to } => movable::relocate(transaction, list, *from, *to),
            action => on_list(transaction, list, action),
        },
        Place::Tree(tree) => forest::apply(transaction, tree, &edit.action),
        Place::Counter { holder, at } => on_counter(transaction, holder, at, &edit.action),
    };
    done.map_err(|wrong| wrong.at(edit))
}

/// Why an edit could not be done.
#[derive(Debug)]
pub(crate) enum Wrong {
    /// The action does not belong to the kind of container.
    Kind,
    /// An index, a label or a parent is not there.
    Place(&'static str),
    /// Automerge says no.
    Engine(AutomergeError),
}

impl From<AutomergeError> for Wrong {
    fn from(error: AutomergeError) -> Self {
        Self::Engine(error)
    }
}

impl Wrong {
    fn at(self, edit: &Edit) -> EngineError {
        match self {
            Self::Kind => misplaced("not an action of this kind of container", &edit.at),
            Self::Place(why) => misplaced(why, &edit.at),
            Self::Engine(error) => match error {
                AutomergeError::InvalidIndex(_)
                | AutomergeError::MissingCounter
                | AutomergeError::InvalidOp(_) => misplaced(&error.to_string(), &edit.at),
                _ => EngineError::Failed(error.to_string()),
            },
        }
    }
}

/// The error for an index or a count beyond the end.
pub(crate) const OUT_OF_BOUNDS: Wrong = Wrong::Place("out of bounds");

fn on_text(transaction: &mut Transaction<'_>, text: &ObjId, action: &Action) -> Result<(), Wrong> {
    match action {
        Action::InsertText { index, text: new } => {
            if new.is_empty() {
                return within(transaction, text, *index, 0).map(|_| ());
            }
            transaction.splice_text(text, *index as usize, 0, new)?;
        }
        Action::DeleteText { index, count } => {
            within(transaction, text, *index, *count)?;
            transaction.splice_text(text, *index as usize, *count as isize, "")?;
        }
        Action::Mark { index, count, name, value } => {
            let (start, end) = within(transaction, text, *index, *count)?;
            if start < end {
                mark(transaction, text, Mark::new(name.clone(), stored(value), start, end))?;
            }
        }
        _ => return Err(Wrong::Kind),
    }
    Ok(())
}

/// The range as Automerge counts it, if it lies in the text.
fn within(
    transaction: &Transaction<'_>,
    text: &ObjId,
    index: u32,
    count: u32,
) -> Result<(usize, usize), Wrong> {
    let (start, end) = (index as usize, index as usize + count as usize);
    if end > transaction.length(text) { Err(OUT_OF_BOUNDS) } else { Ok((start, end)) }
}

/// Sets or, with the value null, takes away a mark. It grows with what is typed
/// at its end. So does its absence: without that, text typed at the end of a
/// stretch whose mark was taken away would be marked, since the old mark grows.
pub(crate) fn mark(
    transaction: &mut Transaction<'_>,
    text: &ObjId,
    mark: Mark,
) -> Result<(), AutomergeError> {
    transaction.mark(text, mark, ExpandMark::After)
}

fn on_map(transaction: &mut Transaction<'_>, map: &ObjId, action: &Action) -> Result<(), Wrong> {
    match action {
        Action::Put { key, value } => put(transaction, map, key.into(), value),
        Action::Delete { key } => Ok(transaction.delete(map, key.as_str())?),
        _ => Err(Wrong::Kind),
    }
}

fn on_list(transaction: &mut Transaction<'_>, list: &ObjId, action: &Action) -> Result<(), Wrong> {
    match action {
        Action::Insert { index, values } => insert(transaction, list, *index as usize, values),
        Action::Set { index, value } => {
            let index = *index as usize;
            // A new object at a missing index is more than Automerge checks for.
            if !matches!(value, Value::Scalar(_)) && !has_element(transaction, list, index) {
                return Err(OUT_OF_BOUNDS);
            }
            put(transaction, list, index.into(), value)
        }
        Action::Remove { index, count } => {
            let (start, end) = (*index as usize, *index as usize + *count as usize);
            if end > 0 && !has_element(transaction, list, end - 1) {
                return Err(OUT_OF_BOUNDS);
            }
            for _ in start..end {
                transaction.delete(list, start)?;
            }
            Ok(())
        }
        _ => Err(Wrong::Kind),
    }
}

/// Whether the list has an element `index`, without counting them all.
pub(crate) fn has_element<D: ReadDoc>(document: &D, list: &ObjId, index: usize) -> bool {
    matches!(document.get(list, index), Ok(Some(_)))
}

fn insert(
    transaction: &mut Transaction<'_>,
    list: &ObjId,
    index: usize,
    values: &[Value],
) -> Result<(), Wrong> {
    match values {
        [] if index > 0 && !has_element(transaction, list, index - 1) => return Err(OUT_OF_BOUNDS),
        [] => {}
        [Value::Scalar(scalar)] => transaction.insert(list, index, stored(scalar))?,
        _ => shim::insert_all(transaction, list, index, values.iter().map(whole))?,
    }
    Ok(())
}

/// Puts `value` under a key of a map or in the place of an element of a list.
fn put(
    transaction: &mut Transaction<'_>,
    holder: &ObjId,
    at: Prop,
    value: &Value,
) -> Result<(), Wrong> {
    match value {
        Value::Scalar(scalar) => transaction.put(holder, at, stored(scalar))?,
        Value::Container(ContainerKind::Counter) => transaction.put(holder, at, empty_counter())?,
        Value::Container(
            kind @ (ContainerKind::Text | ContainerKind::Map | ContainerKind::List),
        ) => {
            let object = object_type(*kind).expect("only counters are no objects");
            transaction.put_object(holder, at, object)?;
        }
        Value::Container(_) | Value::Object(_) => {
            shim::make(transaction, holder, at, &whole(value), false)?;
        }
    }
    Ok(())
}

fn on_counter(
    transaction: &mut Transaction<'_>,
    holder: &ObjId,
    at: &Prop,
    action: &Action,
) -> Result<(), Wrong> {
    match action {
        Action::Increment { by: 0 } => Ok(()),
        Action::Increment { by } => Ok(transaction.increment(holder, at.clone(), *by)?),
        _ => Err(Wrong::Kind),
    }
}

/// Puts a whole value, as read from a document, into a list.
pub(crate) fn insert_whole(
    transaction: &mut Transaction<'_>,
    list: &ObjId,
    index: usize,
    value: hydrate::Value,
) -> Result<(), AutomergeError> {
    match value {
        hydrate::Value::Scalar(scalar) => transaction.insert(list, index, scalar),
        value => shim::make(transaction, list, index.into(), &value, true),
    }
}
