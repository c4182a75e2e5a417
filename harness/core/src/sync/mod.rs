//! What a device or a relay does: state machines without IO. Time and bytes
//! come in as arguments, what should happen outside goes out as [`Output`]s.

mod job;
mod lab;
mod node;
mod outbox;
mod session;

pub use job::Body;
pub use lab::{Lab, Stop};
pub use node::{Kind, Node, Output, Tally};
