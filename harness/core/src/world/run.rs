//! The loop: takes the next event, lets its node act, carries out what comes
//! of it.

use std::rc::Rc;

use crate::ahead::fetch;
use crate::audit::Audit;
use crate::engine::{Authority, Delivery, Engine, Role};
use crate::event::Queue;
use crate::plan::{NodeId, Plan, PlanAction};
use crate::record::{CpuMode, RunRecord};
use crate::rng::Stream;
use crate::sandbox::Sandbox;
use crate::scenario::{Topology, WorldScenario};
use crate::sync::{Arrival, Edits, Kind, Lab, Node, Output, Stop};
use crate::time::{Span, Time};
use crate::units::Work;
use crate::world::carrier::{Carrier, ConnectionId, Frame, State, neighbours};
use crate::world::measures::{Made, Measures, Totals};
use crate::world::outside::{Errand, Links, Outside};
use crate::world::rooms;
use crate::world::watch::{Moments, What};

/// How often the caller hears of progress, in events.
const PROGRESS_EVERY: u64 = 1_024;

/// What comes up in the event queue.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    Wake(NodeId),
    Arrive(u32),
    /// A connection's handshake is over.
    Answered(ConnectionId, u32),
    /// A connection's handshake came to nothing.
    Unanswered(ConnectionId, u32),
    /// A node learns that a connection is gone.
    Lost(NodeId, NodeId, u32),
    /// An obstructed connection has been silent for as long as it may be.
    Silent(ConnectionId, u32),
}

/// When a node's turns come up in the event queue.
#[derive(Clone, Copy, Debug)]
struct Wakes {
    /// The next one; never if there is none.
    next: Time,
    /// Another one, later than that, whose node had an earlier wish after it:
    /// it stands in the queue still, so that it need not be put there again.
    behind: Time,
}

impl Wakes {
    const NONE: Self = Self { next: Time::NEVER, behind: Time::NEVER };

    /// The node wants a turn at `at`; says whether that has to go into the
    /// queue.
    fn wish(&mut self, at: Time) -> bool {
        if at >= self.next {
            return false;
        }
        let queued = at == self.behind;
        if self.next != Time::NEVER || queued {
            self.behind = self.next;
        }
        self.next = at;
        !queued
    }

    /// A turn comes up; says whether it is one that the node still waits for.
    fn come_up(&mut self, now: Time) -> bool {
        if self.next != now {
            // Another input came first, and the node had its turn then.
            return false;
        }
        self.next = Time::NEVER;
        true
    }
}

/// The world of one run.
pub struct World<'a> {
    pub(super) plan: &'a Plan,
    pub(super) scenario: &'a WorldScenario,
    pub(super) lab: Lab<'a>,
    pub(super) nodes: Vec<Node>,
    pub(super) measures: Measures,
    pub(super) carrier: Carrier,
    pub(super) audit: Audit,
    pub(super) now: Time,
    pub(super) events: u64,
    pub(super) moments: Moments,
    /// The network in place of ours, if there is one.
    pub(super) outside: Option<Outside>,
    pub(super) queue: Queue<Event>,
    wakes: Vec<Wakes>,
    pub(super) frames: Vec<Option<Frame>>,
    pub(super) free_frames: Vec<u32>,
    outputs: Vec<Output>,
    next_step: usize,
    last_edit_step: Option<usize>,
}

/// How a world came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Nothing is left to happen.
    Silent,
    /// The time to settle is over.
    OutOfTime,
}

/// Runs a plan on an engine to its end: its rooms, if it has several, one after
/// the other.
///
/// `progress` hears of the virtual time now and then.
pub fn run(
    plan: &Plan,
    engine: &dyn Engine,
    sandbox: &mut dyn Sandbox,
    mode: CpuMode,
    progress: &mut dyn FnMut(Time),
) -> RunRecord {
    if plan.scenario.rooms > 1 {
        return rooms::run(plan, engine, sandbox, mode, progress);
    }
    World::new(plan, engine, sandbox, mode).run_and_judge(progress)
}

impl<'a> World<'a> {
    /// A world in which nothing has happened yet, of a plan of one room.
    ///
    /// # Panics
    /// If the plan has several rooms: each is a world of its own, see
    /// [`crate::plan::Rooms`].
    pub fn new(
        plan: &'a Plan,
        engine: &'a dyn Engine,
        sandbox: &'a mut dyn Sandbox,
        mode: CpuMode,
    ) -> Self {
        let scenario = &plan.scenario;
        assert!(scenario.rooms == 1, "each of {} rooms is a world of its own", scenario.rooms);
        let root = Stream::root(plan.seed);
        let devices: u32 = scenario.fleet.iter().map(|group| group.count).sum();
        let neighbours = neighbours(&scenario.topology, devices);
        let kinds = kinds_of(plan, engine.info().authority);
        let group_sizes = scenario.fleet.iter().map(|group| group.count).chain([1]);
        let kind_of_node = kinds
            .iter()
            .zip(group_sizes)
            .flat_map(|(kind, count)| std::iter::repeat_n(kind, count as usize));
        // A fleet is large, and nothing knows how long the chain of its groups is.
        let mut nodes = Vec::with_capacity(neighbours.len());
        nodes.extend(
            neighbours
                .iter()
                .zip(kind_of_node)
                .enumerate()
                .map(|(id, (peers, kind))| Node::new(NodeId(id as u32), kind.clone(), root, peers)),
        );
        let lab = Lab {
            engine,
            sandbox,
            model: &scenario.cpu_model,
            mode,
            work_total: Work(0),
            call_work: crate::measure::Histogram::default(),
            edits: Edits::new(&plan.steps),
            roots: scenario.document.roots.clone(),
            spares: crate::sync::Spares::default(),
            witness: None,
        };
        let is_edit = |step: &crate::plan::PlanStep| matches!(step.what, PlanAction::Edit { .. });
        Self {
            plan,
            scenario,
            lab,
            measures: Measures::new(nodes.len(), kinds.len(), scenario.duration + scenario.settle),
            carrier: Carrier::new(&neighbours, &scenario.topology, root),
            audit: Audit::default(),
            now: Time::ZERO,
            events: 0,
            moments: Moments::default(),
            outside: None,
            queue: Queue::default(),
            wakes: vec![Wakes::NONE; nodes.len()],
            nodes,
            frames: Vec::new(),
            free_frames: Vec::new(),
            outputs: Vec::new(),
            next_step: 0,
            last_edit_step: plan.steps.iter().rposition(is_edit),
        }
    }

    /// What the scenario needs and the engine says that it lacks.
    ///
    /// # Errors
    /// [`Stop::Unsupported`].
    pub fn check_support(&self) -> Result<(), Stop> {
        let info = self.lab.engine.info();
        if !info.deliveries.contains(&self.scenario.sync.delivery) {
            return Err(Stop::Unsupported(match self.scenario.sync.delivery {
                Delivery::Protocol => "a sync protocol of its own",
                Delivery::Broadcast => "delivery by broadcast",
                Delivery::Snapshot => "delivery by snapshot",
                Delivery::Shallow => "shallow snapshots",
            }));
        }
        let meshed = matches!(self.scenario.topology, Topology::Mesh(_));
        if info.authority == Authority::Server && meshed {
            return Err(Stop::Unsupported("a way to work without a server"));
        }
        for kind in self.scenario.document.roots.values() {
            if info.containers.get(kind).is_none_or(|s| *s == crate::engine::Support::Lacking) {
                return Err(Stop::Unsupported(kind.name()));
            }
        }
        Ok(())
    }

    pub(super) fn run_to_end(&mut self, progress: &mut dyn FnMut(Time)) -> Result<Ending, Stop> {
        self.begin()?;
        let out_of_time = self.advance(self.deadline(), progress)?;
        Ok(self.ending(out_of_time))
    }

    /// Brings the clock to the end of the run.
    pub(super) fn ending(&mut self, out_of_time: bool) -> Ending {
        if out_of_time {
            self.now = self.deadline();
            return Ending::OutOfTime;
        }
        self.now = self.now.max(Time::ZERO + self.scenario.duration);
        Ending::Silent
    }

    /// Switches every node on. To be called once, before [`World::advance`].
    ///
    /// # Errors
    /// [`Stop`] if the engine cannot go on.
    pub fn begin(&mut self) -> Result<(), Stop> {
        // Who is called must be there before who calls.
        for index in (0..self.nodes.len()).rev() {
            let mut out = std::mem::take(&mut self.outputs);
            self.nodes[index].begin(Time::ZERO, &mut self.lab, &mut out)?;
            self.outputs = out;
            self.settle_node(NodeId(index as u32))?;
        }
        Ok(())
    }

    /// Lets everything happen that is due by `until`, and says whether anything
    /// is left to happen after it.
    ///
    /// # Errors
    /// [`Stop`] if the engine cannot go on.
    pub fn advance(&mut self, until: Time, progress: &mut dyn FnMut(Time)) -> Result<bool, Stop> {
        loop {
            let step_at = self.next_step_at();
            let at = step_at.min(self.queue.next_at());
            if at == Time::NEVER {
                return Ok(false);
            }
            if at > until {
                return Ok(true);
            }
            self.now = at;
            self.look_ahead();
            if step_at <= at {
                self.step()?;
            } else {
                let (_, event) = self.queue.pop().expect("it has a next event");
                self.handle(event)?;
            }
            if self.events.is_multiple_of(PROGRESS_EVERY) {
                progress(self.now);
            }
        }
    }

    /// When the plan goes on.
    pub(super) fn next_step_at(&self) -> Time {
        self.plan.steps.get(self.next_step).map_or(Time::NEVER, |step| step.at)
    }

    /// Has the memory fetched that the events after this one will need: first
    /// the node, and closer to its turn what it points to.
    fn look_ahead(&self) {
        let device = |ahead: usize| match self.plan.steps.get(self.next_step + ahead)?.what {
            PlanAction::Edit { device, .. } => Some(device),
            _ => None,
        };
        if let Some(device) = device(4) {
            self.nodes[device.0 as usize].fetch();
            self.measures.sightings.fetch(device);
            fetch(&self.wakes[device.0 as usize]);
        }
        if let Some(device) = device(2) {
            self.nodes[device.0 as usize].fetch_parts();
            self.measures.sightings.fetch_lane(device);
        }
        for event in self.queue.soonest() {
            if let Event::Wake(node) = event {
                self.nodes[node.0 as usize].fetch();
                fetch(&self.wakes[node.0 as usize]);
            }
        }
    }

    /// How many events there were so far.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// How many events wait in the queue; steps of the plan do not.
    pub fn queued(&self) -> usize {
        self.queue.len()
    }

    // ---- the plan

    fn step(&mut self) -> Result<(), Stop> {
        let number = self.next_step;
        self.next_step += 1;
        self.events += 1;
        self.audit.numbers([self.now.as_nanos(), 1 << 32 | number as u64]);
        self.moments.note(self.now, || What::Step(number as u32));
        let plan = self.plan;
        if !matches!(plan.steps[number].what, PlanAction::Edit { .. }) {
            self.want(|| Errand::Step(number as u32));
        }
        match &plan.steps[number].what {
            PlanAction::Edit { device, .. } => {
                let now = self.now;
                self.with_node(*device, |node, lab, out| node.edit(number as u32, now, lab, out))?;
            }
            PlanAction::Link { device, link, up } => {
                let now = self.now;
                self.with_node(*device, |node, lab, out| node.link(now, *link, *up, lab, out))?;
                if *up {
                    self.heal();
                } else {
                    self.excuse_unreachable();
                }
            }
            PlanAction::Obstruct { id, from, to, how } => {
                self.carrier.obstruct(*id, from, to, *how, self.nodes.len());
                self.watch_obstructed();
                self.excuse_unreachable();
            }
            PlanAction::Clear { id } => {
                self.carrier.clear(*id);
                self.release_held();
                self.heal();
            }
            PlanAction::Crash { device, power_loss } => {
                let (now, power_loss) = (self.now, *power_loss);
                self.with_node(*device, |node, lab, out| node.crash(now, power_loss, lab, out))?;
                self.excuse_unreachable();
                self.measures.sightings.forget(*device);
            }
            PlanAction::Start { device } => {
                let now = self.now;
                self.with_node(*device, |node, lab, out| node.start_again(now, lab, out))?;
                self.heal();
            }
            PlanAction::Clock { device, by_milliseconds } => {
                self.nodes[device.0 as usize].jump_clock(*by_milliseconds);
            }
        }
        Ok(())
    }

    /// Something is whole again: those who can reach each other now have to
    /// come together.
    fn heal(&mut self) {
        let reachable: Vec<NodeId> =
            (0..self.nodes.len() as u32).map(NodeId).filter(|&id| self.is_reachable(id)).collect();
        let (nodes, lab) = (&self.nodes, &self.lab);
        let (bytes, now) = (self.measures.bytes_sent, self.now);
        self.measures.heal(now, &reachable, || totals(nodes, lab, bytes, now));
    }

    fn excuse_unreachable(&mut self) {
        if !self.measures.awaits_convergence() {
            return;
        }
        for id in (0..self.nodes.len() as u32).map(NodeId) {
            if !self.is_reachable(id) {
                let (nodes, lab) = (&self.nodes, &self.lab);
                let (bytes, now) = (self.measures.bytes_sent, self.now);
                self.measures.cut_off(now, id, &|| totals(nodes, lab, bytes, now));
            }
        }
    }

    /// Whether a node is on and has a way to a neighbour of its that is on.
    fn is_reachable(&self, id: NodeId) -> bool {
        self.nodes[id.0 as usize].is_reachable() && self.carrier.has_free_way(id, &self.nodes)
    }

    // ---- events

    fn handle(&mut self, event: Event) -> Result<(), Stop> {
        let now = self.now;
        match event {
            Event::Wake(id) => {
                if !self.wakes[id.0 as usize].come_up(now) {
                    return Ok(());
                }
                self.count_event([2 << 32 | u64::from(id.0), 0]);
                self.with_node(id, |node, lab, out| node.wake(now, lab, out))
            }
            Event::Arrive(slot) => {
                let frame = self.frames[slot as usize].take().expect("a slot is used once");
                self.free_frames.push(slot);
                self.arrive(frame)
            }
            Event::Answered(id, epoch) => {
                self.count_event([4 << 32 | u64::from(id.0), u64::from(epoch)]);
                self.establish(id, epoch)
            }
            Event::Unanswered(id, epoch) => {
                self.count_event([5 << 32 | u64::from(id.0), u64::from(epoch)]);
                self.fail_dial(id, epoch)
            }
            Event::Lost(id, peer, epoch) => {
                self.count_event([6 << 32 | u64::from(id.0), u64::from(epoch)]);
                self.forget_channel(id, peer, epoch);
                self.lose(id, peer, epoch)
            }
            Event::Silent(id, epoch) => {
                self.count_event([7 << 32 | u64::from(id.0), u64::from(epoch)]);
                self.give_up_if_silent(id, epoch)
            }
        }
    }

    pub(super) fn count_event(&mut self, numbers: [u64; 2]) {
        self.events += 1;
        self.audit.numbers([self.now.as_nanos(), numbers[0], numbers[1]]);
    }

    pub(super) fn arrive(&mut self, frame: Frame) -> Result<(), Stop> {
        self.count_event([3 << 32 | u64::from(frame.to.0), frame.wire_bytes]);
        if let crate::sync::Body::Protocol(bytes) | crate::sync::Body::Update(_, bytes) =
            &frame.body
        {
            self.audit.bytes(bytes);
        }
        let connection = self.carrier.get(frame.connection);
        if connection.epoch != frame.epoch || connection.state != State::Up {
            self.measures.dropped += 1;
            return Ok(());
        }
        if self.outer_links() == Some(Links::Theirs) {
            return self.deliver(frame);
        }
        let hindrance = self.carrier.hindrance(frame.from, frame.to);
        if hindrance.jammed || (hindrance.stopped && self.is_reliable()) {
            self.carrier.hold(frame);
            return Ok(());
        }
        if hindrance.stopped {
            self.measures.dropped += 1;
            return Ok(());
        }
        self.deliver(frame)
    }

    fn deliver(&mut self, frame: Frame) -> Result<(), Stop> {
        let (now, from, epoch) = (self.now, frame.from, frame.epoch);
        self.moments.note(now, || What::Received {
            from,
            to: frame.to,
            kind: (&frame.body).into(),
            bytes: frame.body.size_bytes(),
        });
        let arrival =
            Arrival { body: frame.body, wire_bytes: frame.wire_bytes, depth: frame.depth };
        self.with_node(frame.to, |node, lab, out| node.receive(now, from, epoch, arrival, lab, out))
    }

    /// Lets a node act, and carries out what it wants.
    pub(super) fn with_node(
        &mut self,
        id: NodeId,
        act: impl FnOnce(&mut Node, &mut Lab<'a>, &mut Vec<Output>) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let mut out = std::mem::take(&mut self.outputs);
        let acted = act(&mut self.nodes[id.0 as usize], &mut self.lab, &mut out);
        self.outputs = out;
        acted?;
        self.settle_node(id)
    }

    /// Carries out what a node wants, and sees to its next wake-up.
    fn settle_node(&mut self, id: NodeId) -> Result<(), Stop> {
        let mut outputs = std::mem::take(&mut self.outputs);
        for output in outputs.drain(..) {
            self.carry_out(id, output);
        }
        self.outputs = outputs;
        let next = self.nodes[id.0 as usize].next_wakeup();
        if next != Time::NEVER {
            let next = next.max(self.now);
            if self.wakes[id.0 as usize].wish(next) {
                self.queue.push(next, Event::Wake(id));
            }
        }
        Ok(())
    }

    fn carry_out(&mut self, id: NodeId, output: Output) {
        let now = self.now;
        match output {
            Output::Dial { peer } => {
                self.moments.note(now, || What::Dialled { from: id, to: peer });
                self.dial(id, peer);
            }
            Output::HangUp { peer, orderly } => {
                self.moments.note(now, || What::HungUp { from: id, to: peer });
                self.hang_up(id, peer, orderly);
            }
            Output::Send { peer, body, at, depth } => {
                self.moments.note(now, || What::Sent {
                    from: id,
                    to: peer,
                    kind: (&body).into(),
                    bytes: body.size_bytes(),
                });
                self.send(id, peer, body, at, depth);
            }
            Output::Made { step, stamp, asked_at, held, latency } => {
                self.moments.note(now, || What::Edited { at: id, step });
                let PlanAction::Edit { edits, .. } = &self.plan.steps[step as usize].what else {
                    panic!("step {step} is no edit");
                };
                let made = Made { stamp, asked_at, held, latency };
                let group = self.nodes[id.0 as usize].kind().group;
                let before = self.measures.payload_bytes;
                self.measures.made(now, id, edits, made, group);
                self.nodes[id.0 as usize].tally_mut().payload_bytes +=
                    self.measures.payload_bytes - before;
                if Some(step as usize) == self.last_edit_step {
                    self.heal();
                }
            }
            Output::Saw(seen) => {
                let (nodes, lab) = (&self.nodes, &self.lab);
                let bytes = self.measures.bytes_sent;
                self.measures.saw(
                    now,
                    id,
                    seen,
                    &|node| nodes[node.0 as usize].kind().group,
                    &|| totals(nodes, lab, bytes, now),
                );
            }
            Output::Loaded { took } => {
                let group = self.nodes[id.0 as usize].kind().group;
                self.measures.groups[group].cold_start.record(took.as_nanos());
            }
        }
    }
}

pub(super) fn totals(nodes: &[Node], lab: &Lab<'_>, bytes: u64, now: Time) -> Totals {
    let energy_uj = nodes.iter().map(|node| node.ledger(now).active()).sum();
    Totals { bytes, work: lab.work_total, energy_uj }
}

/// What the nodes of each group have in common; the relay's is the last.
fn kinds_of(plan: &Plan, authority: Authority) -> Vec<Rc<Kind>> {
    let scenario = &plan.scenario;
    let splits = plan.splits();
    let mut kinds: Vec<_> = scenario
        .fleet
        .iter()
        .enumerate()
        .map(|(group, members)| {
            let radio_of = |technology: &str| {
                members.device.radios.iter().position(|radio| radio.technology == technology)
            };
            Rc::new(Kind {
                group,
                link_radios: members.links.iter().map(|link| radio_of(&link.technology)).collect(),
                device: members.device.clone(),
                links: members.links.clone(),
                role: Role::Client,
                authority,
                sync: scenario.sync.clone(),
                splits,
            })
        })
        .collect();
    if let Topology::Relay(relay) = &scenario.topology {
        let mut sync = scenario.sync.clone();
        sync.debounce = Span::ZERO;
        kinds.push(Rc::new(Kind {
            group: kinds.len(),
            device: relay.device.clone(),
            links: Vec::new(),
            link_radios: Vec::new(),
            role: Role::Server,
            authority,
            sync,
            splits,
        }));
    }
    kinds
}
