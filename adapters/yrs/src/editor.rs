//! Edits, done on the document. Each checks everything before it changes
//! anything: yrs panics on bad indices and takes nothing back.

use std::sync::Arc;

use deadzone_core::document::Scalar;
use deadzone_core::edit::{Action, Edit, Value};
use deadzone_core::engine::EngineError;
use yrs::{Any, Array, ArrayRef, Map, MapRef, Out, ReadTxn, Text, TextRef, TransactionMut};

use crate::deep_copy::DeepCopy;
use crate::shim::{self, ClientID};
use crate::target::{Place, RESERVED_KEY, RootTargets, Target, misplaced};
use crate::tree::{Change, Forest};
use crate::values;

pub(crate) const WRONG_KIND: &str = "not an action of this kind of container";
pub(crate) const OUT_OF_BOUNDS: &str = "out of bounds";
pub(crate) const RESERVED: &str = "the key is reserved";

type Outcome = Result<(), &'static str>;

/// Does edits in the name of one client.
#[derive(Debug)]
pub(crate) struct Editor {
    pub(crate) roots: RootTargets,
    client: u64,
    /// The client's key in counters.
    counter_key: Arc<str>,
}

impl Editor {
    pub(crate) fn new(roots: RootTargets, client: ClientID) -> Self {
        Self { roots, client: shim::number_of(client), counter_key: client.to_string().into() }
    }

    /// The client id.
    pub(crate) fn client(&self) -> u64 {
        self.client
    }

    /// Does one edit.
    pub(crate) fn apply(&self, txn: &mut TransactionMut, edit: &Edit) -> Result<(), EngineError> {
        let Some(target) = self.roots.find(txn, &edit.at) else {
            return Err(misplaced(&edit.at, "no such container"));
        };
        let outcome = match &target {
            Target::Text(text) => edit_text(txn, text, &edit.action),
            Target::Map(map) => edit_map(txn, map, &edit.action),
            Target::MovableList(array) => match &edit.action {
                Action::Move { from, to } => move_element(txn, array, *from, *to),
                action => edit_list(txn, array, action),
            },
            Target::List(array) => edit_list(txn, array, &edit.action),
            Target::Counter(map) => match &edit.action {
                Action::Increment { by } => self.increment(txn, map, *by),
                _ => Err(WRONG_KIND),
            },
            Target::Tree(map) => self.edit_tree(txn, map, &edit.action),
        };
        outcome.map_err(|why| misplaced(&edit.at, why))
    }

    fn increment(&self, txn: &mut TransactionMut, map: &MapRef, by: i64) -> Outcome {
        if by == 0 {
            return Ok(());
        }
        let old = match map.get(txn, &self.counter_key) {
            Some(Out::Any(any)) => values::to_integer(&any).unwrap_or(0),
            _ => 0,
        };
        map.insert(txn, Arc::clone(&self.counter_key), old.wrapping_add(by));
        Ok(())
    }

    fn edit_tree(&self, txn: &mut TransactionMut, map: &MapRef, action: &Action) -> Outcome {
        match change_of_tree(&Forest::read(txn, map), action, self.client)? {
            Change::None => {}
            Change::Set(label, standing) => {
                map.insert(txn, label, standing.to_any());
            }
            Change::Remove(label) => {
                map.remove(txn, &label);
            }
        }
        Ok(())
    }
}

/// What an action does to a tree.
pub(crate) fn change_of_tree(
    forest: &Forest,
    action: &Action,
    client: u64,
) -> Result<Change, &'static str> {
    match action {
        Action::CreateNode { label, parent, index } => {
            forest.create(label, parent.as_deref(), *index, client)
        }
        Action::MoveNode { label, parent, index } => {
            forest.relocate(label, parent.as_deref(), *index, client)
        }
        Action::DeleteNode { label } => forest.delete(label),
        _ => Err(WRONG_KIND),
    }
}

/// Whether the `count` units from `index` on are all within `length`.
pub(crate) fn within(index: u32, count: u32, length: u32) -> Outcome {
    match index.checked_add(count) {
        Some(end) if end <= length => Ok(()),
        _ => Err(OUT_OF_BOUNDS),
    }
}

fn edit_text(txn: &mut TransactionMut, text: &TextRef, action: &Action) -> Outcome {
    let length = text.len(txn);
    match action {
        Action::InsertText { index, text: new } => {
            within(*index, 0, length)?;
            text.insert(txn, *index, new);
        }
        Action::DeleteText { index, count } => {
            within(*index, *count, length)?;
            if *count > 0 {
                text.remove_range(txn, *index, *count);
            }
        }
        Action::Mark { index, count, name, value } => {
            within(*index, *count, length)?;
            if *count > 0 {
                text.format(txn, *index, *count, values::attribute(name, value));
            }
        }
        _ => return Err(WRONG_KIND),
    }
    Ok(())
}

fn edit_map(txn: &mut TransactionMut, map: &MapRef, action: &Action) -> Outcome {
    match action {
        Action::Put { key, .. } | Action::Delete { key } if key == RESERVED_KEY => Err(RESERVED),
        Action::Put { key, value: Value::Container(kind) } => {
            Place::Key(map, key).put_container(txn, *kind);
            Ok(())
        }
        Action::Put { key, value } => {
            // The same value again would be an operation of its own in yrs.
            map.try_update(txn, key.as_str(), plain(value));
            Ok(())
        }
        Action::Delete { key } => {
            map.remove(txn, key);
            Ok(())
        }
        _ => Err(WRONG_KIND),
    }
}

fn edit_list(txn: &mut TransactionMut, array: &ArrayRef, action: &Action) -> Outcome {
    let length = array.len(txn);
    match action {
        Action::Insert { index, values } => {
            within(*index, 0, length)?;
            insert(txn, array, *index, values);
        }
        Action::Set { index, value } => {
            within(*index, 1, length)?;
            set(txn, array, *index, value);
        }
        Action::Remove { index, count } => {
            within(*index, *count, length)?;
            if *count > 0 {
                array.remove_range(txn, *index, *count);
            }
        }
        _ => return Err(WRONG_KIND),
    }
    Ok(())
}

/// Neighbouring plain values go in as one item.
fn insert(txn: &mut TransactionMut, array: &ArrayRef, index: u32, values: &[Value]) {
    let mut index = index;
    let mut rest = values;
    while let Some(first) = rest.first() {
        if let Value::Container(kind) = first {
            Place::Index(array, index).put_container(txn, *kind);
            (index, rest) = (index + 1, &rest[1..]);
        } else {
            let count = rest.iter().take_while(|v| !matches!(v, Value::Container(_))).count();
            array.insert_range(txn, index, rest[..count].iter().map(plain));
            (index, rest) = (index + count as u32, &rest[count..]);
        }
    }
}

/// An array has no way to replace an element: out with it, and in with another.
fn set(txn: &mut TransactionMut, array: &ArrayRef, index: u32, value: &Value) {
    match value {
        Value::Container(kind) => {
            array.remove(txn, index);
            Place::Index(array, index).put_container(txn, *kind);
        }
        value => {
            let new = plain(value);
            if array.get(txn, index) != Some(Out::Any(new.clone())) {
                array.remove(txn, index);
                array.insert(txn, index, new);
            }
        }
    }
}

fn move_element(txn: &mut TransactionMut, array: &ArrayRef, from: u32, to: u32) -> Outcome {
    let length = array.len(txn);
    within(from, 1, length)?;
    within(to, 1, length)?;
    if from == to {
        return Ok(());
    }
    let copy = copy_of_element(txn, array, from).ok_or(OUT_OF_BOUNDS)?;
    array.remove(txn, from);
    copy.put(txn, Place::Index(array, to));
    Ok(())
}

fn copy_of_element<T: ReadTxn>(txn: &T, array: &ArrayRef, index: u32) -> Option<DeepCopy> {
    Some(DeepCopy::of(txn, array.get(txn, index)?))
}

/// A value that is known to be no container.
fn plain(value: &Value) -> Any {
    values::from_value(value).unwrap_or_else(|| values::from_scalar(&Scalar::Null))
}
