//! Edits that change nothing, edits that have no place, and what an index
//! counts.

use deadzone_core::document::Scalar;
use deadzone_core::edit::{Action, ContainerKind, Path, Roots, Step};
use deadzone_core::engine::{Edited, Engine};

use super::local::{
    create_node, delete, edit, first_write, insert_text, int, ints, lacks, lacks_marks, mark,
    move_node, put, second_write,
};
use crate::fleet::{Fleet, roots, supported, text as text_of};
use crate::twin::Twin;

/// Edits that change nothing leave the document alone, and those that say
/// nothing at all make no transaction.
pub fn unchanged_edits(engine: &dyn Engine) {
    for kind in supported(&engine.info()) {
        let before = first_write(kind);
        let (silent, idle): (Vec<Action>, Vec<Action>) = match kind {
            ContainerKind::Text => {
                let delete = Action::DeleteText { index: 4, count: 0 };
                (vec![insert_text(2, ""), delete], Vec::new())
            }
            ContainerKind::Map => (vec![delete("absent")], vec![put("x", int(1))]),
            ContainerKind::List | ContainerKind::MovableList => {
                let nothing = Action::Insert { index: 3, values: Vec::new() };
                let mut idle = vec![Action::Set { index: 1, value: int(1) }];
                if kind == ContainerKind::MovableList {
                    idle.push(Action::Move { from: 1, to: 1 });
                }
                (vec![nothing, Action::Remove { index: 1, count: 0 }], idle)
            }
            ContainerKind::Counter => (vec![], vec![Action::Increment { by: 0 }]),
            ContainerKind::Tree => {
                (vec![move_node("top", Some("top"), 0)], vec![move_node("top", None, 0)])
            }
        };
        let root = Path::root("root");
        let mut fleet = Fleet::new(engine, &Roots::from([("root".to_owned(), kind)]), 2);
        fleet.edit(0, &[edit(&root, before)]);
        let document = fleet.read(0);
        for action in &silent {
            let changed = fleet.edit(0, &[edit(&root, action.clone())]);
            assert!(!changed, "{action:?} says nothing, but made a transaction");
        }
        assert!(!fleet.edit(0, &[]), "no edits made a transaction");
        for action in idle {
            fleet.edit(0, &[edit(&root, action)]);
        }
        assert_eq!(text_of(&fleet.read(0)), text_of(&document));
        fleet.sync(0, 1);
        assert_eq!(text_of(&fleet.assert_equal()), text_of(&document));
    }
}

/// Actions at places that are not there are refused and change nothing.
pub fn misplaced_edits(engine: &dyn Engine) {
    let info = engine.info();
    let mut twin = Twin::new(engine, &roots(&info));
    let root = |kind: ContainerKind| Path::root(kind.name());
    for kind in supported(&info) {
        twin.edit(&[edit(&root(kind), first_write(kind))]);
    }
    let remove_text = |index, count| Action::DeleteText { index, count };
    let remove = |index, count| Action::Remove { index, count };
    let set = |index| Action::Set { index, value: int(1) };
    for kind in supported(&info) {
        // Every action of every other kind.
        for other in ContainerKind::ALL {
            let both = [ContainerKind::List, ContainerKind::MovableList];
            if other != kind && !(both.contains(&kind) && both.contains(&other)) {
                twin.edit(&[edit(&root(kind), first_write(other))]);
            }
        }
        let misplaced = match kind {
            ContainerKind::Text => {
                vec![insert_text(5, "x"), remove_text(3, 2), remove_text(5, 0), remove_text(9, 1)]
            }
            ContainerKind::Map | ContainerKind::Counter => Vec::new(),
            ContainerKind::List => vec![
                Action::Insert { index: 4, values: ints(0..1) },
                set(3),
                remove(2, 2),
                remove(0, u32::MAX),
                Action::Move { from: 0, to: 1 },
            ],
            ContainerKind::MovableList => vec![
                Action::Insert { index: 4, values: ints(0..1) },
                set(3),
                remove(4, 1),
                Action::Move { from: 3, to: 0 },
                Action::Move { from: 0, to: 3 },
            ],
            ContainerKind::Tree => vec![
                create_node("x", Some("nobody"), 0),
                create_node("x", None, 2),
                create_node("x", Some("top"), 1),
                move_node("nobody", None, 0),
                move_node("top", Some("nobody"), 0),
                move_node("top", None, 1),
                Action::DeleteNode { label: "nobody".to_owned() },
            ],
        };
        for action in misplaced {
            twin.edit(&[edit(&root(kind), action)]);
        }
        // Below what has nothing below it, or not that.
        for step in [Step::Key("nothing".to_owned()), Step::Element(7)] {
            twin.edit(&[edit(&root(kind).then(step), first_write(kind))]);
        }
    }
    if !lacks_marks(engine) {
        twin.edit(&[edit(&root(ContainerKind::Text), mark(3, 2, "bold", Scalar::Bool(true)))]);
    }
    let nowhere = Path::root("nowhere");
    twin.edit(&[edit(&nowhere, put("x", int(1)))]);
    assert_eq!(twin.replica.length(&nowhere), None);
    assert!(twin.replica.children(&nowhere).is_empty());
}

/// Where one edit of a transaction is refused, none of it is done.
pub fn transactions_are_all_or_nothing(engine: &dyn Engine) {
    let info = engine.info();
    let all = roots(&info);
    for kind in supported(&info) {
        let mut twin = Twin::new(engine, &all);
        for kind in supported(&info) {
            twin.edit(&[edit(&Path::root(kind.name()), first_write(kind))]);
        }
        let mut edits = vec![edit(&Path::root(kind.name()), second_write(kind))];
        twin.edit(&[edits[0].clone(), edit(&Path::root("nowhere"), insert_text(0, "x"))]);
        // The engine is none the worse for it.
        edits.push(edits[0].clone());
        twin.edit(&edits[..1]);
        let mut seen = Vec::new();
        twin.replica.newly_seen(&mut seen);
        assert!(seen.is_empty(), "own edits are not news, but {seen:?} was seen");
    }
}

/// Characters beyond the basic plane count twice.
pub fn indices_are_utf16(engine: &dyn Engine) {
    if lacks(engine, ContainerKind::Text) {
        return;
    }
    let root = Path::root("root");
    let mut twin = Twin::new(engine, &Roots::from([("root".to_owned(), ContainerKind::Text)]));
    let remove = |index, count| Action::DeleteText { index, count };
    let actions = [
        insert_text(0, "a😀b𝄞c"),
        insert_text(3, "日本語"),
        insert_text(9, "e\u{301}"),
        remove(1, 2),
        insert_text(1, "👩‍👩‍👧"),
        remove(2 + 1, 1),
        insert_text(0, "😀😀"),
        remove(2, 2),
    ];
    for action in actions {
        twin.edit(&[edit(&root, action)]);
    }
    let length = twin.replica.length(&root).expect("a root is there");
    for index in 0..=length {
        let (ours, theirs) = (twin.model.snap(&root, index), twin.replica.snap(&root, index));
        assert_eq!(ours, theirs, "snap({index}) in {:?}", twin.model.document());
    }
    if !lacks_marks(engine) {
        // An emoji and the letter behind it; the next index would split a pair.
        twin.edit(&[edit(&root, mark(0, 3, "bold", Scalar::Bool(true)))]);
        twin.edit(&[edit(&root, insert_text(2, "😀"))]);
    }
    // The same indices in a received document.
    let mut fleet = Fleet::new(engine, &Roots::from([("root".to_owned(), ContainerKind::Text)]), 2);
    fleet.edit(0, &[edit(&root, insert_text(0, "😀x😀"))]);
    fleet.sync(0, 1);
    assert_eq!(fleet.replicas[1].length(&root), Some(5));
    assert_eq!(fleet.replicas[1].snap(&root, 4), 3);
    fleet.edit(1, &[edit(&root, insert_text(3, "y"))]);
    let edited = fleet.replicas[1].edit(&[edit(&root, insert_text(6, "z"))]);
    assert!(matches!(edited, Ok(Edited::Applied(_))));
    fleet.sync(0, 1);
    assert!(text_of(&fleet.assert_equal()).contains("😀xy😀z"));
}
