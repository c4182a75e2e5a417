//! What is asserted, and the functions after the test.

use deadzone_core::document::{Document, Node};
use deadzone_core::edit::{Action, ContainerKind};
use deadzone_core::replay::Happened;
use deadzone_core::replay::repro::{Claim, Code, replica_name};

use super::edits::maker;
use super::{Writer, literal};

impl Writer<'_> {
    /// The assertions.
    pub(super) fn ending(&mut self) -> Option<()> {
        self.code().gap();
        let v = self.v();
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
                let updates: Vec<String> = self
                    .story
                    .events
                    .iter()
                    .filter_map(|event| match &event.what {
                        Happened::Edited { changed: true, .. } => event.step,
                        _ => None,
                    })
                    .map(|step| format!("&update_{step}"))
                    .collect();
                self.code().comment("A fresh replica gets all updates, the last one first.");
                self.code().line("let fresh = replica(1);");
                for update in updates.iter().rev() {
                    self.code().line(&format!("apply(&fresh, &[{update}]);"));
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
                self.parts.traits.insert("yrs::ReadTxn");
                self.code().line(&format!(
                    "let saved = {name}.transact().encode_state_as_update_{v}(&StateVector::default());"
                ));
                self.code().line("let fresh = replica(1);");
                self.code().line("apply(&fresh, &[&saved]);");
                self.code().line(&format!("assert_eq!(shown(&fresh), shown(&{name}));"));
            }
            Claim::Restored(at) => {
                let name = replica_name(*at);
                self.code().line(&format!(
                    "assert_eq!((shown(&{name}), {name}.transact().state_vector()), before);"
                ));
            }
            Claim::LastCall => self.code().comment("The call above is the one that fails."),
            Claim::NotThis(at, document) => self.not_this(&replica_name(*at), document)?,
            Claim::Versions => return None,
        }
        Some(())
    }

    fn nothing_waits(&mut self, name: &str) {
        self.parts.traits.insert("yrs::ReadTxn");
        self.code().open("{");
        self.code().line(&format!("let txn = {name}.transact();"));
        self.code().line("let updates = txn.store().pending_update();");
        self.code().line("let deletions = txn.store().pending_ds();");
        self.code().line("let nothing_waits = updates.is_none() && deletions.is_none();");
        self.code().line(&format!("assert!(nothing_waits, \"{name} still waits for something\");"));
        self.code().close("}");
    }

    /// Asserts that the document is not the wrong one of the story.
    fn not_this(&mut self, name: &str, document: &Document) -> Option<()> {
        self.parts.caveats.push(format!(
            "the last assertion names what {name} shows today, which is wrong; it does not say what \
             would be right"
        ));
        self.parts.traits.insert("yrs::ReadTxn");
        let mut today = Vec::new();
        let mut roots = Vec::new();
        for (root, node) in &document.roots {
            let kind = *self.story.roots.get(root)?;
            let variable = self.names.give(root, "root");
            let is = match (kind, node) {
                // What is built from maps has another value in yrs.
                (ContainerKind::Tree, _) => continue,
                (ContainerKind::Text, Node::Text(runs)) if self.has_marks() => {
                    format!("characters(&txn, &{variable}) == {}", literal::characters(runs))
                }
                (ContainerKind::Counter, Node::Counter(sum)) => {
                    self.parts.traits.insert("yrs::Map");
                    format!("sum(&txn, &{variable}) == {sum}")
                }
                (ContainerKind::Text, Node::Text(runs)) => {
                    self.parts.traits.insert("yrs::GetString");
                    let text: String = runs.iter().map(|run| run.text.as_str()).collect();
                    format!("{variable}.get_string(&txn) == {text:?}")
                }
                (_, node) => {
                    self.parts.traits.insert("yrs::types::ToJson");
                    let Some(json) = literal::json(node) else { continue };
                    let json = json.to_string();
                    format!("{variable}.to_json(&txn) == Any::from_json({json:?}).unwrap()")
                }
            };
            roots.push(format!("let {variable} = {name}.{}({root:?});", maker(kind)));
            today.push(is);
        }
        if today.is_empty() {
            return None;
        }
        for root in roots {
            self.code().line(&root);
        }
        self.code().line(&format!("let txn = {name}.transact();"));
        self.code().open("let as_today = [");
        for is in today {
            self.code().line(&format!("{is},"));
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
        let mut code = Code::default();
        self.write_replica(&mut code);
        let body = &self.parts.body;
        let (applies, passes_on, shows, sums) = (
            body.mentions("apply") > 0,
            body.mentions("apply_and_pass_on") > 0,
            body.mentions("shown") > 0,
            body.mentions("sum") > 0,
        );
        let characters = body.mentions("characters") > 0 || (shows && self.has_marks());
        if applies {
            self.write_apply(&mut code);
        }
        if passes_on {
            self.write_apply_and_pass_on(&mut code);
        }
        if shows {
            self.write_shown(&mut code);
        }
        if characters {
            self.parts.traits.extend(["yrs::ReadTxn", "yrs::Text"]);
            code.gap();
            code.line(CHARACTERS);
        }
        if sums {
            self.parts.traits.extend(["yrs::ReadTxn"]);
            code.gap();
            code.line(SUM);
        }
        self.parts.helpers = code;
    }

    fn write_replica(&mut self, code: &mut Code) {
        code.line("/// An empty replica, with indices in UTF-16 code units as in Yjs.");
        code.open("fn replica(client: u64) -> Doc {");
        code.open("let doc = Doc::with_options(Options {");
        code.line("offset_kind: OffsetKind::Utf16,");
        if self.engine.keeps_history {
            code.line("skip_gc: true,");
        }
        code.line("..Options::with_guid_and_client_id(\"document\".into(), ClientID::new(client))");
        code.close("});");
        for (root, kind) in &self.story.roots {
            code.line(&format!("doc.{}({root:?});", maker(*kind)));
        }
        code.line("doc");
        code.close("}");
    }

    fn write_apply(&mut self, code: &mut Code) {
        let v = self.v();
        self.parts.traits.insert("yrs::updates::decoder::Decode");
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
        self.parts.traits.insert("yrs::updates::decoder::Decode");
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
        self.parts.traits.insert("yrs::types::ToJson");
        code.gap();
        if !self.has_marks() {
            code.line("/// What a replica shows.");
            code.open("fn shown(doc: &Doc) -> Any {");
            code.line("doc.to_json(&doc.transact())");
            code.close("}");
            return;
        }
        let texts: Vec<&String> = self
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
