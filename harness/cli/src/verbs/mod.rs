//! The verbs, one file each.

mod check;
mod gate;
mod hunt;
mod list;
mod merge;
mod replay;
mod replay_plan;
mod report;
mod run;
mod schema;

pub(crate) use check::check;
pub(crate) use gate::gate;
pub(crate) use hunt::hunt;
pub(crate) use list::list;
pub(crate) use merge::merge;
pub(crate) use replay::replay;
pub(crate) use report::report;
pub(crate) use run::run;
pub(crate) use schema::schema;
