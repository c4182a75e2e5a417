//! Putting simple things in the place of others.

use super::Attempt;
use crate::document::Scalar;
use crate::edit::{Action, Edit, Position, Step, Value};
use crate::schedule::{Attention, ScheduleAction};

/// Simplifies every step.
pub(super) fn all(attempt: &mut Attempt<'_>) {
    attempt.offer_changed(|schedule| schedule.attention = Attention::End);
    for number in 0..attempt.best.steps.len() {
        if attempt.is_exhausted() {
            return;
        }
        step(attempt, number);
        for part in 0.. {
            let before = edit_of(attempt, number, part).cloned();
            let Some(before) = before else { break };
            for simpler in simpler(&before) {
                attempt.offer_changed(|schedule| {
                    if let ScheduleAction::Edit { edits, .. } = &mut schedule.steps[number].what {
                        edits[part] = simpler;
                    }
                });
            }
            each_position(attempt, number, part);
        }
    }
}

/// A simpler step that may do as well.
fn step(attempt: &mut Attempt<'_>, number: usize) {
    let simpler = match attempt.best.steps[number].what.clone() {
        ScheduleAction::Send { from: a, to: b }
        | ScheduleAction::Receive { from: a, to: b }
        | ScheduleAction::Connect { a, b } => ScheduleAction::Sync { a, b },
        ScheduleAction::Save { at, whole: false } => ScheduleAction::Save { at, whole: true },
        _ => return,
    };
    attempt.offer_changed(|schedule| schedule.steps[number].what = simpler);
}

fn edit_of<'a>(attempt: &'a Attempt<'_>, number: usize, part: usize) -> Option<&'a Edit<Position>> {
    match &attempt.best.steps.get(number)?.what {
        ScheduleAction::Edit { edits, .. } => edits.get(part),
        _ => None,
    }
}

/// Edits that do less than this one, the simplest first.
fn simpler(edit: &Edit<Position>) -> Vec<Edit<Position>> {
    let with = |action: Action<Position>| Edit { at: edit.at.clone(), action };
    match &edit.action {
        Action::InsertText { index, text } => {
            let characters: Vec<char> = text.chars().collect();
            let kept = |range: &[char]| {
                with(Action::InsertText { index: *index, text: range.iter().collect() })
            };
            match characters.len() {
                0 | 1 => Vec::new(),
                2 => vec![kept(&characters[..1]), kept(&characters[1..])],
                length => vec![
                    kept(&characters[..1]),
                    kept(&characters[..2]),
                    kept(&characters[..length / 2]),
                    kept(&characters[..length - 1]),
                ],
            }
        }
        Action::DeleteText { index, count } => {
            fewer(*count).map(|count| with(Action::DeleteText { index: *index, count })).collect()
        }
        Action::Remove { index, count } => {
            fewer(*count).map(|count| with(Action::Remove { index: *index, count })).collect()
        }
        Action::Mark { index, count, name, value } => {
            let (name, value) = (name.clone(), value.clone());
            fewer(*count)
                .map(|count| {
                    let (name, value) = (name.clone(), value.clone());
                    with(Action::Mark { index: *index, count, name, value })
                })
                .collect()
        }
        Action::Insert { index, values } if values.len() > 1 => {
            let kept =
                |values: &[Value]| with(Action::Insert { index: *index, values: values.to_vec() });
            vec![kept(&values[..1]), kept(&values[1..]), kept(&values[..values.len() - 1])]
        }
        Action::Increment { by } if *by != 1 => vec![with(Action::Increment { by: 1 })],
        Action::Put { key, value: Value::Object(_) } => {
            let value = Value::Scalar(Scalar::Bool(true));
            vec![with(Action::Put { key: key.clone(), value })]
        }
        Action::CreateNode { label, parent: Some(_), index } => {
            let (label, index) = (label.clone(), *index);
            vec![with(Action::CreateNode { label, parent: None, index })]
        }
        Action::MoveNode { label, parent: Some(_), index } => {
            let (label, index) = (label.clone(), *index);
            vec![with(Action::MoveNode { label, parent: None, index })]
        }
        _ => Vec::new(),
    }
}

fn fewer(count: u32) -> impl Iterator<Item = u32> {
    [1, 2, count / 2].into_iter().filter(move |fewer| 0 < *fewer && *fewer < count)
}

/// Positions that are easy to see: the start, the end, the first few indices.
fn each_position(attempt: &mut Attempt<'_>, number: usize, part: usize) {
    const SIMPLE: [Position; 5] = [
        Position::Exact(0),
        Position::Exact(1),
        Position::Exact(2),
        Position::Exact(3),
        Position::END,
    ];
    for place in 0.. {
        let Some(mut edit) = edit_of(attempt, number, part).cloned() else { return };
        let Some(position) = positions(&mut edit).into_iter().nth(place).map(|p| *p) else {
            return;
        };
        for simple in SIMPLE {
            if simple == position {
                break;
            }
            let mut edit = edit.clone();
            *positions(&mut edit).remove(place) = simple;
            let taken = attempt.offer_changed(|schedule| {
                if let ScheduleAction::Edit { edits, .. } = &mut schedule.steps[number].what {
                    edits[part] = edit;
                }
            });
            if taken {
                break;
            }
        }
    }
}

/// The positions in an edit, in a fixed order.
fn positions(edit: &mut Edit<Position>) -> Vec<&mut Position> {
    let steps = edit.at.steps.iter_mut().filter_map(|step| match step {
        Step::Element(position) => Some(position),
        Step::Key(_) => None,
    });
    let own = match &mut edit.action {
        Action::InsertText { index, .. }
        | Action::DeleteText { index, .. }
        | Action::Mark { index, .. }
        | Action::Insert { index, .. }
        | Action::Set { index, .. }
        | Action::Remove { index, .. }
        | Action::CreateNode { index, .. }
        | Action::MoveNode { index, .. } => vec![index],
        Action::Move { from, to } => vec![from, to],
        Action::Put { .. }
        | Action::Delete { .. }
        | Action::Increment { .. }
        | Action::DeleteNode { .. } => Vec::new(),
    };
    steps.chain(own).collect()
}
