//! Scenes of undo in which engines differ, or surprise. What comes of each is for the
//! adapter's own tests to say.

use deadzone_core::document::{Node, Scalar};
use deadzone_core::edit::{Action, ContainerKind, Edit, Path, Step, Value};
use deadzone_core::engine::Engine;

use crate::fleet::Fleet;
use crate::suite::local::{edit, insert_text, int, ints, mark, put};
use crate::suite::merge::numbers;
use crate::suite::undo::{at, typed};

fn delete_text(index: u32, count: u32) -> Edit {
    at(ContainerKind::Text, Action::DeleteText { index, count })
}

fn put_in_map(key: &str, value: Value) -> Edit {
    at(ContainerKind::Map, put(key, value))
}

/// The root of this kind, once all hold everything.
fn settled(fleet: &mut Fleet<'_>, kind: ContainerKind) -> Node {
    fleet.sync_all();
    fleet.assert_equal().roots.remove(kind.name()).expect("a root of each kind")
}

fn number_at(fleet: &mut Fleet<'_>, key: &str) -> Option<i64> {
    let Node::Map(entries) = settled(fleet, ContainerKind::Map) else { panic!("a map expected") };
    Some(numbers(&[entries.get(key)?.clone()])[0])
}

/// Two delete the `b` of `abc`; what stands there after the first took that back,
/// and after the other did.
pub fn deleted_by_two(engine: &dyn Engine) -> [String; 2] {
    let mut fleet = Fleet::tracking(engine, 2);
    fleet.edit(0, &[typed(0, "abc")]);
    fleet.sync_all();
    for at in 0..2 {
        fleet.edit(at, &[delete_text(1, 1)]);
    }
    fleet.sync_all();
    [0, 1].map(|at| {
        fleet.undo(at);
        fleet.sync_all();
        fleet.assert_equal();
        fleet.typed(0)
    })
}

/// Somebody deletes `theirs`, its writer takes back having written it, and the first
/// takes the deletion back. Whether the writer had anything to take back, and what
/// stands there in the end.
pub fn deleted_and_then_taken_back(engine: &dyn Engine) -> (bool, String) {
    let mut fleet = Fleet::tracking(engine, 2);
    fleet.edit(1, &[typed(0, "theirs")]);
    fleet.sync_all();
    fleet.edit(0, &[delete_text(0, 6)]);
    fleet.sync_all();
    let undone = fleet.undo(1);
    fleet.undo(0);
    fleet.sync_all();
    fleet.assert_equal();
    (undone, fleet.typed(0))
}

/// Somebody makes a text in a map, another writes `theirs` into it, and the first
/// takes it back and makes it again: the map before, after the undo, and after the
/// redo.
pub fn container_that_another_wrote_in(engine: &dyn Engine) -> [Node; 3] {
    let mut fleet = Fleet::tracking(engine, 2);
    fleet.edit(0, &[put_in_map("note", Value::Container(ContainerKind::Text))]);
    fleet.sync_all();
    let note = Path::root("map").then(Step::Key("note".to_owned()));
    fleet.edit(1, &[edit(&note, insert_text(0, "theirs"))]);
    let before = settled(&mut fleet, ContainerKind::Map);
    fleet.undo(0);
    let undone = settled(&mut fleet, ContainerKind::Map);
    fleet.redo(0);
    [before, undone, settled(&mut fleet, ContainerKind::Map)]
}

/// The ranges of text that are bold after somebody marked the first four letters of
/// `abcdef`, another the last four at the same time, and the first took that back.
pub fn marked_by_two(engine: &dyn Engine) -> Vec<String> {
    let mut fleet = Fleet::tracking(engine, 2);
    fleet.edit(0, &[typed(0, "abcdef")]);
    fleet.sync_all();
    for (who, from) in [(0, 0), (1, 2)] {
        let bold = mark(from, 4, "bold", Scalar::Bool(true));
        fleet.edit(who, &[at(ContainerKind::Text, bold)]);
    }
    fleet.sync_all();
    fleet.undo(0);
    let Node::Text(runs) = settled(&mut fleet, ContainerKind::Text) else {
        panic!("a text expected")
    };
    runs.into_iter().filter(|run| !run.marks.is_empty()).map(|run| run.text).collect()
}

/// A movable list of 1, 2 and 3 after somebody moved the 1 to the end, another then
/// set it to 9, and the first took the move back.
pub fn moved_and_then_set(engine: &dyn Engine) -> Vec<i64> {
    let mut fleet = Fleet::tracking(engine, 2);
    let list = ContainerKind::MovableList;
    fleet.edit(0, &[at(list, Action::Insert { index: 0, values: ints(1..4) })]);
    fleet.edit(0, &[at(list, Action::Move { from: 0, to: 2 })]);
    fleet.sync_all();
    fleet.edit(1, &[at(list, Action::Set { index: 2, value: int(9) })]);
    fleet.sync_all();
    fleet.undo(0);
    let Node::List(items) = settled(&mut fleet, list) else { panic!("a list expected") };
    numbers(&items)
}

/// Somebody types `early`, then sets a key to 1, which another then sets to 2, and
/// the first takes back once: what stands under the key, and what is typed.
pub fn overwritten_by_another(engine: &dyn Engine) -> (Option<i64>, String) {
    let mut fleet = Fleet::tracking(engine, 2);
    fleet.edit(0, &[typed(0, "early")]);
    fleet.edit(0, &[put_in_map("k", int(1))]);
    fleet.sync_all();
    fleet.edit(1, &[put_in_map("k", int(2))]);
    fleet.sync_all();
    fleet.undo(0);
    (number_at(&mut fleet, "k"), fleet.typed(0))
}

/// A key that was 1, and that `first` of two replicas, who wrote that, then set to 2
/// while the other set it to 9: what it is then, and after the first took the 2 back.
pub fn written_by_both(engine: &dyn Engine, first: usize) -> [Option<i64>; 2] {
    let mut fleet = Fleet::tracking(engine, 2);
    fleet.edit(first, &[put_in_map("k", int(1))]);
    fleet.sync_all();
    fleet.edit(first, &[put_in_map("k", int(2))]);
    fleet.edit(1 - first, &[put_in_map("k", int(9))]);
    let before = number_at(&mut fleet, "k");
    fleet.undo(first);
    [before, number_at(&mut fleet, "k")]
}
