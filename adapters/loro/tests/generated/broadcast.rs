//! loro 1.17.1: a history in which everything holds.
//!
//! Expected, and what happens: all replicas come to show the same document.
//!
//! ```toml
//! [dependencies]
//! loro = "=1.17.1"
//! ```

use std::collections::BTreeMap;

use loro::{
    CommitOptions, Counter, ExpandType, ExportMode, IdSpan, LoroDoc, LoroText, LoroValue,
    StyleConfig, StyleConfigMap, TextDelta, TreeParentId, loro_value,
};

#[test]
fn replicas_converge() {
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
    let movable_list = a.get_movable_list("movable-list");
    movable_list.insert(0, 1_i64).unwrap();
    movable_list.insert(1, "two").unwrap();
    movable_list.insert(2, 3_i64).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_14 = own_updates(&a, start);

    let start = own_operations(&a);
    let movable_list = a.get_movable_list("movable-list");
    movable_list.mov(0, 2).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_15 = own_updates(&a, start);

    let start = own_operations(&a);
    let movable_list = a.get_movable_list("movable-list");
    movable_list.set(0, 5_i64).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_16 = own_updates(&a, start);

    let start = own_operations(&a);
    let counter = a.get_counter("counter");
    counter.increment(5_f64).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_17 = own_updates(&a, start);

    let start = own_operations(&a);
    let counter = a.get_counter("counter");
    counter.increment(-2_f64).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_18 = own_updates(&a, start);

    let start = own_operations(&a);
    let tree = a.get_tree("tree");
    let node_a_x = tree.create_at(TreeParentId::Root, 0).unwrap();
    tree.get_meta(node_a_x).unwrap().insert("label", "a-x").unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_19 = own_updates(&a, start);

    let start = own_operations(&a);
    let tree = a.get_tree("tree");
    let node_a_y = tree.create_at(TreeParentId::Node(node_a_x), 0).unwrap();
    tree.get_meta(node_a_y).unwrap().insert("label", "a-y").unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_20 = own_updates(&a, start);

    let start = own_operations(&a);
    let tree = a.get_tree("tree");
    let node_a_z = tree.create_at(TreeParentId::Root, 0).unwrap();
    tree.get_meta(node_a_z).unwrap().insert("label", "a-z").unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_21 = own_updates(&a, start);

    let start = own_operations(&a);
    let tree = a.get_tree("tree");
    tree.mov_to(node_a_z, TreeParentId::Node(node_a_x), 0).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_22 = own_updates(&a, start);

    let start = own_operations(&a);
    let tree = a.get_tree("tree");
    tree.delete(node_a_y).unwrap();
    a.commit_with(CommitOptions::new().timestamp(0));
    let update_23 = own_updates(&a, start);

    let start = own_operations(&b);
    let text = b.get_text("text");
    text.insert_utf16(0, "say \"a😀b\"\n").unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_24 = own_updates(&b, start);

    let start = own_operations(&b);
    let text = b.get_text("text");
    text.mark_utf16(1..3, "bold", true).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_25 = own_updates(&b, start);

    let start = own_operations(&b);
    let text = b.get_text("text");
    text.unmark_utf16(1..3, "bold").unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_26 = own_updates(&b, start);

    let start = own_operations(&b);
    let text = b.get_text("text");
    text.mark_utf16(1..3, "link", "x").unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_27 = own_updates(&b, start);

    let start = own_operations(&b);
    let text = b.get_text("text");
    text.delete_utf16(0, 2).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_28 = own_updates(&b, start);

    let start = own_operations(&b);
    let map = b.get_map("map");
    map.insert("k", "v").unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_29 = own_updates(&b, start);

    let map = b.get_map("map");
    map.insert("k", "v").unwrap();

    let start = own_operations(&b);
    let map = b.get_map("map");
    map.insert("n", LoroValue::Null).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_31 = own_updates(&b, start);

    let start = own_operations(&b);
    let map = b.get_map("map");
    map.insert("o", loro_value!({"x": (-1_i64)})).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_32 = own_updates(&b, start);

    let start = own_operations(&b);
    let map = b.get_map("map");
    map.insert("gone", false).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_33 = own_updates(&b, start);

    let start = own_operations(&b);
    let map = b.get_map("map");
    map.delete("gone").unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_34 = own_updates(&b, start);

    let start = own_operations(&b);
    let list = b.get_list("list");
    list.insert(0, 1_i64).unwrap();
    list.insert(1, "two").unwrap();
    list.insert(2, 3_i64).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_35 = own_updates(&b, start);

    let start = own_operations(&b);
    let list = b.get_list("list");
    list.delete(1, 1).unwrap();
    list.insert(1, 2_i64).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_36 = own_updates(&b, start);

    let start = own_operations(&b);
    let list = b.get_list("list");
    list.delete(0, 1).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_37 = own_updates(&b, start);

    let start = own_operations(&b);
    let movable_list = b.get_movable_list("movable-list");
    movable_list.insert(0, 1_i64).unwrap();
    movable_list.insert(1, "two").unwrap();
    movable_list.insert(2, 3_i64).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_38 = own_updates(&b, start);

    let start = own_operations(&b);
    let movable_list = b.get_movable_list("movable-list");
    movable_list.mov(0, 2).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_39 = own_updates(&b, start);

    let start = own_operations(&b);
    let movable_list = b.get_movable_list("movable-list");
    movable_list.set(0, 5_i64).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_40 = own_updates(&b, start);

    let start = own_operations(&b);
    let counter = b.get_counter("counter");
    counter.increment(5_f64).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_41 = own_updates(&b, start);

    let start = own_operations(&b);
    let counter = b.get_counter("counter");
    counter.increment(-2_f64).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_42 = own_updates(&b, start);

    let start = own_operations(&b);
    let tree = b.get_tree("tree");
    let node_b_x = tree.create_at(TreeParentId::Root, 0).unwrap();
    tree.get_meta(node_b_x).unwrap().insert("label", "b-x").unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_43 = own_updates(&b, start);

    let start = own_operations(&b);
    let tree = b.get_tree("tree");
    let node_b_y = tree.create_at(TreeParentId::Node(node_b_x), 0).unwrap();
    tree.get_meta(node_b_y).unwrap().insert("label", "b-y").unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_44 = own_updates(&b, start);

    let start = own_operations(&b);
    let tree = b.get_tree("tree");
    let node_b_z = tree.create_at(TreeParentId::Root, 0).unwrap();
    tree.get_meta(node_b_z).unwrap().insert("label", "b-z").unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_45 = own_updates(&b, start);

    let start = own_operations(&b);
    let tree = b.get_tree("tree");
    tree.mov_to(node_b_z, TreeParentId::Node(node_b_x), 0).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_46 = own_updates(&b, start);

    let start = own_operations(&b);
    let tree = b.get_tree("tree");
    tree.delete(node_b_y).unwrap();
    b.commit_with(CommitOptions::new().timestamp(0));
    let update_47 = own_updates(&b, start);
    c.import(&update_23).unwrap();
    c.import(&update_22).unwrap();
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
    c.import_batch(&[update_0.clone(), update_47.clone()]).unwrap();
    b.import(&update_0).unwrap();
    b.import(&update_0).unwrap();

    // Everything is brought to everyone.
    a.import(&update_24).unwrap();
    a.import(&update_25).unwrap();
    a.import(&update_26).unwrap();
    a.import(&update_27).unwrap();
    a.import(&update_28).unwrap();
    a.import(&update_29).unwrap();
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
    a.import(&update_44).unwrap();
    a.import(&update_45).unwrap();
    a.import(&update_46).unwrap();
    a.import(&update_47).unwrap();
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
    b.import(&update_22).unwrap();
    b.import(&update_23).unwrap();
    c.import(&update_5).unwrap();
    c.import(&update_24).unwrap();
    c.import(&update_25).unwrap();
    c.import(&update_26).unwrap();
    c.import(&update_27).unwrap();
    c.import(&update_28).unwrap();
    c.import(&update_29).unwrap();
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
    c.import(&update_43).unwrap();
    c.import(&update_44).unwrap();
    c.import(&update_45).unwrap();
    c.import(&update_46).unwrap();

    assert_eq!(shown(&b), shown(&a), "b against a");
    assert_eq!(shown(&c), shown(&a), "c against a");
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
    doc.get_movable_list("movable-list");
    doc.get_text("text");
    doc.get_tree("tree");
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

/// What a replica shows, and the marks of its texts.
fn shown(doc: &LoroDoc) -> (LoroValue, Vec<Vec<Character>>) {
    (doc.get_deep_value(), vec![characters(&doc.get_text("text"))])
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
