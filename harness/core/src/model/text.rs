//! Text with marks, indexed in UTF-16 code units.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{OUT_OF_BOUNDS, WRONG_KIND};
use crate::document::{Run, Scalar};
use crate::edit::Action;

/// Text whose stretches carry marks. New text takes the marks of the character
/// before it, so that marks grow at their end and not at their start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Run>", into = "Vec<Run>")]
pub struct MarkedText {
    units: Vec<u16>,
    /// Neighbours differ in their marks, none is empty, and together they are
    /// as long as `units`.
    stretches: Vec<Stretch>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Stretch {
    length: usize,
    marks: BTreeMap<String, Scalar>,
}

impl MarkedText {
    /// The length in UTF-16 code units.
    pub fn length(&self) -> u32 {
        self.units.len() as u32
    }

    /// Whether `index` lies inside a surrogate pair.
    pub fn splits(&self, index: u32) -> bool {
        self.units.get(index as usize).is_some_and(|unit| (0xdc00..0xe000).contains(unit))
    }

    /// The canonical value.
    pub fn runs(&self) -> Vec<Run> {
        let mut start = 0;
        let run = |stretch: &Stretch| {
            let units = &self.units[start..start + stretch.length];
            start += stretch.length;
            Run { text: String::from_utf16_lossy(units), marks: stretch.marks.clone() }
        };
        self.stretches.iter().map(run).collect()
    }

    /// Whether `runs` have the same characters, whatever their marks.
    pub(super) fn reads(&self, runs: &[Run]) -> bool {
        self.units.iter().copied().eq(runs.iter().flat_map(|run| run.text.encode_utf16()))
    }

    /// See [`super::Part::check`].
    pub(super) fn check(&self, action: &Action) -> Result<bool, &'static str> {
        match action {
            Action::InsertText { index, text } => {
                self.range(*index, 0)?;
                Ok(!text.is_empty())
            }
            Action::DeleteText { index, count } => {
                self.range(*index, *count)?;
                Ok(*count > 0)
            }
            Action::Mark { index, count, name, value } => {
                let (start, end) = self.range(*index, *count)?;
                let mut at = 0;
                Ok(self.stretches.iter().any(|stretch| {
                    let from = at;
                    at += stretch.length;
                    let inside = start < end && from < end && start < at;
                    inside && stretch.marks.get(name).unwrap_or(&Scalar::Null) != value
                }))
            }
            _ => Err(WRONG_KIND),
        }
    }

    /// See [`super::Part::perform`].
    pub(super) fn perform(&mut self, action: &Action) {
        match action {
            Action::InsertText { index, text } => self.insert(*index as usize, text),
            Action::DeleteText { index, count } => {
                self.delete(*index as usize, (*index + *count) as usize);
            }
            Action::Mark { index, count, name, value } => {
                self.mark(*index as usize, (*index + *count) as usize, name, value);
            }
            _ => {}
        }
        self.normalize();
    }

    fn insert(&mut self, index: usize, text: &str) {
        let before = self.units.len();
        self.units.splice(index..index, text.encode_utf16());
        let added = self.units.len() - before;
        if index == 0 {
            self.stretches.insert(0, Stretch { length: added, marks: BTreeMap::new() });
        } else {
            let mut end = 0;
            let holder = self.stretches.iter_mut().find(|stretch| {
                end += stretch.length;
                end >= index
            });
            holder.expect("stretches cover the text").length += added;
        }
    }

    fn delete(&mut self, start: usize, end: usize) {
        self.units.drain(start..end);
        let mut at = 0;
        for stretch in &mut self.stretches {
            let (from, to) = (at, at + stretch.length);
            at = to;
            stretch.length -= end.min(to).saturating_sub(start.max(from));
        }
    }

    fn mark(&mut self, start: usize, end: usize, name: &str, value: &Scalar) {
        self.cut(start);
        self.cut(end);
        let mut at = 0;
        for stretch in &mut self.stretches {
            let from = at;
            at += stretch.length;
            if from < start || at > end {
                continue;
            }
            match value {
                Scalar::Null => stretch.marks.remove(name),
                _ => stretch.marks.insert(name.to_owned(), value.clone()),
            };
        }
    }

    /// The checked range of `count` units from `index` on.
    fn range(&self, index: u32, count: u32) -> Result<(usize, usize), &'static str> {
        let end =
            index.checked_add(count).filter(|end| *end <= self.length()).ok_or(OUT_OF_BOUNDS)?;
        if self.splits(index) || self.splits(end) {
            return Err("inside a surrogate pair");
        }
        Ok((index as usize, end as usize))
    }

    /// Makes one stretch end at `at`.
    fn cut(&mut self, at: usize) {
        let mut start = 0;
        for number in 0..self.stretches.len() {
            let length = self.stretches[number].length;
            if start < at && at < start + length {
                let mut rest = self.stretches[number].clone();
                self.stretches[number].length = at - start;
                rest.length = start + length - at;
                self.stretches.insert(number + 1, rest);
                return;
            }
            start += length;
        }
    }

    fn normalize(&mut self) {
        self.stretches.retain(|stretch| stretch.length > 0);
        self.stretches.dedup_by(|next, kept| {
            let same = next.marks == kept.marks;
            if same {
                kept.length += next.length;
            }
            same
        });
    }
}

impl From<Vec<Run>> for MarkedText {
    fn from(runs: Vec<Run>) -> Self {
        let mut text = Self::default();
        for Run { text: characters, marks } in runs {
            let before = text.units.len();
            text.units.extend(characters.encode_utf16());
            text.stretches.push(Stretch { length: text.units.len() - before, marks });
        }
        text.normalize();
        text
    }
}

impl From<MarkedText> for Vec<Run> {
    fn from(text: MarkedText) -> Self {
        text.runs()
    }
}
