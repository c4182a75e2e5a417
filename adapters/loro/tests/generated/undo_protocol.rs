//! loro 1.17.1: a history in which everything holds.
//!
//! Expected, and what happens: all replicas come to show the same document.
//!
//! ```toml
//! [dependencies]
//! loro = "=1.17.1"
//! ```

use loro::{
    CommitOptions, ExpandType, ExportMode, LoroDoc, LoroValue, StyleConfig, StyleConfigMap,
    UndoManager, VersionVector,
};

#[test]
fn replicas_converge() {
    let a = replica(439628068070406364);
    let mut a_undo = undo_manager(&a);
    let b = replica(1957997456714477154);
    let mut b_undo = undo_manager(&b);

    let text = a.get_text("text");
    text.insert_utf16(0, "one ").unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));

    let message_0 = a.oplog_vv().encode();
    let mut b_knows_a = VersionVector::decode(&message_0).unwrap();

    let message_1 = b.oplog_vv().encode();
    let mut a_knows_b = VersionVector::decode(&message_1).unwrap();

    let message_2 = a.export(ExportMode::updates(&a_knows_b)).unwrap();
    a_knows_b.merge(&a.oplog_vv());
    b.import(&message_2).unwrap();
    let meta = LoroDoc::decode_import_blob_meta(&message_2, false).unwrap();
    b_knows_a.merge(&meta.partial_end_vv);

    let text = b.get_text("text");
    text.insert_utf16(0, "two ").unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));

    let message_3 = b.export(ExportMode::updates(&b_knows_a)).unwrap();
    a.import(&message_3).unwrap();
    let meta = LoroDoc::decode_import_blob_meta(&message_3, false).unwrap();
    a_knows_b.merge(&meta.partial_end_vv);

    let text = a.get_text("text");
    text.insert_utf16(0, "three ").unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));

    a_undo.undo().unwrap();

    let message_4 = a.export(ExportMode::updates(&a_knows_b)).unwrap();
    b.import(&message_4).unwrap();

    a_undo.undo().unwrap();

    a_undo.redo().unwrap();

    let text = b.get_text("text");
    text.insert_utf16(0, "four ").unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));

    b_undo.undo().unwrap();

    let saved_0 = b.export(ExportMode::Snapshot).unwrap();

    // The connection between b and a breaks.

    // b starts again, with what was stored.
    let b = without_roots(1957997456714477154);
    b.import(&saved_0).unwrap();
    open_roots(&b);
    let mut b_undo = undo_manager(&b);

    let text = b.get_text("text");
    text.insert_utf16(0, "five ").unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));

    b_undo.undo().unwrap();

    // Everything is brought to everyone.
    let message_5 = a.oplog_vv().encode();
    let b_knows_a = VersionVector::decode(&message_5).unwrap();

    let message_6 = b.oplog_vv().encode();

    let message_7 = b.export(ExportMode::updates(&b_knows_a)).unwrap();
    let mut a_knows_b = VersionVector::decode(&message_6).unwrap();
    a.import(&message_7).unwrap();
    let meta = LoroDoc::decode_import_blob_meta(&message_7, false).unwrap();
    a_knows_b.merge(&meta.partial_end_vv);

    let message_8 = a.export(ExportMode::updates(&a_knows_b)).unwrap();
    b.import(&message_8).unwrap();

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

/// What a replica shows.
fn shown(doc: &LoroDoc) -> LoroValue {
    doc.get_deep_value()
}
