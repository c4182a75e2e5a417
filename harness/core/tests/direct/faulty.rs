//! Engines that do wrong: each is the reference CRDT with one fault.

use deadzone_adapter_baselines::Reference;
use deadzone_core::document::{Document, Node, Scalar};
use deadzone_core::edit::{Edit, Path};
use deadzone_core::engine::{
    Authority, Edited, Engine, EngineError, EngineInfo, PeerId, Replica, Save, Seen, Setup, Update,
};
use deadzone_core::record::Outcome;
use deadzone_core::scenario::Benchmark::{self, *};

use super::{LIST, run};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// Every seventh update is forgotten.
    LosesUpdates,
    /// What is saved is loaded as something else.
    LoadsGarbage,
    /// The tenth edit panics.
    Panics,
    /// The tenth edit is refused.
    Refuses,
    /// Lists are missing.
    LacksLists,
    /// Own saved bytes are refused.
    RefusesItsOwn,
    /// It needs a server.
    NeedsServer,
    /// Something always waits.
    KeepsWaiting,
}

struct Faulty(Fault);

struct FaultyReplica {
    fault: Fault,
    loaded: bool,
    calls: u32,
    inner: Box<dyn Replica>,
}

impl Faulty {
    fn wrap(&self, inner: Box<dyn Replica>, loaded: bool) -> Box<dyn Replica> {
        Box::new(FaultyReplica { fault: self.0, loaded, calls: 0, inner })
    }
}

impl Engine for Faulty {
    fn info(&self) -> EngineInfo {
        let mut info = Reference.info();
        if self.0 == Fault::NeedsServer {
            info.authority = Authority::Server;
        }
        info
    }

    fn create(&self, setup: &Setup) -> Result<Box<dyn Replica>, EngineError> {
        if self.0 == Fault::LacksLists && setup.roots.values().any(|kind| *kind == LIST) {
            return Err(EngineError::NotSupported("lists"));
        }
        Ok(self.wrap(Reference.create(setup)?, false))
    }

    fn load(&self, setup: &Setup, stored: &[Vec<u8>]) -> Result<Box<dyn Replica>, EngineError> {
        if self.0 == Fault::RefusesItsOwn {
            return Err(EngineError::Refused("a checksum".to_owned()));
        }
        Ok(self.wrap(Reference.load(setup, stored)?, true))
    }
}

impl Replica for FaultyReplica {
    fn edit(&mut self, edits: &[Edit]) -> Result<Edited, EngineError> {
        self.calls += 1;
        match self.fault {
            Fault::Panics if self.calls == 10 => panic!("index out of bounds"),
            Fault::Refuses if self.calls == 10 => Err(EngineError::Misplaced("nowhere".to_owned())),
            _ => self.inner.edit(edits),
        }
    }

    fn apply(&mut self, update: &[u8]) -> Result<(), EngineError> {
        self.calls += 1;
        if self.fault == Fault::LosesUpdates && self.calls.is_multiple_of(7) {
            return Ok(());
        }
        self.inner.apply(update)
    }

    fn read(&mut self) -> Document {
        let mut document = self.inner.read();
        if self.fault == Fault::LoadsGarbage && self.loaded {
            let garbage = Node::List(vec![Node::Scalar(Scalar::Int(1))]);
            document.roots.insert("array".to_owned(), garbage);
        }
        document
    }

    fn pending(&self) -> usize {
        self.inner.pending() + usize::from(self.fault == Fault::KeepsWaiting)
    }

    fn length(&self, at: &Path) -> Option<u32> {
        self.inner.length(at)
    }

    fn snap(&self, at: &Path, index: u32) -> u32 {
        self.inner.snap(at, index)
    }

    fn children(&self, at: &Path) -> Vec<String> {
        self.inner.children(at)
    }

    fn connect(&mut self, peer: PeerId, saved: Option<&[u8]>) -> Result<(), EngineError> {
        self.inner.connect(peer, saved)
    }

    fn poll(&mut self, peer: PeerId) -> Option<Vec<u8>> {
        self.inner.poll(peer)
    }

    fn receive(&mut self, peer: PeerId, message: &[u8]) -> Result<(), EngineError> {
        self.inner.receive(peer, message)
    }

    fn disconnect(&mut self, peer: PeerId) -> Option<Vec<u8>> {
        self.inner.disconnect(peer)
    }

    fn take_updates(&mut self) -> Vec<Update> {
        self.inner.take_updates()
    }

    fn newly_seen(&mut self, into: &mut Vec<Seen>) {
        self.inner.newly_seen(into);
    }

    fn save(&mut self, how: Save) -> Vec<u8> {
        self.inner.save(how)
    }
}

/// The outcome and what was said about it.
fn found(fault: Fault, benchmark: Benchmark) -> (Outcome, String) {
    let record = run(&Faulty(fault), benchmark, 50, None);
    let verdict = record.verdict;
    assert_eq!(verdict.converged, verdict.document.is_some());
    (verdict.outcome, verdict.violations.join("\n"))
}

#[test]
fn what_an_engine_does_wrong_is_found_and_said() {
    let cases = [
        (Fault::LosesUpdates, B1_1, Outcome::Violated),
        (Fault::LosesUpdates, B1_8, Outcome::Violated),
        (Fault::LosesUpdates, B3_4, Outcome::Violated),
        (Fault::LosesUpdates, Trace { file: None }, Outcome::Violated),
        (Fault::LoadsGarbage, B1_1, Outcome::Violated),
        (Fault::Panics, B1_1, Outcome::Panicked),
        (Fault::Refuses, B1_1, Outcome::Violated),
        (Fault::LacksLists, B1_1, Outcome::Unsupported),
        (Fault::RefusesItsOwn, B1_2, Outcome::Violated),
        (Fault::NeedsServer, B1_1, Outcome::Unsupported),
        (Fault::KeepsWaiting, B2_1, Outcome::Violated),
    ];
    let mut said = String::new();
    for (fault, benchmark, expected) in cases {
        let (outcome, words) = found(fault, benchmark.clone());
        assert_eq!(outcome, expected, "{fault:?} in {benchmark:?}: {words}");
        said.push_str(&format!("{fault:?} in {benchmark:?}:\n{words}\n"));
    }
    insta::assert_snapshot!(said);
}
