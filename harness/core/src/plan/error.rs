//! Why a scenario cannot become a plan.

use crate::time::{Span, Time};

/// Why a scenario cannot become a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A workload has no root to work in.
    #[error(
        "group `{group}`: the workload `{workload}` needs {needs} in the document, which has {has}; \
         add one, such as `{example}`"
    )]
    NoRoot {
        /// Whose workload.
        group: String,
        /// Its kind.
        workload: &'static str,
        /// What kind of root it needs.
        needs: &'static str,
        /// What the document has.
        has: String,
        /// A line for the scenario's `[document]`.
        example: &'static str,
    },
    /// A side of a fault that nobody is.
    #[error("fault {fault} ({kind}): nobody is called `{name}`; expected {expected}{hint}")]
    UnknownSide {
        /// The fault's number in the file, from 0.
        fault: usize,
        /// Its kind.
        kind: &'static str,
        /// The name.
        name: String,
        /// What names there are.
        expected: String,
        /// What may have been meant, or nothing.
        hint: String,
    },
    /// A fault that begins when everything must have healed.
    #[error(
        "fault {fault} ({kind}) begins at {at}, but everything heals at {duration}, the scenario's \
         duration; let it begin before that"
    )]
    FaultTooLate {
        /// The fault's number in the file, from 0.
        fault: usize,
        /// Its kind.
        kind: &'static str,
        /// When it begins.
        at: Time,
        /// When everything heals.
        duration: Span,
    },
    /// The plan would be longer than [`crate::plan::MAX_STEPS`].
    #[error(
        "the plan has more than {limit} steps, reached in {place}; fewer devices, a shorter \
         duration or a slower pace would do"
    )]
    TooLong {
        /// Whose steps went beyond the bound.
        place: String,
        /// The bound.
        limit: usize,
    },
    /// A trace that was not loaded.
    #[error(
        "group `{group}`: the trace `{file}` is not there; say where traces lie with `--traces \
         DIR` (recorded ones: https://github.com/josephg/editing-traces), or leave `file` out for \
         the synthetic one"
    )]
    TraceMissing {
        /// Whose workload.
        group: String,
        /// The file.
        file: String,
    },
    /// A trace with causality of its own, which a world would replace.
    #[error(
        "group `{group}`: the trace `{file}` is concurrent: who saw what is part of it, and a \
         world decides that anew; replay it with `benchmark = \"trace\"`, or take a sequential one"
    )]
    ConcurrentTrace {
        /// Whose workload.
        group: String,
        /// The file.
        file: String,
    },
    /// A trace whose times are not those of a person.
    #[error(
        "group `{group}`: the trace `{file}` has no usable times ({transactions} transactions \
         within {span}); give the mean time between them, such as `every = \"250ms\"`"
    )]
    NoTimes {
        /// Whose workload.
        group: String,
        /// The file.
        file: String,
        /// How many transactions.
        transactions: usize,
        /// The time that they take altogether.
        span: Span,
    },
}
