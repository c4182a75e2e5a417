//! Hunts: many small worlds in worker processes, and what becomes of those that
//! fail.

mod allowed;
mod finding;
mod folder;
mod lowering;
mod provenance;
mod quarry;
mod runs;
mod search;
mod session;
mod shrunk;

pub(crate) use allowed::Allowed;
pub(crate) use finding::{Finding, Shrinker};
pub(crate) use folder::{Folders, read_plan};
pub(crate) use lowering::{FromRun, Run, lowered};
pub(crate) use provenance::Provenance;
pub(crate) use quarry::Quarry;
pub(crate) use search::Found;
pub(crate) use session::{Answered, Session};
pub(crate) use shrunk::Shrunk;
