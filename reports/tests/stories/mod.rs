//! Histories with a bug in them, played on the reference CRDT with something
//! broken.

use std::collections::BTreeMap;

use deadzone_adapter_baselines::Reference;
use deadzone_core::document::{Document, Scalar};
use deadzone_core::edit::{Action, ContainerKind, Edit, Path, Position, Value};
use deadzone_core::engine::{
    Delivery, Edited, Engine, EngineError, EngineInfo, PeerId, Replica, Save, Seen, Setup, Update,
    Version,
};
use deadzone_core::replay::{self, Repro, Scrutiny, Story};
use deadzone_core::sandbox::Uncounted;
use deadzone_core::schedule::{
    Attention, FoundBefore, History, Joining, Origin, ReplicaNumber, SCHEMA, SavedPlan, Schedule,
    ScheduleAction, ScheduleStep,
};
use deadzone_reports::finding::Finding;

/// What is wrong with an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    /// Nothing.
    None,
    /// Of several updates at once it takes the first.
    Bulk,
    /// After a connection broke, it does not take in what the next one brings.
    Reconnect,
    /// It loads the whole save and forgets the increments.
    Increments,
    /// It panics when an update comes twice.
    Twice,
}

/// The reference CRDT with a bug.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Broken(pub(crate) Bug);

struct BrokenReplica {
    bug: Bug,
    inner: Box<dyn Replica>,
    connections: BTreeMap<PeerId, u32>,
    /// Messages of the present connection.
    received: BTreeMap<PeerId, u32>,
    taken: Vec<Update>,
}

impl BrokenReplica {
    fn boxed(bug: Bug, inner: Box<dyn Replica>) -> Box<dyn Replica> {
        Box::new(Self {
            bug,
            inner,
            connections: BTreeMap::new(),
            received: BTreeMap::new(),
            taken: Vec::new(),
        })
    }
}

impl Engine for Broken {
    fn info(&self) -> EngineInfo {
        Reference.info()
    }

    fn create(&self, setup: &Setup) -> Result<Box<dyn Replica>, EngineError> {
        Ok(BrokenReplica::boxed(self.0, Reference.create(setup)?))
    }

    fn load(&self, setup: &Setup, stored: &[Vec<u8>]) -> Result<Box<dyn Replica>, EngineError> {
        let kept = if self.0 == Bug::Increments { stored.len().min(1) } else { stored.len() };
        Ok(BrokenReplica::boxed(self.0, Reference.load(setup, &stored[..kept])?))
    }
}

impl Replica for BrokenReplica {
    fn edit(&mut self, edits: &[Edit]) -> Result<Edited, EngineError> {
        self.inner.edit(edits)
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
    fn read(&mut self) -> Document {
        self.inner.read()
    }
    fn connect(&mut self, peer: PeerId, saved: Option<&[u8]>) -> Result<(), EngineError> {
        *self.connections.entry(peer).or_default() += 1;
        self.received.insert(peer, 0);
        self.inner.connect(peer, saved)
    }
    fn poll(&mut self, peer: PeerId) -> Option<Vec<u8>> {
        self.inner.poll(peer)
    }
    fn receive(&mut self, peer: PeerId, message: &[u8]) -> Result<(), EngineError> {
        let received = self.received.entry(peer).or_default();
        *received += 1;
        let again = self.connections.get(&peer).is_some_and(|count| *count > 1);
        // The first message of a connection says what is held, not what is new.
        if self.bug == Bug::Reconnect && again && *received > 1 {
            return Ok(());
        }
        self.inner.receive(peer, message)
    }
    fn disconnect(&mut self, peer: PeerId) -> Option<Vec<u8>> {
        self.inner.disconnect(peer)
    }
    fn take_updates(&mut self) -> Vec<Update> {
        self.inner.take_updates()
    }
    fn apply(&mut self, update: &[u8]) -> Result<(), EngineError> {
        assert!(
            self.bug != Bug::Twice || !self.taken.iter().any(|known| known == update),
            "called `Option::unwrap()` on a `None` value"
        );
        self.taken.push(update.to_vec());
        self.inner.apply(update)
    }
    fn apply_all(&mut self, updates: &[Update]) -> Result<(), EngineError> {
        let taken = if self.bug == Bug::Bulk { 1 } else { updates.len() };
        updates[..taken].iter().try_for_each(|update| self.inner.apply(update))
    }
    fn newly_seen(&mut self, into: &mut Vec<Seen>) {
        self.inner.newly_seen(into);
    }
    fn pending(&self) -> usize {
        self.inner.pending()
    }
    fn merge(&mut self, saved: &[u8]) -> Result<(), EngineError> {
        self.inner.merge(saved)
    }
    fn save(&mut self, how: Save) -> Vec<u8> {
        self.inner.save(how)
    }
    fn version(&mut self) -> Result<Version, EngineError> {
        self.inner.version()
    }
    fn checkout(&mut self, version: &Version) -> Result<Document, EngineError> {
        self.inner.checkout(version)
    }
    fn fork(&mut self, setup: &Setup) -> Result<Box<dyn Replica>, EngineError> {
        Ok(Self::boxed(self.bug, self.inner.fork(setup)?))
    }
}

/// All that a finding borrows from.
pub(crate) struct Told {
    pub(crate) saved: SavedPlan,
    pub(crate) story: Story,
    pub(crate) repro: Option<Repro>,
    pub(crate) steps_before: usize,
}

impl Told {
    pub(crate) fn finding(&self) -> Finding<'_> {
        let History::Schedule(schedule) = &self.saved.history else { panic!("a schedule") };
        Finding {
            story: &self.story,
            saved: &self.saved,
            violation: self.story.ending.violation().expect("the engine is broken"),
            seed: Some(4711),
            steps_before: self.steps_before,
            steps_after: schedule.steps.len(),
            command: "deadzone replay findings/0001/shrunk.json",
            repro: self.repro.as_ref(),
        }
    }
}

pub(crate) const fn r(number: u8) -> ReplicaNumber {
    ReplicaNumber(number)
}

fn edit(root: &str, action: Action<Position>) -> Edit<Position> {
    Edit { at: Path::root(root), action }
}

pub(crate) fn types(index: u32, text: &str) -> Edit<Position> {
    edit("notes", Action::InsertText { index: Position::Exact(index), text: text.to_owned() })
}

pub(crate) fn deletes(index: u32, count: u32) -> Edit<Position> {
    edit("notes", Action::DeleteText { index: Position::Exact(index), count })
}

pub(crate) fn puts(key: &str, value: Scalar) -> Edit<Position> {
    edit("done", Action::Put { key: key.to_owned(), value: Value::Scalar(value) })
}

pub(crate) fn at(number: u8, edits: Vec<Edit<Position>>) -> ScheduleAction {
    ScheduleAction::Edit { at: r(number), edits }
}

pub(crate) fn deliver(updates: &[u32], to: u8) -> ScheduleAction {
    ScheduleAction::Deliver { updates: updates.to_vec(), to: r(to) }
}

/// Steps with the numbers that they are given.
pub(crate) fn schedule(
    delivery: Delivery,
    replicas: u8,
    attention: Attention,
    steps: Vec<(u32, ScheduleAction)>,
) -> Schedule {
    let roots = [
        ("notes".to_owned(), ContainerKind::Text),
        ("done".to_owned(), ContainerKind::Map),
        ("clicks".to_owned(), ContainerKind::Counter),
        ("outline".to_owned(), ContainerKind::Tree),
    ];
    let steps = steps.into_iter().map(|(number, what)| ScheduleStep { number, what }).collect();
    let (roots, origin) = (roots.into(), Origin::Hunt);
    Schedule { schema: SCHEMA, seed: 7, roots, delivery, replicas, attention, origin, steps }
}

/// What happens in a schedule on an engine with a bug.
pub(crate) fn story(schedule: &Schedule, bug: Bug) -> Story {
    let scrutiny = Scrutiny { story: true, ..Scrutiny::default() };
    let replayed = replay::run(schedule, &Broken(bug), &mut Uncounted, scrutiny);
    replayed.story.expect("it was asked for")
}

/// Plays a schedule on an engine with a bug.
pub(crate) fn play(schedule: Schedule, bug: Bug) -> Told {
    let story = story(&schedule, bug);
    let found = story.ending.violation().map(|violation| FoundBefore {
        oracle: violation.oracle,
        cause: format!("{}-{}", violation.oracle.name(), violation.about),
        said: violation.said.clone(),
    });
    let saved = SavedPlan {
        schema: SCHEMA,
        deadzone: "0.1.0".to_owned(),
        scenario: "offline-notes".to_owned(),
        engine: "reference".to_owned(),
        engine_version: "0.1.0".to_owned(),
        found,
        history: History::Schedule(schedule),
    };
    Told { saved, story, repro: None, steps_before: 312 }
}

/// Updates by themselves: out of order, twice, and two in one call, of which
/// one is lost.
pub(crate) fn broadcast() -> Told {
    let tree = edit(
        "outline",
        Action::CreateNode { label: "a".to_owned(), parent: None, index: Position::END },
    );
    let steps = vec![
        (1, at(0, vec![types(0, "甲乙丙")])),
        (2, deliver(&[1], 1)),
        (4, at(1, vec![types(1, "丁"), puts("k", Scalar::Int(3))])),
        (5, at(0, vec![deletes(1, 1)])),
        (6, deliver(&[5], 1)),
        (7, deliver(&[4], 0)),
        (9, deliver(&[5], 1)),
        (10, at(2, vec![edit("clicks", Action::Increment { by: 5 }), tree])),
        (11, deliver(&[1, 4], 2)),
        (12, deliver(&[5, 10], 2)),
    ];
    let mut told = play(schedule(Delivery::Broadcast, 3, Attention::Every, steps), Bug::Bulk);
    told.repro = Some(Repro {
        dependencies: "reference = \"=0.1.0\"".to_owned(),
        source: "#[test]\nfn diverges() {}\n".to_owned(),
        caveats: vec!["The ids of replicas are fixed; with others it may not fail.".to_owned()],
    });
    told
}

/// The engine's own protocol: a message is lost with its connection.
pub(crate) fn protocol() -> Told {
    let connect = |a, b| ScheduleAction::Connect { a: r(a), b: r(b) };
    let disconnect = |a, b| ScheduleAction::Disconnect { a: r(a), b: r(b) };
    let send = |from, to| ScheduleAction::Send { from: r(from), to: r(to) };
    let receive = |from, to| ScheduleAction::Receive { from: r(from), to: r(to) };
    let steps = vec![
        (1, connect(0, 1)),
        (2, at(0, vec![types(0, "山川")])),
        (3, send(0, 1)),
        (4, send(1, 0)),
        (5, receive(0, 1)),
        (6, receive(1, 0)),
        (7, send(0, 1)),
        (8, disconnect(0, 1)),
        (9, at(1, vec![types(0, "海")])),
        (10, ScheduleAction::Sync { a: r(1), b: r(2) }),
        (11, ScheduleAction::Sync { a: r(0), b: r(1) }),
        (12, at(2, vec![puts("k", Scalar::Text("空".to_owned()))])),
        (13, send(2, 1)),
    ];
    play(schedule(Delivery::Protocol, 3, Attention::Every, steps), Bug::Reconnect)
}

/// Saves, a newcomer, a restart; increments are forgotten.
pub(crate) fn snapshot() -> Told {
    let save = |at, whole| ScheduleAction::Save { at: r(at), whole };
    let steps = vec![
        (1, at(0, vec![types(0, "春夏")])),
        (2, save(0, true)),
        (3, ScheduleAction::Join { from: r(0), to: r(2), how: Joining::Load }),
        (4, at(2, vec![types(2, "秋")])),
        (5, ScheduleAction::Merge { from: r(2), to: r(1) }),
        (6, at(1, vec![puts("done", Scalar::Bool(true))])),
        (7, at(1, vec![puts("done", Scalar::Bool(true))])),
        (8, ScheduleAction::Checkout { at: r(1), back: 0 }),
        (9, at(0, vec![types(2, "冬")])),
        (10, save(0, false)),
        (11, ScheduleAction::Merge { from: r(1), to: r(0) }),
        (12, ScheduleAction::Restart { at: r(2) }),
        (13, save(0, false)),
        (14, ScheduleAction::Restart { at: r(0) }),
    ];
    play(schedule(Delivery::Snapshot, 2, Attention::Every, steps), Bug::Increments)
}

/// The engine panics in the last step.
pub(crate) fn panics() -> Told {
    let steps =
        vec![(1, at(0, vec![types(0, "甲")])), (2, deliver(&[1], 1)), (3, deliver(&[1], 1))];
    play(schedule(Delivery::Broadcast, 2, Attention::Every, steps), Bug::Twice)
}

/// Documents are read at the end only, and text and names are meant to do harm.
pub(crate) fn hostile() -> Told {
    let harm = "</script><script>alert(1)</script>&<b>\"'`|*\u{0}\u{1b}[31m\u{202e}]]>\u{ffff}\n😀";
    let steps = vec![
        (1, at(0, vec![types(0, harm), puts(harm, Scalar::Text(harm.to_owned()))])),
        (2, at(1, vec![types(0, "乙")])),
        (3, deliver(&[1, 2], 2)),
        (4, deliver(&[99], 0)),
    ];
    let mut told = play(schedule(Delivery::Broadcast, 3, Attention::End, steps), Bug::Bulk);
    told.saved.scenario = harm.to_owned();
    told.saved.engine_version = harm.to_owned();
    told
}

/// Six replicas and more than a hundred steps.
pub(crate) fn long() -> Told {
    let mut steps = Vec::new();
    let mut number = 0;
    let mut put = |what| {
        number += 1;
        steps.push((number, what));
        number
    };
    for round in 0..12_u32 {
        let mut made = Vec::new();
        for replica in 0..6_u8 {
            if (round + u32::from(replica)) % 3 == 0 {
                let letter = char::from_u32(0x4e00 + round * 6 + u32::from(replica)).expect("CJK");
                made.push(put(at(replica, vec![types(round, &letter.to_string())])));
            }
        }
        for replica in 0..6_u8 {
            if (round + u32::from(replica)) % 2 == 0 {
                put(deliver(&made, replica));
            }
        }
    }
    play(schedule(Delivery::Broadcast, 6, Attention::Every, steps), Bug::Bulk)
}
