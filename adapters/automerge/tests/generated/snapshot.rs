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
use automerge::{ActorId, Automerge, LoadOptions, ObjType, ROOT, ReadDoc, TextEncoding, hydrate};

#[test]
fn history_snapshot() {
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

    {
        let mut tx = b.transaction();
        let (_, list) = tx.get(ROOT, "list").unwrap().unwrap();
        tx.insert(&list, 0, 3_i64).unwrap();
        tx.commit_with(CommitOptions::default().with_time(0));
    }

    let saved_1 = b.save();
    let mut c = load("194c0bcabd067256ef78c06e90987258", &saved_1);

    {
        let mut tx = c.transaction();
        let (_, list) = tx.get(ROOT, "list").unwrap().unwrap();
        tx.insert(&list, 0, 4_i64).unwrap();
        tx.commit_with(CommitOptions::default().with_time(0));
    }

    {
        let mut tx = b.transaction();
        let (_, list) = tx.get(ROOT, "list").unwrap().unwrap();
        tx.insert(&list, 0, 5_i64).unwrap();
        tx.commit_with(CommitOptions::default().with_time(0));
    }

    let mut d = c.clone().with_actor(actor("63650f36d89b6a24439d0f3e3c0c0b6d"));

    {
        let mut tx = d.transaction();
        let (_, list) = tx.get(ROOT, "list").unwrap().unwrap();
        tx.insert(&list, 0, 6_i64).unwrap();
        tx.commit_with(CommitOptions::default().with_time(0));
    }

    let saved_2 = d.save();
    let heads_3 = d.get_heads();

    {
        let mut tx = d.transaction();
        let (_, list) = tx.get(ROOT, "list").unwrap().unwrap();
        tx.insert(&list, 0, 7_i64).unwrap();
        tx.commit_with(CommitOptions::default().with_time(0));
    }

    let saved_3 = d.save_after(&heads_3);

    // d starts again, with what was stored.
    let mut d = load("63650f36d89b6a24439d0f3e3c0c0b6d", &[saved_2, saved_3].concat());

    {
        let mut tx = d.transaction();
        let (_, list) = tx.get(ROOT, "list").unwrap().unwrap();
        tx.insert(&list, 0, 8_i64).unwrap();
        tx.commit_with(CommitOptions::default().with_time(0));
    }

    // a starts again, with what was stored.
    let mut a = load("dcb8a00e66df19066f7858de7f09c83c", &saved_0);

    {
        let mut tx = a.transaction();
        let (_, list) = tx.get(ROOT, "list").unwrap().unwrap();
        tx.insert(&list, 0, 9_i64).unwrap();
        tx.commit_with(CommitOptions::default().with_time(0));
    }

    // Everything is brought to everyone.
    let saved_4 = b.save();
    a.load_incremental(&saved_4).unwrap();

    let saved_5 = c.save();
    a.load_incremental(&saved_5).unwrap();

    let saved_6 = d.save();
    a.load_incremental(&saved_6).unwrap();

    let saved_7 = a.save();
    b.load_incremental(&saved_7).unwrap();

    let saved_8 = a.save();
    c.load_incremental(&saved_8).unwrap();

    let saved_9 = a.save();
    d.load_incremental(&saved_9).unwrap();

    let fresh = load("01", &a.save());
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

/// A replica from what was stored.
fn load(hex: &str, stored: &[u8]) -> Automerge {
    let options = LoadOptions::new().text_encoding(TextEncoding::Utf16CodeUnit);
    Automerge::load_with_options(stored, options).unwrap().with_actor(actor(hex))
}

/// What a replica shows.
fn shown(doc: &Automerge) -> hydrate::Value {
    doc.hydrate(None)
}
