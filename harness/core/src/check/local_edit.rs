//! A local edit does locally what it says.
//!
//! The state before a transaction, with its edits done plainly, as on a document
//! that nobody else writes, is the state after it; [`Model`] is the definition.
//! Which marks text takes on when it is typed at the border of one differs
//! between engines, so marks are compared only where one was just put.
//!
//! It is the sequential specification that every replicated data type has to
//! meet while there is no concurrency (Burckhardt, Gotsman, Yang, Zawirski, POPL
//! 2014).
//!
//! A history that breaks it: a replica shows `a😀b`, is told to insert `x` at 3,
//! and shows `a😀bx`.

use super::history::node_at;
use super::observed::{Made, MadeBy, Observed};
use super::oracle::{Oracle, Violation};
use super::{difference, history};
use crate::document::{Document, Node, Run, Scalar};
use crate::edit::{Action, ContainerKind, Edit};
use crate::engine::Support;
use crate::model::Model;

/// Judges all edits that somebody looked at the states around.
///
/// # Errors
/// A [`Violation`] of the first that did something else.
pub(super) fn check(observed: &Observed) -> Result<(), Violation> {
    observed.made.iter().try_for_each(|made| check_one(observed, made))
}

fn check_one(observed: &Observed, made: &Made) -> Result<(), Violation> {
    let (MadeBy::Edit, Some(before), Some(after)) = (made.by, made.before, made.after) else {
        return Ok(());
    };
    let (before, after) = (&observed.shown[before].document, &observed.shown[after].document);
    let touched = |root: &&String| made.edits.iter().any(|edit| edit.at.root == **root);
    let mut model = Model::of(before.roots.iter().filter(|(root, _)| touched(root)));
    if let Err(error) = model.apply(&made.edits) {
        let said = format!("it was done, and on the state before it cannot be: {error}");
        return Err(violation(made, "impossible", &said));
    }
    let same = before.roots.len() == after.roots.len()
        && after.roots.iter().all(|(root, node)| {
            if touched(&root) {
                model.shows(root, node)
            } else {
                before.roots.get(root) == Some(node)
            }
        });
    if !same {
        let mut expected = before.clone();
        expected.roots.extend(model.document().roots);
        let built = observed.engine.containers.get(&ContainerKind::Tree) != Some(&Support::Native);
        let (expected, is) = (comparable(expected, built), comparable(after.clone(), built));
        if expected != is {
            let difference = difference(&expected, &is);
            return Err(violation(made, "effect", &format!("expected {difference}")));
        }
    }
    match made.edits.as_slice() {
        [edit] if observed.engine.marks != Support::Lacking => check_mark(made, edit, after),
        _ => Ok(()),
    }
}

/// A mark is on all that it was put on.
fn check_mark(made: &Made, edit: &Edit, after: &Document) -> Result<(), Violation> {
    let Action::Mark { index, count, name, value } = &edit.action else { return Ok(()) };
    let Some(Node::Text(runs)) = node_at(after, &edit.at) else { return Ok(()) };
    let mut at = 0;
    for Run { text, marks } in runs {
        let from = at;
        at += text.encode_utf16().count() as u32;
        let inside = from < index + count && at > *index;
        let is = marks.get(name).unwrap_or(&Scalar::Null);
        if inside && is != value {
            let said = format!(
                "`{text}` has `{name}` = {} after it; expected {}",
                history::shown(is),
                history::shown(value)
            );
            return Err(violation(made, "marks", &said));
        }
    }
    Ok(())
}

fn violation(made: &Made, what: &str, said: &str) -> Violation {
    let names: Vec<String> =
        made.edits.iter().map(|edit| edit.action.name().replace('_', "-")).collect();
    let about = match names.as_slice() {
        [name] => format!("{name} {what}"),
        _ => format!("several {what}"),
    };
    let said = format!("step {} at {}, {}: {said}", made.step, made.replica, names.join(", "));
    Violation::new(Oracle::LocalEdit, about, said).at(made.replica).after(made.step)
}

/// The same with all texts in one run. In a tree that an adapter builds, a move
/// may bring back what another one had hidden, so what stands in it is left out.
fn comparable(mut document: Document, trees_are_built: bool) -> Document {
    fn strip(node: &mut Node, trees: bool) {
        match node {
            Node::Text(runs) => {
                let text: String = runs.drain(..).map(|run| run.text).collect();
                if !text.is_empty() {
                    runs.push(Run { text, marks: Default::default() });
                }
            }
            Node::Map(entries) => entries.values_mut().for_each(|node| strip(node, trees)),
            Node::List(items) => items.iter_mut().for_each(|node| strip(node, trees)),
            Node::Tree(nodes) if trees => nodes.clear(),
            Node::Scalar(_) | Node::Counter(_) | Node::Tree(_) => {}
        }
    }
    document.roots.values_mut().for_each(|node| strip(node, trees_are_built));
    document
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::scene::*;
    use crate::edit::{ContainerKind, Value};

    #[track_caller]
    fn does(kind: ContainerKind, before: Node, action: Action, after: Node) {
        let scene = Scene::of(kind).edit_to(0, &[], before, action, after);
        assert_eq!(check(&scene.observed), Ok(()));
    }

    #[track_caller]
    fn does_not(kind: ContainerKind, before: Node, action: Action, after: Node, about: &str) {
        let scene = Scene::of(kind).edit_to(0, &[], before, action, after);
        let violation = check(&scene.observed).expect_err("it does something else");
        assert_eq!((violation.oracle, violation.about.as_str()), (Oracle::LocalEdit, about));
        assert_eq!(violation.step, Some(1));
    }

    #[test]
    fn each_kind_of_edit_is_held_to_what_it_says() {
        use ContainerKind as Kind;
        let smile = || text("a😀b");
        let insert_x = || insert_text(3, "x");
        does_not(Kind::Text, smile(), insert_x(), text("a😀bx"), "insert-text effect");
        does_not(Kind::Text, smile(), delete_text(1, 2), text("ab😀"), "delete-text effect");
        does_not(Kind::Text, smile(), delete_text(4, 1), text("a😀b"), "delete-text impossible");
        does_not(Kind::Map, map(&[]), put("a", int(1)), map(&[("a", 2)]), "put effect");
        does_not(Kind::Map, map(&[("a", 1)]), delete("a"), map(&[("a", 1)]), "delete effect");
        let two = || list(&[1, 2]);
        does_not(Kind::List, list(&[]), insert(0, &[1, 2]), list(&[2, 1]), "insert effect");
        let set = Action::Set { index: 1, value: int(3) };
        does_not(Kind::List, two(), set, list(&[3, 2]), "set effect");
        let go_last = Action::Move { from: 0, to: 1 };
        does_not(Kind::MovableList, two(), go_last, two(), "move effect");
        let add = Action::Increment { by: 2 };
        does_not(Kind::Counter, Node::Counter(1), add, Node::Counter(2), "increment effect");
        let create = create("a", None);
        does_not(Kind::Tree, Node::Tree(vec![]), create, Node::Tree(vec![]), "create-node effect");
    }

    #[test]
    fn an_object_reads_as_a_map_and_marks_may_grow() {
        let fields = || [("f".to_owned(), Scalar::Int(1))].into();
        let with = Node::Map([("o".to_owned(), map(&[("f", 1)]))].into());
        does(ContainerKind::Map, map(&[]), put("o", Value::Object(fields())), with);
        let bold = |text: &str| {
            let marks = [("bold".to_owned(), Scalar::Bool(true))].into();
            Node::Text(vec![Run { text: text.to_owned(), marks }])
        };
        let marked = || bold("ab");
        does(ContainerKind::Text, marked(), delete_text(0, 1), bold("b"));
        let mark = |count| Action::Mark {
            index: 0,
            count,
            name: "bold".to_owned(),
            value: Scalar::Bool(true),
        };
        let not_all = Node::Text(
            [bold("a"), text("b")]
                .into_iter()
                .flat_map(|node| match node {
                    Node::Text(runs) => runs,
                    _ => Vec::new(),
                })
                .collect(),
        );
        does_not(ContainerKind::Text, text("ab"), mark(2), not_all.clone(), "mark marks");
        does(ContainerKind::Text, text("ab"), mark(1), not_all);
    }
}
