//! Elements and how they are told apart.

use std::collections::BTreeMap;

use super::place::PlaceNumber;
use crate::document::Scalar;

/// The number of an [`Element`].
pub(in crate::check) type ElementNumber = u32;

/// What tells an element from all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) enum Identity<'a> {
    /// A character of a text.
    Character(char),
    /// A plain value in a list.
    Item(&'a Scalar),
    /// A plain value in a map.
    Value(&'a Scalar),
    /// A node of a tree.
    Label(&'a str),
}

impl std::fmt::Display for Identity<'_> {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Character(character) => {
                write!(to, "the character `{character}` (U+{:04X})", u32::from(*character))
            }
            Self::Item(scalar) => write!(to, "the list element {}", shown(scalar)),
            Self::Value(scalar) => write!(to, "the map value {}", shown(scalar)),
            Self::Label(label) => write!(to, "the tree node `{label}`"),
        }
    }
}

/// A scalar as JSON has it.
pub(in crate::check) fn shown(scalar: &Scalar) -> String {
    serde_json::to_string(scalar).expect("a scalar is always JSON")
}

/// Something that somebody inserted.
#[derive(Debug)]
pub(in crate::check) struct Element<'a> {
    pub(in crate::check) identity: Identity<'a>,
    /// The edit that inserted it.
    pub(in crate::check) by: u32,
    /// The container that it was put into; for the value of a map the place
    /// under its key.
    pub(in crate::check) place: PlaceNumber,
    /// Nothing else that anybody inserted looks the same.
    pub(in crate::check) alone: bool,
    /// It took the place of another in a list.
    pub(in crate::check) by_set: bool,
    /// Of which; none if that one is not known.
    pub(in crate::check) replaces: Option<ElementNumber>,
    /// The edits that saw it and took it away or overwrote it.
    pub(in crate::check) gone_by: Vec<u32>,
    /// The edits that moved it.
    pub(in crate::check) moved_by: Vec<u32>,
    /// It is a node that somebody deleted, or that may have stood under one.
    pub(in crate::check) harmed: bool,
}

/// All elements of a history.
#[derive(Debug, Default)]
pub(in crate::check) struct Elements<'a> {
    pub(in crate::check) all: Vec<Element<'a>>,
    characters: Numbers,
    item_numbers: Numbers,
    value_numbers: Numbers,
    items: BTreeMap<&'a Scalar, ElementNumber>,
    values: BTreeMap<&'a Scalar, ElementNumber>,
    labels: BTreeMap<&'a str, ElementNumber>,
}

impl<'a> Elements<'a> {
    /// Somebody inserted it. Until [`Self::settle`] nothing can be found.
    pub(in crate::check) fn add(&mut self, identity: Identity<'a>, by: u32, place: PlaceNumber) {
        let number = self.all.len() as u32;
        let other = match identity {
            Identity::Character(character) => {
                self.characters.add(i64::from(u32::from(character)), number);
                None
            }
            Identity::Item(Scalar::Int(value)) => {
                self.item_numbers.add(*value, number);
                None
            }
            Identity::Value(Scalar::Int(value)) => {
                self.value_numbers.add(*value, number);
                None
            }
            Identity::Item(scalar) => self.items.insert(scalar, number),
            Identity::Value(scalar) => self.values.insert(scalar, number),
            Identity::Label(label) => self.labels.insert(label, number),
        };
        if let Some(other) = other {
            self.all[other as usize].alone = false;
        }
        self.all.push(Element {
            identity,
            by,
            place,
            alone: other.is_none(),
            by_set: false,
            replaces: None,
            gone_by: Vec::new(),
            moved_by: Vec::new(),
            harmed: false,
        });
    }

    /// Everything was added.
    pub(in crate::check) fn settle(&mut self) {
        let Self { all, characters, item_numbers, value_numbers, .. } = self;
        for numbers in [characters, item_numbers, value_numbers] {
            numbers.settle(|twin| all[twin as usize].alone = false);
        }
    }

    pub(in crate::check) fn character(&self, character: char) -> Option<ElementNumber> {
        self.characters.get(i64::from(u32::from(character)))
    }

    pub(in crate::check) fn item(&self, scalar: &Scalar) -> Option<ElementNumber> {
        match scalar {
            Scalar::Int(value) => self.item_numbers.get(*value),
            scalar => self.items.get(scalar).copied(),
        }
    }

    pub(in crate::check) fn value(&self, scalar: &Scalar) -> Option<ElementNumber> {
        match scalar {
            Scalar::Int(value) => self.value_numbers.get(*value),
            scalar => self.values.get(scalar).copied(),
        }
    }

    pub(in crate::check) fn label(&self, label: &str) -> Option<ElementNumber> {
        self.labels.get(label).copied()
    }

    pub(in crate::check) fn get(&self, element: ElementNumber) -> &Element<'a> {
        &self.all[element as usize]
    }
}

/// Elements by integer. Hunts number what they insert from somewhere upwards,
/// so that a table without gaps, or with few, is the usual case.
#[derive(Debug, Default)]
struct Numbers {
    sorted: Vec<(i64, ElementNumber)>,
    first: i64,
    table: Vec<ElementNumber>,
}

const NOBODY: ElementNumber = ElementNumber::MAX;

impl Numbers {
    fn add(&mut self, key: i64, number: ElementNumber) {
        self.sorted.push((key, number));
    }

    fn settle(&mut self, mut has_twin: impl FnMut(ElementNumber)) {
        self.sorted.sort_unstable();
        for pair in self.sorted.windows(2) {
            if pair[0].0 == pair[1].0 {
                has_twin(pair[0].1);
                has_twin(pair[1].1);
            }
        }
        let (Some(first), Some(last)) = (self.sorted.first(), self.sorted.last()) else { return };
        let span = last.0.abs_diff(first.0);
        if span < 256 + 4 * self.sorted.len() as u64 {
            self.first = first.0;
            self.table = vec![NOBODY; span as usize + 1];
            for (key, number) in &self.sorted {
                self.table[key.abs_diff(first.0) as usize] = *number;
            }
        }
    }

    fn get(&self, key: i64) -> Option<ElementNumber> {
        if self.table.is_empty() {
            let at = self.sorted.binary_search_by_key(&key, |(key, _)| *key).ok()?;
            return Some(self.sorted[at].1);
        }
        let place = usize::try_from(key.checked_sub(self.first)?).ok()?;
        self.table.get(place).copied().filter(|number| *number != NOBODY)
    }
}
