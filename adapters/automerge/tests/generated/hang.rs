//! automerge 0.12.0: a history in which something does not hold.
//!
//! Expected: an engine call ends.
//!
//! What happens, at the end: the engine ran past its limit of work.
//!
//! The test fails for as long as that is so.
//!
//! ```toml
//! [dependencies]
//! automerge = "=0.12.0"
//! ```

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, ObjType, ROOT, ReadDoc, TextEncoding};

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
    let mut a = replica("dcb8a00e66df19066f7858de7f09c83c");
    let mut b = replica("62ae951e50342c1be9437cf4c68df200");

    {
        let mut tx = a.transaction();
        let (_, list) = tx.get(ROOT, "list").unwrap().unwrap();
        tx.insert(&list, 0, 1_i64).unwrap();
        tx.commit_with(CommitOptions::default().with_time(0));
    }

    {
        let mut tx = b.transaction();
        let (_, list) = tx.get(ROOT, "list").unwrap().unwrap();
        tx.insert(&list, 0, 2_i64).unwrap();
        tx.commit_with(CommitOptions::default().with_time(0));
    }

    let saved_0 = a.save();
    b.load_incremental(&saved_0).unwrap();

    // The call above does not return.
}

/// A document with nothing in it but the change that makes its roots, which is
/// the same everywhere. Indices are in UTF-16 code units.
fn replica(hex: &str) -> Automerge {
    let doc = Automerge::new_with_encoding(TextEncoding::Utf16CodeUnit);
    let mut doc = doc.with_actor(ActorId::from([0]));
    let mut tx = doc.transaction();
    tx.put_object(ROOT, "list", ObjType::List).unwrap();
    tx.commit_with(CommitOptions::default().with_time(0));
    doc.with_actor(actor(hex))
}

fn actor(hex: &str) -> ActorId {
    ActorId::try_from(hex).unwrap()
}
