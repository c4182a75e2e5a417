//! yrs 0.28.1: a history in which something does not hold.
//!
//! Expected: replicas that are connected come to hold the same edits, then fall silent.
//!
//! What happens, at the end: `a` and `c` still talk.
//!
//! The test fails for as long as that is so.
//!
//! ```toml
//! [dependencies]
//! yrs = "=0.28.1"
//! ```

use yrs::updates::decoder::Decode;
use yrs::updates::encoder::Encode;
use yrs::{ClientID, Doc, OffsetKind, Options, ReadTxn, StateVector, Text, Transact, Update};

#[test]
fn liveness_chatter() {
    let a = replica(214662142612503);
    let b = replica(956053445661365);
    let c = replica(3041527659577705);

    {
        let text = a.get_or_insert_text("text");
        let mut txn = a.transact_mut();
        text.insert(&mut txn, 0, "one ");
    }

    let saved_0 = a.transact().encode_state_as_update_v1(&StateVector::default());

    let message_0 = a.transact().state_vector().encode_v1();

    let message_1 = b.transact().state_vector().encode_v1();

    {
        let text = b.get_or_insert_text("text");
        let mut txn = b.transact_mut();
        text.insert(&mut txn, 0, "two ");
    }

    let wanted = StateVector::decode_v1(&message_1).unwrap();
    let message_2 = a.transact().encode_state_as_update_v1(&wanted);
    apply(&b, &[&message_2]);

    let wanted = StateVector::decode_v1(&message_0).unwrap();
    let message_3 = b.transact().encode_state_as_update_v1(&wanted);
    apply(&a, &[&message_3]);

    let message_4 = a.transact().state_vector().encode_v1();

    let message_5 = c.transact().state_vector().encode_v1();

    let wanted = StateVector::decode_v1(&message_4).unwrap();
    let message_6 = c.transact().encode_state_as_update_v1(&wanted);
    apply(&a, &[&message_6]);

    let wanted = StateVector::decode_v1(&message_5).unwrap();
    let message_7 = a.transact().encode_state_as_update_v1(&wanted);
    apply(&c, &[&message_7]);

    let update_10 = {
        let text = c.get_or_insert_text("text");
        let mut txn = c.transact_mut();
        text.insert(&mut txn, 0, "three ");
        txn.commit();
        txn.encode_update_v1()
    };

    let update_11 = {
        let text = b.get_or_insert_text("text");
        let mut txn = b.transact_mut();
        text.insert(&mut txn, 0, "four ");
        txn.commit();
        txn.encode_update_v1()
    };

    let message_8 = update_10.clone();
    apply(&a, &[&message_8]);

    let message_9 = message_8.clone();
    apply(&b, &[&message_9]);

    let message_10 = update_11.clone();
    apply(&a, &[&message_10]);

    {
        let text = b.get_or_insert_text("text");
        let mut txn = b.transact_mut();
        text.insert(&mut txn, 0, "five ");
    }

    // The connection between a and b breaks; what is on its way is lost.

    {
        let text = c.get_or_insert_text("text");
        let mut txn = c.transact_mut();
        text.insert(&mut txn, 0, "six ");
    }

    // a starts again, with what was stored.
    let a = replica(214662142612503);
    apply(&a, &[&saved_0, &message_3, &message_8, &message_10]);

    let message_12 = a.transact().state_vector().encode_v1();

    let message_13 = b.transact().state_vector().encode_v1();

    let wanted = StateVector::decode_v1(&message_12).unwrap();
    let message_14 = b.transact().encode_state_as_update_v1(&wanted);
    apply(&a, &[&message_14]);

    let wanted = StateVector::decode_v1(&message_13).unwrap();
    let message_15 = a.transact().encode_state_as_update_v1(&wanted);
    apply(&b, &[&message_15]);

    {
        let text = a.get_or_insert_text("text");
        let mut txn = a.transact_mut();
        text.insert(&mut txn, 0, "seven ");
    }

    // a and c talk until neither has anything to say.
    let mut messages = 0;
    loop {
        let wanted = c.transact().state_vector();
        let sent = a.transact().encode_state_as_update_v1(&wanted);
        let new_at_c = apply_and_pass_on(&c, &[&sent]);
        let wanted = a.transact().state_vector();
        let sent = c.transact().encode_state_as_update_v1(&wanted);
        let new_at_a = apply_and_pass_on(&a, &[&sent]);
        if new_at_a == [0; 2] && new_at_c == [0; 2] {
            break;
        }
        messages += 2;
        assert!(messages <= 400, "a and c still talk");
    }
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

/// Applies updates in one transaction; gives what was new in them, for others.
fn apply_and_pass_on(doc: &Doc, updates: &[&[u8]]) -> Vec<u8> {
    let mut txn = doc.transact_mut();
    for update in updates {
        txn.apply_update(Update::decode_v1(update).unwrap()).unwrap();
    }
    txn.commit();
    txn.encode_update_v1()
}
