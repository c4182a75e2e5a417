//! automerge 0.12.0: a history in which something does not hold.
//!
//! Expected: what somebody inserted and nobody deleted is there exactly once, and what was deleted
//! is not.
//!
//! What happens, at the end: an element of `b` is lost.
//!
//! The test fails for as long as that is so.
//!
//! Note: the last assertion names what b shows today, which is wrong; it does not say what would be
//! right.
//!
//! ```toml
//! [dependencies]
//! automerge = "=0.12.0"
//! ```

use std::collections::BTreeMap;

use automerge::marks::{ExpandMark, Mark};
use automerge::transaction::{CommitOptions, Transactable};
use automerge::{
    ActorId, Automerge, Change, ObjType, ROOT, ReadDoc, ScalarValue, TextEncoding, hydrate,
    hydrate_map,
};

#[test]
#[should_panic(expected = "b shows what it must not")]
fn elements_text() {
    let mut a = replica("dcb8a00e66df19066f7858de7f09c83c");
    let mut b = replica("62ae951e50342c1be9437cf4c68df200");
    let mut c = replica("194c0bcabd067256ef78c06e90987258");

    let update_0 = {
        let mut tx = a.transaction();
        let (_, text) = tx.get(ROOT, "text").unwrap().unwrap();
        tx.splice_text(&text, 0, 0, "say \"a😀b\"\n").unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_1 = {
        let mut tx = a.transaction();
        let (_, text) = tx.get(ROOT, "text").unwrap().unwrap();
        let mark = Mark::new("bold".to_owned(), true, 1, 3);
        tx.mark(&text, mark, ExpandMark::After).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_2 = {
        let mut tx = a.transaction();
        let (_, text) = tx.get(ROOT, "text").unwrap().unwrap();
        let mark = Mark::new("bold".to_owned(), ScalarValue::Null, 1, 3);
        tx.mark(&text, mark, ExpandMark::After).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_3 = {
        let mut tx = a.transaction();
        let (_, text) = tx.get(ROOT, "text").unwrap().unwrap();
        let mark = Mark::new("link".to_owned(), "x", 1, 3);
        tx.mark(&text, mark, ExpandMark::After).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_4 = {
        let mut tx = a.transaction();
        let (_, text) = tx.get(ROOT, "text").unwrap().unwrap();
        tx.splice_text(&text, 0, 2, "").unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_5 = {
        let mut tx = a.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        tx.put(&map, "k", "v").unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    {
        let mut tx = a.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        tx.put(&map, "k", "v").unwrap();
        tx.commit_with(CommitOptions::default().with_time(0));
    }

    let update_7 = {
        let mut tx = a.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        tx.put(&map, "n", ScalarValue::Null).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_8 = {
        let mut tx = a.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        let value = hydrate::Value::from(hydrate_map! { "x" => ScalarValue::from(-1_i64) });
        tx.batch_create_object(&map, "o", &value, false).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_9 = {
        let mut tx = a.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        tx.put(&map, "gone", false).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_10 = {
        let mut tx = a.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        tx.delete(&map, "gone").unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_11 = {
        let mut tx = a.transaction();
        let (_, list) = tx.get(ROOT, "list").unwrap().unwrap();
        let values = [
            hydrate::Value::from(ScalarValue::from(1_i64)),
            hydrate::Value::from(ScalarValue::from("two")),
            hydrate::Value::from(ScalarValue::from(3_i64)),
        ];
        tx.splice(&list, 0, 0, values).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_12 = {
        let mut tx = a.transaction();
        let (_, list) = tx.get(ROOT, "list").unwrap().unwrap();
        tx.put(&list, 1_usize, 2_i64).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_13 = {
        let mut tx = a.transaction();
        let (_, list) = tx.get(ROOT, "list").unwrap().unwrap();
        tx.delete(&list, 0_usize).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_14 = {
        let mut tx = a.transaction();
        tx.increment(ROOT, "counter", 5).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_15 = {
        let mut tx = a.transaction();
        tx.increment(ROOT, "counter", -2).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_16 = {
        let mut tx = a.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        tx.put_object(&map, "a-text", ObjType::Text).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_17 = {
        let mut tx = a.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        tx.put(&map, "a-counter", ScalarValue::counter(0)).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_18 = {
        let mut tx = a.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        tx.put_object(&map, "a-map", ObjType::Map).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_19 = {
        let mut tx = a.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        let (_, inner) = tx.get(&map, "a-text").unwrap().unwrap();
        tx.splice_text(&inner, 0, 0, "inside").unwrap();
        tx.increment(&map, "a-counter", 3).unwrap();
        let (_, inner) = tx.get(&map, "a-map").unwrap().unwrap();
        tx.put(&inner, "deep", 1_i64).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_20 = {
        let mut tx = a.transaction();
        let (_, list) = tx.get(ROOT, "list").unwrap().unwrap();
        let values = [
            hydrate::Value::from(ScalarValue::from(0_i64)),
            hydrate::Value::text(TextEncoding::Utf16CodeUnit, ""),
            hydrate::Value::from(ScalarValue::from(9_i64)),
        ];
        tx.splice(&list, 0, 0, values).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_21 = {
        let mut tx = a.transaction();
        let (_, list) = tx.get(ROOT, "list").unwrap().unwrap();
        let (_, inner) = tx.get(&list, 1_usize).unwrap().unwrap();
        tx.splice_text(&inner, 0, 0, "element").unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_22 = {
        let mut tx = b.transaction();
        let (_, text) = tx.get(ROOT, "text").unwrap().unwrap();
        tx.splice_text(&text, 0, 0, "say \"a😀b\"\n").unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_23 = {
        let mut tx = b.transaction();
        let (_, text) = tx.get(ROOT, "text").unwrap().unwrap();
        let mark = Mark::new("bold".to_owned(), true, 1, 3);
        tx.mark(&text, mark, ExpandMark::After).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_24 = {
        let mut tx = b.transaction();
        let (_, text) = tx.get(ROOT, "text").unwrap().unwrap();
        let mark = Mark::new("bold".to_owned(), ScalarValue::Null, 1, 3);
        tx.mark(&text, mark, ExpandMark::After).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_25 = {
        let mut tx = b.transaction();
        let (_, text) = tx.get(ROOT, "text").unwrap().unwrap();
        let mark = Mark::new("link".to_owned(), "x", 1, 3);
        tx.mark(&text, mark, ExpandMark::After).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_26 = {
        let mut tx = b.transaction();
        let (_, text) = tx.get(ROOT, "text").unwrap().unwrap();
        tx.splice_text(&text, 0, 2, "").unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_27 = {
        let mut tx = b.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        tx.put(&map, "k", "v").unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    {
        let mut tx = b.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        tx.put(&map, "k", "v").unwrap();
        tx.commit_with(CommitOptions::default().with_time(0));
    }

    let update_29 = {
        let mut tx = b.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        tx.put(&map, "n", ScalarValue::Null).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_30 = {
        let mut tx = b.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        let value = hydrate::Value::from(hydrate_map! { "x" => ScalarValue::from(-1_i64) });
        tx.batch_create_object(&map, "o", &value, false).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_31 = {
        let mut tx = b.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        tx.put(&map, "gone", false).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_32 = {
        let mut tx = b.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        tx.delete(&map, "gone").unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_33 = {
        let mut tx = b.transaction();
        let (_, list) = tx.get(ROOT, "list").unwrap().unwrap();
        let values = [
            hydrate::Value::from(ScalarValue::from(1_i64)),
            hydrate::Value::from(ScalarValue::from("two")),
            hydrate::Value::from(ScalarValue::from(3_i64)),
        ];
        tx.splice(&list, 0, 0, values).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_34 = {
        let mut tx = b.transaction();
        let (_, list) = tx.get(ROOT, "list").unwrap().unwrap();
        tx.put(&list, 1_usize, 2_i64).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_35 = {
        let mut tx = b.transaction();
        let (_, list) = tx.get(ROOT, "list").unwrap().unwrap();
        tx.delete(&list, 0_usize).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_36 = {
        let mut tx = b.transaction();
        tx.increment(ROOT, "counter", 5).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_37 = {
        let mut tx = b.transaction();
        tx.increment(ROOT, "counter", -2).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_38 = {
        let mut tx = b.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        tx.put_object(&map, "b-text", ObjType::Text).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_39 = {
        let mut tx = b.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        tx.put(&map, "b-counter", ScalarValue::counter(0)).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_40 = {
        let mut tx = b.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        tx.put_object(&map, "b-map", ObjType::Map).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_41 = {
        let mut tx = b.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        let (_, inner) = tx.get(&map, "b-text").unwrap().unwrap();
        tx.splice_text(&inner, 0, 0, "inside").unwrap();
        tx.increment(&map, "b-counter", 3).unwrap();
        let (_, inner) = tx.get(&map, "b-map").unwrap().unwrap();
        tx.put(&inner, "deep", 1_i64).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_42 = {
        let mut tx = b.transaction();
        let (_, list) = tx.get(ROOT, "list").unwrap().unwrap();
        let values = [
            hydrate::Value::from(ScalarValue::from(0_i64)),
            hydrate::Value::text(TextEncoding::Utf16CodeUnit, ""),
            hydrate::Value::from(ScalarValue::from(9_i64)),
        ];
        tx.splice(&list, 0, 0, values).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_43 = {
        let mut tx = b.transaction();
        let (_, list) = tx.get(ROOT, "list").unwrap().unwrap();
        let (_, inner) = tx.get(&list, 1_usize).unwrap().unwrap();
        tx.splice_text(&inner, 0, 0, "element").unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };
    apply(&mut c, &[&update_21]);
    apply(&mut c, &[&update_20]);
    apply(&mut c, &[&update_19]);
    apply(&mut c, &[&update_18]);
    apply(&mut c, &[&update_17]);
    apply(&mut c, &[&update_16]);
    apply(&mut c, &[&update_15]);
    apply(&mut c, &[&update_14]);
    apply(&mut c, &[&update_13]);
    apply(&mut c, &[&update_12]);
    apply(&mut c, &[&update_11]);
    apply(&mut c, &[&update_10]);
    apply(&mut c, &[&update_9]);
    apply(&mut c, &[&update_8]);
    apply(&mut c, &[&update_7]);
    apply(&mut c, &[&update_4]);
    apply(&mut c, &[&update_3]);
    apply(&mut c, &[&update_2]);
    apply(&mut c, &[&update_1]);
    apply(&mut c, &[&update_0]);
    apply(&mut c, &[&update_0, &update_43]);
    apply(&mut b, &[&update_0]);
    apply(&mut b, &[&update_0]);

    // Everything is brought to everyone.
    apply(&mut a, &[&update_22]);
    apply(&mut a, &[&update_23]);
    apply(&mut a, &[&update_24]);
    apply(&mut a, &[&update_25]);
    apply(&mut a, &[&update_26]);
    apply(&mut a, &[&update_27]);
    apply(&mut a, &[&update_29]);
    apply(&mut a, &[&update_30]);
    apply(&mut a, &[&update_31]);
    apply(&mut a, &[&update_32]);
    apply(&mut a, &[&update_33]);
    apply(&mut a, &[&update_34]);
    apply(&mut a, &[&update_35]);
    apply(&mut a, &[&update_36]);
    apply(&mut a, &[&update_37]);
    apply(&mut a, &[&update_38]);
    apply(&mut a, &[&update_39]);
    apply(&mut a, &[&update_40]);
    apply(&mut a, &[&update_41]);
    apply(&mut a, &[&update_42]);
    apply(&mut a, &[&update_43]);
    apply(&mut b, &[&update_1]);
    apply(&mut b, &[&update_2]);
    apply(&mut b, &[&update_3]);
    apply(&mut b, &[&update_4]);
    apply(&mut b, &[&update_5]);
    apply(&mut b, &[&update_7]);
    apply(&mut b, &[&update_8]);
    apply(&mut b, &[&update_9]);
    apply(&mut b, &[&update_10]);
    apply(&mut b, &[&update_11]);
    apply(&mut b, &[&update_12]);
    apply(&mut b, &[&update_13]);
    apply(&mut b, &[&update_14]);
    apply(&mut b, &[&update_15]);
    apply(&mut b, &[&update_16]);
    apply(&mut b, &[&update_17]);
    apply(&mut b, &[&update_18]);
    apply(&mut b, &[&update_19]);
    apply(&mut b, &[&update_20]);
    apply(&mut b, &[&update_21]);
    apply(&mut c, &[&update_5]);
    apply(&mut c, &[&update_22]);
    apply(&mut c, &[&update_23]);
    apply(&mut c, &[&update_24]);
    apply(&mut c, &[&update_25]);
    apply(&mut c, &[&update_26]);
    apply(&mut c, &[&update_27]);
    apply(&mut c, &[&update_29]);
    apply(&mut c, &[&update_30]);
    apply(&mut c, &[&update_31]);
    apply(&mut c, &[&update_32]);
    apply(&mut c, &[&update_33]);
    apply(&mut c, &[&update_34]);
    apply(&mut c, &[&update_35]);
    apply(&mut c, &[&update_36]);
    apply(&mut c, &[&update_37]);
    apply(&mut c, &[&update_38]);
    apply(&mut c, &[&update_39]);
    apply(&mut c, &[&update_40]);
    apply(&mut c, &[&update_41]);
    apply(&mut c, &[&update_42]);

    let as_today = [
        json(&b, "counter") == "6",
        json(&b, "list") == "[0,\"element\",9,0,\"element\",9,2,3,2,3]",
        json(&b, "map") == "{\"a-counter\":3,\"a-map\":{\"deep\":1},\"a-text\":\"inside\",\"b-counter\":3,\"b-map\":{\"deep\":1},\"b-text\":\"inside\",\"k\":\"v\",\"n\":null,\"o\":{\"x\":-1}}",
        json(&b, "text") == "\"y \\\"a😀b\\\"\\ny \\\"a😀b\\\"\\n\"",
    ];
    assert!(as_today.contains(&false), "b shows what it must not");
}

/// A document with nothing in it but the change that makes its roots, which is
/// the same everywhere. Indices are in UTF-16 code units.
fn replica(hex: &str) -> Automerge {
    let doc = Automerge::new_with_encoding(TextEncoding::Utf16CodeUnit);
    let mut doc = doc.with_actor(ActorId::from([0]));
    let mut tx = doc.transaction();
    tx.put(ROOT, "counter", ScalarValue::counter(0)).unwrap();
    tx.put_object(ROOT, "list", ObjType::List).unwrap();
    tx.put_object(ROOT, "map", ObjType::Map).unwrap();
    tx.put_object(ROOT, "text", ObjType::Text).unwrap();
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

/// A root as JSON, without its conflicts and marks.
fn json(doc: &Automerge, root: &str) -> String {
    let hydrate::Value::Map(roots) = doc.hydrate(None) else { unreachable!("the root is a map") };
    let found = roots.iter().find(|(name, _)| *name == root).unwrap();
    json_of(&found.1.value)
}

fn json_of(value: &hydrate::Value) -> String {
    match value {
        hydrate::Value::Scalar(ScalarValue::Null) => "null".to_owned(),
        hydrate::Value::Scalar(ScalarValue::Boolean(value)) => value.to_string(),
        hydrate::Value::Scalar(ScalarValue::Int(value)) => value.to_string(),
        hydrate::Value::Scalar(ScalarValue::Counter(value)) => i64::from(value).to_string(),
        hydrate::Value::Scalar(ScalarValue::Str(value)) => format!("{:?}", value.as_str()),
        hydrate::Value::Scalar(other) => format!("{other:?}"),
        hydrate::Value::Text(text) => format!("{:?}", text.to_string()),
        hydrate::Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| json_of(&item.value)).collect();
            format!("[{}]", items.join(","))
        }
        hydrate::Value::Map(entries) => {
            let entries: BTreeMap<_, _> = entries.iter().collect();
            let entries = entries.iter().map(|(key, at)| format!("{key:?}:{}", json_of(&at.value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
        }
    }
}
