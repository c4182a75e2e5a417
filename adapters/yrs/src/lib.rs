//! Yrs, the Rust port of Yjs, on a virtual device.
//!
//! # As applications have it
//!
//! - **Client ids** have 53 random bits, as `ClientID::random` makes them since
//!   yrs 0.26 (y-crdt pull request 612). Yjs 13 draws 32 bits, as the feature
//!   `small-client` would here; ids of that width take about three bytes less.
//! - **Options** are those of `Options::default()`: tombstones are
//!   garbage-collected, dangling formatting is not cleaned up after remote
//!   changes. Only the offset kind differs: UTF-16, as in Yjs and as everywhere
//!   in this project.
//! - **Protocol**: the sync messages of y-protocols (step 1, step 2, update) in
//!   the lib0 framing, one message per packet. Awareness is not part of a
//!   document and left out.
//! - **Encodings**: [`Yrs`] speaks update format V1, the one that y-protocols
//!   carries. [`Engine::published_encoding`] speaks V2 in every place, since
//!   crdt-benchmarks measures that; no provider sends V2 in these messages.
//!
//! # What is built, and its anomalies
//!
//! - **Movable list**: an array. yrs has no move any more (y-crdt pull request
//!   617 took `Array::move_to` out), so a move deletes the element and inserts a
//!   deep copy. Of two concurrent moves of one element both copies stay; edits made
//!   to the old copy at the same time are lost. `Set` deletes and inserts, too.
//!   A *nested* array does not tell which of the two kinds it was made as, so
//!   moves are accepted in every nested list.
//! - **Counter**: a map from client id to the sum of that client's increments.
//!   Nested counters and trees are maps that say so under [`RESERVED_KEY`].
//! - **Tree**: a map from label to `[parent, position]`, positions being
//!   fractional indices that end in the client id. A move replaces the entry, so
//!   of concurrent moves one wins, and a move brings a node back that was
//!   deleted at the same time, with all below it. A delete takes out one entry;
//!   what stood below it is hidden, also what others put there meanwhile.
//!   Cycles out of concurrent moves are cut on reading: the smallest label of
//!   the cycle stands at the top. Every edit reads the whole tree.
//!
//! # Bytes that repeat
//!
//! The same calls give the same bytes where std's hash maps have fixed keys, as
//! in the sandbox. Without that one thing differs from process to process: the
//! order of the keys inside a plain object with several keys, which yrs keeps in
//! a std map. Its size and its value do not.
//!
//! # Facts about yrs 0.28.1 that show through
//!
//! - An index inside a surrogate pair does not fail: the pair is split and each
//!   half becomes U+FFFD.
//! - A mark that changes nothing to be seen may still be a transaction: it clears
//!   away what the marks of deleted text left behind.
//! - `merge_updates` does not join items, as it does in no implementation of
//!   Yjs: 50 letters typed in a row make one message of some 600 bytes out of 50
//!   updates, while the document itself holds them in some 70.
//! - A transaction has no rollback. Transactions of several edits are therefore
//!   rehearsed on their lengths and keys before the document is touched.
//! - `apply_update` may fail halfway (`UpdateError::InvalidParent`, damaged
//!   bytes only): what came before the failure stays.
//! - Updates that arrive out of order are integrated behind a hole. The update
//!   that `encode_update` then gives for forwarding lacks them (the state vector
//!   ends at the hole), so this adapter forwards the bytes that it received; and
//!   V2 writes the length of such a hole where it does not read it.
//! - The undo manager takes every transaction without an origin for a local one,
//!   those that integrate updates included, unless it is told of some origin.
//!   Its clock is subtracted from unsigned and overflows where it goes back; here
//!   it stands still. What of one's own others have overwritten or deleted it
//!   passes over and takes back the transaction before, in the same undo; what
//!   two deleted and both undelete is there twice (`tests/undo.rs`).
//! - Three updates of two clients, each made upon the one before, that come in
//!   reverse wait for ever; only a sync or a later update frees them. This breaks
//!   what yrs promises, and broadcast in any order meets it (`tests/faults.rs`).
//! - Bytes that were damaged on the way can hang or corrupt the process: 26 bytes
//!   of V1 end in memory that was freed (`tests/damage.rs` has them).

#![forbid(unsafe_code)]

mod deep_copy;
mod editor;
mod encoding;
mod history;
mod increment;
mod look;
mod message;
mod read;
mod rehearsal;
mod replica;
mod repro;
mod seen;
mod session;
mod shim;
mod target;
mod tree;
mod undo;
mod values;
mod waiting;

use std::collections::BTreeMap;

use deadzone_core::edit::ContainerKind;
use deadzone_core::engine::{
    Authority, Delivery, Engine, EngineError, EngineInfo, Replica, Setup, Support,
};
use deadzone_core::replay::{Repro, Story};

use crate::encoding::Encoding;
use crate::replica::YrsReplica;
pub use crate::shim::VERSIONS;
pub use crate::target::RESERVED_KEY;

/// The engine. Speaks update format V1 and collects garbage, unless told
/// otherwise.
#[derive(Clone, Copy, Debug, Default)]
pub struct Yrs {
    encoding: Encoding,
    keeps_history: bool,
}

impl Yrs {
    /// With garbage collection off, so that [`Replica::version`] and
    /// [`Replica::checkout`] work. Deleted text then stays in every document.
    #[must_use]
    pub fn keeping_history(self) -> Self {
        Self { keeps_history: true, ..self }
    }
}

impl Engine for Yrs {
    fn info(&self) -> EngineInfo {
        EngineInfo {
            name: "yrs",
            version: shim::VERSION,
            summary: "Yrs, the Rust port of Yjs: text, maps and arrays after YATA",
            authority: Authority::Replicas,
            containers: containers(),
            marks: Support::Native,
            deliveries: vec![Delivery::Protocol, Delivery::Broadcast, Delivery::Snapshot],
            undo: true,
        }
    }

    fn create(&self, setup: &Setup) -> Result<Box<dyn Replica>, EngineError> {
        Ok(Box::new(YrsReplica::new(*self, setup)))
    }

    fn load(&self, setup: &Setup, stored: &[Vec<u8>]) -> Result<Box<dyn Replica>, EngineError> {
        Ok(Box::new(YrsReplica::load(*self, setup, stored)?))
    }

    fn published_encoding(&self) -> Option<Box<dyn Engine>> {
        match self.encoding {
            Encoding::V1 => Some(Box::new(Self { encoding: Encoding::V2, ..*self })),
            Encoding::V2 => None,
        }
    }

    fn repro(&self, story: &Story) -> Option<Repro> {
        repro::repro(*self, story)
    }
}

fn containers() -> BTreeMap<ContainerKind, Support> {
    BTreeMap::from([
        (ContainerKind::Text, Support::Native),
        (ContainerKind::Map, Support::Native),
        (ContainerKind::List, Support::Native),
        (
            ContainerKind::MovableList,
            Support::Built(
                "an array; a move deletes and inserts a deep copy, so concurrent moves of one element duplicate it",
            ),
        ),
        (ContainerKind::Counter, Support::Built("a map from client id to that client's sum")),
        (
            ContainerKind::Tree,
            Support::Built(
                "a map from label to parent and fractional position; cycles are cut on reading",
            ),
        ),
    ])
}
