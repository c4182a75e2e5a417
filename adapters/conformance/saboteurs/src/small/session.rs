//! The protocol: both sides say what they hold, then each sends what the other
//! lacks.

use deadzone_core::engine::{EngineError, PeerId};

use super::operation::{Clock, held};
use super::replica::{SmallReplica, Way};
use super::wire::{self, Message};
use crate::Flaw;

#[derive(Clone, Debug, Default)]
pub(super) struct Session {
    greeted: bool,
    /// What the peer holds, once it has said so.
    pub(super) peer: Option<Clock>,
    /// How much of the history was looked at for the peer.
    sent: usize,
    /// Something is to be confirmed.
    confirm: bool,
}

impl SmallReplica {
    pub(super) fn say(&mut self, peer: PeerId) -> Option<Vec<u8>> {
        let session = self.sessions.get_mut(&peer)?;
        if !session.greeted || std::mem::take(&mut session.confirm) {
            session.greeted = true;
            return Some(wire::write(&Message::Clock(self.clock.clone())));
        }
        let theirs = session.peer.as_mut()?;
        let news = self.history[session.sent..].iter();
        session.sent = self.history.len();
        let lacking: Vec<_> =
            news.filter(|news| news.number > held(theirs, news.author())).cloned().collect();
        theirs.extend(lacking.iter().map(|sent| (sent.author(), sent.number)));
        (!lacking.is_empty()).then(|| wire::write(&Message::Batch(lacking)))
    }

    pub(super) fn hear(&mut self, peer: PeerId, message: &[u8]) -> Result<(), EngineError> {
        let refused = || EngineError::Refused(format!("no connection to peer {}", peer.0));
        let session = self.sessions.get_mut(&peer).ok_or_else(refused)?;
        match wire::read(message)? {
            Message::Clock(mut clock) => {
                if self.flaw == Flaw::LosesWhatWasUnderWay
                    && let Some(remembered) = self.remembered.remove(&peer)
                {
                    // What was sent before is taken for received.
                    raise(&mut clock, remembered.into_iter());
                }
                // A confirmation is confirmed.
                session.confirm = self.flaw == Flaw::Chatters && session.peer.is_some();
                session.peer = Some(clock);
                session.sent = 0;
            }
            Message::Batch(commits) => {
                let sent = commits.iter().map(|sent| (sent.author(), sent.number));
                if let Some(theirs) = &mut session.peer {
                    raise(theirs, sent);
                }
                let new = self.integrate(commits, Way::Session);
                if self.flaw == Flaw::Chatters
                    && !new
                    && let Some(session) = self.sessions.get_mut(&peer)
                {
                    session.confirm = true;
                }
            }
        }
        Ok(())
    }
}

fn raise(clock: &mut Clock, counts: impl Iterator<Item = (u64, u64)>) {
    for (replica, count) in counts {
        let known = clock.entry(replica).or_default();
        *known = count.max(*known);
    }
}
