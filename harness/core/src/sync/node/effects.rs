//! What comes of a job once the CPU is done with it.

use super::*;

impl Node {
    pub(super) fn release(
        &mut self,
        now: Time,
        effects: &mut Vec<Effect>,
        out: &mut Vec<Output>,
    ) -> Result<(), Stop> {
        // How long after the CPU the storage is done.
        let mut storage = Span::ZERO;
        for effect in effects.drain(..) {
            match effect {
                Effect::Edited { step, stamp, asked_at, held } => {
                    self.tally.edits += 1;
                    let latency = (now - asked_at) + storage;
                    out.push(Output::Made { step, stamp, asked_at, held, latency });
                    self.after_edit(now)?;
                }
                Effect::Skipped => self.tally.edits_skipped += 1,
                Effect::Saw(seen) => out.push(Output::Saw(seen)),
                Effect::Send { peer, epoch, body, depth } => {
                    if self.is_on_line(peer, epoch) {
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

    pub(super) fn after_edit(&mut self, now: Time) -> Result<(), Stop> {
        self.store_soon(now);
        if self.kind.authority == Authority::Server {
            return self.queue_polls(None);
        }
        self.spread_at = self.spread_at.min(now + self.kind.sync.debounce);
        Ok(())
    }

    /// News for the other sessions: a relay passes them on at once, a device
    /// of a mesh waits for more as after an edit of its own.
    pub(super) fn spread(&mut self, now: Time, except: Option<NodeId>) -> Result<(), Stop> {
        if self.kind.role == Role::Server {
            return self.queue_polls(except);
        }
        if self.sessions.len() > 1 {
            self.spread_at = self.spread_at.min(now + self.kind.sync.debounce);
        }
        Ok(())
    }

    pub(super) fn write(&mut self, now: Time, bytes: Vec<u8>, whole: bool) -> Span {
        let profile = &self.kind.device.storage;
        let mut took = Span::ZERO;
        if whole {
            took += self.storage.replace(profile, bytes);
        } else if !bytes.is_empty() {
            took += self.storage.append(profile, bytes);
        }
        if let Some(broadcast) = &mut self.broadcast {
            broadcast.known.stored();
            self.sessions.iter_mut().for_each(|session| session.outbox.stored());
        }
        if self.kind.sync.durability == Durability::Strict {
            took += self.storage.flush(profile);
        } else {
            self.flush_at = self.flush_at.min(now + WRITEBACK);
        }
        took
    }

    pub(super) fn send(
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
}
