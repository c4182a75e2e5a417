//! Movable lists, built from lists.
//!
//! A move deletes the element and inserts its value elsewhere. Its anomalies
//! are those of every list without a native move:
//!
//! - two replicas that move the same element at the same time leave it in both
//!   places;
//! - a container is copied with all that is in it, so that moving costs as much
//!   as making it, and what others write into the old one at the same time is
//!   lost. A copied counter starts at its sum; copied text keeps its marks;
//! - a replaced or deleted element comes back where another replica moved it.

use automerge::marks::Mark;
use automerge::transaction::Transactable;
use automerge::transaction::Transaction;
use automerge::{
    AutomergeError, ObjId, ObjType, Prop, ReadDoc, ScalarValue, Value, ValueRef, hydrate,
};

use crate::edit::{OUT_OF_BOUNDS, Wrong, has_element, insert_whole, mark};

/// Takes the element at `from` out and puts it back so that it stands at `to`.
pub(crate) fn relocate(
    transaction: &mut Transaction<'_>,
    list: &ObjId,
    from: u32,
    to: u32,
) -> Result<(), Wrong> {
    let (from, to) = (from as usize, to as usize);
    if !has_element(transaction, list, from.max(to)) {
        return Err(OUT_OF_BOUNDS);
    }
    if from == to {
        return Ok(());
    }
    let copy = Copied::of(transaction, list, from)?;
    transaction.delete(list, from)?;
    copy.paste(transaction, list, to)?;
    Ok(())
}

/// An element and all below it.
struct Copied {
    value: hydrate::Value,
    /// The marks of the texts in it, which a hydrated text leaves out.
    marks: Vec<(Vec<Prop>, Vec<Mark>)>,
}

impl Copied {
    fn of(
        transaction: &Transaction<'_>,
        list: &ObjId,
        index: usize,
    ) -> Result<Self, AutomergeError> {
        let (value, id) =
            transaction.get(list, index)?.ok_or(AutomergeError::InvalidIndex(index))?;
        let mut marks = Vec::new();
        let value = match value {
            Value::Scalar(scalar) => hydrate::Value::Scalar(scalar.into_owned()),
            Value::Object(kind) => {
                collect_marks(transaction, &id, kind, &mut Vec::new(), &mut marks)?;
                transaction.hydrate(&id, None)?
            }
        };
        Ok(Self { value: with_fresh_counters(value), marks })
    }

    fn paste(
        self,
        transaction: &mut Transaction<'_>,
        list: &ObjId,
        index: usize,
    ) -> Result<(), AutomergeError> {
        insert_whole(transaction, list, index, self.value)?;
        for (path, marks) in self.marks {
            let text = follow(transaction, list, index, path)?;
            for one in marks {
                mark(transaction, &text, one)?;
            }
        }
        Ok(())
    }
}

/// A counter that is read remembers how it came about; a new one must not.
fn with_fresh_counters(mut value: hydrate::Value) -> hydrate::Value {
    fn freshen(value: &mut hydrate::Value) {
        match value {
            hydrate::Value::Scalar(scalar) => {
                if let ScalarValue::Counter(counter) = scalar {
                    *scalar = ScalarValue::counter(i64::from(&*counter));
                }
            }
            hydrate::Value::Map(map) => {
                map.values_mut().for_each(|entry| freshen(&mut entry.value));
            }
            hydrate::Value::List(list) => {
                for index in 0..list.len() {
                    freshen(list.get_mut(index).expect("an index below the length"));
                }
            }
            hydrate::Value::Text(_) => {}
        }
    }
    freshen(&mut value);
    value
}

fn collect_marks(
    transaction: &Transaction<'_>,
    object: &ObjId,
    kind: ObjType,
    path: &mut Vec<Prop>,
    into: &mut Vec<(Vec<Prop>, Vec<Mark>)>,
) -> Result<(), AutomergeError> {
    let below: Vec<(Prop, ObjType, ObjId)> = match kind {
        ObjType::Text => {
            let marks = transaction.marks(object)?;
            if !marks.is_empty() {
                into.push((path.clone(), marks));
            }
            return Ok(());
        }
        ObjType::List => transaction
            .list_range(object, ..)
            .filter_map(|item| Some((item.index.into(), object_of(&item.value)?, item.id())))
            .collect(),
        ObjType::Map | ObjType::Table => transaction
            .map_range(object, ..)
            .filter_map(|item| {
                let kind = object_of(&item.value)?;
                Some((Prop::Map(item.key.to_string()), kind, item.id()))
            })
            .collect(),
    };
    for (prop, kind, object) in below {
        path.push(prop);
        collect_marks(transaction, &object, kind, path, into)?;
        path.pop();
    }
    Ok(())
}

fn object_of(value: &ValueRef<'_>) -> Option<ObjType> {
    match value {
        ValueRef::Object(kind) => Some(*kind),
        ValueRef::Scalar(_) => None,
    }
}

fn follow(
    transaction: &Transaction<'_>,
    list: &ObjId,
    index: usize,
    path: Vec<Prop>,
) -> Result<ObjId, AutomergeError> {
    let below = |holder: &ObjId, prop: Prop| match transaction.get(holder, prop)? {
        Some((_, id)) => Ok(id),
        None => Err(AutomergeError::NotAnObject),
    };
    path.into_iter().try_fold(below(list, index.into())?, |holder, prop| below(&holder, prop))
}
