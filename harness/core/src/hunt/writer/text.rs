//! Edits of text.

use super::Writer;
use crate::document::Scalar;
use crate::edit::{Action, Edit, Position};
use crate::hunt::feature::Feature;
use crate::hunt::view::{Change, View};

/// The first of the characters that elements are told apart by, and how many
/// there are: CJK Unified Ideographs, which have no combining forms and which no
/// normalisation touches.
const FIRST: u32 = 0x4e00;
const COUNT: u32 = 0x9fff - FIRST + 1;
/// The same outside of the basic plane: CJK Unified Ideographs Extension B.
const ASTRAL_FIRST: u32 = 0x2_0000;
const ASTRAL_COUNT: u32 = 0x2_a6df - ASTRAL_FIRST + 1;

impl Writer<'_> {
    pub(super) fn in_text(&mut self, view: &mut View, spot: u8) -> Action<Position> {
        let length = view.size(spot);
        let options = [
            (Feature::InsertText, true),
            (Feature::DeleteText, length > 0),
            (Feature::Mark, length > 0),
        ];
        match self.choose(&options) {
            Some(Feature::DeleteText) => {
                let (index, count) = self.stretch(spot, 4);
                self.change(view, Change::Grown(spot, -(count.min(length) as i16)));
                Action::DeleteText { index, count }
            }
            Some(Feature::Mark) => self.mark(spot),
            _ => {
                let index = self.place();
                let count = if self.percent(50) { 1 } else { self.draws.between(2, 6) };
                let text: String = (0..count).map(|_| self.character()).collect();
                self.change(view, Change::Grown(spot, text.encode_utf16().count() as i16));
                Action::InsertText { index, text }
            }
        }
    }

    fn mark(&mut self, spot: u8) -> Action<Position> {
        let (index, count) = self.stretch(spot, 6);
        let name = *self.draws.pick(&["bold", "link"]);
        let value = match name {
            _ if self.percent(20) || self.may(Feature::NoOps, 20) => Scalar::Null,
            "bold" => Scalar::Bool(true),
            _ => Scalar::Text(format!("v{}", self.number())),
        };
        Action::Mark { index, count, name: name.to_owned(), value }
    }

    /// The text that a run of typing may go on in, if the last edit was an
    /// insertion there.
    pub(in crate::hunt) fn typed_in(&self, edits: &[Edit<Position>]) -> Option<u8> {
        let is_insertion = |edit: &Edit<Position>| matches!(edit.action, Action::InsertText { .. });
        edits.last().is_some_and(is_insertion).then_some(self.hot)
    }

    /// One keystroke of a run of typing.
    pub(in crate::hunt) fn keystroke(
        &mut self,
        view: &mut View,
        spot: u8,
    ) -> (Vec<Edit<Position>>, Vec<Change>) {
        self.hot = spot;
        let deletes = view.size(spot) > 1 && self.percent(15);
        let action = if deletes && self.profile.has(Feature::DeleteText) {
            self.change(view, Change::Grown(spot, -1));
            Action::DeleteText { index: Position::Cursor(-1), count: 1 }
        } else {
            let character = self.character();
            self.change(view, Change::Grown(spot, character.len_utf16() as i16));
            Action::InsertText { index: Position::Cursor(0), text: character.to_string() }
        };
        let edit = Edit { at: self.spots[usize::from(spot)].at.clone(), action };
        (vec![edit], std::mem::take(&mut self.changes))
    }

    /// Whether the container is known there.
    pub(in crate::hunt) fn is_known(&self, view: &View, spot: u8) -> bool {
        view.has(&self.spots[usize::from(spot)])
    }

    /// A character that nobody has written yet.
    fn character(&mut self) -> char {
        let number = self.characters;
        self.characters += 1;
        let code = if number >= COUNT || self.may(Feature::AstralText, 30) {
            ASTRAL_FIRST + number % ASTRAL_COUNT
        } else {
            FIRST + number
        };
        char::from_u32(code).expect("both blocks are characters throughout")
    }
}
