//! What a node's CPU does, and what comes of it once it is done.

use std::rc::Rc;

use crate::engine::{Seen, Stamp};
use crate::plan::NodeId;
use crate::sync::outbox::UpdateId;
use crate::time::Time;

/// What travels between nodes.
#[derive(Clone, Debug)]
pub enum Body {
    /// A message of the engine's own protocol.
    Protocol(Rc<[u8]>),
    /// One update by itself.
    Update(UpdateId, Rc<[u8]>),
    /// That update has arrived and is stored.
    Acknowledgement(UpdateId),
}

impl Body {
    /// Bytes before framing. Ids and acknowledgements take 16, as two 64-bit
    /// numbers.
    pub fn size_bytes(&self) -> u64 {
        match self {
            Self::Protocol(message) => message.len() as u64,
            Self::Update(_, update) => 16 + update.len() as u64,
            Self::Acknowledgement(_) => 16,
        }
    }
}

/// Work for the CPU, in the order in which it came.
#[derive(Debug)]
pub(super) enum Job {
    Edit { step: u32, asked_at: Time },
    Join { peer: NodeId, epoch: u32 },
    Leave { peer: NodeId },
    Poll { peer: NodeId },
    Receive { peer: NodeId, message: Rc<[u8]>, depth: u32 },
    Apply { peer: NodeId, id: UpdateId, update: Rc<[u8]> },
    Store,
    Load { since: Time },
}

/// What comes of a job when the CPU is done with it.
#[derive(Debug)]
pub(super) enum Effect {
    Edited {
        step: u32,
        stamp: Stamp,
        asked_at: Time,
        held: bool,
    },
    Skipped,
    Saw(Seen),
    /// For the connection with this number, and no later one.
    Send {
        peer: NodeId,
        epoch: u32,
        body: Body,
        depth: u32,
    },
    /// Polls the other sessions: something new is there for them.
    Spread {
        except: Option<NodeId>,
    },
    /// A new update for everybody but the one it came from.
    Publish {
        id: UpdateId,
        update: Rc<[u8]>,
        except: Option<NodeId>,
    },
    Write {
        bytes: Vec<u8>,
        whole: bool,
    },
    Acknowledge {
        peer: NodeId,
        id: UpdateId,
    },
    Loaded {
        since: Time,
    },
}
