//! Undo and redo, of engines that declare them: what they take back, and that they
//! leave others' edits alone.

use deadzone_core::document::{Document, Node};
use deadzone_core::edit::{Action, ContainerKind, Edit, Path, Step, Value};
use deadzone_core::engine::{Delivery, Engine, EngineError, Save};
use deadzone_core::rng::Stream;

use super::local::{create_node, delete, edit, insert_text, int, put};
use crate::fleet::{Fleet, setup, supported};
use crate::generate::{people, write};

/// Whether the engine lacks undo, or what is to be undone; says so for whoever reads
/// the output.
#[expect(clippy::print_stderr, reason = "what is left out must be seen")]
fn lacks(engine: &dyn Engine, kinds: &[ContainerKind]) -> bool {
    let info = engine.info();
    if !info.undo {
        eprintln!("left out: {} has no undo", info.name);
    }
    !info.undo || kinds.iter().any(|kind| super::local::lacks(engine, *kind))
}

pub(crate) fn at(kind: ContainerKind, action: Action) -> Edit {
    edit(&Path::root(kind.name()), action)
}

pub(crate) fn typed(index: u32, text: &str) -> Edit {
    at(ContainerKind::Text, insert_text(index, text))
}

fn inside(key: &str, action: Action) -> Edit {
    edit(&Path::root("map").then(Step::Key(key.to_owned())), action)
}

fn assert_text(fleet: &mut Fleet<'_>, at: usize, expected: &str) {
    let text = fleet.typed(at);
    if text != expected {
        fleet.fail(&format!("replica {at} shows {text:?}, not {expected:?}"));
    }
}

fn assert_shows(fleet: &mut Fleet<'_>, at: usize, expected: &Document) {
    let document = fleet.read(at);
    if document != *expected {
        let [document, expected] = [&document, expected].map(crate::fleet::text);
        fleet.fail(&format!("replica {at} shows\n  {document}\nnot\n  {expected}"));
    }
}

/// There is undo where it is declared, once a replica was told to track it.
pub fn undo_is_as_declared(engine: &dyn Engine) {
    let mut fleet = Fleet::of(engine, 1);
    let replica = &mut fleet.replicas[0];
    let lacks = |answer| matches!(answer, Err(EngineError::NotSupported(_)));
    assert!(lacks(replica.undo()), "undo before it is tracked");
    assert!(lacks(replica.redo()), "redo before it is tracked");
    // An engine that takes back some edits alone does not declare it.
    if engine.info().undo {
        assert_eq!(replica.track_undo(), Ok(()));
    }
}

/// What others typed into own text stays when that is taken back.
pub fn undo_leaves_what_others_typed(engine: &dyn Engine) {
    if lacks(engine, &[ContainerKind::Text]) {
        return;
    }
    let mut fleet = Fleet::tracking(engine, 2);
    fleet.edit(0, &[typed(0, "hello")]);
    fleet.sync_all();
    fleet.edit(1, &[typed(2, "XY")]);
    fleet.edit(0, &[typed(5, " world")]);
    fleet.sync_all();
    assert_text(&mut fleet, 0, "heXYllo world");
    for expected in ["heXYllo", "XY"] {
        assert!(fleet.undo(0));
        assert_text(&mut fleet, 0, expected);
    }
    assert!(!fleet.undo(0), "nothing is left of its own");
    fleet.sync_all();
    fleet.assert_equal();
    for expected in ["heXYllo", "heXYllo world"] {
        assert!(fleet.redo(0));
        assert_text(&mut fleet, 0, expected);
    }
    assert!(!fleet.redo(0), "everything is there again");
    assert!(fleet.undo(1));
    fleet.sync_all();
    fleet.assert_equal();
    assert_text(&mut fleet, 1, "hello world");
}

/// What others did is not to be taken back, and an undo of nothing is no news.
pub fn undo_of_nothing(engine: &dyn Engine) {
    if lacks(engine, &[ContainerKind::Text]) {
        return;
    }
    let mut fleet = Fleet::tracking(engine, 2);
    fleet.edit(0, &[typed(0, "mine")]);
    if !super::delivery::lacks(engine, Delivery::Broadcast) {
        // However it came.
        fleet.take_updates(0).iter().for_each(|update| fleet.apply(1, update));
    }
    fleet.connect(0, 1);
    fleet.settle();
    let before = fleet.read(1);
    assert!(!fleet.undo(1) && !fleet.redo(1), "it has made nothing");
    assert!(!fleet.redo(0), "it has undone nothing");
    assert_shows(&mut fleet, 1, &before);
    assert_eq!(fleet.exchange(1), 0, "there is nothing to say");
}

/// Each transaction is taken back by itself and as a whole; one that changed nothing
/// or was refused is none; and an edit ends what can be done again.
pub fn undo_one_transaction_at_a_time(engine: &dyn Engine) {
    if lacks(engine, &[ContainerKind::Text, ContainerKind::Map, ContainerKind::Counter]) {
        return;
    }
    let mut fleet = Fleet::tracking(engine, 1);
    for letter in ["a", "b", "c"] {
        let increment = at(ContainerKind::Counter, Action::Increment { by: 1 });
        fleet.edit(0, &[typed(0, letter), at(ContainerKind::Map, put(letter, int(1))), increment]);
    }
    assert!(!fleet.edit(0, &[at(ContainerKind::Map, put("c", int(1)))]));
    let missed = at(ContainerKind::Text, Action::DeleteText { index: 90, count: 1 });
    let refused = fleet.replicas[0].edit(&[typed(0, "x"), missed]);
    assert!(matches!(refused, Err(EngineError::Misplaced(_))), "{refused:?}");
    let mut states = vec![fleet.read(0)];
    for expected in ["ba", "a", ""] {
        assert!(fleet.undo(0));
        assert_text(&mut fleet, 0, expected);
        states.push(fleet.read(0));
    }
    assert!(!fleet.undo(0));
    for expected in states.iter().rev().skip(1) {
        assert!(fleet.redo(0));
        assert_shows(&mut fleet, 0, expected);
    }
    assert!(fleet.undo(0));
    fleet.edit(0, &[typed(0, "d")]);
    assert!(!fleet.redo(0), "there was an edit since");
}

/// Over the protocol an undo travels like an edit, through a third replica, and is
/// seen once.
pub fn undo_over_the_protocol(engine: &dyn Engine) {
    if lacks(engine, &[ContainerKind::Text]) {
        return;
    }
    let mut fleet = Fleet::tracking(engine, 3);
    fleet.connect(0, 1);
    fleet.connect(1, 2);
    fleet.edit(0, &[typed(0, "typed")]);
    fleet.settle();
    for (undoes, expected) in [(true, ""), (false, "typed"), (true, ""), (false, "typed")] {
        fleet.look(2);
        let stamp = fleet.stamp_of(|fleet| if undoes { fleet.undo(0) } else { fleet.redo(0) });
        fleet.settle();
        fleet.assert_equal();
        assert_text(&mut fleet, 2, expected);
        let times = fleet.look(2).iter().filter(|seen| seen.holds(stamp)).count();
        assert_eq!(times, 1, "how often {stamp:?} was seen");
    }
}

/// By broadcast, too: updates arrive backwards, and twice.
pub fn undo_over_broadcast(engine: &dyn Engine) {
    let lacks = lacks(engine, &[ContainerKind::Text]);
    if lacks || super::delivery::lacks(engine, Delivery::Broadcast) {
        return;
    }
    let mut fleet = Fleet::tracking(engine, 2);
    fleet.edit(0, &[typed(0, "typed")]);
    let mut updates = vec![fleet.take_updates(0)];
    let undone = fleet.stamp_of(|fleet| fleet.undo(0));
    updates.push(fleet.take_updates(0));
    let redone = fleet.stamp_of(|fleet| fleet.redo(0));
    updates.push(fleet.take_updates(0));
    for _ in 0..2 {
        updates.iter().rev().flatten().for_each(|update| fleet.apply(1, update));
    }
    let seen = fleet.look(1);
    for stamp in [undone, redone] {
        let times = seen.iter().filter(|seen| seen.holds(stamp)).count();
        assert_eq!(times, 1, "how often {stamp:?} was seen");
    }
    fleet.assert_equal();
    assert_text(&mut fleet, 1, "typed");
}

/// What was done in a container within another is taken back and done again there,
/// whatever others do in it meanwhile.
pub fn undo_in_nested_containers(engine: &dyn Engine) {
    if lacks(engine, &[ContainerKind::Map]) {
        return;
    }
    let mut fleet = Fleet::tracking(engine, 2);
    let kinds = supported(&engine.info());
    for kind in &kinds {
        let map = ContainerKind::Map;
        fleet.edit(0, &[at(map, put(kind.name(), Value::Container(*kind)))]);
        // Where siblings stand is not what this is about.
        if *kind == ContainerKind::Tree {
            ["mine", "theirs"].iter().for_each(|label| {
                fleet.edit(0, &[inside(kind.name(), create_node(label, None, 0))]);
            });
        }
    }
    fleet.sync_all();
    let write_in_each = |fleet: &mut Fleet<'_>, at: usize, whose: &str, number: i64| {
        for kind in &kinds {
            let values = || vec![int(number)];
            let action = match kind {
                ContainerKind::Text => insert_text(0, whose),
                ContainerKind::Map => put(whose, int(number)),
                ContainerKind::List | ContainerKind::MovableList => {
                    Action::Insert { index: 0, values: values() }
                }
                ContainerKind::Counter => Action::Increment { by: number },
                ContainerKind::Tree => create_node(&format!("{whose} too"), Some(whose), 0),
            };
            fleet.edit(at, &[inside(kind.name(), action)]);
        }
    };
    write_in_each(&mut fleet, 1, "theirs", 1);
    let without = fleet.read(1);
    write_in_each(&mut fleet, 0, "mine", 10);
    fleet.sync_all();
    let with = fleet.assert_equal();
    kinds.iter().for_each(|_| assert!(fleet.undo(0)));
    assert_shows(&mut fleet, 0, &without);
    kinds.iter().for_each(|_| assert!(fleet.redo(0)));
    assert_shows(&mut fleet, 0, &with);
    fleet.sync_all();
    fleet.assert_equal();
}

/// A container that was deleted comes back with what anybody had put into it.
pub fn undo_of_a_deleted_container(engine: &dyn Engine) {
    if lacks(engine, &[ContainerKind::Map, ContainerKind::Text]) {
        return;
    }
    let mut fleet = Fleet::tracking(engine, 2);
    let map = ContainerKind::Map;
    fleet.edit(0, &[at(map, put("note", Value::Container(ContainerKind::Text)))]);
    fleet.edit(0, &[inside("note", insert_text(0, "one "))]);
    fleet.sync_all();
    fleet.edit(1, &[inside("note", insert_text(0, "two "))]);
    fleet.sync_all();
    let full = fleet.read(0);
    fleet.edit(0, &[at(map, delete("note"))]);
    assert!(fleet.undo(0));
    fleet.sync_all();
    fleet.assert_equal();
    assert_shows(&mut fleet, 1, &full);
}

/// A node that was deleted comes back with what others had put below it, and its
/// label is as good as before, however often.
pub fn undo_of_a_deleted_node(engine: &dyn Engine) {
    if lacks(engine, &[ContainerKind::Tree]) {
        return;
    }
    let mut fleet = Fleet::tracking(engine, 2);
    let tree = ContainerKind::Tree;
    fleet.edit(0, &[at(tree, create_node("a", None, 0))]);
    fleet.sync_all();
    fleet.edit(1, &[at(tree, create_node("b", Some("a"), 0))]);
    fleet.sync_all();
    let full = fleet.read(0);
    for (deleter, other) in [(0, 1), (1, 0), (0, 1)] {
        fleet.edit(deleter, &[at(tree, Action::DeleteNode { label: "a".to_owned() })]);
        fleet.sync_all();
        assert_eq!(fleet.read(other).roots["tree"], Node::Tree(Vec::new()));
        assert!(fleet.undo(deleter));
        fleet.sync_all();
        fleet.assert_equal();
        assert_shows(&mut fleet, other, &full);
    }
}

/// A replica that was loaded or forked has nothing to take back, and keeps what was
/// taken back before.
pub fn undo_after_a_load_or_a_fork(engine: &dyn Engine) {
    if lacks(engine, &[ContainerKind::Text]) {
        return;
    }
    let mut fleet = Fleet::tracking(engine, 1);
    fleet.edit(0, &[typed(0, "kept")]);
    let mut stored = vec![fleet.replicas[0].save(Save::Whole)];
    fleet.edit(0, &[typed(0, "gone")]);
    assert!(fleet.undo(0));
    stored.push(fleet.replicas[0].save(Save::Incremental));
    let loaded = engine.load(&setup(1, &fleet.roots), &stored).expect("it was just saved");
    let told = fleet.fresh_setup();
    let mut others = vec![loaded];
    match fleet.replicas[0].fork(&told) {
        Err(EngineError::NotSupported(_)) => {}
        forked => others.push(forked.expect("a fork")),
    }
    for mut other in others {
        other.track_undo().expect("undo is declared");
        let at = fleet.join(other);
        assert_text(&mut fleet, at, "kept");
        assert!(!fleet.undo(at) && !fleet.redo(at), "it has made nothing");
        fleet.edit(at, &[typed(0, "new")]);
        assert!(fleet.undo(at));
        assert_text(&mut fleet, at, "kept");
    }
}

/// All edit anything, take it back and do it again, updates arrive when they like,
/// in every other history beside syncs, and all agree.
pub fn undo_converges(engine: &dyn Engine) {
    if lacks(engine, &[]) {
        return;
    }
    let broadcasts = !super::delivery::lacks(engine, Delivery::Broadcast);
    for seed in 0..60 {
        let mut fleet = Fleet::tracking(engine, 3);
        let mut waiting = vec![Vec::new(); 3];
        let stream = Stream::root(seed).named("undo");
        let mut people = people(engine, stream, 3);
        let mut draws = stream.named("turns").draws();
        for _ in 0..60 {
            let at = draws.below(3) as usize;
            match draws.below(8) {
                0 | 1 => {
                    fleet.undo(at);
                }
                2 => {
                    fleet.redo(at);
                }
                _ => write(&mut fleet, &mut people, at),
            }
            if broadcasts {
                let updates = fleet.take_updates(at);
                for to in (0..3).filter(|to| *to != at) {
                    waiting[to].extend(updates.iter().cloned());
                }
            }
            let to = draws.below(3) as usize;
            match draws.below(6) {
                0 | 1 => waiting[to].drain(..).for_each(|update| fleet.apply(to, &update)),
                // An update may come after what a sync has brought.
                2 if !broadcasts || seed % 2 == 0 => fleet.sync(at, (at + 1) % 3),
                _ => {}
            }
        }
        for (to, updates) in waiting.into_iter().enumerate() {
            updates.iter().for_each(|update| fleet.apply(to, update));
        }
        if !broadcasts {
            fleet.sync_all();
        }
        fleet.assert_equal();
    }
}

/// In text, whatever somebody takes back or does again, no letter of another goes,
/// moves or comes back.
pub fn undo_touches_no_letter_of_others(engine: &dyn Engine) {
    if lacks(engine, &[ContainerKind::Text]) {
        return;
    }
    for seed in 0..60 {
        let mut fleet = Fleet::tracking(engine, 3);
        let mut draws = Stream::root(seed).named("letters").draws();
        // Whose a letter is shows in it.
        let mut next = 0;
        for _ in 0..80 {
            let turn = draws.below(3) as u32;
            let at = turn as usize;
            let before = fleet.typed(at);
            let own = before.chars().position(|letter| letter as u32 % 3 == turn);
            match (draws.below(8), own) {
                (0..=2, _) => {
                    let _ = if draws.below(3) == 0 { fleet.redo(at) } else { fleet.undo(at) };
                    let others = |text: &str| -> String {
                        text.chars().filter(|letter| *letter as u32 % 3 != turn).collect()
                    };
                    let after = fleet.typed(at);
                    if others(&before) != others(&after) {
                        fleet.fail(&format!("replica {at} made {before:?} into {after:?}"));
                    }
                }
                (3, Some(own)) => {
                    let action = Action::DeleteText { index: own as u32, count: 1 };
                    fleet.edit(at, &[self::at(ContainerKind::Text, action)]);
                }
                _ => {
                    let letters: String = (0..1 + draws.below(4))
                        .map(|_| {
                            next += 1;
                            char::from_u32(0x4e00 + 3 * next + turn).expect("a letter")
                        })
                        .collect();
                    let index = draws.below(before.chars().count() as u64 + 1) as u32;
                    fleet.edit(at, &[typed(index, &letters)]);
                }
            }
            if draws.below(4) == 0 {
                fleet.sync_all();
                fleet.assert_equal();
            }
        }
    }
}
