//! yrs 0.28.1: a history in which everything holds.
//!
//! Expected, and what happens: all replicas come to show the same document.
//!
//! ```toml
//! [dependencies]
//! yrs = "=0.28.1"
//! ```

use std::sync::{Arc, Mutex};

use yrs::types::ToJson;
use yrs::updates::decoder::Decode;
use yrs::{
    Any, ClientID, Doc, OffsetKind, Options, ReadTxn, StateVector, Text, Transact, UndoManager,
    Update, undo,
};

#[test]
fn replicas_converge() {
    let a = replica(214662142612503);
    let mut a_undo = undo_manager(&a);
    let b = replica(956053445661365);
    let mut b_undo = undo_manager(&b);

    let update_0 = {
        let text = a.get_or_insert_text("text");
        let mut txn = a.transact_mut_with("local");
        text.insert(&mut txn, 0, "one ");
        txn.commit();
        txn.encode_update_v1()
    };
    apply(&b, &[&update_0]);

    let update_2 = {
        let text = b.get_or_insert_text("text");
        let mut txn = b.transact_mut_with("local");
        text.insert(&mut txn, 0, "two ");
        txn.commit();
        txn.encode_update_v1()
    };
    apply(&a, &[&update_2]);

    let update_4 = {
        let text = a.get_or_insert_text("text");
        let mut txn = a.transact_mut_with("local");
        text.insert(&mut txn, 0, "three ");
        txn.commit();
        txn.encode_update_v1()
    };

    let update_5 = update_of(&a, || {
        a_undo.undo_blocking();
    });
    apply(&b, &[&update_5]);

    let update_7 = update_of(&a, || {
        a_undo.undo_blocking();
    });

    let update_8 = update_of(&a, || {
        a_undo.redo_blocking();
    });

    let update_9 = {
        let text = b.get_or_insert_text("text");
        let mut txn = b.transact_mut_with("local");
        text.insert(&mut txn, 0, "four ");
        txn.commit();
        txn.encode_update_v1()
    };

    let update_10 = update_of(&b, || {
        b_undo.undo_blocking();
    });

    let saved_0 = b.transact().encode_state_as_update_v1(&StateVector::default());

    // b starts again, with what was stored.
    let b = replica(956053445661365);
    apply(&b, &[&saved_0]);
    let mut b_undo = undo_manager(&b);

    let update_13 = {
        let text = b.get_or_insert_text("text");
        let mut txn = b.transact_mut_with("local");
        text.insert(&mut txn, 0, "five ");
        txn.commit();
        txn.encode_update_v1()
    };

    let update_14 = update_of(&b, || {
        b_undo.undo_blocking();
    });

    // Everything is brought to everyone.
    apply(&a, &[&update_9]);
    apply(&a, &[&update_10]);
    apply(&a, &[&update_13]);
    apply(&a, &[&update_14]);
    apply(&b, &[&update_4]);
    apply(&b, &[&update_5]);
    apply(&b, &[&update_7]);
    apply(&b, &[&update_8]);

    assert_eq!(shown(&b), shown(&a), "b against a");
}

/// An empty replica, with indices in UTF-16 code units as in Yjs.
fn replica(client: u64) -> Doc {
    let doc = Doc::with_options(Options {
        offset_kind: OffsetKind::Utf16,
        ..Options::with_guid_and_client_id("document".into(), ClientID::new(client))
    });
    doc.get_or_insert_text("text");
    doc
}

/// Applies updates in one transaction.
fn apply(doc: &Doc, updates: &[&[u8]]) {
    let mut txn = doc.transact_mut();
    for update in updates {
        txn.apply_update(Update::decode_v1(update).unwrap()).unwrap();
    }
}

/// Takes own transactions back, each by itself.
fn undo_manager(doc: &Doc) -> UndoManager {
    let mut manager = UndoManager::with_options(undo::Options {
        capture_timeout_millis: 0,
        timestamp: Arc::new(|| 0),
        ..undo::Options::default()
    });
    manager.expand_scope(doc, &doc.get_or_insert_text("text"));
    manager.include_origin("local");
    manager
}

/// What a call has for others.
fn update_of(doc: &Doc, call: impl FnOnce()) -> Vec<u8> {
    let update = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&update);
    doc.observe_update_v1("update", move |_, event| {
        seen.lock().unwrap().clone_from(&event.update);
    })
    .unwrap();
    call();
    doc.unobserve_update_v1("update").unwrap();
    let update = update.lock().unwrap();
    update.clone()
}

/// What a replica shows.
fn shown(doc: &Doc) -> Any {
    doc.to_json(&doc.transact())
}
