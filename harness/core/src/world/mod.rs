//! The world: devices, the relay and the network between them, driven through
//! virtual time by one event queue.

mod carrier;
mod connections;
pub mod lower;
mod measured;
mod measures;
mod outcome;
mod outside;
mod rooms;
mod run;
mod watch;

pub use carrier::Hindrance;
pub use measured::{Measured, ROOMS_TOLD_MAX};
pub use outside::{Channel, Errand, Heard, Links, Outside, Parcel};
pub use rooms::measure;
pub use run::{World, run};
pub use watch::{Kind, Moment, Watched, What, watch};
