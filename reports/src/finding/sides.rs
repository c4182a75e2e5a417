//! The documents at the end, side by side, with what differs.

use std::collections::BTreeMap;

use deadzone_core::check::Violation;
use deadzone_core::document::Document;
use deadzone_core::schedule::ReplicaNumber;

use super::act::Act;
use super::difference::{Stretch, against};
use super::letters::listed;
use super::moments::{Known, Moment};
use super::notation::{self, Root};

/// A document and the replicas that show it.
#[derive(Clone, Debug)]
pub(super) struct Side {
    /// Who shows it.
    pub(super) replicas: Vec<ReplicaNumber>,
    /// What it is, where that needs words.
    pub(super) note: &'static str,
    /// Its roots: the name, and the value in stretches. Those of the side
    /// that it is compared with are the same.
    pub(super) roots: Vec<(String, Vec<Stretch>)>,
}

impl Side {
    /// `replicas 0 and 2`.
    pub(super) fn title(&self) -> String {
        let numbers: Vec<u8> = self.replicas.iter().map(|replica| replica.0).collect();
        let plural = if numbers.len() == 1 { "" } else { "s" };
        format!("replica{plural} {}{}", listed(&numbers), self.note)
    }
}

/// Every document that replicas show after the last moment, and those who show
/// it; then the earlier version, if looking at one was the last thing done.
///
/// What was found at one replica is a matter of what it was before and after.
pub(super) fn at_the_end(violation: &Violation, moments: &[Moment<'_>]) -> Vec<Side> {
    let Some(last) = moments.last() else { return Vec::new() };
    if let Some(sides) = before_and_after(violation, last) {
        return sides;
    }
    let mut kinds: Vec<Kind<'_>> = Vec::new();
    for (replica, known) in &last.known {
        let Some(document) = known.document else { continue };
        let note = if known.stale { ", as it was read last" } else { "" };
        let same = |kind: &&mut Kind<'_>| kind.0 == document && kind.2 == note;
        match kinds.iter_mut().find(same) {
            Some((_, replicas, _)) => replicas.push(*replica),
            None => kinds.push((document, vec![*replica], note)),
        }
    }
    // Only at the end should all be equal.
    let comparable = violation.step.is_none() || violation.replicas.len() > 1;
    if let Some(Act::LookBack { at, document }) = last.acts.last() {
        kinds.push((document, vec![*at], ", looking at an earlier version"));
    }
    compared(kinds, comparable)
}

/// A document, who shows it, and what it is where that needs words.
type Kind<'a> = (&'a Document, Vec<ReplicaNumber>, &'static str);

fn before_and_after(violation: &Violation, last: &Moment<'_>) -> Option<Vec<Side>> {
    let [replica] = violation.replicas[..] else { return None };
    violation.step.filter(|step| last.step == Some(*step))?;
    let known = last.known.get(&replica)?;
    let (before, after) = known.before.zip(known.document)?;
    if before == after {
        return None;
    }
    let kinds =
        vec![(before, vec![replica], ", before this step"), (after, vec![replica], ", after it")];
    Some(compared(kinds, true))
}

/// Each against the first, and the first against the second, if they are
/// `comparable`.
fn compared(kinds: Vec<Kind<'_>>, comparable: bool) -> Vec<Side> {
    let roots: Vec<Vec<Root>> = kinds.iter().map(|kind| notation::roots(kind.0)).collect();
    let side = |(number, (_, replicas, note)): (usize, Kind<'_>)| {
        let other = match (comparable, number) {
            (false, _) => number,
            (true, 0) => 1.min(roots.len() - 1),
            (true, _) => 0,
        };
        Side { replicas, note, roots: difference(&roots[number], &roots[other]) }
    };
    kinds.into_iter().enumerate().map(side).collect()
}

/// The roots of a document, against the same ones of another.
pub(super) fn difference(roots: &[Root], others: &[Root]) -> Vec<(String, Vec<Stretch>)> {
    let others: BTreeMap<&String, &Root> = others.iter().map(|root| (&root.name, root)).collect();
    let stretches = |root: &Root| {
        let other = others.get(&root.name).map_or(&[][..], |other| &other.pieces);
        (root.name.clone(), against(&root.pieces, other))
    };
    roots.iter().map(stretches).collect()
}

/// What is known of a document, against what was known of it a moment before:
/// what is new in it differs.
pub(super) fn news(known: &Known<'_>) -> Option<Vec<(String, Vec<Stretch>)>> {
    let now = notation::roots(known.document?);
    let before = known.before.map(notation::roots).unwrap_or_else(|| now.clone());
    Some(difference(&now, &before))
}
