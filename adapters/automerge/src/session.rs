//! Automerge's sync protocol with one peer.
//!
//! Its contract: messages arrive in order and none is lost while the connection
//! lasts; on a new connection the session starts again, from what `Session::close`
//! gave or from nothing. The state knows what was sent, so a lost message in a
//! session that goes on can leave two peers apart for ever.
//!
//! Three things that are not obvious:
//!
//! - The engine waits for an answer before it says anything more about a
//!   document that has not changed. After an edit or a receive it speaks at
//!   once, so an edit while a message is in flight is not held up.
//! - Where the peer names a common version that is unknown here (this replica
//!   lost its last changes in a crash), the engine answers with a *reset*, which
//!   asks for everything. It does not take note of having said so, and polled
//!   again it says the same again, for ever. One reset for each message
//!   received is enough.
//! - A common version that neither of the two has (damaged where it was stored)
//!   makes one side answer every message with a reset while the other repeats
//!   the version, and they never meet. So what is not in the document is left
//!   out when a session is taken up: a replica that lost it can no longer be
//!   said to share it.

use automerge::Automerge;
use automerge::sync::{Message, State, SyncDoc};
use deadzone_core::engine::EngineError;

use crate::chunk::{self, Chunk};
use crate::patches::Patches;
use crate::waiting::{Waiting, holds};

/// A connection to one peer.
#[derive(Debug, Default)]
pub(crate) struct Session {
    state: State,
    /// A reset was sent since the last message received.
    was_reset: bool,
}

impl Session {
    /// Starts, from what was kept of the last session if there is anything.
    pub(crate) fn open(document: &Automerge, saved: Option<&[u8]>) -> Result<Self, EngineError> {
        let Some(saved) = saved else { return Ok(Self::default()) };
        let mut state = State::decode(saved).map_err(refused)?;
        // Unsorted, they could not be encoded again.
        let whole = state.shared_heads.is_sorted() && state.encode().len() == saved.len();
        if !whole {
            return Err(EngineError::Refused("not what a session leaves behind".to_owned()));
        }
        state.shared_heads.retain(|hash| holds(document, hash));
        Ok(Self { state, was_reset: false })
    }

    /// What is worth keeping for the next session: the common version.
    pub(crate) fn close(self) -> Vec<u8> {
        self.state.encode()
    }

    /// The next message, if there is anything to say.
    pub(crate) fn poll(&mut self, document: &Automerge) -> Option<Vec<u8>> {
        let message = document.generate_sync_message(&mut self.state)?;
        // Every message but a reset is taken note of as being in flight.
        if !self.state.in_flight {
            if self.was_reset {
                return None;
            }
            self.was_reset = true;
        }
        Some(message.encode())
    }

    /// Takes a message in. Whether it brought changes.
    pub(crate) fn receive(
        &mut self,
        document: &mut Automerge,
        patches: &mut Patches,
        waiting: &mut Waiting,
        bytes: &[u8],
    ) -> Result<bool, EngineError> {
        let message = Message::decode(bytes).map_err(refused)?;
        if !is_sorted(&message) {
            return Err(EngineError::Refused("hashes of a message are out of order".to_owned()));
        }
        let (mut changes, mut many) = (0, false);
        for chunks in message.changes.iter() {
            chunk::check(chunks, |chunk| match chunk {
                Chunk::Change(..) => changes += 1,
                Chunk::Many => many = true,
            })?;
        }
        let before = changes_in(document);
        let state = &mut self.state;
        patches
            .follow(|log| document.receive_sync_message_log_patches(state, message, log))
            .map_err(refused)?;
        self.was_reset = false;
        if changes > 0 && (many || changes_in(document) - before < changes) {
            for chunks in Message::decode(bytes).map_err(refused)?.changes.iter() {
                waiting.add(document, chunks)?;
            }
        }
        Ok(changes > 0 || many)
    }
}

/// Whether the hashes in a message stand in order, as the engine sends them and
/// takes for granted later on.
fn is_sorted(message: &Message) -> bool {
    message.heads.is_sorted()
        && message.need.is_sorted()
        && message.have.iter().all(|have| have.last_sync.is_sorted())
}

/// How many changes the document holds, without those that wait.
pub(crate) fn changes_in(document: &Automerge) -> u64 {
    automerge::ReadDoc::stats(document).num_changes
}

fn refused(error: impl std::fmt::Display) -> EngineError {
    EngineError::Refused(error.to_string())
}
