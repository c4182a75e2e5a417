#![forbid(unsafe_code)]
//! [Loro](https://loro.dev) on a virtual device.
//!
//! What an application that uses Loro would do, and nothing cleverer: one
//! commit for each edit, updates exported against version vectors, snapshots
//! for storage, positions in UTF-16 code units.
//!
//! Where Loro leaves a choice, or its manner shows through:
//!
//! - **Positions.** Loro's shortest path for typing is the one for positions in
//!   code points; with UTF-16, which all engines get and which Loro's JavaScript
//!   package uses, it looks a position up several times.
//! - **Lists.** A plain Loro list cannot replace an element;
//!   [`deadzone_core::edit::Action::Set`] deletes it and inserts the new one. A
//!   movable list sets in place.
//! - **Writes that change nothing.** Loro itself makes no operation for a map
//!   key that is set to the value it has, a mark that is there already or a
//!   move to the same place. It does make one for deleting a key that is not
//!   there and for adding 0 to a counter; the adapter leaves those out. Setting
//!   an element of a movable list to the value that it has is an operation.
//!   So may be taking a mark away where there was one once.
//! - **Counters** are 64-bit floats in Loro: increments beyond 53 bits are
//!   refused, since they would not be exact.
//! - **Trees.** Siblings are ordered by fractional index without jitter, Loro's
//!   default. A node carries its label in its meta map under `label`.
//! - **Marks** all expand at their end, whatever their name.
//! - **Undo** knows the last 100 commits, Loro's default, and each by itself. A
//!   look at an earlier version empties it. It restores the values of before: an
//!   undone write of a key or a mark takes away what others have written there
//!   since, and what two deleted and both undelete is there twice
//!   (`tests/undo.rs`). Transactions of several edits are rehearsed on a copy
//!   while undo is tracked, as a rollback would empty it, too.
//! - **Time.** Commits carry the device's clock in seconds, and 0 where nobody
//!   set one; Loro never reads the system clock for it.

mod edit;
mod protocol;
mod read;
mod replica;
mod repro;
mod roots;
mod shim;
mod store;
mod tree;
mod waiting;

use deadzone_core::edit::ContainerKind;
use deadzone_core::engine::{
    Authority, Delivery, Engine, EngineError, EngineInfo, Replica, Setup, Support,
};
use deadzone_core::replay::{Repro, Story};

use crate::replica::LoroReplica;
pub use crate::shim::VERSIONS;

/// The Loro engine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Loro;

impl Engine for Loro {
    fn info(&self) -> EngineInfo {
        EngineInfo {
            name: "loro",
            version: loro::LORO_VERSION,
            summary: "Loro: replayable event graph, native movable lists and trees, rich text",
            authority: Authority::Replicas,
            containers: ContainerKind::ALL.map(|kind| (kind, Support::Native)).into(),
            marks: Support::Native,
            deliveries: vec![
                Delivery::Protocol,
                Delivery::Broadcast,
                Delivery::Snapshot,
                Delivery::Shallow,
            ],
            undo: true,
        }
    }

    fn create(&self, setup: &Setup) -> Result<Box<dyn Replica>, EngineError> {
        Ok(Box::new(LoroReplica::create(setup)?))
    }

    fn load(&self, setup: &Setup, stored: &[Vec<u8>]) -> Result<Box<dyn Replica>, EngineError> {
        Ok(Box::new(LoroReplica::load(setup, stored)?))
    }

    fn repro(&self, story: &Story) -> Option<Repro> {
        repro::repro(story)
    }
}
