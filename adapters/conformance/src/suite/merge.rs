//! The laws of merging, for containers that an engine has natively.

use std::collections::BTreeSet;

use deadzone_core::document::{Document, Node, Scalar, TreeNode};
use deadzone_core::edit::{Action, ContainerKind, Path, Roots, Step, Value};
use deadzone_core::engine::{Engine, Support};
use deadzone_core::rng::Stream;

use super::local::{create_node, edit, insert_text, int, ints, lacks_marks, mark, move_node, put};
use crate::fleet::Fleet;

/// Whether the laws do not bind, since the engine does not have the kind
/// natively; says so for whoever reads the output.
#[expect(clippy::print_stderr, reason = "what is left out must be seen")]
fn not_native(engine: &dyn Engine, kind: ContainerKind) -> bool {
    let info = engine.info();
    let native = info.containers.get(&kind) == Some(&Support::Native);
    if !native {
        eprintln!("left out: {} has no native {}", info.name, kind.name());
    }
    !native
}

fn fleet<'a>(engine: &'a dyn Engine, kind: ContainerKind, count: usize) -> Fleet<'a> {
    Fleet::new(engine, &Roots::from([("root".to_owned(), kind)]), count)
}

fn root() -> Path {
    Path::root("root")
}

fn items(document: &Document) -> Vec<i64> {
    let Node::List(items) = &document.roots["root"] else { panic!("a list expected") };
    numbers(items)
}

pub(crate) fn numbers(items: &[Node]) -> Vec<i64> {
    let number = |item: &Node| match item {
        Node::Scalar(Scalar::Int(number)) => *number,
        other => panic!("a number expected, not {other:?}"),
    };
    items.iter().map(number).collect()
}

/// A counter is the sum of all increments, nested ones too.
pub fn counters_add_up(engine: &dyn Engine) {
    if not_native(engine, ContainerKind::Counter) {
        return;
    }
    let mut fleet = fleet(engine, ContainerKind::Counter, 3);
    let mut sum = 0;
    let mut draws = Stream::root(1).named("increments").draws();
    for round in 0..5 {
        for at in 0..3 {
            let by = draws.below(2_000) as i64 - 1_000;
            sum += by;
            fleet.edit(at, &[edit(&root(), Action::Increment { by })]);
        }
        if round % 2 == 0 {
            fleet.sync_all();
        }
    }
    fleet.sync_all();
    assert_eq!(fleet.assert_equal().roots["root"], Node::Counter(sum));

    let mut fleet = self::fleet(engine, ContainerKind::Map, 3);
    let counter = root().then(Step::Key("n".to_owned()));
    fleet.edit(0, &[edit(&root(), put("n", Value::Container(ContainerKind::Counter)))]);
    fleet.sync_all();
    for at in 0..3 {
        fleet.edit(at, &[edit(&counter, Action::Increment { by: 10 + at as i64 })]);
    }
    fleet.sync_all();
    let Node::Map(entries) = &fleet.assert_equal().roots["root"] else { panic!("a map expected") };
    assert_eq!(entries["n"], Node::Counter(33));
}

/// Writes to different keys all stay; of those to one key, one does; and a
/// later one that saw them wins.
pub fn maps_keep_one_of_the_writes(engine: &dyn Engine) {
    if not_native(engine, ContainerKind::Map) {
        return;
    }
    let mut fleet = fleet(engine, ContainerKind::Map, 3);
    for at in 0..3 {
        fleet.edit(at, &[edit(&root(), put(&format!("own {at}"), int(at as i64)))]);
        fleet.edit(at, &[edit(&root(), put("shared", int(10 + at as i64)))]);
    }
    fleet.sync_all();
    let Node::Map(entries) = fleet.assert_equal().roots["root"].clone() else {
        panic!("a map expected")
    };
    for at in 0..3 {
        assert_eq!(entries[&format!("own {at}")], Node::Scalar(Scalar::Int(at)));
    }
    let shared = (10..13).map(|number| Node::Scalar(Scalar::Int(number)));
    assert!(shared.into_iter().any(|one| one == entries["shared"]), "{entries:?}");
    for (at, number) in [(1, 20), (0, 21), (2, 22)] {
        fleet.edit(at, &[edit(&root(), put("shared", int(number)))]);
        fleet.sync_all();
        let Node::Map(entries) = fleet.assert_equal().roots["root"].clone() else {
            panic!("a map expected")
        };
        assert_eq!(entries["shared"], Node::Scalar(Scalar::Int(number)), "what it saw came back");
    }
}

/// Concurrent edits of text and lists: what someone put in and nobody took out
/// is there once, what someone took out is not, and all agree about the order
/// that each saw while alone.
pub fn nothing_typed_is_lost_or_doubled(engine: &dyn Engine) {
    for kind in [ContainerKind::Text, ContainerKind::List, ContainerKind::MovableList] {
        if not_native(engine, kind) {
            continue;
        }
        for seed in 0..6 {
            let mut fleet = fleet(engine, kind, 3);
            let mut draws = Stream::root(seed).named("typing").draws();
            let (mut put_in, mut taken_out) = (BTreeSet::new(), BTreeSet::new());
            let mut shown: Vec<Vec<i64>> = Vec::new();
            // Each element is its own: a letter that occurs once, or a number.
            let mut next = 0x4e00;
            for round in 0..40 {
                let at = draws.below(3) as usize;
                let before = elements(&fleet.read(at));
                let length = before.len() as u64;
                let index = draws.below(length + 1) as u32;
                if length > 0 && draws.below(4) == 0 {
                    let index = draws.below(length) as u32;
                    taken_out.insert(before[index as usize]);
                    fleet.edit(at, &[edit(&root(), take_out(kind, index))]);
                } else {
                    let count = 1 + draws.below(3) as i64;
                    put_in.extend(next..next + count);
                    fleet.edit(at, &[edit(&root(), put_in_at(kind, index, next..next + count))]);
                    next += count;
                }
                shown.push(elements(&fleet.read(at)));
                if round % 13 == 12 {
                    fleet.sync(at, (at + 1) % 3);
                    shown.push(elements(&fleet.read(at)));
                }
            }
            fleet.sync_all();
            let all = elements(&fleet.assert_equal());
            let expected: BTreeSet<_> = put_in.difference(&taken_out).copied().collect();
            assert_eq!(all.len(), expected.len(), "something is there twice: {all:?}");
            assert_eq!(all.iter().copied().collect::<BTreeSet<_>>(), expected);
            let place = |element: &i64| all.iter().position(|other| other == element);
            for state in shown {
                let places: Vec<_> = state.iter().filter_map(place).collect();
                let in_order = places.is_sorted();
                assert!(in_order, "seen as {state:?}, but in the end the order is {all:?}");
            }
        }
    }
}

fn elements(document: &Document) -> Vec<i64> {
    match &document.roots["root"] {
        Node::Text(runs) => {
            let characters = runs.iter().flat_map(|run| run.text.chars());
            characters.map(|character| i64::from(u32::from(character))).collect()
        }
        _ => items(document),
    }
}

fn put_in_at(kind: ContainerKind, index: u32, numbers: std::ops::Range<i64>) -> Action {
    if kind != ContainerKind::Text {
        return Action::Insert { index, values: ints(numbers) };
    }
    let letter = |number| char::from_u32(number as u32).expect("far below the surrogates");
    insert_text(index, &numbers.map(letter).collect::<String>())
}

fn take_out(kind: ContainerKind, index: u32) -> Action {
    match kind {
        ContainerKind::Text => Action::DeleteText { index, count: 1 },
        _ => Action::Remove { index, count: 1 },
    }
}

/// An element that several move at once stands in one place, with the value
/// that someone gave it meanwhile.
pub fn elements_stand_once_after_moves(engine: &dyn Engine) {
    if not_native(engine, ContainerKind::MovableList) {
        return;
    }
    for seed in 0..8 {
        let mut fleet = fleet(engine, ContainerKind::MovableList, 3);
        let mut draws = Stream::root(seed).named("moves").draws();
        fleet.edit(0, &[edit(&root(), Action::Insert { index: 0, values: ints(0..6) })]);
        fleet.sync_all();
        for round in 0..12 {
            let at = draws.below(3) as usize;
            let (from, to) = (draws.below(6) as u32, draws.below(6) as u32);
            fleet.edit(at, &[edit(&root(), Action::Move { from, to })]);
            if round % 5 == 4 {
                fleet.sync_all();
            }
        }
        fleet.sync_all();
        let order = items(&fleet.assert_equal());
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [0, 1, 2, 3, 4, 5]);
        // Moved here, replaced there.
        fleet.edit(0, &[edit(&root(), Action::Move { from: 2, to: 5 })]);
        fleet.edit(1, &[edit(&root(), Action::Set { index: 2, value: int(60) })]);
        fleet.sync_all();
        let after = items(&fleet.assert_equal());
        assert_eq!(after.len(), 6, "{after:?}");
        assert_eq!(after[5], 60, "the value does not go with the element: {after:?}");
    }
}

/// Concurrent moves make no cycle, lose no node and double none; a removed one
/// goes with all that stands under it in the end.
pub fn trees_stay_trees(engine: &dyn Engine) {
    if not_native(engine, ContainerKind::Tree) {
        return;
    }
    let labels = ["a", "b", "c", "d", "e"];
    for seed in 0..12 {
        let mut fleet = fleet(engine, ContainerKind::Tree, 3);
        let mut draws = Stream::root(seed).named("tree").draws();
        for (index, label) in labels.iter().enumerate() {
            fleet.edit(0, &[edit(&root(), create_node(label, None, index as u32))]);
        }
        fleet.sync_all();
        for round in 0..15 {
            let at = draws.below(3) as usize;
            let (label, parent) = (*draws.pick(&labels), *draws.pick(&labels));
            let parent = (draws.below(4) > 0).then_some(parent);
            fleet.edit(at, &[edit(&root(), move_node(label, parent, 0))]);
            if round % 6 == 5 {
                fleet.sync(at, (at + 1) % 3);
            }
        }
        fleet.sync_all();
        let mut all = fleet.assert_equal();
        let mut found = tree_labels(&all);
        found.sort_unstable();
        assert_eq!(found, labels, "a node is lost or doubled");
        // Two under each other: one of them wins, and both are there.
        for label in ["a", "b"] {
            fleet.edit(0, &[edit(&root(), move_node(label, None, 0))]);
        }
        fleet.sync_all();
        fleet.edit(0, &[edit(&root(), move_node("a", Some("b"), 0))]);
        fleet.edit(1, &[edit(&root(), move_node("b", Some("a"), 0))]);
        fleet.sync_all();
        all = fleet.assert_equal();
        let mut found = tree_labels(&all);
        found.sort_unstable();
        assert_eq!(found, labels, "a cycle took nodes away");
        fleet.edit(2, &[edit(&root(), Action::DeleteNode { label: "c".to_owned() })]);
        fleet.sync_all();
        let found = tree_labels(&fleet.assert_equal());
        assert!(!found.contains(&"c".to_owned()));
    }
}

fn tree_labels(document: &Document) -> Vec<String> {
    fn collect(nodes: &[TreeNode], into: &mut Vec<String>) {
        for node in nodes {
            into.push(node.label.clone());
            collect(&node.children, into);
        }
    }
    let Node::Tree(top) = &document.roots["root"] else { panic!("a tree expected") };
    let mut labels = Vec::new();
    collect(top, &mut labels);
    labels
}

/// Marks of several people stay on the characters that they marked.
pub fn marks_merge(engine: &dyn Engine) {
    if lacks_marks(engine) || engine.info().marks != Support::Native {
        return;
    }
    let mut fleet = fleet(engine, ContainerKind::Text, 3);
    fleet.edit(0, &[edit(&root(), insert_text(0, "abcdefgh"))]);
    fleet.sync_all();
    fleet.edit(0, &[edit(&root(), mark(1, 3, "bold", Scalar::Bool(true)))]);
    fleet.edit(1, &[edit(&root(), mark(3, 3, "link", Scalar::Text("x".to_owned())))]);
    fleet.edit(2, &[edit(&root(), insert_text(2, "NEW"))]);
    fleet.edit(2, &[edit(&root(), insert_text(0, "!"))]);
    fleet.sync_all();
    let Node::Text(runs) = &fleet.assert_equal().roots["root"] else { panic!("a text expected") };
    let marked = |name: &str| -> String {
        let runs = runs.iter().filter(|run| run.marks.contains_key(name));
        runs.map(|run| run.text.as_str()).collect()
    };
    assert_eq!(marked("bold"), "bNEWcd", "typed inside of a concurrent mark: {runs:?}");
    assert_eq!(marked("link"), "def", "{runs:?}");
}
