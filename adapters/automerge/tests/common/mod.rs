//! Helpers that the test files share.

#![allow(dead_code, reason = "each test file uses some of them")]

use std::collections::BTreeMap;

use deadzone_adapter_automerge::Automerge;
use deadzone_core::document::{Document, Node, Run, Scalar};
use deadzone_core::edit::{Action, ContainerKind, Edit, Path, Roots, Step, Value};
use deadzone_core::engine::{
    Edited, Engine, EngineError, PeerId, Replica, ReplicaId, Role, Seen, Setup, Stamp,
};
use deadzone_core::rng::{Draws, Stream};

pub(crate) type Boxed = Box<dyn Replica>;

/// One root of each kind, by its name.
pub(crate) fn roots() -> Roots {
    ContainerKind::ALL.into_iter().map(|kind| (kind.name().to_owned(), kind)).collect()
}

pub(crate) fn setup(number: u8) -> Setup {
    let mut id = [0; 16];
    let mut draws = Stream::root(u64::from(number)).named("id").draws();
    id[..8].copy_from_slice(&draws.bits().to_le_bytes());
    id[8..].copy_from_slice(&draws.bits().to_le_bytes());
    Setup { id: ReplicaId(id), role: Role::Client, roots: roots() }
}

pub(crate) fn replica(number: u8) -> Boxed {
    Automerge.create(&setup(number)).unwrap()
}

pub(crate) fn load(number: u8, stored: &[Vec<u8>]) -> Result<Boxed, EngineError> {
    Automerge.load(&setup(number), stored)
}

/// `"list/0/key"`: a root and steps; numbers are elements.
pub(crate) fn path(text: &str) -> Path {
    let mut parts = text.split('/');
    let root = Path::root(parts.next().unwrap());
    parts.fold(root, |path, part| match part.parse() {
        Ok(index) => path.then(Step::Element(index)),
        Err(_) => path.then(Step::Key(part.to_owned())),
    })
}

pub(crate) fn at(text: &str, action: Action) -> Edit {
    Edit { at: path(text), action }
}

pub(crate) fn int(number: i64) -> Value {
    Value::Scalar(Scalar::Int(number))
}

pub(crate) fn text(index: u32, text: &str) -> Action {
    Action::InsertText { index, text: text.to_owned() }
}

pub(crate) fn put(key: &str, value: Value) -> Action {
    Action::Put { key: key.to_owned(), value }
}

pub(crate) fn insert(index: u32, values: &[Value]) -> Action {
    Action::Insert { index, values: values.to_vec() }
}

pub(crate) fn node(label: &str, parent: Option<&str>, index: u32) -> Action {
    Action::CreateNode { label: label.to_owned(), parent: parent.map(str::to_owned), index }
}

pub(crate) fn moved(label: &str, parent: Option<&str>, index: u32) -> Action {
    Action::MoveNode { label: label.to_owned(), parent: parent.map(str::to_owned), index }
}

pub(crate) fn ints(numbers: &[i64]) -> Node {
    Node::List(numbers.iter().map(|n| Node::Scalar(Scalar::Int(*n))).collect())
}

pub(crate) fn plain(text: &str) -> Node {
    if text.is_empty() {
        return Node::Text(Vec::new());
    }
    Node::Text(vec![Run { text: text.to_owned(), marks: BTreeMap::new() }])
}

/// What stands at a path, in the canonical document.
pub(crate) fn found(replica: &mut Boxed, at: &str) -> Node {
    let at = path(at);
    let mut node = replica.read().roots[at.root.as_str()].clone();
    for step in at.steps {
        node = match (node, step) {
            (Node::Map(mut map), Step::Key(key)) => map.remove(&key).unwrap(),
            (Node::List(mut list), Step::Element(index)) => list.remove(index as usize),
            (other, step) => panic!("{step:?} in {other:?}"),
        };
    }
    node
}

/// Does it, and it must be a change.
pub(crate) fn edit(replica: &mut Boxed, path: &str, action: Action) -> Stamp {
    let edit = at(path, action);
    match replica.edit(std::slice::from_ref(&edit)) {
        Ok(Edited::Applied(stamp)) => stamp,
        other => panic!("{edit:?}: {other:?}"),
    }
}

pub(crate) fn seen(replica: &mut Boxed) -> Vec<Seen> {
    let mut seen = Vec::new();
    replica.newly_seen(&mut seen);
    seen
}

/// The other side of a connection, as both name it.
pub(crate) const PEER: PeerId = PeerId(7);

pub(crate) fn connect(one: &mut Boxed, other: &mut Boxed) {
    one.connect(PEER, None).unwrap();
    other.connect(PEER, None).unwrap();
}

/// All that `replica` has to say; it must come to an end.
pub(crate) fn poll_all(replica: &mut Boxed) -> Vec<Vec<u8>> {
    let mut messages = Vec::new();
    while let Some(message) = replica.poll(PEER) {
        messages.push(message);
        assert!(messages.len() < 10, "polling does not end");
    }
    messages
}

/// Exchanges messages until both are silent; how many there were.
pub(crate) fn talk(one: &mut Boxed, other: &mut Boxed) -> usize {
    let mut count = 0;
    loop {
        let (there, back) = (poll_all(one), poll_all(other));
        if there.is_empty() && back.is_empty() {
            return count;
        }
        count += there.len() + back.len();
        assert!(count < 200, "they never fall silent");
        there.iter().for_each(|message| other.receive(PEER, message).unwrap());
        back.iter().for_each(|message| one.receive(PEER, message).unwrap());
    }
}

/// Connects, talks and disconnects.
pub(crate) fn sync(one: &mut Boxed, other: &mut Boxed) {
    connect(one, other);
    talk(one, other);
    one.disconnect(PEER);
    other.disconnect(PEER);
}

pub(crate) fn assert_same(replicas: &mut [Boxed]) -> Document {
    let first = replicas[0].read();
    for (number, replica) in replicas.iter_mut().enumerate().skip(1) {
        assert_eq!(replica.read(), first, "replica {number}");
    }
    first
}

/// An edit drawn at random that fits the document as it is, mostly: some are
/// out of bounds or change nothing.
pub(crate) fn random_edit(replica: &Boxed, draws: &mut Draws, serial: &mut u64) -> Edit {
    let kind = *draws.pick(&ContainerKind::ALL);
    let mut at = Path::root(kind.name());
    let mut kind = kind;
    while draws.below(2) == 0 {
        let Some((step, below)) = random_step(replica, &at, kind, draws) else { break };
        at = at.then(step);
        kind = below;
    }
    Edit { action: random_action(replica, &at, kind, draws, serial), at }
}

/// Containers stand under keys and in places that tell their kind.
fn random_step(
    replica: &Boxed,
    at: &Path,
    kind: ContainerKind,
    draws: &mut Draws,
) -> Option<(Step, ContainerKind)> {
    if kind != ContainerKind::Map {
        return None;
    }
    let below = *draws.pick(&ContainerKind::ALL);
    let key = below.name().to_owned();
    replica.children(at).contains(&key).then_some((Step::Key(key), below))
}

fn random_action(
    replica: &Boxed,
    at: &Path,
    kind: ContainerKind,
    draws: &mut Draws,
    serial: &mut u64,
) -> Action {
    *serial += 1;
    let length = replica.length(at).unwrap_or(0);
    let index = draws.below(u64::from(length) + 1) as u32;
    let count = draws.below(u64::from(length - index).min(3) + 1) as u32;
    match kind {
        ContainerKind::Text => {
            let index = replica.snap(at, index);
            let count = replica.snap(at, index + count) - index;
            match draws.below(4) {
                0 => Action::DeleteText { index, count },
                1 => Action::Mark {
                    index,
                    count,
                    name: (*draws.pick(&["bold", "link"])).to_owned(),
                    value: [Scalar::Null, Scalar::Bool(true), Scalar::Text("x".into())]
                        [draws.below(3) as usize]
                        .clone(),
                },
                _ => text(index, ["a", "bc", "😀", "d𝄞e"][draws.below(4) as usize]),
            }
        }
        ContainerKind::Map => match draws.below(6) {
            0 => Action::Delete { key: random_key(draws) },
            1..=3 => put(&random_key(draws), random_value(draws)),
            _ => {
                let kind = *draws.pick(&ContainerKind::ALL);
                put(kind.name(), Value::Container(kind))
            }
        },
        ContainerKind::List | ContainerKind::MovableList => match draws.below(8) {
            0 => Action::Remove { index, count },
            1 => Action::Set { index, value: random_value(draws) },
            2..=4 if kind == ContainerKind::MovableList && length > 0 => Action::Move {
                from: draws.below(u64::from(length)) as u32,
                to: draws.below(u64::from(length)) as u32,
            },
            _ => insert(index, &vec![random_value(draws); draws.below(3) as usize]),
        },
        ContainerKind::Counter => Action::Increment { by: draws.between(0, 6) as i64 - 3 },
        ContainerKind::Tree => {
            let labels = replica.children(at);
            let parent =
                (draws.below(3) > 0 && !labels.is_empty()).then(|| draws.pick(&labels).clone());
            match draws.below(5) {
                0 if !labels.is_empty() => {
                    Action::DeleteNode { label: draws.pick(&labels).clone() }
                }
                1..=2 if !labels.is_empty() => {
                    let label = draws.pick(&labels).clone();
                    Action::MoveNode { label, parent, index: draws.below(2) as u32 }
                }
                _ => Action::CreateNode { label: format!("n{serial}"), parent, index: 0 },
            }
        }
    }
}

fn random_key(draws: &mut Draws) -> String {
    (*draws.pick(&["a", "b", "c"])).to_owned()
}

fn random_value(draws: &mut Draws) -> Value {
    match draws.below(6) {
        0 => Value::Scalar(Scalar::Null),
        1 => Value::Scalar(Scalar::Bool(true)),
        2 => Value::Scalar(Scalar::Text("text".into())),
        3 => Value::Object(BTreeMap::from([
            ("y".to_owned(), Scalar::Int(1)),
            ("x".to_owned(), Scalar::Null),
        ])),
        4 => Value::Container(*draws.pick(&ContainerKind::ALL)),
        _ => int(draws.below(4) as i64),
    }
}

/// Does random edits until `count` were tried; the stamps of those applied.
pub(crate) fn random_edits(
    replica: &mut Boxed,
    draws: &mut Draws,
    serial: &mut u64,
    count: usize,
) -> Vec<Stamp> {
    let mut stamps = Vec::new();
    for _ in 0..count {
        let edits: Vec<Edit> =
            (0..=draws.below(2)).map(|_| random_edit(replica, draws, serial)).collect();
        match replica.edit(&edits) {
            Ok(Edited::Applied(stamp)) => stamps.push(stamp),
            Ok(Edited::Unchanged) | Err(EngineError::Misplaced(_)) => {}
            other => panic!("{edits:?}: {other:?}"),
        }
    }
    stamps
}
