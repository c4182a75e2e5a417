//! Hunts: many small worlds in worker processes, and what becomes of those that
//! fail.

mod allowed;
mod finding;
mod folder;
mod lowering;
mod runs;
mod search;
mod session;

pub(crate) use allowed::Allowed;
pub(crate) use finding::{Finding, Shrinker};
pub(crate) use folder::{Folders, Origin, read_plan};
pub(crate) use lowering::{FromRun, Told, lowered};
pub(crate) use runs::Runs;
pub(crate) use search::{Found, Made, Search};
pub(crate) use session::{Answered, Session};
