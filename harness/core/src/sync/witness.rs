//! What replicas are called with, for somebody who writes it down.

use std::rc::Rc;

use crate::plan::NodeId;
use crate::sync::outbox::UpdateId;

/// A call of engine code at a node, told before it is made, or what came of the
/// one told last.
pub enum Call<'a> {
    /// The edits of this step of the plan are made; their places are there.
    Edit {
        /// The step.
        step: u32,
    },
    /// The edits of the last [`Call::Edit`] became a transaction.
    Edited,
    /// A connection is up.
    Connect {
        /// To whom.
        peer: NodeId,
        /// The number of the connection, the same on both sides.
        epoch: u32,
    },
    /// The connection that was told last is over.
    Disconnect {
        /// To whom it was.
        peer: NodeId,
    },
    /// The replica is asked for a message.
    Poll {
        /// For whom.
        peer: NodeId,
    },
    /// It had one, or none.
    Polled {
        /// For whom.
        peer: NodeId,
        /// The message.
        message: Option<&'a Rc<[u8]>>,
    },
    /// The replica gets a message.
    Receive {
        /// From whom.
        peer: NodeId,
        /// The very one that its sender was polled for.
        message: &'a Rc<[u8]>,
    },
    /// The updates of all transactions since the last time were taken.
    Took {
        /// The first of them; the others count up from it.
        first: UpdateId,
        /// How many there were.
        count: usize,
    },
    /// The replica gets an update by itself.
    Apply {
        /// Which.
        id: UpdateId,
    },
    /// The replica is saved.
    Save {
        /// Whole, and not what is new since the last time.
        whole: bool,
    },
    /// That gave these bytes, which are on their way to the storage.
    Saved {
        /// What is written.
        bytes: &'a [u8],
    },
    /// The replica comes back after a crash.
    Load {
        /// With what the storage has.
        chunks: &'a [Vec<u8>],
        /// Whether the node still has an update of its own to send.
        keeps: &'a dyn Fn(UpdateId) -> bool,
    },
}

/// Who is told of every call of engine code that an app makes.
pub trait Witness {
    /// A call at this node.
    fn called(&mut self, at: NodeId, call: Call<'_>);
}
