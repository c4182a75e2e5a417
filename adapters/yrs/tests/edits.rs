//! What edits do on one replica.

mod common;

use common::*;
use deadzone_adapter_yrs::{RESERVED_KEY, Yrs};
use deadzone_core::document::{Node, Run, Scalar};
use deadzone_core::edit::{Action, ContainerKind, Edit, Path, Step, Value};
use deadzone_core::engine::{Edited, Engine, EngineError, Replica};
use deadzone_core::model::Model;

/// Random transactions do what they do on a plain document, which defines them.
#[test]
fn edits_do_what_they_do_on_a_plain_document() {
    for seed in 0..80 {
        let mut author = Author::new(seed, 0);
        let mut replica = replica(&Yrs::default(), seed);
        let mut model = Model::new(&roots());
        for step in 0..120 {
            let count = [1, 1, 2, 5][author.below(4) as usize];
            let mut ahead = model.clone();
            let mut edits = Vec::new();
            for _ in 0..count {
                let edit = author.edit(&ahead.document());
                ahead.apply(std::slice::from_ref(&edit)).expect("it fits");
                edits.push(edit);
            }
            if author.below(8) == 0 {
                edits.push(spoiled(author.edit(&ahead.document())));
            }
            let context = || format!("seed {seed}, step {step}: {edits:?}");
            let expected = model.apply(&edits);
            let actual = replica.edit(&edits);
            match (&expected, &actual) {
                (Ok(true), Ok(Edited::Applied(_)))
                | (Ok(false), Ok(Edited::Unchanged))
                | (Err(EngineError::Misplaced(_)), Err(EngineError::Misplaced(_))) => {}
                // Marking clears away what marks of deleted text left behind.
                (Ok(false), Ok(Edited::Applied(_))) if edits.iter().any(is_mark) => {}
                _ => panic!("{}: {expected:?}, {actual:?}", context()),
            }
            assert_eq!(replica.read(), model.document(), "{}", context());
            for edit in &edits {
                assert_eq!(replica.length(&edit.at), model.length(&edit.at), "{}", context());
                assert_eq!(replica.children(&edit.at), model.children(&edit.at), "{}", context());
                assert_eq!(
                    replica.branches(&edit.at, None),
                    model.tree_children(&edit.at, None).map(|children| children.len() as u32),
                    "{}",
                    context()
                );
            }
        }
        assert_eq!(replica.pending(), 0);
    }
}

fn is_mark(edit: &Edit) -> bool {
    matches!(edit.action, Action::Mark { .. })
}

/// An edit that cannot be done, made from one that can.
fn spoiled(edit: Edit) -> Edit {
    let action = match edit.action {
        Action::InsertText { text, .. } => Action::InsertText { index: 1 << 20, text },
        Action::DeleteText { index, .. } => Action::DeleteText { index, count: u32::MAX },
        Action::Mark { index, name, value, .. } => {
            Action::Mark { index, count: u32::MAX, name, value }
        }
        Action::Put { .. } | Action::Delete { .. } => Action::Increment { by: 1 },
        Action::Insert { values, .. } => Action::Insert { index: u32::MAX, values },
        Action::Set { value, .. } => Action::Set { index: 1 << 20, value },
        Action::Remove { index, .. } => Action::Remove { index, count: u32::MAX },
        Action::Move { from, .. } => Action::Move { from, to: 1 << 20 },
        Action::Increment { .. } => Action::DeleteText { index: 0, count: 0 },
        Action::CreateNode { label, index, .. } => {
            Action::CreateNode { label, parent: Some("nobody".to_owned()), index }
        }
        Action::MoveNode { label, .. } => Action::MoveNode { label, parent: None, index: 1 << 20 },
        Action::DeleteNode { .. } => Action::DeleteNode { label: "nobody".to_owned() },
    };
    Edit { at: edit.at, action }
}

#[track_caller]
fn check_misplaced(replica: &mut dyn Replica, edits: &[Edit]) {
    let before = replica.read();
    let answer = replica.edit(edits);
    assert!(matches!(answer, Err(EngineError::Misplaced(_))), "{edits:?}: {answer:?}");
    assert_eq!(replica.read(), before);
    assert_eq!(replica.take_updates(), Vec::<Vec<u8>>::new());
}

#[test]
fn a_transaction_is_all_or_nothing() {
    let [mut replica] = replicas();
    apply(&mut *replica, &[insert_text(0, "abc"), put("k", Value::Container(ContainerKind::Text))]);
    replica.take_updates();
    let nested = |action| Edit { at: Path::root("map").then(Step::Key("k".into())), action };
    let typed = |index| nested(Action::InsertText { index, text: "x".into() });
    check_misplaced(&mut *replica, &[insert_text(3, "d"), insert_text(5, "x")]);
    check_misplaced(&mut *replica, &[typed(0), put("k", int(1)), typed(0)]);
    check_misplaced(&mut *replica, &[typed(0), insert_text(0, "x"), typed(2)]);
    check_misplaced(
        &mut *replica,
        &[insert_text(0, "x"), at("nothing", Action::Increment { by: 1 })],
    );
    check_misplaced(&mut *replica, &[put("l", int(1)), put(RESERVED_KEY, int(1))]);
}

#[test]
fn paths_that_do_not_resolve_are_misplaced() {
    let [mut replica] = replicas();
    apply(&mut *replica, &[put("o", Value::Object([("p".to_owned(), Scalar::Int(1))].into()))]);
    replica.take_updates();
    let steps: [&[Step]; 4] = [
        &[Step::Key("absent".into())],
        &[Step::Element(0)],
        &[Step::Key("o".into())],
        &[Step::Key("o".into()), Step::Key("p".into())],
    ];
    for steps in steps {
        let at = Path { root: "map".into(), steps: steps.to_vec() };
        assert_eq!(replica.length(&at), None);
        assert_eq!(replica.snap(&at, 7), 7);
        assert!(replica.children(&at).is_empty());
        let put = Action::Put { key: "k".into(), value: int(1) };
        check_misplaced(&mut *replica, &[Edit { at, action: put }]);
    }
    check_misplaced(&mut *replica, &[put(RESERVED_KEY, int(1))]);
    check_misplaced(&mut *replica, &[at("list", Action::Move { from: 0, to: 0 })]);
}

#[test]
fn what_is_there_already_makes_no_transaction() {
    let [mut replica] = replicas();
    let object = Value::Object([("p".to_owned(), Scalar::Int(1 << 40))].into());
    let bold = || mark(0, 2, "bold", Scalar::Bool(true));
    apply(
        &mut *replica,
        &[insert_text(0, "abc"), bold(), put("k", int(1)), put("o", object.clone())],
    );
    let insert = |values| Action::Insert { index: 0, values };
    apply(
        &mut *replica,
        &[at("list", insert(vec![int(7)])), at("movable-list", insert(vec![int(7)]))],
    );
    replica.take_updates();
    let edits = [
        insert_text(1, ""),
        delete_text(3, 0),
        bold(),
        mark(1, 1, "bold", Scalar::Bool(true)),
        mark(0, 3, "size", Scalar::Null),
        mark(3, 0, "bold", Scalar::Bool(true)),
        put("k", int(1)),
        put("o", object),
        at("map", Action::Delete { key: "absent".into() }),
        at("list", insert(Vec::new())),
        at("list", Action::Set { index: 0, value: int(7) }),
        at("list", Action::Remove { index: 1, count: 0 }),
        at("movable-list", Action::Move { from: 0, to: 0 }),
        at("counter", Action::Increment { by: 0 }),
    ];
    for edit in &edits {
        assert_eq!(replica.edit(std::slice::from_ref(edit)), Ok(Edited::Unchanged), "{edit:?}");
    }
    assert_eq!(replica.edit(&edits), Ok(Edited::Unchanged));
    assert_eq!(replica.edit(&[]), Ok(Edited::Unchanged));
    assert_eq!(replica.take_updates(), Vec::<Vec<u8>>::new());
}

#[test]
fn indices_are_utf16_code_units() {
    let [mut replica] = replicas();
    let text = Path::root("text");
    apply(&mut *replica, &[insert_text(0, "a😀b😀")]);
    assert_eq!(replica.length(&text), Some(6));
    assert_eq!([0, 1, 2, 3, 4, 5, 6].map(|i| replica.snap(&text, i)), [0, 1, 1, 3, 4, 4, 6]);
    apply(&mut *replica, &[insert_text(3, "é")]);
    apply(&mut *replica, &[delete_text(5, 2)]);
    apply(&mut *replica, &[mark(1, 2, "bold", Scalar::Bool(true))]);
    let run = |text: &str, bold: bool| Run {
        text: text.to_owned(),
        marks: if bold { [("bold".to_owned(), Scalar::Bool(true))].into() } else { [].into() },
    };
    let expected = Node::Text(vec![run("a", false), run("😀", true), run("éb", false)]);
    assert_eq!(replica.read().roots["text"], expected);
}

#[test]
fn anchors_stay_with_their_element() {
    let [mut a, mut b] = replicas();
    let text = Path::root("text");
    apply(&mut *a, &[insert_text(0, "a😀bcd")]);
    b.apply(&a.take_updates()[0]).expect("an update");
    let anchor = b.anchor(&text, 3).expect("there is a letter");
    assert_eq!(b.anchored(&text, &anchor), Some(3));
    apply(&mut *a, &[insert_text(0, "before "), delete_text(7, 1)]);
    b.apply(&a.take_updates()[0]).expect("an update");
    assert_eq!(b.anchored(&text, &anchor), Some(9));
    apply(&mut *b, &[delete_text(9, 1)]);
    assert_eq!(b.anchored(&text, &anchor), Some(9));
    assert_eq!(b.anchored(&Path::root("list"), &anchor), None);
    assert_eq!(b.anchored(&text, &[]), None);
    assert_eq!(b.anchor(&text, 11), None);
    assert_eq!(b.anchor(&Path::root("map"), 0), None);
    assert_eq!(a.anchored(&text, &anchor), Some(9));
}

#[test]
fn the_stated_version_is_the_one_that_is_built_in() {
    let lock = include_str!("../../../Cargo.lock");
    let version = Yrs::default().info().version;
    let entry = format!("name = \"yrs\"\nversion = \"{version}\"\n");
    assert!(lock.contains(&entry), "Cargo.lock has another yrs than {version}");
}
