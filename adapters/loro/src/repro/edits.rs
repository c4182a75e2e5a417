//! Edits as somebody would write them.

use std::collections::BTreeSet;

use deadzone_core::edit::{Action, ContainerKind, Edit, Step, Value};
use deadzone_core::replay::repro::{Scribe as _, replica_name};
use deadzone_core::schedule::ReplicaNumber;

use super::{Writer, literal};

/// What a container is called that is not a root.
const INNER: &str = "inner";

impl Writer {
    /// One commit.
    pub(super) fn edited(
        &mut self,
        at: ReplicaNumber,
        edits: &[Edit],
        changed: bool,
        update: Option<&str>,
    ) -> Option<()> {
        let name = replica_name(at);
        let update = update.filter(|update| self.wants(update));
        self.code().gap();
        if update.is_some() {
            self.code().line(&format!("let start = own_operations(&{name});"));
        }
        let roots: BTreeSet<&str> = edits.iter().map(|edit| edit.at.root.as_str()).collect();
        for root in roots {
            let getter = getter(*self.draft.story.roots.get(root)?);
            let variable = self.draft.names.give(root, "root");
            self.code().line(&format!("let {variable} = {name}.{getter}({root:?});"));
        }
        let surely_none = !changed && edits.len() == 1;
        for edit in edits {
            self.edit(edit, surely_none, edits.len() > 1)?;
        }
        if changed {
            self.code().line(&format!("{name}.commit_with(CommitOptions::new().timestamp(0));"));
        }
        if let Some(update) = update {
            self.code().line(&format!("let {update} = own_updates(&{name}, start);"));
        }
        Some(())
    }

    /// One edit. If `surely_none` it changes nothing; if `among_others`, nobody
    /// knows.
    fn edit(&mut self, edit: &Edit, surely_none: bool, among_others: bool) -> Option<()> {
        let kinds = self.draft.kinds.along(edit)?;
        let target = self.way(edit, &kinds);
        match kinds.last()? {
            ContainerKind::Text => self.text(&target, &edit.action),
            ContainerKind::Map => self.map(&target, &edit.action, surely_none, among_others),
            ContainerKind::List => self.list(&target, &edit.action, false),
            ContainerKind::MovableList => self.list(&target, &edit.action, true),
            ContainerKind::Counter => match &edit.action {
                Action::Increment { by: 0 } => Some(()),
                Action::Increment { by } => {
                    self.code().line(&format!("{target}.increment({by}_f64).unwrap();"));
                    Some(())
                }
                _ => None,
            },
            ContainerKind::Tree => self.tree(&target, &edit.action, surely_none, among_others),
        }
    }

    /// Goes to the container; the variable that it is.
    fn way(&mut self, edit: &Edit, kinds: &[ContainerKind]) -> String {
        let mut variable = self.draft.names.give(&edit.at.root, "root");
        for (step, kind) in edit.at.steps.iter().zip(&kinds[1..]) {
            let place = match step {
                Step::Key(key) => format!("{key:?}"),
                Step::Element(index) => index.to_string(),
            };
            let into = getter(*kind).replace("get_", "into_");
            self.code().line(&format!("let {INNER} = {variable}.get({place}).unwrap();"));
            self.code().line(&format!(
                "let {INNER} = {INNER}.into_container().unwrap().{into}().unwrap();"
            ));
            variable = INNER.to_owned();
        }
        variable
    }

    fn text(&mut self, text: &str, action: &Action) -> Option<()> {
        let line = match action {
            Action::InsertText { index, text: new } => {
                format!("{text}.insert_utf16({index}, {new:?}).unwrap();")
            }
            Action::DeleteText { index, count } => {
                format!("{text}.delete_utf16({index}, {count}).unwrap();")
            }
            Action::Mark { count: 0, .. } => return Some(()),
            Action::Mark { index, count, name, value } => {
                let end = index + count;
                match value {
                    deadzone_core::document::Scalar::Null => {
                        format!("{text}.unmark_utf16({index}..{end}, {name:?}).unwrap();")
                    }
                    value => {
                        let value = literal::scalar(value);
                        format!("{text}.mark_utf16({index}..{end}, {name:?}, {value}).unwrap();")
                    }
                }
            }
            _ => return None,
        };
        self.code().line(&line);
        Some(())
    }

    fn map(
        &mut self,
        map: &str,
        action: &Action,
        surely_none: bool,
        among_others: bool,
    ) -> Option<()> {
        match action {
            Action::Put { key, value } => {
                let line = match literal::plain(value) {
                    Ok(value) => format!("{map}.insert({key:?}, {value}).unwrap();"),
                    Err(new) => format!("{map}.insert_container({key:?}, {new}).unwrap();"),
                };
                self.code().line(&line);
            }
            // Loro would make an operation of it.
            Action::Delete { .. } if surely_none => {
                self.code().comment("The key that is to be deleted is not there.");
            }
            Action::Delete { key } => {
                let line = format!("{map}.delete({key:?}).unwrap();");
                if among_others {
                    self.code().open(&format!("if {map}.get({key:?}).is_some() {{"));
                    self.code().line(&line);
                    self.code().close("}");
                } else {
                    self.code().line(&line);
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn list(&mut self, list: &str, action: &Action, movable: bool) -> Option<()> {
        match action {
            Action::Insert { index, values } => {
                for (index, value) in (*index..).zip(values) {
                    self.insert(list, index, value);
                }
            }
            Action::Set { index, value } if movable => {
                let line = match literal::plain(value) {
                    Ok(value) => format!("{list}.set({index}, {value}).unwrap();"),
                    Err(new) => format!("{list}.set_container({index}, {new}).unwrap();"),
                };
                self.code().line(&line);
            }
            Action::Set { index, value } => {
                self.code().line(&format!("{list}.delete({index}, 1).unwrap();"));
                self.insert(list, *index, value);
            }
            Action::Remove { index, count } => {
                self.code().line(&format!("{list}.delete({index}, {count}).unwrap();"));
            }
            Action::Move { from, to } if movable => {
                self.code().line(&format!("{list}.mov({from}, {to}).unwrap();"));
            }
            _ => return None,
        }
        Some(())
    }

    fn insert(&mut self, list: &str, index: u32, value: &Value) {
        let line = match literal::plain(value) {
            Ok(value) => format!("{list}.insert({index}, {value}).unwrap();"),
            Err(new) => format!("{list}.insert_container({index}, {new}).unwrap();"),
        };
        self.code().line(&line);
    }

    fn tree(
        &mut self,
        tree: &str,
        action: &Action,
        surely_none: bool,
        among_others: bool,
    ) -> Option<()> {
        match action {
            Action::CreateNode { label, parent, index } => {
                let parent = self.parent(parent.as_deref())?;
                let node = self.nodes.give(&format!("node {label}"), "node");
                self.made_nodes.insert(label.clone());
                let new = format!("let {node} = {tree}.create_at({parent}, {index}).unwrap();");
                self.code().line(&new);
                let label = format!("insert(\"label\", {label:?}).unwrap();");
                self.code().line(&format!("{tree}.get_meta({node}).unwrap().{label}"));
            }
            Action::MoveNode { .. } if surely_none => {
                self.code().comment("A node stays where it is.");
            }
            Action::MoveNode { label, parent, index } => {
                let (node, parent) = (self.node(label)?, self.parent(parent.as_deref())?);
                if among_others {
                    self.code().comment("Under itself, where it must not go, it stays.");
                    self.code().line(&format!("{tree}.mov_to({node}, {parent}, {index}).ok();"));
                } else {
                    let line = format!("{tree}.mov_to({node}, {parent}, {index}).unwrap();");
                    self.code().line(&line);
                }
            }
            Action::DeleteNode { label } => {
                let node = self.node(label)?;
                self.code().line(&format!("{tree}.delete({node}).unwrap();"));
            }
            _ => return None,
        }
        Some(())
    }

    /// The variable of a node; none if no edit of the story made it.
    fn node(&mut self, label: &str) -> Option<String> {
        let made = self.made_nodes.contains(label);
        made.then(|| self.nodes.give(&format!("node {label}"), "node"))
    }

    fn parent(&mut self, label: Option<&str>) -> Option<String> {
        match label {
            None => Some("TreeParentId::Root".to_owned()),
            Some(label) => Some(format!("TreeParentId::Node({})", self.node(label)?)),
        }
    }
}

/// The method that gives a root.
pub(super) fn getter(kind: ContainerKind) -> &'static str {
    match kind {
        ContainerKind::Text => "get_text",
        ContainerKind::Map => "get_map",
        ContainerKind::List => "get_list",
        ContainerKind::MovableList => "get_movable_list",
        ContainerKind::Counter => "get_counter",
        ContainerKind::Tree => "get_tree",
    }
}
