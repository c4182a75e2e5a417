//! What the world does about connections and the messages on them.

use super::carrier::{ConnectionId, Frame, State};
use super::outside::{Channel, Errand, Links};
use super::run::{Event, World};
use crate::engine::Delivery;
use crate::plan::NodeId;
use crate::sync::{Body, Stop};
use crate::time::{Span, Time};

/// Bytes that a device sends to set up a connection: TCP, a TLS 1.3
/// ClientHello and Finished, a WebSocket upgrade. An estimate of our own; it
/// matters to the radio alone.
const HANDSHAKE_BYTES: u64 = 1_000;

impl World<'_> {
    pub(super) fn is_reliable(&self) -> bool {
        self.scenario.sync.delivery == Delivery::Protocol
    }

    pub(super) fn dial(&mut self, from: NodeId, to: NodeId) {
        let id = self.carrier.find(from, to);
        let epoch = self.carrier.dial(id);
        let reachable = self.nodes[to.0 as usize].is_reachable();
        if !reachable || self.carrier.is_obstructed(id) {
            let timeout = self.scenario.sync.connection_timeout;
            self.queue.push(self.now + timeout, Event::Unanswered(id, epoch));
            return;
        }
        let timeout = self.scenario.sync.connection_timeout;
        let node = &mut self.nodes[from.0 as usize];
        let ready = node.send_by_radio(self.now, HANDSHAKE_BYTES);
        let round_trips = node.active_link().map_or(0, |link| u64::from(link.setup_round_trips));
        let taken = self.carrier.set_up(&self.nodes, id, round_trips);
        let (at, round_trips) = match self.outer_links() {
            Some(Links::Theirs) => (ready, round_trips),
            _ if taken > timeout => {
                self.queue.push(ready + timeout, Event::Unanswered(id, epoch));
                return;
            }
            Some(Links::Modelled) => (ready + taken, 0),
            None => {
                self.queue.push(ready + taken, Event::Answered(id, epoch));
                return;
            }
        };
        let channel = self.channel(id);
        self.want(|| Errand::Connect { channel, at, round_trips });
        self.queue.push(at + timeout, Event::Unanswered(id, epoch));
    }

    pub(super) fn establish(&mut self, id: ConnectionId, epoch: u32) -> Result<(), Stop> {
        let connection = self.carrier.get(id);
        let (dialer, listener) = (connection.dialer, connection.listener);
        if connection.state != State::Dialing || connection.epoch != epoch {
            return Ok(());
        }
        let reachable = self.nodes[listener.0 as usize].is_reachable();
        if !reachable || self.carrier.is_obstructed(id) {
            let timeout = self.scenario.sync.connection_timeout;
            self.queue.push(self.now + timeout, Event::Unanswered(id, epoch));
            return Ok(());
        }
        let connection = self.carrier.get(id);
        connection.state = State::Up;
        connection.established += 1;
        let again = connection.established > 1;
        let now = self.now;
        self.nodes[dialer.0 as usize].tally_mut().reconnects += u64::from(again);
        self.with_node(listener, |node, lab, out| node.connected(now, dialer, epoch, lab, out))?;
        self.with_node(dialer, |node, lab, out| node.connected(now, listener, epoch, lab, out))
    }

    pub(super) fn fail_dial(&mut self, id: ConnectionId, epoch: u32) -> Result<(), Stop> {
        let connection = self.carrier.get(id);
        let (dialer, listener) = (connection.dialer, connection.listener);
        if connection.state != State::Dialing || connection.epoch != epoch {
            return Ok(());
        }
        connection.state = State::Down;
        self.close(id, None);
        let now = self.now;
        self.with_node(dialer, |node, _, _| {
            node.dial_failed(now, listener);
            Ok(())
        })
    }

    pub(super) fn hang_up(&mut self, from: NodeId, peer: NodeId, orderly: bool) {
        let id = self.carrier.find(from, peer);
        let connection = self.carrier.get(id);
        let (state, epoch) = (connection.state, connection.epoch);
        self.measures.dropped += self.carrier.end(id);
        if state != State::Down {
            self.close(id, Some(from));
        }
        if state != State::Up {
            return;
        }
        // Another network carries the word itself, unless it is lost there.
        let told = orderly && self.outer_links() != Some(Links::Theirs);
        let delay = if told {
            self.carrier.one_way_delay(&self.nodes, from, peer)
        } else {
            self.scenario.sync.connection_timeout
        };
        self.queue.push(self.now + delay, Event::Lost(peer, from, epoch));
    }

    /// Somebody learns that a connection is gone.
    pub(super) fn lose(&mut self, node: NodeId, peer: NodeId, epoch: u32) -> Result<(), Stop> {
        let now = self.now;
        if !self.nodes[node.0 as usize].is_on_line(peer, epoch) {
            return Ok(());
        }
        self.with_node(node, |node, lab, out| node.disconnected(now, peer, lab, out))
    }

    /// Whatever word of the end of a connection is still under way, nobody waits
    /// for it any more.
    pub(super) fn forget_channel(&mut self, node: NodeId, peer: NodeId, epoch: u32) {
        let channel = self.channel(self.carrier.find(node, peer));
        self.want(|| Errand::Close { channel: Channel { epoch, ..channel }, by: None });
    }

    fn close(&mut self, id: ConnectionId, by: Option<NodeId>) {
        let channel = self.channel(id);
        self.want(|| Errand::Close { channel, by });
    }

    pub(super) fn give_up_if_silent(&mut self, id: ConnectionId, epoch: u32) -> Result<(), Stop> {
        let timeout = self.scenario.sync.connection_timeout;
        let obstructed = self.carrier.is_obstructed(id);
        let now = self.now;
        let connection = self.carrier.get(id);
        let silent = connection.obstructed_since != Time::NEVER
            && now - connection.obstructed_since >= timeout;
        if !(obstructed && silent && connection.epoch == epoch && connection.state == State::Up) {
            return Ok(());
        }
        let (dialer, listener) = (connection.dialer, connection.listener);
        self.measures.dropped += self.carrier.end(id);
        self.close(id, None);
        self.with_node(listener, |node, lab, out| node.disconnected(now, dialer, lab, out))?;
        self.with_node(dialer, |node, lab, out| node.disconnected(now, listener, lab, out))
    }

    /// New obstacles: connections behind them have only so much time.
    pub(super) fn watch_obstructed(&mut self) {
        let timeout = self.scenario.sync.connection_timeout;
        for index in 0..self.carrier.connections.len() {
            let id = ConnectionId(index as u32);
            let obstructed = self.carrier.is_obstructed(id);
            let connection = self.carrier.get(id);
            if obstructed && connection.obstructed_since == Time::NEVER {
                connection.obstructed_since = self.now;
                let epoch = connection.epoch;
                self.queue.push(self.now + timeout, Event::Silent(id, epoch));
            }
        }
    }

    pub(super) fn release_held(&mut self) {
        for index in 0..self.carrier.connections.len() {
            let id = ConnectionId(index as u32);
            if !self.carrier.is_obstructed(id) {
                self.carrier.get(id).obstructed_since = Time::NEVER;
            }
            for (at, frame) in self.carrier.release(&self.nodes, id, self.now) {
                self.schedule(at, frame);
            }
        }
    }

    pub(super) fn send(&mut self, from: NodeId, to: NodeId, body: Body, at: Time, depth: u32) {
        let id = self.carrier.find(from, to);
        let connection = self.carrier.get(id);
        if connection.state != State::Up {
            self.measures.dropped += 1;
            return;
        }
        let frame = Frame {
            connection: id,
            from,
            to,
            epoch: connection.epoch,
            depth,
            wire_bytes: 0,
            sent_at: at,
            body,
        };
        let size = frame.body.size_bytes();
        if self.outer_links() == Some(Links::Theirs) {
            let wire_bytes = self.hand_over(frame);
            self.note_sent(from, wire_bytes, size, depth);
            return;
        }
        let sent = self.carrier.send(&self.nodes, frame, self.is_reliable());
        self.note_sent(from, sent.wire_bytes, size, depth);
        self.measures.dropped += u64::from(sent.dropped);
        self.measures.duplicated += u64::from(sent.arrivals[1].is_some());
        for (at, frame) in sent.arrivals.into_iter().flatten() {
            self.schedule(at, frame);
        }
    }

    fn note_sent(&mut self, from: NodeId, wire_bytes: u64, size: u64, depth: u32) {
        let tally = self.nodes[from.0 as usize].tally_mut();
        tally.wire_bytes_sent += wire_bytes;
        tally.wire_messages += 1;
        self.measures.sent(self.now, wire_bytes, size, depth);
    }

    fn schedule(&mut self, at: Time, frame: Frame) {
        if self.outside.is_some() {
            let parcel = self.parcel_of(frame);
            self.want(|| Errand::Carry { parcel, at, serialization: Span::ZERO });
            return;
        }
        let slot = match self.free_frames.pop() {
            Some(slot) => {
                self.frames[slot as usize] = Some(frame);
                slot
            }
            None => {
                self.frames.push(Some(frame));
                (self.frames.len() - 1) as u32
            }
        };
        self.queue.push(at, Event::Arrive(slot));
    }
}
