//! Undo of what was typed.

use deadzone_core::edit::{Action, Edit};
use deadzone_core::engine::{Edited, Replica};

use super::operation::{Change, Commit, Id, Operation, held};
use super::replica::SmallReplica;
use super::state::{Container, removals};
use crate::Flaw;

/// A commit that typed something.
#[derive(Clone, Debug)]
pub(super) struct Undoable {
    edit: Edit,
    first: Id,
    characters: u64,
}

impl SmallReplica {
    /// Keeps what can be taken back: single insertions of text.
    pub(super) fn remember(&mut self, edits: &[Edit], commit: &Commit) {
        let (Some(undoable), [edit]) = (&mut self.undoable, edits) else { return };
        if let Action::InsertText { text, .. } = &edit.action {
            let characters = text.chars().count() as u64;
            undoable.push(Undoable { edit: edit.clone(), first: commit.first, characters });
        }
    }

    pub(super) fn take_back(&mut self, undoable: &Undoable) -> Edited {
        if self.flaw == Flaw::UndoesByIndex {
            return self.delete_where_it_was(&undoable.edit);
        }
        let operations = self.removal_of(undoable);
        let first = Id { time: self.time + 1, replica: self.id };
        let number = held(&self.clock, self.id) + 1;
        let commit = Commit { number, first, after: self.clock.clone(), operations };
        if commit.operations.is_empty() {
            return Edited::Unchanged;
        }
        self.state.apply_all(&commit, super::operation::Context { local: true, unseen: 0 });
        self.commit(Some(commit))
    }

    fn removal_of(&self, Undoable { edit, first, characters }: &Undoable) -> Vec<Operation> {
        let at = self.history.iter().find(|commit| commit.first == *first);
        let Some(at) = at.and_then(|commit| commit.operations.first()).map(|it| it.at) else {
            return Vec::new();
        };
        let Some(Container::Text(text)) = self.state.at(&edit.at) else { return Vec::new() };
        let ids = (0..*characters).map(|step| first.plus(step));
        let visible = |id: &Id| text.characters.get(*id).is_some_and(|element| !element.hidden);
        let ids: Vec<Id> = ids.filter(visible).collect();
        let changes: Vec<Change> = removals(&ids, |run| text.characters.units(run));
        changes.into_iter().map(|change| Operation { at, change }).collect()
    }

    /// Whatever stands by now where the text was typed then.
    fn delete_where_it_was(&mut self, edit: &Edit) -> Edited {
        let Action::InsertText { index, text } = &edit.action else { return Edited::Unchanged };
        let count = text.encode_utf16().count() as u32;
        let action = Action::DeleteText { index: *index, count };
        self.edit(&[Edit { at: edit.at.clone(), action }]).unwrap_or(Edited::Unchanged)
    }
}
