//! loro 1.17.1: a history in which something does not hold.
//!
//! Expected: replicas that are connected come to hold the same edits, then fall silent.
//!
//! What happens, at the end: `a` and `c` still talk.
//!
//! The test fails for as long as that is so.
//!
//! ```toml
//! [dependencies]
//! loro = "=1.17.1"
//! ```

use loro::{
    CommitOptions, ExpandType, ExportMode, LoroDoc, StyleConfig, StyleConfigMap, VersionVector,
};

#[test]
fn liveness_chatter() {
    let a = replica(439628068070406364);
    let b = replica(1957997456714477154);
    let c = replica(6229048646815140889);

    let text = a.get_text("text");
    text.insert_utf16(0, "one ").unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));

    let saved_0 = a.export(ExportMode::Snapshot).unwrap();
    let stored_0 = a.oplog_vv();

    let message_0 = a.oplog_vv().encode();

    let message_1 = b.oplog_vv().encode();
    let mut b_knows_a = VersionVector::decode(&message_0).unwrap();
    let mut a_knows_b = VersionVector::decode(&message_1).unwrap();

    let text = b.get_text("text");
    text.insert_utf16(0, "two ").unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));

    let message_2 = a.export(ExportMode::updates(&a_knows_b)).unwrap();
    a_knows_b.merge(&a.oplog_vv());
    b.import(&message_2).unwrap();
    let meta = LoroDoc::decode_import_blob_meta(&message_2, false).unwrap();
    b_knows_a.merge(&meta.partial_end_vv);

    let message_3 = b.export(ExportMode::updates(&b_knows_a)).unwrap();
    b_knows_a.merge(&b.oplog_vv());
    a.import(&message_3).unwrap();
    let meta = LoroDoc::decode_import_blob_meta(&message_3, false).unwrap();
    a_knows_b.merge(&meta.partial_end_vv);

    let message_4 = a.oplog_vv().encode();
    let mut c_knows_a = VersionVector::decode(&message_4).unwrap();

    let message_5 = c.oplog_vv().encode();
    let a_knows_c = VersionVector::decode(&message_5).unwrap();

    let message_6 = a.export(ExportMode::updates(&a_knows_c)).unwrap();
    c.import(&message_6).unwrap();
    let meta = LoroDoc::decode_import_blob_meta(&message_6, false).unwrap();
    c_knows_a.merge(&meta.partial_end_vv);

    let text = c.get_text("text");
    text.insert_utf16(0, "three ").unwrap();
    c.commit_with(CommitOptions::new().timestamp(0));

    let text = b.get_text("text");
    text.insert_utf16(0, "four ").unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));

    let message_7 = c.export(ExportMode::updates(&c_knows_a)).unwrap();
    a.import(&message_7).unwrap();

    let message_8 = a.export(ExportMode::updates(&a_knows_b)).unwrap();
    b.import(&message_8).unwrap();
    let meta = LoroDoc::decode_import_blob_meta(&message_8, false).unwrap();
    b_knows_a.merge(&meta.partial_end_vv);

    let message_9 = b.export(ExportMode::updates(&b_knows_a)).unwrap();
    b_knows_a.merge(&b.oplog_vv());
    a.import(&message_9).unwrap();

    let saved_1 = a.export(ExportMode::updates(&stored_0)).unwrap();

    let text = b.get_text("text");
    text.insert_utf16(0, "five ").unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));

    b.export(ExportMode::updates(&b_knows_a)).unwrap();

    // The connection between a and b breaks; what is on its way is lost.

    let text = c.get_text("text");
    text.insert_utf16(0, "six ").unwrap();
    c.commit_with(CommitOptions::new().timestamp(0));

    // The connection between a and c breaks.

    // a starts again, with what was stored.
    let a = without_roots(439628068070406364);
    a.import(&saved_0).unwrap();
    a.import_batch(std::slice::from_ref(&saved_1)).unwrap();
    open_roots(&a);

    let message_11 = a.oplog_vv().encode();
    let b_knows_a = VersionVector::decode(&message_11).unwrap();

    let message_13 = b.export(ExportMode::updates(&b_knows_a)).unwrap();
    a.import(&message_13).unwrap();

    let text = a.get_text("text");
    text.insert_utf16(0, "seven ").unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));

    // a and c talk until neither has anything to say.
    let mut messages = 0;
    while a.oplog_vv() != c.oplog_vv() {
        c.import(&a.export(ExportMode::updates(&c.oplog_vv())).unwrap()).unwrap();
        a.import(&c.export(ExportMode::updates(&a.oplog_vv())).unwrap()).unwrap();
        messages += 2;
        assert!(messages <= 400, "a and c still talk");
    }
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
