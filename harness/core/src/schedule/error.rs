//! Why a schedule cannot be run.

/// Why a schedule cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Made for another version of the format.
    #[error("it has schema {found}; this deadzone reads schema {}", super::SCHEMA)]
    Schema {
        /// The version.
        found: u32,
    },
    /// No replicas, or too many.
    #[error("`replicas` is {found}; expected 1 to {}", super::REPLICAS_MAX)]
    Replicas {
        /// How many.
        found: u8,
    },
    /// Too many steps.
    #[error("it has {steps} steps; expected at most {}", super::STEPS_MAX)]
    TooLong {
        /// How many.
        steps: usize,
    },
    /// The numbers of the steps do not go up.
    #[error("step {number} comes after step {before}; the numbers of steps must go up")]
    Backwards {
        /// The step before.
        before: u32,
        /// The step.
        number: u32,
    },
    /// A replica that there cannot be.
    #[error("step {number} names replica {replica}; expected 0 to {}", super::REPLICAS_MAX - 1)]
    NoReplica {
        /// The step.
        number: u32,
        /// The replica.
        replica: u8,
    },
    /// A root that the document lacks.
    #[error("step {number} edits the root `{root}`, which is not there; expected one of {known}")]
    NoRoot {
        /// The step.
        number: u32,
        /// The root.
        root: String,
        /// The roots there are.
        known: String,
    },
}
