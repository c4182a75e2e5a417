//! Taking own transactions back.

use deadzone_core::replay::repro::{Code, Scribe as _, replica_name};
use deadzone_core::schedule::ReplicaNumber;

use super::Writer;
use super::edits::maker;
use crate::undo::ORIGIN;

impl Writer {
    /// Makes what is done at a new replica undoable, if anything is ever undone;
    /// none where the release makes managers in another way: see `shim.rs`.
    pub(super) fn tracks_undo(&mut self, index: usize, at: ReplicaNumber) -> Option<()> {
        if let Some(binding) = self.draft.undo_binding(index, at) {
            if cfg!(feature = "engine-before-0-27") {
                return None;
            }
            self.undoes = true;
            let name = replica_name(at);
            self.code().line(&format!("let {binding} = undo_manager(&{name});"));
        }
        Some(())
    }

    pub(super) fn takes_back(&mut self, at: ReplicaNumber, call: &str, step: u32) {
        let (name, update) = (replica_name(at), format!("update_{step}"));
        self.courier.edited(at, &update);
        let wanted = self.wants(&update);
        let call = format!("{name}_undo.{call}_blocking();");
        self.code().gap();
        if wanted {
            self.code().open(&format!("let {update} = update_of(&{name}, || {{"));
            self.code().line(&call);
            self.code().close("});");
        } else {
            self.code().line(&call);
        }
    }

    /// The functions that the test uses for it.
    pub(super) fn write_undo(&self, code: &mut Code) {
        if self.draft.uses("undo_manager") {
            self.write_undo_manager(code);
        }
        if self.draft.uses("update_of") {
            code.item(&UPDATE_OF.replace("_v1", &format!("_{}", self.v())));
        }
    }

    fn write_undo_manager(&self, code: &mut Code) {
        code.item("/// Takes own transactions back, each by itself.");
        code.open("fn undo_manager(doc: &Doc) -> UndoManager {");
        code.open("let mut manager = UndoManager::with_options(undo::Options {");
        code.line("capture_timeout_millis: 0,");
        code.line("timestamp: Arc::new(|| 0),");
        code.line("..undo::Options::default()");
        code.close("});");
        for (root, kind) in &self.draft.story.roots {
            code.line(&format!("manager.expand_scope(doc, &doc.{}({root:?}));", maker(*kind)));
        }
        code.line(&format!("manager.include_origin({ORIGIN:?});"));
        code.line("manager");
        code.close("}");
    }
}

const UPDATE_OF: &str = r#"/// What a call has for others.
fn update_of(doc: &Doc, call: impl FnOnce()) -> Vec<u8> {
    let update = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&update);
    doc.observe_update_v1("update", move |_, event| {
        seen.lock().unwrap().clone_from(&event.update);
    })
    .unwrap();
    call();
    doc.unobserve_update_v1("update").unwrap();
    let update = update.lock().unwrap();
    update.clone()
}"#;
