//! What lies between devices.

mod link;
mod loss;
mod route;
mod set_up;
pub mod wire;

pub use link::{Arrivals, Datagram, LONGEST_TIMEOUT, Link, MOST_RETRANSMISSION_ROUNDS, Reliable};
pub use route::Route;
pub use set_up::{FIRST_TIMEOUT, set_up};

#[cfg(test)]
mod tests;
