//! The verbs, one file each.

mod check;
mod gate;
mod list;
mod report;
mod run;
mod schema;

pub(crate) use check::check;
pub(crate) use gate::gate;
pub(crate) use list::list;
pub(crate) use report::report;
pub(crate) use run::run;
pub(crate) use schema::schema;
