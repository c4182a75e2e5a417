//! Edits as somebody would write them.

use std::collections::BTreeSet;

use deadzone_core::edit::{Action, ContainerKind, Edit, Step, Value};
use deadzone_core::replay::repro::{Scribe as _, replica_name};
use deadzone_core::schedule::ReplicaNumber;

use super::{Writer, literal};
use crate::target::RESERVED_KEY;
use crate::undo::ORIGIN;

/// What a container is called that is not a root.
const INNER: &str = "inner";

impl Writer {
    /// One transaction.
    pub(super) fn edited(
        &mut self,
        at: ReplicaNumber,
        edits: &[Edit],
        changed: bool,
        update: &str,
    ) -> Option<()> {
        let (name, v) = (replica_name(at), self.v());
        let wanted = changed && self.wants(update);
        self.code().gap();
        self.code().open(&if wanted { format!("let {update} = {{") } else { "{".to_owned() });
        let roots: BTreeSet<&str> = edits.iter().map(|edit| edit.at.root.as_str()).collect();
        for root in roots {
            let kind = *self.draft.story.roots.get(root)?;
            let variable = self.draft.names.give(root, "root");
            let make = maker(kind);
            self.code().line(&format!("let {variable} = {name}.{make}({root:?});"));
        }
        let transact = match self.undoes {
            true => format!("transact_mut_with({ORIGIN:?})"),
            false => "transact_mut()".to_owned(),
        };
        self.code().line(&format!("let mut txn = {name}.{transact};"));
        for edit in edits {
            let certain = changed && edits.len() == 1;
            self.edit(at, edit, certain)?;
        }
        if wanted {
            self.code().line("txn.commit();");
            self.code().line(&format!("txn.encode_update_{v}()"));
        }
        self.code().close(if wanted { "};" } else { "}" });
        Some(())
    }

    /// One edit; `certain` if it is known to change something.
    fn edit(&mut self, at: ReplicaNumber, edit: &Edit, certain: bool) -> Option<()> {
        let kinds = self.draft.kinds.along(edit)?;
        let target = self.way(edit, &kinds);
        match kinds.last()? {
            ContainerKind::Text => self.text(&target, &edit.action),
            ContainerKind::Map => self.map(&target, &edit.action),
            ContainerKind::List | ContainerKind::MovableList => {
                self.list(&target, &edit.action, certain)
            }
            ContainerKind::Counter => self.counter(at, &target, &edit.action),
            ContainerKind::Tree => {
                self.tree(&target);
                Some(())
            }
        }
    }

    /// Goes to the container; the variable that it is.
    fn way(&mut self, edit: &Edit, kinds: &[ContainerKind]) -> String {
        let mut variable = self.draft.names.give(&edit.at.root, "root");
        for (step, kind) in edit.at.steps.iter().zip(&kinds[1..]) {
            let reference = match kind {
                ContainerKind::Text => "TextRef",
                ContainerKind::List | ContainerKind::MovableList => "ArrayRef",
                ContainerKind::Map | ContainerKind::Counter | ContainerKind::Tree => "MapRef",
            };
            let place = match step {
                Step::Key(key) => {
                    self.needs("yrs::Map");
                    format!("{key:?}")
                }
                Step::Element(index) => {
                    self.needs("yrs::Array");
                    index.to_string()
                }
            };
            self.code().line(&format!(
                "let {INNER}: {reference} = {variable}.get(&txn, {place}).unwrap().cast().unwrap();"
            ));
            variable = INNER.to_owned();
        }
        variable
    }

    fn text(&mut self, text: &str, action: &Action) -> Option<()> {
        self.needs("yrs::Text");
        let line = match action {
            Action::InsertText { index, text: new } => {
                format!("{text}.insert(&mut txn, {index}, {new:?});")
            }
            Action::DeleteText { count: 0, .. } | Action::Mark { count: 0, .. } => return Some(()),
            Action::DeleteText { index, count } => {
                format!("{text}.remove_range(&mut txn, {index}, {count});")
            }
            Action::Mark { index, count, name, value } => {
                let value = literal::scalar(value);
                self.code().line(&format!("let mark = Attrs::from([({name:?}.into(), {value})]);"));
                format!("{text}.format(&mut txn, {index}, {count}, mark);")
            }
            _ => return None,
        };
        self.code().line(&line);
        Some(())
    }

    fn map(&mut self, map: &str, action: &Action) -> Option<()> {
        self.needs("yrs::Map");
        match action {
            Action::Put { key, value: Value::Container(kind) } => {
                self.put_container(&format!("{map}.insert(&mut txn, {key:?}"), *kind);
            }
            Action::Put { key, value } => {
                let value = literal::plain(value)?;
                self.code().line(&format!("{map}.try_update(&mut txn, {key:?}, {value});"));
            }
            Action::Delete { key } => {
                self.code().line(&format!("{map}.remove(&mut txn, {key:?});"));
            }
            _ => return None,
        }
        Some(())
    }

    /// `insertion` is the call up to the value.
    fn put_container(&mut self, insertion: &str, kind: ContainerKind) {
        let prelim = match kind {
            ContainerKind::Text => "TextPrelim::new(\"\")",
            ContainerKind::List | ContainerKind::MovableList => "ArrayPrelim::default()",
            ContainerKind::Map | ContainerKind::Counter | ContainerKind::Tree => {
                "MapPrelim::default()"
            }
        };
        if matches!(kind, ContainerKind::Counter | ContainerKind::Tree) {
            self.needs("yrs::Map");
            let kind = kind.name();
            self.code().line(&format!("let {INNER} = {insertion}, {prelim});"));
            self.code().line(&format!("{INNER}.insert(&mut txn, {RESERVED_KEY:?}, {kind:?});"));
        } else {
            self.code().line(&format!("{insertion}, {prelim});"));
        }
    }

    fn list(&mut self, list: &str, action: &Action, certain: bool) -> Option<()> {
        self.needs("yrs::Array");
        match action {
            Action::Insert { index, values } => self.insert(list, *index, values),
            Action::Set { index, value: Value::Container(kind) } => {
                self.code().line(&format!("{list}.remove(&mut txn, {index});"));
                self.put_container(&format!("{list}.insert(&mut txn, {index}"), *kind);
            }
            Action::Set { index, value } => {
                let value = literal::plain(value)?;
                if !certain {
                    self.code().open(&format!(
                        "if {list}.get(&txn, {index}) != Some(Out::Any({value})) {{"
                    ));
                }
                self.code().line(&format!("{list}.remove(&mut txn, {index});"));
                self.code().line(&format!("{list}.insert(&mut txn, {index}, {value});"));
                if !certain {
                    self.code().close("}");
                }
            }
            Action::Remove { count: 0, .. } => {}
            Action::Remove { index, count } => {
                self.code().line(&format!("{list}.remove_range(&mut txn, {index}, {count});"));
            }
            Action::Move { from, to } if from == to => {}
            Action::Move { from, to } => {
                if !self.draft.kinds.elements_are_plain(true) {
                    return None;
                }
                self.needs("yrs::types::ToJson");
                self.code()
                    .line(&format!("let moved = {list}.get(&txn, {from}).unwrap().to_json(&txn);"));
                self.code().line(&format!("{list}.remove(&mut txn, {from});"));
                self.code().line(&format!("{list}.insert(&mut txn, {to}, moved);"));
            }
            _ => return None,
        }
        Some(())
    }

    /// Neighbouring plain values go in together, as the adapter has it.
    fn insert(&mut self, list: &str, index: u32, values: &[Value]) {
        let (mut index, mut rest) = (index, values);
        while let Some(first) = rest.first() {
            if let Value::Container(kind) = first {
                self.put_container(&format!("{list}.insert(&mut txn, {index}"), *kind);
                (index, rest) = (index + 1, &rest[1..]);
            } else {
                let run: Vec<String> = rest.iter().map_while(literal::plain).collect();
                let together = run.join(", ");
                self.code().line(&format!("{list}.insert_range(&mut txn, {index}, [{together}]);"));
                (index, rest) = (index + run.len() as u32, &rest[run.len()..]);
            }
        }
    }

    /// What the adapter writes to the map that it builds a tree from.
    fn tree(&mut self, map: &str) {
        self.needs("yrs::Map");
        for (label, value) in std::mem::take(&mut self.writes) {
            self.code().line(&match value {
                Some(value) => format!("{map}.insert(&mut txn, {label:?}, {value});"),
                None => format!("{map}.remove(&mut txn, {label:?});"),
            });
        }
    }

    /// A counter is a map from client id to that client's sum.
    fn counter(&mut self, at: ReplicaNumber, counter: &str, action: &Action) -> Option<()> {
        self.needs("yrs::Map");
        match action {
            Action::Increment { by: 0 } => {}
            Action::Increment { by } => {
                let client = self.clients.get(&at)?;
                let old = format!(
                    "let old: Option<i64> = {counter}.get_as(&txn, \"{client}\").unwrap();"
                );
                let new = format!(
                    "{counter}.insert(&mut txn, \"{client}\", old.unwrap_or(0) + {by}_i64);"
                );
                self.code().line(&old);
                self.code().line(&new);
            }
            _ => return None,
        }
        Some(())
    }
}

/// The method that makes a root, or gives it where it is there.
pub(super) fn maker(kind: ContainerKind) -> &'static str {
    match kind {
        ContainerKind::Text => "get_or_insert_text",
        ContainerKind::List | ContainerKind::MovableList => "get_or_insert_array",
        ContainerKind::Map | ContainerKind::Counter | ContainerKind::Tree => "get_or_insert_map",
    }
}
