//! What lies between devices.

mod link;
mod loss;
mod route;
pub mod wire;

pub use link::{Arrivals, Datagram, LONGEST_TIMEOUT, Link, MOST_RETRANSMISSION_ROUNDS, Reliable};
pub use route::Route;

#[cfg(test)]
mod tests;
