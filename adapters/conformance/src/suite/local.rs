//! A replica alone: an edit does what it says.

use std::collections::BTreeMap;

use deadzone_core::document::Scalar;
use deadzone_core::edit::{Action, ContainerKind, Edit, Path, Roots, Step, Value};
use deadzone_core::engine::{Authority, Engine, EngineError, Support};
use deadzone_core::rng::Stream;

use crate::fleet::{roots, setup, supported};
use crate::generate::{Generator, Shape};
use crate::twin::Twin;

pub(crate) fn edit(path: &Path, action: Action) -> Edit {
    Edit { at: path.clone(), action }
}

pub(crate) fn insert_text(index: u32, text: &str) -> Action {
    Action::InsertText { index, text: text.to_owned() }
}

pub(crate) fn int(number: i64) -> Value {
    Value::Scalar(Scalar::Int(number))
}

pub(crate) fn ints(range: std::ops::Range<i64>) -> Vec<Value> {
    range.map(int).collect()
}

pub(crate) fn put(key: &str, value: Value) -> Action {
    Action::Put { key: key.to_owned(), value }
}

pub(crate) fn delete(key: &str) -> Action {
    Action::Delete { key: key.to_owned() }
}

pub(crate) fn mark(index: u32, count: u32, name: &str, value: Scalar) -> Action {
    Action::Mark { index, count, name: name.to_owned(), value }
}

pub(crate) fn create_node(label: &str, parent: Option<&str>, index: u32) -> Action {
    Action::CreateNode { label: label.to_owned(), parent: parent.map(str::to_owned), index }
}

pub(crate) fn move_node(label: &str, parent: Option<&str>, index: u32) -> Action {
    Action::MoveNode { label: label.to_owned(), parent: parent.map(str::to_owned), index }
}

/// Whether the engine lacks a kind; says so for whoever reads the output.
#[expect(clippy::print_stderr, reason = "what is left out must be seen")]
pub(crate) fn lacks(engine: &dyn Engine, kind: ContainerKind) -> bool {
    let lacks = !supported(&engine.info()).contains(&kind);
    if lacks {
        eprintln!("left out: {} has no {}", engine.info().name, kind.name());
    }
    lacks
}

/// Whether the engine lacks marks; says so for whoever reads the output.
#[expect(clippy::print_stderr, reason = "what is left out must be seen")]
pub(crate) fn lacks_marks(engine: &dyn Engine) -> bool {
    let lacks = engine.info().marks == Support::Lacking;
    if lacks {
        eprintln!("left out: {} has no marks", engine.info().name);
    }
    lacks || self::lacks(engine, ContainerKind::Text)
}

/// Does `actions` one by one at a root of this kind, each a transaction.
fn check(engine: &dyn Engine, kind: ContainerKind, actions: &[Action]) {
    if lacks(engine, kind) {
        return;
    }
    let mut twin = Twin::new(engine, &Roots::from([("root".to_owned(), kind)]));
    for action in actions {
        twin.edit(&[edit(&Path::root("root"), action.clone())]);
    }
}

/// What an engine says of itself is whole and fits what it does.
pub fn declares_itself(engine: &dyn Engine) {
    let info = engine.info();
    assert!(!info.name.is_empty() && !info.version.is_empty() && !info.summary.is_empty());
    assert_eq!(info.authority, Authority::Replicas, "this suite is for local-first engines");
    assert!(!info.deliveries.is_empty(), "an engine can be synced somehow");
    for kind in ContainerKind::ALL {
        let support = info.containers.get(&kind);
        let support = support.unwrap_or_else(|| panic!("nothing declared of {}", kind.name()));
        let made = engine.create(&setup(1, &Roots::from([("root".to_owned(), kind)])));
        match (support, made) {
            (Support::Lacking, Err(EngineError::NotSupported(_))) => {}
            (Support::Native | Support::Built(_), Ok(_)) => {}
            (_, made) => {
                let made = made.map(|_| "a replica");
                panic!("{} is declared {support:?}, but create gives {made:?}", kind.name());
            }
        }
    }
}

/// A new document has all its roots, empty, and nothing else.
pub fn starts_empty(engine: &dyn Engine) {
    let mut several = roots(&engine.info());
    several.extend(roots(&engine.info()).into_iter().map(|(name, kind)| (name + " 2", kind)));
    let mut twin = Twin::new(engine, &several);
    twin.check();
    assert_eq!(twin.replica.pending(), 0);
    let mut seen = Vec::new();
    twin.replica.newly_seen(&mut seen);
    assert!(seen.is_empty(), "nobody made an edit yet, but {seen:?} was seen");
}

/// Text: insertions and deletions at the start, in the middle, at the end.
pub fn text(engine: &dyn Engine) {
    let remove = |index, count| Action::DeleteText { index, count };
    let actions = [
        insert_text(0, "middle"),
        insert_text(0, "start "),
        insert_text(12, " end"),
        insert_text(3, "\n\t\"quoted\" \\ "),
        remove(0, 1),
        remove(4, 5),
        insert_text(4, "again"),
        remove(2, 3),
        remove(0, 21),
        insert_text(0, "x"),
    ];
    check(engine, ContainerKind::Text, &actions);
}

/// Marks: set, changed, taken away, overlapping, growing at their end.
pub fn marks(engine: &dyn Engine) {
    if lacks_marks(engine) {
        return;
    }
    let on = || Scalar::Bool(true);
    let actions = [
        insert_text(0, "abcdefghij"),
        mark(2, 4, "bold", on()),
        insert_text(6, "X"),
        insert_text(2, "Y"),
        mark(5, 5, "link", Scalar::Text("one".to_owned())),
        mark(6, 2, "link", Scalar::Text("two".to_owned())),
        mark(4, 3, "bold", Scalar::Null),
        insert_text(7, "Z"),
        Action::DeleteText { index: 3, count: 5 },
        insert_text(3, "W"),
        mark(0, 8, "bold", on()),
        mark(0, 8, "bold", Scalar::Null),
    ];
    check(engine, ContainerKind::Text, &actions);
}

/// Maps: keys set, replaced by every kind of value, removed.
pub fn map(engine: &dyn Engine) {
    let fields = [("x".to_owned(), Scalar::Int(1)), ("y".to_owned(), Scalar::Null)];
    let actions = [
        put("a", int(1)),
        put("b", Value::Scalar(Scalar::Text("text".to_owned()))),
        put("a", int(-7)),
        put("c", Value::Scalar(Scalar::Null)),
        put("d", Value::Scalar(Scalar::Bool(false))),
        put("e", Value::Object(BTreeMap::from(fields))),
        put("f", Value::Object(BTreeMap::new())),
        delete("b"),
        put("b", int((1 << 53) - 1)),
        put("g", int(1 - (1 << 53))),
        delete("e"),
        put("key with spaces, ß and 😀", int(2)),
        put("a", Value::Scalar(Scalar::Text(String::new()))),
    ];
    check(engine, ContainerKind::Map, &actions);
}

fn list_actions() -> Vec<Action> {
    let insert = |index, values| Action::Insert { index, values };
    vec![
        insert(0, ints(0..1)),
        insert(0, ints(1..3)),
        insert(3, ints(3..6)),
        insert(2, vec![Value::Scalar(Scalar::Null), Value::Scalar(Scalar::Bool(true))]),
        Action::Set { index: 0, value: int(10) },
        Action::Set { index: 7, value: Value::Scalar(Scalar::Text("end".to_owned())) },
        Action::Remove { index: 1, count: 2 },
        Action::Set {
            index: 1,
            value: Value::Object(BTreeMap::from([("x".to_owned(), Scalar::Int(1))])),
        },
        insert(5, ints(20..40)),
        Action::Remove { index: 0, count: 1 },
        Action::Remove { index: 2, count: 22 },
        insert(0, ints(50..52)),
    ]
}

/// Lists: insertions, replacements, removals.
pub fn list(engine: &dyn Engine) {
    check(engine, ContainerKind::List, &list_actions());
}

/// Movable lists: what lists can, and moves in both directions.
pub fn movable_list(engine: &dyn Engine) {
    check(engine, ContainerKind::MovableList, &list_actions());
    let go = |from, to| Action::Move { from, to };
    let actions = [
        Action::Insert { index: 0, values: ints(0..6) },
        go(0, 5),
        go(5, 0),
        go(1, 3),
        go(3, 1),
        go(4, 5),
        go(2, 1),
        Action::Set { index: 1, value: int(9) },
        go(1, 4),
        Action::Set { index: 4, value: int(10) },
        Action::Remove { index: 3, count: 2 },
        go(3, 0),
        Action::Insert { index: 1, values: ints(20..22) },
        go(1, 5),
    ];
    check(engine, ContainerKind::MovableList, &actions);
}

/// Counters: up and down.
pub fn counter(engine: &dyn Engine) {
    let actions = [1, 41, -100, 58, 1 << 40, -(1 << 41)].map(|by| Action::Increment { by });
    check(engine, ContainerKind::Counter, &actions);
}

/// Trees: nodes created, moved among and between parents, removed.
pub fn tree(engine: &dyn Engine) {
    let actions = [
        create_node("a", None, 0),
        create_node("b", None, 1),
        create_node("c", None, 0),
        create_node("a1", Some("a"), 0),
        create_node("a2", Some("a"), 1),
        create_node("a3", Some("a"), 1),
        create_node("a31", Some("a3"), 0),
        move_node("a1", Some("a"), 2),
        move_node("a1", Some("a"), 0),
        move_node("c", None, 2),
        move_node("c", Some("a3"), 1),
        move_node("a3", None, 0),
        move_node("a", Some("a31"), 0),
        move_node("a3", Some("c"), 0),
        Action::DeleteNode { label: "a31".to_owned() },
        create_node("d", Some("c"), 0),
        Action::DeleteNode { label: "b".to_owned() },
        create_node("e", None, 1),
    ];
    check(engine, ContainerKind::Tree, &actions);
}

/// Every kind of container in maps and lists, and written to there.
pub fn nested_containers(engine: &dyn Engine) {
    let kinds = supported(&engine.info());
    let holders = [ContainerKind::Map, ContainerKind::List, ContainerKind::MovableList];
    for holder in holders.into_iter().filter(|holder| kinds.contains(holder)) {
        for inner in &kinds {
            let mut twin = Twin::new(engine, &Roots::from([("root".to_owned(), holder)]));
            let root = Path::root("root");
            let (action, step) = match holder {
                ContainerKind::Map => {
                    (put("key", Value::Container(*inner)), Step::Key("key".to_owned()))
                }
                _ => {
                    let values = vec![int(1), Value::Container(*inner)];
                    (Action::Insert { index: 0, values }, Step::Element(1))
                }
            };
            twin.edit(&[edit(&root, action)]);
            let path = root.clone().then(step);
            twin.edit(&[edit(&path, first_write(*inner))]);
            twin.edit(&[edit(&path, second_write(*inner))]);
            // In one transaction with what it stands in, and one level deeper.
            if *inner == ContainerKind::Map {
                let deep = path.clone().then(Step::Key("deep".to_owned()));
                let list = Value::Container(ContainerKind::List);
                if kinds.contains(&ContainerKind::List) {
                    let insert = Action::Insert { index: 0, values: ints(0..3) };
                    twin.edit(&[edit(&path, put("deep", list)), edit(&deep, insert)]);
                }
            }
            if holder != ContainerKind::Map {
                let insert = Action::Insert { index: 0, values: ints(5..7) };
                twin.edit(&[edit(&root, insert)]);
                let moved = root.clone().then(Step::Element(3));
                twin.edit(&[edit(&moved, second_write(*inner))]);
                twin.edit(&[edit(&root, Action::Set { index: 3, value: int(8) })]);
                let value = Value::Container(*inner);
                twin.edit(&[edit(&root, Action::Set { index: 0, value })]);
                let set = root.clone().then(Step::Element(0));
                twin.edit(&[edit(&set, first_write(*inner))]);
            } else {
                // A new one in its place is empty.
                twin.edit(&[edit(&root, put("key", Value::Container(*inner)))]);
                twin.edit(&[edit(&path, first_write(*inner))]);
                twin.edit(&[edit(&root, delete("key"))]);
            }
        }
    }
}

/// An edit that changes an empty container of this kind.
pub(crate) fn first_write(kind: ContainerKind) -> Action {
    match kind {
        ContainerKind::Text => insert_text(0, "text"),
        ContainerKind::Map => put("x", int(1)),
        ContainerKind::List | ContainerKind::MovableList => {
            Action::Insert { index: 0, values: ints(0..3) }
        }
        ContainerKind::Counter => Action::Increment { by: 5 },
        ContainerKind::Tree => create_node("top", None, 0),
    }
}

/// An edit that changes what [`first_write`] has made.
pub(crate) fn second_write(kind: ContainerKind) -> Action {
    match kind {
        ContainerKind::Text => insert_text(2, "++"),
        ContainerKind::Map => put("x", int(2)),
        ContainerKind::List => Action::Remove { index: 1, count: 1 },
        ContainerKind::MovableList => Action::Move { from: 0, to: 1 },
        ContainerKind::Counter => Action::Increment { by: -2 },
        ContainerKind::Tree => Action::DeleteNode { label: "top".to_owned() },
    }
}

/// Long random histories on one replica, each step compared with the model.
pub fn random_edits(engine: &dyn Engine) {
    let info = engine.info();
    for seed in 0..6 {
        let all = roots(&info);
        let mut twin = Twin::new(engine, &all);
        let stream = Stream::root(seed).named("random_edits");
        let mut person = Generator::new(stream, Shape::of(&info), "n");
        for _ in 0..120 {
            let edits = person.transaction(&twin.model.document(), &all);
            twin.edit(&edits);
        }
    }
}
