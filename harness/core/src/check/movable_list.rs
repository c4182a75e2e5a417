//! Elements of lists in which elements move: once, not twice, not lost.
//!
//! An element that was moved, however often and by however many, is there
//! exactly once, unless somebody removed it or gave it another value (Kleppmann,
//! "Moving Elements in List CRDTs", PaPoC 2020: an element's place is a
//! register, so concurrent moves must not double it). A removal that did not
//! know of a move may lose against it or win, and then any of the element's values
//! is there, also one that was set without knowing of the move. Of values that were
//! set concurrently one stays.
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::check::scene::*;
    use crate::document::Scalar;
    use crate::edit::{Action, Value};

    const KIND: ContainerKind = ContainerKind::MovableList;

    fn moved(scene: Scene) -> Scene {
        let three = || list(&[1, 2, 3]);
        scene
            .edit(0, &[], list(&[]), insert(0, &[1, 2, 3]))
            .edit(0, &[0], three(), Action::Move { from: 0, to: 2 })
            .edit(1, &[0], three(), Action::Move { from: 0, to: 1 })
    }

    #[test]
    fn a_moved_element_is_there_once() {
        holds(&moved(Scene::of(KIND)).end(list(&[2, 1, 3])));
        holds(&moved(Scene::of(KIND)).end(list(&[2, 3, 1])));
        let doubled = moved(Scene::of(KIND)).end(list(&[2, 1, 3, 1]));
        breaks(&doubled, Oracle::MovableList, "movable-list doubled");
        let lost = moved(Scene::of(KIND)).end(list(&[2, 3]));
        breaks(&lost, Oracle::MovableList, "movable-list lost");
        holds(&moved(Scene::of(KIND).built(KIND)).end(list(&[2, 1, 3, 1])));
    }

    #[test]
    fn a_removal_may_win_or_lose_against_a_move_that_it_did_not_know_of() {
        let remove = || Action::Remove { index: 0, count: 1 };
        let both = || moved(Scene::of(KIND)).edit(2, &[0], list(&[1, 2, 3]), remove());
        holds(&both().end(list(&[2, 3])));
        holds(&both().end(list(&[2, 1, 3])));
        let known = || moved(Scene::of(KIND)).edit(2, &[0, 1, 2], list(&[1, 2, 3]), remove());
        breaks(&known().end(list(&[2, 1, 3])), Oracle::MovableList, "movable-list resurrected");
    }

    #[test]
    fn an_element_that_moved_under_another_value_may_stay_as_well() {
        let set = |value| Action::Set { index: 0, value: int(value) };
        let remove = || Action::Remove { index: 0, count: 1 };
        let (one, two) = (|| list(&[1, 2]), || list(&[3, 2]));
        let base = || {
            Scene::of(KIND).edit(0, &[], list(&[]), insert(0, &[1, 2])).edit(
                0,
                &[0],
                one(),
                Action::Move { from: 0, to: 1 },
            )
        };
        // Moved as 1, while somebody else made a 3 of it and removed that.
        let unknown = || base().edit(1, &[0], one(), set(3)).edit(1, &[0, 2], two(), remove());
        holds(&unknown().end(list(&[2])));
        holds(&unknown().end(list(&[2, 3])));
        // The same of an element that is a container, which has no identity.
        let container =
            || Node::List(vec![Node::Map(BTreeMap::new()), Node::Scalar(Scalar::Int(2))]);
        let of_container = || {
            let value = Value::Container(ContainerKind::Map);
            let put = Action::Insert { index: 0, values: vec![value, int(2)] };
            Scene::of(KIND)
                .edit(0, &[], list(&[]), put)
                .edit(0, &[0], container(), Action::Move { from: 0, to: 1 })
                .edit(1, &[0], container(), set(3))
                .edit(1, &[0, 2], two(), remove())
        };
        holds(&of_container().end(list(&[2])));
        holds(&of_container().end(list(&[2, 3])));
        // Whoever removed it knew of the move.
        let known = || {
            let moved = || list(&[2, 1]);
            let set = Action::Set { index: 1, value: int(3) };
            let remove = Action::Remove { index: 1, count: 1 };
            base().edit(1, &[0, 1], moved(), set).edit(1, &[0, 1, 2], list(&[2, 3]), remove)
        };
        holds(&known().end(list(&[2])));
        breaks(&known().end(list(&[2, 3])), Oracle::MovableList, "movable-list resurrected");
    }

    #[test]
    fn one_of_the_values_of_an_element_stays() {
        let set = |value| Action::Set { index: 0, value: int(value) };
        let one = || Scene::of(KIND).edit(0, &[], list(&[]), insert(0, &[1]));
        let both = || one().edit(0, &[0], list(&[1]), set(2)).edit(1, &[0], list(&[1]), set(3));
        holds(&both().end(list(&[3])));
        breaks(&both().end(list(&[])), Oracle::MovableList, "movable-list set lost");
        let remove = Action::Remove { index: 0, count: 1 };
        holds(&both().edit(2, &[0], list(&[1]), remove).end(list(&[])));
    }
}
