//! Faults of yrs 0.28.1 that show on sound bytes. A test that fails here means
//! that yrs was mended, and that the page of the crate needs to follow.

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};

use common::*;
use deadzone_core::edit::Action;
use deadzone_core::engine::Save;

/// Three updates of two clients, each made upon the one before, in reverse: the
/// first one to come back from waiting is not known to be waited for any more
/// (`BlockPicker::switch` notes only the last thing missed of a chain), so the
/// other two stay where they are. A sync heals it, and so does any later update
/// of the second client.
#[test]
fn a_chain_of_two_clients_in_reverse_waits_for_ever() {
    let mut all: [_; 3] = replicas();
    let mut updates = Vec::new();
    for at in [0, 1, 0] {
        apply(
            &mut *all[at],
            &[common::at("list", Action::Insert { index: 0, values: vec![int(1)] })],
        );
        let update = all[at].take_updates().remove(0);
        all[1 - at].apply(&update).expect("an update");
        updates.push(update);
    }
    for update in updates.iter().rev() {
        all[2].apply(update).expect("an update");
    }
    assert_eq!(all[2].pending(), 1);
    assert_ne!(all[2].read(), all[0].read());
    connect(&mut all, 1, 2);
    settle(&mut all, &[(1, 2)]);
    assert_converged(&mut all);
}

/// V2 writes the length of a hole with the other lengths and reads it from the
/// end of the update. What was received out of order cannot be stored then.
#[test]
fn in_v2_a_document_with_a_hole_cannot_be_saved() {
    let [v1, v2] = engines();
    for (engine, loads) in [(v1, true), (v2, false)] {
        let (mut a, mut b) = (replica(&*engine, 0), replica(&*engine, 1));
        for key in ["k", "l"] {
            apply(&mut *a, &[put(key, int(1))]);
        }
        let updates = a.take_updates();
        b.apply(&updates[1]).expect("an update");
        let stored = b.save(Save::Whole);
        assert_eq!(engine.load(&setup(1), &[stored]).is_ok(), loads);
    }
}

/// And where something is pending besides, yrs reads its own bytes to merge them
/// and panics.
#[test]
fn in_v2_a_hole_and_pending_updates_panic_on_saving() {
    let [v1, v2] = engines();
    for (engine, saves) in [(v1, true), (v2, false)] {
        let (mut a, mut b) = (replica(&*engine, 0), replica(&*engine, 1));
        apply(&mut *a, &[insert_text(0, "abc")]);
        apply(&mut *a, &[put("k", int(1))]);
        apply(&mut *a, &[insert_text(3, "def")]);
        let updates = a.take_updates();
        b.apply(&updates[1]).expect("an update");
        b.apply(&updates[2]).expect("an update");
        let saved = catch_unwind(AssertUnwindSafe(|| b.save(Save::Whole)));
        assert_eq!(saved.is_ok(), saves);
    }
}
