//! A document alone, as a replica: it edits and answers, and syncs with nobody.

use std::cell::RefCell;

use crate::document::Document;
use crate::edit::{Action, Edit, Path, Position, Roots};
use crate::engine::{Edited, EngineError, PeerId, Replica, Save, Seen, Stamp, Update};
use crate::model::Model;
use crate::plan::{Cursor, Layout, resolve};
use crate::sandbox::Uncounted;

pub(super) struct Solo {
    pub(super) model: Model,
    /// Whether it has anchors.
    anchors: bool,
    /// Whether it panics when it is asked for a length.
    pub(super) panics: bool,
    /// The marked characters, moved along with every edit.
    marked: RefCell<Vec<(Path, u32)>>,
}

impl Solo {
    pub(super) fn new(roots: &Roots) -> Self {
        Self::with_anchors(roots, false)
    }

    pub(super) fn with_anchors(roots: &Roots, anchors: bool) -> Self {
        Self { model: Model::new(roots), anchors, panics: false, marked: RefCell::default() }
    }

    /// As [`resolve`] against what it holds.
    pub(super) fn resolve(
        &self,
        cursor: &mut Cursor,
        edits: &[Edit<Position>],
        splits: bool,
    ) -> Option<Vec<Edit>> {
        Layout::of(self, &mut Uncounted, |layout| resolve(layout, cursor, edits, splits)).unwrap()
    }

    /// As [`Cursor::hold`].
    pub(super) fn hold(&self, cursor: &mut Cursor, splits: bool) {
        Layout::of(self, &mut Uncounted, |layout| cursor.hold(layout, splits)).unwrap();
    }

    fn move_marks(&self, edit: &Edit) {
        for (at, mark) in self.marked.borrow_mut().iter_mut().filter(|(at, _)| *at == edit.at) {
            match &edit.action {
                Action::InsertText { index, text } if *index <= *mark => {
                    *mark += text.encode_utf16().count() as u32;
                }
                Action::DeleteText { index, count } if *index < *mark => {
                    *mark -= (*count).min(*mark - index);
                }
                _ => {}
            }
            assert_eq!(*at, edit.at);
        }
    }
}

impl Replica for Solo {
    fn edit(&mut self, edits: &[Edit]) -> Result<Edited, EngineError> {
        let changed = self.model.apply(edits)?;
        edits.iter().for_each(|edit| self.move_marks(edit));
        let stamp = Stamp { lane: 0, position: 1 };
        Ok(if changed { Edited::Applied(stamp) } else { Edited::Unchanged })
    }

    fn length(&self, at: &Path) -> Option<u32> {
        assert!(!self.panics, "nobody knows");
        self.model.length(at)
    }

    fn snap(&self, at: &Path, index: u32) -> u32 {
        self.model.snap(at, index)
    }

    fn children(&self, at: &Path) -> Vec<String> {
        self.model.children(at)
    }

    fn branches(&self, at: &Path, parent: Option<&str>) -> Option<u32> {
        self.model.tree_children(at, parent).map(|children| children.len() as u32)
    }

    fn anchor(&self, at: &Path, index: u32) -> Option<Vec<u8>> {
        let mut marked = self.marked.borrow_mut();
        marked.push((at.clone(), index));
        self.anchors.then(|| (marked.len() as u32 - 1).to_le_bytes().to_vec())
    }

    fn anchored(&self, at: &Path, anchor: &[u8]) -> Option<u32> {
        let number = u32::from_le_bytes(anchor.try_into().ok()?);
        let marked = self.marked.borrow();
        let (place, index) = marked.get(number as usize)?;
        (place == at).then_some(*index)
    }

    fn read(&mut self) -> Document {
        self.model.document()
    }

    fn connect(&mut self, _peer: PeerId, _saved: Option<&[u8]>) -> Result<(), EngineError> {
        Err(EngineError::NotSupported("peers"))
    }

    fn poll(&mut self, _peer: PeerId) -> Option<Vec<u8>> {
        None
    }

    fn receive(&mut self, _peer: PeerId, _message: &[u8]) -> Result<(), EngineError> {
        Err(EngineError::NotSupported("peers"))
    }

    fn disconnect(&mut self, _peer: PeerId) -> Option<Vec<u8>> {
        None
    }

    fn take_updates(&mut self) -> Vec<Update> {
        Vec::new()
    }

    fn apply(&mut self, _update: &[u8]) -> Result<(), EngineError> {
        Err(EngineError::NotSupported("updates"))
    }

    fn newly_seen(&mut self, _into: &mut Vec<Seen>) {}

    fn pending(&self) -> usize {
        0
    }

    fn save(&mut self, _how: Save) -> Vec<u8> {
        Vec::new()
    }
}
