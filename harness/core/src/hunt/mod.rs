//! The hunt: random small worlds, one after the other, until an oracle is
//! violated.
//!
//! A seed becomes a [`Profile`]: which features this world has and how often
//! each is used (swarm testing after Groce, Zhang, Eide, Chen and Regehr,
//! ISSTA 2012: worlds that lack most features reach what worlds with all of
//! them never do). The profile becomes a [`Schedule`](crate::schedule::Schedule).
//! What [`Coverage`] has seen least of gets more weight in the next block of
//! seeds.

mod coverage;
mod feature;
mod generate;
mod operation;
mod peers;
mod profile;
mod travel;
mod view;
mod weights;
mod writer;

pub use self::coverage::{Coverage, Pair, Relation};
pub use self::feature::{Feature, Features};
pub use self::generate::{SmallWorld, schedule, small_world};
pub use self::operation::Operation;
pub use self::profile::Profile;
pub use self::weights::{BLOCK, Weights};

#[cfg(test)]
mod tests;
