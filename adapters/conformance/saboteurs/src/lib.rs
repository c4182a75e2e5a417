//! Engines that are broken on purpose: the proof that the net catches fish.
//!
//! Each is the same small CRDT with one fault of a kind that real engines have
//! had: it does not strike at the first edit, but where edits were made apart,
//! arrived out of order, came back from storage, and the like. A table
//! ([`all`]) says of each what is wrong, which oracle should find it and in
//! which stock hunt.

#![forbid(unsafe_code)]

mod flaw;
mod small;
mod table;

pub use flaw::Flaw;
pub use small::Small;
pub use table::{Saboteur, all, sound};
