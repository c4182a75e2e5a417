//! The document as the commits received so far make it.

use std::collections::BTreeMap;

use deadzone_core::document::{Document, Node};
use deadzone_core::edit::{Action, ContainerKind, Edit, Path, Roots, Step, Value};
use deadzone_core::engine::EngineError;

use super::list::List;
use super::map::Map;
use super::operation::{Change, Commit, Context, Id, Operation};
use super::text::Text;
use super::tree::Tree;
use crate::Flaw;

pub(super) const WRONG_KIND: &str = "not an action of this kind of container";

/// Every container that ever was, by the id of what created it.
#[derive(Clone, Debug)]
pub(super) struct State {
    flaw: Flaw,
    /// The roots' names; the number of a root is its place here.
    roots: Vec<String>,
    containers: BTreeMap<Id, Container>,
    /// Containers that are taken for others.
    aliases: BTreeMap<Id, Id>,
}

#[derive(Clone, Debug)]
pub(super) enum Container {
    Text(Text),
    Map(Map),
    List(List),
    Counter(Counter),
    Tree(Tree),
}

/// A sum, and the increment with the greatest id.
#[derive(Clone, Debug)]
pub(super) struct Counter {
    sum: i64,
    by: Id,
}

/// Joins neighbours with successive ids.
pub(super) fn removals(ids: &[Id], units: impl Fn(&[Id]) -> u64) -> Vec<Change> {
    let runs = ids.chunk_by(|one, next| *next == one.plus(1));
    runs.map(|run| Change::Remove { from: run[0], count: run.len() as u64, units: units(run) })
        .collect()
}

impl State {
    pub(super) fn new(roots: &Roots, flaw: Flaw) -> Self {
        let containers = roots.values().enumerate().map(|(number, kind)| {
            let id = Id::root(number);
            (id, Container::new(*kind, id, flaw))
        });
        let (containers, aliases) = (containers.collect(), BTreeMap::new());
        Self { flaw, roots: roots.keys().cloned().collect(), containers, aliases }
    }

    fn real(&self, id: Id) -> Id {
        self.aliases.get(&id).copied().unwrap_or(id)
    }

    fn container(&self, id: Id) -> Option<&Container> {
        self.containers.get(&self.real(id))
    }

    fn resolve(&self, path: &Path) -> Option<Id> {
        let root = self.roots.iter().position(|name| *name == path.root)?;
        path.steps.iter().try_fold(Id::root(root), |id, step| {
            let (by, value) = match (self.container(id)?, step) {
                (Container::Map(map), Step::Key(key)) => map.get(key)?,
                (Container::List(list), Step::Element(index)) => {
                    let item = list.items().nth(*index as usize)?;
                    (item.by, &item.value)
                }
                _ => return None,
            };
            matches!(value, Value::Container(_)).then_some(by)
        })
    }

    /// The container at a path.
    pub(super) fn at(&self, path: &Path) -> Option<&Container> {
        self.container(self.resolve(path)?)
    }

    /// The operations that do `edit`, the first of which will have the id
    /// `next`; none if it changes nothing.
    pub(super) fn prepare(&self, edit: &Edit, next: Id) -> Result<Vec<Operation>, EngineError> {
        let misplaced = |why: &str| {
            EngineError::Misplaced(format!("{why}: {:?} at {:?}", edit.action, edit.at))
        };
        let at = self.resolve(&edit.at).ok_or_else(|| misplaced("nothing is there"))?;
        let container = self.container(at).ok_or_else(|| misplaced("nothing is there"))?;
        let changes = match container {
            Container::Text(text) => text.prepare(&edit.action),
            Container::Map(map) => map.prepare(&edit.action),
            Container::List(list) => list.prepare(&edit.action),
            Container::Counter(counter) => counter.prepare(&edit.action),
            Container::Tree(tree) => tree.prepare(&edit.action, next),
        };
        let changes = changes.map_err(misplaced)?;
        Ok(changes.into_iter().map(|change| Operation { at, change }).collect())
    }

    pub(super) fn apply_all(&mut self, commit: &Commit, context: Context) {
        for (id, operation) in commit.numbered() {
            self.apply(id, operation, context);
        }
    }

    pub(super) fn apply(&mut self, id: Id, Operation { at, change }: &Operation, context: Context) {
        self.create_all(id, *at, change, context);
        let at = self.real(*at);
        let flaw = self.flaw;
        match self.containers.get_mut(&at) {
            Some(Container::Text(text)) => text.apply(id, change, context),
            Some(Container::Map(map)) => map.apply(id, change, context),
            Some(Container::List(list)) => list.apply(id, change, context),
            Some(Container::Counter(counter)) => counter.apply(id, change, flaw),
            Some(Container::Tree(tree)) => tree.apply(id, change, context),
            None => {}
        }
    }

    /// Makes the containers that a change puts somewhere.
    fn create_all(&mut self, id: Id, at: Id, change: &Change, context: Context) {
        match change {
            Change::Put { key, value: Some(value) } => {
                if self.flaw == Flaw::TakesEqualContainers
                    && context.is_concurrent()
                    && let Some(Container::Map(map)) = self.container(at)
                    && let Some((old, there)) = map.get(key)
                    && there == value
                {
                    // An empty one of the same kind over it: nothing to do.
                    self.aliases.insert(id, self.real(old));
                }
                self.create(id, value);
            }
            Change::Set { value, .. } => self.create(id, value),
            Change::Insert { values, .. } => {
                for (step, value) in values.iter().enumerate() {
                    self.create(id.plus(step as u64), value);
                }
            }
            _ => {}
        }
    }

    fn create(&mut self, id: Id, value: &Value) {
        if let Value::Container(kind) = value {
            let flaw = self.flaw;
            self.containers.entry(id).or_insert_with(|| Container::new(*kind, id, flaw));
        }
    }

    /// What was removed is forgotten for good.
    pub(super) fn forget_tombstones(&mut self) {
        for container in self.containers.values_mut() {
            if let Container::Text(text) = container {
                text.characters.forget_hidden();
            }
        }
    }

    pub(super) fn document(&self) -> Document {
        let roots = self.roots.iter().enumerate();
        let node = |(number, name): (usize, &String)| {
            Some((name.clone(), self.node(self.containers.get(&Id::root(number))?)))
        };
        Document { roots: roots.filter_map(node).collect() }
    }

    fn node(&self, container: &Container) -> Node {
        match container {
            Container::Text(text) => Node::Text(text.runs()),
            Container::Map(map) => Node::Map(
                map.present()
                    .map(|(key, by, value)| (key.clone(), self.value(by, value)))
                    .collect(),
            ),
            Container::List(list) => {
                Node::List(list.items().map(|item| self.value(item.by, &item.value)).collect())
            }
            Container::Counter(counter) => Node::Counter(counter.sum),
            Container::Tree(tree) => Node::Tree(tree.top()),
        }
    }

    fn value(&self, by: Id, value: &Value) -> Node {
        match value {
            Value::Scalar(scalar) => Node::Scalar(scalar.clone()),
            Value::Object(fields) => {
                let fields = fields.iter();
                Node::Map(fields.map(|(k, v)| (k.clone(), Node::Scalar(v.clone()))).collect())
            }
            Value::Container(kind) => {
                self.container(by).map_or_else(|| Node::empty(*kind), |inner| self.node(inner))
            }
        }
    }
}

impl Container {
    fn new(kind: ContainerKind, id: Id, flaw: Flaw) -> Self {
        match kind {
            ContainerKind::Text => Self::Text(Text::new(flaw)),
            ContainerKind::Map => Self::Map(Map::new(flaw)),
            ContainerKind::List => Self::List(List::new(false, flaw)),
            ContainerKind::MovableList => Self::List(List::new(true, flaw)),
            ContainerKind::Counter => Self::Counter(Counter { sum: 0, by: id }),
            ContainerKind::Tree => Self::Tree(Tree::new(id, flaw)),
        }
    }
}

impl Counter {
    fn prepare(&self, action: &Action) -> Result<Vec<Change>, &'static str> {
        match action {
            Action::Increment { by: 0 } => Ok(Vec::new()),
            Action::Increment { by } => {
                Ok(vec![Change::Add { by: *by, total: self.sum.wrapping_add(*by) }])
            }
            _ => Err(WRONG_KIND),
        }
    }

    fn apply(&mut self, id: Id, change: &Change, flaw: Flaw) {
        let Change::Add { by, total } = change else { return };
        if flaw == Flaw::CountersForget {
            // The last writer wins.
            if id > self.by {
                (self.sum, self.by) = (*total, id);
            }
        } else {
            self.sum = self.sum.wrapping_add(*by);
        }
    }
}
