//! What is to be reached.

use crate::words::{grouped, times};

/// A figure and its bound.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// What the figure is.
    what: &'static str,
    /// It, as a person reads it.
    reached: String,
    /// Its bound, as a person reads it.
    bound: String,
    met: bool,
}

impl Target {
    /// A ratio that should not be smaller.
    pub(crate) fn at_least(what: &'static str, ratio: f64, least: f64) -> Self {
        let bound = format!("at least {} times", times(least));
        Self { what, reached: times(ratio), bound, met: ratio >= least }
    }

    /// A share that should not be smaller.
    pub(crate) fn share_at_least(what: &'static str, share: f64, least: f64) -> Self {
        let percent = |share: f64| format!("{:.0} %", share * 100.0);
        let bound = format!("at least {}", percent(least));
        Self { what, reached: percent(share), bound, met: share >= least }
    }

    /// Bytes that should not be more.
    pub(crate) fn at_most_bytes(what: &'static str, bytes: u64, most: u64) -> Self {
        let bound = format!("at most {} bytes", grouped(most));
        Self { what, reached: grouped(bytes), bound, met: bytes <= most }
    }

    /// A table of them.
    pub(crate) fn print(targets: impl Iterator<Item = Self>) {
        println!("| what | target | reached | |\n|---|---|---:|---|");
        for Self { what, reached, bound, met } in targets {
            println!("| {what} | {bound} | {reached} | {} |", if met { "met" } else { "NOT met" });
        }
    }
}
