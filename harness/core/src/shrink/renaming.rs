//! Names and numbers that are easy to read: `a`, `b`, `c` for characters, 1, 2,
//! 3 for values and for steps.

use std::collections::BTreeMap;

use super::Attempt;
use crate::document::Scalar;
use crate::edit::{Action, Edit, Position, Value};
use crate::schedule::{Schedule, ScheduleAction};

/// Renames what can be renamed without losing the failure.
pub(super) fn all(attempt: &mut Attempt<'_>) {
    attempt.offer_changed(characters);
    attempt.offer_changed(numbers);
    attempt.offer_changed(labels);
    // Numbers mean nothing to an engine, so this cannot change what happens.
    renumber(&mut attempt.best);
}

/// The edits of a schedule.
fn edits(schedule: &mut Schedule) -> impl Iterator<Item = &mut Edit<Position>> {
    schedule.steps.iter_mut().flat_map(|step| match &mut step.what {
        ScheduleAction::Edit { edits, .. } => edits.as_mut_slice(),
        _ => &mut [],
    })
}

/// Different characters stay different; those outside of the basic plane stay
/// outside.
fn characters(schedule: &mut Schedule) {
    const BASIC: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut basic = BASIC.chars();
    let mut astral = '\u{1f400}'..='\u{1f4ff}';
    let mut names: BTreeMap<char, char> = BTreeMap::new();
    for edit in edits(schedule) {
        let Action::InsertText { text, .. } = &mut edit.action else { continue };
        let renamed = text.chars().map(|old| {
            let mut fresh = || if old.len_utf16() == 1 { basic.next() } else { astral.next() };
            match names.get(&old) {
                Some(new) => *new,
                None => *names.entry(old).or_insert(fresh().unwrap_or(old)),
            }
        });
        *text = renamed.collect();
    }
}

/// Different numbers stay different; those of increments stay as they are.
fn numbers(schedule: &mut Schedule) {
    let mut names: BTreeMap<i64, i64> = BTreeMap::new();
    let mut rename = |scalar: &mut Scalar| {
        if let Scalar::Int(number) = scalar {
            let next = names.len() as i64 + 1;
            *number = *names.entry(*number).or_insert(next);
        }
    };
    for edit in edits(schedule) {
        let values: Vec<&mut Value> = match &mut edit.action {
            Action::Put { value, .. } | Action::Set { value, .. } => vec![value],
            Action::Insert { values, .. } => values.iter_mut().collect(),
            _ => continue,
        };
        for value in values {
            match value {
                Value::Scalar(scalar) => rename(scalar),
                Value::Object(fields) => fields.values_mut().for_each(&mut rename),
                Value::Container(_) => {}
            }
        }
    }
}

/// Labels of tree nodes, in the order in which they come up.
fn labels(schedule: &mut Schedule) {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut rename = |label: &mut String| {
        let next = names.len() as u32;
        let letter = char::from_u32('A' as u32 + next % 26).expect("a letter");
        let name = if next < 26 { letter.to_string() } else { format!("{letter}{}", next / 26) };
        *label = names.entry(label.clone()).or_insert(name).clone();
    };
    for edit in edits(schedule) {
        match &mut edit.action {
            Action::CreateNode { label, parent, .. } | Action::MoveNode { label, parent, .. } => {
                rename(label);
                parent.iter_mut().for_each(&mut rename);
            }
            Action::DeleteNode { label } => rename(label),
            _ => {}
        }
    }
}

/// Numbers the steps from 1.
fn renumber(schedule: &mut Schedule) {
    let numbers: BTreeMap<u32, u32> =
        schedule.steps.iter().map(|step| step.number).zip(1..).collect();
    for step in &mut schedule.steps {
        step.number = numbers[&step.number];
        if let ScheduleAction::Deliver { updates, .. } = &mut step.what {
            // The updates of steps that are gone were never made.
            updates.retain(|update| numbers.contains_key(update));
            updates.iter_mut().for_each(|update| *update = numbers[update]);
        }
    }
}
