//! What is asserted, and the functions after the test.

use deadzone_core::check::Oracle;
use deadzone_core::document::{Document, Node};
use deadzone_core::edit::ContainerKind;
use deadzone_core::replay::repro::Code;

use super::edits::getter;
use super::{Writer, literal};

impl Writer {
    /// What each root is compared with.
    pub(super) fn roots_as_today(&self, name: &str, document: &Document) -> Option<Vec<String>> {
        // What is wrong must be among what is compared: trees are not, as their
        // nodes have other ids each time, nor are marks of texts inside others.
        match self.draft.story.ending.violation()?.oracle {
            Oracle::Tree => return None,
            Oracle::Marks if self.draft.has_nested_marks() => return None,
            _ => {}
        }
        let mut today = Vec::new();
        for (root, node) in &document.roots {
            let kind = *self.draft.story.roots.get(root)?;
            let container = format!("{name}.{}({root:?})", getter(kind));
            today.push(match node {
                // Node ids are in its value.
                Node::Tree(_) => continue,
                Node::Text(runs) if self.draft.has_marks() => {
                    format!("characters(&{container}) == {}", literal::characters(runs))
                }
                Node::Text(_) => {
                    format!("{container}.to_string() == {}", literal::deep(node)?)
                }
                Node::Counter(sum) => format!("{container}.get_value() == {sum}_f64"),
                node => {
                    let Some(value) = literal::deep(node) else { continue };
                    format!("{container}.get_deep_value() == loro_value!({value})")
                }
            });
        }
        Some(today)
    }

    /// The functions after the test; none where the release has no calls that it
    /// makes.
    pub(super) fn functions(&self) -> Option<Code> {
        let uses = |name: &str| self.draft.uses(name);
        // Releases without that keep nothing that a file could ask for.
        if cfg!(feature = "engine-before-1-17") && uses("export_pending_updates") {
            return None;
        }
        let mut code = Code::default();
        code.line(REPLICA);
        code.gap();
        code.open("fn open_roots(doc: &LoroDoc) {");
        for (root, kind) in &self.draft.story.roots {
            code.line(&format!("doc.{}({root:?});", getter(*kind)));
        }
        code.close("}");
        if uses("undo_manager") {
            code.item(UNDO_MANAGER);
        }
        if uses("own_updates") {
            code.item(OWN_UPDATES);
        }
        let characters = uses("characters") || (uses("shown") && self.draft.has_marks());
        if uses("shown") {
            code.gap();
            self.write_shown(&mut code);
        }
        if characters {
            code.item(CHARACTERS);
        }
        Some(code)
    }

    fn write_shown(&self, code: &mut Code) {
        if !self.draft.has_marks() {
            code.line("/// What a replica shows.");
            code.open("fn shown(doc: &LoroDoc) -> LoroValue {");
            code.line("doc.get_deep_value()");
            code.close("}");
            return;
        }
        code.line("/// What a replica shows, and the marks of its texts.");
        code.open("fn shown(doc: &LoroDoc) -> (LoroValue, Vec<Vec<Character>>) {");
        let texts = self.draft.story.roots.iter().filter(|(_, kind)| **kind == ContainerKind::Text);
        let texts: Vec<String> =
            texts.map(|(root, _)| format!("characters(&doc.get_text({root:?}))")).collect();
        code.line(&format!("(doc.get_deep_value(), vec![{}])", texts.join(", ")));
        code.close("}");
    }
}

const REPLICA: &str = r"/// An empty replica. Marks grow with text that is typed at their end.
fn replica(peer: u64) -> LoroDoc {
    let doc = without_roots(peer);
    open_roots(&doc);
    doc
}

fn without_roots(peer: u64) -> LoroDoc {
    let doc = LoroDoc::new();
    doc.set_peer_id(peer).unwrap();
    doc.config_text_style(StyleConfigMap::new());
    doc.config_default_text_style(Some(StyleConfig { expand: ExpandType::After }));
    doc
}";

const UNDO_MANAGER: &str = r"/// Takes commits back, each by itself.
fn undo_manager(doc: &LoroDoc) -> UndoManager {
    let mut manager = UndoManager::new(doc);
    manager.set_merge_interval(i64::MIN);
    manager
}";

const OWN_UPDATES: &str = r"/// How many operations a replica has made itself.
fn own_operations(doc: &LoroDoc) -> Counter {
    doc.oplog_vv().get(&doc.peer_id()).copied().unwrap_or(0)
}

/// What it has made itself since then.
fn own_updates(doc: &LoroDoc, start: Counter) -> Vec<u8> {
    let span = IdSpan::new(doc.peer_id(), start, own_operations(doc));
    doc.export(ExportMode::updates_in_range(vec![span])).unwrap()
}";

const CHARACTERS: &str = r"/// A character and its marks.
type Character = (char, BTreeMap<String, LoroValue>);

/// The characters of a text.
fn characters(text: &LoroText) -> Vec<Character> {
    let mut characters = Vec::new();
    for part in text.to_delta() {
        let TextDelta::Insert { insert, attributes } = part else { continue };
        let marks = attributes.into_iter().flatten();
        let marks: BTreeMap<String, LoroValue> =
            marks.filter(|(_, value)| *value != LoroValue::Null).collect();
        characters.extend(insert.chars().map(|character| (character, marks.clone())));
    }
    characters
}";
