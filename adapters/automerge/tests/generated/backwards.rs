//! automerge 0.12.0: a history in which something does not hold.
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
//! automerge = "=0.12.0"
//! ```

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, Change, ObjType, ROOT, ReadDoc, TextEncoding, hydrate};

#[test]
fn history_backwards() {
    let mut a = replica("dcb8a00e66df19066f7858de7f09c83c");
    let mut b = replica("62ae951e50342c1be9437cf4c68df200");
    let mut c = replica("194c0bcabd067256ef78c06e90987258");

    let update_0 = {
        let mut tx = a.transaction();
        let (_, list) = tx.get(ROOT, "list").unwrap().unwrap();
        tx.insert(&list, 0, 1_i64).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };
    apply(&mut b, &[&update_0]);

    let update_2 = {
        let mut tx = b.transaction();
        let (_, list) = tx.get(ROOT, "list").unwrap().unwrap();
        tx.insert(&list, 0, 1_i64).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };
    apply(&mut a, &[&update_2]);

    let update_4 = {
        let mut tx = a.transaction();
        let (_, list) = tx.get(ROOT, "list").unwrap().unwrap();
        tx.insert(&list, 0, 1_i64).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };
    apply(&mut c, &[&update_4]);
    apply(&mut c, &[&update_2]);
    apply(&mut c, &[&update_0]);

    // Everything is brought to everyone.
    apply(&mut b, &[&update_4]);

    // A fresh replica gets all updates, the last one first.
    let mut fresh = replica("01");
    apply(&mut fresh, &[&update_4]);
    apply(&mut fresh, &[&update_2]);
    apply(&mut fresh, &[&update_0]);
    let missing = fresh.get_missing_deps(&[]);
    assert!(missing.is_empty(), "fresh still waits for {missing:?}");
    assert_eq!(shown(&fresh), shown(&a));
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

/// Applies changes in one call.
fn apply(doc: &mut Automerge, changes: &[&[u8]]) {
    let decoded: Vec<Change> =
        changes.iter().map(|bytes| Change::from_bytes(bytes.to_vec()).unwrap()).collect();
    doc.apply_changes(decoded).unwrap();
}

/// What a replica shows.
fn shown(doc: &Automerge) -> hydrate::Value {
    doc.hydrate(None)
}
