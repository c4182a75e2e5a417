//! A real kernel: a network namespace for each node, a veth pair with `tc netem` at
//! both ends for each two neighbours, TCP over tokio's sockets, and the real clock.
//!
//! While something is under way the world's clock is the real one; what computes,
//! stores and waits on devices is modelled as ever. Spans in which nothing is under
//! way are leapt over, once the kernel has had a while to come to rest.

mod clock;
mod error;
mod fabric;
mod host;
mod netem;

use std::collections::{BTreeMap, BTreeSet};

use deadzone_core::measure::Histogram;
use deadzone_core::plan::{NodeId, Plan, PlanAction};
use deadzone_core::time::{Span, Time};
use deadzone_core::world::{Channel, Errand, Heard, World};
use tokio::runtime::{self, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::LocalSet;

pub use error::KernelError;
pub(crate) use fabric::check;

use crate::door::Door;
use crate::envelope;
use crate::network::Network;
use crate::station::{Command, Report, Reports};
use crate::traffic::Traffic;
use clock::Clock;
use fabric::{End, Fabric};
use netem::Shape;

/// How long the kernel has to come to rest before a span is leapt over: longer than
/// the timeouts of its TCP on an idle link of 400 ms there and back (RFC 6298).
const REST: Span = Span::from_secs(1);

/// The world may be so late, at one event in a hundred: half of the delay of the
/// shortest links to a phone.
const LATENESS_MAX: Span = Span::from_millis(10);

/// A kernel's network between the nodes of a world.
pub(crate) struct KernelNetwork<'p> {
    plan: &'p Plan,
    // Before the runtime that they belong to: fields are dropped in order.
    tasks: LocalSet,
    clock: Clock,
    runtime: Runtime,
    fabric: Fabric,
    doors: Vec<Door>,
    reporter: Reports,
    reports: UnboundedReceiver<(Time, Report)>,
    shapes: BTreeMap<(NodeId, NodeId), Shape>,
    traffic: Traffic,
    /// Devices that a power loss has put out.
    dark: BTreeSet<NodeId>,
    /// Since when nothing is under way, and no fault has come or gone.
    resting_since: Option<Time>,
    /// How late the world was for its events, in nanoseconds.
    lateness: Histogram,
    /// The first thing that went wrong.
    failed: Option<KernelError>,
}

impl<'p> KernelNetwork<'p> {
    /// Namespaces, pairs and stations for the nodes of `world`.
    ///
    /// # Errors
    /// [`KernelError`] if the kernel or its tools refuse.
    pub(crate) fn new(plan: &'p Plan, world: &World<'_>) -> Result<Self, KernelError> {
        let pairs = world.neighbours().map(|(dialer, listener)| [dialer, listener]).collect();
        let fabric = Fabric::build(world.node_count(), pairs)?;
        // Its timers would be a sandbox's.
        let runtime = runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .map_err(KernelError::System)?;
        let clock = {
            let _inside = runtime.enter();
            Clock::new().map_err(KernelError::System)?
        };
        let (reporter, reports) = unbounded_channel();
        let mut network = Self {
            plan,
            tasks: LocalSet::new(),
            clock,
            runtime,
            fabric,
            doors: (0..world.node_count()).map(|_| Door::new()).collect(),
            reporter,
            reports,
            shapes: BTreeMap::new(),
            traffic: Traffic::default(),
            dark: BTreeSet::new(),
            resting_since: None,
            lateness: Histogram::default(),
            failed: None,
        };
        network.refresh(world);
        (0..world.node_count() as u32).for_each(|node| network.serve(NodeId(node)));
        // All that took a while.
        network.clock.restart();
        match network.failed.take() {
            None => Ok(network),
            Some(error) => Err(error),
        }
    }

    /// Takes everything down.
    ///
    /// # Errors
    /// [`KernelError`] if the network was not all the time what it should have been.
    pub(crate) fn close(self) -> Result<(), KernelError> {
        let closed = self.fabric.close();
        self.failed.map_or(closed, Err)
    }

    /// Whether this machine could not keep up with the clock, in words: what was
    /// measured is then too slow.
    pub(crate) fn lateness(&self) -> Option<String> {
        let late_ns = self.lateness.quantile(990);
        (late_ns > LATENESS_MAX.as_nanos()).then(|| {
            let late = Span::from_nanos(late_ns);
            format!("time: this machine was {late} or more late at one event in a hundred")
        })
    }

    fn note(&mut self, done: Result<(), KernelError>) {
        if let Err(error) = done {
            self.failed.get_or_insert(error);
        }
    }

    fn serve(&mut self, node: NodeId) {
        let _inside = (self.runtime.enter(), self.tasks.enter());
        let (spaces, mailbox) = (self.fabric.spaces.clone(), self.doors[node.0 as usize].mailbox());
        let started =
            host::start(spaces, node, &mailbox, self.clock.clone(), self.reporter.clone());
        self.note(started.map_err(|error| KernelError::Socket { node: node.0, error }));
    }

    fn tell(&self, node: NodeId, command: Command) {
        self.doors[node.0 as usize].tell(command);
    }

    /// Sets both ends of every pair as obstacles, links and power have it now. What is
    /// under way goes on meanwhile, for some milliseconds that the world does not see.
    fn refresh(&mut self, world: &World<'_>) {
        let clock = self.clock.clone();
        clock.hold(|| {
            for (pair, (dialer, listener)) in world.neighbours().enumerate() {
                for (from, to) in [(dialer, listener), (listener, dialer)] {
                    let stopped = self.is_stopped(world, from, to);
                    let shape = Shape::of(&world.route(from, to), stopped);
                    if self.shapes.get(&(from, to)) == Some(&shape) {
                        continue;
                    }
                    let done = self.fabric.shape(End { pair, node: from }, &shape);
                    self.note(done);
                    self.shapes.insert((from, to), shape);
                }
            }
        });
    }

    fn is_stopped(&self, world: &World<'_>, from: NodeId, to: NodeId) -> bool {
        let off = |node| self.dark.contains(&node) || !world.is_linked(node);
        world.hindrance(from, to).stopped || off(from) || off(to)
    }

    fn is_cut(&self, world: &World<'_>, channel: Channel) -> bool {
        let Channel { dialer, listener, .. } = channel;
        self.is_stopped(world, dialer, listener) || self.is_stopped(world, listener, dialer)
    }

    fn step_taken(&mut self, number: u32, world: &World<'_>) {
        self.resting_since = None;
        match &self.plan.steps[number as usize].what {
            PlanAction::Crash { device, power_loss } => {
                if *power_loss {
                    // Before its sockets close: it tells nobody.
                    self.dark.insert(*device);
                    self.refresh(world);
                }
                self.doors[device.0 as usize].shut();
            }
            PlanAction::Start { device } => {
                self.dark.remove(device);
                self.refresh(world);
                self.doors[device.0 as usize].open_again();
                self.serve(*device);
            }
            _ => self.refresh(world),
        }
    }

    /// Goes on in real time.
    fn wait_until(&mut self, until: Time) -> Vec<(Time, Heard)> {
        let (reports, clock) = (&mut self.reports, &self.clock);
        let waited = self.tasks.block_on(&self.runtime, async {
            tokio::select! {
                biased;
                report = reports.recv() => Ok(report),
                waited = clock.wait_until(until) => waited.map(|()| None),
            }
        });
        let mut all = match waited {
            Ok(report) => Vec::from_iter(report),
            Err(error) => {
                self.note(Err(KernelError::System(error)));
                Vec::new()
            }
        };
        while let Ok(report) = self.reports.try_recv() {
            all.push(report);
        }
        all.into_iter().map(|(at, report)| (at, self.traffic.heard(report))).collect()
    }
}

impl Network for KernelNetwork<'_> {
    fn take(&mut self, errand: Errand, world: &World<'_>) {
        match errand {
            Errand::Connect { channel, at, round_trips } => {
                self.traffic.connect(channel);
                // The set-up of TCP is the first of them.
                let echoes = round_trips.saturating_sub(1);
                self.tell(channel.dialer, Command::Connect { channel, at, echoes });
            }
            Errand::Close { channel, by: Some(node) } => {
                self.traffic.end(channel, !self.is_cut(world, channel));
                self.tell(node, Command::Close(channel));
            }
            Errand::Close { channel, by: None } => {
                self.traffic.ended(channel);
                self.tell(channel.dialer, Command::Close(channel));
                self.tell(channel.listener, Command::Close(channel));
            }
            Errand::Carry { parcel, at, serialization: _ } => {
                let channel = parcel.channel;
                self.traffic.carry(channel);
                // The rate is the kernel's business.
                let (serialization, frame) = (Span::ZERO, envelope::seal(&parcel));
                self.tell(parcel.from, Command::Write { channel, at, serialization, frame });
            }
            Errand::Step(number) => self.step_taken(number, world),
        }
    }

    fn is_busy(&self) -> bool {
        self.traffic.is_busy()
    }

    async fn run_until(&mut self, until: Time) -> Vec<(Time, Heard)> {
        if self.traffic.is_busy() {
            self.resting_since = None;
            let heard = self.wait_until(until);
            self.lateness.record((self.clock.seen() - until).as_nanos());
            return heard;
        }
        let resting_since = *self.resting_since.get_or_insert(self.clock.seen());
        let heard = self.wait_until(until.min(resting_since + REST));
        if heard.is_empty() {
            self.clock.leap_to(until);
        }
        heard
    }
}
