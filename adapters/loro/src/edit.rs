//! One action on one container.

use deadzone_core::document::Scalar;
use deadzone_core::edit::{Action, Value};
use deadzone_core::engine::EngineError;
use loro::{
    Container, LoroError, LoroList, LoroMap, LoroMovableList, LoroText, LoroTreeError, LoroValue,
    cursor::PosType,
};

use crate::roots::empty;
use crate::tree::Labels;

/// The largest magnitude up to which every integer is a 64-bit float.
const EXACT_IN_F64: u64 = 1 << 53;

/// Does `action` to `container`, in the open transaction. On an error it has
/// made no operation: Loro checks before it applies, and what it would only
/// notice half-way is checked here.
pub(crate) fn apply(
    container: &Container,
    action: &Action,
    labels: &mut Labels,
) -> Result<(), EngineError> {
    match (container, action) {
        (Container::Text(text), Action::InsertText { index, text: inserted }) => {
            text.insert_utf16(*index as usize, inserted).map_err(refused_edit)
        }
        (Container::Text(text), Action::DeleteText { index, count }) => {
            check_range(*index, *count, text.len_utf16())?;
            text.delete_utf16(*index as usize, *count as usize).map_err(refused_edit)
        }
        (Container::Text(text), Action::Mark { index, count, name, value }) => {
            mark(text, *index, *count, name, value)
        }
        (Container::Map(map), Action::Put { key, value }) => put(map, key, value),
        (Container::Map(map), Action::Delete { key }) => delete(map, key),
        (Container::List(list), Action::Insert { index, values }) => {
            check_range(*index, 0, list.len())?;
            (*index..).zip(values).try_for_each(|(index, value)| insert(list, index, value))
        }
        (Container::List(list), Action::Set { index, value }) => {
            check_range(*index, 1, list.len())?;
            list.delete(*index as usize, 1).map_err(refused_edit)?;
            insert(list, *index, value)
        }
        (Container::List(list), Action::Remove { index, count }) => {
            check_range(*index, *count, list.len())?;
            list.delete(*index as usize, *count as usize).map_err(refused_edit)
        }
        (Container::MovableList(list), Action::Insert { index, values }) => {
            check_range(*index, 0, list.len())?;
            (*index..).zip(values).try_for_each(|(index, value)| insert_movable(list, index, value))
        }
        (Container::MovableList(list), Action::Set { index, value }) => {
            check_range(*index, 1, list.len())?;
            set(list, *index, value)
        }
        (Container::MovableList(list), Action::Remove { index, count }) => {
            check_range(*index, *count, list.len())?;
            list.delete(*index as usize, *count as usize).map_err(refused_edit)
        }
        (Container::MovableList(list), Action::Move { from, to }) => {
            check_range(*from, 1, list.len())?;
            check_range(*to, 1, list.len())?;
            list.mov(*from as usize, *to as usize).map_err(refused_edit)
        }
        (Container::Counter(counter), Action::Increment { by }) => match by {
            0 => Ok(()),
            _ if by.unsigned_abs() > EXACT_IN_F64 => {
                Err(EngineError::NotSupported("increments beyond 53 bits"))
            }
            _ => counter.increment(*by as f64).map_err(refused_edit),
        },
        (Container::Tree(tree), Action::CreateNode { label, parent, index }) => {
            labels.create(tree, label, parent.as_deref(), *index)
        }
        (Container::Tree(tree), Action::MoveNode { label, parent, index }) => {
            labels.move_to(tree, label, parent.as_deref(), *index)
        }
        (Container::Tree(tree), Action::DeleteNode { label }) => labels.delete(tree, label),
        _ => Err(misplaced("the action does not belong to this kind of container")),
    }
}

fn mark(
    text: &LoroText,
    index: u32,
    count: u32,
    name: &str,
    value: &Scalar,
) -> Result<(), EngineError> {
    let length = text.len_utf16();
    check_range(index, count, length)?;
    if count == 0 {
        return Ok(());
    }
    let (start, end) = (index as usize, index as usize + count as usize);
    // Insertions and deletions are checked by Loro, marks are not.
    if splits_character(text, start) || splits_character(text, end) {
        return Err(misplaced("a mark would begin or end inside a surrogate pair"));
    }
    match value {
        Scalar::Null => text.unmark_utf16(start..end, name),
        _ => text.mark_utf16(start..end, name, scalar(value)),
    }
    .map_err(refused_edit)
}

/// Whether `index`, in UTF-16 code units, lies between the two halves of a
/// surrogate pair.
pub(crate) fn splits_character(text: &LoroText, index: usize) -> bool {
    let length = text.len_utf16();
    if index >= length || length == text.len_unicode() {
        return false;
    }
    text.convert_pos(index, PosType::Utf16, PosType::Unicode)
        .and_then(|character| text.convert_pos(character, PosType::Unicode, PosType::Utf16))
        != Some(index)
}

fn put(map: &LoroMap, key: &str, value: &Value) -> Result<(), EngineError> {
    match plain(value) {
        Ok(value) => map.insert(key, value),
        Err(kind) => map.insert_container(key, empty(kind)).map(drop),
    }
    .map_err(refused_edit)
}

fn delete(map: &LoroMap, key: &str) -> Result<(), EngineError> {
    // Loro would make an operation even for a key that is not there.
    if map.get(key).is_none() {
        return Ok(());
    }
    map.delete(key).map_err(refused_edit)
}

fn insert(list: &LoroList, index: u32, value: &Value) -> Result<(), EngineError> {
    match plain(value) {
        Ok(value) => list.insert(index as usize, value),
        Err(kind) => list.insert_container(index as usize, empty(kind)).map(drop),
    }
    .map_err(refused_edit)
}

fn insert_movable(list: &LoroMovableList, index: u32, value: &Value) -> Result<(), EngineError> {
    match plain(value) {
        Ok(value) => list.insert(index as usize, value),
        Err(kind) => list.insert_container(index as usize, empty(kind)).map(drop),
    }
    .map_err(refused_edit)
}

fn set(list: &LoroMovableList, index: u32, value: &Value) -> Result<(), EngineError> {
    match plain(value) {
        Ok(value) => list.set(index as usize, value),
        Err(kind) => list.set_container(index as usize, empty(kind)).map(drop),
    }
    .map_err(refused_edit)
}

/// The value as Loro holds it, or the kind of container to make.
fn plain(value: &Value) -> Result<LoroValue, deadzone_core::edit::ContainerKind> {
    match value {
        Value::Scalar(it) => Ok(scalar(it)),
        Value::Object(entries) => Ok(LoroValue::Map(
            entries
                .iter()
                .map(|(key, entry)| (key.clone(), scalar(entry)))
                .collect::<Vec<_>>()
                .into(),
        )),
        Value::Container(kind) => Err(*kind),
    }
}

fn scalar(value: &Scalar) -> LoroValue {
    match value {
        Scalar::Null => LoroValue::Null,
        Scalar::Bool(it) => LoroValue::Bool(*it),
        Scalar::Int(it) => LoroValue::I64(*it),
        Scalar::Text(it) => LoroValue::from(it.as_str()),
    }
}

fn check_range(index: u32, count: u32, length: usize) -> Result<(), EngineError> {
    if index as usize + count as usize <= length {
        return Ok(());
    }
    Err(misplaced(format!("{count} from index {index} on, of {length}")))
}

pub(crate) fn misplaced(what: impl Into<String>) -> EngineError {
    EngineError::Misplaced(what.into())
}

/// What Loro says to an edit, in the bench's terms.
pub(crate) fn refused_edit(error: LoroError) -> EngineError {
    match error {
        LoroError::OutOfBound { .. }
        | LoroError::UTF16InUnicodeCodePoint { .. }
        | LoroError::TreeError(
            LoroTreeError::IndexOutOfBound { .. } | LoroTreeError::TreeNodeDeletedOrNotExist(_),
        ) => EngineError::Misplaced(error.to_string()),
        other => EngineError::Failed(other.to_string()),
    }
}
