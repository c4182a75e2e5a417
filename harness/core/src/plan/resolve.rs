//! From the positions of a plan to indices, against what a replica holds at
//! that moment.

use super::cursor::{Cursor, kept_index};
use super::draft::{Draft, Effect, Origin};
use crate::edit::{Action, Edit, Path, Position, Step};
use crate::plan::Layout;

/// The edits of one transaction with indices in place of positions: against the
/// lengths that the replica of `layout` has now, each edit on top of the ones before it.
///
/// Stretches are clipped to what is there, and edits of empty stretches are
/// left out. None if a path leads nowhere, an element or a node is not there,
/// or nothing is left to do; such a step is counted as skipped. `splits` says
/// that the plan has characters of two code units (see
/// [`super::Plan::splits`]), so that indices are moved out of their middle.
pub fn resolve(
    layout: &Layout<'_>,
    cursor: &mut Cursor,
    edits: &[Edit<Position>],
    splits: bool,
) -> Option<Vec<Edit>> {
    let mut resolved = Vec::with_capacity(edits.len());
    resolve_into(layout, cursor, edits, splits, &mut resolved).then_some(resolved)
}

/// As [`resolve`], but puts the edits into `resolved` and says whether there
/// are any. What was in there before is gone; its memory is used again.
pub fn resolve_into(
    layout: &Layout<'_>,
    cursor: &mut Cursor,
    edits: &[Edit<Position>],
    splits: bool,
    resolved: &mut Vec<Edit>,
) -> bool {
    cursor.settle(layout);
    let spare_text = spare_text(resolved);
    let draft = Draft::new(layout, edits.len());
    let mut transaction = Transaction { draft, cursor, moved: None, resolved, splits, spare_text };
    for edit in edits {
        match transaction.edit(edit) {
            Outcome::Edit(edit) => transaction.resolved.push(edit),
            Outcome::Empty => {}
            Outcome::Gone => return false,
        }
    }
    let Transaction { cursor, moved, resolved, .. } = transaction;
    if let Some(Moved { edit, index, length }) = moved {
        cursor.put(&resolved[edit].at, index, length);
    }
    !resolved.is_empty()
}

/// The text of an edit that is no longer needed, for its memory: typing makes
/// one after another.
fn spare_text(edits: &mut Vec<Edit>) -> String {
    let last = edits.pop();
    edits.clear();
    match last {
        Some(Edit { action: Action::InsertText { mut text, .. }, .. }) => {
            text.clear();
            text
        }
        _ => String::new(),
    }
}

enum Outcome {
    Edit(Edit),
    /// Nothing to do.
    Empty,
    /// Nothing to do it to.
    Gone,
}

struct Transaction<'a, 'l> {
    draft: Draft<'a, 'l>,
    /// Where it was before the transaction, and is again if that comes to
    /// nothing.
    cursor: &'a mut Cursor,
    moved: Option<Moved>,
    resolved: &'a mut Vec<Edit>,
    splits: bool,
    spare_text: String,
}

/// Where the transaction has moved the cursor to.
struct Moved {
    /// The number of the resolved edit that it is in the container of.
    edit: usize,
    index: u32,
    length: u32,
}

/// A container in the middle of a transaction.
struct Target {
    /// None if it is that of `origin`.
    at: Option<Path>,
    origin: Origin,
    length: u32,
    cursor: u32,
}

impl Transaction<'_, '_> {
    fn edit(&mut self, edit: &Edit<Position>) -> Outcome {
        let Some((at, origin)) = self.container(&edit.at) else { return Outcome::Gone };
        if let Action::Increment { by } = edit.action {
            // A counter has no length to ask for; the engine says if it is gone.
            let at = own_path(at, origin);
            return Outcome::Edit(Edit { at, action: Action::Increment { by } });
        }
        let Some(length) = self.draft.length(&origin) else { return Outcome::Gone };
        let cursor = self.cursor_index(path(&at, &origin), length);
        let target = Target { at, origin, length, cursor };
        let action = match &edit.action {
            Action::InsertText { .. } | Action::DeleteText { .. } | Action::Mark { .. } => {
                self.text(&target, &edit.action)
            }
            Action::Put { .. } | Action::Delete { .. } => Some(self.map(&target, &edit.action)),
            Action::Insert { .. } | Action::Remove { .. } => self.list(&target, &edit.action),
            Action::Set { .. } | Action::Move { .. } if length == 0 => return Outcome::Gone,
            Action::Set { .. } | Action::Move { .. } => self.list(&target, &edit.action),
            Action::CreateNode { .. } | Action::MoveNode { .. } | Action::DeleteNode { .. } => {
                let Some(action) = self.tree(&target, &edit.action) else { return Outcome::Gone };
                Some(action)
            }
            Action::Increment { .. } => unreachable!("answered above"),
        };
        action.map_or(Outcome::Empty, |action| {
            Outcome::Edit(Edit { at: own_path(target.at, target.origin), action })
        })
    }

    fn cursor_index(&self, at: &Path, length: u32) -> u32 {
        match &self.moved {
            Some(moved) if self.resolved[moved.edit].at == *at => {
                kept_index(moved.index, moved.length, length)
            }
            Some(_) => length,
            None => self.cursor.index(at, length),
        }
    }

    /// The edit that is resolved now leaves the cursor here, in its container.
    fn put_cursor(&mut self, index: u32, length: u32) {
        self.moved = Some(Moved { edit: self.resolved.len(), index, length });
    }

    /// The path of a container in the transaction, unless it is that of its
    /// origin, and the origin.
    fn container(&mut self, wanted: &Path<Position>) -> Option<(Option<Path>, Origin)> {
        let mut at = self.draft.keeps_notes().then(|| Path::root(wanted.root.clone()));
        let mut origin = Origin::Held(Path::root(wanted.root.clone()));
        for step in &wanted.steps {
            let step = match step {
                Step::Key(key) => Step::Key(key.clone()),
                Step::Element(position) => {
                    let length = self.draft.length(&origin)?;
                    let cursor = self.cursor_index(path(&at, &origin), length);
                    if length == 0 {
                        return None;
                    }
                    Step::Element(position.among_from(length, cursor))
                }
            };
            if let Some(at) = &mut at {
                at.steps.push(step.clone());
            }
            origin = self.draft.child(origin, step)?;
        }
        Some((at, origin))
    }

    fn text(&mut self, target: &Target, action: &Action<Position>) -> Option<Action> {
        match action {
            Action::InsertText { index, text } => {
                let place = index.among_from(target.length.saturating_add(1), target.cursor);
                let index = self.snapped(target, place);
                if text.is_empty() {
                    return None;
                }
                let added = text.encode_utf16().count() as u32;
                self.draft.note(&target.origin, || Effect::Rewrite {
                    index,
                    removed: 0,
                    units: text.encode_utf16().collect(),
                });
                self.put_cursor(index + added, target.length + added);
                let mut copy = std::mem::take(&mut self.spare_text);
                copy.push_str(text);
                Some(Action::InsertText { index, text: copy })
            }
            Action::DeleteText { index, count } => {
                let (index, count) = self.stretch(target, *index, *count)?;
                self.draft.note(&target.origin, || Effect::Rewrite {
                    index,
                    removed: count,
                    units: Vec::new(),
                });
                self.put_cursor(index, target.length - count);
                Some(Action::DeleteText { index, count })
            }
            Action::Mark { index, count, name, value } => {
                let (index, count) = self.stretch(target, *index, *count)?;
                Some(Action::Mark { index, count, name: name.clone(), value: value.clone() })
            }
            _ => unreachable!("asked for text only"),
        }
    }

    fn map(&mut self, target: &Target, action: &Action<Position>) -> Action {
        match action {
            Action::Put { key, value } => {
                let content = self.draft.content(value);
                self.draft.note(&target.origin, || Effect::Put { key: key.clone(), content });
                Action::Put { key: key.clone(), value: value.clone() }
            }
            Action::Delete { key } => {
                self.draft.note(&target.origin, || Effect::Delete { key: key.clone() });
                Action::Delete { key: key.clone() }
            }
            _ => unreachable!("asked for maps only"),
        }
    }

    /// `Set` and `Move` only where there is an element.
    fn list(&mut self, target: &Target, action: &Action<Position>) -> Option<Action> {
        let Target { origin, length, cursor, .. } = target;
        let (length, cursor) = (*length, *cursor);
        let (effect, action, end) = match action {
            Action::Insert { index, values } => {
                if values.is_empty() {
                    return None;
                }
                let index = index.among_from(length.saturating_add(1), cursor);
                let inserted: Vec<_> = values.iter().map(|v| self.draft.content(v)).collect();
                let end = index + inserted.len() as u32;
                let effect = Effect::Splice { index, removed: 0, inserted };
                (effect, Action::Insert { index, values: values.clone() }, end)
            }
            Action::Remove { index, count } => {
                let (index, count) = clipped(*index, *count, length, cursor)?;
                let effect = Effect::Splice { index, removed: count, inserted: Vec::new() };
                (effect, Action::Remove { index, count }, index)
            }
            Action::Set { index, value } => {
                let index = index.among_from(length, cursor);
                let inserted = vec![self.draft.content(value)];
                let effect = Effect::Splice { index, removed: 1, inserted };
                (effect, Action::Set { index, value: value.clone() }, index + 1)
            }
            Action::Move { from, to } => {
                let from = from.among_from(length, cursor);
                let to = to.among_from(length, cursor);
                (Effect::Move { from, to }, Action::Move { from, to }, to + 1)
            }
            _ => unreachable!("asked for lists only"),
        };
        let length = match &effect {
            Effect::Splice { removed, inserted, .. } => length - removed + inserted.len() as u32,
            _ => length,
        };
        self.draft.note(origin, || effect);
        self.put_cursor(end, length);
        Some(action)
    }

    fn tree(&mut self, target: &Target, action: &Action<Position>) -> Option<Action> {
        let tree = &target.origin;
        let has = |label: &String| self.draft.has_node(tree, label);
        match action {
            Action::CreateNode { label, parent, index } => {
                if !parent.as_ref().is_none_or(has) {
                    return None;
                }
                let branches = self.draft.branches(tree, parent.as_deref());
                let index = index.among(branches.saturating_add(1));
                let effect = || Effect::Create { label: label.clone(), parent: parent.clone() };
                self.draft.note(tree, effect);
                Some(Action::CreateNode { label: label.clone(), parent: parent.clone(), index })
            }
            Action::MoveNode { label, parent, index } => {
                if !has(label) || !parent.as_ref().is_none_or(has) {
                    return None;
                }
                // The node may be one of these children already, and then it is
                // counted out: the last place is not known to be there.
                let branches = self.draft.branches(tree, parent.as_deref());
                let index = index.among(branches.max(1));
                let effect = || Effect::Uproot { deleted: false };
                self.draft.note(tree, effect);
                Some(Action::MoveNode { label: label.clone(), parent: parent.clone(), index })
            }
            Action::DeleteNode { label } => {
                if !has(label) {
                    return None;
                }
                let effect = || Effect::Uproot { deleted: true };
                self.draft.note(tree, effect);
                Some(Action::DeleteNode { label: label.clone() })
            }
            _ => unreachable!("asked for trees only"),
        }
    }

    fn snapped(&self, target: &Target, index: u32) -> u32 {
        if self.splits { self.draft.snap(&target.origin, index) } else { index }
    }

    /// A stretch of a text, clipped, and grown over characters that it would
    /// cut in half.
    fn stretch(&self, target: &Target, index: Position, count: u32) -> Option<(u32, u32)> {
        let (start, count) = clipped(index, count, target.length, target.cursor)?;
        let end = start + count;
        if !self.splits {
            return Some((start, count));
        }
        let start = self.snapped(target, start);
        let end = if self.snapped(target, end) < end { end + 1 } else { end };
        Some((start, end - start))
    }
}

/// What is there of `count` units from `index` on; none if that is nothing.
/// What lies before the start counts as clipped, so that deleting backwards
/// from the start deletes nothing.
fn clipped(index: Position, count: u32, length: u32, cursor: u32) -> Option<(u32, u32)> {
    let start = match index {
        Position::Share(_) => i64::from(index.among(length)),
        Position::Exact(index) => i64::from(index),
        Position::Cursor(offset) => i64::from(cursor) + i64::from(offset),
    };
    let end = (start + i64::from(count)).min(i64::from(length));
    let start = start.max(0);
    (start < end).then_some((start as u32, (end - start) as u32))
}

/// See [`Target`].
fn path<'a>(at: &'a Option<Path>, origin: &'a Origin) -> &'a Path {
    match (at, origin) {
        (Some(at), _) | (None, Origin::Held(at)) => at,
        (None, Origin::New(_)) => unreachable!("what a transaction makes is noted"),
    }
}

fn own_path(at: Option<Path>, origin: Origin) -> Path {
    match (at, origin) {
        (Some(at), _) | (None, Origin::Held(at)) => at,
        (None, Origin::New(_)) => unreachable!("what a transaction makes is noted"),
    }
}
