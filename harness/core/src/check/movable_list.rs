//! Elements of lists in which elements move: once, not twice, not lost.
//!
//! An element that was moved, however often and by however many, is there
//! exactly once, unless somebody removed it or gave it another value (Kleppmann,
//! "Moving Elements in List CRDTs", PaPoC 2020: an element's place is a
//! register, so concurrent moves must not double it). A removal that did not
//! know of a move may lose against it or win. Of values that were set
//! concurrently one stays.
//!
//! A movable list that the adapter builds from a list, where a move is a
//! deletion and an insertion, is exempt: how often an element is there after
//! concurrent moves is a figure of [`super::MergeQuality`].
//!
//! A history that breaks it: `1 2 3` is there, replica 0 moves 1 to the end,
//! replica 1 moves it behind 2, both sync, and both show `2 1 3 1`.

use super::history::{Element, History, Identity};
use super::oracle::{Oracle, Violation};
use super::sight::Sights;
use crate::document::{Document, Node};
use crate::edit::ContainerKind;

/// Judges what was seen of movable lists.
///
/// # Errors
/// A [`Violation`] that names an element.
pub(super) fn check(history: &History<'_>, sights: &Sights) -> Result<(), Violation> {
    sights.first(history, &[ContainerKind::MovableList], Oracle::MovableList)?;
    check_values(history)
}

/// An element that was only ever set, never removed, has one of its values.
fn check_values(history: &History<'_>) -> Result<(), Violation> {
    let Some(last) = history.observed.last.first() else { return Ok(()) };
    let document = &history.observed.shown[*last].document;
    for (number, element) in (0..).zip(&history.elements.all) {
        if !is_candidate(history, element) {
            continue;
        }
        let mut values = vec![number];
        let mut done = 0;
        while done < values.len() {
            let setters = (0..).zip(&history.elements.all);
            let of = setters.filter(|(_, e)| e.replaces == Some(values[done]));
            let found: Vec<u32> = of.map(|(number, _)| number).collect();
            values.extend(found);
            done += 1;
        }
        // Each edit that took a value away must have put another of them.
        let all_set = values.iter().all(|value| {
            let sets = |edit: &u32| {
                values
                    .iter()
                    .map(|other| history.elements.get(*other))
                    .any(|other| other.by == *edit && other.replaces == Some(*value))
            };
            let value = history.elements.get(*value);
            value.alone && value.gone_by.iter().all(sets)
        });
        if all_set && !values.iter().any(|value| shows(document, history.elements.get(*value))) {
            let said = format!(
                "{}, inserted in {}, was given other values and never removed, and none of its \
                 {} values is there at the end",
                element.identity,
                history.who(element.by),
                values.len()
            );
            return Err(Violation::new(Oracle::MovableList, "movable-list set lost", said));
        }
    }
    Ok(())
}

fn is_candidate(history: &History<'_>, element: &Element<'_>) -> bool {
    let place = history.places.get(element.place);
    history.kind_of(element) == ContainerKind::MovableList
        && element.alone
        && !element.by_set
        && !element.gone_by.is_empty()
        && history.survived(element.by)
        && !(place.lossy || place.mixed || place.built || place.unseen_removals)
}

fn shows(document: &Document, element: &Element<'_>) -> bool {
    fn within(node: &Node, element: &Element<'_>) -> bool {
        match node {
            Node::List(items) => items.iter().any(|item| match item {
                Node::Scalar(scalar) => element.identity == Identity::Item(scalar),
                item => within(item, element),
            }),
            Node::Map(entries) => entries.values().any(|entry| within(entry, element)),
            _ => false,
        }
    }
    document.roots.values().any(|root| within(root, element))
}
