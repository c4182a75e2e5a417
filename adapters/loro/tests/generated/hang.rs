//! loro 1.17.1: a history in which something does not hold.
//!
//! Expected: an engine call ends.
//!
//! What happens, at the end: the engine ran past its limit of work.
//!
//! The test fails for as long as that is so.
//!
//! ```toml
//! [dependencies]
//! loro = "=1.17.1"
//! ```

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use loro::{CommitOptions, ExpandType, ExportMode, LoroDoc, StyleConfig, StyleConfigMap};

#[test]
fn hang_work() {
    let (tell, end) = mpsc::channel();
    thread::spawn(move || {
        steps();
        tell.send(()).unwrap();
    });
    end.recv_timeout(PATIENCE).expect("the steps come to an end");
}

/// How long the steps may take. Where they come to an end, they take a moment.
const PATIENCE: Duration = Duration::from_secs(20);

fn steps() {
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

    // The call above does not return.
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
