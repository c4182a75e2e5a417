//! yrs 0.28.1: a history in which everything holds.
//!
//! Expected, and what happens: all replicas come to show the same document.
//!
//! Note: a tree is a map here, from the label of each node to its parent and its position among its
//! siblings.
//!
//! ```toml
//! [dependencies]
//! yrs = "=0.28.1"
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use yrs::types::text::YChange;
use yrs::types::{Attrs, ToJson};
use yrs::updates::decoder::Decode;
use yrs::{
    Any, Array, ClientID, Doc, Map, OffsetKind, Options, ReadTxn, Text, TextRef, Transact, Update,
};

#[test]
fn replicas_converge() {
    let a = replica(214662142612503);
    let b = replica(956053445661365);
    let c = replica(3041527659577705);

    let update_0 = {
        let text = a.get_or_insert_text("text");
        let mut txn = a.transact_mut();
        text.insert(&mut txn, 0, "say \"a😀b\"\n");
        txn.commit();
        txn.encode_update_v1()
    };

    let update_1 = {
        let text = a.get_or_insert_text("text");
        let mut txn = a.transact_mut();
        let mark = Attrs::from([("bold".into(), Any::from(true))]);
        text.format(&mut txn, 1, 2, mark);
        txn.commit();
        txn.encode_update_v1()
    };

    let update_2 = {
        let text = a.get_or_insert_text("text");
        let mut txn = a.transact_mut();
        let mark = Attrs::from([("bold".into(), Any::Null)]);
        text.format(&mut txn, 1, 2, mark);
        txn.commit();
        txn.encode_update_v1()
    };

    let update_3 = {
        let text = a.get_or_insert_text("text");
        let mut txn = a.transact_mut();
        let mark = Attrs::from([("link".into(), Any::from("x"))]);
        text.format(&mut txn, 1, 2, mark);
        txn.commit();
        txn.encode_update_v1()
    };

    let update_4 = {
        let text = a.get_or_insert_text("text");
        let mut txn = a.transact_mut();
        text.remove_range(&mut txn, 0, 2);
        txn.commit();
        txn.encode_update_v1()
    };

    let update_5 = {
        let map = a.get_or_insert_map("map");
        let mut txn = a.transact_mut();
        map.try_update(&mut txn, "k", Any::from("v"));
        txn.commit();
        txn.encode_update_v1()
    };

    {
        let map = a.get_or_insert_map("map");
        let mut txn = a.transact_mut();
        map.try_update(&mut txn, "k", Any::from("v"));
    }

    let update_7 = {
        let map = a.get_or_insert_map("map");
        let mut txn = a.transact_mut();
        map.try_update(&mut txn, "n", Any::Null);
        txn.commit();
        txn.encode_update_v1()
    };

    let update_8 = {
        let map = a.get_or_insert_map("map");
        let mut txn = a.transact_mut();
        map.try_update(&mut txn, "o", Any::Map(Arc::new([("x".to_owned(), Any::from(-1_i64))].into())));
        txn.commit();
        txn.encode_update_v1()
    };

    let update_9 = {
        let map = a.get_or_insert_map("map");
        let mut txn = a.transact_mut();
        map.try_update(&mut txn, "gone", Any::from(false));
        txn.commit();
        txn.encode_update_v1()
    };

    let update_10 = {
        let map = a.get_or_insert_map("map");
        let mut txn = a.transact_mut();
        map.remove(&mut txn, "gone");
        txn.commit();
        txn.encode_update_v1()
    };

    let update_11 = {
        let list = a.get_or_insert_array("list");
        let mut txn = a.transact_mut();
        list.insert_range(&mut txn, 0, [Any::from(1_i64), Any::from("two"), Any::from(3_i64)]);
        txn.commit();
        txn.encode_update_v1()
    };

    let update_12 = {
        let list = a.get_or_insert_array("list");
        let mut txn = a.transact_mut();
        list.remove(&mut txn, 1);
        list.insert(&mut txn, 1, Any::from(2_i64));
        txn.commit();
        txn.encode_update_v1()
    };

    let update_13 = {
        let list = a.get_or_insert_array("list");
        let mut txn = a.transact_mut();
        list.remove_range(&mut txn, 0, 1);
        txn.commit();
        txn.encode_update_v1()
    };

    let update_14 = {
        let movable_list = a.get_or_insert_array("movable-list");
        let mut txn = a.transact_mut();
        movable_list.insert_range(&mut txn, 0, [Any::from(1_i64), Any::from("two"), Any::from(3_i64)]);
        txn.commit();
        txn.encode_update_v1()
    };

    let update_15 = {
        let movable_list = a.get_or_insert_array("movable-list");
        let mut txn = a.transact_mut();
        let moved = movable_list.get(&txn, 0).unwrap().to_json(&txn);
        movable_list.remove(&mut txn, 0);
        movable_list.insert(&mut txn, 2, moved);
        txn.commit();
        txn.encode_update_v1()
    };

    let update_16 = {
        let movable_list = a.get_or_insert_array("movable-list");
        let mut txn = a.transact_mut();
        movable_list.remove(&mut txn, 0);
        movable_list.insert(&mut txn, 0, Any::from(5_i64));
        txn.commit();
        txn.encode_update_v1()
    };

    let update_17 = {
        let counter = a.get_or_insert_map("counter");
        let mut txn = a.transact_mut();
        let old: Option<i64> = counter.get_as(&txn, "214662142612503").unwrap();
        counter.insert(&mut txn, "214662142612503", old.unwrap_or(0) + 5_i64);
        txn.commit();
        txn.encode_update_v1()
    };

    let update_18 = {
        let counter = a.get_or_insert_map("counter");
        let mut txn = a.transact_mut();
        let old: Option<i64> = counter.get_as(&txn, "214662142612503").unwrap();
        counter.insert(&mut txn, "214662142612503", old.unwrap_or(0) + -2_i64);
        txn.commit();
        txn.encode_update_v1()
    };

    let update_19 = {
        let tree = a.get_or_insert_map("tree");
        let mut txn = a.transact_mut();
        tree.insert(&mut txn, "a-x", Any::Array(Arc::new([Any::Null, Any::from([128, 0, 195, 59, 236, 193, 212, 23].as_slice())])));
        txn.commit();
        txn.encode_update_v1()
    };

    let update_20 = {
        let tree = a.get_or_insert_map("tree");
        let mut txn = a.transact_mut();
        tree.insert(&mut txn, "a-y", Any::Array(Arc::new([Any::from("a-x"), Any::from([128, 0, 195, 59, 236, 193, 212, 23].as_slice())])));
        txn.commit();
        txn.encode_update_v1()
    };

    let update_21 = {
        let tree = a.get_or_insert_map("tree");
        let mut txn = a.transact_mut();
        tree.insert(&mut txn, "a-z", Any::Array(Arc::new([Any::Null, Any::from([64, 0, 195, 59, 236, 193, 212, 23].as_slice())])));
        txn.commit();
        txn.encode_update_v1()
    };

    let update_22 = {
        let tree = a.get_or_insert_map("tree");
        let mut txn = a.transact_mut();
        tree.insert(&mut txn, "a-z", Any::Array(Arc::new([Any::from("a-x"), Any::from([64, 0, 195, 59, 236, 193, 212, 23].as_slice())])));
        txn.commit();
        txn.encode_update_v1()
    };

    let update_23 = {
        let tree = a.get_or_insert_map("tree");
        let mut txn = a.transact_mut();
        tree.remove(&mut txn, "a-y");
        txn.commit();
        txn.encode_update_v1()
    };

    let update_24 = {
        let text = b.get_or_insert_text("text");
        let mut txn = b.transact_mut();
        text.insert(&mut txn, 0, "say \"a😀b\"\n");
        txn.commit();
        txn.encode_update_v1()
    };

    let update_25 = {
        let text = b.get_or_insert_text("text");
        let mut txn = b.transact_mut();
        let mark = Attrs::from([("bold".into(), Any::from(true))]);
        text.format(&mut txn, 1, 2, mark);
        txn.commit();
        txn.encode_update_v1()
    };

    let update_26 = {
        let text = b.get_or_insert_text("text");
        let mut txn = b.transact_mut();
        let mark = Attrs::from([("bold".into(), Any::Null)]);
        text.format(&mut txn, 1, 2, mark);
        txn.commit();
        txn.encode_update_v1()
    };

    let update_27 = {
        let text = b.get_or_insert_text("text");
        let mut txn = b.transact_mut();
        let mark = Attrs::from([("link".into(), Any::from("x"))]);
        text.format(&mut txn, 1, 2, mark);
        txn.commit();
        txn.encode_update_v1()
    };

    let update_28 = {
        let text = b.get_or_insert_text("text");
        let mut txn = b.transact_mut();
        text.remove_range(&mut txn, 0, 2);
        txn.commit();
        txn.encode_update_v1()
    };

    let update_29 = {
        let map = b.get_or_insert_map("map");
        let mut txn = b.transact_mut();
        map.try_update(&mut txn, "k", Any::from("v"));
        txn.commit();
        txn.encode_update_v1()
    };

    {
        let map = b.get_or_insert_map("map");
        let mut txn = b.transact_mut();
        map.try_update(&mut txn, "k", Any::from("v"));
    }

    let update_31 = {
        let map = b.get_or_insert_map("map");
        let mut txn = b.transact_mut();
        map.try_update(&mut txn, "n", Any::Null);
        txn.commit();
        txn.encode_update_v1()
    };

    let update_32 = {
        let map = b.get_or_insert_map("map");
        let mut txn = b.transact_mut();
        map.try_update(&mut txn, "o", Any::Map(Arc::new([("x".to_owned(), Any::from(-1_i64))].into())));
        txn.commit();
        txn.encode_update_v1()
    };

    let update_33 = {
        let map = b.get_or_insert_map("map");
        let mut txn = b.transact_mut();
        map.try_update(&mut txn, "gone", Any::from(false));
        txn.commit();
        txn.encode_update_v1()
    };

    let update_34 = {
        let map = b.get_or_insert_map("map");
        let mut txn = b.transact_mut();
        map.remove(&mut txn, "gone");
        txn.commit();
        txn.encode_update_v1()
    };

    let update_35 = {
        let list = b.get_or_insert_array("list");
        let mut txn = b.transact_mut();
        list.insert_range(&mut txn, 0, [Any::from(1_i64), Any::from("two"), Any::from(3_i64)]);
        txn.commit();
        txn.encode_update_v1()
    };

    let update_36 = {
        let list = b.get_or_insert_array("list");
        let mut txn = b.transact_mut();
        list.remove(&mut txn, 1);
        list.insert(&mut txn, 1, Any::from(2_i64));
        txn.commit();
        txn.encode_update_v1()
    };

    let update_37 = {
        let list = b.get_or_insert_array("list");
        let mut txn = b.transact_mut();
        list.remove_range(&mut txn, 0, 1);
        txn.commit();
        txn.encode_update_v1()
    };

    let update_38 = {
        let movable_list = b.get_or_insert_array("movable-list");
        let mut txn = b.transact_mut();
        movable_list.insert_range(&mut txn, 0, [Any::from(1_i64), Any::from("two"), Any::from(3_i64)]);
        txn.commit();
        txn.encode_update_v1()
    };

    let update_39 = {
        let movable_list = b.get_or_insert_array("movable-list");
        let mut txn = b.transact_mut();
        let moved = movable_list.get(&txn, 0).unwrap().to_json(&txn);
        movable_list.remove(&mut txn, 0);
        movable_list.insert(&mut txn, 2, moved);
        txn.commit();
        txn.encode_update_v1()
    };

    let update_40 = {
        let movable_list = b.get_or_insert_array("movable-list");
        let mut txn = b.transact_mut();
        movable_list.remove(&mut txn, 0);
        movable_list.insert(&mut txn, 0, Any::from(5_i64));
        txn.commit();
        txn.encode_update_v1()
    };

    let update_41 = {
        let counter = b.get_or_insert_map("counter");
        let mut txn = b.transact_mut();
        let old: Option<i64> = counter.get_as(&txn, "956053445661365").unwrap();
        counter.insert(&mut txn, "956053445661365", old.unwrap_or(0) + 5_i64);
        txn.commit();
        txn.encode_update_v1()
    };

    let update_42 = {
        let counter = b.get_or_insert_map("counter");
        let mut txn = b.transact_mut();
        let old: Option<i64> = counter.get_as(&txn, "956053445661365").unwrap();
        counter.insert(&mut txn, "956053445661365", old.unwrap_or(0) + -2_i64);
        txn.commit();
        txn.encode_update_v1()
    };

    let update_43 = {
        let tree = b.get_or_insert_map("tree");
        let mut txn = b.transact_mut();
        tree.insert(&mut txn, "b-x", Any::Array(Arc::new([Any::Null, Any::from([128, 3, 101, 134, 138, 3, 210, 181].as_slice())])));
        txn.commit();
        txn.encode_update_v1()
    };

    let update_44 = {
        let tree = b.get_or_insert_map("tree");
        let mut txn = b.transact_mut();
        tree.insert(&mut txn, "b-y", Any::Array(Arc::new([Any::from("b-x"), Any::from([128, 3, 101, 134, 138, 3, 210, 181].as_slice())])));
        txn.commit();
        txn.encode_update_v1()
    };

    let update_45 = {
        let tree = b.get_or_insert_map("tree");
        let mut txn = b.transact_mut();
        tree.insert(&mut txn, "b-z", Any::Array(Arc::new([Any::Null, Any::from([64, 3, 101, 134, 138, 3, 210, 181].as_slice())])));
        txn.commit();
        txn.encode_update_v1()
    };

    let update_46 = {
        let tree = b.get_or_insert_map("tree");
        let mut txn = b.transact_mut();
        tree.insert(&mut txn, "b-z", Any::Array(Arc::new([Any::from("b-x"), Any::from([64, 3, 101, 134, 138, 3, 210, 181].as_slice())])));
        txn.commit();
        txn.encode_update_v1()
    };

    let update_47 = {
        let tree = b.get_or_insert_map("tree");
        let mut txn = b.transact_mut();
        tree.remove(&mut txn, "b-y");
        txn.commit();
        txn.encode_update_v1()
    };
    apply(&c, &[&update_23]);
    apply(&c, &[&update_22]);
    apply(&c, &[&update_21]);
    apply(&c, &[&update_20]);
    apply(&c, &[&update_19]);
    apply(&c, &[&update_18]);
    apply(&c, &[&update_17]);
    apply(&c, &[&update_16]);
    apply(&c, &[&update_15]);
    apply(&c, &[&update_14]);
    apply(&c, &[&update_13]);
    apply(&c, &[&update_12]);
    apply(&c, &[&update_11]);
    apply(&c, &[&update_10]);
    apply(&c, &[&update_9]);
    apply(&c, &[&update_8]);
    apply(&c, &[&update_7]);
    apply(&c, &[&update_4]);
    apply(&c, &[&update_3]);
    apply(&c, &[&update_2]);
    apply(&c, &[&update_1]);
    apply(&c, &[&update_0]);
    apply(&c, &[&update_0, &update_47]);
    apply(&b, &[&update_0]);
    apply(&b, &[&update_0]);

    // Everything is brought to everyone.
    apply(&a, &[&update_24]);
    apply(&a, &[&update_25]);
    apply(&a, &[&update_26]);
    apply(&a, &[&update_27]);
    apply(&a, &[&update_28]);
    apply(&a, &[&update_29]);
    apply(&a, &[&update_31]);
    apply(&a, &[&update_32]);
    apply(&a, &[&update_33]);
    apply(&a, &[&update_34]);
    apply(&a, &[&update_35]);
    apply(&a, &[&update_36]);
    apply(&a, &[&update_37]);
    apply(&a, &[&update_38]);
    apply(&a, &[&update_39]);
    apply(&a, &[&update_40]);
    apply(&a, &[&update_41]);
    apply(&a, &[&update_42]);
    apply(&a, &[&update_43]);
    apply(&a, &[&update_44]);
    apply(&a, &[&update_45]);
    apply(&a, &[&update_46]);
    apply(&a, &[&update_47]);
    apply(&b, &[&update_1]);
    apply(&b, &[&update_2]);
    apply(&b, &[&update_3]);
    apply(&b, &[&update_4]);
    apply(&b, &[&update_5]);
    apply(&b, &[&update_7]);
    apply(&b, &[&update_8]);
    apply(&b, &[&update_9]);
    apply(&b, &[&update_10]);
    apply(&b, &[&update_11]);
    apply(&b, &[&update_12]);
    apply(&b, &[&update_13]);
    apply(&b, &[&update_14]);
    apply(&b, &[&update_15]);
    apply(&b, &[&update_16]);
    apply(&b, &[&update_17]);
    apply(&b, &[&update_18]);
    apply(&b, &[&update_19]);
    apply(&b, &[&update_20]);
    apply(&b, &[&update_21]);
    apply(&b, &[&update_22]);
    apply(&b, &[&update_23]);
    apply(&c, &[&update_5]);
    apply(&c, &[&update_24]);
    apply(&c, &[&update_25]);
    apply(&c, &[&update_26]);
    apply(&c, &[&update_27]);
    apply(&c, &[&update_28]);
    apply(&c, &[&update_29]);
    apply(&c, &[&update_31]);
    apply(&c, &[&update_32]);
    apply(&c, &[&update_33]);
    apply(&c, &[&update_34]);
    apply(&c, &[&update_35]);
    apply(&c, &[&update_36]);
    apply(&c, &[&update_37]);
    apply(&c, &[&update_38]);
    apply(&c, &[&update_39]);
    apply(&c, &[&update_40]);
    apply(&c, &[&update_41]);
    apply(&c, &[&update_42]);
    apply(&c, &[&update_43]);
    apply(&c, &[&update_44]);
    apply(&c, &[&update_45]);
    apply(&c, &[&update_46]);

    assert_eq!(shown(&b), shown(&a), "b against a");
    assert_eq!(shown(&c), shown(&a), "c against a");
}

/// An empty replica, with indices in UTF-16 code units as in Yjs.
fn replica(client: u64) -> Doc {
    let doc = Doc::with_options(Options {
        offset_kind: OffsetKind::Utf16,
        ..Options::with_guid_and_client_id("document".into(), ClientID::new(client))
    });
    doc.get_or_insert_map("counter");
    doc.get_or_insert_array("list");
    doc.get_or_insert_map("map");
    doc.get_or_insert_array("movable-list");
    doc.get_or_insert_text("text");
    doc.get_or_insert_map("tree");
    doc
}

/// Applies updates in one transaction.
fn apply(doc: &Doc, updates: &[&[u8]]) {
    let mut txn = doc.transact_mut();
    for update in updates {
        txn.apply_update(Update::decode_v1(update).unwrap()).unwrap();
    }
}

/// What a replica shows, and the marks of its texts.
fn shown(doc: &Doc) -> (Any, Vec<Vec<Character>>) {
    let texts = ["text"].map(|text| doc.get_or_insert_text(text));
    let txn = doc.transact();
    let marked = texts.iter().map(|text| characters(&txn, text)).collect();
    (doc.to_json(&txn), marked)
}

/// A character and its marks.
type Character = (char, BTreeMap<String, Any>);

/// The characters of a text.
fn characters<T: ReadTxn>(txn: &T, text: &TextRef) -> Vec<Character> {
    let mut characters = Vec::new();
    for part in text.diff(txn, YChange::identity) {
        let marks = part.attributes.iter().flat_map(|marks| marks.iter());
        let marks = marks.filter(|(_, value)| **value != Any::Null);
        let marks: BTreeMap<String, Any> =
            marks.map(|(name, value)| (name.to_string(), value.clone())).collect();
        let text = part.insert.to_string(txn);
        characters.extend(text.chars().map(|character| (character, marks.clone())));
    }
    characters
}
