//! automerge 0.12.0: a history in which something does not hold.
//!
//! Expected: an engine does not end its process.
//!
//! What happens, at the end: the engine aborted.
//!
//! The test takes its process with it for as long as that is so.
//!
//! ```toml
//! [dependencies]
//! automerge = "=0.12.0"
//! ```

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, ObjType, ROOT, ReadDoc, TextEncoding};

#[test]
fn abort_signal_6() {
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

    // The process dies in the call above.
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
