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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::scene::*;
    use crate::edit::Action;

    fn top(nodes: Vec<TreeNode>) -> Node {
        Node::Tree(nodes)
    }

    /// `a` goes under `b` while `b` goes under `a`.
    fn crossed(scene: Scene) -> Scene {
        let both = || top(vec![node("b", vec![]), node("a", vec![])]);
        scene
            .edit(0, &[], top(vec![]), create("a", None))
            .edit(0, &[0], top(vec![node("a", vec![])]), create("b", None))
            .edit(0, &[0, 1], both(), go("a", Some("b")))
            .edit(1, &[0, 1], both(), go("b", Some("a")))
    }

    #[test]
    fn crossed_moves_make_no_cycle() {
        let scene = || crossed(Scene::of(ContainerKind::Tree));
        holds(&scene().end(top(vec![node("b", vec![node("a", vec![])])])));
        holds(&scene().end(top(vec![node("a", vec![node("b", vec![])])])));
        breaks(&scene().end(top(vec![])), Oracle::Tree, "tree lost");
        let twice = top(vec![node("a", vec![node("b", vec![node("a", vec![])])])]);
        breaks(&scene().end(twice.clone()), Oracle::Tree, "tree doubled");
        holds(&crossed(Scene::of(ContainerKind::Tree).built(ContainerKind::Tree)).end(twice));
    }

    #[test]
    fn a_node_stands_where_somebody_put_it() {
        let scene = || {
            Scene::of(ContainerKind::Tree).edit(0, &[], top(vec![]), create("a", None)).edit(
                0,
                &[0],
                top(vec![node("a", vec![])]),
                create("b", Some("a")),
            )
        };
        let aside = top(vec![node("a", vec![]), node("b", vec![])]);
        breaks(&scene().end(aside), Oracle::Tree, "tree misplaced");
        let more = top(vec![node("a", vec![node("b", vec![]), node("c", vec![])])]);
        breaks(&scene().end(more), Oracle::Tree, "tree invented");
    }

    #[test]
    fn a_node_may_go_with_what_it_stood_under() {
        let delete = || Action::DeleteNode { label: "a".to_owned() };
        let one = || Scene::of(ContainerKind::Tree).edit(0, &[], top(vec![]), create("a", None));
        let below = || one().edit(0, &[0], top(vec![node("a", vec![])]), create("b", Some("a")));
        let deleted = || below().edit(1, &[0], top(vec![node("a", vec![])]), delete());
        holds(&deleted().end(top(vec![])));
        let all = top(vec![node("a", vec![node("b", vec![])])]);
        breaks(&deleted().end(all.clone()), Oracle::Tree, "tree resurrected");
        // A move that the deleter did not know of may take it out again.
        let moved = below().edit(0, &[0, 1], all.clone(), go("b", None));
        let moved = moved.edit(1, &[0, 1], all, delete());
        holds(&moved.end(top(vec![node("b", vec![])])));
    }
}
