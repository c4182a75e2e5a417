//! automerge 0.12.0: a history in which everything holds.
//!
//! Expected, and what happens: all replicas come to show the same document.
//!
//! Note: a tree is a map here, from the label of each node to its position among its siblings and
//! its parent.
//!
//! ```toml
//! [dependencies]
//! automerge = "=0.12.0"
//! ```

use automerge::marks::{ExpandMark, Mark};
use automerge::transaction::{CommitOptions, Transactable};
use automerge::{
    ActorId, Automerge, Change, ObjType, ROOT, ReadDoc, ScalarValue, TextEncoding, hydrate,
    hydrate_map,
};

#[test]
fn replicas_converge() {
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
        let (_, movable_list) = tx.get(ROOT, "movable-list").unwrap().unwrap();
        let values = [
            hydrate::Value::from(ScalarValue::from(1_i64)),
            hydrate::Value::from(ScalarValue::from("two")),
            hydrate::Value::from(ScalarValue::from(3_i64)),
        ];
        tx.splice(&movable_list, 0, 0, values).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_15 = {
        let mut tx = a.transaction();
        let (_, movable_list) = tx.get(ROOT, "movable-list").unwrap().unwrap();
        let (moved, _) = tx.get(&movable_list, 0_usize).unwrap().unwrap();
        let moved = moved.into_scalar().unwrap();
        tx.delete(&movable_list, 0_usize).unwrap();
        tx.insert(&movable_list, 2, moved).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_16 = {
        let mut tx = a.transaction();
        let (_, movable_list) = tx.get(ROOT, "movable-list").unwrap().unwrap();
        tx.put(&movable_list, 0_usize, 5_i64).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_17 = {
        let mut tx = a.transaction();
        tx.increment(ROOT, "counter", 5).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_18 = {
        let mut tx = a.transaction();
        tx.increment(ROOT, "counter", -2).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_19 = {
        let mut tx = a.transaction();
        let (_, tree) = tx.get(ROOT, "tree").unwrap().unwrap();
        tx.put(&tree, "a-x", "1048576").unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_20 = {
        let mut tx = a.transaction();
        let (_, tree) = tx.get(ROOT, "tree").unwrap().unwrap();
        tx.put(&tree, "a-y", "1048576/a-x").unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_21 = {
        let mut tx = a.transaction();
        let (_, tree) = tx.get(ROOT, "tree").unwrap().unwrap();
        tx.put(&tree, "a-z", "0").unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_22 = {
        let mut tx = a.transaction();
        let (_, tree) = tx.get(ROOT, "tree").unwrap().unwrap();
        tx.put(&tree, "a-z", "0/a-x").unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_23 = {
        let mut tx = a.transaction();
        let (_, tree) = tx.get(ROOT, "tree").unwrap().unwrap();
        tx.delete(&tree, "a-y").unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        a.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_24 = {
        let mut tx = b.transaction();
        let (_, text) = tx.get(ROOT, "text").unwrap().unwrap();
        tx.splice_text(&text, 0, 0, "say \"a😀b\"\n").unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_25 = {
        let mut tx = b.transaction();
        let (_, text) = tx.get(ROOT, "text").unwrap().unwrap();
        let mark = Mark::new("bold".to_owned(), true, 1, 3);
        tx.mark(&text, mark, ExpandMark::After).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_26 = {
        let mut tx = b.transaction();
        let (_, text) = tx.get(ROOT, "text").unwrap().unwrap();
        let mark = Mark::new("bold".to_owned(), ScalarValue::Null, 1, 3);
        tx.mark(&text, mark, ExpandMark::After).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_27 = {
        let mut tx = b.transaction();
        let (_, text) = tx.get(ROOT, "text").unwrap().unwrap();
        let mark = Mark::new("link".to_owned(), "x", 1, 3);
        tx.mark(&text, mark, ExpandMark::After).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_28 = {
        let mut tx = b.transaction();
        let (_, text) = tx.get(ROOT, "text").unwrap().unwrap();
        tx.splice_text(&text, 0, 2, "").unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_29 = {
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

    let update_31 = {
        let mut tx = b.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        tx.put(&map, "n", ScalarValue::Null).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_32 = {
        let mut tx = b.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        let value = hydrate::Value::from(hydrate_map! { "x" => ScalarValue::from(-1_i64) });
        tx.batch_create_object(&map, "o", &value, false).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_33 = {
        let mut tx = b.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        tx.put(&map, "gone", false).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_34 = {
        let mut tx = b.transaction();
        let (_, map) = tx.get(ROOT, "map").unwrap().unwrap();
        tx.delete(&map, "gone").unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_35 = {
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

    let update_36 = {
        let mut tx = b.transaction();
        let (_, list) = tx.get(ROOT, "list").unwrap().unwrap();
        tx.put(&list, 1_usize, 2_i64).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_37 = {
        let mut tx = b.transaction();
        let (_, list) = tx.get(ROOT, "list").unwrap().unwrap();
        tx.delete(&list, 0_usize).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_38 = {
        let mut tx = b.transaction();
        let (_, movable_list) = tx.get(ROOT, "movable-list").unwrap().unwrap();
        let values = [
            hydrate::Value::from(ScalarValue::from(1_i64)),
            hydrate::Value::from(ScalarValue::from("two")),
            hydrate::Value::from(ScalarValue::from(3_i64)),
        ];
        tx.splice(&movable_list, 0, 0, values).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_39 = {
        let mut tx = b.transaction();
        let (_, movable_list) = tx.get(ROOT, "movable-list").unwrap().unwrap();
        let (moved, _) = tx.get(&movable_list, 0_usize).unwrap().unwrap();
        let moved = moved.into_scalar().unwrap();
        tx.delete(&movable_list, 0_usize).unwrap();
        tx.insert(&movable_list, 2, moved).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_40 = {
        let mut tx = b.transaction();
        let (_, movable_list) = tx.get(ROOT, "movable-list").unwrap().unwrap();
        tx.put(&movable_list, 0_usize, 5_i64).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_41 = {
        let mut tx = b.transaction();
        tx.increment(ROOT, "counter", 5).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_42 = {
        let mut tx = b.transaction();
        tx.increment(ROOT, "counter", -2).unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_43 = {
        let mut tx = b.transaction();
        let (_, tree) = tx.get(ROOT, "tree").unwrap().unwrap();
        tx.put(&tree, "b-x", "1048576").unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_44 = {
        let mut tx = b.transaction();
        let (_, tree) = tx.get(ROOT, "tree").unwrap().unwrap();
        tx.put(&tree, "b-y", "1048576/b-x").unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_45 = {
        let mut tx = b.transaction();
        let (_, tree) = tx.get(ROOT, "tree").unwrap().unwrap();
        tx.put(&tree, "b-z", "0").unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_46 = {
        let mut tx = b.transaction();
        let (_, tree) = tx.get(ROOT, "tree").unwrap().unwrap();
        tx.put(&tree, "b-z", "0/b-x").unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };

    let update_47 = {
        let mut tx = b.transaction();
        let (_, tree) = tx.get(ROOT, "tree").unwrap().unwrap();
        tx.delete(&tree, "b-y").unwrap();
        let change = tx.commit_with(CommitOptions::default().with_time(0)).0.unwrap();
        b.get_change_by_hash(&change).unwrap().bytes().into_owned()
    };
    apply(&mut c, &[&update_23]);
    apply(&mut c, &[&update_22]);
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
    apply(&mut c, &[&update_0, &update_47]);
    apply(&mut b, &[&update_0]);
    apply(&mut b, &[&update_0]);

    // Everything is brought to everyone.
    apply(&mut a, &[&update_24]);
    apply(&mut a, &[&update_25]);
    apply(&mut a, &[&update_26]);
    apply(&mut a, &[&update_27]);
    apply(&mut a, &[&update_28]);
    apply(&mut a, &[&update_29]);
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
    apply(&mut a, &[&update_44]);
    apply(&mut a, &[&update_45]);
    apply(&mut a, &[&update_46]);
    apply(&mut a, &[&update_47]);
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
    apply(&mut b, &[&update_22]);
    apply(&mut b, &[&update_23]);
    apply(&mut c, &[&update_5]);
    apply(&mut c, &[&update_24]);
    apply(&mut c, &[&update_25]);
    apply(&mut c, &[&update_26]);
    apply(&mut c, &[&update_27]);
    apply(&mut c, &[&update_28]);
    apply(&mut c, &[&update_29]);
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
    apply(&mut c, &[&update_43]);
    apply(&mut c, &[&update_44]);
    apply(&mut c, &[&update_45]);
    apply(&mut c, &[&update_46]);

    assert_eq!(shown(&b), shown(&a), "b against a");
    assert_eq!(shown(&c), shown(&a), "c against a");
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
    tx.put_object(ROOT, "movable-list", ObjType::List).unwrap();
    tx.put_object(ROOT, "text", ObjType::Text).unwrap();
    tx.put_object(ROOT, "tree", ObjType::Map).unwrap();
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

/// What a replica shows, and the marks of its texts.
fn shown(doc: &Automerge) -> (hydrate::Value, Vec<Vec<Mark>>) {
    let marks = |text: &str| {
        let (_, text) = doc.get(ROOT, text).unwrap().unwrap();
        doc.marks(&text).unwrap()
    };
    (doc.hydrate(None), vec![marks("text")])
}
