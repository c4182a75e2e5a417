//! Text with marks.

use std::collections::BTreeMap;

use deadzone_core::document::{Run, Scalar, normalized_runs};
use deadzone_core::edit::Action;

use super::operation::{Change, Context, Id};
use super::sequence::Sequence;
use super::state::{WRONG_KIND, removals};
use crate::Flaw;

/// Characters, and all marks ever set, by id.
#[derive(Clone, Debug)]
pub(super) struct Text {
    flaw: Flaw,
    pub(super) characters: Sequence<char>,
    marks: BTreeMap<Id, Mark>,
}

#[derive(Clone, Debug)]
struct Mark {
    from: Id,
    until: Option<Id>,
    name: String,
    value: Scalar,
}

impl Text {
    pub(super) fn new(flaw: Flaw) -> Self {
        Self { flaw, characters: Sequence::new(flaw), marks: BTreeMap::new() }
    }

    pub(super) fn prepare(&self, action: &Action) -> Result<Vec<Change>, &'static str> {
        match action {
            Action::InsertText { index, text } => {
                let after = self.characters.before(*index)?;
                let typed = || Change::Type { after, text: text.clone() };
                Ok((!text.is_empty()).then(typed).into_iter().collect())
            }
            Action::DeleteText { index, count } => {
                let range = self.characters.range(*index, *count)?;
                Ok(removals(&range, |run| self.characters.units(run)))
            }
            Action::Mark { index, count, name, value } => {
                let range = self.characters.range(*index, *count)?;
                let (Some(&from), Some(&last)) = (range.first(), range.last()) else {
                    return Ok(Vec::new());
                };
                if self.is_marked(*index, *count, name, value) {
                    return Ok(Vec::new());
                }
                let until = self.characters.following(last);
                Ok(vec![Change::Mark { from, until, name: name.clone(), value: value.clone() }])
            }
            _ => Err(WRONG_KIND),
        }
    }

    pub(super) fn apply(&mut self, id: Id, change: &Change, context: Context) {
        match change {
            Change::Type { after, text } => {
                let mut after = *after;
                for (step, character) in text.chars().enumerate() {
                    let id = id.plus(step as u64);
                    let width = character.len_utf16() as u32;
                    self.characters.insert(id, after, character, width, context);
                    after = Some(id);
                }
            }
            Change::Mark { from, until, name, value } => {
                let (name, value) = (name.clone(), value.clone());
                self.marks.insert(id, Mark { from: *from, until: *until, name, value });
            }
            Change::Remove { from, count, units } => {
                let wide = self.flaw == Flaw::CountsSurrogates && !context.local;
                let count = if wide { units } else { count };
                let gone: Vec<Id> = (0..*count).map(|step| from.plus(step)).collect();
                for element in &gone {
                    self.characters.hide(*element, true, id);
                }
                self.characters.outdate(if context.local { Vec::new() } else { gone });
            }
            _ => {}
        }
    }

    /// For each visible character what is marked on it: of all marks over it
    /// with the same name, the one with the greatest id.
    pub(super) fn runs(&self) -> Vec<Run> {
        let mut open: BTreeMap<Id, &Mark> = BTreeMap::new();
        let runs = self.characters.iter().filter_map(|element| {
            open.retain(|mark_id, mark| {
                // Where another has deleted the neighbour, the mark has no end.
                let endless = self.flaw == Flaw::MarksSwallow
                    && element.hidden_by.iter().any(|by| *by != mark_id.replica);
                mark.until != Some(element.id) || endless
            });
            let starting = self.marks.iter().filter(|(_, mark)| mark.from == element.id);
            open.extend(starting.map(|(id, mark)| (*id, mark)));
            let marks = open.values().map(|mark| (mark.name.clone(), mark.value.clone()));
            let text = element.content.to_string();
            (!element.hidden).then(|| Run { text, marks: marks.collect() })
        });
        normalized_runs(runs)
    }

    /// Whether all of these characters have this mark already.
    fn is_marked(&self, index: u32, count: u32, name: &str, value: &Scalar) -> bool {
        let (mut at, end) = (0, index + count);
        self.runs().iter().all(|run| {
            let from = at;
            at += run.text.encode_utf16().count() as u32;
            let outside = at <= index || from >= end;
            outside || run.marks.get(name).unwrap_or(&Scalar::Null) == value
        })
    }
}
