//! What each action does, and what it refuses.

mod support;

use std::collections::BTreeMap;

use deadzone_core::document::{Node, Run, Scalar, TreeNode};
use deadzone_core::edit::{Action, ContainerKind, Edit, Value};
use deadzone_core::engine::{Edited, EngineError, Replica};
use support::*;

fn run(text: &str, marks: &[(&str, Scalar)]) -> Run {
    Run {
        text: text.to_owned(),
        marks: marks.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
    }
}

fn text(replica: &mut dyn Replica) -> String {
    let Node::Text(runs) = node(replica, ContainerKind::Text) else { panic!("a text") };
    runs.iter().map(|run| run.text.as_str()).collect()
}

fn int_nodes(numbers: &[i64]) -> Node {
    Node::List(numbers.iter().map(|number| Node::Scalar(Scalar::Int(*number))).collect())
}

fn leaf(label: &str) -> TreeNode {
    TreeNode { label: label.to_owned(), children: Vec::new() }
}

fn create(label: &str, parent: Option<&str>, index: u32) -> Action {
    Action::CreateNode { label: label.to_owned(), parent: parent.map(str::to_owned), index }
}

fn move_node(label: &str, parent: Option<&str>, index: u32) -> Action {
    Action::MoveNode { label: label.to_owned(), parent: parent.map(str::to_owned), index }
}

/// Must change nothing, history included, and say so.
fn unchanged(replica: &mut dyn Replica, kind: ContainerKind, action: Action) {
    let (answer, edits) = without_trace(replica, kind, action);
    assert_eq!(answer, Ok(Edited::Unchanged), "{edits:?}");
}

/// Must be refused as misplaced and change nothing.
fn misplaced(replica: &mut dyn Replica, kind: ContainerKind, action: Action) {
    let (answer, edits) = without_trace(replica, kind, action);
    assert!(matches!(answer, Err(EngineError::Misplaced(_))), "{edits:?}: {answer:?}");
}

fn without_trace(
    replica: &mut dyn Replica,
    kind: ContainerKind,
    action: Action,
) -> (Result<Edited, EngineError>, [Edit; 1]) {
    let (before, version) = (replica.read(), replica.version());
    replica.take_updates();
    let edits = [edit(at(kind), action)];
    let answer = replica.edit(&edits);
    assert_eq!((replica.read(), replica.version()), (before, version), "{edits:?}");
    assert!(replica.take_updates().is_empty(), "{edits:?}");
    (answer, edits)
}

#[test]
fn an_empty_document_has_every_root() {
    let mut it = replica(1);
    let expected: BTreeMap<_, _> =
        roots().into_iter().map(|(name, kind)| (name, Node::empty(kind))).collect();
    assert_eq!(it.read().roots, expected);
    assert_eq!(it.length(&at(ContainerKind::Text)), Some(0));
    assert_eq!(it.length(&key(at(ContainerKind::Map), "none")), None);
    assert!(it.take_updates().is_empty());
    assert!(newly_seen(it.as_mut()).is_empty());
}

#[test]
fn text_counts_utf16_code_units() {
    const KIND: ContainerKind = ContainerKind::Text;
    let mut it = replica(1);
    let it = it.as_mut();
    do_it(it, at(KIND), insert_text(0, "a\u{1f600}b"));
    assert_eq!(it.length(&at(KIND)), Some(4));
    assert_eq!([0, 1, 2, 3, 4].map(|index| it.snap(&at(KIND), index)), [0, 1, 1, 3, 4]);
    do_it(it, at(KIND), insert_text(3, "x"));
    assert_eq!(text(it), "a\u{1f600}xb");
    do_it(it, at(KIND), Action::DeleteText { index: 1, count: 2 });
    assert_eq!(text(it), "axb");
    do_it(it, at(KIND), insert_text(1, "\u{1f600}"));

    unchanged(it, KIND, insert_text(0, ""));
    unchanged(it, KIND, Action::DeleteText { index: 0, count: 0 });
    misplaced(it, KIND, insert_text(2, "in the middle of a pair"));
    misplaced(it, KIND, insert_text(6, "beyond the end"));
    misplaced(it, KIND, Action::DeleteText { index: 2, count: 1 });
    misplaced(it, KIND, Action::DeleteText { index: 1, count: 1 });
    misplaced(it, KIND, Action::DeleteText { index: 4, count: 2 });
    misplaced(it, KIND, Action::DeleteText { index: 6, count: 0 });
    misplaced(it, KIND, Action::DeleteText { index: u32::MAX, count: u32::MAX });
    misplaced(it, KIND, Action::Increment { by: 1 });
}

#[test]
fn marks_are_set_taken_away_and_grow_at_their_end() {
    const KIND: ContainerKind = ContainerKind::Text;
    let mark = |index, count, name: &str, value| Action::Mark {
        index,
        count,
        name: name.to_owned(),
        value,
    };
    let mut it = replica(1);
    let it = it.as_mut();
    do_it(it, at(KIND), insert_text(0, "ab\u{1f600}cd"));
    // A link does not grow in Loro's own configuration.
    for name in ["bold", "link", "name:1"] {
        do_it(it, at(KIND), mark(1, 3, name, Scalar::Bool(true)));
        do_it(it, at(KIND), insert_text(4, "+"));
        do_it(it, at(KIND), insert_text(1, "-"));
        let marks: &[_] = &[(name, Scalar::Bool(true))];
        let grown = vec![run("a-", &[]), run("b\u{1f600}+", marks), run("cd", &[])];
        assert_eq!(node(it, KIND), Node::Text(grown), "{name}");
        unchanged(it, KIND, mark(2, 3, name, Scalar::Bool(true)));
        do_it(it, at(KIND), mark(0, 8, name, Scalar::Null));
        assert_eq!(node(it, KIND), Node::Text(vec![run("a-b\u{1f600}+cd", &[])]), "{name}");
        do_it(it, at(KIND), Action::DeleteText { index: 5, count: 1 });
        do_it(it, at(KIND), Action::DeleteText { index: 1, count: 1 });
    }
    unchanged(it, KIND, mark(0, 2, "never", Scalar::Null));
    unchanged(it, KIND, mark(0, 0, "bold", Scalar::Bool(true)));
    misplaced(it, KIND, mark(0, 3, "bold", Scalar::Bool(true)));
    misplaced(it, KIND, mark(3, 1, "bold", Scalar::Bool(true)));
    misplaced(it, KIND, mark(4, 3, "bold", Scalar::Bool(true)));
    // A mark with another value replaces the first; other marks stay.
    do_it(it, at(KIND), mark(0, 2, "size", Scalar::Int(1)));
    do_it(it, at(KIND), mark(1, 1, "size", Scalar::Text("big".to_owned())));
    do_it(it, at(KIND), mark(0, 1, "bold", Scalar::Bool(true)));
    assert_eq!(
        node(it, KIND),
        Node::Text(vec![
            run("a", &[("bold", Scalar::Bool(true)), ("size", Scalar::Int(1))]),
            run("b", &[("size", Scalar::Text("big".to_owned()))]),
            run("\u{1f600}cd", &[]),
        ])
    );
}

/// A document made anew from a fork must be set up as the first one was; forks
/// of Loro before 1.17 refuse every mark otherwise.
#[test]
fn marks_go_on_after_a_transaction_that_was_taken_back() {
    const KIND: ContainerKind = ContainerKind::Text;
    let mark =
        Action::Mark { index: 0, count: 1, name: "link".to_owned(), value: Scalar::Bool(true) };
    let mut it = replica(1);
    do_it(it.as_mut(), at(KIND), insert_text(0, "a"));
    let half =
        [edit(at(KIND), insert_text(1, "gone")), edit(at(KIND), insert_text(9, "beyond the end"))];
    assert!(matches!(it.edit(&half), Err(EngineError::Misplaced(_))));
    do_it(it.as_mut(), at(KIND), mark);
    do_it(it.as_mut(), at(KIND), insert_text(1, "+"));
    let marked = vec![run("a+", &[("link", Scalar::Bool(true))])];
    assert_eq!(node(it.as_mut(), KIND), Node::Text(marked));
}

#[test]
fn maps_set_and_delete() {
    const KIND: ContainerKind = ContainerKind::Map;
    let object: BTreeMap<_, _> =
        [("x".to_owned(), Scalar::Int(1)), ("y".to_owned(), Scalar::Null)].into();
    let values = [
        Value::Scalar(Scalar::Null),
        Value::Scalar(Scalar::Bool(false)),
        int(-(1 << 53)),
        Value::Scalar(Scalar::Text("\u{1f600}".to_owned())),
        Value::Object(object.clone()),
    ];
    let mut it = replica(1);
    let it = it.as_mut();
    for value in &values {
        do_it(it, at(KIND), put("k", value.clone()));
        unchanged(it, KIND, put("k", value.clone()));
    }
    let object = object.into_iter().map(|(key, value)| (key, Node::Scalar(value))).collect();
    assert_eq!(node(it, KIND), Node::Map([("k".to_owned(), Node::Map(object))].into()));
    do_it(it, at(KIND), put("a", int(1)));
    assert_eq!(it.children(&at(KIND)), ["a", "k"]);
    do_it(it, at(KIND), Action::Delete { key: "k".to_owned() });
    assert_eq!((it.children(&at(KIND)), it.length(&at(KIND))), (vec!["a".to_owned()], Some(1)));
    unchanged(it, KIND, Action::Delete { key: "k".to_owned() });
    unchanged(it, KIND, Action::Delete { key: "never there".to_owned() });
    misplaced(it, KIND, Action::Remove { index: 0, count: 1 });
}

#[test]
fn lists_insert_set_and_remove() {
    for kind in [ContainerKind::List, ContainerKind::MovableList] {
        let mut it = replica(1);
        let it = it.as_mut();
        do_it(it, at(kind), Action::Insert { index: 0, values: ints(&[1, 2, 3]) });
        do_it(it, at(kind), Action::Insert { index: 1, values: ints(&[8, 9]) });
        assert_eq!(node(it, kind), int_nodes(&[1, 8, 9, 2, 3]));
        do_it(it, at(kind), Action::Set { index: 4, value: int(7) });
        do_it(it, at(kind), Action::Remove { index: 1, count: 2 });
        assert_eq!(node(it, kind), int_nodes(&[1, 2, 7]));
        unchanged(it, kind, Action::Insert { index: 3, values: Vec::new() });
        unchanged(it, kind, Action::Remove { index: 3, count: 0 });
        misplaced(it, kind, Action::Insert { index: 4, values: ints(&[1]) });
        misplaced(it, kind, Action::Insert { index: 4, values: Vec::new() });
        misplaced(it, kind, Action::Set { index: 3, value: int(1) });
        misplaced(it, kind, Action::Remove { index: 2, count: 2 });
        misplaced(it, kind, Action::Remove { index: 4, count: 0 });
        misplaced(it, kind, put("k", int(1)));
        do_it(
            it,
            at(kind),
            Action::Set { index: 0, value: Value::Container(ContainerKind::Counter) },
        );
        do_it(it, element(at(kind), 0), Action::Increment { by: 5 });
        let Node::List(items) = node(it, kind) else { panic!("a list") };
        assert_eq!(items[0], Node::Counter(5));
    }
}

#[test]
fn only_movable_lists_move() {
    const KIND: ContainerKind = ContainerKind::MovableList;
    let mut it = replica(1);
    let it = it.as_mut();
    do_it(it, at(KIND), Action::Insert { index: 0, values: ints(&[0, 1, 2, 3]) });
    do_it(it, at(KIND), Action::Move { from: 0, to: 2 });
    assert_eq!(node(it, KIND), int_nodes(&[1, 2, 0, 3]));
    do_it(it, at(KIND), Action::Move { from: 3, to: 0 });
    assert_eq!(node(it, KIND), int_nodes(&[3, 1, 2, 0]));
    unchanged(it, KIND, Action::Move { from: 2, to: 2 });
    misplaced(it, KIND, Action::Move { from: 0, to: 4 });
    misplaced(it, KIND, Action::Move { from: 4, to: 4 });
    misplaced(it, ContainerKind::List, Action::Move { from: 0, to: 0 });
}

#[test]
fn counters_add_exactly() {
    const KIND: ContainerKind = ContainerKind::Counter;
    let mut it = replica(1);
    let it = it.as_mut();
    do_it(it, at(KIND), Action::Increment { by: (1 << 53) - 1 });
    do_it(it, at(KIND), Action::Increment { by: -3 });
    assert_eq!(node(it, KIND), Node::Counter((1 << 53) - 4));
    unchanged(it, KIND, Action::Increment { by: 0 });
    let (before, version) = (it.read(), it.version());
    for by in [i64::MIN, (1 << 53) + 1] {
        let answer = it.edit(&[edit(at(KIND), Action::Increment { by })]);
        assert!(matches!(answer, Err(EngineError::NotSupported(_))), "{answer:?}");
    }
    assert_eq!((it.read(), it.version()), (before, version));
}

#[test]
fn trees_create_move_and_delete() {
    const KIND: ContainerKind = ContainerKind::Tree;
    let mut it = replica(1);
    let it = it.as_mut();
    do_it(it, at(KIND), create("a", None, 0));
    do_it(it, at(KIND), create("c", None, 1));
    do_it(it, at(KIND), create("b", None, 1));
    do_it(it, at(KIND), create("a1", Some("a"), 0));
    do_it(it, at(KIND), create("a0", Some("a"), 0));
    assert_eq!(it.children(&at(KIND)), ["a", "a0", "a1", "b", "c"]);
    assert_eq!(it.length(&at(KIND)), Some(5));

    unchanged(it, KIND, move_node("a", Some("a"), 0));
    unchanged(it, KIND, move_node("a", Some("a1"), 7));
    unchanged(it, KIND, move_node("b", None, 1));
    misplaced(it, KIND, create("d", None, 4));
    misplaced(it, KIND, create("d", Some("nobody"), 0));
    misplaced(it, KIND, move_node("nobody", None, 0));
    misplaced(it, KIND, move_node("b", None, 3));
    misplaced(it, KIND, move_node("b", Some("c"), 1));
    misplaced(it, KIND, Action::DeleteNode { label: "nobody".to_owned() });

    do_it(it, at(KIND), move_node("a", None, 2));
    do_it(it, at(KIND), move_node("a1", Some("a"), 0));
    do_it(it, at(KIND), move_node("c", Some("b"), 0));
    let a = TreeNode { label: "a".to_owned(), children: vec![leaf("a1"), leaf("a0")] };
    let b = TreeNode { label: "b".to_owned(), children: vec![leaf("c")] };
    assert_eq!(node(it, KIND), Node::Tree(vec![b.clone(), a]));

    do_it(it, at(KIND), Action::DeleteNode { label: "a".to_owned() });
    assert_eq!(node(it, KIND), Node::Tree(vec![b]));
    for gone in ["a", "a0"] {
        misplaced(it, KIND, Action::DeleteNode { label: gone.to_owned() });
        misplaced(it, KIND, move_node(gone, None, 0));
        misplaced(it, KIND, create("d", Some(gone), 0));
    }
}

#[test]
fn containers_nest_in_maps_and_both_lists() {
    let mut it = replica(1);
    let it = it.as_mut();
    for outer in [ContainerKind::Map, ContainerKind::List, ContainerKind::MovableList] {
        for inner in ContainerKind::ALL {
            let value = Value::Container(inner);
            let (action, path) = match outer {
                ContainerKind::Map => (put("k", value), key(at(outer), "k")),
                _ => (Action::Insert { index: 0, values: vec![value] }, element(at(outer), 0)),
            };
            let inside = match inner {
                ContainerKind::Text => insert_text(0, "t"),
                ContainerKind::Map => put("deep", Value::Container(ContainerKind::List)),
                ContainerKind::List | ContainerKind::MovableList => {
                    Action::Insert { index: 0, values: ints(&[4, 5]) }
                }
                ContainerKind::Counter => Action::Increment { by: 3 },
                ContainerKind::Tree => create(&format!("in {outer:?}"), None, 0),
            };
            // Made and filled in one transaction.
            let edits = [edit(at(outer), action), edit(path.clone(), inside)];
            assert!(matches!(it.edit(&edits), Ok(Edited::Applied(_))), "{edits:?}");
            let Node::Map(roots) = Node::Map(it.read().roots) else { unreachable!() };
            let found = match (&roots[outer.name()], outer) {
                (Node::Map(entries), _) => &entries["k"],
                (Node::List(items), _) => &items[0],
                other => panic!("{other:?}"),
            };
            assert_ne!(found, &Node::empty(inner), "{outer:?} {inner:?}");
            assert_eq!(it.take_updates().len(), 1);
            if inner == ContainerKind::Map {
                let deep = key(path, "deep");
                do_it(it, deep.clone(), Action::Insert { index: 0, values: ints(&[1]) });
                assert_eq!(it.length(&deep), Some(1));
                it.take_updates();
            }
        }
    }
    let into_nothing = [edit(key(at(ContainerKind::Map), "none"), insert_text(0, "x"))];
    assert!(matches!(it.edit(&into_nothing), Err(EngineError::Misplaced(_))));
}

#[test]
fn a_transaction_that_fails_half_way_leaves_no_trace() {
    let mut it = replica(1);
    let it = it.as_mut();
    let bad = edit(at(ContainerKind::List), Action::Remove { index: 0, count: 1 });
    for round in 0..3 {
        let (before, version) = (it.read(), it.version());
        let edits = [
            edit(at(ContainerKind::Text), insert_text(0, "gone")),
            edit(at(ContainerKind::Tree), create("gone", None, 0)),
            edit(at(ContainerKind::Map), put("gone", Value::Container(ContainerKind::Map))),
            bad.clone(),
        ];
        assert!(matches!(it.edit(&edits), Err(EngineError::Misplaced(_))));
        assert_eq!((it.read(), it.version()), (before, version));
        assert!(it.take_updates().is_empty());
        // The ids of the operations are given out again, to others than before.
        do_it(it, at(ContainerKind::Tree), create(&format!("n{round}"), None, 0));
        do_it(it, at(ContainerKind::Text), insert_text(0, "x"));
        it.take_updates();
    }
    misplaced(it, ContainerKind::Tree, Action::DeleteNode { label: "gone".to_owned() });
    assert_eq!(it.children(&at(ContainerKind::Tree)), ["n2", "n1", "n0"]);
    assert_eq!(text(it), "xxx");
    let mut other = replica(2);
    let whole = it.save(deadzone_core::engine::Save::Whole);
    other.apply(&whole).expect("a snapshot is an update too");
    assert_eq!(other.read(), it.read());
}

#[test]
fn one_edit_is_one_stamp_and_positions_rise() {
    let mut it = replica(1);
    let it = it.as_mut();
    let first = do_it(it, at(ContainerKind::Text), insert_text(0, "several operations"));
    let second = do_it(it, at(ContainerKind::Text), insert_text(0, "x"));
    assert_eq!(first.lane, setup(1).id.as_u64());
    assert_eq!((first.lane, first.position + 1), (second.lane, second.position));
    assert!(newly_seen(it).is_empty(), "own edits are not news");
}
