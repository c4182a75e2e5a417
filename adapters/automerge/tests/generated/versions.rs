//! automerge 0.12.0: a history in which everything holds.
//!
//! Expected, and what happens: all replicas come to show the same document.
//!
//! ```toml
//! [dependencies]
//! automerge = "=0.12.0"
//! ```

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, ObjType, ROOT, ReadDoc, TextEncoding, hydrate};

#[test]
fn replicas_converge() {
    let mut a = replica("dcb8a00e66df19066f7858de7f09c83c");
    let mut b = replica("62ae951e50342c1be9437cf4c68df200");

    {
        let mut tx = a.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        tx.put(&map, "k", 1_i64).unwrap();
        tx.commit_with(CommitOptions::default().with_time(0));
    }
    let version_0 = a.get_heads();
    let then_0 = a.hydrate(None);

    {
        let mut tx = a.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        tx.put(&map, "k", 2_i64).unwrap();
        tx.commit_with(CommitOptions::default().with_time(0));
    }

    let saved_0 = a.save();
    b.load_incremental(&saved_0).unwrap();

    {
        let mut tx = b.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        tx.put(&map, "k", 3_i64).unwrap();
        tx.commit_with(CommitOptions::default().with_time(0));
    }

    let saved_1 = b.save();
    a.load_incremental(&saved_1).unwrap();

    {
        let mut tx = a.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        tx.put(&map, "k", 4_i64).unwrap();
        tx.commit_with(CommitOptions::default().with_time(0));
    }
    let version_5 = a.get_heads();
    let then_5 = a.hydrate(None);

    assert_eq!(a.hydrate(Some(&version_0)), then_0);

    assert_eq!(a.hydrate(Some(&version_5)), then_5);

    {
        let mut tx = a.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        tx.put(&map, "k", 5_i64).unwrap();
        tx.commit_with(CommitOptions::default().with_time(0));
    }

    // Everything is brought to everyone.
    let saved_2 = b.save();
    a.load_incremental(&saved_2).unwrap();

    let saved_3 = a.save();
    b.load_incremental(&saved_3).unwrap();

    assert_eq!(shown(&b), shown(&a), "b against a");
}

/// A document with nothing in it but the change that makes its roots, which is
/// the same everywhere. Indices are in UTF-16 code units.
fn replica(hex: &str) -> Automerge {
    let doc = Automerge::new_with_encoding(TextEncoding::Utf16CodeUnit);
    let mut doc = doc.with_actor(ActorId::from([0]));
    let mut tx = doc.transaction();
    tx.put_object(ROOT, "map", ObjType::Map).unwrap();
    tx.commit_with(CommitOptions::default().with_time(0));
    doc.with_actor(actor(hex))
}

fn actor(hex: &str) -> ActorId {
    ActorId::try_from(hex).unwrap()
}

/// What a replica shows.
fn shown(doc: &Automerge) -> hydrate::Value {
    doc.hydrate(None)
}
