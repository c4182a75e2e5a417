//! Recorded editing histories, in the two formats of
//! <https://github.com/josephg/editing-traces>, and a synthetic one in their
//! place.

mod parse;
mod replay;
mod synthetic;
mod text;
mod timestamp;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

pub use self::replay::MAX_PAUSE;
pub(super) use self::replay::inputs;
use self::text::Text;
pub(crate) use self::text::difference;
use crate::scenario::{Benchmark, Scenario, Workload};

/// How large a trace may be once unpacked: 1 GiB.
pub const MAX_TRACE_BYTES: u64 = 1 << 30;

/// A recorded editing history of one text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Trace {
    /// One person, one transaction after the other.
    Sequential(Sequential),
    /// Several people, who did not always know of each other's transactions.
    Concurrent(Concurrent),
}

/// A history in which every transaction knows all earlier ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sequential {
    /// The text before the first transaction.
    pub start: String,
    /// The text after the last.
    pub end: String,
    /// What was done.
    pub transactions: Vec<Transaction>,
}

/// A transaction of a [`Sequential`] trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Transaction {
    /// When, in milliseconds since the Unix epoch, if known.
    pub unix_milliseconds: Option<i64>,
    /// The changes, in order, in UTF-16 code units.
    pub patches: Vec<Patch>,
}

/// One change to the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Patch {
    /// Where.
    pub index: u32,
    /// How much is removed there.
    pub deleted: u32,
    /// What is put in its place.
    pub inserted: String,
}

/// A history with causality of its own. Positions are translated to UTF-16 code
/// units only at replay: where astral characters stand depends on the merge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Concurrent {
    /// The text once everything is merged.
    pub end: String,
    /// How many people.
    pub agents: u32,
    /// What was done; parents come before their children.
    pub transactions: Vec<Version>,
    /// Whether any text has characters of two code units.
    pub astral: bool,
}

/// A transaction of a [`Concurrent`] trace, made on the merge of its parents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Version {
    /// Which transactions it was made on top of, by number.
    pub parents: Vec<u32>,
    /// Who made it.
    pub agent: u32,
    /// The changes, in order, in Unicode code points.
    pub patches: Vec<Patch>,
}

impl Version {
    /// The patches in UTF-16 code units, on a document that says `text`.
    ///
    /// # Errors
    /// In words, if a patch goes beyond the end of the text.
    pub(crate) fn translated(&self, text: &str) -> Result<Vec<Patch>, String> {
        let mut text = Text::new(text);
        self.patches.iter().enumerate().map(|(place, patch)| text.patch(place, patch)).collect()
    }
}

/// What is wrong with a trace.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TraceError {
    /// The packing is damaged.
    #[error("{path}: {what}")]
    Gzip {
        /// The file.
        path: String,
        /// What is wrong.
        what: String,
    },
    /// Too large.
    #[error("{path}: unpacks to more than {limit} bytes; no trace may be larger")]
    TooLarge {
        /// The file.
        path: String,
        /// The bound.
        limit: u64,
    },
    /// Not the JSON of a trace.
    #[error("{path}:{line}:{column}: {what}")]
    Json {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong, and what was expected.
        what: String,
    },
    /// A transaction that cannot be.
    #[error("{path}: transaction {number}: {what}")]
    Transaction {
        /// The file.
        path: String,
        /// The transaction's number, from 0.
        number: usize,
        /// What is wrong, and what was expected.
        what: String,
    },
    /// The transactions do not lead to the stated end.
    #[error(
        "{path}: `endContent` is not what the transactions lead to: {what}; the file is damaged or \
         its positions are not in Unicode code points"
    )]
    End {
        /// The file.
        path: String,
        /// Where they part.
        what: String,
    },
}

/// Traces by the name that scenarios give them. Reading the files is left to
/// the caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traces {
    files: BTreeMap<String, Trace>,
}

impl Traces {
    /// Adds a trace under the name that scenarios give it.
    pub fn insert(&mut self, file: impl Into<String>, trace: Trace) {
        self.files.insert(file.into(), trace);
    }

    /// The trace in this file, if it was added.
    pub fn get(&self, file: &str) -> Option<&Trace> {
        self.files.get(file)
    }

    /// The files that `scenario` names.
    pub fn named_in(scenario: &Scenario) -> BTreeSet<String> {
        match scenario {
            Scenario::World(world) => world
                .fleet
                .iter()
                .filter_map(|group| match &group.workload {
                    Workload::Trace(replay) => replay.file.clone(),
                    _ => None,
                })
                .collect(),
            Scenario::Direct(direct) => match &direct.benchmark {
                Benchmark::B4 { trace } => BTreeSet::from([trace.clone()]),
                Benchmark::Trace { file } => file.iter().cloned().collect(),
                _ => BTreeSet::new(),
            },
            Scenario::Hunt(_) => BTreeSet::new(),
        }
    }
}

#[cfg(test)]
mod tests;
