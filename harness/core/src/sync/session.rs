//! One side of the relation between two nodes.

use crate::plan::NodeId;
use crate::rng::Stream;
use crate::scenario::SyncPolicy;
use crate::sync::outbox::Outbox;
use crate::time::{Span, Time};

/// Whether there is a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    Down,
    Dialing,
    Up,
}

/// One side of the relation between two nodes.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) peer: NodeId,
    /// Whether this side sets up connections.
    pub(super) dials: bool,
    pub(super) line: Line,
    /// Counts connections, to tell a late message of an old one.
    pub(super) epoch: u32,
    /// Whether the replica knows of the connection.
    pub(super) joined: bool,
    /// Whether a poll waits for the CPU.
    pub(super) poll_queued: bool,
    /// What the protocol wanted kept from the last connection.
    pub(super) saved: Option<Box<[u8]>>,
    pub(super) redial_at: Time,
    pub(super) failures: u32,
    /// Draws of waits, one for each.
    pub(super) waits: u32,
    pub(super) outbox: Outbox,
}

impl Session {
    pub(super) fn new(peer: NodeId, dials: bool) -> Self {
        Self {
            peer,
            dials,
            line: Line::Down,
            epoch: 0,
            joined: false,
            poll_queued: false,
            saved: None,
            redial_at: Time::NEVER,
            failures: 0,
            waits: 0,
            outbox: Outbox::default(),
        }
    }

    /// The connection is gone or did not come about: when to try again. Waits
    /// double from the least to the longest, and half of each is random, so
    /// that devices which lost their relay together do not come back together.
    pub(super) fn schedule_redial(&mut self, now: Time, policy: &SyncPolicy, stream: Stream) {
        if !self.dials {
            return;
        }
        let doubled = policy.retry_min.times(1 << self.failures.min(20));
        let wait = doubled.min(policy.retry_max);
        let half = wait.as_nanos() / 2;
        let drawn = stream
            .named("redial")
            .numbered(u64::from(self.peer.0))
            .numbered(u64::from(self.waits))
            .draws()
            .below(half.saturating_add(1));
        self.waits += 1;
        self.failures += 1;
        self.redial_at = now + Span::from_nanos(half + drawn);
    }
}
