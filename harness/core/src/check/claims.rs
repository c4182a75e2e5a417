//! A replica holds the edits that it says it holds.
//!
//! What replicas say of what they have seen decides what is sent to them: a
//! replica that claims an edit without holding it never gets it. So every state
//! that a replica showed must have each unique element that an edit of those it
//! claimed then brought, if nobody ever took the element away.
//!
//! From the definition of visibility in Burckhardt, Gotsman, Yang, Zawirski,
//! "Replicated Data Types: Specification, Verification, Optimality", POPL 2014:
//! what a replica returns is a function of the operations visible to it.
//!
//! A history that breaks it: replica 0 types `a`, replica 1 receives the update,
//! counts it as received, and shows an empty text.

use super::history::History;
use super::oracle::{Oracle, Violation};
use super::sight::{Fate, Sights};

/// Judges what was lacking in states.
///
/// # Errors
/// A [`Violation`] that names an element.
pub(super) fn check(history: &History<'_>, sights: &Sights) -> Result<(), Violation> {
    let lacking = sights.cases.iter().find(|case| case.fate == Fate::Lacking);
    lacking.map_or(Ok(()), |case| Err(case.violation(history, Oracle::Claims)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::scene::*;
    use crate::edit::ContainerKind;

    #[test]
    fn a_state_has_what_its_replica_claims() {
        let typed = || Scene::of(ContainerKind::Text).edit(0, &[], text(""), insert_text(0, "ab"));
        holds(&typed().show(1, &[], text("")).show(1, &[0], text("ab")).end(text("ab")));
        let claims = typed().show(1, &[0], text("b")).end(text("ab"));
        breaks(&claims, Oracle::Claims, "text lacking");
        let deleted = typed().edit(0, &[0], text("ab"), delete_text(0, 1));
        holds(&deleted.show(1, &[0], text("b")).end(text("b")));
    }
}
