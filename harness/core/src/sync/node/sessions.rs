//! Lines to other nodes: dialing, losing, news to pass on.

use super::*;

impl Node {
    pub(super) fn session_index(&self, peer: NodeId) -> usize {
        self.sessions
            .binary_search_by_key(&peer, |session| session.peer)
            .expect("messages come from neighbours only")
    }

    pub(super) fn session(&self, peer: NodeId) -> &Session {
        &self.sessions[self.session_index(peer)]
    }

    pub(super) fn session_mut(&mut self, peer: NodeId) -> &mut Session {
        let index = self.session_index(peer);
        &mut self.sessions[index]
    }

    pub(super) fn broadcasts(&self) -> bool {
        self.kind.sync.delivery == Delivery::Broadcast
    }

    pub(super) fn resend_after(&self) -> Span {
        self.kind.sync.save_interval + RESEND_SLACK
    }

    pub(super) fn dial_all(&mut self, now: Time) {
        for session in &mut self.sessions {
            if session.dials && session.line == Line::Down {
                session.redial_at = now;
                session.failures = 0;
            }
        }
        self.note_redials();
    }

    /// To be called whenever a session's time to dial again has changed.
    pub(super) fn note_redials(&mut self) {
        // A relay has many sessions, and none of them dials.
        if self.kind.role == Role::Client {
            let times = self.sessions.iter().map(|session| session.redial_at);
            self.redial_at = times.min().unwrap_or(Time::NEVER);
        }
    }

    pub(super) fn redial(&mut self, now: Time, out: &mut Vec<Output>) {
        if self.kind.role == Role::Server || !self.is_reachable() {
            // Coming links dial again by themselves.
            self.sessions.iter_mut().for_each(|session| session.redial_at = Time::NEVER);
            self.redial_at = Time::NEVER;
            return;
        }
        for session in &mut self.sessions {
            if session.redial_at <= now {
                session.redial_at = Time::NEVER;
                session.line = Line::Dialing;
                out.push(Output::Dial { peer: session.peer });
            }
        }
        self.note_redials();
    }

    pub(super) fn drop_line(&mut self, now: Time, peer: NodeId) -> Result<(), Stop> {
        let (kind, stream) = (self.kind.clone(), self.stream);
        let session = self.session_mut(peer);
        let was_up = session.line == Line::Up;
        session.line = Line::Down;
        session.schedule_redial(now, &kind.sync, stream);
        self.note_redials();
        if was_up && !self.broadcasts() {
            self.queue(Job::Leave { peer })?;
        }
        Ok(())
    }

    pub(super) fn take_in(&mut self, inbound: Inbound) -> Result<(), Stop> {
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

    pub(super) fn queue_polls(&mut self, except: Option<NodeId>) -> Result<(), Stop> {
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

    pub(super) fn resend(&mut self, now: Time, out: &mut Vec<Output>) {
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
}
