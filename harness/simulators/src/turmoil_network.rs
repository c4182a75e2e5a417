//! turmoil: a host for each node, TCP between them, its own latencies, partitions
//! and holds.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::io;
use std::time::{Duration, UNIX_EPOCH};

use deadzone_core::plan::{NodeId, Plan, PlanAction};
use deadzone_core::time::{Span, Time};
use deadzone_core::world::{Channel, Errand, Heard, World};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use turmoil::net::{TcpListener, TcpStream};

use crate::door::Door;
use crate::envelope;
use crate::network::Network;
use crate::station::{self, Command, Host, Report};
use crate::traffic::Traffic;

/// How far turmoil goes at a time, and the finest delay that it has.
const TICK: Duration = Duration::from_millis(1);

/// Where stations listen.
const PORT: u16 = 7_000;

/// How a way between two nodes is, as turmoil has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Way {
    /// From the dialer, to the dialer.
    stopped: [bool; 2],
    held: bool,
    latency: Span,
}

impl Way {
    /// As turmoil begins.
    const FREE: Self = Self { stopped: [false; 2], held: false, latency: Span::ZERO };

    /// Whether something sent on it may be lost.
    fn is_cut(&self) -> bool {
        self.stopped != [false; 2]
    }
}

/// turmoil's network between the nodes of a world.
pub(crate) struct TurmoilNetwork<'p> {
    sim: turmoil::Sim<'static>,
    plan: &'p Plan,
    /// What turmoil's clock lacks to the world's: spans in which nothing was under
    /// way, and which it was not stepped through.
    skipped: Span,
    /// Of each node, the door to its host and the name of that.
    doors: Vec<(Door, String)>,
    reports: UnboundedReceiver<(Time, Report)>,
    traffic: Traffic,
    ways: BTreeMap<(NodeId, NodeId), Way>,
    /// Devices that a power loss has put out.
    dark: BTreeSet<NodeId>,
    /// Heard without a host: what broke.
    heard: Vec<(Time, Heard)>,
}

impl<'p> TurmoilNetwork<'p> {
    /// A host for each node of `world`.
    pub(crate) fn new(plan: &'p Plan, world: &World<'_>) -> Self {
        let mut sim = turmoil::Builder::new()
            .rng_seed(plan.seed)
            .epoch(UNIX_EPOCH)
            .tick_duration(TICK)
            .simulation_duration(Duration::MAX)
            // Latencies are set for each way, and are no draws.
            .min_message_latency(Duration::ZERO)
            .max_message_latency(Duration::ZERO)
            // Segments: a long save is more than the 64 that a host takes at a time.
            .tcp_capacity(1 << 16)
            .build();
        let (reporter, reports) = unbounded_channel();
        let doors: Vec<_> = (0..world.node_count() as u32)
            .map(|node| {
                let (door, name) = (Door::new(), name_of(NodeId(node)));
                let (mailbox, reporter) = (door.mailbox(), reporter.clone());
                sim.host(name.as_str(), move || {
                    let (inbox, reporter) = (mailbox.take(), reporter.clone());
                    async move {
                        Ok(station::serve(NodeId(node), TurmoilHost, inbox, reporter).await?)
                    }
                });
                (door, name)
            })
            .collect();
        let mut network = Self {
            sim,
            plan,
            skipped: Span::ZERO,
            doors,
            reports,
            traffic: Traffic::default(),
            ways: BTreeMap::new(),
            dark: BTreeSet::new(),
            heard: Vec::new(),
        };
        network.refresh(world);
        network
    }

    fn now(&self) -> Time {
        let elapsed = self.sim.elapsed();
        Time::from_nanos(elapsed.as_nanos() as u64) + self.skipped
    }

    /// A time of the world on turmoil's clock.
    fn inside(&self, at: Time) -> Time {
        Time::ZERO + (at - (Time::ZERO + self.skipped))
    }

    fn tell(&self, node: NodeId, command: Command) {
        self.doors[node.0 as usize].0.tell(command);
    }

    /// Sets every way as obstacles, links and power have it now.
    fn refresh(&mut self, world: &World<'_>) {
        for (dialer, listener) in world.neighbours() {
            let way = self.wanted(world, dialer, listener);
            let before = self.ways.insert((dialer, listener), way).unwrap_or(Way::FREE);
            if before != way {
                self.set_way(dialer, listener, before, way);
            }
        }
    }

    fn wanted(&self, world: &World<'_>, dialer: NodeId, listener: NodeId) -> Way {
        let there = world.hindrance(dialer, listener);
        let back = world.hindrance(listener, dialer);
        let off = |node| self.dark.contains(&node) || !world.is_linked(node);
        let off = off(dialer) || off(listener);
        // A way has one latency for both directions.
        let one_way_delay = |from, to| world.route(from, to).one_way_delay();
        let round_trip = one_way_delay(dialer, listener) + one_way_delay(listener, dialer);
        Way {
            stopped: [there.stopped || off, back.stopped || off],
            held: there.jammed || back.jammed,
            latency: round_trip.scale(1, 2),
        }
    }

    fn set_way(&mut self, dialer: NodeId, listener: NodeId, before: Way, way: Way) {
        let [a, b] = [dialer, listener].map(|node| self.doors[node.0 as usize].1.as_str());
        if before.latency != way.latency {
            self.sim.set_link_latency(a, b, Duration::from_nanos(way.latency.as_nanos()));
        }
        if (before.stopped, before.held) == (way.stopped, way.held) {
            return;
        }
        // What was held goes on unless it is stopped now.
        if before.held {
            self.sim.release(a, b);
        }
        match way.stopped {
            [true, true] => self.sim.partition(a, b),
            [there, back] => {
                self.sim.repair(a, b);
                if there {
                    self.sim.partition_oneway(a, b);
                }
                if back {
                    self.sim.partition_oneway(b, a);
                }
            }
        }
        if way.held && !way.is_cut() {
            self.sim.hold(a, b);
        }
        if way.is_cut() {
            self.traffic.spoil(dialer, listener);
        } else if before.is_cut() {
            // turmoil's TCP does not send again what a partition took.
            let now = self.now();
            for channel in self.traffic.lossy(dialer, listener) {
                self.close_both(channel);
                self.heard.push((now, Heard::Broken(channel)));
            }
        }
    }

    fn close_both(&mut self, channel: Channel) {
        self.traffic.ended(channel);
        self.tell(channel.dialer, Command::Close(channel));
        self.tell(channel.listener, Command::Close(channel));
    }

    fn step_taken(&mut self, number: u32, world: &World<'_>) {
        match &self.plan.steps[number as usize].what {
            PlanAction::Crash { device, power_loss } => {
                if *power_loss {
                    self.dark.insert(*device);
                    self.refresh(world);
                }
                self.sim.crash(self.doors[device.0 as usize].1.as_str());
            }
            PlanAction::Start { device } => {
                self.dark.remove(device);
                self.refresh(world);
                let (door, name) = &mut self.doors[device.0 as usize];
                door.open_again();
                self.sim.bounce(name.as_str());
            }
            _ => self.refresh(world),
        }
    }

    /// What hosts have reported, on the world's clock.
    fn collect(&mut self) {
        while let Ok((at, report)) = self.reports.try_recv() {
            let heard = self.traffic.heard(report);
            self.heard.push((at + self.skipped, heard));
        }
    }
}

impl Network for TurmoilNetwork<'_> {
    fn take(&mut self, errand: Errand, world: &World<'_>) {
        match errand {
            Errand::Connect { channel, at, round_trips } => {
                self.refresh(world);
                self.traffic.connect(channel);
                let at = self.inside(at);
                // The set-up of TCP is the first of them.
                let echoes = round_trips.saturating_sub(1);
                self.tell(channel.dialer, Command::Connect { channel, at, echoes });
            }
            Errand::Close { channel, by: Some(node) } => {
                self.refresh(world);
                let told = !self.ways[&(channel.dialer, channel.listener)].is_cut();
                self.traffic.end(channel, told);
                self.tell(node, Command::Close(channel));
            }
            Errand::Close { channel, by: None } => self.close_both(channel),
            Errand::Carry { parcel, at, serialization } => {
                let channel = parcel.channel;
                self.traffic.carry(channel);
                if self.ways[&(channel.dialer, channel.listener)].is_cut() {
                    self.traffic.spoil(channel.dialer, channel.listener);
                }
                let (at, frame) = (self.inside(at), envelope::seal(&parcel));
                self.tell(parcel.from, Command::Write { channel, at, serialization, frame });
            }
            Errand::Step(number) => self.step_taken(number, world),
        }
    }

    fn is_busy(&self) -> bool {
        self.traffic.is_busy() || !self.heard.is_empty()
    }

    async fn run_until(&mut self, until: Time) -> Vec<(Time, Heard)> {
        loop {
            self.collect();
            if !self.heard.is_empty() {
                return std::mem::take(&mut self.heard);
            }
            let now = self.now();
            if !self.traffic.is_busy() {
                self.skipped += until - now;
                return Vec::new();
            }
            if until <= now {
                return Vec::new();
            }
            self.sim.step().expect("stations do not fail");
        }
    }
}

fn name_of(node: NodeId) -> String {
    format!("node-{}", node.0)
}

/// What a station can do on a turmoil host.
#[derive(Clone, Copy, Debug)]
struct TurmoilHost;

impl Host for TurmoilHost {
    type Stream = TcpStream;
    type Listener = TcpListener;

    fn now(&self) -> Time {
        let elapsed = turmoil::sim_elapsed().expect("a station runs on a host");
        Time::from_nanos(elapsed.as_nanos() as u64)
    }

    async fn sleep_until(&self, at: Time) {
        let span = at - self.now();
        if span > Span::ZERO {
            tokio::time::sleep(Duration::from_nanos(span.as_nanos())).await;
        }
    }

    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        tokio::task::spawn_local(task);
    }

    async fn listen(&self) -> io::Result<TcpListener> {
        TcpListener::bind(("0.0.0.0", PORT)).await
    }

    async fn accept(&self, listener: &TcpListener) -> io::Result<TcpStream> {
        Ok(listener.accept().await?.0)
    }

    async fn connect(&self, peer: NodeId) -> io::Result<TcpStream> {
        TcpStream::connect((name_of(peer), PORT)).await
    }
}
