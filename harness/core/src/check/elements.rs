//! Characters of texts and elements of lists: nothing lost, nothing doubled.
//!
//! Each inserted element has an identity. At the end it is there exactly once
//! if and only if somebody inserted it and nobody deleted it, or replaced it, or
//! deleted or replaced a container that holds it. A replica that holds the edit
//! that deleted it never shows it. What is only there because it replaced an
//! element that somebody else replaced or removed as well may be gone: one of
//! them wins.
//!
//! The set of elements that a list shows is that of the list specifications of
//! Attiya et al. (PODC 2016), condition 1a: a state holds exactly the elements
//! whose insertions its replica has seen and whose deletions it has not.
//!
//! Histories that break it: replica 0 inserts `a`, both replicas sync, and `a`
//! is gone (*lost*) or there twice (*doubled*); replica 1 deletes `a`, restarts,
//! syncs, and `a` is back (*resurrected*); a character is there that nobody ever
//! typed (*invented*).

use super::history::History;
use super::oracle::{Oracle, Violation};
use super::sight::Sights;
use crate::edit::ContainerKind;

const KINDS: [ContainerKind; 2] = [ContainerKind::Text, ContainerKind::List];

/// Judges what was seen of texts and of lists whose elements do not move.
///
/// # Errors
/// A [`Violation`] that names an element.
pub(super) fn check(history: &History<'_>, sights: &Sights) -> Result<(), Violation> {
    sights.first_invented(history, &KINDS, Oracle::Elements)?;
    sights.first(history, &KINDS, Oracle::Elements)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::scene::*;
    use crate::document::Node;
    use crate::edit::{Action, Path, Step, Value};

    fn typed() -> Scene {
        Scene::of(ContainerKind::Text).edit(0, &[], text(""), insert_text(0, "ab"))
    }

    #[test]
    fn what_was_inserted_is_there_once() {
        holds(&typed().end(text("ab")));
        breaks(&typed().end(text("a")), Oracle::Elements, "text lost");
        breaks(&typed().end(text("aba")), Oracle::Elements, "text doubled");
        breaks(&typed().end(text("abc")), Oracle::Elements, "text invented");
        holds(&typed().gone().end(text("")));
        breaks(&typed().gone().end(text("abb")), Oracle::Elements, "text doubled");
    }

    #[test]
    fn what_was_deleted_stays_away() {
        let deleted = || typed().edit(1, &[0], text("ab"), delete_text(0, 1));
        holds(&deleted().end(text("b")));
        breaks(&deleted().end(text("ab")), Oracle::Elements, "text resurrected");
        let once_more = deleted().show(0, &[0, 1], text("ab")).end(text("b"));
        breaks(&once_more, Oracle::Elements, "text resurrected");
        // Its deletion never left the replica that died.
        holds(&deleted().gone().end(text("ab")));
        breaks(&deleted().gone().end(text("b")), Oracle::Elements, "text lost");
    }

    #[test]
    fn a_deletion_of_which_nobody_knows_may_be_there_or_not() {
        let deleted = || typed().edit(1, &[0], text("ab"), delete_text(0, 1)).unsure();
        holds(&deleted().end(text("b")));
        holds(&deleted().end(text("ab")));
        breaks(&deleted().end(text("a")), Oracle::Elements, "text lost");
        holds(&typed().unsure().end(text("ab")));
        holds(&typed().unsure().end(text("")));
        breaks(&typed().unsure().end(text("aab")), Oracle::Elements, "text doubled");
    }

    #[test]
    fn a_deletion_that_shares_characters_may_seem_to_be_held() {
        // Engines may name a deletion by a character that another deleted too.
        let both = || {
            typed().edit(1, &[0], text("ab"), delete_text(0, 2)).edit(
                0,
                &[0],
                text("ab"),
                delete_text(1, 1),
            )
        };
        holds(&both().show(0, &[0, 1, 2], text("a")).end(text("")));
        breaks(&both().end(text("a")), Oracle::Elements, "text resurrected");
    }

    #[test]
    fn what_may_have_been_hit_is_exempt() {
        let unseen = || typed().blind(1, &[0], delete_text(0, 1));
        holds(&unseen().end(text("b")));
        breaks(&unseen().end(text("bb")), Oracle::Elements, "text doubled");
        // `a` has two makers, and so no identity.
        let again = || typed().edit(1, &[], text(""), insert_text(0, "a"));
        holds(&again().end(text("b")));
        holds(&again().end(text("aab")));
        breaks(&again().end(text("aa")), Oracle::Elements, "text lost");
    }

    #[test]
    fn a_set_value_may_lose_to_another() {
        let set = |value| Action::Set { index: 0, value: int(value) };
        let one = || Scene::of(ContainerKind::List).edit(0, &[], list(&[]), insert(0, &[1]));
        let first = || one().edit(0, &[0], list(&[1]), set(2));
        breaks(&first().end(list(&[])), Oracle::Elements, "list lost");
        breaks(&first().end(list(&[1])), Oracle::Elements, "list resurrected");
        let both = || first().edit(1, &[0], list(&[1]), set(3));
        holds(&both().end(list(&[2])));
        holds(&both().end(list(&[3])));
    }

    #[test]
    fn what_stood_in_an_overwritten_container_may_vanish() {
        let container = || Value::Container(ContainerKind::Text);
        let at = || Path::root("r").then(Step::Key("t".to_owned()));
        let with = |characters| Node::Map([("t".to_owned(), text(characters))].into());
        let made = || {
            Scene::of(ContainerKind::Map).edit(0, &[], map(&[]), put("t", container())).edit_at(
                at(),
                0,
                &[0],
                with(""),
                insert_text(0, "ab"),
            )
        };
        breaks(&made().end(with("")), Oracle::Elements, "text lost");
        let beside = made().edit(1, &[], map(&[]), put("t", container()));
        holds(&beside.end(with("")));
        let overwritten = || made().edit(1, &[0, 1], with("ab"), put("t", int(7)));
        holds(&overwritten().end(map(&[("t", 7)])));
        breaks(&overwritten().end(with("ab")), Oracle::Elements, "text resurrected");
        breaks(&made().end(with("abab")), Oracle::Elements, "text doubled");
    }

    #[test]
    fn elements_far_apart_are_found() {
        let far = [1, i64::from(i32::MAX), -5];
        let scene = || Scene::of(ContainerKind::List).edit(0, &[], list(&[]), insert(0, &far));
        holds(&scene().end(list(&far)));
        breaks(&scene().end(list(&far[..2])), Oracle::Elements, "list lost");
        breaks(
            &scene().end(list(&[1, i64::from(i32::MAX), -5, 4])),
            Oracle::Elements,
            "list invented",
        );
    }
}
