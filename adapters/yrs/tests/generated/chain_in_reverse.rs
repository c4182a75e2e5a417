//! yrs 0.28.1: a history in which something does not hold.
//!
//! Expected: nothing waits any more once everything was delivered.
//!
//! What happens, at the end: `c` still waits for what 1 of its updates build on, and everything was
//! delivered.
//!
//! The test fails for as long as that is so.
//!
//! ```toml
//! [dependencies]
//! yrs = "=0.28.1"
//! ```

use yrs::updates::decoder::Decode;
use yrs::{Any, Array, ClientID, Doc, OffsetKind, Options, ReadTxn, Transact, Update};

#[test]
#[should_panic(expected = "c still waits")]
fn pending_waits() {
    let a = replica(214662142612503);
    let b = replica(956053445661365);
    let c = replica(3041527659577705);

    let update_0 = {
        let list = a.get_or_insert_array("list");
        let mut txn = a.transact_mut();
        list.insert_range(&mut txn, 0, [Any::from(1_i64)]);
        txn.commit();
        txn.encode_update_v1()
    };
    apply(&b, &[&update_0]);

    let update_2 = {
        let list = b.get_or_insert_array("list");
        let mut txn = b.transact_mut();
        list.insert_range(&mut txn, 0, [Any::from(1_i64)]);
        txn.commit();
        txn.encode_update_v1()
    };
    apply(&a, &[&update_2]);

    let update_4 = {
        let list = a.get_or_insert_array("list");
        let mut txn = a.transact_mut();
        list.insert_range(&mut txn, 0, [Any::from(1_i64)]);
        txn.commit();
        txn.encode_update_v1()
    };
    apply(&c, &[&update_4]);
    apply(&c, &[&update_2]);
    apply(&c, &[&update_0]);

    // Everything is brought to everyone.
    apply(&b, &[&update_4]);

    {
        let txn = c.transact();
        let updates = txn.store().pending_update();
        let deletions = txn.store().pending_ds();
        let nothing_waits = updates.is_none() && deletions.is_none();
        assert!(nothing_waits, "c still waits for something");
    }
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
