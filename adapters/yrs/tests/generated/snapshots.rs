//! yrs 0.28.1: a history in which everything holds.
//!
//! Expected, and what happens: all replicas come to show the same document.
//!
//! ```toml
//! [dependencies]
//! yrs = "=0.28.1"
//! ```

use yrs::types::ToJson;
use yrs::updates::decoder::Decode;
use yrs::{Any, Array, ClientID, Doc, OffsetKind, Options, ReadTxn, StateVector, Transact, Update};

#[test]
fn replicas_converge() {
    let a = replica(214662142612503);
    let b = replica(956053445661365);

    {
        let list = a.get_or_insert_array("list");
        let mut txn = a.transact_mut();
        list.insert_range(&mut txn, 0, [Any::from(1_i64)]);
    }

    {
        let list = b.get_or_insert_array("list");
        let mut txn = b.transact_mut();
        list.insert_range(&mut txn, 0, [Any::from(2_i64)]);
    }

    let saved_0 = a.transact().encode_state_as_update_v1(&StateVector::default());
    apply(&b, &[&saved_0]);

    {
        let list = b.get_or_insert_array("list");
        let mut txn = b.transact_mut();
        list.insert_range(&mut txn, 0, [Any::from(3_i64)]);
    }

    let saved_1 = b.transact().encode_state_as_update_v1(&StateVector::default());
    let c = replica(3041527659577705);
    apply(&c, &[&saved_1]);

    {
        let list = c.get_or_insert_array("list");
        let mut txn = c.transact_mut();
        list.insert_range(&mut txn, 0, [Any::from(4_i64)]);
    }

    {
        let list = b.get_or_insert_array("list");
        let mut txn = b.transact_mut();
        list.insert_range(&mut txn, 0, [Any::from(5_i64)]);
    }

    let saved_2 = c.transact().encode_state_as_update_v1(&StateVector::default());
    let d = replica(1281289592685036);
    apply(&d, &[&saved_2]);

    {
        let list = d.get_or_insert_array("list");
        let mut txn = d.transact_mut();
        list.insert_range(&mut txn, 0, [Any::from(6_i64)]);
    }

    let saved_3 = d.transact().encode_state_as_update_v1(&StateVector::default());

    let update_10 = {
        let list = d.get_or_insert_array("list");
        let mut txn = d.transact_mut();
        list.insert_range(&mut txn, 0, [Any::from(7_i64)]);
        txn.commit();
        txn.encode_update_v1()
    };

    // d starts again, with what was stored.
    let d = replica(1281289592685036);
    apply(&d, &[&saved_3, &update_10]);

    {
        let list = d.get_or_insert_array("list");
        let mut txn = d.transact_mut();
        list.insert_range(&mut txn, 0, [Any::from(8_i64)]);
    }

    // a starts again, with what was stored.
    let a = replica(214662142612503);
    apply(&a, &[&saved_0]);

    {
        let list = a.get_or_insert_array("list");
        let mut txn = a.transact_mut();
        list.insert_range(&mut txn, 0, [Any::from(9_i64)]);
    }

    // Everything is brought to everyone.
    let saved_4 = b.transact().encode_state_as_update_v1(&StateVector::default());
    apply(&a, &[&saved_4]);

    let saved_5 = c.transact().encode_state_as_update_v1(&StateVector::default());
    apply(&a, &[&saved_5]);

    let saved_6 = d.transact().encode_state_as_update_v1(&StateVector::default());
    apply(&a, &[&saved_6]);

    let saved_7 = a.transact().encode_state_as_update_v1(&StateVector::default());
    apply(&b, &[&saved_7]);

    let saved_8 = a.transact().encode_state_as_update_v1(&StateVector::default());
    apply(&c, &[&saved_8]);

    let saved_9 = a.transact().encode_state_as_update_v1(&StateVector::default());
    apply(&d, &[&saved_9]);

    assert_eq!(shown(&b), shown(&a), "b against a");
    assert_eq!(shown(&c), shown(&a), "c against a");
    assert_eq!(shown(&d), shown(&a), "d against a");
}

/// An empty replica, with indices in UTF-16 code units as in Yjs.
fn replica(client: u64) -> Doc {
    let doc = Doc::with_options(Options {
        offset_kind: OffsetKind::Utf16,
        ..Options::with_guid_and_client_id("document".into(), ClientID::new(client))
    });
    doc.get_or_insert_array("list");
    doc
}

/// Applies updates in one transaction.
fn apply(doc: &Doc, updates: &[&[u8]]) {
    let mut txn = doc.transact_mut();
    for update in updates {
        txn.apply_update(Update::decode_v1(update).unwrap()).unwrap();
    }
}

/// What a replica shows.
fn shown(doc: &Doc) -> Any {
    doc.to_json(&doc.transact())
}
