//! Edits that were meant for an earlier document.

use deadzone_core::edit::{Action, Edit};
use deadzone_core::model::Model;

/// `edit` with positions that `model` has; none where its place is gone.
pub(super) fn fitted(model: &Model, edit: &Edit) -> Option<Edit> {
    let at = &edit.at;
    let length = model.length(at).unwrap_or(0);
    let place = |index: u32| model.snap(at, index.min(length));
    let stretch = |index: u32, count: u32| {
        let (start, end) = (place(index), place(index.saturating_add(count)));
        (start, end - start)
    };
    let child = |parent: &Option<String>, without: Option<&String>, index: u32| {
        let siblings = model.tree_children(at, parent.as_deref())?;
        let others = siblings.iter().filter(|label| Some(**label) != without.map(String::as_str));
        Some(index.min(others.count() as u32))
    };
    let action = match edit.action.clone() {
        Action::InsertText { index, text } => Action::InsertText { index: place(index), text },
        Action::DeleteText { index, count } => {
            let (index, count) = stretch(index, count);
            Action::DeleteText { index, count }
        }
        Action::Mark { index, count, name, value } => {
            let (index, count) = stretch(index, count);
            Action::Mark { index, count, name, value }
        }
        Action::Insert { index, values } => Action::Insert { index: place(index), values },
        Action::Remove { index, count } => {
            let (index, count) = stretch(index, count);
            Action::Remove { index, count }
        }
        Action::Move { from, to } => Action::Move { from, to: to.min(length.saturating_sub(1)) },
        Action::CreateNode { label, parent, index } => {
            let index = child(&parent, None, index)?;
            Action::CreateNode { label, parent, index }
        }
        Action::MoveNode { label, parent, index } => {
            let index = child(&parent, Some(&label), index)?;
            Action::MoveNode { label, parent, index }
        }
        as_it_is @ (Action::Put { .. }
        | Action::Delete { .. }
        | Action::Set { .. }
        | Action::Increment { .. }
        | Action::DeleteNode { .. }) => as_it_is,
    };
    let fitted = Edit { at: at.clone(), action };
    // What still does not fit has lost its place, or another kind took it.
    (model.check(std::slice::from_ref(&fitted)) == Ok(true)).then_some(fitted)
}
