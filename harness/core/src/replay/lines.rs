//! Connections of the engine's own protocol.

use super::stage::{Line, Stage, Stop};
use super::story::{Happened, MessageNumber};
use crate::check::Oracle;
use crate::engine::PeerId;
use crate::schedule::ReplicaNumber;

/// The most messages of one exchange in one direction: the protocols take a
/// handful for any number of edits.
pub(super) const MESSAGES_MAX: u32 = 400;

pub(super) fn peer_id(of: ReplicaNumber) -> PeerId {
    PeerId(u32::from(of.0))
}

impl Stage<'_> {
    fn connected(&self, a: ReplicaNumber, b: ReplicaNumber) -> bool {
        self.lines.contains_key(&(a, b))
    }

    pub(super) fn connect(&mut self, a: ReplicaNumber, b: ReplicaNumber) -> Result<(), Stop> {
        if a == b || self.connected(a, b) {
            self.skip("they are connected already");
            return Ok(());
        }
        self.met.insert((a.min(b), a.max(b)));
        self.attempt(|| Happened::Connected { a, b });
        for (owner, peer) in [(a, b), (b, a)] {
            let saved = self.sessions.remove(&(owner, peer));
            let connected =
                self.call_on(owner, |replica| replica.connect(peer_id(peer), saved.as_deref()))?;
            connected.map_err(|error| self.refusal(owner, "connect", error))?;
            self.lines.insert((owner, peer), Line::new());
        }
        self.tell(|| Happened::Connected { a, b });
        Ok(())
    }

    pub(super) fn disconnect(&mut self, a: ReplicaNumber, b: ReplicaNumber) -> Result<(), Stop> {
        if !self.connected(a, b) {
            self.skip("they are not connected");
            return Ok(());
        }
        let mut lost: Vec<MessageNumber> = Vec::new();
        for (owner, peer) in [(a, b), (b, a)] {
            let line = self.lines.remove(&(owner, peer)).unwrap_or_default();
            lost.extend(line.into_iter().map(|(number, _)| number));
            let saved = self.call_on(owner, |replica| replica.disconnect(peer_id(peer)))?;
            if let Some(saved) = saved {
                self.sessions.insert((owner, peer), saved);
            }
        }
        self.tell(|| Happened::Disconnected { a, b, lost });
        Ok(())
    }

    /// The process of `at` dies: its connections break, and what it kept of
    /// sessions is gone.
    pub(super) fn hang_up_all(&mut self, at: ReplicaNumber) -> Result<(), Stop> {
        for other in self.numbers() {
            if self.connected(at, other) {
                self.disconnect(at, other)?;
            }
        }
        self.sessions.retain(|(owner, _), _| *owner != at);
        Ok(())
    }

    /// Whether there was anything to send.
    pub(super) fn send(&mut self, from: ReplicaNumber, to: ReplicaNumber) -> Result<bool, Stop> {
        if !self.connected(from, to) {
            self.skip("they are not connected");
            return Ok(false);
        }
        let message = MessageNumber(self.messages);
        self.attempt(|| Happened::Sent { message, from, to, bytes: Vec::new() });
        let polled = self.call_on(from, |replica| replica.poll(peer_id(to)))?;
        self.drop_attempt();
        let Some(bytes) = polled else {
            return Ok(false);
        };
        self.messages += 1;
        self.tell(|| Happened::Sent { message, from, to, bytes: bytes.clone() });
        self.lines.get_mut(&(from, to)).expect("they are connected").push_back((message, bytes));
        Ok(true)
    }

    pub(super) fn receive(&mut self, from: ReplicaNumber, to: ReplicaNumber) -> Result<(), Stop> {
        let oldest = self.lines.get_mut(&(from, to)).and_then(Line::pop_front);
        let Some((message, bytes)) = oldest else {
            self.skip("nothing is under way");
            return Ok(());
        };
        self.look(to)?;
        self.take_in(message, &bytes, from, to)?;
        self.look(to).map(drop)
    }

    fn take_in(
        &mut self,
        message: MessageNumber,
        bytes: &[u8],
        from: ReplicaNumber,
        to: ReplicaNumber,
    ) -> Result<(), Stop> {
        self.attempt(|| Happened::Received { message, from, to });
        self.reach(from, to);
        self.hold_cursor(to)?;
        let received = self.call_on(to, |replica| replica.receive(peer_id(from), bytes))?;
        received.map_err(|error| self.refusal(to, "receive", error))?;
        self.tell(|| Happened::Received { message, from, to });
        self.note_arrivals(to)
    }

    /// Exchanges messages until both sides are silent.
    pub(super) fn sync(&mut self, a: ReplicaNumber, b: ReplicaNumber) -> Result<(), Stop> {
        if a == b {
            self.skip("a replica does not sync with itself");
            return Ok(());
        }
        self.look(a)?;
        self.look(b)?;
        if !self.connected(a, b) {
            self.connect(a, b)?;
        }
        let mut sent = 0;
        loop {
            let mut spoke = false;
            for (from, to) in [(a, b), (b, a)] {
                // Called until it says none: a protocol may have several things
                // to say at once.
                while sent <= MESSAGES_MAX && self.send(from, to)? {
                    sent += 1;
                }
                while let Some((message, bytes)) =
                    self.lines.get_mut(&(from, to)).and_then(Line::pop_front)
                {
                    spoke = true;
                    self.take_in(message, &bytes, from, to)?;
                }
            }
            if sent > MESSAGES_MAX {
                let said = format!(
                    "{a} and {b} still talk after {MESSAGES_MAX} messages on one connection"
                );
                return Err(self.violation(Oracle::Liveness, "chatter", said).at(a).at(b).into());
            }
            if !spoke {
                break;
            }
        }
        self.look(a)?;
        self.look(b).map(drop)
    }
}
