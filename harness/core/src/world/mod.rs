//! The world: devices, the relay and the network between them, driven through
//! virtual time by one event queue.

mod carrier;
pub mod lower;
mod measures;
mod outcome;
mod run;
mod watch;

pub use run::{World, run};
pub use watch::{Kind, Moment, Watched, What, watch};
