//! yrs 0.28.1: a history in which something does not hold.
//!
//! Expected: an engine does not end its process.
//!
//! What happens, at the end: the engine aborted.
//!
//! The test takes its process with it for as long as that is so.
//!
//! ```toml
//! [dependencies]
//! yrs = "=0.28.1"
//! ```

use yrs::updates::decoder::Decode;
use yrs::{Any, Array, ClientID, Doc, OffsetKind, Options, ReadTxn, StateVector, Transact, Update};

#[test]
fn abort_signal_6() {
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

    // The process dies in the call above.
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
