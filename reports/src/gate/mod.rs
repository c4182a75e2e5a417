//! A verdict on two results files: did anything get worse?
//!
//! # The rules
//!
//! 1. **Pairs.** A run is compared with the run of the same scenario, engine,
//!    parameters, simulator and seed. Versions of engines, and of deadzone, may
//!    differ: that is what a gate is for. Where both files hold several versions
//!    of an engine, equal versions are paired first and the rest in order.
//! 2. **Comparable.** Counts mean the same only if nothing but the engines
//!    changed. If the compiler, target, profile, flags, CPU features or models
//!    of the two builds differ, nothing is compared
//!    ([`Verdict::Incomparable`]). If the scenario or plan digest, or the way of
//!    finding CPU cost, of a pair differs, that pair is left out and named; the
//!    others are compared. A lock file that differs does not matter here, but is
//!    named as the first suspect when figures moved.
//! 3. **Figures.** Each metric, of the whole run and of each group, and of each
//!    histogram the percentiles in results as `NAME_p50`, `NAME_p90`,
//!    `NAME_p99`, `NAME_p999` and `NAME_max`. They are compared as the integers
//!    that they are.
//! 4. **Tolerance.** None unless asked for: see [`Tolerances`]. A figure has
//!    moved if the greater of the two is more than the lesser and its
//!    tolerance, so that swapping the files swaps better and worse and nothing
//!    else. From or to zero is a move whatever the tolerance.
//! 5. **Direction.** A moved figure is better or worse by its own direction; one
//!    that has none is *changed*, which is shown and does not fail.
//! 6. **Outcomes.** A pair whose baseline passed and that did not pass now is
//!    worse; the other way round it is better. Figures are compared only if both
//!    passed, or both ended in the same way: those of a run that stopped
//!    half-way would look like an improvement.
//! 7. **Missing.** A run or figure of the baseline that is not there now is
//!    missing, which fails. What is new is named and does not fail: make a new
//!    baseline to watch it.
//! 8. **Wall clock.** Figures that were timed on the machine are advisory:
//!    shown, and never decisive.

mod comparability;
mod comparison;
mod delta;
mod markdown;
mod table;
mod tolerance;
mod words;

pub use comparability::{Difference, suspects};
pub use comparison::{Comparison, Verdict, compare};
pub use delta::{Delta, Status};
pub use markdown::markdown;
pub use table::table;
pub use tolerance::{BadTolerance, Tolerances};
