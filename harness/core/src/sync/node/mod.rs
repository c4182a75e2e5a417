//! A device or the relay: its hardware, its replica, its sessions.
//!
//! A state machine without IO. Whoever drives it calls one of the methods with
//! the time, takes the [`Output`]s, and comes back at [`Node::next_wakeup`] or
//! with the next input.

mod effects;
mod jobs;
mod radio;
mod sessions;

use std::rc::Rc;

use crate::ahead::fetch;
use crate::device::{Cpu, Ledger, Radios, Storage};
use crate::engine::{
    Authority, Delivery, Edited, EngineError, Replica, ReplicaId, Role, Save, Seen, Stamp,
};
use crate::network::wire::Packets;
use crate::plan::{Cursor, Layout, NodeId, resolve_into};
use crate::profile::{DeviceProfile, DeviceRadio, LinkProfile};
use crate::rng::Stream;
use crate::sandbox::{Heap, ask};
use crate::scenario::{Durability, OfflineEdits, SyncPolicy};
use crate::sync::agenda::{Agenda, Inbound};
use crate::sync::job::{Body, Effect, Job};
use crate::sync::lab::{Lab, Stop, refuse};
use crate::sync::outbox::{Known, UpdateId};
use crate::sync::session::{Line, Session};
use crate::sync::witness::Call;
use crate::time::{Span, Time};
use crate::units::Work;

/// Jobs that may wait for one CPU; more end the run as a violation.
const JOBS_MAX: usize = 1_000_000;

/// Messages that an engine may have for one peer at a time; more end the run as
/// a violation.
const MESSAGES_PER_POLL_MAX: usize = 100_000;

/// How long the operating system keeps written bytes before it flushes them:
/// Linux's `vm.dirty_writeback_centisecs` of 500.
const WRITEBACK: Span = Span::from_secs(5);

/// How much longer than the save interval an acknowledgement may take before
/// an update is sent again.
const RESEND_SLACK: Span = Span::from_secs(3);

/// What the people's wall clocks show when a run starts: 2026-01-01, 00:00 UTC.
const EPOCH_UNIX_MILLISECONDS: i64 = 1_767_225_600_000;

/// What the nodes of one group have in common.
#[derive(Clone, Debug)]
pub struct Kind {
    /// The number of the group.
    pub group: usize,
    /// The hardware.
    pub device: DeviceProfile,
    /// The links in order of preference; empty for a relay on the backbone.
    pub links: Vec<LinkProfile>,
    /// For each link, which of the device's radios carries it.
    pub link_radios: Vec<Option<usize>>,
    /// The side.
    pub role: Role,
    /// Who decides what the document is.
    pub authority: Authority,
    /// How it syncs.
    pub sync: SyncPolicy,
    /// Whether texts may hold characters of two code units.
    pub splits: bool,
}

/// Counts of one node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Edits accepted.
    pub edits: u64,
    /// Edits refused.
    pub edits_rejected: u64,
    /// Edits whose place was gone, that changed nothing, or that met a dead device.
    pub edits_skipped: u64,
    /// Bytes sent, framing included.
    pub wire_bytes_sent: u64,
    /// Bytes received, framing included.
    pub wire_bytes_received: u64,
    /// Messages sent.
    pub wire_messages: u64,
    /// What people typed.
    pub payload_bytes: u64,
    /// Counted work.
    pub work: Work,
    /// Connections set up after the first.
    pub reconnects: u64,
    /// Crashes and power losses.
    pub crashes: u64,
}

/// What a node wants done or known.
#[derive(Debug)]
pub enum Output {
    /// Set up a connection.
    Dial {
        /// To whom.
        peer: NodeId,
    },
    /// The connection is given up on this side.
    HangUp {
        /// To whom it was.
        peer: NodeId,
        /// Whether the other side is told at once.
        orderly: bool,
    },
    /// Send this.
    Send {
        /// To whom.
        peer: NodeId,
        /// What.
        body: Body,
        /// When the radio is ready for it.
        at: Time,
        /// How many messages led to this one, each the answer to the last.
        depth: u32,
    },
    /// An edit was accepted.
    Made {
        /// The plan step.
        step: u32,
        /// Its stamp.
        stamp: Stamp,
        /// When the person made it.
        asked_at: Time,
        /// Whether the replica holds it already.
        held: bool,
        /// How long the person waited, where the replica holds it.
        latency: Span,
    },
    /// Edits have arrived.
    Saw(Seen),
    /// A replica that had been lost is back with what storage held.
    Loaded {
        /// How long that took from power-on.
        took: Span,
    },
}

/// A device or the relay.
///
/// A world may have many, so what few of them need is kept in boxes.
pub struct Node {
    id: NodeId,
    running: bool,
    incarnation: u32,
    /// One bit a link.
    links_up: u32,
    kind: Rc<Kind>,
    agenda: Option<Box<Agenda>>,
    store_at: Time,
    spread_at: Time,
    flush_at: Time,
    /// The first of the sessions' times to dial again.
    redial_at: Time,
    replica: Option<Box<dyn Replica>>,
    sessions: Box<[Session]>,
    heap: Heap,
    cpu: Cpu,
    tally: Tally,
    cursor: Cursor,
    storage: Storage,
    radios: Box<[Radios]>,
    stream: Stream,
    clock_offset_milliseconds: i64,
    broadcast: Option<Box<Broadcast>>,
}

/// What the draws of a node come from.
fn stream_of(root: Stream, id: NodeId) -> Stream {
    root.named("node").numbered(u64::from(id.0))
}

/// The id of a node's replica after so many restarts: a new one for each, since
/// replicas that lost edits must not number new ones like those that others may
/// have seen.
pub(crate) fn replica_id(root: Stream, id: NodeId, restarts: u32) -> ReplicaId {
    id_from(stream_of(root, id), restarts)
}

fn id_from(node: Stream, restarts: u32) -> ReplicaId {
    let mut draws = node.named("replica").numbered(u64::from(restarts)).draws();
    let (low, high) = (draws.bits().to_le_bytes(), draws.bits().to_le_bytes());
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&low);
    bytes[8..].copy_from_slice(&high);
    ReplicaId(bytes)
}

/// What delivery by broadcast needs.
#[derive(Debug, Default)]
struct Broadcast {
    known: Known,
    receipts: Vec<(NodeId, UpdateId)>,
    updates_made: u64,
}

impl Node {
    /// A node that is off.
    pub fn new(id: NodeId, kind: Rc<Kind>, root: Stream, peers: &[(NodeId, bool)]) -> Self {
        let sessions = peers.iter().map(|&(peer, dials)| Session::new(peer, dials)).collect();
        let radios = kind.device.radios.iter().map(|_| Radios::new()).collect();
        let links_up = ((1_u64 << kind.links.len()) - 1) as u32;
        Self {
            id,
            running: false,
            incarnation: 0,
            links_up,
            stream: stream_of(root, id),
            kind,
            agenda: None,
            store_at: Time::NEVER,
            spread_at: Time::NEVER,
            flush_at: Time::NEVER,
            redial_at: Time::NEVER,
            replica: None,
            sessions,
            heap: Heap::default(),
            cpu: Cpu::new(),
            tally: Tally::default(),
            cursor: Cursor::default(),
            storage: Storage::default(),
            radios,
            clock_offset_milliseconds: 0,
            broadcast: None,
        }
    }

    /// Switched on for the first time.
    ///
    /// # Errors
    /// [`Stop`] if the engine cannot go on.
    pub fn begin(
        &mut self,
        now: Time,
        lab: &mut Lab<'_>,
        out: &mut Vec<Output>,
    ) -> Result<(), Stop> {
        self.running = true;
        self.create(now, lab)?;
        self.dial_all(now);
        self.wake(now, lab, out)
    }

    /// Has its memory fetched, for a turn that comes soon.
    pub(crate) fn fetch(&self) {
        // It has several cache lines, and these lie all over it.
        fetch(&self.kind);
        fetch(&self.agenda);
        fetch(&self.replica);
        fetch(&self.heap);
        fetch(&self.tally);
        fetch(&self.tally.crashes);
        fetch(&self.cpu);
        fetch(&self.running);
    }

    /// Has the memory fetched that it points to; its own must be there already.
    pub(crate) fn fetch_parts(&self) {
        if let [session, ..] = &*self.sessions {
            fetch(session);
        }
        self.cursor.fetch();
    }

    /// When something is due without an input; [`Time::NEVER`] for nothing.
    pub fn next_wakeup(&self) -> Time {
        let mut next = self.store_at.min(self.spread_at).min(self.flush_at).min(self.redial_at);
        if let Some(agenda) = &self.agenda {
            next = next.min(agenda.next_at());
        }
        if self.broadcasts() {
            for session in self.sessions.iter().filter(|session| session.line == Line::Up) {
                next = next.min(session.outbox.next_due(self.resend_after()));
            }
        }
        next
    }

    /// Does what is due.
    ///
    /// # Errors
    /// [`Stop`] if the engine cannot go on.
    pub fn wake(
        &mut self,
        now: Time,
        lab: &mut Lab<'_>,
        out: &mut Vec<Output>,
    ) -> Result<(), Stop> {
        if !self.running {
            return Ok(());
        }
        self.open_agenda(lab);
        while let Some(inbound) = self.next_inbound(now) {
            self.take_in(inbound)?;
        }
        if self.flush_at <= now {
            self.flush_at = Time::NEVER;
            self.storage.flush(&self.kind.device.storage);
        }
        if self.spread_at <= now {
            self.spread_at = Time::NEVER;
            self.queue_polls(None)?;
        }
        if self.store_at <= now {
            self.store_at = Time::NEVER;
            self.queue(Job::Store)?;
        }
        if self.redial_at != Time::NEVER && (self.redial_at <= now || !self.is_reachable()) {
            self.redial(now, out);
        }
        self.work(now, lab, out)?;
        self.resend(now, out);
        Ok(())
    }

    /// A person's input.
    ///
    /// # Errors
    /// [`Stop`] if the engine cannot go on.
    pub fn edit(
        &mut self,
        step: u32,
        now: Time,
        lab: &mut Lab<'_>,
        out: &mut Vec<Output>,
    ) -> Result<(), Stop> {
        if !self.running {
            self.tally.edits_skipped += 1;
            return Ok(());
        }
        let refuses = self.kind.authority == Authority::Server
            && self.kind.sync.offline == OfflineEdits::Refuse
            && !self.sessions.iter().any(|session| session.line == Line::Up);
        if refuses {
            self.tally.edits_rejected += 1;
            return Ok(());
        }
        self.queue_and_work(now, Job::Edit { step, asked_at: now }, lab, out)
    }

    /// A message has come in.
    ///
    /// # Errors
    /// [`Stop`] if the engine cannot go on.
    pub fn receive(
        &mut self,
        now: Time,
        from: NodeId,
        epoch: u32,
        arrival: Arrival,
        lab: &mut Lab<'_>,
        out: &mut Vec<Output>,
    ) -> Result<(), Stop> {
        if !self.running || self.session(from).epoch != epoch {
            return Ok(());
        }
        self.tally.wire_bytes_received += arrival.wire_bytes;
        let ready_at = self.receive_by_radio(now, arrival.wire_bytes);
        self.open_agenda(lab);
        let inbox = &mut self.agenda.get_or_insert_default().inbox;
        let after = inbox.back().map_or(now, |last| last.ready_at);
        let inbound = Inbound {
            ready_at: ready_at.max(after),
            peer: from,
            epoch,
            body: arrival.body,
            depth: arrival.depth,
        };
        inbox.push_back(inbound);
        self.wake(now, lab, out)
    }

    /// A connection is up; `epoch` is its number.
    ///
    /// # Errors
    /// [`Stop`] if the engine cannot go on.
    pub fn connected(
        &mut self,
        now: Time,
        peer: NodeId,
        epoch: u32,
        lab: &mut Lab<'_>,
        out: &mut Vec<Output>,
    ) -> Result<(), Stop> {
        if self.session(peer).line == Line::Up && !self.broadcasts() {
            // The other side was faster to notice that the last one was gone.
            self.queue(Job::Leave { peer })?;
        }
        let session = self.session_mut(peer);
        session.line = Line::Up;
        session.epoch = epoch;
        session.failures = 0;
        session.redial_at = Time::NEVER;
        session.outbox.restart();
        self.note_redials();
        if !self.broadcasts() {
            self.queue(Job::Join { peer, epoch })?;
        }
        self.wake(now, lab, out)
    }

    /// An attempt to connect has failed.
    pub fn dial_failed(&mut self, now: Time, peer: NodeId) {
        let (kind, stream) = (self.kind.clone(), self.stream);
        let session = self.session_mut(peer);
        if session.line == Line::Dialing {
            session.line = Line::Down;
            session.schedule_redial(now, &kind.sync, stream);
            self.note_redials();
        }
    }

    /// A connection is gone.
    ///
    /// # Errors
    /// [`Stop`] if the engine cannot go on.
    pub fn disconnected(
        &mut self,
        now: Time,
        peer: NodeId,
        lab: &mut Lab<'_>,
        out: &mut Vec<Output>,
    ) -> Result<(), Stop> {
        if self.running {
            self.drop_line(now, peer)?;
            self.work(now, lab, out)?;
        }
        Ok(())
    }

    /// A link of the device comes or goes.
    ///
    /// # Errors
    /// [`Stop`] if the engine cannot go on.
    pub fn link(
        &mut self,
        now: Time,
        link: u32,
        up: bool,
        lab: &mut Lab<'_>,
        out: &mut Vec<Output>,
    ) -> Result<(), Stop> {
        let before = self.active_link_number();
        self.links_up = if up { self.links_up | 1 << link } else { self.links_up & !(1 << link) };
        if let Some(radio) = self.kind.link_radios[link as usize] {
            if up && self.running {
                self.radios[radio].switch_on(now);
            } else if !up {
                self.radios[radio].switch_off(now);
            }
        }
        if !self.running || self.active_link_number() == before {
            return Ok(());
        }
        // Another link means another address: connections do not live through it.
        for index in 0..self.sessions.len() {
            let peer = self.sessions[index].peer;
            if self.sessions[index].line != Line::Down {
                out.push(Output::HangUp { peer, orderly: false });
                self.drop_line(now, peer)?;
            }
        }
        self.dial_all(now);
        self.wake(now, lab, out)
    }

    /// The app dies, or with `power_loss` the whole device.
    ///
    /// # Errors
    /// [`Stop`] if the engine cannot go on.
    pub fn crash(
        &mut self,
        now: Time,
        power_loss: bool,
        lab: &mut Lab<'_>,
        out: &mut Vec<Output>,
    ) -> Result<(), Stop> {
        if !self.running {
            return Ok(());
        }
        self.running = false;
        self.tally.crashes += 1;
        if power_loss {
            self.storage.power_loss();
            for radio in &mut self.radios {
                radio.switch_off(now);
            }
        } else {
            self.storage.crash();
        }
        for session in &mut self.sessions {
            if session.line != Line::Down {
                out.push(Output::HangUp { peer: session.peer, orderly: !power_loss });
            }
            let mut outbox = std::mem::take(&mut session.outbox);
            outbox.crash();
            let (epoch, waits) = (session.epoch, session.waits);
            *session = Session::new(session.peer, session.dials);
            (session.outbox, session.epoch, session.waits) = (outbox, epoch, waits);
        }
        if let Some(broadcast) = &mut self.broadcast {
            broadcast.known.crash();
            broadcast.receipts.clear();
        }
        let replica = self.replica.take();
        ask(lab.sandbox, || drop(replica))?;
        // An application that starts again does not know where its person was.
        self.cursor = Cursor::default();
        self.heap = self.heap.emptied();
        self.agenda = None;
        (self.store_at, self.spread_at, self.flush_at) = (Time::NEVER, Time::NEVER, Time::NEVER);
        self.redial_at = Time::NEVER;
        Ok(())
    }

    /// A crashed device starts again, with what its storage holds.
    ///
    /// # Errors
    /// [`Stop`] if the engine cannot go on.
    pub fn start_again(
        &mut self,
        now: Time,
        lab: &mut Lab<'_>,
        out: &mut Vec<Output>,
    ) -> Result<(), Stop> {
        if self.running {
            return Ok(());
        }
        self.running = true;
        self.incarnation += 1;
        for (link, radio) in self.kind.link_radios.iter().enumerate() {
            if let Some(radio) = *radio
                && self.links_up & 1 << link != 0
            {
                self.radios[radio].switch_on(now);
            }
        }
        self.queue(Job::Load { since: now })?;
        self.dial_all(now);
        self.wake(now, lab, out)
    }

    /// The wall clock jumps.
    pub fn jump_clock(&mut self, by_milliseconds: i64) {
        self.clock_offset_milliseconds += by_milliseconds;
    }

    /// The link that is in use.
    pub fn active_link(&self) -> Option<&LinkProfile> {
        self.active_link_number().map(|link| &self.kind.links[link])
    }

    /// Whether the device is on and has a way to others.
    pub fn is_reachable(&self) -> bool {
        self.running && (self.kind.links.is_empty() || self.links_up != 0)
    }

    /// What the nodes of its group have in common.
    pub fn kind(&self) -> &Rc<Kind> {
        &self.kind
    }

    /// Its counts.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Its counts, to add what the network did for it.
    pub fn tally_mut(&mut self) -> &mut Tally {
        &mut self.tally
    }

    /// Its storage.
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// Its replica's memory.
    pub fn heap(&self) -> &Heap {
        &self.heap
    }

    /// How long its CPU was busy.
    pub fn cpu_busy(&self) -> Span {
        self.cpu.busy_total()
    }

    /// Its replica, if the device is on.
    pub fn replica_mut(&mut self) -> Option<&mut dyn Replica> {
        match &mut self.replica {
            Some(replica) => Some(replica.as_mut()),
            None => None,
        }
    }

    /// Gives its replica away at the end of a run.
    pub fn take_replica(&mut self) -> Option<Box<dyn Replica>> {
        self.replica.take()
    }

    /// Energy used up to `now`.
    pub fn ledger(&self, now: Time) -> Ledger {
        Ledger::at(&self.kind.device, &self.cpu, &self.storage, &self.radios, now)
    }

    /// How often its radios left idle.
    pub fn radio_wakeups(&self) -> u64 {
        self.radios.iter().map(|radio| u64::from(radio.wakeups())).sum()
    }

    /// Whether the connection to `peer` with this number is the present one.
    pub fn is_on_line(&self, peer: NodeId, epoch: u32) -> bool {
        let session = self.session(peer);
        session.line == Line::Up && session.epoch == epoch
    }
}

/// What arrives.
#[derive(Debug)]
pub struct Arrival {
    /// The message.
    pub body: Body,
    /// Its bytes with framing.
    pub wire_bytes: u64,
    /// See [`Output::Send`].
    pub depth: u32,
}
