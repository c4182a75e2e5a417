//! What Automerge is and can do.

use std::collections::BTreeMap;

use automerge::ReadDoc;
use deadzone_core::edit::ContainerKind;
use deadzone_core::engine::{
    Authority, Delivery, Engine, EngineError, EngineInfo, Replica, Setup, Support,
};
use deadzone_core::replay::{Repro, Story};

use crate::replica::Peer;
use crate::{genesis, repro, store};

/// The Automerge engine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Automerge;

impl Engine for Automerge {
    fn info(&self) -> EngineInfo {
        let support = |kind| match kind {
            ContainerKind::Text
            | ContainerKind::Map
            | ContainerKind::List
            | ContainerKind::Counter => Support::Native,
            ContainerKind::MovableList => Support::Built(
                "a list; a move deletes the element and inserts a copy of its value, \
                 so concurrent moves of one element duplicate it",
            ),
            ContainerKind::Tree => Support::Built(
                "a map from label to position and parent, last writer wins; readers break \
                 cycles, and a move revives what is deleted at the same time",
            ),
        };
        EngineInfo {
            name: "automerge",
            version: automerge::Automerge::new().stats().cargo_package_version,
            summary: "columnar op log with a hash graph of changes; JSON documents, rich text",
            authority: Authority::Replicas,
            containers: BTreeMap::from(ContainerKind::ALL.map(|kind| (kind, support(kind)))),
            marks: Support::Native,
            deliveries: vec![Delivery::Protocol, Delivery::Broadcast, Delivery::Snapshot],
            undo: false,
        }
    }

    fn create(&self, setup: &Setup) -> Result<Box<dyn Replica>, EngineError> {
        let genesis = genesis::begin(&setup.roots)?;
        Ok(Box::new(Peer::new(genesis, setup.id)))
    }

    fn load(&self, setup: &Setup, stored: &[Vec<u8>]) -> Result<Box<dyn Replica>, EngineError> {
        let (document, waiting) = store::load(stored)?;
        let (roots, genesis) = genesis::find(&document, &setup.roots)?;
        Ok(Box::new(Peer::loaded(document, waiting, roots, genesis, setup.id)))
    }

    fn repro(&self, story: &Story) -> Option<Repro> {
        repro::repro(story)
    }
}
