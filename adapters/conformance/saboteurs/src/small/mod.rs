//! A small CRDT with a switch for each fault.
//!
//! Without a fault it is sound, and passes the suite of all adapters. It keeps
//! every commit; the document is what they make, in the order in which they took
//! effect. A fault is an `if` right beside what would be right.

mod conflicts;
mod list;
mod map;
mod operation;
mod replica;
mod sequence;
mod session;
mod state;
mod storage;
mod text;
mod tree;
mod undo;
mod wire;

use deadzone_core::edit::ContainerKind;
use deadzone_core::engine::{
    Authority, Delivery, Engine, EngineError, EngineInfo, Replica, Setup, Support,
};

use self::replica::SmallReplica;
use crate::Flaw;

/// The small CRDT with one fault.
#[derive(Clone, Copy, Debug)]
pub struct Small {
    /// Its name on the command line.
    pub name: &'static str,
    /// What is wrong, in a sentence.
    pub summary: &'static str,
    /// The switch.
    pub flaw: Flaw,
}

impl Engine for Small {
    fn info(&self) -> EngineInfo {
        EngineInfo {
            name: self.name,
            version: env!("CARGO_PKG_VERSION"),
            summary: self.summary,
            authority: Authority::Replicas,
            containers: ContainerKind::ALL.map(|kind| (kind, Support::Native)).into(),
            marks: Support::Native,
            deliveries: vec![Delivery::Protocol, Delivery::Broadcast, Delivery::Snapshot],
            undo: false,
        }
    }

    fn create(&self, setup: &Setup) -> Result<Box<dyn Replica>, EngineError> {
        Ok(Box::new(SmallReplica::new(setup, self.flaw)))
    }

    fn load(&self, setup: &Setup, stored: &[Vec<u8>]) -> Result<Box<dyn Replica>, EngineError> {
        Ok(Box::new(SmallReplica::load(setup, self.flaw, stored)?))
    }
}
