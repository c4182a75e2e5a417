//! Of which kind the containers on a path are, from what a story puts there.

use std::collections::{BTreeMap, BTreeSet};

use crate::edit::{Action, ContainerKind, Edit, Path, Roots, Step, Value};
use crate::replay::{Happened, Story};

/// Of which kind the containers on a path are.
///
/// A story tells paths and not what stands there. What is put under a key or
/// into lists anywhere in it, and what is done with it, decide; where that
/// leaves more than one kind, nobody knows.
#[derive(Clone, Debug)]
pub struct Kinds {
    roots: Roots,
    under_keys: BTreeMap<String, BTreeSet<ContainerKind>>,
    in_lists: BTreeSet<ContainerKind>,
    objects_in_lists: bool,
}

impl Kinds {
    /// Those of a story.
    pub fn of(story: &Story) -> Self {
        let mut kinds = Self {
            roots: story.roots.clone(),
            under_keys: BTreeMap::new(),
            in_lists: BTreeSet::new(),
            objects_in_lists: false,
        };
        for event in &story.events {
            if let Happened::Edited { edits, .. } = &event.what {
                edits.iter().for_each(|edit| kinds.note(edit));
            }
        }
        kinds
    }

    fn note(&mut self, edit: &Edit) {
        match &edit.action {
            Action::Put { key, value: Value::Container(kind) } => {
                self.under_keys.entry(key.clone()).or_default().insert(*kind);
            }
            Action::Set { value, .. } => self.note_element(value),
            Action::Insert { values, .. } => values.iter().for_each(|it| self.note_element(it)),
            _ => {}
        }
    }

    fn note_element(&mut self, value: &Value) {
        match value {
            Value::Container(kind) => {
                self.in_lists.insert(*kind);
            }
            Value::Object(_) => self.objects_in_lists = true,
            Value::Scalar(_) => {}
        }
    }

    /// Whether elements of lists are plain values, objects included if the
    /// engine keeps those whole.
    pub fn elements_are_plain(&self, objects_are: bool) -> bool {
        self.in_lists.is_empty() && (objects_are || !self.objects_in_lists)
    }

    /// The kinds of the root and of what each step leads to; none where that is
    /// not known.
    pub fn along(&self, edit: &Edit) -> Option<Vec<ContainerKind>> {
        let Path { root, steps } = &edit.at;
        let mut found = vec![*self.roots.get(root.as_str())?];
        for (number, step) in steps.iter().enumerate() {
            let put = match step {
                Step::Key(key) => self.under_keys.get(key)?,
                Step::Element(_) => &self.in_lists,
            };
            let fits = |kind: &&ContainerKind| match steps.get(number + 1) {
                Some(Step::Key(_)) => **kind == ContainerKind::Map,
                Some(Step::Element(_)) => is_list(**kind),
                None => takes(**kind, &edit.action),
            };
            let mut fitting = put.iter().filter(fits);
            match (fitting.next(), fitting.next()) {
                (Some(kind), None) => found.push(*kind),
                _ => return None,
            }
        }
        Some(found)
    }
}

fn is_list(kind: ContainerKind) -> bool {
    matches!(kind, ContainerKind::List | ContainerKind::MovableList)
}

fn takes(kind: ContainerKind, action: &Action) -> bool {
    match action {
        Action::InsertText { .. } | Action::DeleteText { .. } | Action::Mark { .. } => {
            kind == ContainerKind::Text
        }
        Action::Put { .. } | Action::Delete { .. } => kind == ContainerKind::Map,
        Action::Insert { .. } | Action::Set { .. } | Action::Remove { .. } => is_list(kind),
        Action::Move { .. } => is_list(kind),
        Action::Increment { .. } => kind == ContainerKind::Counter,
        Action::CreateNode { .. } | Action::MoveNode { .. } | Action::DeleteNode { .. } => {
            kind == ContainerKind::Tree
        }
    }
}
