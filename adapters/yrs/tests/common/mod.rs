//! What the tests of this adapter share: replicas, deliveries, random edits.

#![allow(dead_code, reason = "no test uses all of it")]

use std::collections::BTreeMap;

use deadzone_adapter_yrs::Yrs;
use deadzone_core::document::{Document, Node, Scalar, TreeNode};
use deadzone_core::edit::{Action, ContainerKind, Edit, Path, Roots, Step, Value};
use deadzone_core::engine::{Edited, Engine, PeerId, Replica, ReplicaId, Role, Seen, Setup, Stamp};
use deadzone_core::rng::{Draws, Stream};

/// One root of each kind, named after it.
pub(crate) fn roots() -> Roots {
    ContainerKind::ALL.map(|kind| (kind.name().to_owned(), kind)).into()
}

pub(crate) fn setup(number: u64) -> Setup {
    let mut draws = Stream::root(1).named("replica").numbered(number).draws();
    let mut id = [0; 16];
    id[..8].copy_from_slice(&draws.bits().to_le_bytes());
    id[8..].copy_from_slice(&draws.bits().to_le_bytes());
    Setup { id: ReplicaId(id), role: Role::Client, roots: roots() }
}

pub(crate) fn replica(engine: &dyn Engine, number: u64) -> Box<dyn Replica> {
    engine.create(&setup(number)).expect("all roots are supported")
}

pub(crate) fn replicas<const N: usize>() -> [Box<dyn Replica>; N] {
    std::array::from_fn(|number| replica(&Yrs::default(), number as u64))
}

/// Both formats of updates.
pub(crate) fn engines() -> [Box<dyn Engine>; 2] {
    let published = Yrs::default().published_encoding().expect("there is V2");
    [Box::new(Yrs::default()), published]
}

pub(crate) fn at(root: &str, action: Action) -> Edit {
    Edit { at: Path::root(root), action }
}

pub(crate) fn insert_text(index: u32, text: &str) -> Edit {
    at("text", Action::InsertText { index, text: text.to_owned() })
}

pub(crate) fn delete_text(index: u32, count: u32) -> Edit {
    at("text", Action::DeleteText { index, count })
}

pub(crate) fn mark(index: u32, count: u32, name: &str, value: Scalar) -> Edit {
    at("text", Action::Mark { index, count, name: name.to_owned(), value })
}

pub(crate) fn put(key: &str, value: Value) -> Edit {
    at("map", Action::Put { key: key.to_owned(), value })
}

pub(crate) fn int(value: i64) -> Value {
    Value::Scalar(Scalar::Int(value))
}

/// Does an edit that changes something.
#[track_caller]
pub(crate) fn apply(replica: &mut dyn Replica, edits: &[Edit]) -> Stamp {
    match replica.edit(edits) {
        Ok(Edited::Applied(stamp)) => stamp,
        other => panic!("{edits:?}: {other:?}"),
    }
}

pub(crate) fn newly_seen(replica: &mut dyn Replica) -> Vec<Seen> {
    let mut seen = Vec::new();
    replica.newly_seen(&mut seen);
    seen
}

/// How many of the ranges name the stamp.
pub(crate) fn times(seen: &[Seen], stamp: Stamp) -> usize {
    seen.iter().filter(|seen| seen.holds(stamp)).count()
}

/// The name of replica `number` in the sessions of the others.
pub(crate) fn peer(number: usize) -> PeerId {
    PeerId(number as u32)
}

/// Connects two of `replicas`.
pub(crate) fn connect(replicas: &mut [Box<dyn Replica>], a: usize, b: usize) {
    replicas[a].connect(peer(b), None).expect("no saved state");
    replicas[b].connect(peer(a), None).expect("no saved state");
}

pub(crate) fn disconnect(replicas: &mut [Box<dyn Replica>], a: usize, b: usize) {
    assert_eq!(replicas[a].disconnect(peer(b)), None);
    assert_eq!(replicas[b].disconnect(peer(a)), None);
}

/// Delivers messages along `links` until all are silent; how many there were.
#[track_caller]
pub(crate) fn settle(replicas: &mut [Box<dyn Replica>], links: &[(usize, usize)]) -> usize {
    let mut messages = 0;
    loop {
        let before = messages;
        for &(a, b) in links {
            for (from, to) in [(a, b), (b, a)] {
                while let Some(message) = replicas[from].poll(peer(to)) {
                    messages += 1;
                    replicas[to].receive(peer(from), &message).expect("a message of this engine");
                    assert!(messages < 10_000, "they never fall silent");
                }
            }
        }
        if messages == before {
            return messages;
        }
    }
}

#[track_caller]
pub(crate) fn assert_converged(replicas: &mut [Box<dyn Replica>]) {
    let (first, others) = replicas.split_first_mut().expect("there are replicas");
    let document = first.read();
    for other in others {
        assert_eq!(other.read(), document);
        assert_eq!(other.pending(), 0);
    }
    assert_eq!(first.pending(), 0);
}

/// Random transactions that fit a document.
pub(crate) struct Author {
    draws: Draws,
    name: String,
    labels: u32,
}

impl Author {
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        let draws = Stream::root(seed).named("author").numbered(number).draws();
        Self { draws, name: format!("{seed}.{number}"), labels: 0 }
    }

    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        self.draws.below(bound.into()) as u32
    }

    /// An edit of some container of `document`.
    pub(crate) fn edit(&mut self, document: &Document) -> Edit {
        let mut containers = Vec::new();
        for (name, node) in &document.roots {
            collect(Path::root(name), node, &mut containers);
        }
        let (at, node) = self.draws.pick(&containers).clone();
        let action = match node {
            Node::Text(runs) => {
                let text: String = runs.iter().map(|run| run.text.as_str()).collect();
                self.text_action(&text)
            }
            Node::Map(entries) => self.map_action(&at, entries),
            Node::List(items) => self.list_action(&at, items.len() as u32),
            Node::Counter(_) => Action::Increment { by: i64::from(self.below(9)) - 4 },
            Node::Tree(nodes) => self.tree_action(nodes),
            Node::Scalar(_) => unreachable!("only containers were collected"),
        };
        Edit { at, action }
    }

    fn text_action(&mut self, text: &str) -> Action {
        let mut boundaries = vec![0];
        for character in text.chars() {
            let end = boundaries[boundaries.len() - 1] + character.len_utf16() as u32;
            boundaries.push(end);
        }
        let mut ends = [*self.draws.pick(&boundaries), *self.draws.pick(&boundaries)];
        ends.sort_unstable();
        let [index, end] = ends;
        match self.below(4) {
            0 => Action::DeleteText { index, count: (end - index).min(end) },
            1 => Action::Mark {
                index,
                count: end - index,
                name: (*self.draws.pick(&["bold", "size"])).to_owned(),
                value: self
                    .draws
                    .pick(&[Scalar::Null, Scalar::Bool(true), Scalar::Int(12)])
                    .clone(),
            },
            _ => {
                let length = self.below(5);
                let letters = ['a', 'b', 'é', '\u{4e2d}', '😀', '🏳'];
                let text = (0..length).map(|_| *self.draws.pick(&letters)).collect();
                Action::InsertText { index, text }
            }
        }
    }

    /// A list below the root `list` is a plain one, all others are movable.
    fn value(&mut self, at: &Path) -> Value {
        let scalars = [
            Scalar::Null,
            Scalar::Bool(true),
            Scalar::Int(1),
            Scalar::Int(-(1 << 40)),
            Scalar::Text("x".to_owned()),
        ];
        match self.below(8) {
            0 if at.steps.len() < 3 => {
                let list = if at.root == "list" {
                    ContainerKind::List
                } else {
                    ContainerKind::MovableList
                };
                let kinds = [
                    ContainerKind::Text,
                    ContainerKind::Map,
                    list,
                    ContainerKind::Counter,
                    ContainerKind::Tree,
                ];
                Value::Container(*self.draws.pick(&kinds))
            }
            1 => {
                let fields =
                    ["p", "q"].map(|key| (key.to_owned(), self.draws.pick(&scalars).clone()));
                Value::Object(BTreeMap::from(fields))
            }
            _ => Value::Scalar(self.draws.pick(&scalars).clone()),
        }
    }

    fn map_action(&mut self, at: &Path, entries: &BTreeMap<String, Node>) -> Action {
        let key = (*self.draws.pick(&["k", "l", "m"])).to_owned();
        // Fewer deletions of containers, or nothing ever grows in them.
        let is_container = entries.get(&key).is_some_and(|node| !matches!(node, Node::Scalar(_)));
        match self.below(if is_container { 30 } else { 4 }) {
            0 => Action::Delete { key },
            _ if is_container => Action::Put { key: "n".to_owned(), value: self.value(at) },
            _ => Action::Put { key, value: self.value(at) },
        }
    }

    fn list_action(&mut self, at: &Path, length: u32) -> Action {
        let insert = length == 0 || self.below(3) == 0;
        if insert {
            let count = self.below(4);
            let values = (0..count).map(|_| self.value(at)).collect();
            return Action::Insert { index: self.below(length + 1), values };
        }
        let index = self.below(length);
        match self.below(6) {
            0 => Action::Set { index, value: self.value(at) },
            1 => Action::Remove { index, count: self.below(length - index + 1).min(2) },
            _ if at.root == "list" => Action::Insert { index, values: vec![self.value(at)] },
            _ => Action::Move { from: index, to: self.below(length) },
        }
    }

    fn tree_action(&mut self, nodes: &[TreeNode]) -> Action {
        let mut parents = Vec::new();
        parents_of(nodes, None, &mut parents);
        let labels: Vec<String> = parents.iter().filter_map(|(label, _)| label.clone()).collect();
        let (parent, children) = self.draws.pick(&parents).clone();
        match self.below(5) {
            0 | 1 if !labels.is_empty() => {
                let label = self.draws.pick(&labels).clone();
                // Without the node itself there may be one fewer.
                let index = self.below(children.max(1));
                Action::MoveNode { label, parent, index }
            }
            2 if !labels.is_empty() => {
                Action::DeleteNode { label: self.draws.pick(&labels).clone() }
            }
            _ => {
                self.labels += 1;
                let label = format!("{} {}", self.name, self.labels);
                Action::CreateNode { label, parent, index: self.below(children + 1) }
            }
        }
    }
}

fn parents_of(nodes: &[TreeNode], parent: Option<&str>, into: &mut Vec<(Option<String>, u32)>) {
    into.push((parent.map(str::to_owned), nodes.len() as u32));
    for node in nodes {
        parents_of(&node.children, Some(&node.label), into);
    }
}

fn collect<'a>(at: Path, node: &'a Node, into: &mut Vec<(Path, &'a Node)>) {
    match node {
        // An object is read as a map; here it has these two keys.
        Node::Map(entries) if entries.contains_key("p") => return,
        Node::Scalar(_) => return,
        Node::Map(entries) => {
            for (key, node) in entries {
                collect(at.clone().then(Step::Key(key.clone())), node, into);
            }
        }
        Node::List(items) => {
            for (index, node) in (0..).zip(items) {
                collect(at.clone().then(Step::Element(index)), node, into);
            }
        }
        _ => {}
    }
    into.push((at, node));
}
