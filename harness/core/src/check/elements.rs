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
