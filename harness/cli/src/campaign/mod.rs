//! A campaign: scenarios × engines × seeds, each a run in a worker.

mod prepare;
mod progress;
mod runs;

pub(crate) use prepare::{Named, Planned, What, prepare, source};
pub(crate) use progress::Progress;
pub(crate) use runs::{Outcomes, Run, execute, jobs_at_a_time};
