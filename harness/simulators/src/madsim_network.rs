//! madsim: a node with an address for each of ours, its streams and datagrams, and
//! its random choice among tasks that are ready. Links are our own, since madsim has
//! one latency and one loss rate for all: a message is put on the wire so that it
//! arrives when our link says.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use deadzone_core::engine::Delivery;
use deadzone_core::plan::{NodeId, Plan, PlanAction};
use deadzone_core::time::{Span, Time};
use deadzone_core::world::{Channel, Errand, Heard, World};
use madsim::net::{Endpoint, NetSim, TcpListener, TcpStream};
use madsim::runtime::Handle;
use madsim::time::TimeHandle;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::door::Door;
use crate::envelope;
use crate::network::Network;
use crate::station::{self, Command, Host, Report, Reports};
use crate::traffic::Traffic;

/// Where stations listen.
const PORT: u16 = 7_000;

/// Where they take datagrams.
const DATAGRAM_PORT: u16 = 7_001;

/// What madsim tells datagrams apart by; ours are all of one kind.
const TAG: u64 = 0;

/// What madsim takes over a message at least: its timers are no finer.
const CARRIAGE: Span = Span::from_millis(1);

/// What it takes over a connection and the one frame there and back on it: a
/// millisecond for each call that waits.
const SET_UP: Span = Span::from_millis(5);

/// Where a node that is on has put its socket for datagrams.
type EndpointSlot = Arc<Mutex<Option<Arc<Endpoint>>>>;

/// One of madsim's nodes.
struct Machine {
    node: madsim::task::NodeId,
    door: Door,
    endpoint: EndpointSlot,
}

/// madsim's network between the nodes of a world.
pub(crate) struct MadsimNetwork<'p> {
    plan: &'p Plan,
    /// What the runtime's clock showed when the world began.
    started: Duration,
    machines: Vec<Machine>,
    reports: UnboundedReceiver<(Time, Report)>,
    traffic: Traffic,
    /// Whether messages go over streams, and not each by itself.
    streams: bool,
}

impl<'p> MadsimNetwork<'p> {
    /// A node of madsim's for each node of `world`. To be called within its runtime.
    pub(crate) fn new(plan: &'p Plan, world: &World<'_>) -> Self {
        NetSim::current().update_config(|config| {
            config.packet_loss_rate = 0.0;
            // It takes no empty range.
            config.send_latency = Duration::ZERO..Duration::from_nanos(1);
        });
        let started = TimeHandle::current().elapsed();
        let (reporter, reports) = unbounded_channel();
        let machines = (0..world.node_count() as u32)
            .map(|node| Machine::new(NodeId(node), started, &reporter))
            .collect();
        let streams = plan.scenario.sync.delivery == Delivery::Protocol;
        Self { plan, started, machines, reports, traffic: Traffic::default(), streams }
    }

    fn now(&self) -> Time {
        since(self.started)
    }

    fn machine(&self, node: NodeId) -> &Machine {
        &self.machines[node.0 as usize]
    }

    fn tell(&self, node: NodeId, command: Command) {
        self.machine(node).door.tell(command);
    }

    /// Has a node send a message by itself, so that it arrives at `at`.
    fn send_datagram(&self, channel: Channel, from: NodeId, at: Time, frame: Vec<u8>) {
        let machine = self.machine(from);
        let Some(endpoint) = machine.endpoint.lock().expect("no holder panics").clone() else {
            return;
        };
        let to = (address(channel.peer_of(from)), DATAGRAM_PORT).into();
        let started = self.started;
        let node = Handle::current().get_node(machine.node).expect("it is one of ours");
        node.spawn(async move {
            sleep_until(started, back_from(at, CARRIAGE)).await;
            // Nobody is there if it was killed meanwhile.
            let _ = endpoint.send_to_raw(to, TAG, Box::new((channel, frame))).await;
        });
    }

    fn step_taken(&mut self, number: u32) {
        match &self.plan.steps[number as usize].what {
            PlanAction::Crash { device, .. } => {
                let machine = self.machine(*device);
                *machine.endpoint.lock().expect("no holder panics") = None;
                // madsim drops a task of a dead node when it would have its turn: one
                // that waited for good would close the port of a later one.
                machine.door.shut();
                Handle::current().kill(machine.node);
            }
            PlanAction::Start { device } => {
                let machine = &mut self.machines[device.0 as usize];
                machine.door.open_again();
                Handle::current().restart(machine.node);
            }
            // Obstacles are our links' own.
            _ => {}
        }
    }

    fn heard(&mut self, report: Report) -> Option<Heard> {
        match report {
            // When word of that gets there is up to our links.
            Report::Closed { .. } => None,
            report => Some(self.traffic.heard(report)),
        }
    }
}

impl Network for MadsimNetwork<'_> {
    fn take(&mut self, errand: Errand, _world: &World<'_>) {
        match errand {
            Errand::Connect { channel, at, .. } => {
                self.traffic.connect(channel);
                let at = back_from(at, SET_UP);
                self.tell(channel.dialer, Command::Connect { channel, at, echoes: 1 });
            }
            Errand::Close { channel, .. } => {
                self.traffic.ended(channel);
                self.tell(channel.dialer, Command::Close(channel));
                self.tell(channel.listener, Command::Close(channel));
            }
            Errand::Carry { parcel, at, serialization } => {
                let (channel, from) = (parcel.channel, parcel.from);
                self.traffic.carry(channel);
                let frame = envelope::seal(&parcel);
                if self.streams {
                    let at = back_from(at, CARRIAGE);
                    self.tell(from, Command::Write { channel, at, serialization, frame });
                } else {
                    self.send_datagram(channel, from, at, frame);
                }
            }
            Errand::Step(number) => self.step_taken(number),
        }
    }

    fn is_busy(&self) -> bool {
        self.traffic.is_busy()
    }

    async fn run_until(&mut self, until: Time) -> Vec<(Time, Heard)> {
        if self.now() < until {
            // Longer than any run: the reports alone are waited for.
            let latest = self.now() + Span::from_secs(1_000_000_000);
            let reported = tokio::select! {
                biased;
                reported = self.reports.recv() => reported,
                () = sleep_until(self.started, until.min(latest)) => None,
            };
            if let Some((at, report)) = reported {
                let heard = self.heard(report);
                return heard.map(|heard| (at, heard)).into_iter().collect();
            }
        }
        let mut all = Vec::new();
        while let Ok((at, report)) = self.reports.try_recv() {
            all.extend(self.heard(report).map(|heard| (at, heard)));
        }
        all
    }
}

impl Machine {
    fn new(node: NodeId, started: Duration, reporter: &Reports) -> Self {
        let (door, endpoint) = (Door::new(), EndpointSlot::default());
        let (mailbox, slot, reporter) = (door.mailbox(), endpoint.clone(), reporter.clone());
        let built = Handle::current()
            .create_node()
            .name(format!("node-{}", node.0))
            .ip(address(node))
            .init(move || {
                let inbox = mailbox.take();
                let (slot, reporter) = (slot.clone(), reporter.clone());
                async move {
                    let datagrams = receive_datagrams(node, started, slot, reporter.clone());
                    madsim::task::spawn(datagrams);
                    madsim::task::spawn_local(async move {
                        let host = MadsimHost { started };
                        station::serve(node, host, inbox, reporter).await
                    });
                    // A node whose first task ends is taken for one that has exited.
                    std::future::pending::<()>().await;
                }
            })
            .build();
        Self { node: built.id(), door, endpoint }
    }
}

async fn receive_datagrams(node: NodeId, started: Duration, slot: EndpointSlot, reports: Reports) {
    let bound = Endpoint::bind(("0.0.0.0", DATAGRAM_PORT)).await;
    let endpoint = Arc::new(bound.expect("nobody else has the port"));
    *slot.lock().expect("no holder panics") = Some(endpoint.clone());
    while let Ok((payload, _)) = endpoint.recv_from_raw(TAG).await {
        let payload = payload.downcast::<(Channel, Vec<u8>)>();
        let (channel, frame) = *payload.expect("stations send nothing else");
        let from = channel.peer_of(node);
        // Nobody listens any more once the run is over.
        let _ = reports.send((since(started), Report::Read { channel, from, frame: frame.into() }));
    }
}

fn address(node: NodeId) -> IpAddr {
    let [_, high, middle, low] = (node.0 + 1).to_be_bytes();
    IpAddr::V4(Ipv4Addr::new(10, high, middle, low))
}

fn since(started: Duration) -> Time {
    Time::from_nanos((TimeHandle::current().elapsed() - started).as_nanos() as u64)
}

fn back_from(at: Time, span: Span) -> Time {
    Time::ZERO + (at - (Time::ZERO + span))
}

async fn sleep_until(started: Duration, at: Time) {
    let span = at - since(started);
    if span > Span::ZERO {
        madsim::time::sleep(Duration::from_nanos(span.as_nanos())).await;
    }
}

/// What a station can do on a node of madsim's.
#[derive(Clone, Copy, Debug)]
struct MadsimHost {
    started: Duration,
}

impl Host for MadsimHost {
    type Stream = TcpStream;
    type Listener = TcpListener;

    fn now(&self) -> Time {
        since(self.started)
    }

    async fn sleep_until(&self, at: Time) {
        sleep_until(self.started, at).await;
    }

    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        madsim::task::spawn_local(task);
    }

    async fn listen(&self) -> io::Result<TcpListener> {
        TcpListener::bind(("0.0.0.0", PORT)).await
    }

    async fn accept(&self, listener: &TcpListener) -> io::Result<TcpStream> {
        Ok(listener.accept().await?.0)
    }

    async fn connect(&self, peer: NodeId) -> io::Result<TcpStream> {
        TcpStream::connect((address(peer), PORT)).await
    }
}
