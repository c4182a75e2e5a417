//! Counters: the sum of all increments that survived.
//!
//! Increments commute, so at the end a counter is the sum of all of them
//! whatever the order (the PN-counter of Shapiro, Preguiça, Baquero, Zawirski,
//! "A comprehensive study of Convergent and Commutative Replicated Data Types",
//! INRIA RR-7506, 2011). A counter under a key that somebody wrote again, or
//! in a list, is left out: which of several it is cannot be seen.
//!
//! A history that breaks it: replica 0 adds 2, replica 1 adds 3, both sync, and
//! both show 3.

use super::history::{History, Place, PlaceStep};
use super::oracle::{Oracle, Violation};
use crate::document::{Document, Node};
use crate::edit::ContainerKind;

/// Judges the counters at the end.
///
/// # Errors
/// A [`Violation`] that names a counter.
pub(super) fn check(history: &History<'_>) -> Result<(), Violation> {
    let Some(last) = history.observed.last.first() else { return Ok(()) };
    let shown = &history.observed.shown[*last];
    for (number, place) in (0..).zip(&history.places.all) {
        let counts = place.kind == Some(ContainerKind::Counter);
        if !counts || place.lossy || place.mixed {
            continue;
        }
        let unsure = |edit: u32| history.may_survive(edit) && !history.survived(edit);
        if place.increments.iter().any(|(edit, _)| unsure(*edit)) {
            continue;
        }
        let survived = place.increments.iter().filter(|(edit, _)| history.survived(*edit));
        let expected = survived.clone().fold(0_i64, |sum, (_, by)| sum.wrapping_add(*by));
        let Some(Node::Counter(is)) = find(history, place, &shown.document) else { continue };
        if *is != expected {
            let steps: Vec<String> =
                survived.map(|(edit, by)| format!("{by:+} in {}", history.who(*edit))).collect();
            let said = format!(
                "the counter {} is {is} at the end; expected {expected}: {}",
                history.places.name(number),
                steps.join(", ")
            );
            let violation = Violation::new(Oracle::Counter, "counter sum", said);
            return Err(violation.at(shown.replica));
        }
    }
    Ok(())
}

/// What is at a place; none if that is in a list, or not there.
pub(super) fn find<'d>(
    history: &History<'_>,
    place: &Place<'_>,
    document: &'d Document,
) -> Option<&'d Node> {
    let parent = |parent: u32| find(history, history.places.get(parent), document);
    match (place.step, place.parent) {
        (PlaceStep::Root(name), _) => document.roots.get(name),
        (PlaceStep::Key(key), Some(above)) => match parent(above)? {
            Node::Map(entries) => entries.get(key),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::scene::*;
    use crate::edit::{Action, Path, Step, Value};

    fn add(by: i64) -> Action {
        Action::Increment { by }
    }

    #[test]
    fn concurrent_increments_add_up() {
        let zero = || Node::Counter(0);
        let scene = || {
            Scene::of(ContainerKind::Counter).edit(0, &[], zero(), add(2)).edit(
                1,
                &[],
                zero(),
                add(3),
            )
        };
        holds(&scene().end(Node::Counter(5)));
        breaks(&scene().end(Node::Counter(3)), Oracle::Counter, "counter sum");
        holds(&scene().gone().end(Node::Counter(2)));
        breaks(&scene().gone().end(Node::Counter(5)), Oracle::Counter, "counter sum");
        holds(&scene().unsure().end(Node::Counter(2)));
        holds(&scene().unsure().end(Node::Counter(5)));
        let unseen = scene().blind(0, &[0, 1], add(-1));
        holds(&unseen.end(Node::Counter(4)));
    }

    #[test]
    fn a_counter_that_somebody_replaced_is_left_out() {
        let counter = || Value::Container(ContainerKind::Counter);
        let at = || Path::root("r").then(Step::Key("n".to_owned()));
        let with = |sum| Node::Map([("n".to_owned(), Node::Counter(sum))].into());
        let scene = || {
            Scene::of(ContainerKind::Map).edit(0, &[], map(&[]), put("n", counter())).edit_at(
                at(),
                0,
                &[0],
                with(0),
                add(2),
            )
        };
        breaks(&scene().end(with(0)), Oracle::Counter, "counter sum");
        holds(&scene().edit(1, &[], map(&[]), put("n", counter())).end(with(0)));
    }
}
