//! What is asserted, and the functions after the test.

use deadzone_core::check::Oracle;
use deadzone_core::document::{Document, Node};
use deadzone_core::edit::{Action, ContainerKind, Edit};
use deadzone_core::replay::repro::{Claim, Code, replica_name};
use deadzone_core::replay::{Event, Happened};
use deadzone_core::schedule::ReplicaNumber;

use super::edits::getter;
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
            self.code().line(&format!("let version_{step} = {name}.oplog_frontiers();"));
            self.code().line(&format!("let then_{step} = shown(&{name});"));
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
        self.code().line(&format!("let now = shown(&{name});"));
        for step in steps {
            self.code().line(&format!("{name}.checkout(&version_{step}).unwrap();"));
            self.code().line(&format!("assert_eq!(shown(&{name}), then_{step});"));
            self.code().line(&format!("{name}.checkout_to_latest();"));
        }
        self.code().line(&format!("assert_eq!(shown(&{name}), now);"));
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
                self.code().line("let fresh = replica(1);");
                for update in updates.iter().rev() {
                    self.code().line(&format!("fresh.import({update}).unwrap();"));
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
                self.code().line("let fresh = without_roots(1);");
                self.code().line(&format!(
                    "fresh.import(&{name}.export(ExportMode::Snapshot).unwrap()).unwrap();"
                ));
                self.code().line("open_roots(&fresh);");
                self.code().line(&format!("assert_eq!(shown(&fresh), shown(&{name}));"));
            }
            Claim::Restored(at) => {
                let (name, before) = (replica_name(*at), self.shown_when_stored.clone()?);
                self.code()
                    .line(&format!("assert_eq!((shown(&{name}), {name}.oplog_vv()), {before});"));
            }
            Claim::Versions => {}
            Claim::LastCall => self.code().comment("The call above is the one that fails."),
            Claim::NotThis(at, document) => self.not_this(&replica_name(*at), document)?,
        }
        Some(())
    }

    fn nothing_waits(&mut self, name: &str) {
        self.code().line(&format!("let waiting = {name}.export_pending_updates().unwrap();"));
        self.code()
            .line(&format!("assert!(waiting.is_none(), \"{name} still waits for something\");"));
    }

    /// Asserts that the document is not the wrong one of the story.
    fn not_this(&mut self, name: &str, document: &Document) -> Option<()> {
        // What is wrong must be among what is compared: trees are not, as their
        // nodes have other ids each time, nor are marks of texts inside others.
        let marks_inside = self.story.events.iter().any(|event| nested_marks(event).is_some());
        match self.story.ending.violation()?.oracle {
            Oracle::Tree => return None,
            Oracle::Marks if marks_inside => return None,
            _ => {}
        }
        let mut today = Vec::new();
        for (root, node) in &document.roots {
            let kind = *self.story.roots.get(root)?;
            let container = format!("{name}.{}({root:?})", getter(kind));
            today.push(match node {
                // Node ids are in its value.
                Node::Tree(_) => continue,
                Node::Text(runs) if self.has_marks() => {
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
        if today.is_empty() {
            return None;
        }
        self.parts.caveats.push(format!(
            "the last assertion names what {name} shows today, which is wrong; it does not say what \
             would be right"
        ));
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
        self.parts.caveats.extend(self.story.events.iter().find_map(nested_marks));
        let mut code = Code::default();
        let uses = |name: &str| self.parts.body.mentions(name) > 0;
        code.line(REPLICA);
        code.gap();
        code.open("fn open_roots(doc: &LoroDoc) {");
        for (root, kind) in &self.story.roots {
            code.line(&format!("doc.{}({root:?});", getter(*kind)));
        }
        code.close("}");
        if uses("own_updates") {
            code.gap();
            code.line(OWN_UPDATES);
        }
        let characters = uses("characters") || (uses("shown") && self.has_marks());
        if uses("shown") {
            code.gap();
            self.write_shown(&mut code);
        }
        if characters {
            code.gap();
            code.line(CHARACTERS);
        }
        self.parts.helpers = code;
    }

    fn write_shown(&self, code: &mut Code) {
        if !self.has_marks() {
            code.line("/// What a replica shows.");
            code.open("fn shown(doc: &LoroDoc) -> LoroValue {");
            code.line("doc.get_deep_value()");
            code.close("}");
            return;
        }
        code.line("/// What a replica shows, and the marks of its texts.");
        code.open("fn shown(doc: &LoroDoc) -> (LoroValue, Vec<Vec<Character>>) {");
        let texts = self.story.roots.iter().filter(|(_, kind)| **kind == ContainerKind::Text);
        let texts: Vec<String> =
            texts.map(|(root, _)| format!("characters(&doc.get_text({root:?}))")).collect();
        code.line(&format!("(doc.get_deep_value(), vec![{}])", texts.join(", ")));
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
