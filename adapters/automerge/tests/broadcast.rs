//! Updates by themselves, in any order and more than once.

mod common;

use common::*;
use deadzone_core::engine::{Save, Seen};
use deadzone_core::rng::{Draws, Stream};

fn shuffle<T>(items: &mut [T], draws: &mut Draws) {
    for last in (1..items.len()).rev() {
        items.swap(last, draws.below(last as u64 + 1) as usize);
    }
}

#[test]
fn order_and_repetition_do_not_matter() {
    for seed in 0..10 {
        let mut draws = Stream::root(seed).named("broadcast").draws();
        let mut serial = 0;
        let mut authors = [replica(1), replica(2)];
        let mut updates = Vec::new();
        for _ in 0..6 {
            for author in &mut authors {
                random_edits(author, &mut draws, &mut serial, 4);
                updates.extend(author.take_updates());
                assert!(author.take_updates().is_empty());
            }
            let [one, other] = &mut authors;
            sync(one, other);
            assert!(one.take_updates().is_empty(), "only what was made here");
        }
        let document = assert_same(&mut authors);
        let mut twice: Vec<&Vec<u8>> = updates.iter().chain(&updates).collect();
        shuffle(&mut twice, &mut draws);
        let mut reader = replica(3);
        let mut known = std::collections::BTreeMap::<u64, u64>::new();
        for (number, update) in twice.iter().enumerate() {
            reader.apply(update).unwrap();
            for Seen { lane, after, through } in seen(&mut reader) {
                assert_eq!(known.insert(lane, through).unwrap_or(0), after);
            }
            if number == twice.len() / 2 {
                reader = load(3, &[reader.save(Save::Whole)]).unwrap();
                let mut again: Vec<(u64, u64)> =
                    seen(&mut reader).iter().map(|seen| (seen.lane, seen.through)).collect();
                again.sort_unstable();
                assert_eq!(again, known.clone().into_iter().collect::<Vec<_>>());
            }
        }
        assert_eq!(reader.pending(), 0);
        assert_eq!(reader.read(), document);
        assert_eq!(reader.version(), authors[0].version());
        let seen: u64 = known.values().sum();
        assert_eq!(seen, updates.len() as u64);
    }
}

#[test]
fn what_lacks_its_past_waits_and_is_counted() {
    let (mut one, mut other) = (replica(1), replica(2));
    let updates: Vec<Vec<u8>> = (0..6)
        .flat_map(|n| {
            edit(&mut one, "text", text(n, "a"));
            one.take_updates()
        })
        .collect();
    for (number, update) in updates[1..].iter().rev().enumerate() {
        other.apply(update).unwrap();
        other.apply(update).unwrap();
        assert_eq!(other.pending(), number + 1);
        assert_eq!(seen(&mut other), []);
    }
    other.apply(&updates[0]).unwrap();
    assert_eq!(other.pending(), 0);
    assert_eq!(seen(&mut other).len(), 1);
    assert_same(&mut [one, other]);
}

/// What waits comes along when a document is sent whole.
#[test]
fn waiting_updates_travel_with_a_sync() {
    let (mut one, mut two, mut three) = (replica(1), replica(2), replica(3));
    edit(&mut one, "text", text(0, "a"));
    edit(&mut one, "text", text(1, "b"));
    let updates = one.take_updates();
    two.apply(&updates[1]).unwrap();
    edit(&mut two, "map", put("k", int(1)));
    sync(&mut two, &mut three);
    assert_eq!((two.pending(), three.read()), (1, two.read()));
    for replica in [&mut two, &mut three] {
        replica.apply(&updates[0]).unwrap();
        replica.apply(&updates[1]).unwrap();
        assert_eq!(replica.pending(), 0);
    }
    assert_same(&mut [two, three]);
}

#[test]
fn several_edits_are_several_updates_in_order() {
    let mut one = replica(1);
    for n in 0..5 {
        edit(&mut one, "text", text(n, "a"));
    }
    let updates = one.take_updates();
    assert_eq!(updates.len(), 5);
    let mut other = replica(2);
    for (number, update) in updates.iter().enumerate() {
        other.apply(update).unwrap();
        assert_eq!(other.length(&path("text")), Some(number as u32 + 1));
    }
    // Long ones are compressed, as Automerge sends them.
    edit(&mut one, "text", text(0, &"long ".repeat(200)));
    let long = one.take_updates().pop().unwrap();
    assert!(long.len() < 500, "{} bytes", long.len());
    other.apply(&long).unwrap();
    assert_same(&mut [one, other]);
}
