//! The document as the operations received so far make it.
//!
//! An operation names what it builds on by id, so its effect does not depend
//! on what came in between. An operation on something that is not there, which
//! only damaged bytes can hold, has no effect.

use std::collections::BTreeMap;

use deadzone_core::document::{Document, Node, Run, Scalar, normalized_runs};
use deadzone_core::edit::{ContainerKind, Path, Roots, Step, Value};

use super::operation::{Change, OpId, Operation, Place, Side, Transaction};
use super::sequence::Sequence;
use super::tree::Tree;

/// Every container that ever was, by the id of what created it. One that was
/// overwritten or removed stays, out of sight, for those who still write to it.
#[derive(Clone, Debug)]
pub(super) struct State {
    /// The roots' names; the number of a root is its place here.
    roots: Vec<String>,
    containers: BTreeMap<OpId, Container>,
}

#[derive(Clone, Debug)]
pub(super) enum Container {
    Text(Text),
    Map(BTreeMap<String, Register<Option<Value>>>),
    List(List),
    Counter(i64),
    Tree(Tree),
}

/// Characters, and all marks ever set, by id.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) characters: Sequence<char>,
    marks: BTreeMap<OpId, Mark>,
}

#[derive(Clone, Debug)]
struct Mark {
    from: OpId,
    until: Option<OpId>,
    name: String,
    value: Scalar,
}

/// A list whose elements can be moved, after Kleppmann, "Moving elements in
/// list CRDTs" (2020): an element's place is a register. Every place that it
/// was ever put to is in `places`, and visible only if it is the last.
#[derive(Clone, Debug)]
pub(super) struct List {
    pub(super) movable: bool,
    /// From places to elements. An element has the id of its first place.
    pub(super) places: Sequence<OpId>,
    pub(super) items: BTreeMap<OpId, Item>,
}

#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) value: Register<Value>,
    place: OpId,
    removed: bool,
}

/// A value that the greatest id decides. A container in it has that id.
#[derive(Clone, Debug)]
pub(super) struct Register<T> {
    pub(super) by: OpId,
    pub(super) value: T,
}

impl<T> Register<T> {
    fn set(&mut self, by: OpId, value: T) {
        if self.by < by {
            *self = Self { by, value };
        }
    }
}

impl State {
    pub(super) fn new(roots: &Roots) -> Self {
        let numbered = roots.values().enumerate();
        let containers =
            numbered.map(|(n, kind)| (OpId::root(n), Container::new(*kind, OpId::root(n))));
        Self { roots: roots.keys().cloned().collect(), containers: containers.collect() }
    }

    pub(super) fn container(&self, id: OpId) -> Option<&Container> {
        self.containers.get(&id)
    }

    /// The container at the end of a path.
    pub(super) fn resolve(&self, path: &Path) -> Option<OpId> {
        let root = self.roots.binary_search_by(|name| name.as_str().cmp(&path.root)).ok()?;
        path.steps.iter().try_fold(OpId::root(root), |id, step| {
            let child = match (self.container(id)?, step) {
                (Container::Map(entries), Step::Key(key)) => {
                    let register = entries.get(key)?;
                    (register.by, register.value.as_ref()?)
                }
                (Container::List(list), Step::Element(index)) => {
                    let (_, element, _) = list.places.visible().nth(*index as usize)?;
                    let item = list.items.get(element)?;
                    (item.value.by, &item.value.value)
                }
                _ => return None,
            };
            matches!(child.1, Value::Container(_)).then_some(child.0)
        })
    }

    pub(super) fn apply_all(&mut self, transaction: &Transaction) {
        for (id, operation) in transaction.numbered() {
            self.apply(id, operation);
        }
    }

    pub(super) fn apply(&mut self, id: OpId, Operation { at, change }: &Operation) {
        let Some(container) = self.containers.get_mut(at) else { return };
        container.apply(id, change);
        match change {
            Change::Put { value: Some(value), .. } | Change::Set { value, .. } => {
                self.create(id, value);
            }
            Change::Insert { values, .. } => {
                for (step, value) in values.iter().enumerate() {
                    self.create(id.plus(step as u64), value);
                }
            }
            _ => {}
        }
    }

    fn create(&mut self, id: OpId, value: &Value) {
        if let Value::Container(kind) = value {
            self.containers.entry(id).or_insert_with(|| Container::new(*kind, id));
        }
    }

    pub(super) fn document(&self) -> Document {
        let node = |number: usize| self.node(OpId::root(number));
        let roots = self.roots.iter().enumerate();
        Document { roots: roots.map(|(number, name)| (name.clone(), node(number))).collect() }
    }

    fn node(&self, id: OpId) -> Node {
        match &self.containers[&id] {
            Container::Text(text) => Node::Text(text.runs()),
            Container::Map(entries) => {
                let present = entries.iter().filter_map(|(key, register)| {
                    Some((key.clone(), self.value(register.by, register.value.as_ref()?)))
                });
                Node::Map(present.collect())
            }
            Container::List(list) => {
                let items = list.places.visible().filter_map(|(_, element, _)| {
                    let register = &list.items.get(element)?.value;
                    Some(self.value(register.by, &register.value))
                });
                Node::List(items.collect())
            }
            Container::Counter(sum) => Node::Counter(*sum),
            Container::Tree(tree) => Node::Tree(tree.top()),
        }
    }

    fn value(&self, by: OpId, value: &Value) -> Node {
        match value {
            Value::Scalar(scalar) => Node::Scalar(scalar.clone()),
            Value::Object(fields) => {
                let fields = fields.iter();
                Node::Map(fields.map(|(k, v)| (k.clone(), Node::Scalar(v.clone()))).collect())
            }
            Value::Container(_) => self.node(by),
        }
    }
}

impl Container {
    fn new(kind: ContainerKind, id: OpId) -> Self {
        match kind {
            ContainerKind::Text => {
                Self::Text(Text { characters: Sequence::new(id), marks: BTreeMap::new() })
            }
            ContainerKind::Map => Self::Map(BTreeMap::new()),
            ContainerKind::List | ContainerKind::MovableList => Self::List(List {
                movable: kind == ContainerKind::MovableList,
                places: Sequence::new(id),
                items: BTreeMap::new(),
            }),
            ContainerKind::Counter => Self::Counter(0),
            ContainerKind::Tree => Self::Tree(Tree::new(id)),
        }
    }

    fn apply(&mut self, id: OpId, change: &Change) {
        match (self, change) {
            (Self::Text(text), Change::Type { place, text: typed }) => {
                for (id, place, character) in chain(id, *place, typed.chars()) {
                    text.characters.insert(id, place, character, character.len_utf16() as u32);
                }
            }
            (Self::Text(text), Change::Mark { from, until, name, value }) => {
                let (name, value) = (name.clone(), value.clone());
                text.marks.insert(id, Mark { from: *from, until: *until, name, value });
            }
            (Self::Text(text), Change::Remove { from, count }) => {
                for id in (0..*count).map(|step| from.plus(step)) {
                    if !text.characters.set_width(id, 0) {
                        break;
                    }
                }
            }
            (Self::Map(entries), Change::Put { key, value }) => match entries.get_mut(key) {
                Some(register) => register.set(id, value.clone()),
                None => {
                    entries.insert(key.clone(), Register { by: id, value: value.clone() });
                }
            },
            (Self::List(list), Change::Insert { place, values }) => {
                for (id, place, value) in chain(id, *place, values.iter()) {
                    list.places.insert(id, place, id, 1);
                    let value = Register { by: id, value: value.clone() };
                    list.items.entry(id).or_insert(Item { value, place: id, removed: false });
                }
            }
            (Self::List(list), Change::Remove { from, count }) => {
                for id in (0..*count).map(|step| from.plus(step)) {
                    if !list.remove(id) {
                        break;
                    }
                }
            }
            (Self::List(list), Change::Set { element, value }) => {
                if let Some(item) = list.items.get_mut(element) {
                    item.value.set(id, value.clone());
                }
            }
            (Self::List(list), Change::Move { element, place }) => list.put(id, *element, *place),
            (Self::Counter(sum), Change::Add { by }) => *sum = sum.wrapping_add(*by),
            (Self::Tree(tree), Change::Create { label }) => tree.create(id, label),
            (Self::Tree(tree), Change::Attach { node, parent, place }) => {
                tree.attach(id, *node, *parent, *place);
            }
            (Self::Tree(tree), Change::Detach { node }) => tree.detach(id, *node),
            _ => {}
        }
    }
}

/// Elements inserted together: each to the right of the one before.
fn chain<T>(
    first: OpId,
    place: Place,
    contents: impl Iterator<Item = T>,
) -> impl Iterator<Item = (OpId, Place, T)> {
    contents.enumerate().map(move |(step, content)| {
        let id = first.plus(step as u64);
        let place = match step.checked_sub(1) {
            None => place,
            Some(last) => Place { parent: first.plus(last as u64), side: Side::Right },
        };
        (id, place, content)
    })
}

impl List {
    /// Whether there is such an element.
    fn remove(&mut self, element: OpId) -> bool {
        let Some(item) = self.items.get_mut(&element) else { return false };
        item.removed = true;
        self.places.set_width(item.place, 0)
    }

    fn put(&mut self, by: OpId, element: OpId, place: Place) {
        self.places.insert(by, place, element, 0);
        let Some(item) = self.items.get_mut(&element) else { return };
        if item.place < by {
            self.places.set_width(item.place, 0);
            self.places.set_width(by, u32::from(!item.removed));
            item.place = by;
        }
    }
}

impl Text {
    /// For each visible character what is marked on it: of all marks over it
    /// with the same name, the one with the greatest id.
    fn runs(&self) -> Vec<Run> {
        let mut starting: BTreeMap<OpId, Vec<OpId>> = BTreeMap::new();
        let mut ending: BTreeMap<OpId, Vec<OpId>> = BTreeMap::new();
        for (id, mark) in &self.marks {
            starting.entry(mark.from).or_default().push(*id);
            if let Some(until) = mark.until {
                ending.entry(until).or_default().push(*id);
            }
        }
        let mut open: BTreeMap<OpId, &Mark> = BTreeMap::new();
        let runs = self.characters.iter().filter_map(|(element, character, width)| {
            for id in ending.get(&element).into_iter().flatten() {
                open.remove(id);
            }
            for id in starting.get(&element).into_iter().flatten() {
                open.insert(*id, &self.marks[id]);
            }
            let marks = open.values().map(|mark| (mark.name.clone(), mark.value.clone()));
            (width > 0).then(|| Run { text: character.to_string(), marks: marks.collect() })
        });
        normalized_runs(runs)
    }

    /// Whether all of `characters` have this mark already.
    pub(super) fn is_marked(&self, index: u32, count: u32, name: &str, value: &Scalar) -> bool {
        let (mut at, end) = (0, index + count);
        self.runs().iter().all(|run| {
            let from = at;
            at += run.text.encode_utf16().count() as u32;
            let outside = at <= index || from >= end;
            outside || run.marks.get(name).unwrap_or(&Scalar::Null) == value
        })
    }
}
