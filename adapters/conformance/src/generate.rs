//! Random edits that fit a document.
//!
//! What is generated includes what has found bugs in engines before: writes
//! that change nothing, writes over containers, containers that are overwritten
//! while others write in them, characters outside the basic plane.

use std::collections::BTreeMap;

use deadzone_core::document::{Document, Node, Scalar, TreeNode};
use deadzone_core::edit::{Action, ContainerKind, Edit, Path, Roots, Step, Value};
use deadzone_core::engine::{Engine, EngineInfo, Support};
use deadzone_core::rng::{Draws, Stream};
use deadzone_core::units::PartsPerMillion;

use crate::fleet::Fleet;

/// What edits may use.
#[derive(Clone, Debug)]
pub struct Shape {
    /// The kinds of container that may be put into others.
    pub kinds: Vec<ContainerKind>,
    /// Whether text may be marked.
    pub marks: bool,
    /// How deep containers may nest; 0 means only roots.
    pub nesting: usize,
    /// What text is made of.
    pub alphabet: Vec<&'static str>,
}

impl Shape {
    /// Everything that an engine can do, nested two deep.
    pub fn of(info: &EngineInfo) -> Self {
        Self {
            kinds: crate::fleet::supported(info),
            marks: info.marks != Support::Lacking,
            nesting: 2,
            alphabet: vec!["a", "b", "cd", "e f", "ß", "日本", "😀", "𝄞g", "\n", "hello "],
        }
    }
}

/// A source of random edits by one person.
///
/// In the documents that it makes, a movable list stands only under the key
/// `movable-list`, and every object has the key `plain`: a canonical document
/// does not tell these kinds apart otherwise.
#[derive(Clone, Debug)]
pub struct Generator {
    draws: Draws,
    shape: Shape,
    /// Makes the labels of tree nodes unique in a run.
    name: String,
    created: u32,
}

/// A container in a document.
struct Spot<'a> {
    path: Path,
    kind: ContainerKind,
    node: &'a Node,
}

const OBJECT_KEY: &str = "plain";

impl Generator {
    /// The edits of the person called `name`.
    pub fn new(stream: Stream, shape: Shape, name: impl Into<String>) -> Self {
        Self { draws: stream.draws(), shape, name: name.into(), created: 0 }
    }

    /// An edit that fits `document`; where it changes nothing, that is meant.
    ///
    /// # Panics
    /// If there is no root.
    pub fn edit(&mut self, document: &Document, roots: &Roots) -> Edit {
        let mut spots = Vec::new();
        for (name, kind) in roots {
            collect(&document.roots[name], *kind, Path::root(name), &mut spots);
        }
        self.edit_one_of(&spots)
    }

    /// One to three edits that fit `document` when done in order.
    ///
    /// # Panics
    /// If there is no root.
    pub fn transaction(&mut self, document: &Document, roots: &Roots) -> Vec<Edit> {
        let mut edits = vec![self.edit(document, roots)];
        // Edits under different roots do not get into each other's way.
        for (name, kind) in roots {
            let taken = edits.iter().any(|edit| edit.at.root == *name);
            if edits.len() < 3 && !taken && self.percent(8) {
                let mut spots = Vec::new();
                collect(&document.roots[name], *kind, Path::root(name), &mut spots);
                edits.push(self.edit_one_of(&spots));
            }
        }
        edits
    }

    fn percent(&mut self, percent: u32) -> bool {
        self.draws.chance(PartsPerMillion(percent * 10_000))
    }

    fn below(&mut self, bound: usize) -> usize {
        self.draws.below(bound as u64) as usize
    }

    fn edit_one_of(&mut self, spots: &[Spot<'_>]) -> Edit {
        let spot = &spots[self.below(spots.len())];
        let depth = spot.path.steps.len();
        let action = match spot.node {
            Node::Text(runs) => {
                let text: String = runs.iter().map(|run| run.text.as_str()).collect();
                self.in_text(&text)
            }
            Node::Map(entries) => self.in_map(entries, depth),
            Node::List(items) => {
                self.in_list(items, spot.kind == ContainerKind::MovableList, depth)
            }
            Node::Tree(nodes) => self.in_tree(nodes),
            Node::Counter(_) | Node::Scalar(_) => {
                Action::Increment { by: self.below(16) as i64 - 5 }
            }
        };
        Edit { at: spot.path.clone(), action }
    }

    fn in_text(&mut self, text: &str) -> Action {
        let mut bounds = vec![0];
        for character in text.chars() {
            bounds.push(bounds[bounds.len() - 1] + character.len_utf16() as u32);
        }
        let (one, other) = (self.below(bounds.len()), self.below(bounds.len()));
        let (start, end) = (one.min(other), one.max(other).min(one.min(other) + 6));
        let (index, count) = (bounds[start], bounds[end] - bounds[start]);
        let likely_delete = if bounds.len() > 40 { 60 } else { 25 };
        if self.percent(likely_delete) {
            Action::DeleteText { index, count }
        } else if self.shape.marks && self.percent(25) {
            let name = (*self.draws.pick(&["bold", "link"])).to_owned();
            let value = match self.below(3) {
                0 => Scalar::Null,
                1 => Scalar::Bool(true),
                _ => Scalar::Text("x".to_owned()),
            };
            Action::Mark { index, count, name, value }
        } else {
            let pieces = 1 + self.below(3);
            let text = (0..pieces).map(|_| *self.draws.pick(&self.shape.alphabet)).collect();
            Action::InsertText { index, text }
        }
    }

    fn scalar(&mut self) -> Scalar {
        match self.below(6) {
            0 => Scalar::Null,
            1 => Scalar::Bool(self.percent(50)),
            2 => Scalar::Text((*self.draws.pick(&["", "x", "line\nbreak", "😀"])).to_owned()),
            // Few different ones, so that the same value is often written again.
            3 | 4 => Scalar::Int(self.below(3) as i64),
            _ => Scalar::Int(self.below(1 << 52) as i64 - (1 << 51)),
        }
    }

    fn plain_value(&mut self) -> Value {
        if self.percent(15) {
            let mut fields = BTreeMap::from([(OBJECT_KEY.to_owned(), self.scalar())]);
            if self.percent(50) {
                fields.insert("more".to_owned(), self.scalar());
            }
            return Value::Object(fields);
        }
        Value::Scalar(self.scalar())
    }

    fn in_map(&mut self, entries: &BTreeMap<String, Node>, depth: usize) -> Action {
        let key = match self.below(2) {
            0 => (*self.draws.pick(&["a", "b", "c"])).to_owned(),
            _ => self.draws.pick(&ContainerKind::ALL).name().to_owned(),
        };
        if self.percent(20) {
            let present: Vec<_> = entries.keys().collect();
            let key = match present.is_empty() || self.percent(20) {
                true => key,
                false => (*self.draws.pick(&present)).clone(),
            };
            return Action::Delete { key };
        }
        if self.percent(10)
            && let Some((key, Node::Scalar(same))) = entries.iter().next()
        {
            return Action::Put { key: key.clone(), value: Value::Scalar(same.clone()) };
        }
        if depth < self.shape.nesting && self.percent(45) {
            let kind = *self.draws.pick(&self.shape.kinds);
            return Action::Put { key: kind.name().to_owned(), value: Value::Container(kind) };
        }
        Action::Put { key, value: self.plain_value() }
    }

    fn in_list(&mut self, items: &[Node], movable: bool, depth: usize) -> Action {
        let length = items.len();
        let likely_remove = if length > 12 { 50 } else { 20 };
        if length > 0 && self.percent(likely_remove) {
            let index = self.below(length);
            let count = self.below(3.min(length - index) + 1) as u32;
            return Action::Remove { index: index as u32, count };
        }
        if length > 0 && movable && self.percent(40) {
            let (from, to) = (self.below(length) as u32, self.below(length) as u32);
            return Action::Move { from, to };
        }
        let value = if depth < self.shape.nesting && self.percent(25) {
            // See the type's page on movable lists.
            let kinds = self.shape.kinds.iter().copied();
            let kinds: Vec<_> = kinds.filter(|kind| *kind != ContainerKind::MovableList).collect();
            Value::Container(*self.draws.pick(&kinds))
        } else {
            self.plain_value()
        };
        if length > 0 && self.percent(25) {
            return Action::Set { index: self.below(length) as u32, value };
        }
        let mut values = vec![value];
        while self.percent(30) {
            values.push(self.plain_value());
        }
        Action::Insert { index: self.below(length + 1) as u32, values }
    }

    fn in_tree(&mut self, top: &[TreeNode]) -> Action {
        let mut all = Vec::new();
        flatten(top, &mut all);
        let parent = match all.is_empty() || self.percent(35) {
            true => None,
            false => Some(*self.draws.pick(&all)),
        };
        let siblings = parent.map_or(top, |node| &node.children);
        let parent = parent.map(|node| node.label.clone());
        if all.is_empty() || self.percent(45) {
            self.created += 1;
            let label = format!("{}{}", self.name, self.created);
            return Action::CreateNode { label, parent, index: self.index_among(siblings.len()) };
        }
        let label = self.draws.pick(&all).label.clone();
        if self.percent(20) {
            return Action::DeleteNode { label };
        }
        let others = siblings.iter().filter(|node| node.label != label).count();
        Action::MoveNode { label, parent, index: self.index_among(others) }
    }

    fn index_among(&mut self, length: usize) -> u32 {
        self.below(length + 1) as u32
    }
}

/// A person at each of `count` replicas of an engine.
pub fn people(engine: &dyn Engine, stream: Stream, count: usize) -> Vec<Generator> {
    let shape = Shape::of(&engine.info());
    let person = |number: usize| {
        let name = char::from(b'a' + number as u8).to_string();
        Generator::new(stream.numbered(number as u64), shape.clone(), name)
    };
    (0..count).map(person).collect()
}

/// One random transaction by the person at `at`.
///
/// # Panics
/// If the engine refuses it.
pub fn write(fleet: &mut Fleet<'_>, people: &mut [Generator], at: usize) {
    let document = fleet.read(at);
    let edits = people[at].transaction(&document, &fleet.roots);
    fleet.edit(at, &edits);
}

fn flatten<'a>(nodes: &'a [TreeNode], into: &mut Vec<&'a TreeNode>) {
    for node in nodes {
        into.push(node);
        flatten(&node.children, into);
    }
}

fn collect<'a>(node: &'a Node, kind: ContainerKind, path: Path, into: &mut Vec<Spot<'a>>) {
    match node {
        Node::Map(entries) => {
            for (key, child) in entries {
                if let Some(kind) = kind_of(child, Some(key)) {
                    collect(child, kind, path.clone().then(Step::Key(key.clone())), into);
                }
            }
        }
        Node::List(items) => {
            for (index, child) in items.iter().enumerate() {
                if let Some(kind) = kind_of(child, None) {
                    collect(child, kind, path.clone().then(Step::Element(index as u32)), into);
                }
            }
        }
        Node::Scalar(_) | Node::Text(_) | Node::Counter(_) | Node::Tree(_) => {}
    }
    into.push(Spot { path, kind, node });
}

/// What kind of container a value is that this generator has made.
fn kind_of(node: &Node, key: Option<&str>) -> Option<ContainerKind> {
    match node {
        Node::Scalar(_) => None,
        Node::Map(entries) if entries.contains_key(OBJECT_KEY) => None,
        Node::Map(_) => Some(ContainerKind::Map),
        Node::Text(_) => Some(ContainerKind::Text),
        Node::List(_) if key == Some(ContainerKind::MovableList.name()) => {
            Some(ContainerKind::MovableList)
        }
        Node::List(_) => Some(ContainerKind::List),
        Node::Counter(_) => Some(ContainerKind::Counter),
        Node::Tree(_) => Some(ContainerKind::Tree),
    }
}
