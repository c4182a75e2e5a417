//! loro 1.17.1: a history in which something does not hold.
//!
//! Expected: a replica made of all updates, one loaded from a snapshot and a checkout of a version
//! equal what was recorded.
//!
//! What happens, at the end: something else happens.
//!
//! The test fails for as long as that is so.
//!
//! ```toml
//! [dependencies]
//! loro = "=1.17.1"
//! ```

use loro::{CommitOptions, ExpandType, ExportMode, LoroDoc, LoroValue, StyleConfig, StyleConfigMap};

#[test]
fn history_snapshot() {
    let a = replica(439628068070406364);
    let b = replica(1957997456714477154);

    let list = a.get_list("list");
    list.insert(0, 1_i64).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));

    let list = b.get_list("list");
    list.insert(0, 2_i64).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));

    let saved_0 = a.export(ExportMode::Snapshot).unwrap();
    b.import(&saved_0).unwrap();

    let list = b.get_list("list");
    list.insert(0, 3_i64).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));

    let saved_1 = b.export(ExportMode::Snapshot).unwrap();
    let c = without_roots(6229048646815140889);
    c.import(&saved_1).unwrap();
    open_roots(&c);

    let list = c.get_list("list");
    list.insert(0, 4_i64).unwrap();
    c.commit_with(CommitOptions::new().timestamp(0));

    let list = b.get_list("list");
    list.insert(0, 5_i64).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));

    let d = c.fork();
    d.set_peer_id(2624081085818955107).unwrap();
    open_roots(&d);

    let list = d.get_list("list");
    list.insert(0, 6_i64).unwrap();
    d.commit_with(CommitOptions::new().timestamp(0));

    let saved_2 = d.export(ExportMode::Snapshot).unwrap();
    let stored_3 = d.oplog_vv();

    let list = d.get_list("list");
    list.insert(0, 7_i64).unwrap();
    d.commit_with(CommitOptions::new().timestamp(0));

    let saved_3 = d.export(ExportMode::updates(&stored_3)).unwrap();

    // d starts again, with what was stored.
    let d = without_roots(2624081085818955107);
    d.import(&saved_2).unwrap();
    d.import_batch(std::slice::from_ref(&saved_3)).unwrap();
    open_roots(&d);

    let list = d.get_list("list");
    list.insert(0, 8_i64).unwrap();
    d.commit_with(CommitOptions::new().timestamp(0));

    // a starts again, with what was stored.
    let a = without_roots(439628068070406364);
    a.import(&saved_0).unwrap();
    open_roots(&a);

    let list = a.get_list("list");
    list.insert(0, 9_i64).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));

    // Everything is brought to everyone.
    let saved_4 = b.export(ExportMode::Snapshot).unwrap();
    a.import(&saved_4).unwrap();

    let saved_5 = c.export(ExportMode::Snapshot).unwrap();
    a.import(&saved_5).unwrap();

    let saved_6 = d.export(ExportMode::Snapshot).unwrap();
    a.import(&saved_6).unwrap();

    let saved_7 = a.export(ExportMode::Snapshot).unwrap();
    b.import(&saved_7).unwrap();

    let saved_8 = a.export(ExportMode::Snapshot).unwrap();
    c.import(&saved_8).unwrap();

    let saved_9 = a.export(ExportMode::Snapshot).unwrap();
    d.import(&saved_9).unwrap();

    let fresh = without_roots(1);
    fresh.import(&a.export(ExportMode::Snapshot).unwrap()).unwrap();
    open_roots(&fresh);
    assert_eq!(shown(&fresh), shown(&a));
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
    doc.get_list("list");
}

/// What a replica shows.
fn shown(doc: &LoroDoc) -> LoroValue {
    doc.get_deep_value()
}
