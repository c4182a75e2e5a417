//! Stamps: each transaction is seen when it arrives, and not before.

mod common;

use common::*;
use deadzone_adapter_yrs::Yrs;
use deadzone_core::document::Scalar;
use deadzone_core::edit::{Action, ContainerKind, Edit, Path, Step, Value};
use deadzone_core::engine::{Engine, Save, Stamp};

/// One transaction of each sort, in an order in which all of them change
/// something.
fn script() -> Vec<Vec<Edit>> {
    let nested =
        |key: &str, action| Edit { at: Path::root("map").then(Step::Key(key.into())), action };
    let insert = |values| Action::Insert { index: 0, values };
    let create = |label: &str, parent: Option<&str>| Action::CreateNode {
        label: label.into(),
        parent: parent.map(str::to_owned),
        index: 0,
    };
    let go = Action::MoveNode { label: "b".into(), parent: None, index: 0 };
    let counter = Value::Container(ContainerKind::Counter);
    vec![
        vec![insert_text(0, "a😀cdefgh")],
        vec![insert_text(3, "xyz")],
        vec![delete_text(4, 1)],
        vec![delete_text(0, 1)],
        vec![mark(1, 5, "bold", Scalar::Bool(true))],
        vec![mark(0, 8, "bold", Scalar::Null)],
        vec![delete_text(0, 9)],
        vec![put("k", int(1))],
        vec![put("k", int(2))],
        vec![at("map", Action::Delete { key: "k".into() })],
        vec![put("c", counter)],
        vec![nested("c", Action::Increment { by: 2 })],
        vec![nested("c", Action::Increment { by: 3 })],
        vec![put("c", int(0))],
        vec![at("list", insert(vec![int(1), int(2), int(3)]))],
        vec![at("list", Action::Set { index: 1, value: int(9) })],
        vec![at("list", Action::Remove { index: 0, count: 2 })],
        vec![at(
            "movable-list",
            insert(vec![int(1), int(2), Value::Container(ContainerKind::Text)]),
        )],
        vec![at("movable-list", Action::Move { from: 2, to: 0 })],
        vec![at("counter", Action::Increment { by: -7 })],
        vec![at("tree", create("a", None)), at("tree", create("b", Some("a")))],
        vec![at("tree", go)],
        vec![at("tree", Action::DeleteNode { label: "a".into() })],
        vec![insert_text(0, "gone"), delete_text(0, 4)],
    ]
}

#[test]
fn each_is_seen_once_by_those_that_get_it_and_not_before() {
    for engine in engines() {
        let (mut a, mut b) = (replica(&*engine, 0), replica(&*engine, 1));
        let mut stamps: Vec<Stamp> = Vec::new();
        for edits in script() {
            let stamp = apply(&mut *a, &edits);
            assert!(!stamps.contains(&stamp), "{edits:?}");
            stamps.push(stamp);
            assert!(newly_seen(&mut *b).is_empty());
            for update in a.take_updates() {
                b.apply(&update).expect("an update");
            }
            let seen = newly_seen(&mut *b);
            for earlier in &stamps {
                let expected = usize::from(*earlier == stamp);
                assert_eq!(times(&seen, *earlier), expected, "{edits:?}: {earlier:?} in {seen:?}");
            }
        }
        assert_eq!(b.read(), a.read());
    }
}

#[test]
fn all_of_them_are_seen_whatever_the_order() {
    let [mut a, mut b] = replicas();
    let stamps: Vec<Stamp> = script().iter().map(|edits| apply(&mut *a, edits)).collect();
    for update in a.take_updates().iter().rev() {
        b.apply(update).expect("an update");
    }
    assert_eq!(b.pending(), 0);
    assert_eq!(b.read(), a.read());
    let seen = newly_seen(&mut *b);
    for stamp in stamps {
        assert!(times(&seen, stamp) >= 1, "{stamp:?} is not in {seen:?}");
    }
}

#[test]
fn a_session_and_a_store_bring_all_of_them() {
    let mut all: [_; 3] = replicas();
    let links = [(0, 1), (1, 2)];
    for (a, b) in links {
        connect(&mut all, a, b);
    }
    let script = script();
    let (before, after) = script.split_at(script.len() / 2);
    let mut stamps: Vec<Stamp> = before.iter().map(|edits| apply(&mut *all[0], edits)).collect();
    settle(&mut all, &links);
    stamps.extend(after.iter().map(|edits| apply(&mut *all[0], edits)));
    settle(&mut all, &links);
    for replica in &mut all[1..] {
        let seen = newly_seen(&mut **replica);
        assert!(stamps.iter().all(|stamp| times(&seen, *stamp) >= 1), "{seen:?}");
        assert!(newly_seen(&mut **replica).is_empty());
    }
    let stored = all[0].save(Save::Whole);
    let mut loaded = Yrs::default().load(&setup(0), &[stored]).expect("just saved");
    let seen = newly_seen(&mut *loaded);
    assert!(stamps.iter().all(|stamp| times(&seen, *stamp) == 1), "{seen:?}");
    let mut fork = all[0].fork(&setup(5)).expect("supported");
    assert_eq!(newly_seen(&mut *fork), seen);
}

/// Nobody can tell who deleted an element, and a relay drops what comes too late.
/// Whoever deleted it holds all deletions of it from the next contact on, and
/// after a load.
#[test]
fn concurrent_deletions_are_seen_by_all() {
    let mut all: [_; 3] = replicas();
    let links = [(0, 1), (1, 2)];
    apply(&mut *all[0], &[insert_text(0, "abcdef")]);
    for (a, b) in links {
        connect(&mut all, a, b);
    }
    settle(&mut all, &links);
    for replica in &mut all {
        newly_seen(&mut **replica);
    }
    let first = apply(&mut *all[0], &[delete_text(1, 3)]);
    let second = apply(&mut *all[2], &[delete_text(2, 1)]);
    assert!(all.iter_mut().all(|replica| newly_seen(&mut **replica).is_empty()));
    settle(&mut all, &links);
    assert_converged(&mut all);
    let mut loaded = Yrs::default().load(&setup(0), &[all[0].save(Save::Whole)]).expect("saved");
    let held = newly_seen(&mut *loaded);
    assert_eq!((times(&held, first), times(&held, second)), (1, 1));

    let third = apply(&mut *all[2], &[insert_text(0, "contact")]);
    settle(&mut all, &links);
    let seen: Vec<_> = all.iter_mut().map(|replica| newly_seen(&mut **replica)).collect();
    let expected = [(first, [0, 1, 1]), (second, [1, 1, 0]), (third, [1, 1, 0])];
    for (stamp, expected) in expected {
        assert_eq!([0, 1, 2].map(|at: usize| times(&seen[at], stamp)), expected, "{seen:?}");
    }
}

#[test]
fn a_deletion_that_waits_is_not_seen() {
    let [mut a, mut b] = replicas();
    apply(&mut *a, &[insert_text(0, "abc")]);
    let deleted = apply(&mut *a, &[delete_text(1, 1)]);
    let updates = a.take_updates();
    b.apply(&updates[1]).expect("an update");
    assert_eq!(b.pending(), 1);
    assert!(newly_seen(&mut *b).is_empty());
    b.apply(&updates[0]).expect("an update");
    assert_eq!(b.pending(), 0);
    assert_eq!(times(&newly_seen(&mut *b), deleted), 1);
}
