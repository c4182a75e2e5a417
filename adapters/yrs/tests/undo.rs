//! Undo and redo: what they take back, and that they leave others' edits alone.
//! What yrs does there that one would not expect is at the end.

mod common;

use deadzone_adapter_yrs::Yrs;
use deadzone_core::document::{Node, Scalar};
use deadzone_core::edit::{Action, ContainerKind, Edit, Path, Step, Value};
use deadzone_core::engine::{Edited, Engine, EngineError, Replica, Save, Stamp};

use common::*;

type Peer = Box<dyn Replica>;

/// Replicas that make undo possible.
fn tracking<const N: usize>() -> [Peer; N] {
    let mut replicas = replicas::<N>();
    for replica in &mut replicas {
        replica.track_undo().expect("there is undo");
    }
    replicas
}

#[track_caller]
fn undo(replica: &mut Peer) -> Stamp {
    match replica.undo() {
        Ok(Edited::Applied(stamp)) => stamp,
        other => panic!("undo: {other:?}"),
    }
}

#[track_caller]
fn redo(replica: &mut Peer) -> Stamp {
    match replica.redo() {
        Ok(Edited::Applied(stamp)) => stamp,
        other => panic!("redo: {other:?}"),
    }
}

fn node(replica: &mut Peer, root: &str) -> Node {
    replica.read().roots.remove(root).expect("a root")
}

fn text(replica: &mut Peer) -> String {
    match node(replica, "text") {
        Node::Text(runs) => runs.into_iter().map(|run| run.text).collect(),
        other => panic!("{other:?}"),
    }
}

/// Brings everyone's new updates to all others, by broadcast.
fn exchange(replicas: &mut [Peer]) {
    let updates: Vec<_> = replicas.iter_mut().map(|replica| replica.take_updates()).collect();
    for (from, updates) in updates.iter().enumerate() {
        for (to, replica) in replicas.iter_mut().enumerate() {
            if to != from {
                updates.iter().for_each(|update| replica.apply(update).expect("an update"));
            }
        }
    }
}

#[test]
fn without_tracking_there_is_no_undo() {
    let [mut replica] = replicas();
    apply(&mut *replica, &[insert_text(0, "a")]);
    assert!(matches!(replica.undo(), Err(EngineError::NotSupported(_))));
    assert!(matches!(replica.redo(), Err(EngineError::NotSupported(_))));
    assert!(Yrs::default().info().undo);
}

#[test]
fn undo_takes_back_own_typing_and_leaves_what_others_typed_into_it() {
    let mut replicas = tracking::<2>();
    apply(&mut *replicas[0], &[insert_text(0, "hello")]);
    exchange(&mut replicas);
    apply(&mut *replicas[1], &[insert_text(2, "XY")]);
    apply(&mut *replicas[0], &[insert_text(5, " world")]);
    exchange(&mut replicas);
    assert_eq!(text(&mut replicas[0]), "heXYllo world");
    for expected in ["heXYllo", "XY"] {
        undo(&mut replicas[0]);
        assert_eq!(text(&mut replicas[0]), expected);
    }
    assert_eq!(replicas[0].undo(), Ok(Edited::Unchanged));
    exchange(&mut replicas);
    assert_converged(&mut replicas);
    for expected in ["heXYllo", "heXYllo world"] {
        redo(&mut replicas[0]);
        assert_eq!(text(&mut replicas[0]), expected);
    }
    assert_eq!(replicas[0].redo(), Ok(Edited::Unchanged));
    undo(&mut replicas[1]);
    exchange(&mut replicas);
    assert_converged(&mut replicas);
    assert_eq!(text(&mut replicas[1]), "hello world");
}

#[test]
fn with_nothing_to_undo_nothing_happens() {
    let mut replicas = tracking::<2>();
    apply(&mut *replicas[0], &[insert_text(0, "mine")]);
    exchange(&mut replicas);
    connect(&mut replicas, 0, 1);
    settle(&mut replicas, &[(0, 1)]);
    let before = replicas[1].read();
    // What others did is not to be taken back, however it came.
    assert_eq!(replicas[1].undo(), Ok(Edited::Unchanged));
    assert_eq!(replicas[1].redo(), Ok(Edited::Unchanged));
    assert_eq!(replicas[0].redo(), Ok(Edited::Unchanged));
    assert_eq!(replicas[1].read(), before);
    assert_eq!(settle(&mut replicas, &[(0, 1)]), 0);
}

#[test]
fn each_transaction_is_taken_back_by_itself_and_as_a_whole() {
    let [mut replica] = tracking();
    for letter in ["a", "b", "c"] {
        let edits = [
            insert_text(0, letter),
            put(letter, int(1)),
            at("counter", Action::Increment { by: 1 }),
        ];
        apply(&mut *replica, &edits);
    }
    // Changes nothing, so there is nothing to take back either.
    assert_eq!(replica.edit(&[put("c", int(1))]), Ok(Edited::Unchanged));
    let edits = [insert_text(0, "x"), delete_text(90, 1)];
    assert!(matches!(replica.edit(&edits), Err(EngineError::Misplaced(_))));
    let mut states = vec![replica.read()];
    for expected in ["ba", "a", ""] {
        undo(&mut replica);
        assert_eq!(text(&mut replica), expected);
        states.push(replica.read());
    }
    assert_eq!(replica.undo(), Ok(Edited::Unchanged));
    states.pop();
    while let Some(expected) = states.pop() {
        redo(&mut replica);
        assert_eq!(replica.read(), expected);
    }
    undo(&mut replica);
    apply(&mut *replica, &[insert_text(0, "d")]);
    assert_eq!(replica.redo(), Ok(Edited::Unchanged), "an edit ends what can be redone");
}

#[test]
fn an_undo_travels_like_an_edit_over_the_protocol() {
    let mut replicas = tracking::<3>();
    let links = [(0, 1), (1, 2)];
    links.iter().for_each(|&(a, b)| connect(&mut replicas, a, b));
    settle(&mut replicas, &links);
    apply(&mut *replicas[0], &[insert_text(0, "typed")]);
    settle(&mut replicas, &links);
    let steps: [fn(&mut Peer) -> Stamp; 4] = [undo, redo, undo, redo];
    for (step, expected) in steps.into_iter().zip(["", "typed", "", "typed"]) {
        newly_seen(&mut *replicas[2]);
        let stamp = step(&mut replicas[0]);
        assert!(settle(&mut replicas, &links) > 0);
        assert_converged(&mut replicas);
        assert_eq!(text(&mut replicas[2]), expected);
        assert_eq!(times(&newly_seen(&mut *replicas[2]), stamp), 1);
    }
}

#[test]
fn an_undo_travels_like_an_edit_by_broadcast() {
    for engine in engines() {
        let mut replicas = [replica(&*engine, 0), replica(&*engine, 1)];
        replicas[0].track_undo().expect("there is undo");
        apply(&mut *replicas[0], &[insert_text(0, "typed")]);
        let typed = replicas[0].take_updates();
        let undone = undo(&mut replicas[0]);
        let undone = (undone, replicas[0].take_updates());
        let redone = redo(&mut replicas[0]);
        let redone = (redone, replicas[0].take_updates());
        // Backwards, and twice.
        for _ in 0..2 {
            for updates in [&redone.1, &undone.1, &typed] {
                let [update] = updates.as_slice() else { panic!("{updates:?}") };
                replicas[1].apply(update).expect("an update");
            }
        }
        let seen = newly_seen(&mut *replicas[1]);
        assert_eq!(times(&seen, undone.0), 1);
        assert_eq!(times(&seen, redone.0), 1);
        assert_converged(&mut replicas);
        assert_eq!(text(&mut replicas[1]), "typed");
    }
}

#[test]
fn undo_reaches_into_nested_containers() {
    let mut replicas = tracking::<2>();
    for kind in ContainerKind::ALL {
        apply(&mut *replicas[0], &[put(kind.name(), Value::Container(kind))]);
    }
    exchange(&mut replicas);
    let inside =
        |key: &str, action| Edit { at: Path::root("map").then(Step::Key(key.to_owned())), action };
    let node = |label: &str| Action::CreateNode { label: label.to_owned(), parent: None, index: 0 };
    let actions = |mine: &str, number: i64| {
        vec![
            inside("text", Action::InsertText { index: 0, text: mine.to_owned() }),
            inside("map", Action::Put { key: mine.to_owned(), value: int(number) }),
            inside("list", Action::Insert { index: 0, values: vec![int(number)] }),
            inside("movable-list", Action::Insert { index: 0, values: vec![int(number)] }),
            inside("counter", Action::Increment { by: number }),
            inside("tree", node(mine)),
        ]
    };
    let [_, other] = &mut replicas;
    for edit in actions("theirs", 1) {
        apply(&mut **other, &[edit]);
    }
    let updates = other.take_updates();
    let expected = other.read();
    for edit in actions("mine", 10) {
        apply(&mut *replicas[0], &[edit]);
    }
    for update in updates {
        replicas[0].apply(&update).expect("an update");
    }
    let full = replicas[0].read();
    for _ in 0..6 {
        undo(&mut replicas[0]);
    }
    assert_eq!(replicas[0].read(), expected);
    for _ in 0..6 {
        redo(&mut replicas[0]);
    }
    assert_eq!(replicas[0].read(), full);
    exchange(&mut replicas);
    assert_converged(&mut replicas);
}

#[test]
fn a_container_comes_back_with_what_was_in_it() {
    let mut replicas = tracking::<2>();
    let path = Path::root("map").then(Step::Key("note".to_owned()));
    apply(&mut *replicas[0], &[put("note", Value::Container(ContainerKind::Text))]);
    let write = |text: &str| Edit {
        at: path.clone(),
        action: Action::InsertText { index: 0, text: text.to_owned() },
    };
    apply(&mut *replicas[0], &[write("one ")]);
    exchange(&mut replicas);
    apply(&mut *replicas[1], &[write("two ")]);
    exchange(&mut replicas);
    let full = replicas[0].read();
    apply(&mut *replicas[0], &[at("map", Action::Delete { key: "note".to_owned() })]);
    undo(&mut replicas[0]);
    exchange(&mut replicas);
    assert_converged(&mut replicas);
    assert_eq!(replicas[0].read(), full);
}

#[test]
fn a_loaded_or_forked_replica_has_nothing_to_undo_but_keeps_what_was_undone() {
    let [mut replica] = tracking();
    apply(&mut *replica, &[insert_text(0, "kept")]);
    let mut stored = vec![replica.save(Save::Whole)];
    apply(&mut *replica, &[insert_text(0, "gone")]);
    undo(&mut replica);
    stored.push(replica.save(Save::Incremental));
    let loaded = Yrs::default().load(&setup(0), &stored).expect("a store");
    let forked = replica.fork(&setup(1)).expect("forks are supported");
    for mut other in [loaded, forked] {
        other.track_undo().expect("there is undo");
        assert_eq!(text(&mut other), "kept");
        assert_eq!(other.undo(), Ok(Edited::Unchanged));
        assert_eq!(other.redo(), Ok(Edited::Unchanged));
        apply(&mut *other, &[insert_text(0, "new")]);
        undo(&mut other);
        assert_eq!(text(&mut other), "kept");
    }
}

/// Everyone edits anything, and takes it back and does it again, and updates
/// arrive when they like.
#[test]
fn whatever_is_undone_all_agree() {
    for seed in 0..60 {
        let mut replicas = tracking::<3>();
        let mut authors: Vec<_> = (0..3).map(|number| Author::new(seed, number)).collect();
        let mut waiting = vec![Vec::new(); 3];
        for _ in 0..60 {
            let turn = authors[0].below(3) as usize;
            let (author, replica) = (&mut authors[turn], &mut replicas[turn]);
            let done = match author.below(8) {
                0 | 1 => replica.undo(),
                2 => replica.redo(),
                _ => {
                    let document = replica.read();
                    replica.edit(&[author.edit(&document)])
                }
            };
            assert!(
                done.is_ok() || matches!(done, Err(EngineError::Misplaced(_))),
                "{seed}: {done:?}"
            );
            for update in replica.take_updates() {
                for to in (0..3).filter(|to| *to != turn) {
                    waiting[to].push(update.clone());
                }
            }
            let to = authors[0].below(3) as usize;
            if authors[0].below(3) == 0 {
                for update in waiting[to].drain(..) {
                    replicas[to].apply(&update).expect("an update");
                }
            }
        }
        for (replica, updates) in replicas.iter_mut().zip(waiting) {
            updates.iter().for_each(|update| replica.apply(update).expect("an update"));
        }
        assert_converged(&mut replicas);
    }
}

/// In text, whatever somebody takes back or does again, no letter of another
/// goes or moves or comes back.
#[test]
fn undo_touches_no_letter_of_others() {
    for seed in 0..60 {
        let mut replicas = tracking::<3>();
        let mut author = Author::new(seed, 9);
        let mut next = 0;
        for _ in 0..80 {
            let turn = author.below(3);
            let replica = &mut replicas[turn as usize];
            let length = replica.length(&Path::root("text")).expect("a text");
            let before = text(replica);
            match author.below(8) {
                0..=2 => {
                    let others = |text: &str| -> String {
                        text.chars().filter(|letter| *letter as u32 % 3 != turn).collect()
                    };
                    let redone = author.below(3) == 0;
                    let done = if redone { replica.redo() } else { replica.undo() };
                    done.expect("there is undo");
                    let after = text(replica);
                    assert_eq!(others(&before), others(&after), "{seed}: {before} {after}");
                }
                3 if length > 0 => {
                    // Deletes own letters only.
                    let mine = before.chars().position(|letter| letter as u32 % 3 == turn);
                    if let Some(index) = mine {
                        apply(&mut **replica, &[delete_text(index as u32, 1)]);
                    }
                }
                _ => {
                    let letters: String = (0..1 + author.below(4))
                        .map(|_| {
                            next += 1;
                            char::from_u32(0x4e00 + 3 * next + turn).expect("a letter")
                        })
                        .collect();
                    apply(&mut **replica, &[insert_text(author.below(length + 1), &letters)]);
                }
            }
            if author.below(4) == 0 {
                exchange(&mut replicas);
                assert_converged(&mut replicas);
            }
        }
    }
}

#[test]
fn a_tree_node_comes_back_with_what_another_put_below_it() {
    let mut replicas = tracking::<2>();
    let create = |label: &str, parent: Option<&str>| {
        let (label, parent) = (label.to_owned(), parent.map(str::to_owned));
        at("tree", Action::CreateNode { label, parent, index: 0 })
    };
    let delete = || at("tree", Action::DeleteNode { label: "a".to_owned() });
    apply(&mut *replicas[0], &[create("a", None)]);
    exchange(&mut replicas);
    apply(&mut *replicas[1], &[create("b", Some("a"))]);
    exchange(&mut replicas);
    let full = node(&mut replicas[0], "tree");
    // The label is still good on both sides, however often.
    for (deleter, other) in [(0, 1), (1, 0), (0, 1)] {
        apply(&mut *replicas[deleter], &[delete()]);
        exchange(&mut replicas);
        assert_eq!(node(&mut replicas[other], "tree"), Node::Tree(Vec::new()));
        undo(&mut replicas[deleter]);
        exchange(&mut replicas);
        assert_converged(&mut replicas);
        assert_eq!(node(&mut replicas[other], "tree"), full);
    }
}

// What one would not expect.

/// Each brings it back as a letter of its own.
#[test]
fn what_two_deleted_and_both_undelete_is_there_twice() {
    let mut replicas = tracking::<2>();
    apply(&mut *replicas[0], &[insert_text(0, "abc")]);
    exchange(&mut replicas);
    for replica in &mut replicas {
        apply(&mut **replica, &[delete_text(1, 1)]);
    }
    exchange(&mut replicas);
    undo(&mut replicas[0]);
    exchange(&mut replicas);
    // The other's deletion is gone with that, too.
    assert_eq!(text(&mut replicas[1]), "abc");
    undo(&mut replicas[1]);
    exchange(&mut replicas);
    assert_converged(&mut replicas);
    assert_eq!(text(&mut replicas[1]), "abbc");
}

#[test]
fn text_comes_back_that_its_writer_took_back() {
    let mut replicas = tracking::<2>();
    apply(&mut *replicas[1], &[insert_text(0, "theirs")]);
    exchange(&mut replicas);
    apply(&mut *replicas[0], &[delete_text(0, 6)]);
    exchange(&mut replicas);
    assert_eq!(replicas[1].undo(), Ok(Edited::Unchanged), "nothing is left of it");
    undo(&mut replicas[0]);
    exchange(&mut replicas);
    assert_converged(&mut replicas);
    assert_eq!(text(&mut replicas[1]), "theirs");
}

#[test]
fn undoing_a_container_takes_what_others_wrote_in_it_and_redoing_brings_it_back() {
    let mut replicas = tracking::<2>();
    apply(&mut *replicas[0], &[put("note", Value::Container(ContainerKind::Text))]);
    exchange(&mut replicas);
    let at = Path::root("map").then(Step::Key("note".to_owned()));
    let action = Action::InsertText { index: 0, text: "theirs".to_owned() };
    apply(&mut *replicas[1], &[Edit { at, action }]);
    exchange(&mut replicas);
    let full = node(&mut replicas[0], "map");
    undo(&mut replicas[0]);
    exchange(&mut replicas);
    assert_converged(&mut replicas);
    assert_eq!(node(&mut replicas[1], "map"), Node::Map([].into()));
    redo(&mut replicas[0]);
    exchange(&mut replicas);
    assert_converged(&mut replicas);
    assert_eq!(node(&mut replicas[1], "map"), full);
}

/// The ranges of text that are bold after somebody marked the first four letters
/// of six, another the last four at the same time, and the first took that back.
fn bold_after_one_of_two_marks_was_undone() -> Vec<String> {
    let mut replicas = tracking::<2>();
    apply(&mut *replicas[0], &[insert_text(0, "abcdef")]);
    exchange(&mut replicas);
    apply(&mut *replicas[0], &[mark(0, 4, "bold", Scalar::Bool(true))]);
    apply(&mut *replicas[1], &[mark(2, 4, "bold", Scalar::Bool(true))]);
    exchange(&mut replicas);
    undo(&mut replicas[0]);
    exchange(&mut replicas);
    assert_converged(&mut replicas);
    let Node::Text(runs) = node(&mut replicas[0], "text") else { panic!("a text") };
    runs.into_iter().filter(|run| !run.marks.is_empty()).map(|run| run.text).collect()
}

/// A movable list of 1, 2 and 3 after somebody moved the 1 to the end, another
/// then set it to 9, and the first took the move back.
fn list_after_a_move_was_undone() -> Node {
    let mut replicas = tracking::<2>();
    let list = |action| at("movable-list", action);
    let values = vec![int(1), int(2), int(3)];
    apply(&mut *replicas[0], &[list(Action::Insert { index: 0, values })]);
    apply(&mut *replicas[0], &[list(Action::Move { from: 0, to: 2 })]);
    exchange(&mut replicas);
    apply(&mut *replicas[1], &[list(Action::Set { index: 2, value: int(9) })]);
    exchange(&mut replicas);
    undo(&mut replicas[0]);
    exchange(&mut replicas);
    assert_converged(&mut replicas);
    node(&mut replicas[1], "movable-list")
}

fn ints(numbers: &[i64]) -> Node {
    Node::List(numbers.iter().map(|number| Node::Scalar(Scalar::Int(*number))).collect())
}

fn scalar(replica: &mut Peer, key: &str) -> Option<i64> {
    match node(replica, "map") {
        Node::Map(entries) => entries.get(key).map(|node| match node {
            Node::Scalar(Scalar::Int(value)) => *value,
            other => panic!("{other:?}"),
        }),
        other => panic!("{other:?}"),
    }
}

/// A key that was 1, and that its writer then set to 2 while another set it to 9:
/// what it is then, and after the first took the 2 back.
fn key_that_both_wrote(first: usize) -> [Option<i64>; 2] {
    let mut replicas = tracking::<2>();
    apply(&mut *replicas[first], &[put("k", int(1))]);
    exchange(&mut replicas);
    apply(&mut *replicas[first], &[put("k", int(2))]);
    apply(&mut *replicas[1 - first], &[put("k", int(9))]);
    exchange(&mut replicas);
    let before = scalar(&mut replicas[0], "k");
    replicas[first].undo().expect("there is undo");
    exchange(&mut replicas);
    assert_converged(&mut replicas);
    [before, scalar(&mut replicas[0], "k")]
}

/// It goes on to the last one of which something is left, in the same undo.
#[test]
fn undo_of_an_overwritten_key_takes_back_what_came_before_it() {
    let mut replicas = tracking::<2>();
    apply(&mut *replicas[0], &[insert_text(0, "early")]);
    apply(&mut *replicas[0], &[put("k", int(1))]);
    exchange(&mut replicas);
    apply(&mut *replicas[1], &[put("k", int(2))]);
    exchange(&mut replicas);
    undo(&mut replicas[0]);
    assert_eq!(scalar(&mut replicas[0], "k"), Some(2));
    assert_eq!(text(&mut replicas[0]), "");
}

#[test]
fn undo_of_a_key_that_both_wrote_leaves_it_empty() {
    assert_eq!(key_that_both_wrote(0), [Some(9), Some(9)], "the other's was stronger");
    // Neither the 1 comes back, nor the 9.
    assert_eq!(key_that_both_wrote(1), [Some(2), None]);
}

#[test]
fn undo_of_a_mark_leaves_that_of_another() {
    assert_eq!(bold_after_one_of_two_marks_was_undone(), ["cdef"]);
}

/// A move is a deletion and an insertion here: the old element comes back beside
/// what another made of the new one.
#[test]
fn undo_of_a_move_brings_back_an_element_that_another_replaced() {
    assert_eq!(list_after_a_move_was_undone(), ints(&[1, 2, 3, 9]));
}
