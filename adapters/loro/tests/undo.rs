//! What Loro does at undo and redo that one would not expect. What it does as one
//! would is in the suite of all adapters.

use deadzone_adapter_loro::Loro;
use deadzone_conformance::fleet::Fleet;
use deadzone_conformance::undo_scenes;
use deadzone_core::document::Node;
use deadzone_core::edit::{Action, Edit, Path};

/// Each brings it back as a letter of its own; the first one's undo takes the other's
/// deletion with it.
#[test]
fn what_two_deleted_and_both_undelete_is_there_twice() {
    assert_eq!(undo_scenes::deleted_by_two(&Loro), ["abc", "abbc"]);
}

#[test]
fn text_comes_back_that_its_writer_took_back() {
    let nothing_was_left = false;
    let scene = undo_scenes::deleted_and_then_taken_back(&Loro);
    assert_eq!(scene, (nothing_was_left, "theirs".to_owned()));
}

#[test]
fn undoing_a_container_takes_what_others_wrote_in_it_and_redoing_brings_it_back() {
    let [before, undone, redone] = undo_scenes::container_that_another_wrote_in(&Loro);
    assert_eq!(undone, Node::Map([].into()));
    assert_eq!(redone, before);
}

/// This breaks what undo promises: the value that is gone is another's, who wrote
/// it later and knew of the first.
#[test]
fn undo_of_an_overwritten_key_takes_the_value_of_another() {
    assert_eq!(undo_scenes::overwritten_by_another(&Loro), (None, "early".to_owned()));
}

/// So does this where the other's value was the stronger one.
#[test]
fn undo_of_a_key_that_both_wrote_brings_back_what_was_before_both() {
    let written = |first| undo_scenes::written_by_both(&Loro, first);
    assert_eq!(written(0), [Some(9), Some(1)]);
    assert_eq!(written(1), [Some(2), Some(1)]);
}

/// And this: the other had marked two of the letters as well.
#[test]
fn undo_of_a_mark_unmarks_what_another_marked_as_well() {
    assert_eq!(undo_scenes::marked_by_two(&Loro), ["ef"]);
}

#[test]
fn undo_of_a_move_leaves_what_another_set() {
    assert_eq!(undo_scenes::moved_and_then_set(&Loro), [9, 2, 3]);
}

/// Its position among siblings is the one of before, but it is the younger one
/// now of those that have it.
#[test]
fn a_node_that_is_redone_stands_behind_its_equals() {
    let mut fleet = Fleet::tracking(&Loro, 2);
    let tree = Path::root("tree");
    for (at, label) in ["a", "b"].into_iter().enumerate() {
        let label = label.to_owned();
        let action = Action::CreateNode { label, parent: None, index: 0 };
        fleet.edit(at, &[Edit { at: tree.clone(), action }]);
    }
    fleet.sync_all();
    let first = fleet.replicas[0].children(&tree)[0].clone();
    let whose = usize::from(first == "b");
    fleet.undo(whose);
    fleet.redo(whose);
    fleet.sync_all();
    fleet.assert_equal();
    assert_eq!(fleet.replicas[0].children(&tree)[1], first);
}

#[test]
fn a_look_at_the_past_leaves_nothing_to_undo() {
    let mut fleet = Fleet::tracking(&Loro, 1);
    let type_at = |fleet: &mut Fleet<'_>, index: u32, letter: &str| {
        let action = Action::InsertText { index, text: letter.to_owned() };
        fleet.edit(0, &[Edit { at: Path::root("text"), action }]);
    };
    type_at(&mut fleet, 0, "a");
    let version = fleet.replicas[0].version().expect("there are versions");
    type_at(&mut fleet, 1, "b");
    fleet.replicas[0].checkout(&version).expect("it was there");
    assert_eq!(fleet.typed(0), "ab");
    // The next one is not noticed either.
    type_at(&mut fleet, 2, "c");
    assert!(!fleet.undo(0));
    type_at(&mut fleet, 3, "d");
    assert!(fleet.undo(0));
    assert_eq!(fleet.typed(0), "abc");
}
