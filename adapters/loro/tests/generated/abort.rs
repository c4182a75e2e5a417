//! loro 1.17.1: a history in which something does not hold.
//!
//! Expected: an engine does not end its process.
//!
//! What happens, at the end: the engine aborted.
//!
//! The test takes its process with it for as long as that is so.
//!
//! ```toml
//! [dependencies]
//! loro = "=1.17.1"
//! ```

use loro::{CommitOptions, ExpandType, ExportMode, LoroDoc, StyleConfig, StyleConfigMap};

#[test]
fn abort_signal_6() {
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

    // The process dies in the call above.
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
