//! What the tests of this adapter share.
#![allow(dead_code, reason = "no test uses everything")]

use deadzone_adapter_loro::Loro;
use deadzone_core::document::{Document, Node, Scalar};
use deadzone_core::edit::{Action, ContainerKind, Edit, Path, Roots, Step, Value};
use deadzone_core::engine::{Edited, Engine, PeerId, Replica, ReplicaId, Role, Seen, Setup, Stamp};
use deadzone_core::rng::{Draws, Stream};

/// One root of each kind.
pub(crate) fn roots() -> Roots {
    ContainerKind::ALL.map(|kind| (kind.name().to_owned(), kind)).into()
}

pub(crate) fn setup(number: u64) -> Setup {
    let mut draws = Stream::root(0).named("ids").numbered(number).draws();
    let mut id = [0; 16];
    id[..8].copy_from_slice(&draws.bits().to_le_bytes());
    id[8..].copy_from_slice(&draws.bits().to_le_bytes());
    Setup { id: ReplicaId(id), role: Role::Client, roots: roots() }
}

pub(crate) fn replica(number: u64) -> Box<dyn Replica> {
    Loro.create(&setup(number)).expect("every kind of root is supported")
}

pub(crate) fn at(kind: ContainerKind) -> Path {
    Path::root(kind.name())
}

pub(crate) fn key(path: Path, key: &str) -> Path {
    path.then(Step::Key(key.to_owned()))
}

pub(crate) fn element(path: Path, index: u32) -> Path {
    path.then(Step::Element(index))
}

pub(crate) fn edit(at: Path, action: Action) -> Edit {
    Edit { at, action }
}

pub(crate) fn do_it(replica: &mut dyn Replica, at: Path, action: Action) -> Stamp {
    let edits = [edit(at, action)];
    match replica.edit(&edits) {
        Ok(Edited::Applied(stamp)) => stamp,
        other => panic!("{edits:?}: {other:?}"),
    }
}

pub(crate) fn node(replica: &mut dyn Replica, kind: ContainerKind) -> Node {
    replica.read().roots.remove(kind.name()).expect("declared roots are always there")
}

pub(crate) fn insert_text(index: u32, text: &str) -> Action {
    Action::InsertText { index, text: text.to_owned() }
}

pub(crate) fn put(key: &str, value: Value) -> Action {
    Action::Put { key: key.to_owned(), value }
}

pub(crate) fn int(number: i64) -> Value {
    Value::Scalar(Scalar::Int(number))
}

pub(crate) fn ints(numbers: &[i64]) -> Vec<Value> {
    numbers.iter().copied().map(int).collect()
}

pub(crate) fn newly_seen(replica: &mut dyn Replica) -> Vec<Seen> {
    let mut seen = Vec::new();
    replica.newly_seen(&mut seen);
    seen
}

/// How often each of `stamps` lies in `seen`.
pub(crate) fn times_seen(stamps: &[Stamp], seen: &[Seen]) -> Vec<usize> {
    stamps.iter().map(|stamp| seen.iter().filter(|seen| seen.holds(*stamp)).count()).collect()
}

/// Replicas that are connected to each other in pairs.
pub(crate) struct Group {
    pub(crate) replicas: Vec<Box<dyn Replica>>,
    pub(crate) messages: usize,
}

impl Group {
    pub(crate) fn new(size: u64) -> Self {
        Self { replicas: (0..size).map(replica).collect(), messages: 0 }
    }

    pub(crate) fn connect(&mut self, a: usize, b: usize) {
        for (me, peer) in [(a, b), (b, a)] {
            self.replicas[me].connect(PeerId(peer as u32), None).expect("nothing was kept");
        }
    }

    pub(crate) fn disconnect(&mut self, a: usize, b: usize) {
        for (me, peer) in [(a, b), (b, a)] {
            assert_eq!(self.replicas[me].disconnect(PeerId(peer as u32)), None);
        }
    }

    /// Delivers everything, one message at a time, until nobody has any more.
    pub(crate) fn settle(&mut self, pairs: &[(usize, usize)]) {
        for _ in 0..1000 {
            let mut quiet = true;
            for &(a, b) in pairs {
                for (from, to) in [(a, b), (b, a)] {
                    while let Some(message) = self.replicas[from].poll(PeerId(to as u32)) {
                        quiet = false;
                        self.messages += 1;
                        self.replicas[to]
                            .receive(PeerId(from as u32), &message)
                            .expect("an undamaged message");
                    }
                }
            }
            if quiet {
                return;
            }
        }
        panic!("the protocol does not fall silent");
    }

    pub(crate) fn assert_equal(&mut self) -> Document {
        let documents: Vec<_> = self.replicas.iter_mut().map(|it| it.read()).collect();
        for other in &documents[1..] {
            assert_eq!(&documents[0], other);
        }
        documents[0].clone()
    }
}

/// Paths of all containers of a document, with what reading shows of them.
pub(crate) fn containers(document: &Document) -> Vec<(Path, Node)> {
    let mut found = Vec::new();
    for (name, node) in &document.roots {
        collect(Path::root(name), node, &mut found);
    }
    found
}

fn collect(path: Path, node: &Node, found: &mut Vec<(Path, Node)>) {
    match node {
        Node::Scalar(_) => return,
        Node::Map(entries) => {
            for (name, child) in entries {
                collect(key(path.clone(), name), child, found);
            }
        }
        Node::List(items) => {
            for (index, child) in (0..).zip(items) {
                collect(element(path.clone(), index), child, found);
            }
        }
        _ => {}
    }
    found.push((path, node.clone()));
}

/// An action for what reading shows at a path; on a list it may be one that
/// only a movable list has.
pub(crate) fn random_action(
    draws: &mut Draws,
    replica: &dyn Replica,
    path: &Path,
    node: &Node,
) -> Action {
    let length = u64::from(replica.length(path).unwrap_or(0));
    let pick = |draws: &mut Draws, choices: u64| draws.below(choices.max(1)) as u32;
    match node {
        Node::Text(_) => {
            let index = replica.snap(path, pick(draws, length + 1));
            let end = replica.snap(path, (index + pick(draws, 6)).min(length as u32)).max(index);
            match draws.below(6) {
                0..=2 => {
                    let texts = ["a", "bc", "\u{1f600}", "d\u{1f602}e", "\n", "fgh"];
                    insert_text(index, texts[draws.below(6) as usize])
                }
                3 => Action::DeleteText { index, count: end - index },
                _ => Action::Mark {
                    index,
                    count: end - index,
                    name: ["bold", "link"][draws.below(2) as usize].to_owned(),
                    value: [Scalar::Null, Scalar::Bool(true), Scalar::Int(2)]
                        [draws.below(3) as usize]
                        .clone(),
                },
            }
        }
        Node::Map(_) => {
            let name = format!("k{}", draws.below(4));
            match draws.below(4) {
                0 => Action::Delete { key: name },
                _ => Action::Put { key: name, value: random_value(draws) },
            }
        }
        Node::List(_) => match draws.below(6) {
            0 | 1 => {
                let values = (0..draws.between(1, 3)).map(|_| random_value(draws)).collect();
                Action::Insert { index: pick(draws, length + 1), values }
            }
            2 => Action::Set { index: pick(draws, length), value: random_value(draws) },
            3 => Action::Remove { index: pick(draws, length), count: pick(draws, 3) },
            _ => Action::Move { from: pick(draws, length), to: pick(draws, length) },
        },
        Node::Counter(_) => Action::Increment { by: draws.below(9) as i64 - 4 },
        Node::Tree(_) => {
            let labels = replica.children(path);
            let any = |draws: &mut Draws| labels[draws.below(labels.len() as u64) as usize].clone();
            let parent = (!labels.is_empty() && draws.below(2) == 0).then(|| any(draws));
            let index = pick(draws, 3);
            match draws.below(4) {
                _ if labels.is_empty() => {
                    Action::CreateNode { label: format!("n{:x}", draws.bits()), parent, index: 0 }
                }
                0 | 1 => {
                    Action::CreateNode { label: format!("n{:x}", draws.bits()), parent, index }
                }
                2 => Action::MoveNode { label: any(draws), parent, index },
                _ => Action::DeleteNode { label: any(draws) },
            }
        }
        Node::Scalar(_) => unreachable!("scalars are no containers"),
    }
}

fn random_value(draws: &mut Draws) -> Value {
    match draws.below(4) {
        0 => Value::Container(ContainerKind::ALL[draws.below(6) as usize]),
        1 => Value::Object([("o".to_owned(), Scalar::Int(draws.below(3) as i64))].into()),
        2 => Value::Scalar(Scalar::Text(format!("t{}", draws.below(3)))),
        _ => int(draws.below(3) as i64),
    }
}

/// One random transaction. What does not fit must leave no trace.
pub(crate) fn random_edit(draws: &mut Draws, replica: &mut dyn Replica) -> Option<Stamp> {
    let before = replica.read();
    let choices = containers(&before);
    let edits: Vec<_> = (0..draws.between(1, 2))
        .map(|_| {
            let (path, node) = draws.pick(&choices);
            edit(path.clone(), random_action(draws, replica, path, node))
        })
        .collect();
    let version = replica.version().expect("versions are supported");
    match replica.edit(&edits) {
        Ok(Edited::Applied(stamp)) => Some(stamp),
        Ok(Edited::Unchanged) | Err(deadzone_core::engine::EngineError::Misplaced(_)) => {
            assert_eq!(replica.read(), before, "{edits:?}");
            assert_eq!(replica.version(), Ok(version), "{edits:?}");
            None
        }
        other => panic!("{edits:?}: {other:?}"),
    }
}
