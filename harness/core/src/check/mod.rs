//! The oracles: what must hold of a run, whatever the engine.

mod claims;
mod convergence;
mod counter;
mod difference;
mod elements;
mod expectation;
mod history;
mod local_edit;
mod map;
mod marks;
mod movable_list;
mod observed;
mod oracle;
mod order;
mod quality;
#[cfg(test)]
mod scene;
mod sight;
mod tree;
mod undo;

pub use convergence::{Agreement, agreement};
pub use difference::difference;
pub use expectation::broken_expectations;
pub use observed::{Made, MadeBy, Observed, Shown, Survival};
pub use oracle::{Oracle, Violation};
pub use quality::MergeQuality;

use self::history::History;

/// Holds what was seen of a history against all oracles of this folder.
///
/// # Errors
/// The first [`Violation`].
pub fn all(observed: &Observed) -> Result<(), Violation> {
    local_edit::check(observed)?;
    let history = History::of(observed);
    if history.undone {
        return undo::check(&history);
    }
    let sights = sight::look(&history);
    elements::check(&history, &sights)?;
    movable_list::check(&history, &sights)?;
    tree::check(&history, &sights)?;
    map::check(&history, &sights)?;
    counter::check(&history)?;
    marks::check(&history)?;
    order::check(&history, &sights.neighbours)?;
    claims::check(&history, &sights)
}
