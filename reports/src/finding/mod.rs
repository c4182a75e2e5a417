//! The folder of a finding: what was found, for the people who have to believe
//! it and to mend it.
//!
//! | file | what |
//! |---|---|
//! | `README.md` | what was expected, what happened, and how to see it again, in plain words |
//! | `timeline.svg` | the history as a space-time diagram (Lamport, "Time, clocks, and the ordering of events in a distributed system", CACM 1978) |
//! | `timeline.html` | the same to step through, with every replica's document |
//! | `repro.rs` | a test of the engine alone, where its adapter can write one |
//!
//! [`trace`] is the history for a terminal.

mod act;
mod colors;
mod diagram;
mod difference;
mod letters;
mod moments;
mod notation;
mod page;
mod readme;
mod sides;
pub mod trace;
mod words;

use deadzone_core::check::Violation;
use deadzone_core::replay::{Repro, Story};
use deadzone_core::schedule::SavedPlan;

/// An oracle's verdict on an engine, and the history that it rests on.
#[derive(Clone, Copy, Debug)]
pub struct Finding<'a> {
    /// What happened in the history that is left, in full.
    pub story: &'a Story,
    /// The history that is left, and the engine.
    pub saved: &'a SavedPlan,
    /// What was violated in it.
    pub violation: &'a Violation,
    /// The seed of the world that it was found in, if it was one.
    pub seed: Option<u64>,
    /// How many steps the history had when the violation was found.
    pub steps_before: usize,
    /// How many are left of them.
    pub steps_after: usize,
    /// The command line that shows it again.
    pub command: &'a str,
    /// The test of the engine alone.
    pub repro: Option<&'a Repro>,
}

/// The files, as `(name, content)`, names without a folder.
pub fn files(finding: &Finding<'_>) -> Vec<(String, String)> {
    let mut files = vec![
        ("README.md".to_owned(), readme::render(finding)),
        ("timeline.svg".to_owned(), diagram::standalone(finding)),
        ("timeline.html".to_owned(), page::render(finding)),
    ];
    files.extend(finding.repro.map(|repro| ("repro.rs".to_owned(), repro.source.clone())));
    files
}
