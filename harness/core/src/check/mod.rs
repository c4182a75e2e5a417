//! The oracles: what must hold of a run, whatever the engine.

mod convergence;
mod expectation;

pub use convergence::{Agreement, agreement};
pub use expectation::broken_expectations;
