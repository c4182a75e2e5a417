//! Another network in place of ours: what the world wants of it goes out as
//! [`Errand`]s, and what it brings comes in as [`Heard`].
//!
//! Devices, people, faults and figures are the same as ever. Only how long a
//! message is under way, and what becomes of it there, is found by somebody else,
//! who drives the world with [`World::next_at`], [`World::advance`] and
//! [`World::hear`].

use std::mem::take;

use super::carrier::{ConnectionId, Frame, Hindrance, State};
use super::measured::Measured;
use super::run::World;
use crate::network::Route;
use crate::network::wire::Packets;
use crate::plan::NodeId;
use crate::profile::LinkDirection;
use crate::sync::{Body, Stop};
use crate::time::{Span, Time};

/// One connection between two nodes, or one attempt at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Channel {
    /// Who sets it up.
    pub dialer: NodeId,
    /// With whom.
    pub listener: NodeId,
    /// The how-manieth attempt of these two, from 1.
    pub epoch: u32,
}

impl Channel {
    /// The other side of `node`.
    pub fn peer_of(&self, node: NodeId) -> NodeId {
        if node == self.dialer { self.listener } else { self.dialer }
    }
}

/// A message under way.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// Where it travels.
    pub channel: Channel,
    /// Who sent it: one of the two sides.
    pub from: NodeId,
    /// What it is.
    pub body: Body,
    /// How many messages led to it, each the answer to the last.
    pub depth: u32,
    /// Its bytes with framing.
    pub wire_bytes: u64,
}

/// What the world wants of the network.
#[derive(Clone, Debug)]
pub enum Errand {
    /// Set up a connection, and say [`Heard::Connected`] when that is done.
    Connect {
        /// Which.
        channel: Channel,
        /// From when on; under [`Links::Modelled`] when it shall be there.
        at: Time,
        /// How often a packet goes there and back until both sides may send: that
        /// of TCP and those of what lies above; 0 under [`Links::Modelled`].
        round_trips: u64,
    },
    /// A side ends a connection or an attempt.
    Close {
        /// Which.
        channel: Channel,
        /// Who; nobody if the world ended it for both.
        by: Option<NodeId>,
    },
    /// Carry a message.
    Carry {
        /// Which.
        parcel: Parcel,
        /// When its sender is ready; under [`Links::Modelled`] when it shall arrive.
        at: Time,
        /// How long the slowest link on the way takes over it; no time under
        /// [`Links::Modelled`], where `at` has it.
        serialization: Span,
    },
    /// This step of the plan was taken: obstacles, links, or who is on have changed.
    Step(u32),
}

/// What the network brings.
#[derive(Clone, Debug)]
pub enum Heard {
    /// Both sides of a connection may send.
    Connected(Channel),
    /// A message has arrived.
    Arrived(Parcel),
    /// A side learns that its peer has ended the connection.
    Closed {
        /// Which.
        channel: Channel,
        /// Who learns it.
        at: NodeId,
    },
    /// The connection is gone, and both sides know.
    Broken(Channel),
}

/// Who finds out when messages arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// Our model of links; the other network carries without delay or loss.
    Modelled,
    /// The other network.
    Theirs,
}

/// Whose network it is.
#[derive(Clone, Debug)]
pub struct Outside {
    /// The name of the simulator, as results have it.
    pub simulator: &'static str,
    /// Who finds out when messages arrive.
    pub links: Links,
    /// What the scenario asks for and that network does not do: fields of the
    /// scenario, with a word on each.
    pub not_honoured: Vec<String>,
    errands: Vec<Errand>,
}

impl Outside {
    /// Nothing wanted yet.
    pub fn new(simulator: &'static str, links: Links, not_honoured: Vec<String>) -> Self {
        Self { simulator, links, not_honoured, errands: Vec::new() }
    }
}

impl<'a> World<'a> {
    /// The same world, on another network.
    #[must_use]
    pub fn on(mut self, outside: Outside) -> Self {
        self.outside = Some(outside);
        self
    }

    /// When something happens by itself; [`Time::NEVER`] if nothing is due.
    pub fn next_at(&self) -> Time {
        self.next_step_at().min(self.queue.next_at())
    }

    /// When the run is over, converged or not.
    pub fn deadline(&self) -> Time {
        Time::ZERO + self.scenario.duration + self.scenario.settle
    }

    /// What is wanted of the network since the last time, in order.
    pub fn take_errands(&mut self) -> Vec<Errand> {
        self.outside.as_mut().map_or_else(Vec::new, |outside| take(&mut outside.errands))
    }

    /// Something has come in at `at`, or at once if that has passed.
    ///
    /// # Errors
    /// [`Stop`] if the engine cannot go on.
    pub fn hear(&mut self, at: Time, heard: Heard) -> Result<(), Stop> {
        self.now = self.now.max(at);
        match heard {
            Heard::Connected(channel) => {
                let id = self.carrier.find(channel.dialer, channel.listener);
                self.count_event([4 << 32 | u64::from(id.0), u64::from(channel.epoch)]);
                self.establish(id, channel.epoch)?;
                let connection = self.carrier.get(id);
                if connection.state != State::Up || connection.epoch != channel.epoch {
                    self.want(|| Errand::Close { channel, by: None });
                }
                Ok(())
            }
            Heard::Arrived(parcel) => {
                let frame = self.frame_of(parcel);
                self.arrive(frame)
            }
            Heard::Closed { channel, at: node } => {
                let id = self.carrier.find(channel.dialer, channel.listener);
                self.count_event([6 << 32 | u64::from(id.0), u64::from(channel.epoch)]);
                self.lose(node, channel.peer_of(node), channel.epoch)
            }
            Heard::Broken(channel) => {
                let id = self.carrier.find(channel.dialer, channel.listener);
                self.count_event([8 << 32 | u64::from(id.0), u64::from(channel.epoch)]);
                let connection = self.carrier.get(id);
                if connection.state != State::Up || connection.epoch != channel.epoch {
                    return Ok(());
                }
                self.carrier.end(id);
                let (dialer, listener) = (channel.dialer, channel.listener);
                self.lose(listener, dialer, channel.epoch)?;
                self.lose(dialer, listener, channel.epoch)
            }
        }
    }

    /// Ends the run: whether time ran out, or why it could not go on. What was
    /// measured is that of the room with this number; of a run with one, that is 0.
    pub fn conclude(mut self, room: u32, ended: Result<bool, Stop>) -> Measured {
        let ended = ended.map(|out_of_time| self.ending(out_of_time));
        self.into_measured(room, ended)
    }

    /// The way from one node to another as it is now.
    pub fn route(&self, from: NodeId, to: NodeId) -> Route<'_> {
        self.carrier.route(&self.nodes, from, to)
    }

    /// What stands in the way from one node to another.
    pub fn hindrance(&self, from: NodeId, to: NodeId) -> Hindrance {
        self.carrier.hindrance(from, to)
    }

    /// Whether a node has a link that is up, or is on the backbone.
    pub fn is_linked(&self, node: NodeId) -> bool {
        let node = &self.nodes[node.0 as usize];
        node.kind().links.is_empty() || node.active_link().is_some()
    }

    /// Every two nodes that may talk to each other, the one that dials first.
    pub fn neighbours(&self) -> impl Iterator<Item = (NodeId, NodeId)> {
        self.carrier.connections.iter().map(|connection| (connection.dialer, connection.listener))
    }

    /// How many nodes there are, relays included.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// Wants something of the other network, if there is one.
    pub(super) fn want(&mut self, errand: impl FnOnce() -> Errand) {
        if let Some(outside) = &mut self.outside {
            outside.errands.push(errand());
        }
    }

    /// Who finds out when messages arrive, if that is not the world itself.
    pub(super) fn outer_links(&self) -> Option<Links> {
        self.outside.as_ref().map(|outside| outside.links)
    }

    pub(super) fn channel(&self, id: ConnectionId) -> Channel {
        let connection = &self.carrier.connections[id.0 as usize];
        let (dialer, listener) = (connection.dialer, connection.listener);
        Channel { dialer, listener, epoch: connection.epoch }
    }

    /// Hands a message to a network with links of its own.
    pub(super) fn hand_over(&mut self, mut frame: Frame) -> u64 {
        frame.wire_bytes = Packets::of_stream(frame.body.size_bytes()).wire_bytes();
        let link = |node: NodeId| self.nodes[node.0 as usize].active_link();
        let ends = [link(frame.from).map(|link| &link.up), link(frame.to).map(|link| &link.down)];
        let bytes = frame.wire_bytes;
        let taken = |end: &LinkDirection| end.rate.time_for(bytes);
        let serialization = ends.into_iter().flatten().map(taken).max().unwrap_or(Span::ZERO);
        let at = frame.sent_at;
        let parcel = self.parcel_of(frame);
        self.want(|| Errand::Carry { parcel, at, serialization });
        bytes
    }

    pub(super) fn parcel_of(&self, frame: Frame) -> Parcel {
        let channel = Channel { epoch: frame.epoch, ..self.channel(frame.connection) };
        let Frame { from, body, depth, wire_bytes, .. } = frame;
        Parcel { channel, from, body, depth, wire_bytes }
    }

    fn frame_of(&self, parcel: Parcel) -> Frame {
        let Parcel { channel, from, body, depth, wire_bytes } = parcel;
        Frame {
            connection: self.carrier.find(channel.dialer, channel.listener),
            from,
            to: channel.peer_of(from),
            epoch: channel.epoch,
            body,
            depth,
            wire_bytes,
            sent_at: self.now,
        }
    }
}
