//! Edits as somebody would write them.

use std::collections::BTreeSet;

use deadzone_core::edit::{Action, ContainerKind, Edit, Step, Value};
use deadzone_core::replay::repro::{Scribe as _, replica_name};
use deadzone_core::schedule::ReplicaNumber;

use super::{Writer, literal};
use crate::place::WRAPPER;

/// What an object is called that is not a root.
const INNER: &str = "inner";

impl Writer {
    /// One transaction.
    pub(super) fn edited(
        &mut self,
        at: ReplicaNumber,
        edits: &[Edit],
        update: Option<&str>,
    ) -> Option<()> {
        let name = replica_name(at);
        let update = update.filter(|update| self.wants(update));
        self.code().gap();
        self.code().open(&match update {
            Some(update) => format!("let {update} = {{"),
            None => "{".to_owned(),
        });
        self.code().line(&format!("let mut tx = {name}.transaction();"));
        let roots: BTreeSet<&str> = edits.iter().map(|edit| edit.at.root.as_str()).collect();
        for root in roots {
            if self.draft.story.roots.get(root) != Some(&ContainerKind::Counter) {
                let variable = self.draft.names.give(root, "root");
                self.code().line(&format!(
                    "let (_, {variable}) = tx.get(ROOT, {root:?}).unwrap().unwrap();"
                ));
            }
        }
        for edit in edits {
            self.edit(edit)?;
        }
        let commit = "tx.commit_with(CommitOptions::default().with_time(0))";
        if update.is_some() {
            self.code().line(&format!("let change = {commit}.0.unwrap();"));
            let bytes = "get_change_by_hash(&change).unwrap().bytes().into_owned()";
            self.code().line(&format!("{name}.{bytes}"));
            self.code().close("};");
        } else {
            self.code().line(&format!("{commit};"));
            self.code().close("}");
        }
        Some(())
    }

    fn edit(&mut self, edit: &Edit) -> Option<()> {
        let kinds = self.draft.kinds.along(edit)?;
        let kind = *kinds.last()?;
        if kind == ContainerKind::Counter {
            return self.counter(edit, &kinds);
        }
        let target = self.way(edit, &edit.at.steps, &kinds);
        match kind {
            ContainerKind::Text => self.text(&target, &edit.action),
            ContainerKind::Map => self.map(&target, &edit.action),
            ContainerKind::List | ContainerKind::MovableList => self.list(&target, &edit.action),
            ContainerKind::Tree => {
                self.tree(&target);
                Some(())
            }
            ContainerKind::Counter => None,
        }
    }

    /// Goes to the object at the end of these steps; the variable that it is.
    fn way(&mut self, edit: &Edit, steps: &[Step], kinds: &[ContainerKind]) -> String {
        let mut variable = self.draft.names.give(&edit.at.root, "root");
        for (step, kind) in steps.iter().zip(&kinds[1..]) {
            let place = place(step);
            self.code().line(&format!(
                "let (_, {INNER}) = tx.get(&{variable}, {place}).unwrap().unwrap();"
            ));
            variable = INNER.to_owned();
            if *kind == ContainerKind::MovableList {
                self.code().line(&format!(
                    "let (_, {INNER}) = tx.get(&{INNER}, {WRAPPER:?}).unwrap().unwrap();"
                ));
            }
        }
        variable
    }

    fn text(&mut self, text: &str, action: &Action) -> Option<()> {
        let line = match action {
            Action::InsertText { text: new, .. } if new.is_empty() => return Some(()),
            Action::InsertText { index, text: new } => {
                format!("tx.splice_text(&{text}, {index}, 0, {new:?}).unwrap();")
            }
            Action::DeleteText { index, count } => {
                format!("tx.splice_text(&{text}, {index}, {count}, \"\").unwrap();")
            }
            Action::Mark { count: 0, .. } => return Some(()),
            Action::Mark { index, count, name, value } => {
                let (value, end) = (literal::scalar(value), index + count);
                self.code().line(&format!(
                    "let mark = Mark::new({name:?}.to_owned(), {value}, {index}, {end});"
                ));
                format!("tx.mark(&{text}, mark, ExpandMark::After).unwrap();")
            }
            _ => return None,
        };
        self.code().line(&line);
        Some(())
    }

    fn map(&mut self, map: &str, action: &Action) -> Option<()> {
        match action {
            Action::Put { key, value } => self.put(map, &format!("{key:?}"), value),
            Action::Delete { key } => {
                self.code().line(&format!("tx.delete(&{map}, {key:?}).unwrap();"));
            }
            _ => return None,
        }
        Some(())
    }

    /// Puts a value at a place in a map or a list.
    fn put(&mut self, holder: &str, place: &str, value: &Value) {
        let line = match value {
            Value::Scalar(value) => {
                format!("tx.put(&{holder}, {place}, {}).unwrap();", literal::scalar(value))
            }
            Value::Container(ContainerKind::Counter) => {
                format!("tx.put(&{holder}, {place}, ScalarValue::counter(0)).unwrap();")
            }
            Value::Container(ContainerKind::Text) => put_object(holder, place, "Text"),
            Value::Container(ContainerKind::Map) => put_object(holder, place, "Map"),
            Value::Container(ContainerKind::List) => put_object(holder, place, "List"),
            Value::Container(_) | Value::Object(_) => {
                let value = literal::whole(value);
                self.code().line(&format!("let value = hydrate::Value::from({value});"));
                format!("tx.batch_create_object(&{holder}, {place}, &value, false).unwrap();")
            }
        };
        self.code().line(&line);
    }

    fn list(&mut self, list: &str, action: &Action) -> Option<()> {
        match action {
            Action::Insert { values, .. } if values.is_empty() => {}
            Action::Insert { index, values } => self.insert(list, *index, values),
            Action::Set { index, value } => self.put(list, &format!("{index}_usize"), value),
            Action::Remove { index, count } => {
                let line = format!("tx.delete(&{list}, {index}_usize).unwrap();");
                match count {
                    0 => {}
                    1 => self.code().line(&line),
                    count => {
                        self.code().open(&format!("for _ in 0..{count} {{"));
                        self.code().line(&line);
                        self.code().close("}");
                    }
                }
            }
            Action::Move { from, to } if from == to => {}
            Action::Move { from, to } => {
                if !self.draft.kinds.elements_are_plain(false) {
                    return None;
                }
                self.code().line(&format!(
                    "let (moved, _) = tx.get(&{list}, {from}_usize).unwrap().unwrap();"
                ));
                self.code().line("let moved = moved.into_scalar().unwrap();");
                self.code().line(&format!("tx.delete(&{list}, {from}_usize).unwrap();"));
                self.code().line(&format!("tx.insert(&{list}, {to}, moved).unwrap();"));
            }
            _ => return None,
        }
        Some(())
    }

    fn insert(&mut self, list: &str, index: u32, values: &[Value]) {
        if let [Value::Scalar(value)] = values {
            let value = literal::scalar(value);
            self.code().line(&format!("tx.insert(&{list}, {index}, {value}).unwrap();"));
            return;
        }
        let from = |value: &Value| match value {
            Value::Container(ContainerKind::Text) => literal::whole(value),
            value => format!("hydrate::Value::from({})", literal::whole(value)),
        };
        let values: Vec<String> = values.iter().map(from).collect();
        self.code().open("let values = [");
        values.iter().for_each(|value| self.code().line(&format!("{value},")));
        self.code().close("];");
        self.code().line(&format!("tx.splice(&{list}, {index}, 0, values).unwrap();"));
    }

    /// What the adapter writes to the map that it builds a tree from.
    fn tree(&mut self, map: &str) {
        for (label, place) in std::mem::take(&mut self.writes) {
            self.code().line(&match place {
                Some(place) => format!("tx.put(&{map}, {label:?}, {place}).unwrap();"),
                None => format!("tx.delete(&{map}, {label:?}).unwrap();"),
            });
        }
    }

    /// A counter is a value in a map or a list.
    fn counter(&mut self, edit: &Edit, kinds: &[ContainerKind]) -> Option<()> {
        let by = match &edit.action {
            Action::Increment { by: 0 } => return Some(()),
            Action::Increment { by } => *by,
            _ => return None,
        };
        let (holder, place) = match edit.at.steps.split_last() {
            None => ("ROOT".to_owned(), format!("{:?}", edit.at.root)),
            Some((last, way)) => (format!("&{}", self.way(edit, way, kinds)), place(last)),
        };
        self.code().line(&format!("tx.increment({holder}, {place}, {by}).unwrap();"));
        Some(())
    }
}

fn put_object(holder: &str, place: &str, kind: &str) -> String {
    format!("tx.put_object(&{holder}, {place}, ObjType::{kind}).unwrap();")
}

fn place(step: &Step) -> String {
    match step {
        Step::Key(key) => format!("{key:?}"),
        Step::Element(index) => format!("{index}_usize"),
    }
}
