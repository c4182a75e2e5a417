//! Histories made by hand, for the tests of oracles.

use crate::document::{Document, Node, Run, Scalar, TreeNode};
use crate::edit::{Action, ContainerKind, Edit, Path, Value};
use crate::engine::{Authority, EngineInfo, Support};
use crate::model::Model;
use crate::schedule::ReplicaNumber;

use super::{Made, MadeBy, Observed, Oracle, Shown, Survival, all};

/// A history of a document with one root, `r`. Edits are numbered from 0, and
/// made in the step with the number after theirs.
pub(super) struct Scene {
    pub(super) observed: Observed,
}

impl Scene {
    pub(super) fn of(kind: ContainerKind) -> Self {
        let engine = EngineInfo {
            name: "by-hand",
            version: "1",
            summary: "made by hand",
            authority: Authority::Replicas,
            containers: ContainerKind::ALL.map(|kind| (kind, Support::Native)).into(),
            marks: Support::Native,
            deliveries: Vec::new(),
            undo: true,
        };
        let roots = [("r".to_owned(), kind)].into();
        let (made, shown, last) = (Vec::new(), Vec::new(), Vec::new());
        Self { observed: Observed { roots, engine, made, shown, last } }
    }

    /// The same, where the adapter builds this kind.
    pub(super) fn built(mut self, kind: ContainerKind) -> Self {
        self.observed.engine.containers.insert(kind, Support::Built("somehow"));
        self
    }

    /// An edit of the root by a replica that held `knew`; the state after it is
    /// as it should be.
    pub(super) fn edit(self, at: u8, knew: &[u32], before: Node, action: Action) -> Self {
        self.edit_at(Path::root("r"), at, knew, before, action)
    }

    pub(super) fn edit_at(
        self,
        path: Path,
        at: u8,
        knew: &[u32],
        before: Node,
        action: Action,
    ) -> Self {
        let edits = vec![Edit { at: path, action }];
        let mut model = Model::of([(&"r".to_owned(), &before)]);
        model.apply(&edits).expect("the test says it can be done");
        let after = model.document().roots.remove("r").expect("it has one root");
        self.made(at, knew, Some((before, after)), edits, MadeBy::Edit)
    }

    /// An edit that does something else than it says.
    pub(super) fn edit_to(
        self,
        at: u8,
        knew: &[u32],
        before: Node,
        action: Action,
        after: Node,
    ) -> Self {
        let edits = vec![Edit { at: Path::root("r"), action }];
        self.made(at, knew, Some((before, after)), edits, MadeBy::Edit)
    }

    /// An edit with nobody looking.
    pub(super) fn blind(self, at: u8, knew: &[u32], action: Action) -> Self {
        let edits = vec![Edit { at: Path::root("r"), action }];
        self.made(at, knew, None, edits, MadeBy::Edit)
    }

    pub(super) fn undo(self, at: u8, knew: &[u32], before: Node, after: Node) -> Self {
        self.made(at, knew, Some((before, after)), Vec::new(), MadeBy::Undo)
    }

    /// The last edit is gone with its process.
    pub(super) fn gone(mut self) -> Self {
        self.observed.made.last_mut().expect("an edit was made").survived = Survival::Gone;
        self
    }

    /// Nobody can tell whether the last edit came to anyone before its process
    /// died.
    pub(super) fn unsure(mut self) -> Self {
        self.observed.made.last_mut().expect("an edit was made").survived = Survival::Unsure;
        self
    }

    fn made(
        mut self,
        at: u8,
        knew: &[u32],
        states: Option<(Node, Node)>,
        edits: Vec<Edit>,
        by: MadeBy,
    ) -> Self {
        let number = self.observed.made.len() as u32;
        let with_it: Vec<u32> = knew.iter().copied().chain([number]).collect();
        let (before, after) = match states {
            Some((before, after)) => {
                (Some(self.push(at, knew, before)), Some(self.push(at, &with_it, after)))
            }
            None => (None, None),
        };
        let (step, replica) = (number + 1, ReplicaNumber(at));
        let (knew, survived) = (with_it, Survival::Sure);
        self.observed.made.push(Made { step, replica, edits, by, before, after, knew, survived });
        self
    }

    fn push(&mut self, at: u8, held: &[u32], root: Node) -> usize {
        let document = Document { roots: [("r".to_owned(), root)].into() };
        let step = Some(self.observed.made.len() as u32 + 1);
        let held = held.to_vec();
        self.observed.shown.push(Shown { step, replica: ReplicaNumber(at), document, held });
        self.observed.shown.len() - 1
    }

    /// A state that a replica showed while it held these edits.
    pub(super) fn show(mut self, at: u8, held: &[u32], root: Node) -> Self {
        self.push(at, held, root);
        self
    }

    /// At the end everybody shows this.
    pub(super) fn end(mut self, root: Node) -> Observed {
        let made = self.observed.made.iter().enumerate();
        let held: Vec<u32> = made
            .filter(|(_, made)| made.survived == Survival::Sure)
            .map(|(number, _)| number as u32)
            .collect();
        for (at, root) in [(0, root.clone()), (1, root)] {
            let state = self.push(at, &held, root);
            self.observed.shown[state].step = None;
            self.observed.last.push(state);
        }
        self.observed
    }
}

/// Asserts that all oracles hold.
#[track_caller]
pub(super) fn holds(observed: &Observed) {
    assert_eq!(all(observed), Ok(()));
}

/// Asserts that this oracle is violated, and in what.
#[track_caller]
pub(super) fn breaks(observed: &Observed, oracle: Oracle, about: &str) {
    let violation = all(observed).expect_err("an oracle is violated");
    assert_eq!((violation.oracle, violation.about.as_str()), (oracle, about), "{violation}");
}

pub(super) fn text(characters: &str) -> Node {
    let run = |text: &str| Run { text: text.to_owned(), marks: Default::default() };
    Node::Text(Some(characters).filter(|text| !text.is_empty()).map(run).into_iter().collect())
}

pub(super) fn list(items: &[i64]) -> Node {
    Node::List(items.iter().map(|item| Node::Scalar(Scalar::Int(*item))).collect())
}

pub(super) fn map(entries: &[(&str, i64)]) -> Node {
    let entry = |(key, value): &(&str, i64)| ((*key).to_owned(), Node::Scalar(Scalar::Int(*value)));
    Node::Map(entries.iter().map(entry).collect())
}

pub(super) fn node(label: &str, children: Vec<TreeNode>) -> TreeNode {
    TreeNode { label: label.to_owned(), children }
}

pub(super) fn int(value: i64) -> Value {
    Value::Scalar(Scalar::Int(value))
}

pub(super) fn insert_text(index: u32, text: &str) -> Action {
    Action::InsertText { index, text: text.to_owned() }
}

pub(super) fn delete_text(index: u32, count: u32) -> Action {
    Action::DeleteText { index, count }
}

pub(super) fn insert(index: u32, values: &[i64]) -> Action {
    Action::Insert { index, values: values.iter().map(|value| int(*value)).collect() }
}

pub(super) fn put(key: &str, value: Value) -> Action {
    Action::Put { key: key.to_owned(), value }
}

pub(super) fn delete(key: &str) -> Action {
    Action::Delete { key: key.to_owned() }
}

pub(super) fn create(label: &str, parent: Option<&str>) -> Action {
    Action::CreateNode { label: label.to_owned(), parent: parent.map(str::to_owned), index: 0 }
}

pub(super) fn go(label: &str, parent: Option<&str>) -> Action {
    Action::MoveNode { label: label.to_owned(), parent: parent.map(str::to_owned), index: 0 }
}
