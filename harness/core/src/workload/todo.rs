//! Keeping a to-do list: items are added, ticked off, renamed, moved and
//! removed in the list roots, or in the movable lists where there are no others.
//!
//! Without nesting an item is its title. With nesting it is a map of `title`
//! and `done`, and from two levels on the title is a text. Where the root is no
//! movable list, an item is moved as apps do it there: removed, and put in
//! again elsewhere, in one transaction.

use super::pace::Moments;
use super::words::title;
use super::{Input, Person, Script, anywhere, weighted};
use crate::document::Scalar;
use crate::edit::{Action, ContainerKind, Edit, Path, Position, Step, Value};
use crate::plan::PlanError;
use crate::rng::Draws;
use crate::scenario::Pace;

/// What is done to the list.
#[derive(Clone, Copy)]
enum Task {
    Add,
    Tick,
    Rename,
    Reorder,
    Remove,
}

/// How often each.
const TASKS: [(u32, Task); 5] =
    [(45, Task::Add), (25, Task::Tick), (10, Task::Rename), (12, Task::Reorder), (8, Task::Remove)];

/// Everything that `person` does to the lists.
pub(super) fn inputs(pace: &Pace, person: &Person<'_>) -> Result<Vec<Input>, PlanError> {
    let mut lists = person.roots(&[ContainerKind::List]);
    if lists.is_empty() {
        lists = person.roots(&[ContainerKind::MovableList]);
    }
    if lists.is_empty() {
        return Err(person.no_root("todo", "a list", "tasks = \"list\""));
    }
    let mut draws = person.stream.named("items").draws();
    let mut script = Script::new(person);
    for (at, _) in Moments::new(person.stream, pace, person.end) {
        let (list, kind) = draws.pick(&lists);
        let task = weighted(&mut draws, &TASKS);
        let edits = edits(&mut draws, task, list, *kind, person.shape.nesting);
        script.push(at, edits)?;
    }
    Ok(script.inputs)
}

fn edits(
    draws: &mut Draws,
    task: Task,
    list: &Path<Position>,
    kind: ContainerKind,
    nesting: u32,
) -> Vec<Edit<Position>> {
    let on_list = |action| Edit { at: list.clone(), action };
    let index = anywhere(draws);
    match task {
        Task::Add => {
            // New items go to the end or to the top; few are put in between.
            let places = [(6, Position::END), (3, Position::START), (1, index)];
            let place = weighted(draws, &places);
            item(draws, list, place, nesting)
        }
        Task::Tick if nesting == 0 => {
            let value = Value::Scalar(Scalar::Text(format!("✓ {}", title(draws))));
            vec![on_list(Action::Set { index, value })]
        }
        Task::Tick => vec![put(list, index, "done", Scalar::Bool(draws.below(10) != 0))],
        Task::Rename => match nesting {
            0 => {
                let value = Value::Scalar(Scalar::Text(title(draws)));
                vec![on_list(Action::Set { index, value })]
            }
            1 => vec![put(list, index, "title", Scalar::Text(title(draws)))],
            _ => {
                let text = format!(" {}", title(draws));
                vec![Edit {
                    at: part(list, index, "title"),
                    action: Action::InsertText { index: Position::END, text },
                }]
            }
        },
        Task::Reorder => {
            let to = anywhere(draws);
            if kind == ContainerKind::MovableList {
                return vec![on_list(Action::Move { from: index, to })];
            }
            let mut edits = vec![on_list(Action::Remove { index, count: 1 })];
            edits.extend(item(draws, list, to, nesting));
            edits
        }
        Task::Remove => vec![on_list(Action::Remove { index, count: 1 })],
    }
}

/// A new item at `place`. In the same transaction, `place` then leads to it.
fn item(
    draws: &mut Draws,
    list: &Path<Position>,
    place: Position,
    nesting: u32,
) -> Vec<Edit<Position>> {
    let title = title(draws);
    let insert = |value| Edit {
        at: list.clone(),
        action: Action::Insert { index: place, values: vec![value] },
    };
    if nesting == 0 {
        return vec![insert(Value::Scalar(Scalar::Text(title)))];
    }
    let mut edits = vec![insert(Value::Container(ContainerKind::Map))];
    if nesting == 1 {
        edits.push(put(list, place, "title", Scalar::Text(title)));
    } else {
        edits.extend(text(element(list, place), "title", title));
    }
    edits.push(put(list, place, "done", Scalar::Bool(false)));
    edits
}

/// A new text under `key` of the map at `at`, and what it says.
pub(super) fn text(at: Path<Position>, key: &str, text: String) -> [Edit<Position>; 2] {
    let value = Value::Container(ContainerKind::Text);
    let create = Edit { at: at.clone(), action: Action::Put { key: key.to_owned(), value } };
    let action = Action::InsertText { index: Position::END, text };
    [create, Edit { at: at.then(Step::Key(key.to_owned())), action }]
}

/// The element at `index`.
pub(super) fn element(list: &Path<Position>, index: Position) -> Path<Position> {
    list.clone().then(Step::Element(index))
}

fn part(list: &Path<Position>, index: Position, key: &str) -> Path<Position> {
    element(list, index).then(Step::Key(key.to_owned()))
}

fn put(list: &Path<Position>, index: Position, key: &str, value: Scalar) -> Edit<Position> {
    let action = Action::Put { key: key.to_owned(), value: Value::Scalar(value) };
    Edit { at: element(list, index), action }
}
