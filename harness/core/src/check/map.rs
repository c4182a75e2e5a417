//! Maps: no overwritten value comes back, and no written key is lost.
//!
//! A value that some writer read and overwrote, or deleted, does not come back:
//! in a register a write replaces all writes that are visible to its writer (the
//! multi-value and last-writer-wins registers of Burckhardt, Gotsman, Yang,
//! Zawirski, POPL 2014). At the end a key holds a value that somebody wrote
//! there, and it is absent only if somebody deleted it or nobody wrote it. Which
//! of several concurrent writes stays is the engine's choice. Values that two
//! edits wrote have no identity and may come back.
//!
//! Histories that break it: replica 0 writes 1, replica 1 receives it and writes
//! 2, both sync, and 1 is there; two replicas write 1 and 2 to one key, both
//! sync, and the key is absent.

use super::counter::find;
use super::history::{History, Place, PlaceNumber, PlaceStep, Write};
use super::oracle::{Oracle, Violation};
use super::sight::Sights;
use crate::document::{Document, Node};
use crate::edit::{ContainerKind, Value};

/// Judges what was seen of maps.
///
/// # Errors
/// A [`Violation`] that names a key or a value.
pub(super) fn check(history: &History<'_>, sights: &Sights) -> Result<(), Violation> {
    sights.first_invented(history, &[ContainerKind::Map], Oracle::Map)?;
    sights.first(history, &[ContainerKind::Map], Oracle::Map)?;
    let Some(last) = history.observed.last.first() else { return Ok(()) };
    let shown = &history.observed.shown[*last];
    for (number, place) in (0..).zip(&history.places.all) {
        if place.writes.is_empty() || place.built {
            continue;
        }
        if let Err(said) = check_key(history, number, place, &shown.document) {
            let violation = Violation::new(Oracle::Map, said.0, said.1);
            return Err(violation.at(shown.replica));
        }
    }
    Ok(())
}

type Said = (&'static str, String);

fn check_key(
    history: &History<'_>,
    number: PlaceNumber,
    place: &Place<'_>,
    document: &Document,
) -> Result<(), Said> {
    let (PlaceStep::Key(key), Some(above)) = (place.step, place.parent) else { return Ok(()) };
    let map = history.places.get(above);
    if map.lossy || map.mixed {
        return Ok(());
    }
    let Some(Node::Map(entries)) = find(history, map, document) else { return Ok(()) };
    let written = || place.writes.iter().filter(|write| history.may_survive(write.edit));
    let is_sure = |write: &Write<'_>| write.value.is_some() && history.survived(write.edit);
    let name = || history.places.name(number);
    let wrote = || {
        let who: Vec<String> = written().map(|write| history.who(write.edit)).collect();
        who.join(", ")
    };
    match entries.get(key) {
        Some(node) if !written().any(|write| write.value.is_some_and(|v| reads_as(v, node))) => {
            Err((
                "map strange",
                format!("{} holds at the end what none of {} wrote", name(), wrote()),
            ))
        }
        None if written().any(is_sure) && written().all(|w| w.value.is_some()) => {
            let said = format!(
                "{} is absent at the end; it was written in {} and never deleted",
                name(),
                wrote()
            );
            Err(("map lost", said))
        }
        _ => Ok(()),
    }
}

/// Whether a value may read as this. Others may have changed a container since,
/// and the fields of an object where the engine keeps it as a map.
fn reads_as(value: &Value, node: &Node) -> bool {
    match (value, node) {
        (Value::Scalar(value), Node::Scalar(scalar)) => value == scalar,
        (Value::Object(_), Node::Map(_)) => true,
        (Value::Container(kind), node) => matches!(
            (kind, node),
            (ContainerKind::Text, Node::Text(_))
                | (ContainerKind::Map, Node::Map(_))
                | (ContainerKind::List | ContainerKind::MovableList, Node::List(_))
                | (ContainerKind::Counter, Node::Counter(_))
                | (ContainerKind::Tree, Node::Tree(_))
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::scene::*;

    fn written() -> Scene {
        Scene::of(ContainerKind::Map).edit(0, &[], map(&[]), put("a", int(1)))
    }

    #[test]
    fn an_overwritten_value_does_not_come_back() {
        let again = || written().edit(1, &[0], map(&[("a", 1)]), put("a", int(2)));
        holds(&again().end(map(&[("a", 2)])));
        breaks(&again().end(map(&[("a", 1)])), Oracle::Map, "map resurrected");
        let shown = again().show(0, &[0, 1], map(&[("a", 1)])).end(map(&[("a", 2)]));
        breaks(&shown, Oracle::Map, "map resurrected");
        holds(&again().gone().end(map(&[("a", 1)])));
        let deleted = || written().edit(1, &[0], map(&[("a", 1)]), delete("a"));
        holds(&deleted().end(map(&[])));
        breaks(&deleted().end(map(&[("a", 1)])), Oracle::Map, "map resurrected");
    }

    #[test]
    fn one_of_concurrent_writes_stays() {
        let both = || written().edit(1, &[], map(&[]), put("a", int(2)));
        holds(&both().end(map(&[("a", 1)])));
        holds(&both().end(map(&[("a", 2)])));
        breaks(&both().end(map(&[])), Oracle::Map, "map lost");
        let deleted = both().edit(1, &[1], map(&[("a", 2)]), delete("a"));
        holds(&deleted.end(map(&[])));
    }

    #[test]
    fn a_key_holds_what_was_written_there() {
        let two = || written().edit(0, &[0], map(&[("a", 1)]), put("b", int(2)));
        holds(&two().end(map(&[("a", 1), ("b", 2)])));
        breaks(&two().end(map(&[("a", 2), ("b", 1)])), Oracle::Map, "map strange");
        breaks(&two().end(map(&[("a", 1), ("b", 3)])), Oracle::Map, "map invented");
        breaks(&two().end(map(&[("a", 1)])), Oracle::Map, "map lost");
    }

    #[test]
    fn a_value_that_two_wrote_may_come_back() {
        let back = written().edit(1, &[0], map(&[("a", 1)]), put("a", int(2)));
        let back = back.edit(0, &[0, 1], map(&[("a", 2)]), put("a", int(1)));
        holds(&back.end(map(&[("a", 1)])));
    }
}
