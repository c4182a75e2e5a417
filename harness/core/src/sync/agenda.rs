//! What a node is busy with and what waits for it. Most nodes of a large fleet
//! have nothing to do at any moment, so they have no agenda either.

use std::collections::VecDeque;

use crate::edit::Edit;
use crate::plan::NodeId;
use crate::sync::job::{Body, Effect, Job};
use crate::time::Time;

/// What a node is busy with and what waits for it.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    /// Until when the CPU is busy with a job; none if it is free.
    pub(super) busy_until: Option<Time>,
    /// What comes of that job.
    pub(super) effects: Vec<Effect>,
    /// Jobs that wait for the CPU.
    pub(super) jobs: VecDeque<Job>,
    /// Messages that the radio has not taken in yet.
    pub(super) inbox: VecDeque<Inbound>,
}

/// A message on its last hop.
#[derive(Debug)]
pub(super) struct Inbound {
    pub(super) ready_at: Time,
    pub(super) peer: NodeId,
    pub(super) epoch: u32,
    pub(super) body: Body,
    pub(super) depth: u32,
}

impl Agenda {
    pub(super) fn is_empty(&self) -> bool {
        self.busy_until.is_none() && self.jobs.is_empty() && self.inbox.is_empty()
    }

    /// When something on it is due.
    pub(super) fn next_at(&self) -> Time {
        let done = self.busy_until.unwrap_or(Time::NEVER);
        self.inbox.front().map_or(done, |inbound| done.min(inbound.ready_at))
    }
}

/// As many agendas are kept for their memory; after a moment in which all
/// devices of a large fleet were busy, the others are freed.
const SPARE_AGENDAS_MAX: usize = 64;

/// What nodes need for the moment only, kept for its memory.
#[derive(Debug, Default)]
pub struct Spares {
    #[expect(clippy::vec_box, reason = "a node takes the box as it is")]
    agendas: Vec<Box<Agenda>>,
    /// What comes of the job that is being done.
    pub(super) effects: Vec<Effect>,
    /// The edits of the last transaction.
    pub(super) edits: Vec<Edit>,
}

impl Spares {
    pub(super) fn agenda(&mut self) -> Box<Agenda> {
        self.agendas.pop().unwrap_or_default()
    }

    /// `agenda` must be empty.
    pub(super) fn give_back(&mut self, agenda: Box<Agenda>) {
        debug_assert!(agenda.is_empty() && agenda.effects.is_empty());
        if self.agendas.len() < SPARE_AGENDAS_MAX {
            self.agendas.push(agenda);
        }
    }
}
