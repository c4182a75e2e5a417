//! Copies of values, for moving them.

use std::collections::BTreeMap;

use deadzone_core::document::Run;
use yrs::{
    Any, Array, ArrayPrelim, Map, MapPrelim, Out, ReadTxn, Text, TextPrelim, TransactionMut,
};

use crate::read;
use crate::target::Place;
use crate::values;

/// A value with all that is in it. `Out::as_prelim` would do, but keeps maps in
/// std hash maps, whose order then shows in the bytes.
#[derive(Debug)]
pub(crate) enum DeepCopy {
    Plain(Any),
    Text(Vec<Run>),
    Map(BTreeMap<String, Self>),
    List(Vec<Self>),
}

impl DeepCopy {
    /// Copies a value. Counters and trees are copied as the maps they are.
    pub(crate) fn of<T: ReadTxn>(txn: &T, value: Out) -> Self {
        match value {
            Out::Any(any) => Self::Plain(any),
            Out::YText(text) => Self::Text(read::runs(txn, &text)),
            Out::YMap(map) => Self::Map(
                map.iter(txn).map(|(key, value)| (key.to_owned(), Self::of(txn, value))).collect(),
            ),
            Out::YArray(array) => {
                Self::List(array.iter(txn).map(|value| Self::of(txn, value)).collect())
            }
            // Nothing here writes these.
            _ => Self::Plain(Any::Undefined),
        }
    }

    /// Puts the copy somewhere.
    pub(crate) fn put(self, txn: &mut TransactionMut, place: Place) {
        match self {
            Self::Plain(any) => {
                place.put(txn, any);
            }
            Self::Text(runs) => put_text(txn, place, &runs),
            Self::Map(entries) => {
                let map = place.put(txn, MapPrelim::default());
                for (key, value) in entries {
                    value.put(txn, Place::Key(&map, &key));
                }
            }
            Self::List(items) => {
                let array = place.put(txn, ArrayPrelim::default());
                for (index, value) in (0..).zip(items) {
                    value.put(txn, Place::Index(&array, index));
                }
            }
        }
    }
}

/// Marks go in one by one: several at once would be written in the order of a
/// std hash map.
fn put_text(txn: &mut TransactionMut, place: Place, runs: &[Run]) {
    let whole: String = runs.iter().map(|run| run.text.as_str()).collect();
    let text = place.put(txn, TextPrelim::new(whole));
    let mut start = 0;
    for run in runs {
        let length = run.text.encode_utf16().count() as u32;
        for (name, value) in &run.marks {
            text.format(txn, start, length, values::attribute(name, value));
        }
        start += length;
    }
}
