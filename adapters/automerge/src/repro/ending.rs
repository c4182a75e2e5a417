//! What is asserted, and the functions after the test.

use deadzone_core::check::Oracle;
use deadzone_core::document::{Document, Node};
use deadzone_core::edit::ContainerKind;
use deadzone_core::replay::repro::Code;

use super::{Writer, literal};

impl Writer {
    /// What `json` gives for each root; none of a document whose marks are what
    /// is wrong, or whose trees are, as those are not in it.
    pub(super) fn roots_as_json(&self, name: &str, document: &Document) -> Option<Vec<String>> {
        let oracle = self.draft.story.ending.violation()?.oracle;
        if matches!(oracle, Oracle::Marks | Oracle::Tree) {
            return None;
        }
        let known = document.roots.iter().filter(|(_, node)| !matches!(node, Node::Tree(_)));
        let is = |(root, node)| {
            let json = literal::json(node)?;
            Some(format!("json(&{name}, {root:?}) == {json:?}"))
        };
        known.map(is).collect()
    }

    /// The functions after the test; none where the release has no calls that it
    /// makes: see `shim.rs`.
    pub(super) fn functions(&self) -> Option<Code> {
        let uses = |name: &str| self.draft.uses(name);
        let makes_whole_values = uses("batch_create_object") || uses("splice");
        if cfg!(feature = "engine-before-0-8") && makes_whole_values {
            return None;
        }
        // Nor has the test the log of patches that the adapter keeps, as
        // `AutoCommit` does.
        let violation = self.draft.story.ending.violation();
        if violation.is_some_and(|violation| violation.said.contains("PatchLogMismatch")) {
            return None;
        }
        let mut code = Code::default();
        self.write_replica(&mut code);
        code.item("fn actor(hex: &str) -> ActorId {\n    ActorId::try_from(hex).unwrap()\n}");
        if uses("load") {
            code.item(LOAD);
        }
        if uses("apply") {
            code.item(APPLY);
        }
        if uses("shown") {
            code.gap();
            self.write_shown(&mut code);
        }
        if uses("json") {
            code.item(JSON);
        }
        Some(code)
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
        for (root, kind) in &self.draft.story.roots {
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
        if !self.draft.has_marks() {
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
        let texts = self.draft.story.roots.iter().filter(|(_, kind)| **kind == ContainerKind::Text);
        let texts: Vec<String> = texts.map(|(root, _)| format!("marks({root:?})")).collect();
        code.line(&format!("(doc.hydrate(None), vec![{}])", texts.join(", ")));
        code.close("}");
    }
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
