//! From a person's edit to operations.

use deadzone_core::document::Scalar;
use deadzone_core::edit::{Action, Edit, Value};
use deadzone_core::engine::EngineError;

use super::operation::{Change, OpId, Operation};
use super::state::{Container, List, State, Text};
use super::tree::Tree;

/// The operations that do `edit` to `state`, the first of which will have the
/// id `next`; none if it changes nothing.
pub(super) fn operations(
    state: &State,
    edit: &Edit,
    next: OpId,
) -> Result<Vec<Operation>, EngineError> {
    let misplaced =
        |why: &str| EngineError::Misplaced(format!("{why}: {:?} at {:?}", edit.action, edit.at));
    let at = state.resolve(&edit.at).ok_or_else(|| misplaced("nothing is there"))?;
    let container = state.container(at).ok_or_else(|| misplaced("nothing is there"))?;
    let changes = match container {
        Container::Text(text) => in_text(text, &edit.action),
        Container::List(list) => in_list(list, &edit.action),
        Container::Tree(tree) => in_tree(tree, &edit.action, next),
        Container::Map(entries) => match &edit.action {
            Action::Put { key, value } => {
                let old = entries.get(key).and_then(|register| register.value.as_ref());
                let same = old.is_some_and(|old| is_same_plain_value(old, value));
                let put = || Change::Put { key: key.clone(), value: Some(value.clone()) };
                Ok((!same).then(put).into_iter().collect())
            }
            Action::Delete { key } => {
                let there = entries.get(key).is_some_and(|register| register.value.is_some());
                let delete = || Change::Put { key: key.clone(), value: None };
                Ok(there.then(delete).into_iter().collect())
            }
            _ => Err(WRONG_KIND),
        },
        Container::Counter(_) => match &edit.action {
            Action::Increment { by: 0 } => Ok(Vec::new()),
            Action::Increment { by } => Ok(vec![Change::Add { by: *by }]),
            _ => Err(WRONG_KIND),
        },
    };
    let changes = changes.map_err(misplaced)?;
    Ok(changes.into_iter().map(|change| Operation { at, change }).collect())
}

const WRONG_KIND: &str = "not an action of this kind of container";
const OUT_OF_BOUNDS: &str = "out of bounds";

fn is_same_plain_value(old: &Value, new: &Value) -> bool {
    !matches!(new, Value::Container(_)) && old == new
}

fn in_text(text: &Text, action: &Action) -> Result<Vec<Change>, &'static str> {
    let characters = &text.characters;
    match action {
        Action::InsertText { index, text } => {
            let place = characters.place_after(characters.before(*index)?);
            let typed = || Change::Type { place, text: text.clone() };
            Ok((!text.is_empty()).then(typed).into_iter().collect())
        }
        Action::DeleteText { index, count } => Ok(removals(&characters.range(*index, *count)?)),
        Action::Mark { index, count, name, value } => {
            let range = characters.range(*index, *count)?;
            let (Some(&from), Some(&last)) = (range.first(), range.last()) else {
                return Ok(Vec::new());
            };
            if text.is_marked(*index, *count, name, value) {
                return Ok(Vec::new());
            }
            let (name, value): (String, Scalar) = (name.clone(), value.clone());
            Ok(vec![Change::Mark { from, until: characters.following(last), name, value }])
        }
        _ => Err(WRONG_KIND),
    }
}

fn in_list(list: &List, action: &Action) -> Result<Vec<Change>, &'static str> {
    let places = &list.places;
    let element = |index: u32| {
        let place = *places.range(index, 1)?.first().ok_or(OUT_OF_BOUNDS)?;
        places.content(place).map(|element| (place, *element)).ok_or(OUT_OF_BOUNDS)
    };
    match action {
        Action::Insert { index, values } => {
            let place = places.place_after(places.before(*index)?);
            let insert = || Change::Insert { place, values: values.clone() };
            Ok((!values.is_empty()).then(insert).into_iter().collect())
        }
        Action::Set { index, value } => {
            let (_, element) = element(*index)?;
            let old = list.items.get(&element).map(|item| &item.value.value);
            let same = old.is_some_and(|old| is_same_plain_value(old, value));
            let set = || Change::Set { element, value: value.clone() };
            Ok((!same).then(set).into_iter().collect())
        }
        Action::Remove { index, count } => {
            let range = places.range(*index, *count)?;
            let elements = range.iter().filter_map(|place| places.content(*place).copied());
            Ok(removals(&elements.collect::<Vec<_>>()))
        }
        Action::Move { from, to } if list.movable => {
            let (_, element) = element(*from)?;
            if *to >= places.width() {
                return Err(OUT_OF_BOUNDS);
            }
            // Counted with the element itself, what it will stand behind.
            let behind = if to > from { to + 1 } else { *to };
            let place = places.place_after(places.before(behind)?);
            Ok((from != to).then_some(Change::Move { element, place }).into_iter().collect())
        }
        _ => Err(WRONG_KIND),
    }
}

/// Joins neighbours with successive ids.
fn removals(ids: &[OpId]) -> Vec<Change> {
    let runs = ids.chunk_by(|one, next| *next == one.plus(1));
    runs.map(|run| Change::Remove { from: run[0], count: run.len() as u64 }).collect()
}

fn in_tree(tree: &Tree, action: &Action, next: OpId) -> Result<Vec<Change>, &'static str> {
    let find = |label: Option<&str>| tree.find(label).ok_or("there is no such node");
    match action {
        Action::CreateNode { label, parent, index } => {
            if tree.find(Some(label)).is_some() {
                return Err("the label is taken");
            }
            let parent = find(parent.as_deref())?;
            let place = tree.place(parent, None, *index).ok_or(OUT_OF_BOUNDS)?;
            let create = Change::Create { label: label.clone() };
            Ok(vec![create, Change::Attach { node: next, parent, place }])
        }
        Action::MoveNode { label, parent, index } => {
            let (node, parent) = (find(Some(label))?, find(parent.as_deref())?);
            if tree.is_under(parent, node) {
                return Ok(Vec::new());
            }
            let place = tree.place(parent, Some(node), *index).ok_or(OUT_OF_BOUNDS)?;
            let same = tree.standing(node) == Some((parent, *index));
            Ok((!same).then_some(Change::Attach { node, parent, place }).into_iter().collect())
        }
        Action::DeleteNode { label } => Ok(vec![Change::Detach { node: find(Some(label))? }]),
        _ => Err(WRONG_KIND),
    }
}
