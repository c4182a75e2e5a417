//! What is asserted, and the functions after the test.

use deadzone_core::check::Oracle;
use deadzone_core::document::{Document, Node};
use deadzone_core::edit::{Action, ContainerKind, Edit};
use deadzone_core::replay::repro::{Claim, Code, replica_name};
use deadzone_core::replay::{Event, Happened};
use deadzone_core::schedule::ReplicaNumber;

use super::{Writer, literal};

impl Writer<'_> {
    /// Keeps the version after an edit, if any is looked at again.
    pub(super) fn keep_version(&mut self, at: ReplicaNumber, step: u32, changed: bool) {
        let looks_back = |what: &Happened| matches!(what, Happened::CheckedOut { .. });
        if !changed || !self.story.events.iter().any(|event| looks_back(&event.what)) {
            return;
        }
        let name = replica_name(at);
        self.versions.entry(at).or_default().push(step);
        if self.wants(&format!("version_{step}")) {
            self.code().line(&format!("let version_{step} = {name}.get_heads();"));
            self.code().line(&format!("let then_{step} = {name}.hydrate(None);"));
        }
    }

    /// Looks at an earlier version: the one that shows this document, and all of
    /// them where that is what fails.
    pub(super) fn checked_out(
        &mut self,
        index: usize,
        at: ReplicaNumber,
        document: &Document,
    ) -> Option<()> {
        let versions = self.versions.get(&at)?.clone();
        let fails = *self.claim == Claim::Versions && {
            let later = &self.story.events[index + 1..];
            !later.iter().any(|event| matches!(event.what, Happened::CheckedOut { .. }))
        };
        let shown_after = |step: &u32| {
            self.story.events.iter().any(|event| match &event.what {
                Happened::Shown { replica, document: shown } => {
                    *replica == at && event.step == Some(*step) && shown == document
                }
                _ => false,
            })
        };
        let one = versions.iter().rev().find(|step| shown_after(step)).or(versions.last());
        let steps = if fails { versions.clone() } else { one.copied().into_iter().collect() };
        let name = replica_name(at);
        self.code().gap();
        for step in steps {
            self.code()
                .line(&format!("assert_eq!({name}.hydrate(Some(&version_{step})), then_{step});"));
        }
        Some(())
    }

    /// The assertions.
    pub(super) fn ending(&mut self) -> Option<()> {
        self.code().gap();
        match self.claim {
            Claim::Equal(replicas) => {
                let names: Vec<String> = replicas.iter().copied().map(replica_name).collect();
                let (first, others) = names.split_first()?;
                for other in others {
                    self.code().line(&format!(
                        "assert_eq!(shown(&{other}), shown(&{first}), \"{other} against {first}\");"
                    ));
                }
                if others.is_empty() {
                    self.code().line(&format!("shown(&{first});"));
                }
            }
            Claim::NothingWaits(replicas) => {
                for name in replicas.iter().copied().map(replica_name) {
                    self.nothing_waits(&name);
                }
            }
            Claim::Backwards(at) => {
                let name = replica_name(*at);
                let steps = self.story.events.iter().filter_map(|event| match &event.what {
                    Happened::Edited { changed: true, .. } => event.step,
                    _ => None,
                });
                let updates: Vec<String> = steps.map(|step| format!("&update_{step}")).collect();
                self.code().comment("A fresh replica gets all updates, the last one first.");
                self.code().line("let mut fresh = replica(\"01\");");
                for update in updates.iter().rev() {
                    self.code().line(&format!("apply(&mut fresh, &[{update}]);"));
                }
                self.nothing_waits("fresh");
                self.code().line(&format!("assert_eq!(shown(&fresh), shown(&{name}));"));
            }
            Claim::Twice(at, _) => {
                let name = replica_name(*at);
                self.code().line(&format!("assert_eq!(shown(&{name}), before);"));
            }
            Claim::Snapshot(at) => {
                let name = replica_name(*at);
                self.code().line(&format!("let fresh = load(\"01\", &{name}.save());"));
                self.code().line(&format!("assert_eq!(shown(&fresh), shown(&{name}));"));
            }
            Claim::Restored(at) => {
                let (name, before) = (replica_name(*at), self.shown_when_stored.clone()?);
                self.code()
                    .line(&format!("assert_eq!((shown(&{name}), {name}.get_heads()), {before});"));
            }
            Claim::Versions => {}
            Claim::LastCall => self.code().comment("The call above is the one that fails."),
            Claim::NotThis(at, document) => self.not_this(&replica_name(*at), document)?,
        }
        Some(())
    }

    fn nothing_waits(&mut self, name: &str) {
        self.code().line(&format!("let missing = {name}.get_missing_deps(&[]);"));
        self.code().line(&format!(
            "assert!(missing.is_empty(), \"{name} still waits for {{missing:?}}\");"
        ));
    }

    /// Asserts that the document is not the wrong one of the story.
    fn not_this(&mut self, name: &str, document: &Document) -> Option<()> {
        if self.story.ending.violation()?.oracle == Oracle::Marks {
            return None;
        }
        self.parts.caveats.push(format!(
            "the last assertion names what {name} shows today, which is wrong; it does not say what \
             would be right"
        ));
        let known = document.roots.iter().filter(|(_, node)| !matches!(node, Node::Tree(_)));
        let shown = known.map(|(root, node)| Some((root.clone(), literal::json(node)?)));
        let shown = shown.collect::<Option<Vec<_>>>()?;
        self.code().open("let as_today = [");
        for (root, json) in shown {
            self.code().line(&format!("json(&{name}, {root:?}) == {json:?},"));
        }
        self.code().close("];");
        self.code().line(&format!(
            "assert!(as_today.contains(&false), \"{name} shows what it must not\");"
        ));
        Some(())
    }

    fn has_marks(&self) -> bool {
        self.story.events.iter().any(|event| match &event.what {
            Happened::Edited { edits, .. } => {
                edits.iter().any(|edit| matches!(edit.action, Action::Mark { .. }))
            }
            _ => false,
        })
    }

    /// The functions after the test.
    pub(super) fn helpers(&mut self) {
        self.parts.caveats.extend(self.story.events.iter().find_map(nested_marks));
        let mut code = Code::default();
        self.write_replica(&mut code);
        code.gap();
        code.line("fn actor(hex: &str) -> ActorId {\n    ActorId::try_from(hex).unwrap()\n}");
        let uses = |name: &str| self.parts.body.mentions(name) > 0;
        if uses("load") {
            code.gap();
            code.line(LOAD);
        }
        if uses("apply") {
            code.gap();
            code.line(APPLY);
        }
        if uses("shown") {
            code.gap();
            self.write_shown(&mut code);
        }
        if uses("json") {
            code.gap();
            code.line(JSON);
        }
        self.parts.helpers = code;
    }

    fn write_replica(&self, code: &mut Code) {
        code.line(
            "/// A document with nothing in it but the change that makes its roots, which is",
        );
        code.line("/// the same everywhere. Indices are in UTF-16 code units.");
        code.open("fn replica(hex: &str) -> Automerge {");
        code.line("let doc = Automerge::new_with_encoding(TextEncoding::Utf16CodeUnit);");
        code.line("let mut doc = doc.with_actor(ActorId::from([0]));");
        code.line("let mut tx = doc.transaction();");
        for (root, kind) in &self.story.roots {
            let kind = match kind {
                ContainerKind::Text => "Text",
                ContainerKind::Map | ContainerKind::Tree => "Map",
                ContainerKind::List | ContainerKind::MovableList => "List",
                ContainerKind::Counter => {
                    code.line(&format!(
                        "tx.put(ROOT, {root:?}, ScalarValue::counter(0)).unwrap();"
                    ));
                    continue;
                }
            };
            code.line(&format!("tx.put_object(ROOT, {root:?}, ObjType::{kind}).unwrap();"));
        }
        code.line("tx.commit_with(CommitOptions::default().with_time(0));");
        code.line("doc.with_actor(actor(hex))");
        code.close("}");
    }

    fn write_shown(&self, code: &mut Code) {
        if !self.has_marks() {
            code.line("/// What a replica shows.");
            code.open("fn shown(doc: &Automerge) -> hydrate::Value {");
            code.line("doc.hydrate(None)");
            code.close("}");
            return;
        }
        code.line("/// What a replica shows, and the marks of its texts.");
        code.open("fn shown(doc: &Automerge) -> (hydrate::Value, Vec<Vec<Mark>>) {");
        code.open("let marks = |text: &str| {");
        code.line("let (_, text) = doc.get(ROOT, text).unwrap().unwrap();");
        code.line("doc.marks(&text).unwrap()");
        code.close("};");
        let texts = self.story.roots.iter().filter(|(_, kind)| **kind == ContainerKind::Text);
        let texts: Vec<String> = texts.map(|(root, _)| format!("marks({root:?})")).collect();
        code.line(&format!("(doc.hydrate(None), vec![{}])", texts.join(", ")));
        code.close("}");
    }
}

/// What a file keeps silent about, where a text inside another container is
/// marked.
fn nested_marks(event: &Event) -> Option<String> {
    let Happened::Edited { edits, .. } = &event.what else { return None };
    let is_mark = |edit: &Edit| matches!(edit.action, Action::Mark { .. });
    let inside = edits.iter().any(|edit| is_mark(edit) && !edit.at.steps.is_empty());
    inside.then(|| "marks of texts inside other containers are not compared".to_owned())
}

const LOAD: &str = r"/// A replica from what was stored.
fn load(hex: &str, stored: &[u8]) -> Automerge {
    let options = LoadOptions::new().text_encoding(TextEncoding::Utf16CodeUnit);
    Automerge::load_with_options(stored, options).unwrap().with_actor(actor(hex))
}";

const APPLY: &str = r"/// Applies changes in one call.
fn apply(doc: &mut Automerge, changes: &[&[u8]]) {
    let decoded: Vec<Change> =
        changes.iter().map(|bytes| Change::from_bytes(bytes.to_vec()).unwrap()).collect();
    doc.apply_changes(decoded).unwrap();
}";

const JSON: &str = r#"/// A root as JSON, without its conflicts and marks.
fn json(doc: &Automerge, root: &str) -> String {
    let hydrate::Value::Map(roots) = doc.hydrate(None) else { unreachable!("the root is a map") };
    let found = roots.iter().find(|(name, _)| *name == root).unwrap();
    json_of(&found.1.value)
}

fn json_of(value: &hydrate::Value) -> String {
    match value {
        hydrate::Value::Scalar(ScalarValue::Null) => "null".to_owned(),
        hydrate::Value::Scalar(ScalarValue::Boolean(value)) => value.to_string(),
        hydrate::Value::Scalar(ScalarValue::Int(value)) => value.to_string(),
        hydrate::Value::Scalar(ScalarValue::Counter(value)) => i64::from(value).to_string(),
        hydrate::Value::Scalar(ScalarValue::Str(value)) => format!("{:?}", value.as_str()),
        hydrate::Value::Scalar(other) => format!("{other:?}"),
        hydrate::Value::Text(text) => format!("{:?}", text.to_string()),
        hydrate::Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| json_of(&item.value)).collect();
            format!("[{}]", items.join(","))
        }
        hydrate::Value::Map(entries) => {
            let entries: BTreeMap<_, _> = entries.iter().collect();
            let entries = entries.iter().map(|(key, at)| format!("{key:?}:{}", json_of(&at.value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
        }
    }
}"#;
