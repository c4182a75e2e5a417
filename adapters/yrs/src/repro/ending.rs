//! What is asserted, and the functions after the test.

use deadzone_core::check::Oracle;
use deadzone_core::document::{Document, Node};
use deadzone_core::edit::ContainerKind;
use deadzone_core::replay::repro::{Code, Scribe as _};

use super::edits::maker;
use super::{Writer, literal};

impl Writer {
    /// What each root is compared with.
    pub(super) fn roots_as_today(
        &mut self,
        name: &str,
        document: &Document,
    ) -> Option<Vec<String>> {
        // Trees are left out, so they must not be what is wrong.
        if self.draft.story.ending.violation()?.oracle == Oracle::Tree {
            return None;
        }
        self.needs("yrs::ReadTxn");
        let mut today = Vec::new();
        let mut roots = Vec::new();
        for (root, node) in &document.roots {
            let kind = *self.draft.story.roots.get(root)?;
            let variable = self.draft.names.give(root, "root");
            let is = match (kind, node) {
                // What is built from maps has another value in yrs.
                (ContainerKind::Tree, _) => continue,
                (ContainerKind::Text, Node::Text(runs)) if self.draft.has_marks() => {
                    format!("characters(&txn, &{variable}) == {}", literal::characters(runs))
                }
                (ContainerKind::Counter, Node::Counter(sum)) => {
                    self.needs("yrs::Map");
                    format!("sum(&txn, &{variable}) == {sum}")
                }
                (ContainerKind::Text, Node::Text(runs)) => {
                    self.needs("yrs::GetString");
                    let text: String = runs.iter().map(|run| run.text.as_str()).collect();
                    format!("{variable}.get_string(&txn) == {text:?}")
                }
                (_, node) => {
                    self.needs("yrs::types::ToJson");
                    let Some(json) = literal::json(node) else { continue };
                    let json = json.to_string();
                    format!("{variable}.to_json(&txn) == Any::from_json({json:?}).unwrap()")
                }
            };
            roots.push(format!("let {variable} = {name}.{}({root:?});", maker(kind)));
            today.push(is);
        }
        for root in roots {
            self.code().line(&root);
        }
        self.code().line(&format!("let txn = {name}.transact();"));
        Some(today)
    }

    /// The functions after the test.
    pub(super) fn functions(&mut self) -> Code {
        let mut code = Code::default();
        self.write_replica(&mut code);
        let [applies, passes_on, shows, sums, characters] =
            ["apply", "apply_and_pass_on", "shown", "sum", "characters"]
                .map(|name| self.draft.uses(name));
        let characters = characters || (shows && self.draft.has_marks());
        if applies {
            self.write_apply(&mut code);
        }
        if passes_on {
            self.write_apply_and_pass_on(&mut code);
        }
        self.write_undo(&mut code);
        if shows {
            self.write_shown(&mut code);
        }
        if characters {
            self.draft.parts.traits.extend(["yrs::ReadTxn", "yrs::Text"]);
            code.item(CHARACTERS);
        }
        if sums {
            self.needs("yrs::ReadTxn");
            code.item(SUM);
        }
        code
    }

    fn write_replica(&mut self, code: &mut Code) {
        code.line("/// An empty replica, with indices in UTF-16 code units as in Yjs.");
        code.open("fn replica(client: u64) -> Doc {");
        code.open("let doc = Doc::with_options(Options {");
        code.line("offset_kind: OffsetKind::Utf16,");
        if self.engine.keeps_history {
            code.line("skip_gc: true,");
        }
        let client = match cfg!(feature = "engine-before-0-26") {
            true => "client",
            false => "ClientID::new(client)",
        };
        code.line(&format!("..Options::with_guid_and_client_id(\"document\".into(), {client})"));
        code.close("});");
        for (root, kind) in &self.draft.story.roots {
            code.line(&format!("doc.{}({root:?});", maker(*kind)));
        }
        code.line("doc");
        code.close("}");
    }

    fn write_apply(&mut self, code: &mut Code) {
        let v = self.v();
        self.needs("yrs::updates::decoder::Decode");
        code.gap();
        code.line("/// Applies updates in one transaction.");
        code.open("fn apply(doc: &Doc, updates: &[&[u8]]) {");
        code.line("let mut txn = doc.transact_mut();");
        code.open("for update in updates {");
        code.line(&format!("txn.apply_update(Update::decode_{v}(update).unwrap()).unwrap();"));
        code.close("}");
        code.close("}");
    }

    fn write_apply_and_pass_on(&mut self, code: &mut Code) {
        let v = self.v();
        self.needs("yrs::updates::decoder::Decode");
        code.gap();
        code.line(
            "/// Applies updates in one transaction; gives what was new in them, for others.",
        );
        code.open("fn apply_and_pass_on(doc: &Doc, updates: &[&[u8]]) -> Vec<u8> {");
        code.line("let mut txn = doc.transact_mut();");
        code.open("for update in updates {");
        code.line(&format!("txn.apply_update(Update::decode_{v}(update).unwrap()).unwrap();"));
        code.close("}");
        code.line("txn.commit();");
        code.line(&format!("txn.encode_update_{v}()"));
        code.close("}");
    }

    fn write_shown(&mut self, code: &mut Code) {
        self.needs("yrs::types::ToJson");
        code.gap();
        if !self.draft.has_marks() {
            code.line("/// What a replica shows.");
            code.open("fn shown(doc: &Doc) -> Any {");
            code.line("doc.to_json(&doc.transact())");
            code.close("}");
            return;
        }
        let texts: Vec<&String> = self
            .draft
            .story
            .roots
            .iter()
            .filter_map(|(root, kind)| (*kind == ContainerKind::Text).then_some(root))
            .collect();
        code.line("/// What a replica shows, and the marks of its texts.");
        code.open("fn shown(doc: &Doc) -> (Any, Vec<Vec<Character>>) {");
        let list: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
        code.line(&format!(
            "let texts = [{}].map(|text| doc.get_or_insert_text(text));",
            list.join(", ")
        ));
        code.line("let txn = doc.transact();");
        code.line("let marked = texts.iter().map(|text| characters(&txn, text)).collect();");
        code.line("(doc.to_json(&txn), marked)");
        code.close("}");
    }
}

const CHARACTERS: &str = r"/// A character and its marks.
type Character = (char, BTreeMap<String, Any>);

/// The characters of a text.
fn characters<T: ReadTxn>(txn: &T, text: &TextRef) -> Vec<Character> {
    let mut characters = Vec::new();
    for part in text.diff(txn, YChange::identity) {
        let marks = part.attributes.iter().flat_map(|marks| marks.iter());
        let marks = marks.filter(|(_, value)| **value != Any::Null);
        let marks: BTreeMap<String, Any> =
            marks.map(|(name, value)| (name.to_string(), value.clone())).collect();
        let text = part.insert.to_string(txn);
        characters.extend(text.chars().map(|character| (character, marks.clone())));
    }
    characters
}";

const SUM: &str = r"/// What a counter shows: the sum of what each client added.
fn sum<T: ReadTxn>(txn: &T, counter: &MapRef) -> i64 {
    let sums = counter.iter(txn).filter_map(|(_, value)| value.cast::<i64>().ok());
    sums.sum()
}";
