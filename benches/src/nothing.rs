//! An engine that does nothing.

use std::collections::BTreeMap;

use deadzone_core::document::Document;
use deadzone_core::edit::{ContainerKind, Edit, Path};
use deadzone_core::engine::{
    Authority, Delivery, Edited, Engine, EngineError, EngineInfo, PeerId, Replica, Save, Seen,
    Setup, Stamp, Support, Update,
};

/// An engine that does nothing: it accepts every edit, keeps none, and what it
/// saves is empty. What a run on it costs is what the world around an engine
/// costs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nothing {
    /// How many bytes a replica sends to each peer after edits of its own; none
    /// for silence. Nobody passes them on.
    pub message_bytes: Option<usize>,
}

impl Engine for Nothing {
    fn info(&self) -> EngineInfo {
        EngineInfo {
            name: "nothing",
            version: "1",
            summary: "does nothing",
            authority: Authority::Replicas,
            containers: BTreeMap::from([(ContainerKind::Text, Support::Native)]),
            marks: Support::Native,
            deliveries: vec![Delivery::Protocol],
            undo: false,
        }
    }

    fn create(&self, setup: &Setup) -> Result<Box<dyn Replica>, EngineError> {
        Ok(Box::new(NothingReplica {
            message_bytes: self.message_bytes,
            lane: setup.id.as_u64(),
            made: 0,
            told: 0,
        }))
    }

    fn load(&self, setup: &Setup, _stored: &[Vec<u8>]) -> Result<Box<dyn Replica>, EngineError> {
        self.create(setup)
    }
}

#[derive(Debug)]
struct NothingReplica {
    message_bytes: Option<usize>,
    lane: u64,
    /// Edits so far, and how many there were when it last sent a message.
    made: u64,
    told: u64,
}

impl Replica for NothingReplica {
    fn edit(&mut self, _edits: &[Edit]) -> Result<Edited, EngineError> {
        self.made += 1;
        Ok(Edited::Applied(Stamp { lane: self.lane, position: self.made }))
    }

    fn length(&self, _at: &Path) -> Option<u32> {
        Some(0)
    }

    fn snap(&self, _at: &Path, index: u32) -> u32 {
        index
    }

    fn children(&self, _at: &Path) -> Vec<String> {
        Vec::new()
    }

    fn read(&mut self) -> Document {
        Document::default()
    }

    fn connect(&mut self, _peer: PeerId, _saved: Option<&[u8]>) -> Result<(), EngineError> {
        Ok(())
    }

    fn poll(&mut self, _peer: PeerId) -> Option<Vec<u8>> {
        let bytes = self.message_bytes?;
        let news = self.made > self.told;
        self.told = self.made;
        news.then(|| vec![0; bytes])
    }

    fn receive(&mut self, _peer: PeerId, _message: &[u8]) -> Result<(), EngineError> {
        Ok(())
    }

    fn disconnect(&mut self, _peer: PeerId) -> Option<Vec<u8>> {
        None
    }

    fn take_updates(&mut self) -> Vec<Update> {
        Vec::new()
    }

    fn apply(&mut self, _update: &[u8]) -> Result<(), EngineError> {
        Ok(())
    }

    fn newly_seen(&mut self, _into: &mut Vec<Seen>) {}

    fn pending(&self) -> usize {
        0
    }

    fn save(&mut self, _how: Save) -> Vec<u8> {
        Vec::new()
    }
}
