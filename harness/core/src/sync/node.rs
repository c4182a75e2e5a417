//! A device or the relay: its hardware, its replica, its sessions.
//!
//! A state machine without IO. Whoever drives it calls one of the methods with
//! the time, takes the [`Output`]s, and comes back at [`Node::next_wakeup`] or
//! with the next input.

use std::collections::VecDeque;
use std::rc::Rc;

use crate::device::{Cpu, Ledger, Radios, Storage};
use crate::edit::{Edit, Position};
use crate::engine::{Authority, Delivery, Edited, Replica, ReplicaId, Role, Save, Seen, Stamp};
use crate::plan::{NodeId, resolve};
use crate::profile::{DeviceProfile, DeviceRadio, LinkProfile};
use crate::rng::Stream;
use crate::sandbox::Heap;
use crate::scenario::{Durability, OfflineEdits, SyncPolicy};
use crate::sync::job::{Body, Effect, Job};
use crate::sync::lab::{Lab, Stop, refuse};
use crate::sync::outbox::{Known, UpdateId};
use crate::sync::session::{Line, Session};
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
pub struct Node {
    id: NodeId,
    kind: Rc<Kind>,
    stream: Stream,
    incarnation: u32,
    running: bool,
    replica: Option<Box<dyn Replica>>,
    heap: Heap,
    cpu: Cpu,
    busy: Option<Box<Busy>>,
    jobs: VecDeque<Job>,
    inbox: VecDeque<Inbound>,
    sessions: Vec<Session>,
    known: Known,
    receipts: Vec<(NodeId, UpdateId)>,
    updates_made: u64,
    storage: Storage,
    radios: Box<[Radios]>,
    /// One bit a link.
    links_up: u32,
    store_at: Time,
    spread_at: Time,
    flush_at: Time,
    clock_offset_milliseconds: i64,
    tally: Tally,
}

#[derive(Debug)]
struct Busy {
    until: Time,
    effects: Vec<Effect>,
}

#[derive(Debug)]
struct Inbound {
    ready_at: Time,
    peer: NodeId,
    epoch: u32,
    body: Body,
    depth: u32,
}

impl Node {
    /// A node that is off.
    pub fn new(id: NodeId, kind: Rc<Kind>, root: Stream, peers: &[(NodeId, bool)]) -> Self {
        let sessions = peers.iter().map(|&(peer, dials)| Session::new(peer, dials)).collect();
        let radios = kind.device.radios.iter().map(|_| Radios::new()).collect();
        let links_up = ((1_u64 << kind.links.len()) - 1) as u32;
        Self {
            id,
            kind,
            stream: root.named("node").numbered(u64::from(id.0)),
            incarnation: 0,
            running: false,
            replica: None,
            heap: Heap::default(),
            cpu: Cpu::new(),
            busy: None,
            jobs: VecDeque::new(),
            inbox: VecDeque::new(),
            sessions,
            known: Known::default(),
            receipts: Vec::new(),
            updates_made: 0,
            storage: Storage::default(),
            radios,
            links_up,
            store_at: Time::NEVER,
            spread_at: Time::NEVER,
            flush_at: Time::NEVER,
            clock_offset_milliseconds: 0,
            tally: Tally::default(),
        }
    }

    /// Switched on for the first time.
    ///
    /// # Errors
    /// [`Stop`] if the engine cannot go on.
    pub fn begin(&mut self, now: Time, lab: &mut Lab<'_>, out: &mut Vec<Output>) -> Result<(), Stop> {
        self.running = true;
        self.create(now, lab)?;
        self.dial_all(now);
        self.wake(now, lab, out)
    }

    /// When something is due without an input; [`Time::NEVER`] for nothing.
    pub fn next_wakeup(&self) -> Time {
        let mut next = self.store_at.min(self.spread_at).min(self.flush_at);
        if let Some(busy) = &self.busy {
            next = next.min(busy.until);
        }
        if let Some(inbound) = self.inbox.front() {
            next = next.min(inbound.ready_at);
        }
        // A relay has many sessions, and none of them dials.
        if self.kind.role == Role::Client || self.broadcasts() {
            for session in &self.sessions {
                next = next.min(session.redial_at);
                if self.broadcasts() && session.line == Line::Up {
                    next = next.min(session.outbox.next_due(self.resend_after()));
                }
            }
        }
        next
    }

    /// Does what is due.
    ///
    /// # Errors
    /// [`Stop`] if the engine cannot go on.
    pub fn wake(&mut self, now: Time, lab: &mut Lab<'_>, out: &mut Vec<Output>) -> Result<(), Stop> {
        if !self.running {
            return Ok(());
        }
        while self.inbox.front().is_some_and(|inbound| inbound.ready_at <= now) {
            let inbound = self.inbox.pop_front().expect("just looked at");
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
        self.redial(now, out);
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
        self.queue(Job::Edit { step, asked_at: now })?;
        self.work(now, lab, out)
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
        let after = self.inbox.back().map_or(now, |last| last.ready_at);
        let inbound = Inbound {
            ready_at: ready_at.max(after),
            peer: from,
            epoch,
            body: arrival.body,
            depth: arrival.depth,
        };
        self.inbox.push_back(inbound);
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
        let again = epoch > 1;
        self.tally.reconnects += u64::from(again && self.session(peer).dials);
        let session = self.session_mut(peer);
        session.line = Line::Up;
        session.epoch = epoch;
        session.failures = 0;
        session.redial_at = Time::NEVER;
        session.outbox.restart();
        if !self.broadcasts() {
            self.queue(Job::Join { peer, epoch })?;
        }
        self.wake(now, lab, out)
    }

    /// An attempt to connect has failed.
    ///
    /// # Errors
    /// [`Stop`] if the engine cannot go on.
    pub fn dial_failed(&mut self, now: Time, peer: NodeId) {
        let (kind, stream) = (self.kind.clone(), self.stream);
        let session = self.session_mut(peer);
        if session.line == Line::Dialing {
            session.line = Line::Down;
            session.schedule_redial(now, &kind.sync, stream);
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
        let before = self.active_link();
        self.links_up = if up { self.links_up | 1 << link } else { self.links_up & !(1 << link) };
        if let Some(radio) = self.kind.link_radios[link as usize] {
            let model = &self.kind.device.radios[radio];
            if up && self.running {
                self.radios[radio].switch_on(model, now);
            } else if !up {
                self.radios[radio].switch_off(model, now);
            }
        }
        if !self.running || self.active_link() == before {
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
    pub fn crash(&mut self, now: Time, power_loss: bool, out: &mut Vec<Output>) {
        if !self.running {
            return;
        }
        self.running = false;
        self.tally.crashes += 1;
        if power_loss {
            self.storage.power_loss();
            for (radio, model) in self.radios.iter_mut().zip(&self.kind.device.radios) {
                radio.switch_off(model, now);
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
        self.known.crash();
        self.receipts.clear();
        self.replica = None;
        self.heap = self.heap.emptied();
        self.busy = None;
        self.jobs.clear();
        self.inbox.clear();
        (self.store_at, self.spread_at, self.flush_at) = (Time::NEVER, Time::NEVER, Time::NEVER);
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
                self.radios[radio].switch_on(&self.kind.device.radios[radio], now);
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

    /// Energy used up to `now`.
    pub fn ledger(&self, now: Time) -> Ledger {
        Ledger::of(&self.kind.device, &self.cpu, &self.storage, &self.radios, now)
    }

    /// Whether anything is under way here.
    pub fn is_at_rest(&self) -> bool {
        self.busy.is_none() && self.jobs.is_empty() && self.inbox.is_empty()
    }

    // ---- sessions

    fn session_index(&self, peer: NodeId) -> usize {
        self.sessions
            .binary_search_by_key(&peer, |session| session.peer)
            .expect("messages come from neighbours only")
    }

    fn session(&self, peer: NodeId) -> &Session {
        &self.sessions[self.session_index(peer)]
    }

    fn session_mut(&mut self, peer: NodeId) -> &mut Session {
        let index = self.session_index(peer);
        &mut self.sessions[index]
    }

    fn broadcasts(&self) -> bool {
        self.kind.sync.delivery == Delivery::Broadcast
    }

    fn resend_after(&self) -> Span {
        self.kind.sync.save_interval + RESEND_SLACK
    }

    fn dial_all(&mut self, now: Time) {
        for session in &mut self.sessions {
            if session.dials && session.line == Line::Down {
                session.redial_at = now;
                session.failures = 0;
            }
        }
    }

    fn redial(&mut self, now: Time, out: &mut Vec<Output>) {
        if self.kind.role == Role::Server || !self.is_reachable() {
            // Coming links dial again by themselves.
            self.sessions.iter_mut().for_each(|session| session.redial_at = Time::NEVER);
            return;
        }
        for session in &mut self.sessions {
            if session.redial_at <= now {
                session.redial_at = Time::NEVER;
                session.line = Line::Dialing;
                out.push(Output::Dial { peer: session.peer });
            }
        }
    }

    fn drop_line(&mut self, now: Time, peer: NodeId) -> Result<(), Stop> {
        let (kind, stream) = (self.kind.clone(), self.stream);
        let session = self.session_mut(peer);
        let was_up = session.line == Line::Up;
        session.line = Line::Down;
        session.schedule_redial(now, &kind.sync, stream);
        if was_up && !self.broadcasts() {
            self.queue(Job::Leave { peer })?;
        }
        Ok(())
    }

    fn take_in(&mut self, inbound: Inbound) -> Result<(), Stop> {
        let Inbound { peer, epoch, body, depth, .. } = inbound;
        let session = self.session_mut(peer);
        if session.epoch != epoch || session.line != Line::Up {
            return Ok(());
        }
        match body {
            Body::Protocol(message) => self.queue(Job::Receive { peer, message, depth }),
            Body::Update(id, update) => self.queue(Job::Apply { peer, id, update }),
            Body::Acknowledgement(id) => {
                session.outbox.acknowledge(id);
                Ok(())
            }
        }
    }

    fn queue_polls(&mut self, except: Option<NodeId>) -> Result<(), Stop> {
        if self.broadcasts() {
            return self.queue(Job::Store);
        }
        for index in 0..self.sessions.len() {
            let session = &mut self.sessions[index];
            if session.line == Line::Up && !session.poll_queued && Some(session.peer) != except {
                session.poll_queued = true;
                let peer = session.peer;
                self.queue(Job::Poll { peer })?;
            }
        }
        Ok(())
    }

    fn resend(&mut self, now: Time, out: &mut Vec<Output>) {
        if !self.broadcasts() {
            return;
        }
        let after = self.resend_after();
        for index in 0..self.sessions.len() {
            if self.sessions[index].line != Line::Up {
                continue;
            }
            let peer = self.sessions[index].peer;
            for entry in self.sessions[index].outbox.take_due(now, after) {
                self.send(now, peer, Body::Update(entry.id, entry.bytes), 1, out);
            }
        }
    }

    // ---- the CPU

    fn queue(&mut self, job: Job) -> Result<(), Stop> {
        if self.jobs.len() >= JOBS_MAX {
            let who = self.id.0;
            return Err(Stop::Violated(format!("{JOBS_MAX} jobs wait for the CPU of node {who}")));
        }
        self.jobs.push_back(job);
        Ok(())
    }

    /// Ends the job that is done by now and starts those that may start.
    fn work(
        &mut self,
        now: Time,
        lab: &mut Lab<'_>,
        out: &mut Vec<Output>,
    ) -> Result<(), Stop> {
        loop {
            if let Some(busy) = &self.busy {
                if busy.until > now {
                    return Ok(());
                }
                let busy = self.busy.take().expect("just looked at");
                self.release(busy.until, busy.effects, out)?;
            }
            if self.cpu.free_at() > now {
                // Left over from before a crash.
                let until = self.cpu.free_at();
                self.busy = Some(Box::new(Busy { until, effects: Vec::new() }));
                return Ok(());
            }
            let Some(job) = self.jobs.pop_front() else { return Ok(()) };
            let mut work = Work(0);
            let mut effects = Vec::new();
            self.run(now, job, lab, &mut work, &mut effects)?;
            self.tally.work += work;
            let profile = &self.kind.device.cpu;
            let span = Cpu::time_for(profile, lab.model, work);
            let until = self.cpu.run(profile, now, span);
            self.busy = Some(Box::new(Busy { until, effects }));
        }
    }

    fn run(
        &mut self,
        now: Time,
        job: Job,
        lab: &mut Lab<'_>,
        work: &mut Work,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Stop> {
        match job {
            Job::Edit { step, asked_at } => {
                self.run_edit(now, step, asked_at, lab, work, effects)
            }
            Job::Join { peer, epoch } => self.run_join(now, peer, epoch, lab, work, effects),
            Job::Leave { peer } => self.run_leave(now, peer, lab, work),
            Job::Poll { peer } => {
                self.session_mut(peer).poll_queued = false;
                self.poll(now, peer, 1, lab, work, effects)
            }
            Job::Receive { peer, message, depth } => {
                self.run_receive(now, peer, &message, depth, lab, work, effects)
            }
            Job::Apply { peer, id, update } => {
                self.run_apply(now, peer, id, update, lab, work, effects)
            }
            Job::Store => self.run_store(now, lab, work, effects),
            Job::Load { since } => self.run_load(now, since, lab, work, effects),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a job and the context of its run")]
    fn run_edit(
        &mut self,
        now: Time,
        step: u32,
        asked_at: Time,
        lab: &mut Lab<'_>,
        work: &mut Work,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Stop> {
        let planned = lab.edits.of(step);
        let unix_milliseconds = self.unix_milliseconds(now);
        let Some(replica) = &mut self.replica else { return Ok(()) };
        let Some(resolved) = resolve(replica.as_ref(), planned, self.kind.splits) else {
            effects.push(Effect::Skipped);
            return Ok(());
        };
        replica.set_clock(unix_milliseconds);
        let edited = lab.call(now, &mut self.heap, work, || replica.edit(&resolved))?;
        match edited.map_err(|error| refuse("a local edit", error))? {
            Edited::Unchanged => effects.push(Effect::Skipped),
            Edited::Applied(stamp) => {
                if self.kind.sync.durability == Durability::Strict {
                    self.save(now, lab, work, effects)?;
                }
                effects.push(Effect::Edited { step, stamp, asked_at, held: true });
            }
            Edited::Submitted(stamp) => {
                effects.push(Effect::Edited { step, stamp, asked_at, held: false });
            }
        }
        Ok(())
    }

    fn run_join(
        &mut self,
        now: Time,
        peer: NodeId,
        epoch: u32,
        lab: &mut Lab<'_>,
        work: &mut Work,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Stop> {
        let index = self.session_index(peer);
        let session = &mut self.sessions[index];
        if session.epoch != epoch || session.line != Line::Up {
            return Ok(());
        }
        session.joined = true;
        let saved = session.saved.take();
        let Some(replica) = &mut self.replica else { return Ok(()) };
        let peer_id = crate::engine::PeerId(peer.0);
        lab.call(now, &mut self.heap, work, || replica.connect(peer_id, saved.as_deref()))?
            .map_err(|error| refuse("a session state that was saved", error))?;
        self.poll(now, peer, 1, lab, work, effects)
    }

    fn run_leave(
        &mut self,
        now: Time,
        peer: NodeId,
        lab: &mut Lab<'_>,
        work: &mut Work,
    ) -> Result<(), Stop> {
        let index = self.session_index(peer);
        if !std::mem::take(&mut self.sessions[index].joined) {
            return Ok(());
        }
        let Some(replica) = &mut self.replica else { return Ok(()) };
        let peer_id = crate::engine::PeerId(peer.0);
        self.sessions[index].saved =
            lab.call(now, &mut self.heap, work, || replica.disconnect(peer_id))?;
        Ok(())
    }

    /// Everything that the engine has to say to a peer.
    fn poll(
        &mut self,
        now: Time,
        peer: NodeId,
        depth: u32,
        lab: &mut Lab<'_>,
        work: &mut Work,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Stop> {
        let index = self.session_index(peer);
        if !self.sessions[index].joined || self.sessions[index].line != Line::Up {
            return Ok(());
        }
        let Some(replica) = &mut self.replica else { return Ok(()) };
        let peer_id = crate::engine::PeerId(peer.0);
        for _ in 0..MESSAGES_PER_POLL_MAX {
            let message = lab.call(now, &mut self.heap, work, || replica.poll(peer_id))?;
            let Some(message) = message else { return Ok(()) };
            effects.push(Effect::Send { peer, body: Body::Protocol(message.into()), depth });
        }
        Err(Stop::Violated(format!(
            "chatter: {MESSAGES_PER_POLL_MAX} messages for one peer at once, and no end"
        )))
    }

    #[expect(clippy::too_many_arguments, reason = "a job and the context of its run")]
    fn run_receive(
        &mut self,
        now: Time,
        peer: NodeId,
        message: &[u8],
        depth: u32,
        lab: &mut Lab<'_>,
        work: &mut Work,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Stop> {
        if !self.session(peer).joined {
            return Ok(());
        }
        let Some(replica) = &mut self.replica else { return Ok(()) };
        let peer_id = crate::engine::PeerId(peer.0);
        lab.call(now, &mut self.heap, work, || replica.receive(peer_id, message))?
            .map_err(|error| refuse("a message of another replica", error))?;
        let news = self.note_news(now, effects);
        self.poll(now, peer, depth + 1, lab, work, effects)?;
        if news {
            effects.push(Effect::Spread { except: Some(peer) });
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "a job and the context of its run")]
    fn run_apply(
        &mut self,
        now: Time,
        peer: NodeId,
        id: UpdateId,
        update: Rc<[u8]>,
        lab: &mut Lab<'_>,
        work: &mut Work,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Stop> {
        let Some(replica) = &mut self.replica else { return Ok(()) };
        lab.call(now, &mut self.heap, work, || replica.apply(&update))?
            .map_err(|error| refuse("an update of another replica", error))?;
        self.note_news(now, effects);
        self.receipts.push((peer, id));
        self.store_soon(now);
        if self.known.insert(id) {
            effects.push(Effect::Publish { id, update, except: Some(peer) });
        }
        Ok(())
    }

    /// Saves, and where updates travel by themselves puts the new ones into the
    /// outboxes: what is stored and what will be sent must not part.
    fn run_store(
        &mut self,
        now: Time,
        lab: &mut Lab<'_>,
        work: &mut Work,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Stop> {
        if self.broadcasts() {
            let Some(replica) = &mut self.replica else { return Ok(()) };
            let updates = lab.call(now, &mut self.heap, work, || replica.take_updates())?;
            for update in updates {
                let origin = u64::from(self.id.0) << 32 | u64::from(self.incarnation);
                let id = UpdateId { origin, number: self.updates_made };
                self.updates_made += 1;
                self.known.insert(id);
                effects.push(Effect::Publish { id, update: update.into(), except: None });
            }
        }
        self.save(now, lab, work, effects)?;
        let receipts = self.receipts.drain(..);
        effects.extend(receipts.map(|(peer, id)| Effect::Acknowledge { peer, id }));
        Ok(())
    }

    fn save(
        &mut self,
        now: Time,
        lab: &mut Lab<'_>,
        work: &mut Work,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Stop> {
        let Some(replica) = &mut self.replica else { return Ok(()) };
        let whole = self.storage.chunks().is_empty() || self.storage.wants_whole();
        let how = if whole { Save::Whole } else { Save::Incremental };
        let bytes = lab.call(now, &mut self.heap, work, || replica.save(how))?;
        effects.push(Effect::Write { bytes, whole });
        Ok(())
    }

    fn run_load(
        &mut self,
        now: Time,
        since: Time,
        lab: &mut Lab<'_>,
        work: &mut Work,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Stop> {
        if self.storage.chunks().is_empty() {
            self.create(now, lab)?;
        } else {
            let setup = lab.setup(self.replica_id(), self.kind.role);
            let (engine, chunks) = (lab.engine, self.storage.chunks());
            let loaded = lab.call(now, &mut self.heap, work, || engine.load(&setup, chunks))?;
            self.replica = Some(loaded.map_err(|error| refuse("what was stored", error))?);
        }
        self.note_news(now, effects);
        effects.push(Effect::Loaded { since });
        Ok(())
    }

    fn create(&mut self, now: Time, lab: &mut Lab<'_>) -> Result<(), Stop> {
        let setup = lab.setup(self.replica_id(), self.kind.role);
        let engine = lab.engine;
        // Not charged: every app starts some time, and before its first edit.
        let created = lab.call(now, &mut self.heap, &mut Work(0), || engine.create(&setup))?;
        self.replica = Some(created.map_err(|error| refuse("a new document", error))?);
        Ok(())
    }

    /// A new one for each start: replicas that lost edits must not number new
    /// ones like those that others may have seen.
    fn replica_id(&self) -> ReplicaId {
        let mut draws =
            self.stream.named("replica").numbered(u64::from(self.incarnation)).draws();
        let (low, high) = (draws.bits().to_le_bytes(), draws.bits().to_le_bytes());
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&low);
        bytes[8..].copy_from_slice(&high);
        ReplicaId(bytes)
    }

    fn unix_milliseconds(&self, now: Time) -> u64 {
        let since_start = (now.as_nanos() / 1_000_000) as i64;
        let shown = EPOCH_UNIX_MILLISECONDS + since_start + self.clock_offset_milliseconds;
        u64::try_from(shown).unwrap_or(0)
    }

    /// Whether others' edits arrived in the call before.
    fn note_news(&mut self, now: Time, effects: &mut Vec<Effect>) -> bool {
        let Some(replica) = &mut self.replica else { return false };
        let mut seen = Vec::new();
        replica.newly_seen(&mut seen);
        if seen.is_empty() {
            return false;
        }
        effects.extend(seen.into_iter().map(Effect::Saw));
        self.store_soon(now);
        true
    }

    fn store_soon(&mut self, now: Time) {
        self.store_at = self.store_at.min(now + self.kind.sync.save_interval);
    }

    // ---- what comes of a job

    fn release(
        &mut self,
        now: Time,
        effects: Vec<Effect>,
        out: &mut Vec<Output>,
    ) -> Result<(), Stop> {
        // How long after the CPU the storage is done.
        let mut storage = Span::ZERO;
        for effect in effects {
            match effect {
                Effect::Edited { step, stamp, asked_at, held } => {
                    self.tally.edits += 1;
                    let latency = (now - asked_at) + storage;
                    out.push(Output::Made { step, stamp, asked_at, held, latency });
                    self.after_edit(now)?;
                }
                Effect::Skipped => self.tally.edits_skipped += 1,
                Effect::Saw(seen) => out.push(Output::Saw(seen)),
                Effect::Send { peer, body, depth } => {
                    if self.session(peer).line == Line::Up {
                        self.send(now, peer, body, depth, out);
                    }
                }
                Effect::Spread { except } => self.spread(now, except)?,
                Effect::Publish { id, update, except } => {
                    for session in &mut self.sessions {
                        if Some(session.peer) != except {
                            session.outbox.push(id, update.clone());
                        }
                    }
                }
                Effect::Write { bytes, whole } => storage += self.write(now, bytes, whole),
                Effect::Acknowledge { peer, id } => {
                    if self.session(peer).line == Line::Up {
                        self.send(now, peer, Body::Acknowledgement(id), 1, out);
                    }
                }
                Effect::Loaded { since } => {
                    let read = self.storage.read_time(&self.kind.device.storage);
                    out.push(Output::Loaded { took: (now - since) + read });
                }
            }
        }
        Ok(())
    }

    fn after_edit(&mut self, now: Time) -> Result<(), Stop> {
        self.store_soon(now);
        if self.kind.authority == Authority::Server {
            return self.queue_polls(None);
        }
        self.spread_at = self.spread_at.min(now + self.kind.sync.debounce);
        Ok(())
    }

    /// News for the other sessions: a relay passes them on at once, a device
    /// of a mesh waits for more as after an edit of its own.
    fn spread(&mut self, now: Time, except: Option<NodeId>) -> Result<(), Stop> {
        if self.kind.role == Role::Server {
            return self.queue_polls(except);
        }
        if self.sessions.len() > 1 {
            self.spread_at = self.spread_at.min(now + self.kind.sync.debounce);
        }
        Ok(())
    }

    fn write(&mut self, now: Time, bytes: Vec<u8>, whole: bool) -> Span {
        let profile = &self.kind.device.storage;
        let mut took = Span::ZERO;
        if whole {
            took += self.storage.replace(profile, bytes);
        } else if !bytes.is_empty() {
            took += self.storage.append(profile, bytes);
        }
        self.known.stored();
        self.sessions.iter_mut().for_each(|session| session.outbox.stored());
        if self.kind.sync.durability == Durability::Strict {
            took += self.storage.flush(profile);
        } else {
            self.flush_at = self.flush_at.min(now + WRITEBACK);
        }
        took
    }

    fn send(
        &mut self,
        now: Time,
        peer: NodeId,
        body: Body,
        depth: u32,
        out: &mut Vec<Output>,
    ) {
        let at = self.send_by_radio(now, body.size_bytes());
        out.push(Output::Send { peer, body, at, depth });
    }

    // ---- the radio

    fn active_link_number(&self) -> Option<usize> {
        (self.links_up != 0).then(|| self.links_up.trailing_zeros() as usize)
    }

    fn active_radio(&mut self) -> Option<(&mut Radios, &DeviceRadio, &LinkProfile)> {
        let link = self.active_link_number()?;
        let radio = self.kind.link_radios[link]?;
        let (model, link) = (&self.kind.device.radios[radio], &self.kind.links[link]);
        Some((&mut self.radios[radio], model, link))
    }

    /// When the radio is ready to send.
    pub(crate) fn send_by_radio(&mut self, now: Time, bytes: u64) -> Time {
        self.active_radio().map_or(now, |(radio, model, link)| {
            radio.send(model, now, crate::network::wire_bytes(bytes), link.up.rate).starts
        })
    }

    /// When the radio has taken in what arrives now.
    fn receive_by_radio(&mut self, now: Time, wire_bytes: u64) -> Time {
        self.active_radio().map_or(now, |(radio, model, link)| {
            radio.receive(model, now, wire_bytes, link.down.rate).starts
        })
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
