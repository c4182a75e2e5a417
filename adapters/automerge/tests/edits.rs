//! What edits do locally.

mod common;

use std::collections::BTreeMap;

use common::*;
use deadzone_core::document::{Node, Run, Scalar, TreeNode};
use deadzone_core::edit::{Action, ContainerKind, Edit, Value};
use deadzone_core::engine::{Edited, EngineError, Save};

fn container(kind: ContainerKind) -> Value {
    Value::Container(kind)
}

fn run(text: &str, marks: &[(&str, Scalar)]) -> Run {
    let marks = marks.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    Run { text: text.to_owned(), marks: marks.collect() }
}

#[test]
fn a_new_replica_has_its_roots_and_nobody_edited_it() {
    let mut new = replica(1);
    for (name, kind) in roots() {
        assert_eq!(found(&mut new, &name), Node::empty(kind));
    }
    assert_eq!(seen(&mut new), []);
    assert_eq!(new.take_updates(), Vec::<Vec<u8>>::new());
    assert_eq!(new.pending(), 0);
}

#[test]
fn text_is_indexed_in_utf16() {
    let mut one = replica(1);
    edit(&mut one, "text", text(0, "a😀b"));
    assert_eq!(one.length(&path("text")), Some(4));
    edit(&mut one, "text", text(3, "𝄞"));
    assert_eq!(found(&mut one, "text"), plain("a😀𝄞b"));
    let snapped: Vec<u32> = (0..=6).map(|index| one.snap(&path("text"), index)).collect();
    assert_eq!(snapped, [0, 1, 1, 3, 3, 5, 6]);
    edit(&mut one, "text", Action::DeleteText { index: 1, count: 2 });
    assert_eq!(found(&mut one, "text"), plain("a𝄞b"));
}

#[test]
fn marks_grow_at_their_end_and_can_be_taken_away() {
    let mut one = replica(1);
    let bold = |index, count, value| Action::Mark { index, count, name: "bold".into(), value };
    let on = Scalar::Bool(true);
    edit(&mut one, "text", text(0, "abcd"));
    edit(&mut one, "text", bold(1, 2, on.clone()));
    edit(&mut one, "text", text(3, "X"));
    edit(&mut one, "text", text(1, "Y"));
    let marked =
        Node::Text(vec![run("aY", &[]), run("bcX", &[("bold", on.clone())]), run("d", &[])]);
    assert_eq!(found(&mut one, "text"), marked);
    edit(&mut one, "text", bold(4, 1, Scalar::Null));
    edit(&mut one, "text", text(5, "Z"));
    let taken = Node::Text(vec![run("aY", &[]), run("bc", &[("bold", on)]), run("XZd", &[])]);
    assert_eq!(found(&mut one, "text"), taken);
    let two = |count| {
        [("a", Scalar::Int(1)), ("b", Scalar::Text("v".into()))].map(|(name, value)| {
            at("text", Action::Mark { index: 0, count, name: name.into(), value })
        })
    };
    one.edit(&two(1)).unwrap();
    let Node::Text(runs) = found(&mut one, "text") else { panic!() };
    assert_eq!(runs[0], run("a", &[("a", Scalar::Int(1)), ("b", Scalar::Text("v".into()))]));
    assert_eq!(one.edit(&two(0)), Ok(Edited::Unchanged));
}

#[test]
fn maps_take_every_kind_of_value() {
    let mut one = replica(1);
    let scalars =
        [Scalar::Null, Scalar::Bool(false), Scalar::Int(-(1 << 52)), Scalar::Text("é".into())];
    for scalar in scalars {
        edit(&mut one, "map", put("k", Value::Scalar(scalar.clone())));
        assert_eq!(found(&mut one, "map/k"), Node::Scalar(scalar));
    }
    let object = BTreeMap::from([
        ("b".to_owned(), Scalar::Int(2)),
        ("a".to_owned(), Scalar::Text("1".into())),
    ]);
    edit(&mut one, "map", put("o", Value::Object(object.clone())));
    let fields = object.into_iter().map(|(key, value)| (key, Node::Scalar(value)));
    assert_eq!(found(&mut one, "map/o"), Node::Map(fields.collect()));
    for kind in ContainerKind::ALL {
        edit(&mut one, "map", put(kind.name(), container(kind)));
        assert_eq!(found(&mut one, &format!("map/{}", kind.name())), Node::empty(kind));
    }
    assert_eq!(one.length(&path("map")), Some(8));
    let mut keys = vec!["k".to_owned(), "o".to_owned()];
    keys.extend(ContainerKind::ALL.map(|kind| kind.name().to_owned()));
    keys.sort();
    assert_eq!(one.children(&path("map")), keys);
    edit(&mut one, "map", Action::Delete { key: "o".into() });
    assert_eq!(one.length(&path("map")), Some(7));
}

/// Containers of every kind, in maps in lists in maps.
#[test]
fn containers_nest() {
    for outer in ["list", "movable-list"] {
        let mut one = replica(1);
        edit(&mut one, outer, insert(0, &[int(0), container(ContainerKind::Map)]));
        for kind in ContainerKind::ALL {
            edit(&mut one, &format!("{outer}/1"), put(kind.name(), container(kind)));
        }
        let below = |name: &str| format!("{outer}/1/{name}");
        edit(&mut one, &below("text"), text(0, "hé"));
        edit(&mut one, &below("map"), put("k", int(1)));
        edit(&mut one, &below("list"), insert(0, &[int(1), container(ContainerKind::List)]));
        edit(&mut one, &below("list/1"), insert(0, &[container(ContainerKind::Counter)]));
        edit(&mut one, &below("list/1/0"), Action::Increment { by: 5 });
        edit(&mut one, &below("movable-list"), insert(0, &[int(1), int(2), int(3)]));
        edit(&mut one, &below("movable-list"), Action::Move { from: 0, to: 2 });
        edit(&mut one, &below("counter"), Action::Increment { by: -3 });
        edit(&mut one, &below("tree"), node("n", None, 0));
        edit(&mut one, &below("tree"), node("m", Some("n"), 0));
        assert_eq!(found(&mut one, &below("text")), plain("hé"));
        assert_eq!(found(&mut one, &below("map/k")), Node::Scalar(Scalar::Int(1)));
        assert_eq!(found(&mut one, &below("list/1/0")), Node::Counter(5));
        assert_eq!(found(&mut one, &below("movable-list")), ints(&[2, 3, 1]));
        assert_eq!(found(&mut one, &below("counter")), Node::Counter(-3));
        let leaf = TreeNode { label: "m".into(), children: vec![] };
        let tree = Node::Tree(vec![TreeNode { label: "n".into(), children: vec![leaf] }]);
        assert_eq!(found(&mut one, &below("tree")), tree);
        assert_eq!(one.length(&path(&below("text"))), Some(2));
        assert_eq!(one.length(&path(&below("movable-list"))), Some(3));
        assert_eq!(one.length(&path(&below("tree"))), Some(2));
        assert_eq!(one.children(&path(&below("tree"))), ["n", "m"]);
    }
}

#[test]
fn lists_insert_replace_and_remove() {
    for list in ["list", "movable-list"] {
        let mut one = replica(1);
        let numbers: Vec<Value> = (0..10).map(int).collect();
        edit(&mut one, list, insert(0, &numbers));
        edit(&mut one, list, insert(10, &[int(10)]));
        edit(&mut one, list, Action::Remove { index: 2, count: 7 });
        edit(&mut one, list, Action::Set { index: 0, value: int(7) });
        assert_eq!(found(&mut one, list), ints(&[7, 1, 9, 10]));
        edit(&mut one, list, Action::Set { index: 3, value: container(ContainerKind::Tree) });
        edit(&mut one, &format!("{list}/3"), node("x", None, 0));
        assert_eq!(one.length(&path(list)), Some(4));
    }
}

/// Lengths of lists are found by probing.
#[test]
fn lengths_are_right_at_every_size() {
    let mut one = replica(1);
    for length in 0..40 {
        assert_eq!(one.length(&path("list")), Some(length));
        edit(&mut one, "list", insert(length / 2, &[int(0)]));
    }
}

#[test]
fn counters_add_up_and_start_anew_when_put_again() {
    let mut one = replica(1);
    edit(&mut one, "counter", Action::Increment { by: 5 });
    edit(&mut one, "counter", Action::Increment { by: -7 });
    assert_eq!(found(&mut one, "counter"), Node::Counter(-2));
    edit(&mut one, "map", put("c", container(ContainerKind::Counter)));
    edit(&mut one, "map/c", Action::Increment { by: 5 });
    edit(&mut one, "map", put("c", container(ContainerKind::Counter)));
    assert_eq!(found(&mut one, "map/c"), Node::Counter(0));
}

#[test]
fn a_moved_container_keeps_all_that_is_in_it() {
    let mut one = replica(1);
    edit(&mut one, "movable-list", insert(0, &[int(0), container(ContainerKind::Map), int(2)]));
    for kind in ContainerKind::ALL {
        edit(&mut one, "movable-list/1", put(kind.name(), container(kind)));
    }
    edit(&mut one, "movable-list/1/text", text(0, "bold text"));
    let bold = Action::Mark { index: 0, count: 4, name: "bold".into(), value: Scalar::Bool(true) };
    edit(&mut one, "movable-list/1/text", bold);
    edit(&mut one, "movable-list/1/counter", Action::Increment { by: 5 });
    edit(&mut one, "movable-list/1/tree", node("n", None, 0));
    edit(&mut one, "movable-list/1/list", insert(0, &[container(ContainerKind::Counter)]));
    edit(&mut one, "movable-list/1/list/0", Action::Increment { by: 3 });
    edit(&mut one, "movable-list/1/movable-list", insert(0, &[int(1), int(2)]));
    let before = found(&mut one, "movable-list/1");
    edit(&mut one, "movable-list", Action::Move { from: 1, to: 2 });
    assert_eq!(found(&mut one, "movable-list/2"), before);
    // It is the same kind of thing still.
    edit(&mut one, "movable-list/2/counter", Action::Increment { by: 1 });
    edit(&mut one, "movable-list/2/movable-list", Action::Move { from: 1, to: 0 });
    edit(&mut one, "movable-list/2/tree", node("m", None, 1));
    edit(&mut one, "movable-list/2/text", text(4, "er"));
    assert_eq!(found(&mut one, "movable-list/2/counter"), Node::Counter(6));
    assert_eq!(found(&mut one, "movable-list/2/movable-list"), ints(&[2, 1]));
    let runs = vec![run("bolder", &[("bold", Scalar::Bool(true))]), run(" text", &[])];
    assert_eq!(found(&mut one, "movable-list/2/text"), Node::Text(runs));
}

#[test]
fn moves_in_a_list_count_without_the_element() {
    for (from, to, expected) in
        [(0, 3, [1, 2, 3, 0]), (3, 0, [3, 0, 1, 2]), (1, 2, [0, 2, 1, 3]), (2, 1, [0, 2, 1, 3])]
    {
        let mut one = replica(1);
        edit(&mut one, "movable-list", insert(0, &[int(0), int(1), int(2), int(3)]));
        edit(&mut one, "movable-list", Action::Move { from, to });
        assert_eq!(found(&mut one, "movable-list"), ints(&expected), "{from} to {to}");
    }
}

#[test]
fn trees_keep_their_order() {
    let mut one = replica(1);
    for (label, parent, index) in
        [("a", None, 0), ("b", None, 1), ("c", None, 0), ("d", Some("a"), 0), ("e", Some("a"), 0)]
    {
        edit(&mut one, "tree", node(label, parent, index));
    }
    assert_eq!(one.children(&path("tree")), ["c", "a", "e", "d", "b"]);
    edit(&mut one, "tree", moved("d", None, 1));
    assert_eq!(one.children(&path("tree")), ["c", "d", "a", "e", "b"]);
    edit(&mut one, "tree", moved("a", Some("b"), 0));
    assert_eq!(one.children(&path("tree")), ["c", "d", "b", "a", "e"]);
    edit(&mut one, "tree", Action::DeleteNode { label: "b".into() });
    assert_eq!(one.children(&path("tree")), ["c", "d"]);
    assert_eq!(one.length(&path("tree")), Some(2));
    // Always in the same gap, until neighbours have to move up.
    for n in 0..60 {
        edit(&mut one, "tree", node(&format!("n{n}"), None, 1));
    }
    let mut expected = vec!["c".to_owned()];
    expected.extend((0..60).rev().map(|n| format!("n{n}")));
    expected.push("d".to_owned());
    assert_eq!(one.children(&path("tree")), expected);
}

#[test]
fn what_changes_nothing_makes_no_change() {
    let mut one = replica(1);
    edit(&mut one, "text", text(0, "abc"));
    edit(&mut one, "map", put("k", int(1)));
    edit(&mut one, "movable-list", insert(0, &[int(1), int(2)]));
    edit(&mut one, "list", insert(0, &[int(1)]));
    edit(&mut one, "tree", node("a", None, 0));
    edit(&mut one, "tree", node("b", Some("a"), 0));
    one.take_updates();
    let nothing = [
        at("text", text(1, "")),
        at("text", Action::DeleteText { index: 3, count: 0 }),
        at("map", put("k", int(1))),
        at("map", Action::Delete { key: "absent".into() }),
        at("list", insert(1, &[])),
        at("list", Action::Set { index: 0, value: int(1) }),
        at("list", Action::Remove { index: 1, count: 0 }),
        at("movable-list", Action::Move { from: 1, to: 1 }),
        at("counter", Action::Increment { by: 0 }),
        at("tree", moved("a", Some("b"), 0)),
        at("tree", moved("a", Some("a"), 0)),
        at("tree", moved("b", Some("a"), 0)),
    ];
    let before = (one.version().unwrap(), one.save(Save::Whole));
    for edit in &nothing {
        assert_eq!(one.edit(std::slice::from_ref(edit)), Ok(Edited::Unchanged), "{edit:?}");
    }
    assert_eq!(one.edit(&nothing), Ok(Edited::Unchanged));
    assert_eq!(one.edit(&[]), Ok(Edited::Unchanged));
    assert_eq!((one.version().unwrap(), one.save(Save::Whole)), before);
    assert_eq!(one.take_updates(), Vec::<Vec<u8>>::new());
}

#[test]
fn the_first_edit_may_change_nothing() {
    let mut one = replica(1);
    let absent = at("map", Action::Delete { key: "absent".into() });
    assert_eq!(one.edit(&[absent]), Ok(Edited::Unchanged));
    assert_eq!(edit(&mut one, "map", put("k", int(1))).position, 1);
    assert_eq!(edit(&mut one, "map", put("k", int(2))).position, 2);
}

fn misplaced() -> Vec<Edit> {
    let nested = |path: &str, action| at(path, action);
    let mut edits = vec![
        at("absent", text(0, "a")),
        at("text", text(4, "a")),
        at("text", text(4, "")),
        at("text", Action::DeleteText { index: 1, count: 3 }),
        at("text", Action::DeleteText { index: u32::MAX, count: u32::MAX }),
        at(
            "text",
            Action::Mark { index: 2, count: 2, name: "b".into(), value: Scalar::Bool(true) },
        ),
        at("list", insert(3, &[int(1)])),
        at("list", insert(3, &[])),
        at("list", insert(3, &[int(1), int(2)])),
        at("list", Action::Set { index: 2, value: int(1) }),
        at("list", Action::Set { index: 2, value: container(ContainerKind::Text) }),
        at("list", Action::Set { index: 2, value: container(ContainerKind::Tree) }),
        at("list", Action::Remove { index: 1, count: 2 }),
        at("list", Action::Remove { index: 3, count: 0 }),
        at("list", Action::Move { from: 0, to: 1 }),
        at("movable-list", Action::Move { from: 0, to: 2 }),
        at("movable-list", Action::Move { from: 2, to: 0 }),
        at("movable-list", Action::Move { from: 2, to: 2 }),
        nested("map/absent", put("k", int(1))),
        nested("map/scalar", put("k", int(1))),
        nested("list/9", put("k", int(1))),
        nested("text/0", put("k", int(1))),
        nested("list/key", put("k", int(1))),
        at("tree", node("a", None, 0)),
        at("tree", node("z", Some("absent"), 0)),
        at("tree", node("z", None, 2)),
        at("tree", moved("absent", None, 0)),
        at("tree", moved("a", Some("absent"), 0)),
        at("tree", moved("a", None, 1)),
        at("tree", Action::DeleteNode { label: "absent".into() }),
        // Movable lists and trees that are nested are no maps and no lists.
        nested("map/tree", put("k", int(1))),
        nested("map/movable-list", put("k", int(1))),
        nested("map/movable-list", Action::Delete { key: "\u{1}".into() }),
        nested("map/list", Action::Move { from: 0, to: 0 }),
    ];
    let actions = [
        (ContainerKind::Text, text(0, "a")),
        (ContainerKind::Map, put("k", int(1))),
        (ContainerKind::List, insert(0, &[int(1)])),
        (ContainerKind::Counter, Action::Increment { by: 1 }),
        (ContainerKind::Tree, node("new", None, 0)),
    ];
    for kind in ContainerKind::ALL {
        for (of, action) in &actions {
            let is_list = *of == ContainerKind::List && kind == ContainerKind::MovableList;
            if *of != kind && !is_list {
                edits.push(at(kind.name(), action.clone()));
                edits.push(at(&format!("map/{}", kind.name()), action.clone()));
            }
        }
    }
    edits
}

#[test]
fn what_does_not_fit_leaves_everything_as_it_was() {
    let mut one = replica(1);
    edit(&mut one, "text", text(0, "abc"));
    edit(&mut one, "list", insert(0, &[int(1), int(2)]));
    edit(&mut one, "movable-list", insert(0, &[int(1), int(2)]));
    edit(&mut one, "map", put("scalar", int(1)));
    edit(&mut one, "tree", node("a", None, 0));
    for kind in ContainerKind::ALL {
        edit(&mut one, "map", put(kind.name(), container(kind)));
    }
    edit(&mut one, "map/list", insert(0, &[int(1)]));
    one.take_updates();
    let before = (one.read(), one.version().unwrap(), one.save(Save::Whole));
    for wrong in misplaced() {
        let alone = one.edit(std::slice::from_ref(&wrong));
        assert!(matches!(alone, Err(EngineError::Misplaced(_))), "{wrong:?}: {alone:?}");
        // All or nothing, also where something was done already.
        let some = [
            at("text", text(1, "😀")),
            at("text", Action::DeleteText { index: 0, count: 1 }),
            at("map", put("tree", int(3))),
            at("list", Action::Remove { index: 0, count: 1 }),
            at("counter", Action::Increment { by: 2 }),
            at("map/list", Action::Set { index: 0, value: container(ContainerKind::Map) }),
            at(
                "text",
                Action::Mark { index: 0, count: 1, name: "b".into(), value: Scalar::Bool(true) },
            ),
            at("no such root", text(0, "")),
        ];
        assert!(matches!(one.edit(&some), Err(EngineError::Misplaced(_))));
        assert_eq!((one.read(), one.version().unwrap()), (before.0.clone(), before.1.clone()));
    }
    assert_eq!(one.save(Save::Whole), before.2);
    assert_eq!(one.take_updates(), Vec::<Vec<u8>>::new());
}

#[test]
fn the_first_edit_may_fail() {
    let mut one = replica(1);
    let before = one.save(Save::Whole);
    assert!(one.edit(&[at("text", text(0, "a")), at("text", text(9, "b"))]).is_err());
    assert_eq!(one.save(Save::Whole), before);
    assert_eq!(edit(&mut one, "text", text(0, "a")).position, 1);
}

/// The clock is in the changes, in seconds, and changes their bytes and no more.
#[test]
fn the_clock_is_kept() {
    let bytes = |clock| {
        let mut one = replica(1);
        one.set_clock(clock);
        edit(&mut one, "text", text(0, "a"));
        (one.read(), one.take_updates())
    };
    assert_eq!(bytes(0), bytes(999));
    let (unset, set) = (bytes(0), bytes(1_700_000_000_000));
    assert_eq!(unset.0, set.0);
    assert_ne!(unset.1, set.1);
}

#[test]
fn equal_edits_make_equal_bytes() {
    let bytes = || {
        let mut one = replica(1);
        let mut draws = deadzone_core::rng::Stream::root(5).draws();
        random_edits(&mut one, &mut draws, &mut 0, 150);
        one.connect(PEER, None).unwrap();
        (one.take_updates(), one.save(Save::Incremental), one.save(Save::Whole), poll_all(&mut one))
    };
    assert_eq!(bytes(), bytes());
}
