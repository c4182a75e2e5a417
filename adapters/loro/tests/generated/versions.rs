//! loro 1.17.1: a history in which everything holds.
//!
//! Expected, and what happens: all replicas come to show the same document.
//!
//! ```toml
//! [dependencies]
//! loro = "=1.17.1"
//! ```

use loro::{CommitOptions, ExpandType, ExportMode, LoroDoc, LoroValue, StyleConfig, StyleConfigMap};

#[test]
fn replicas_converge() {
    let a = replica(439628068070406364);
    let b = replica(1957997456714477154);

    let map = a.get_map("map");
    map.insert("k", 1_i64).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let version_0 = a.oplog_frontiers();
    let then_0 = shown(&a);
    shown(&a);

    let map = a.get_map("map");
    map.insert("k", 2_i64).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    shown(&a);

    let saved_0 = a.export(ExportMode::Snapshot).unwrap();
    b.import(&saved_0).unwrap();

    let map = b.get_map("map");
    map.insert("k", 3_i64).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    shown(&b);

    let saved_1 = b.export(ExportMode::Snapshot).unwrap();
    a.import(&saved_1).unwrap();

    let map = a.get_map("map");
    map.insert("k", 4_i64).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let version_5 = a.oplog_frontiers();
    let then_5 = shown(&a);
    shown(&a);

    let now = shown(&a);
    a.checkout(&version_0).unwrap();
    assert_eq!(shown(&a), then_0);
    a.checkout_to_latest();
    assert_eq!(shown(&a), now);

    let now = shown(&a);
    a.checkout(&version_5).unwrap();
    assert_eq!(shown(&a), then_5);
    a.checkout_to_latest();
    assert_eq!(shown(&a), now);

    let map = a.get_map("map");
    map.insert("k", 5_i64).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    shown(&a);

    // Everything is brought to everyone.
    let saved_2 = b.export(ExportMode::Snapshot).unwrap();
    a.import(&saved_2).unwrap();

    let saved_3 = a.export(ExportMode::Snapshot).unwrap();
    b.import(&saved_3).unwrap();

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
    doc.get_map("map");
}

/// What a replica shows.
fn shown(doc: &LoroDoc) -> LoroValue {
    doc.get_deep_value()
}
