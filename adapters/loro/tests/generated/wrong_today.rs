//! loro 1.17.1: a history in which something does not hold.
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
//! loro = "=1.17.1"
//! ```

use std::collections::BTreeMap;

use loro::{
    CommitOptions, Counter, ExpandType, ExportMode, IdSpan, LoroCounter, LoroDoc, LoroMap, LoroText,
    LoroValue, StyleConfig, StyleConfigMap, TextDelta, loro_value,
};

#[test]
#[should_panic(expected = "b shows what it must not")]
fn elements_text() {
    let a = replica(439628068070406364);
    let b = replica(1957997456714477154);
    let c = replica(6229048646815140889);

    let start = own_operations(&a);
    let text = a.get_text("text");
    text.insert_utf16(0, "say \"a😀b\"\n").unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_0 = own_updates(&a, start);

    let start = own_operations(&a);
    let text = a.get_text("text");
    text.mark_utf16(1..3, "bold", true).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_1 = own_updates(&a, start);

    let start = own_operations(&a);
    let text = a.get_text("text");
    text.unmark_utf16(1..3, "bold").unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_2 = own_updates(&a, start);

    let start = own_operations(&a);
    let text = a.get_text("text");
    text.mark_utf16(1..3, "link", "x").unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_3 = own_updates(&a, start);

    let start = own_operations(&a);
    let text = a.get_text("text");
    text.delete_utf16(0, 2).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_4 = own_updates(&a, start);

    let start = own_operations(&a);
    let map = a.get_map("map");
    map.insert("k", "v").unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_5 = own_updates(&a, start);

    let map = a.get_map("map");
    map.insert("k", "v").unwrap();

    let start = own_operations(&a);
    let map = a.get_map("map");
    map.insert("n", LoroValue::Null).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_7 = own_updates(&a, start);

    let start = own_operations(&a);
    let map = a.get_map("map");
    map.insert("o", loro_value!({"x": (-1_i64)})).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_8 = own_updates(&a, start);

    let start = own_operations(&a);
    let map = a.get_map("map");
    map.insert("gone", false).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_9 = own_updates(&a, start);

    let start = own_operations(&a);
    let map = a.get_map("map");
    map.delete("gone").unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_10 = own_updates(&a, start);

    let start = own_operations(&a);
    let list = a.get_list("list");
    list.insert(0, 1_i64).unwrap();
    list.insert(1, "two").unwrap();
    list.insert(2, 3_i64).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_11 = own_updates(&a, start);

    let start = own_operations(&a);
    let list = a.get_list("list");
    list.delete(1, 1).unwrap();
    list.insert(1, 2_i64).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_12 = own_updates(&a, start);

    let start = own_operations(&a);
    let list = a.get_list("list");
    list.delete(0, 1).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_13 = own_updates(&a, start);

    let start = own_operations(&a);
    let counter = a.get_counter("counter");
    counter.increment(5_f64).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_14 = own_updates(&a, start);

    let start = own_operations(&a);
    let counter = a.get_counter("counter");
    counter.increment(-2_f64).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_15 = own_updates(&a, start);

    let start = own_operations(&a);
    let map = a.get_map("map");
    map.insert_container("a-text", LoroText::new()).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_16 = own_updates(&a, start);

    let start = own_operations(&a);
    let map = a.get_map("map");
    map.insert_container("a-counter", LoroCounter::new()).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_17 = own_updates(&a, start);

    let start = own_operations(&a);
    let map = a.get_map("map");
    map.insert_container("a-map", LoroMap::new()).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_18 = own_updates(&a, start);

    let start = own_operations(&a);
    let map = a.get_map("map");
    let inner = map.get("a-text").unwrap();
    let inner = inner.into_container().unwrap().into_text().unwrap();
    inner.insert_utf16(0, "inside").unwrap();
    let inner = map.get("a-counter").unwrap();
    let inner = inner.into_container().unwrap().into_counter().unwrap();
    inner.increment(3_f64).unwrap();
    let inner = map.get("a-map").unwrap();
    let inner = inner.into_container().unwrap().into_map().unwrap();
    inner.insert("deep", 1_i64).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_19 = own_updates(&a, start);

    let start = own_operations(&a);
    let list = a.get_list("list");
    list.insert(0, 0_i64).unwrap();
    list.insert_container(1, LoroText::new()).unwrap();
    list.insert(2, 9_i64).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_20 = own_updates(&a, start);

    let start = own_operations(&a);
    let list = a.get_list("list");
    let inner = list.get(1).unwrap();
    let inner = inner.into_container().unwrap().into_text().unwrap();
    inner.insert_utf16(0, "element").unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_21 = own_updates(&a, start);

    let start = own_operations(&b);
    let text = b.get_text("text");
    text.insert_utf16(0, "say \"a😀b\"\n").unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_22 = own_updates(&b, start);

    let start = own_operations(&b);
    let text = b.get_text("text");
    text.mark_utf16(1..3, "bold", true).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_23 = own_updates(&b, start);

    let start = own_operations(&b);
    let text = b.get_text("text");
    text.unmark_utf16(1..3, "bold").unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_24 = own_updates(&b, start);

    let start = own_operations(&b);
    let text = b.get_text("text");
    text.mark_utf16(1..3, "link", "x").unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_25 = own_updates(&b, start);

    let start = own_operations(&b);
    let text = b.get_text("text");
    text.delete_utf16(0, 2).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_26 = own_updates(&b, start);

    let start = own_operations(&b);
    let map = b.get_map("map");
    map.insert("k", "v").unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_27 = own_updates(&b, start);

    let map = b.get_map("map");
    map.insert("k", "v").unwrap();

    let start = own_operations(&b);
    let map = b.get_map("map");
    map.insert("n", LoroValue::Null).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_29 = own_updates(&b, start);

    let start = own_operations(&b);
    let map = b.get_map("map");
    map.insert("o", loro_value!({"x": (-1_i64)})).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_30 = own_updates(&b, start);

    let start = own_operations(&b);
    let map = b.get_map("map");
    map.insert("gone", false).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_31 = own_updates(&b, start);

    let start = own_operations(&b);
    let map = b.get_map("map");
    map.delete("gone").unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_32 = own_updates(&b, start);

    let start = own_operations(&b);
    let list = b.get_list("list");
    list.insert(0, 1_i64).unwrap();
    list.insert(1, "two").unwrap();
    list.insert(2, 3_i64).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_33 = own_updates(&b, start);

    let start = own_operations(&b);
    let list = b.get_list("list");
    list.delete(1, 1).unwrap();
    list.insert(1, 2_i64).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_34 = own_updates(&b, start);

    let start = own_operations(&b);
    let list = b.get_list("list");
    list.delete(0, 1).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_35 = own_updates(&b, start);

    let start = own_operations(&b);
    let counter = b.get_counter("counter");
    counter.increment(5_f64).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_36 = own_updates(&b, start);

    let start = own_operations(&b);
    let counter = b.get_counter("counter");
    counter.increment(-2_f64).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_37 = own_updates(&b, start);

    let start = own_operations(&b);
    let map = b.get_map("map");
    map.insert_container("b-text", LoroText::new()).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_38 = own_updates(&b, start);

    let start = own_operations(&b);
    let map = b.get_map("map");
    map.insert_container("b-counter", LoroCounter::new()).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_39 = own_updates(&b, start);

    let start = own_operations(&b);
    let map = b.get_map("map");
    map.insert_container("b-map", LoroMap::new()).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_40 = own_updates(&b, start);

    let start = own_operations(&b);
    let map = b.get_map("map");
    let inner = map.get("b-text").unwrap();
    let inner = inner.into_container().unwrap().into_text().unwrap();
    inner.insert_utf16(0, "inside").unwrap();
    let inner = map.get("b-counter").unwrap();
    let inner = inner.into_container().unwrap().into_counter().unwrap();
    inner.increment(3_f64).unwrap();
    let inner = map.get("b-map").unwrap();
    let inner = inner.into_container().unwrap().into_map().unwrap();
    inner.insert("deep", 1_i64).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_41 = own_updates(&b, start);

    let start = own_operations(&b);
    let list = b.get_list("list");
    list.insert(0, 0_i64).unwrap();
    list.insert_container(1, LoroText::new()).unwrap();
    list.insert(2, 9_i64).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_42 = own_updates(&b, start);

    let start = own_operations(&b);
    let list = b.get_list("list");
    let inner = list.get(1).unwrap();
    let inner = inner.into_container().unwrap().into_text().unwrap();
    inner.insert_utf16(0, "element").unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_43 = own_updates(&b, start);
    c.import(&update_21).unwrap();
    c.import(&update_20).unwrap();
    c.import(&update_19).unwrap();
    c.import(&update_18).unwrap();
    c.import(&update_17).unwrap();
    c.import(&update_16).unwrap();
    c.import(&update_15).unwrap();
    c.import(&update_14).unwrap();
    c.import(&update_13).unwrap();
    c.import(&update_12).unwrap();
    c.import(&update_11).unwrap();
    c.import(&update_10).unwrap();
    c.import(&update_9).unwrap();
    c.import(&update_8).unwrap();
    c.import(&update_7).unwrap();
    c.import(&update_4).unwrap();
    c.import(&update_3).unwrap();
    c.import(&update_2).unwrap();
    c.import(&update_1).unwrap();
    c.import(&update_0).unwrap();
    c.import_batch(&[update_0.clone(), update_43.clone()]).unwrap();
    b.import(&update_0).unwrap();
    b.import(&update_0).unwrap();

    // Everything is brought to everyone.
    a.import(&update_22).unwrap();
    a.import(&update_23).unwrap();
    a.import(&update_24).unwrap();
    a.import(&update_25).unwrap();
    a.import(&update_26).unwrap();
    a.import(&update_27).unwrap();
    a.import(&update_29).unwrap();
    a.import(&update_30).unwrap();
    a.import(&update_31).unwrap();
    a.import(&update_32).unwrap();
    a.import(&update_33).unwrap();
    a.import(&update_34).unwrap();
    a.import(&update_35).unwrap();
    a.import(&update_36).unwrap();
    a.import(&update_37).unwrap();
    a.import(&update_38).unwrap();
    a.import(&update_39).unwrap();
    a.import(&update_40).unwrap();
    a.import(&update_41).unwrap();
    a.import(&update_42).unwrap();
    a.import(&update_43).unwrap();
    b.import(&update_1).unwrap();
    b.import(&update_2).unwrap();
    b.import(&update_3).unwrap();
    b.import(&update_4).unwrap();
    b.import(&update_5).unwrap();
    b.import(&update_7).unwrap();
    b.import(&update_8).unwrap();
    b.import(&update_9).unwrap();
    b.import(&update_10).unwrap();
    b.import(&update_11).unwrap();
    b.import(&update_12).unwrap();
    b.import(&update_13).unwrap();
    b.import(&update_14).unwrap();
    b.import(&update_15).unwrap();
    b.import(&update_16).unwrap();
    b.import(&update_17).unwrap();
    b.import(&update_18).unwrap();
    b.import(&update_19).unwrap();
    b.import(&update_20).unwrap();
    b.import(&update_21).unwrap();
    c.import(&update_5).unwrap();
    c.import(&update_22).unwrap();
    c.import(&update_23).unwrap();
    c.import(&update_24).unwrap();
    c.import(&update_25).unwrap();
    c.import(&update_26).unwrap();
    c.import(&update_27).unwrap();
    c.import(&update_29).unwrap();
    c.import(&update_30).unwrap();
    c.import(&update_31).unwrap();
    c.import(&update_32).unwrap();
    c.import(&update_33).unwrap();
    c.import(&update_34).unwrap();
    c.import(&update_35).unwrap();
    c.import(&update_36).unwrap();
    c.import(&update_37).unwrap();
    c.import(&update_38).unwrap();
    c.import(&update_39).unwrap();
    c.import(&update_40).unwrap();
    c.import(&update_41).unwrap();
    c.import(&update_42).unwrap();

    let as_today = [
        b.get_counter("counter").get_value() == 6_f64,
        b.get_list("list").get_deep_value() == loro_value!([0_i64, "element", 9_i64, 2_i64, 3_i64, 0_i64, "element", 9_i64, 2_i64, 3_i64]),
        b.get_map("map").get_deep_value() == loro_value!({"a-counter": (3_f64), "a-map": {"deep": 1_i64}, "a-text": "inside", "b-counter": (3_f64), "b-map": {"deep": 1_i64}, "b-text": "inside", "k": "v", "n": null, "o": {"x": (-1_i64)}}),
        characters(&b.get_text("text")) == vec![('y', [("link".to_owned(), "x".into())].into()), (' ', [].into()), ('"', [].into()), ('a', [].into()), ('😀', [].into()), ('b', [].into()), ('"', [].into()), ('\n', [].into()), ('y', [("link".to_owned(), "x".into())].into()), (' ', [].into()), ('"', [].into()), ('a', [].into()), ('😀', [].into()), ('b', [].into()), ('"', [].into()), ('\n', [].into())] as Vec<Character>,
    ];
    assert!(as_today.contains(&false), "b shows what it must not");
}

/// An empty replica. Marks grow with text that is typed at their end.
fn replica(peer: u64) -> LoroDoc {
    let doc = without_roots(peer);
    open_roots(&doc);
    doc
}

fn without_roots(peer: u64) -> LoroDoc {
    let doc = LoroDoc::new();
    doc.set_peer_id(peer).unwrap();
    doc.config_text_style(StyleConfigMap::new());
    doc.config_default_text_style(Some(StyleConfig { expand: ExpandType::After }));
    doc
}

fn open_roots(doc: &LoroDoc) {
    doc.get_counter("counter");
    doc.get_list("list");
    doc.get_map("map");
    doc.get_text("text");
}

/// How many operations a replica has made itself.
fn own_operations(doc: &LoroDoc) -> Counter {
    doc.oplog_vv().get(&doc.peer_id()).copied().unwrap_or(0)
}

/// What it has made itself since then.
fn own_updates(doc: &LoroDoc, start: Counter) -> Vec<u8> {
    let span = IdSpan::new(doc.peer_id(), start, own_operations(doc));
    doc.export(ExportMode::updates_in_range(vec![span])).unwrap()
}

/// A character and its marks.
type Character = (char, BTreeMap<String, LoroValue>);

/// The characters of a text.
fn characters(text: &LoroText) -> Vec<Character> {
    let mut characters = Vec::new();
    for part in text.to_delta() {
        let TextDelta::Insert { insert, attributes } = part else { continue };
        let marks = attributes.into_iter().flatten();
        let marks: BTreeMap<String, LoroValue> =
            marks.filter(|(_, value)| *value != LoroValue::Null).collect();
        characters.extend(insert.chars().map(|character| (character, marks.clone())));
    }
    characters
}
