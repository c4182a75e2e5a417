//! What yrs does at undo and redo that one would not expect. What it does as one
//! would is in the suite of all adapters.

use deadzone_adapter_yrs::Yrs;
use deadzone_conformance::undo_scenes;
use deadzone_core::document::Node;

/// Each brings it back as a letter of its own; the first one's undo takes the other's
/// deletion with it.
#[test]
fn what_two_deleted_and_both_undelete_is_there_twice() {
    assert_eq!(undo_scenes::deleted_by_two(&Yrs::default()), ["abc", "abbc"]);
}

#[test]
fn text_comes_back_that_its_writer_took_back() {
    let nothing_was_left = false;
    let scene = undo_scenes::deleted_and_then_taken_back(&Yrs::default());
    assert_eq!(scene, (nothing_was_left, "theirs".to_owned()));
}

#[test]
fn undoing_a_container_takes_what_others_wrote_in_it_and_redoing_brings_it_back() {
    let [before, undone, redone] = undo_scenes::container_that_another_wrote_in(&Yrs::default());
    assert_eq!(undone, Node::Map([].into()));
    assert_eq!(redone, before);
}

/// It goes on to the last one of which something is left, in the same undo.
#[test]
fn undo_of_an_overwritten_key_takes_back_what_came_before_it() {
    let scene = undo_scenes::overwritten_by_another(&Yrs::default());
    assert_eq!(scene, (Some(2), String::new()));
}

#[test]
fn undo_of_a_key_that_both_wrote_leaves_it_empty() {
    let written = |first| undo_scenes::written_by_both(&Yrs::default(), first);
    assert_eq!(written(0), [Some(9), Some(9)], "the other's was stronger");
    // Neither the 1 comes back, nor the 9.
    assert_eq!(written(1), [Some(2), None]);
}

#[test]
fn undo_of_a_mark_leaves_that_of_another() {
    assert_eq!(undo_scenes::marked_by_two(&Yrs::default()), ["cdef"]);
}

/// A move is a deletion and an insertion here: the old element comes back beside
/// what another made of the new one.
#[test]
fn undo_of_a_move_brings_back_an_element_that_another_replaced() {
    assert_eq!(undo_scenes::moved_and_then_set(&Yrs::default()), [1, 2, 3, 9]);
}
