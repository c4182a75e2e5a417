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
use yrs::updates::encoder::Encode;
use yrs::{
    Any, ClientID, Doc, OffsetKind, Options, ReadTxn, StateVector, Text, Transact, UndoManager,
    Update, merge_updates_v1, undo,
};

#[test]
fn replicas_converge() {
    let a = replica(214662142612503);
    let mut a_undo = undo_manager(&a);
    let b = replica(956053445661365);
    let mut b_undo = undo_manager(&b);

    {
        let text = a.get_or_insert_text("text");
        let mut txn = a.transact_mut_with("local");
        text.insert(&mut txn, 0, "one ");
    }

    let message_0 = a.transact().state_vector().encode_v1();

    let message_1 = b.transact().state_vector().encode_v1();

    let wanted = StateVector::decode_v1(&message_0).unwrap();
    let message_2 = b.transact().encode_state_as_update_v1(&wanted);
    apply(&a, &[&message_2]);

    let wanted = StateVector::decode_v1(&message_1).unwrap();
    let message_3 = a.transact().encode_state_as_update_v1(&wanted);
    apply(&b, &[&message_3]);

    let update_2 = {
        let text = b.get_or_insert_text("text");
        let mut txn = b.transact_mut_with("local");
        text.insert(&mut txn, 0, "two ");
        txn.commit();
        txn.encode_update_v1()
    };

    let message_4 = update_2.clone();
    apply(&a, &[&message_4]);

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

    let message_5 = merge_updates_v1([&update_4, &update_5]).unwrap();
    apply(&b, &[&message_5]);

    a_undo.undo_blocking();

    a_undo.redo_blocking();

    {
        let text = b.get_or_insert_text("text");
        let mut txn = b.transact_mut_with("local");
        text.insert(&mut txn, 0, "four ");
    }

    b_undo.undo_blocking();

    let saved_0 = b.transact().encode_state_as_update_v1(&StateVector::default());

    // b starts again, with what was stored.
    let b = replica(956053445661365);
    apply(&b, &[&saved_0]);
    let mut b_undo = undo_manager(&b);

    {
        let text = b.get_or_insert_text("text");
        let mut txn = b.transact_mut_with("local");
        text.insert(&mut txn, 0, "five ");
    }

    b_undo.undo_blocking();

    // Everything is brought to everyone.
    let message_6 = a.transact().state_vector().encode_v1();

    let message_7 = b.transact().state_vector().encode_v1();

    let wanted = StateVector::decode_v1(&message_6).unwrap();
    let message_8 = b.transact().encode_state_as_update_v1(&wanted);
    apply(&a, &[&message_8]);

    let wanted = StateVector::decode_v1(&message_7).unwrap();
    let message_9 = a.transact().encode_state_as_update_v1(&wanted);
    apply(&b, &[&message_9]);

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
