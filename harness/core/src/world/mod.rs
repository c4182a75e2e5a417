//! The world: devices, the relay and the network between them, driven through
//! virtual time by one event queue.

mod carrier;
pub mod lower;
mod measures;
mod outcome;
mod outside;
mod run;
mod watch;

pub use outside::{Channel, Errand, Heard, Links, Outside, Parcel};
pub use run::{World, run};
pub use watch::{Kind, Moment, Watched, What, watch};
