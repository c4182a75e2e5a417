//! Saving, loading, and damage in between.

mod support;

use deadzone_adapter_loro::Loro;
use deadzone_core::edit::{Action, ContainerKind};
use deadzone_core::engine::{Engine, EngineError, Replica, Save};
use deadzone_core::rng::Stream;
use support::*;

const TEXT: ContainerKind = ContainerKind::Text;

fn load(number: u64, stored: &[Vec<u8>]) -> Box<dyn Replica> {
    Loro.load(&setup(number), stored).expect("what was saved can be loaded")
}

fn refused(stored: &[Vec<u8>]) {
    match Loro.load(&setup(1), stored) {
        Err(EngineError::Refused(_)) => {}
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("damaged bytes were loaded"),
    }
}

/// A replica with a bit of everything, and the stamps of its edits.
fn lived_in(number: u64, edits: usize) -> Box<dyn Replica> {
    let mut it = replica(number);
    let mut draws = Stream::root(number).named("life").draws();
    let mut done = 0;
    while done < edits {
        done += usize::from(random_edit(&mut draws, it.as_mut()).is_some());
    }
    it
}

#[test]
fn a_whole_save_holds_everything() {
    for number in 0..10 {
        let mut it = lived_in(number, 60);
        let whole = it.save(Save::Whole);
        assert!(it.save(Save::Incremental).is_empty(), "nothing new since");
        let mut again = load(number, std::slice::from_ref(&whole));
        assert_eq!(again.read(), it.read());
        assert_eq!(again.version(), it.version());
        assert!(again.take_updates().is_empty(), "these were taken or are lost with the device");
        assert!(again.save(Save::Incremental).is_empty(), "all of it is stored");
        // The same goes for one that was loaded and edited, and forked.
        do_it(again.as_mut(), at(TEXT), insert_text(0, "after"));
        let fork = again.fork(&setup(99)).expect("forks are supported");
        let mut third = load(number, &[again.save(Save::Whole)]);
        for mut same in [fork, load(number, &[whole, again_incremental(&mut third)])] {
            assert_eq!(same.read(), again.read());
        }
    }
}

/// Everything of a replica that never saved incrementally is new to it.
fn again_incremental(it: &mut Box<dyn Replica>) -> Vec<u8> {
    let mut fork = it.fork(&setup(98)).expect("forks are supported");
    fork.save(Save::Incremental)
}

#[test]
fn increments_add_up_and_are_small() {
    let mut it = replica(1);
    do_it(it.as_mut(), at(TEXT), insert_text(0, &"long text ".repeat(500)));
    let mut stored = vec![it.save(Save::Whole)];
    let mut stamps = Vec::new();
    for round in 0..20 {
        stamps.push(do_it(it.as_mut(), at(TEXT), insert_text(round, "x")));
        let part = it.save(Save::Incremental);
        assert!(part.len() < 300, "{} bytes for one character", part.len());
        stored.push(part);
        if round == 10 {
            stored.push(it.save(Save::Incremental));
        }
    }
    let mut again = load(1, &stored);
    assert_eq!(again.read(), it.read());
    assert_eq!(times_seen(&stamps, &newly_seen(again.as_mut())), vec![1; stamps.len()]);
    let next = do_it(again.as_mut(), at(TEXT), insert_text(0, "y"));
    assert_eq!((next.lane, next.position), (stamps[19].lane, stamps[19].position + 1));
    stored.push(again.save(Save::Incremental));
    assert_eq!(load(1, &stored).read(), again.read());
    // A hole is not the end of the chain.
    stored.remove(5);
    refused(&stored);
}

#[test]
fn what_waits_is_stored() {
    let mut from = replica(1);
    for _ in 0..4 {
        do_it(from.as_mut(), at(TEXT), insert_text(0, "x"));
    }
    let updates = from.take_updates();
    let mut to = replica(2);
    do_it(to.as_mut(), at(TEXT), insert_text(0, "mine"));
    to.apply(&updates[3]).expect("an undamaged update");
    let mut stored = vec![to.save(Save::Whole)];
    assert!(to.save(Save::Incremental).is_empty());
    to.apply(&updates[1]).expect("an undamaged update");
    stored.push(to.save(Save::Incremental));
    assert!(!stored[1].is_empty());
    do_it(to.as_mut(), at(TEXT), insert_text(0, "more"));
    stored.push(to.save(Save::Incremental));
    let mut again = load(2, &stored);
    assert_eq!((again.read(), again.pending()), (to.read(), 2));
    again.apply(&updates[0]).expect("an undamaged update");
    assert_eq!(again.pending(), 1);
    again.apply(&updates[2]).expect("an undamaged update");
    assert_eq!((again.pending(), again.length(&at(TEXT))), (0, Some(12)));
    // What no longer waits is not stored a second time as such.
    stored.push(again.save(Save::Incremental));
    assert_eq!(load(2, &stored).read(), again.read());
    for part in 0..3 {
        damage(&stored[part], |damaged| {
            let mut stored = stored.clone();
            stored[part] = damaged;
            refused_or_same(&stored, &mut again);
        });
    }
}

#[test]
fn damage_is_refused() {
    let mut it = lived_in(5, 25);
    let mut stored = vec![it.save(Save::Whole)];
    do_it(it.as_mut(), at(TEXT), insert_text(0, "more"));
    stored.push(it.save(Save::Incremental));
    for part in 0..2 {
        damage(&stored[part], |damaged| {
            let mut stored = stored.clone();
            stored[part] = damaged;
            refused_or_same(&stored, &mut it);
        });
    }
    refused(&[]);
    refused(&[Vec::new()]);
    refused(&[b"loro".to_vec()]);
    refused(&[b"park".to_vec()]);
    refused(&[b"not a document, but long enough for a header".to_vec()]);
}

/// Cuts and flipped bits, at most some hundreds.
fn damage(bytes: &[u8], mut check: impl FnMut(Vec<u8>)) {
    let step = bytes.len() / 150 + 1;
    for cut in (1..bytes.len()).step_by(step) {
        check(bytes[..cut].to_vec());
    }
    for bit in (0..bytes.len() * 8).step_by(step * 8 - 1) {
        let mut damaged = bytes.to_vec();
        damaged[bit / 8] ^= 1 << (bit % 8);
        check(damaged);
    }
}

/// Twelve bytes of Loro's header have no meaning and are not under its checksum.
fn refused_or_same(stored: &[Vec<u8>], undamaged: &mut Box<dyn Replica>) {
    match Loro.load(&setup(5), stored) {
        Err(EngineError::Refused(_)) => {}
        Err(other) => panic!("{other:?}"),
        Ok(mut loaded) => assert_eq!(loaded.read(), undamaged.read()),
    }
}

#[test]
fn looking_changes_nothing() {
    let mut watched = lived_in(3, 40);
    let mut alone = lived_in(3, 40);
    for it in [&mut watched, &mut alone] {
        it.take_updates();
    }
    for round in 0..5 {
        let document = watched.read();
        for (path, _) in containers(&document) {
            watched.length(&path);
            watched.children(&path);
            watched.snap(&path, 1);
        }
        watched.version().expect("versions are supported");
        watched.pending();
        newly_seen(watched.as_mut());
        for it in [&mut watched, &mut alone] {
            do_it(it.as_mut(), at(TEXT), insert_text(round, "x"));
            let list = at(ContainerKind::MovableList);
            do_it(it.as_mut(), list, Action::Insert { index: 0, values: ints(&[1]) });
        }
        assert_eq!(watched.take_updates(), alone.take_updates());
    }
    assert_eq!(watched.save(Save::Incremental), alone.save(Save::Incremental));
    assert_eq!(watched.save(Save::Whole), alone.save(Save::Whole));
}
