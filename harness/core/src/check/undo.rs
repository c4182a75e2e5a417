//! Undoing one's own edit touches nobody else's.
//!
//! What an undo did is not known, only whose edits it may take back: those of
//! its own replica. So every element that another replica inserted, that nobody
//! ever took away, and that stood there before the undo still stands there after
//! it. The local undo of Yu, Elvinger, Ignat, "A Generic Undo Support for
//! State-Based CRDTs", OPODIS 2019; in redoing as in undoing.
//!
//! Left out is what hangs on something of the undoer's: elements in containers
//! under keys or in lists, nodes below one that the undoer created or moved, and
//! elements of lists in which values were set; and what the adapter builds.
//!
//! A history that breaks it: replica 0 types `a`, replica 1 receives it and types
//! `b` behind it, replica 1 undoes, and shows an empty text.

use std::collections::BTreeSet;

use super::history::{Element, History, Identity, Stands};
use super::observed::MadeBy;
use super::oracle::{Oracle, Violation};
use crate::document::{Document, Node, TreeNode};
use crate::schedule::ReplicaNumber;

/// Judges all undone and redone edits that somebody looked at the states around.
///
/// # Errors
/// A [`Violation`] that names an element.
pub(super) fn check(history: &History<'_>) -> Result<(), Violation> {
    for made in &history.observed.made {
        let (Some(before), Some(after)) = (made.before, made.after) else { continue };
        if made.by == MadeBy::Edit {
            continue;
        }
        let before = present(&history.observed.shown[before].document);
        let after = present(&history.observed.shown[after].document);
        let elements = history.elements.all.iter();
        let gone = elements.filter(|e| is_untouchable(history, e, made.replica)).find(|element| {
            let is = |all: &Present<'_>| all.has(element.identity);
            is(&before) && !is(&after)
        });
        if let Some(element) = gone {
            let word = if made.by == MadeBy::Redo { "redo" } else { "undo" };
            let said = format!(
                "{}, inserted in {} and never taken away, is gone after the {word} in step {} at \
                 {}",
                element.identity,
                history.who(element.by),
                made.step,
                made.replica
            );
            let about = format!("{} {word}", history.kind_of(element).name());
            let violation = Violation::new(Oracle::Undo, about, said);
            return Err(violation.at(made.replica).after(made.step));
        }
    }
    Ok(())
}

fn is_untouchable(history: &History<'_>, element: &Element<'_>, by: ReplicaNumber) -> bool {
    let place = history.places.get(element.place);
    let exempt = place.built
        || place.unseen_removals
        || place.parent.is_some()
        || !element.gone_by.is_empty()
        || element.harmed
        || !element.alone
        || history.made(element.by).replica == by;
    if exempt {
        return false;
    }
    match element.identity {
        Identity::Character(_) => true,
        // A set by the undoer, taken back, may bring an older value back.
        Identity::Item(_) => {
            !history.elements.all.iter().any(|other| other.place == element.place && other.by_set)
        }
        Identity::Value(_) => false,
        Identity::Label(label) => !hangs_on(history, element, label, by),
    }
}

/// Whether a node may ever have stood below one that a replica created, moved
/// or deleted.
fn hangs_on(history: &History<'_>, element: &Element<'_>, label: &str, by: ReplicaNumber) -> bool {
    let standings = &history.places.get(element.place).standings;
    let mut above = vec![label];
    let mut done = 0;
    while done < above.len() {
        let label = above[done];
        for standing in standings.iter().filter(|standing| standing.label == label) {
            if history.made(standing.edit).replica == by {
                return true;
            }
            if let Stands::Created(Some(parent)) | Stands::Moved(Some(parent)) = standing.what
                && !above.contains(&parent)
            {
                above.push(parent);
            }
        }
        done += 1;
    }
    false
}

#[derive(Default)]
struct Present<'d> {
    characters: BTreeSet<char>,
    items: BTreeSet<&'d crate::document::Scalar>,
    labels: BTreeSet<&'d str>,
}

impl Present<'_> {
    fn has(&self, identity: Identity<'_>) -> bool {
        match identity {
            Identity::Character(character) => self.characters.contains(&character),
            Identity::Item(scalar) => self.items.contains(scalar),
            Identity::Label(label) => self.labels.contains(label),
            Identity::Value(_) => false,
        }
    }
}

/// What stands in the roots themselves.
fn present(document: &Document) -> Present<'_> {
    fn add<'d>(nodes: &'d [TreeNode], into: &mut Present<'d>) {
        for node in nodes {
            into.labels.insert(&node.label);
            add(&node.children, into);
        }
    }
    let mut present = Present::default();
    for root in document.roots.values() {
        match root {
            Node::Text(runs) => {
                present.characters.extend(runs.iter().flat_map(|run| run.text.chars()));
            }
            Node::List(items) => present.items.extend(items.iter().filter_map(|item| match item {
                Node::Scalar(scalar) => Some(scalar),
                _ => None,
            })),
            Node::Tree(nodes) => add(nodes, &mut present),
            Node::Map(_) | Node::Scalar(_) | Node::Counter(_) => {}
        }
    }
    present
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::scene::*;
    use crate::edit::ContainerKind;

    #[test]
    fn an_undo_leaves_what_others_typed() {
        let typed = || {
            Scene::of(ContainerKind::Text).edit(0, &[], text(""), insert_text(0, "a")).edit(
                1,
                &[0],
                text("a"),
                insert_text(1, "b"),
            )
        };
        holds(&typed().undo(1, &[0, 1], text("ab"), text("a")).observed);
        let greedy = typed().undo(1, &[0, 1], text("ab"), text("")).observed;
        breaks(&greedy, Oracle::Undo, "text undo");
        let deleted = typed().edit(1, &[0, 1], text("ab"), delete_text(0, 2));
        holds(&deleted.undo(1, &[0, 1, 2], text(""), text("ab")).observed);
    }

    #[test]
    fn an_undo_may_take_away_what_hangs_on_its_own() {
        let tree = |nodes| Node::Tree(nodes);
        let scene = || {
            Scene::of(ContainerKind::Tree).edit(0, &[], tree(vec![]), create("a", None)).edit(
                1,
                &[0],
                tree(vec![node("a", vec![])]),
                create("b", Some("a")),
            )
        };
        let both = || tree(vec![node("a", vec![node("b", vec![])])]);
        holds(&scene().undo(0, &[0, 1], both(), tree(vec![])).observed);
        breaks(&scene().undo(1, &[0, 1], both(), tree(vec![])).observed, Oracle::Undo, "tree undo");
    }
}
