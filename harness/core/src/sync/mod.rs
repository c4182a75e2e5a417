//! What a device or a relay does: state machines without IO. Time and bytes
//! come in as arguments, what should happen outside goes out as [`Output`]s.

mod agenda;
mod job;
mod lab;
mod node;
mod outbox;
mod session;
mod witness;

pub use agenda::Spares;
pub use job::Body;
pub use lab::{Edits, Lab, Stop};
pub(crate) use node::replica_id;
pub use node::{Arrival, Kind, Node, Output, Tally};
pub use outbox::UpdateId;
pub use witness::{Call, Witness};
