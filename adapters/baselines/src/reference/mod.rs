//! `reference`: a small CRDT that is plainly correct.
//!
//! It is the oracle of differential tests and the template for a new adapter:
//! everything that [`Engine`] and [`Replica`] can ask is answered here, for all
//! kinds of container, natively and nested, in a few hundred lines.
//!
//! A document is the set of transactions that were received. Each is made of
//! operations with unique ids (Lamport timestamp, replica) and takes effect
//! once everything that its author had seen has; until then it waits. What
//! operations do is in `state`, how sequences are ordered in `sequence`, how
//! trees stay trees in `tree`.
//!
//! The protocol: at the start of a connection both say how many transactions
//! of each replica they hold; from then on each sends what the other lacks.
//!
//! Simplified: nothing is ever thrown away, neither history nor tombstones;
//! indices are found by walking; memory per character is some hundred bytes. A
//! replica that lost transactions which others hold must come back under a new
//! id, or it would number new ones like the lost.

mod local;
mod operation;
mod replica;
mod sequence;
mod state;
#[cfg(test)]
mod tests;
mod tree;
mod wire;

use deadzone_core::edit::ContainerKind;
use deadzone_core::engine::{
    Authority, Delivery, Engine, EngineError, EngineInfo, Replica, Setup, Support,
};

use self::replica::ReferenceReplica;

/// The reference CRDT.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reference;

impl Engine for Reference {
    fn info(&self) -> EngineInfo {
        EngineInfo {
            name: "reference",
            version: env!("CARGO_PKG_VERSION"),
            summary: "a small, plainly correct CRDT: the oracle of differential tests",
            authority: Authority::Replicas,
            containers: ContainerKind::ALL.map(|kind| (kind, Support::Native)).into(),
            marks: Support::Native,
            deliveries: vec![Delivery::Protocol, Delivery::Broadcast, Delivery::Snapshot],
            undo: false,
        }
    }

    fn create(&self, setup: &Setup) -> Result<Box<dyn Replica>, EngineError> {
        Ok(Box::new(ReferenceReplica::new(setup)))
    }

    fn load(&self, setup: &Setup, stored: &[Vec<u8>]) -> Result<Box<dyn Replica>, EngineError> {
        Ok(Box::new(ReferenceReplica::load(setup, stored)?))
    }
}
