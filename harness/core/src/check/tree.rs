//! Trees: every node once, under a parent that somebody gave it, none lost.
//!
//! Kleppmann, Mulligan, Gomes, Beresford, "A highly-available move operation for
//! replicated trees" (IEEE TPDS 2022): whatever moves happen concurrently, every
//! node has one parent and there is no cycle. A cycle would cut its nodes off
//! from the top, so in a document it shows as nodes that are gone. A node may be
//! gone if somebody deleted it, or any node that it may ever have stood under. A
//! deleted node stays away, unless a move that the deleter did not know of takes
//! it out again.
//!
//! Trees that an adapter builds are held to having each node's label from
//! somebody, and to nothing else.
//!
//! A history that breaks it: `a` and `b` are there, replica 0 moves `a` under
//! `b`, replica 1 moves `b` under `a`, both sync, and both nodes are gone.

use super::history::{ElementNumber, History, Place, Stands};
use super::oracle::{Oracle, Violation};
use super::sight::Sights;
use crate::document::{Document, Node, TreeNode};
use crate::edit::ContainerKind;

/// Judges what was seen of trees.
///
/// # Errors
/// A [`Violation`] that names a node.
pub(super) fn check(history: &History<'_>, sights: &Sights) -> Result<(), Violation> {
    sights.first_invented(history, &[ContainerKind::Tree], Oracle::Tree)?;
    sights.first(history, &[ContainerKind::Tree], Oracle::Tree)?;
    let Some(last) = history.observed.last.first() else { return Ok(()) };
    let shown = &history.observed.shown[*last];
    check_parents(history, &shown.document).map_err(|violation| violation.at(shown.replica))
}

/// At the end every node stands where somebody put it.
fn check_parents(history: &History<'_>, document: &Document) -> Result<(), Violation> {
    fn in_nodes(
        history: &History<'_>,
        parent: Option<&str>,
        nodes: &[TreeNode],
    ) -> Result<(), Violation> {
        nodes.iter().try_for_each(|node| {
            if let Some(element) = history.elements.label(&node.label)
                && !may_stand(history, element, parent)
            {
                return Err(misplaced(history, element, parent));
            }
            in_nodes(history, Some(&node.label), &node.children)
        })
    }
    fn in_node(history: &History<'_>, node: &Node) -> Result<(), Violation> {
        match node {
            Node::Tree(nodes) => in_nodes(history, None, nodes),
            Node::Map(entries) => entries.values().try_for_each(|entry| in_node(history, entry)),
            Node::List(items) => items.iter().try_for_each(|item| in_node(history, item)),
            Node::Scalar(_) | Node::Text(_) | Node::Counter(_) => Ok(()),
        }
    }
    document.roots.values().try_for_each(|root| in_node(history, root))
}

fn may_stand(history: &History<'_>, element: ElementNumber, parent: Option<&str>) -> bool {
    let element = history.elements.get(element);
    let place: &Place<'_> = history.places.get(element.place);
    if !element.alone || place.built {
        return true;
    }
    let super::history::Identity::Label(label) = element.identity else { return true };
    place.standings.iter().any(|standing| {
        let under =
            matches!(standing.what, Stands::Created(to) | Stands::Moved(to) if to == parent);
        standing.label == label && under
    })
}

fn misplaced(history: &History<'_>, element: ElementNumber, parent: Option<&str>) -> Violation {
    let element = history.elements.get(element);
    let under = parent.map_or("at the top".to_owned(), |parent| format!("under `{parent}`"));
    let said = format!(
        "{}, created in {}, stands {under} at the end, where nobody ever put it",
        element.identity,
        history.who(element.by)
    );
    Violation::new(Oracle::Tree, "tree misplaced", said)
}
