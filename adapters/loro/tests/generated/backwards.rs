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

use loro::{
    CommitOptions, Counter, ExpandType, ExportMode, IdSpan, LoroDoc, LoroValue, StyleConfig,
    StyleConfigMap,
};

#[test]
fn history_backwards() {
    let a = replica(439628068070406364);
    let b = replica(1957997456714477154);
    let c = replica(6229048646815140889);

    let start = own_operations(&a);
    let list = a.get_list("list");
    list.insert(0, 1_i64).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_0 = own_updates(&a, start);
    b.import(&update_0).unwrap();

    let start = own_operations(&b);
    let list = b.get_list("list");
    list.insert(0, 1_i64).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_2 = own_updates(&b, start);
    a.import(&update_2).unwrap();

    let start = own_operations(&a);
    let list = a.get_list("list");
    list.insert(0, 1_i64).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_4 = own_updates(&a, start);
    c.import(&update_4).unwrap();
    c.import(&update_2).unwrap();
    c.import(&update_0).unwrap();

    // Everything is brought to everyone.
    b.import(&update_4).unwrap();

    // A fresh replica gets all updates, the last one first.
    let fresh = replica(1);
    fresh.import(&update_4).unwrap();
    fresh.import(&update_2).unwrap();
    fresh.import(&update_0).unwrap();
    let waiting = fresh.export_pending_updates().unwrap();
    assert!(waiting.is_none(), "fresh still waits for something");
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
