//! Every saboteur is caught by the oracle that should catch it.

mod catches;
mod deaths;
mod schedules;
