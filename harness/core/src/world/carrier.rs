//! The network between nodes: connections, obstacles, messages under way.

use std::collections::BTreeMap;

use crate::network::{Link, Route, set_up};
use crate::plan::{NodeId, Obstacle};
use crate::rng::Stream;
use crate::scenario::Topology;
use crate::sync::{Body, Node};
use crate::time::{Span, Time};

/// The least time after which TCP sends again, doubling each time: RFC 6298
/// with the floor of 200 ms that Linux has.
const RETRANSMISSION_TIMEOUT: Span = Span::from_millis(200);

/// The longest time between two retransmissions (RFC 6298, 2.5, allows 60 s or
/// more; Linux has 120 s).
const RETRANSMISSION_TIMEOUT_MAX: Span = Span::from_secs(120);

/// The number of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ConnectionId(pub(super) u32);

/// The relation between two neighbours.
#[derive(Debug)]
pub(super) struct Connection {
    /// The side that sets it up.
    pub(super) dialer: NodeId,
    pub(super) listener: NodeId,
    pub(super) state: State,
    /// Counts attempts; messages of an earlier one are void.
    pub(super) epoch: u32,
    pub(super) established: u32,
    /// Since when nothing comes through, in either direction; never otherwise.
    pub(super) obstructed_since: Time,
    /// From the dialer, to the dialer.
    links: [Option<Box<Link>>; 2],
    /// Before this, nothing more may arrive: order on a connection is kept.
    floors: [Time; 2],
    /// Messages that wait behind an obstacle, in the order of sending.
    #[expect(clippy::box_collection, reason = "most connections hold none: 8 bytes, not 24")]
    held: Option<Box<Vec<Held>>>,
}

/// Whether a connection is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Down,
    Dialing,
    Up,
}

/// A message under way.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) connection: ConnectionId,
    pub(super) from: NodeId,
    pub(super) to: NodeId,
    pub(super) epoch: u32,
    pub(super) body: Body,
    pub(super) depth: u32,
    pub(super) wire_bytes: u64,
    pub(super) sent_at: Time,
}

/// A message behind an obstacle.
#[derive(Debug)]
struct Held {
    frame: Frame,
    /// Whether the network keeps it, rather than its sender trying again.
    jammed: bool,
}

/// What stands in the way from one node to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hindrance {
    /// Nothing comes through.
    pub stopped: bool,
    /// Everything is held until the obstacle goes away.
    pub jammed: bool,
    /// How many times longer everything takes; at least 1.
    pub slow_factor: u32,
}

#[derive(Debug)]
struct Standing {
    from: Vec<bool>,
    to: Vec<bool>,
    how: Obstacle,
}

/// What became of a message that was sent.
#[derive(Debug, Default)]
pub(super) struct Sent {
    pub(super) wire_bytes: u64,
    /// When it arrives: never, once or twice.
    pub(super) arrivals: [Option<(Time, Frame)>; 2],
    pub(super) dropped: bool,
}

/// Of each node, the connections that it is a side of.
#[derive(Debug)]
struct Ways {
    /// Those of the first node, of the second, and so on.
    all: Vec<ConnectionId>,
    /// Where each node's begin in `all`, and where the last one's end.
    starts: Vec<u32>,
}

impl Ways {
    fn new(connections: &[Connection], nodes: usize) -> Self {
        let mut by_node: Vec<_> = connections
            .iter()
            .zip((0..).map(ConnectionId))
            .flat_map(|(connection, id)| [(connection.dialer, id), (connection.listener, id)])
            .collect();
        by_node.sort_unstable();
        let first_of = |node| by_node.partition_point(|&(side, _)| side < NodeId(node)) as u32;
        let starts = (0..=nodes as u32).map(first_of).collect();
        Self { all: by_node.into_iter().map(|(_, id)| id).collect(), starts }
    }

    fn of(&self, node: NodeId) -> &[ConnectionId] {
        let node = node.0 as usize;
        &self.all[self.starts[node] as usize..self.starts[node + 1] as usize]
    }
}

/// The network between nodes.
#[derive(Debug)]
pub(super) struct Carrier {
    pub(super) connections: Vec<Connection>,
    ways: Ways,
    obstacles: BTreeMap<u32, Standing>,
    backbone_one_way: Span,
    /// Of all links.
    stream: Stream,
}

/// For each node, its neighbours in order and whether it dials them.
pub(super) type Neighbours = Vec<Vec<(NodeId, bool)>>;

/// Who is connected to whom.
pub(super) fn neighbours(topology: &Topology, devices: u32) -> Neighbours {
    match topology {
        Topology::Relay(_) => {
            let relay = NodeId(devices);
            let mut all: Neighbours = (0..devices).map(|_| vec![(relay, true)]).collect();
            all.push((0..devices).map(|device| (NodeId(device), false)).collect());
            all
        }
        Topology::Mesh(mesh) => {
            let mut pairs = std::collections::BTreeSet::new();
            for device in 0..devices {
                for step in 1..=mesh.neighbours.min(devices.saturating_sub(1)) {
                    let other = (device + step) % devices;
                    pairs.insert((device.min(other), device.max(other)));
                }
            }
            let mut all: Neighbours = vec![Vec::new(); devices as usize];
            for (low, high) in pairs {
                all[low as usize].push((NodeId(high), true));
                all[high as usize].push((NodeId(low), false));
            }
            all.iter_mut().for_each(|peers| peers.sort_unstable());
            all
        }
    }
}

impl Carrier {
    pub(super) fn new(neighbours: &Neighbours, topology: &Topology, root: Stream) -> Self {
        let mut connections = Vec::new();
        for (node, peers) in neighbours.iter().enumerate() {
            for &(peer, dials) in peers {
                if dials {
                    connections.push(Connection::new(NodeId(node as u32), peer));
                }
            }
        }
        connections.sort_by_key(|connection| (connection.dialer, connection.listener));
        connections.shrink_to_fit();
        let ways = Ways::new(&connections, neighbours.len());
        let rtt = match topology {
            Topology::Relay(relay) => relay.region_rtt,
            Topology::Mesh(mesh) => mesh.backbone_rtt,
        };
        let backbone_one_way = rtt.scale(1, 2);
        Self {
            connections,
            ways,
            obstacles: BTreeMap::new(),
            backbone_one_way,
            stream: root.named("link"),
        }
    }

    pub(super) fn find(&self, one: NodeId, other: NodeId) -> ConnectionId {
        // A relay has many, a device few.
        let (ways, others) = (self.ways.of(one), self.ways.of(other));
        let (ways, peer) = if ways.len() <= others.len() { (ways, other) } else { (others, one) };
        let is_with = |id: &&ConnectionId| {
            let connection = &self.connections[id.0 as usize];
            connection.dialer == peer || connection.listener == peer
        };
        *ways.iter().find(is_with).expect("only neighbours talk")
    }

    pub(super) fn get(&mut self, id: ConnectionId) -> &mut Connection {
        &mut self.connections[id.0 as usize]
    }

    pub(super) fn obstruct(
        &mut self,
        id: u32,
        from: &[NodeId],
        to: &[NodeId],
        how: Obstacle,
        nodes: usize,
    ) {
        let members = |who: &[NodeId]| {
            let mut members = vec![false; nodes];
            who.iter().for_each(|node| members[node.0 as usize] = true);
            members
        };
        self.obstacles.insert(id, Standing { from: members(from), to: members(to), how });
    }

    pub(super) fn clear(&mut self, id: u32) {
        self.obstacles.remove(&id);
    }

    pub(super) fn hindrance(&self, from: NodeId, to: NodeId) -> Hindrance {
        let mut hindrance = Hindrance { stopped: false, jammed: false, slow_factor: 1 };
        for obstacle in self.obstacles.values() {
            if obstacle.from[from.0 as usize] && obstacle.to[to.0 as usize] {
                match obstacle.how {
                    Obstacle::Stop => hindrance.stopped = true,
                    Obstacle::Jam => hindrance.jammed = true,
                    Obstacle::Slow(factor) => {
                        hindrance.slow_factor = hindrance.slow_factor.saturating_mul(factor);
                    }
                }
            }
        }
        hindrance
    }

    /// Whether nothing comes through in at least one direction.
    pub(super) fn is_obstructed(&self, id: ConnectionId) -> bool {
        if self.obstacles.is_empty() {
            return false;
        }
        let connection = &self.connections[id.0 as usize];
        let (one, other) = (connection.dialer, connection.listener);
        let blocks = |h: Hindrance| h.stopped || h.jammed;
        blocks(self.hindrance(one, other)) || blocks(self.hindrance(other, one))
    }

    /// Whether one of a node's neighbours is on, and nothing stands between.
    pub(super) fn has_free_way(&self, node: NodeId, nodes: &[Node]) -> bool {
        self.ways.of(node).iter().any(|&way| {
            let connection = &self.connections[way.0 as usize];
            let peer =
                if node == connection.dialer { connection.listener } else { connection.dialer };
            nodes[peer.0 as usize].is_reachable() && !self.is_obstructed(way)
        })
    }

    /// The way from one node to another as it is now.
    pub(super) fn route<'n>(&self, nodes: &'n [Node], from: NodeId, to: NodeId) -> Route<'n> {
        self.route_past(self.hindrance(from, to), nodes, from, to)
    }

    fn route_past<'n>(
        &self,
        hindrance: Hindrance,
        nodes: &'n [Node],
        from: NodeId,
        to: NodeId,
    ) -> Route<'n> {
        Route {
            up: nodes[from.0 as usize].active_link().map(|link| &link.up),
            down: nodes[to.0 as usize].active_link().map(|link| &link.down),
            backbone_one_way: self.backbone_one_way,
            slow_factor: hindrance.slow_factor,
        }
    }

    /// The time from one node to another for a packet on an idle network.
    pub(super) fn one_way_delay(&self, nodes: &[Node], from: NodeId, to: NodeId) -> Span {
        self.route(nodes, from, to).one_way_delay()
    }

    /// How long it takes to set a connection up, from its dialer's first packet on.
    pub(super) fn set_up(&self, nodes: &[Node], id: ConnectionId, round_trips: u64) -> Span {
        let Connection { dialer, listener, epoch, .. } = self.connections[id.0 as usize];
        let way = self.stream.numbered(u64::from(dialer.0)).numbered(u64::from(listener.0));
        let attempt = way.named("set-up").numbered(u64::from(epoch));
        let there = self.route(nodes, dialer, listener);
        let back = self.route(nodes, listener, dialer);
        set_up(&there, &back, round_trips, attempt)
    }

    /// Sends a message that is ready at `at`.
    pub(super) fn send(&mut self, nodes: &[Node], mut frame: Frame, reliable: bool) -> Sent {
        let hindrance = self.hindrance(frame.from, frame.to);
        let route = self.route_past(hindrance, nodes, frame.from, frame.to);
        let stream = self.stream;
        let fresh = || {
            let from = stream.numbered(u64::from(frame.from.0));
            Box::new(Link::new(from.numbered(u64::from(frame.to.0))))
        };
        let connection = &mut self.connections[frame.connection.0 as usize];
        let side = usize::from(frame.from != connection.dialer);
        let link = connection.links[side].get_or_insert_with(fresh);
        let (at, payload) = (frame.sent_at, frame.body.size_bytes());
        if reliable {
            let sent = link.send_reliable(at, &route, payload);
            frame.wire_bytes = sent.wire_bytes;
            let wire_bytes = sent.wire_bytes;
            if hindrance.stopped || hindrance.jammed {
                connection.hold(Held { frame, jammed: hindrance.jammed });
                return Sent { wire_bytes, ..Sent::default() };
            }
            let arrives = sent.arrives.max(connection.floors[side]);
            connection.floors[side] = arrives;
            let arrivals = [Some((arrives, frame)), None];
            return Sent { wire_bytes, arrivals, dropped: false };
        }
        let sent = link.send_datagram(at, &route, payload);
        frame.wire_bytes = sent.wire_bytes;
        let wire_bytes = sent.wire_bytes;
        if hindrance.jammed {
            connection.hold(Held { frame, jammed: true });
            return Sent { wire_bytes, ..Sent::default() };
        }
        let mut arrivals = [None, None];
        if !hindrance.stopped {
            for (arrival, &arrives) in arrivals.iter_mut().zip(sent.arrivals.iter()) {
                *arrival = Some((arrives, frame.clone()));
            }
        }
        Sent { wire_bytes, dropped: arrivals[0].is_none(), arrivals }
    }

    /// A message has come to where an obstacle stands by now: it waits there.
    pub(super) fn hold(&mut self, frame: Frame) {
        let jammed = self.hindrance(frame.from, frame.to).jammed;
        self.get(frame.connection).hold(Held { frame, jammed });
    }

    /// What waited goes on where the way is free again, in the order of sending.
    pub(super) fn release(
        &mut self,
        nodes: &[Node],
        id: ConnectionId,
        now: Time,
    ) -> Vec<(Time, Frame)> {
        let Some(waiting) = self.get(id).held.take() else { return Vec::new() };
        let mut released = Vec::new();
        for held in *waiting {
            let Held { frame, jammed } = held;
            let hindrance = self.hindrance(frame.from, frame.to);
            if hindrance.stopped || hindrance.jammed {
                self.get(id).hold(Held { frame, jammed });
                continue;
            }
            let delay = self.one_way_delay(nodes, frame.from, frame.to);
            let resumed = if jammed { now } else { next_retransmission(frame.sent_at, now) };
            let connection = self.get(id);
            let side = usize::from(frame.from != connection.dialer);
            let arrives = (resumed + delay).max(connection.floors[side]);
            connection.floors[side] = arrives;
            released.push((arrives, frame));
        }
        released
    }

    /// The connection ends; gives how many messages were lost with it.
    pub(super) fn end(&mut self, id: ConnectionId) -> u64 {
        let connection = self.get(id);
        connection.state = State::Down;
        connection.obstructed_since = Time::NEVER;
        connection.held.take().map_or(0, |held| held.len() as u64)
    }

    /// A new attempt; gives its number.
    pub(super) fn dial(&mut self, id: ConnectionId) -> u32 {
        let connection = self.get(id);
        connection.state = State::Dialing;
        connection.epoch += 1;
        connection.floors = [Time::ZERO; 2];
        connection.links.iter_mut().flatten().for_each(|link| link.restart());
        connection.epoch
    }
}

impl Connection {
    fn new(dialer: NodeId, listener: NodeId) -> Self {
        Self {
            dialer,
            listener,
            state: State::Down,
            epoch: 0,
            established: 0,
            obstructed_since: Time::NEVER,
            links: [None, None],
            floors: [Time::ZERO; 2],
            held: None,
        }
    }

    /// What was under way when the obstacle came gets here after what was sent
    /// since, and must not be overtaken by it.
    fn hold(&mut self, held: Held) {
        let all = self.held.get_or_insert_default();
        let place = all.partition_point(|other| other.frame.sent_at <= held.frame.sent_at);
        all.insert(place, held);
    }
}

/// When a sender that has been trying since `sent_at` tries next, at `now` or
/// after.
fn next_retransmission(sent_at: Time, now: Time) -> Time {
    let (mut at, mut wait) = (sent_at, RETRANSMISSION_TIMEOUT);
    while at < now {
        at += wait;
        wait = wait.times(2).min(RETRANSMISSION_TIMEOUT_MAX);
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Mesh;

    #[test]
    fn a_ring_of_neighbours_is_symmetric() {
        for devices in 1..9 {
            for count in 1..9 {
                let mesh = Mesh { neighbours: count, backbone_rtt: Span::ZERO };
                let all = neighbours(&Topology::Mesh(mesh), devices);
                for (node, peers) in all.iter().enumerate() {
                    assert!(peers.is_sorted());
                    let least = count.min(devices - 1) as usize;
                    assert!(peers.len() >= least, "{devices} {count}: {peers:?}");
                    for &(peer, dials) in peers {
                        assert!(all[peer.0 as usize].contains(&(NodeId(node as u32), !dials)));
                    }
                }
            }
        }
    }

    #[test]
    fn retransmissions_back_off() {
        let at = |sent, now| {
            next_retransmission(
                Time::ZERO + Span::from_millis(sent),
                Time::ZERO + Span::from_millis(now),
            )
        };
        assert_eq!(at(0, 0), Time::ZERO);
        assert_eq!(at(0, 1), Time::ZERO + Span::from_millis(200));
        assert_eq!(at(0, 700), Time::ZERO + Span::from_millis(1_400));
        assert_eq!(at(1_000, 700), Time::ZERO + Span::from_millis(1_000));
    }
}
