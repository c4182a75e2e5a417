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
use super::{first_difference, history};
use crate::document::{Document, Node, Run, Scalar};
use crate::edit::{Action, Edit};
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
        let (expected, is) = (without_marks(expected), without_marks(after.clone()));
        let difference = first_difference(&expected.to_bytes(), &is.to_bytes());
        return Err(violation(made, "effect", &format!("expected {difference}")));
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
    let names: Vec<&str> = made.edits.iter().map(|edit| name(&edit.action)).collect();
    let about = match names.as_slice() {
        [name] => format!("{name} {what}"),
        _ => format!("several {what}"),
    };
    let said = format!("step {} at {}, {}: {said}", made.step, made.replica, names.join(", "));
    Violation::new(Oracle::LocalEdit, about, said).at(made.replica).after(made.step)
}

fn name(action: &Action) -> &'static str {
    match action {
        Action::InsertText { .. } => "insert-text",
        Action::DeleteText { .. } => "delete-text",
        Action::Mark { .. } => "mark",
        Action::Put { .. } => "put",
        Action::Delete { .. } => "delete",
        Action::Insert { .. } => "insert",
        Action::Set { .. } => "set",
        Action::Remove { .. } => "remove",
        Action::Move { .. } => "move",
        Action::Increment { .. } => "increment",
        Action::CreateNode { .. } => "create-node",
        Action::MoveNode { .. } => "move-node",
        Action::DeleteNode { .. } => "delete-node",
    }
}

/// The same with all texts in one run.
fn without_marks(mut document: Document) -> Document {
    fn strip(node: &mut Node) {
        match node {
            Node::Text(runs) => {
                let text: String = runs.drain(..).map(|run| run.text).collect();
                if !text.is_empty() {
                    runs.push(Run { text, marks: Default::default() });
                }
            }
            Node::Map(entries) => entries.values_mut().for_each(strip),
            Node::List(items) => items.iter_mut().for_each(strip),
            Node::Scalar(_) | Node::Counter(_) | Node::Tree(_) => {}
        }
    }
    document.roots.values_mut().for_each(strip);
    document
}
