//! Cards on a board: added, moved, voted for, retitled, removed; and an outline
//! in the tree root and increments of the counter roots where there are some.
//!
//! How deep it goes depends on the document's nesting:
//! 0. cards are titles in the columns, the movable list roots (the lists where
//!    there are none);
//! 1. cards are maps of plain fields;
//! 2. the title is a text, and `votes` a counter;
//! 3. the roots hold columns, lists that hold the cards, and everybody adds one
//!    before anything else;
//! 4. and more: each card has `details`, maps and lists by turns down to a text
//!    at the deepest level.
//!
//! All cards of a board have the same shape, so that whatever card a position
//! leads to, the rest of the path is there.

use super::outline::Outline;
use super::pace::Moments;
use super::todo::{element, text};
use super::words::{name, title};
use super::{Input, Person, Script, anywhere, weighted};
use crate::document::Scalar;
use crate::edit::{Action, ContainerKind, Edit, Path, Position, Step, Value};
use crate::plan::PlanError;
use crate::rng::Draws;
use crate::scenario::Pace;

/// The nesting from which on roots hold columns.
const COLUMNS: u32 = 3;

/// What is done on the board.
#[derive(Clone, Copy)]
enum Task {
    Add,
    Move,
    Vote,
    Retitle,
    Detail,
    Remove,
    Outline,
    Count,
}

/// Everything that `person` does on the board.
pub(super) fn inputs(pace: &Pace, person: &Person<'_>) -> Result<Vec<Input>, PlanError> {
    let mut lists = person.roots(&[ContainerKind::MovableList]);
    if lists.is_empty() {
        lists = person.roots(&[ContainerKind::List]);
    }
    if lists.is_empty() {
        return Err(person.no_root("board", "a movable list", "board = \"movable-list\""));
    }
    let tree = person.roots(&[ContainerKind::Tree]).into_iter().next();
    let mut player = Player {
        draws: person.stream.named("cards").draws(),
        nesting: person.shape.nesting,
        lists,
        counters: person.roots(&[ContainerKind::Counter]),
        outline: tree.map(|(tree, _)| Outline::new(tree, person.name())),
    };
    let mut script = Script::new(person);
    let mut first = player.nesting >= COLUMNS;
    for (at, _) in Moments::new(person.stream, pace, person.end) {
        let edits = if first { vec![player.add_column()] } else { player.edit() };
        first = false;
        script.push(at, edits)?;
    }
    Ok(script.inputs)
}

struct Player {
    draws: Draws,
    nesting: u32,
    lists: Vec<(Path<Position>, ContainerKind)>,
    counters: Vec<(Path<Position>, ContainerKind)>,
    outline: Option<Outline>,
}

impl Player {
    fn add_column(&mut self) -> Edit<Position> {
        let (at, kind) = self.draws.pick(&self.lists).clone();
        let values = vec![Value::Container(kind)];
        Edit { at, action: Action::Insert { index: Position::END, values } }
    }

    fn edit(&mut self) -> Vec<Edit<Position>> {
        let when = |there: bool, weight: u32| if there { weight } else { 0 };
        let tasks = [
            (30, Task::Add),
            (25, Task::Move),
            (20, Task::Vote),
            (12, Task::Retitle),
            (when(self.nesting > COLUMNS, 10), Task::Detail),
            (5, Task::Remove),
            (when(self.outline.is_some(), 25), Task::Outline),
            (when(!self.counters.is_empty(), 10), Task::Count),
        ];
        let task = weighted(&mut self.draws, &tasks);
        let (column, kind) = self.column();
        let card = anywhere(&mut self.draws);
        let on_column = |action| vec![Edit { at: column.clone(), action }];
        match task {
            Task::Add => self.card(&column, Position::END),
            Task::Move => {
                let to = anywhere(&mut self.draws);
                if kind == ContainerKind::MovableList {
                    return on_column(Action::Move { from: card, to });
                }
                let mut edits = on_column(Action::Remove { index: card, count: 1 });
                edits.extend(self.card(&column, to));
                edits
            }
            Task::Vote => vec![self.vote(&column, card)],
            Task::Retitle => vec![self.retitle(&column, card)],
            Task::Detail => {
                let at = details(self.nesting).into_iter().fold(element(&column, card), Path::then);
                let text = format!("{} ", title(&mut self.draws));
                let index = anywhere(&mut self.draws);
                vec![Edit { at, action: Action::InsertText { index, text } }]
            }
            Task::Remove => on_column(Action::Remove { index: card, count: 1 }),
            Task::Outline => {
                let outline = self.outline.as_mut().expect("no weight without a tree");
                vec![outline.edit(&mut self.draws)]
            }
            Task::Count => {
                let (at, _) = self.draws.pick(&self.counters).clone();
                let by = if self.draws.below(5) == 0 { -1 } else { 1 };
                vec![Edit { at, action: Action::Increment { by } }]
            }
        }
    }

    /// One of the columns that hold cards, and what kind of list it is.
    fn column(&mut self) -> (Path<Position>, ContainerKind) {
        let (root, kind) = self.draws.pick(&self.lists).clone();
        if self.nesting < COLUMNS {
            return (root, kind);
        }
        let column = anywhere(&mut self.draws);
        (element(&root, column), kind)
    }

    /// A new card at `place`. In the same transaction, `place` then leads to it.
    fn card(&mut self, column: &Path<Position>, place: Position) -> Vec<Edit<Position>> {
        let draws = &mut self.draws;
        let title = title(draws);
        let insert = |value| Edit {
            at: column.clone(),
            action: Action::Insert { index: place, values: vec![value] },
        };
        if self.nesting == 0 {
            return vec![insert(Value::Scalar(Scalar::Text(title)))];
        }
        let card = element(column, place);
        let put = |key: &str, value| Edit {
            at: card.clone(),
            action: Action::Put { key: key.to_owned(), value },
        };
        let mut edits = vec![insert(Value::Container(ContainerKind::Map))];
        if self.nesting == 1 {
            edits.push(put("title", Value::Scalar(Scalar::Text(title))));
            edits.push(put("votes", Value::Scalar(Scalar::Int(0))));
        } else {
            edits.extend(text(card.clone(), "title", title));
            edits.push(put("votes", Value::Container(ContainerKind::Counter)));
        }
        edits.push(put("owner", Value::Scalar(Scalar::Text(name(draws).to_owned()))));
        edits.extend(create(&card, &details(self.nesting)));
        edits
    }

    fn vote(&mut self, column: &Path<Position>, card: Position) -> Edit<Position> {
        let card = element(column, card);
        match self.nesting {
            0 => self.set(column),
            // Without counters a vote is a write of what the person saw.
            1 => {
                let value = Value::Scalar(Scalar::Int(self.draws.between(1, 9) as i64));
                Edit { at: card, action: Action::Put { key: "votes".to_owned(), value } }
            }
            _ => {
                let at = card.then(Step::Key("votes".to_owned()));
                Edit { at, action: Action::Increment { by: 1 } }
            }
        }
    }

    fn retitle(&mut self, column: &Path<Position>, card: Position) -> Edit<Position> {
        let card = element(column, card);
        match self.nesting {
            0 => self.set(column),
            1 => {
                let value = Value::Scalar(Scalar::Text(title(&mut self.draws)));
                Edit { at: card, action: Action::Put { key: "title".to_owned(), value } }
            }
            _ => {
                let at = card.then(Step::Key("title".to_owned()));
                let text = format!(" {}", title(&mut self.draws));
                Edit { at, action: Action::InsertText { index: Position::END, text } }
            }
        }
    }

    /// A card that is nothing but its title is replaced.
    fn set(&mut self, column: &Path<Position>) -> Edit<Position> {
        let index = anywhere(&mut self.draws);
        let value = Value::Scalar(Scalar::Text(title(&mut self.draws)));
        Edit { at: column.clone(), action: Action::Set { index, value } }
    }
}

/// The way from a card to the text of its details: a map under the first key,
/// then lists and maps by turns, `nesting` levels below the root in all.
fn details(nesting: u32) -> Vec<Step<Position>> {
    if nesting <= COLUMNS {
        return Vec::new();
    }
    // A column and a card are the first two levels.
    (COLUMNS..=nesting)
        .map(|level| match (level - COLUMNS) % 2 {
            0 => Step::Key("details".to_owned()),
            _ => Step::Element(Position::START),
        })
        .collect()
}

/// Creates every container on the way.
fn create(from: &Path<Position>, way: &[Step<Position>]) -> Vec<Edit<Position>> {
    let mut at = from.clone();
    let mut edits = Vec::new();
    for (place, step) in way.iter().enumerate() {
        let kind = match way.get(place + 1) {
            None => ContainerKind::Text,
            Some(Step::Key(_)) => ContainerKind::Map,
            Some(Step::Element(_)) => ContainerKind::List,
        };
        let value = Value::Container(kind);
        let action = match step {
            Step::Key(key) => Action::Put { key: key.clone(), value },
            Step::Element(index) => Action::Insert { index: *index, values: vec![value] },
        };
        edits.push(Edit { at: at.clone(), action });
        at = at.then(step.clone());
    }
    edits
}
