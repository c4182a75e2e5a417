//! loro 1.17.1: a history in which everything holds.
//!
//! Expected, and what happens: all replicas come to show the same document.
//!
//! ```toml
//! [dependencies]
//! loro = "=1.17.1"
//! ```

use loro::{
    CommitOptions, Counter, ExpandType, ExportMode, IdSpan, LoroDoc, LoroValue, StyleConfig,
    StyleConfigMap, UndoManager,
};

#[test]
fn replicas_converge() {
    let a = replica(439628068070406364);
    let mut a_undo = undo_manager(&a);
    let b = replica(1957997456714477154);
    let mut b_undo = undo_manager(&b);

    let start = own_operations(&a);
    let text = a.get_text("text");
    text.insert_utf16(0, "one ").unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_0 = own_updates(&a, start);
    b.import(&update_0).unwrap();

    let start = own_operations(&b);
    let text = b.get_text("text");
    text.insert_utf16(0, "two ").unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_2 = own_updates(&b, start);
    a.import(&update_2).unwrap();

    let start = own_operations(&a);
    let text = a.get_text("text");
    text.insert_utf16(0, "three ").unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_4 = own_updates(&a, start);

    let start = own_operations(&a);
    a_undo.undo().unwrap();
    let update_5 = own_updates(&a, start);
    b.import(&update_5).unwrap();

    let start = own_operations(&a);
    a_undo.undo().unwrap();
    let update_7 = own_updates(&a, start);

    let start = own_operations(&a);
    a_undo.redo().unwrap();
    let update_8 = own_updates(&a, start);

    let start = own_operations(&b);
    let text = b.get_text("text");
    text.insert_utf16(0, "four ").unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_9 = own_updates(&b, start);

    let start = own_operations(&b);
    b_undo.undo().unwrap();
    let update_10 = own_updates(&b, start);

    let saved_0 = b.export(ExportMode::Snapshot).unwrap();
    let waiting_0 = b.export_pending_updates().unwrap().unwrap();

    // b starts again, with what was stored.
    let b = without_roots(1957997456714477154);
    b.import(&saved_0).unwrap();
    b.import(&waiting_0).unwrap();
    open_roots(&b);
    let mut b_undo = undo_manager(&b);

    let start = own_operations(&b);
    let text = b.get_text("text");
    text.insert_utf16(0, "five ").unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_13 = own_updates(&b, start);

    let start = own_operations(&b);
    b_undo.undo().unwrap();
    let update_14 = own_updates(&b, start);

    // Everything is brought to everyone.
    a.import(&update_9).unwrap();
    a.import(&update_10).unwrap();
    a.import(&update_13).unwrap();
    a.import(&update_14).unwrap();
    b.import(&update_4).unwrap();
    b.import(&update_5).unwrap();
    b.import(&update_7).unwrap();
    b.import(&update_8).unwrap();

    assert_eq!(shown(&b), shown(&a), "b against a");
}

/// An empty replica. Marks grow with text that is typed at their end.
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
}

fn open_roots(doc: &LoroDoc) {
    doc.get_text("text");
}

/// Takes commits back, each by itself.
fn undo_manager(doc: &LoroDoc) -> UndoManager {
    let mut manager = UndoManager::new(doc);
    manager.set_merge_interval(i64::MIN);
    manager
}

/// How many operations a replica has made itself.
fn own_operations(doc: &LoroDoc) -> Counter {
    doc.oplog_vv().get(&doc.peer_id()).copied().unwrap_or(0)
}

/// What it has made itself since then.
fn own_updates(doc: &LoroDoc, start: Counter) -> Vec<u8> {
    let span = IdSpan::new(doc.peer_id(), start, own_operations(doc));
    doc.export(ExportMode::updates_in_range(vec![span])).unwrap()
}

/// What a replica shows.
fn shown(doc: &LoroDoc) -> LoroValue {
    doc.get_deep_value()
}
