use std::collections::{BTreeMap, BTreeSet};

use deadzone_conformance::fleet::{Fleet, setup};
use deadzone_conformance::generate::{people, write};
use deadzone_core::document::{Document, Node};
use deadzone_core::edit::{Action, ContainerKind, Edit, Path, Roots};
use deadzone_core::engine::{Engine, PeerId};
use deadzone_core::rng::Stream;
use proptest::prelude::*;

use super::wire::{self, Sealed};
use super::*;
use crate::seal;

fn text_roots() -> Roots {
    Roots::from([("text".to_owned(), ContainerKind::Text)])
}

fn on_text(action: Action) -> Edit {
    Edit { at: Path::root("text"), action }
}

fn shown(document: &Document) -> Vec<char> {
    match &document.roots["text"] {
        Node::Text(runs) => runs.iter().flat_map(|run| run.text.chars()).collect(),
        other => panic!("a text expected: {other:?}"),
    }
}

/// What three people wrote who heard of each other now and then: all updates,
/// in an order that keeps causes before effects.
fn updates_of_three(seed: u64) -> Vec<Vec<u8>> {
    let mut fleet = Fleet::of(&Reference, 3);
    let stream = Stream::root(seed).named("updates_of_three");
    let mut people = people(&Reference, stream, 3);
    let mut draws = stream.named("steps").draws();
    let mut updates = Vec::new();
    for _ in 0..30 {
        let at = draws.below(3) as usize;
        write(&mut fleet, &mut people, at);
        updates.extend(fleet.take_updates(at));
        if draws.below(4) == 0 {
            let other = (at + 1) % 3;
            fleet.sync(at, other);
        }
    }
    updates
}

/// Sorts `items` by `keys`, which gives every order for some keys.
fn in_order_of<T: Clone>(items: &[T], keys: &[u32]) -> Vec<T> {
    let mut keyed: Vec<_> = items.iter().zip(keys.iter().cycle()).enumerate().collect();
    keyed.sort_by_key(|(number, (_, key))| (**key, *number));
    keyed.into_iter().map(|(_, (item, _))| item.clone()).collect()
}

/// Replays typing at random places by three people who sync at random, checks
/// the strong list specification (Attiya et al., PODC 2016) on every state that
/// anyone was shown, and gives the final text. Each character occurs once.
fn check_strong_list(moves: &[(u8, u16, u8)]) {
    let mut fleet = Fleet::new(&Reference, &text_roots(), 3);
    let mut next = 0x4e00;
    let mut present: BTreeSet<char> = BTreeSet::new();
    let mut states = Vec::new();
    for &(who, share, what) in moves {
        let at = usize::from(who) % 3;
        let before = shown(&fleet.read(at));
        let index = usize::from(share) % (before.len() + 1);
        match what % 8 {
            0 | 1 if index < before.len() => {
                fleet.edit(at, &[on_text(Action::DeleteText { index: index as u32, count: 1 })]);
                present.remove(&before[index]);
                let mut expected = before.clone();
                expected.remove(index);
                assert_eq!(shown(&fleet.read(at)), expected);
            }
            2 => fleet.sync(at, (at + 1) % 3),
            length => {
                let letter = |number| char::from_u32(number).unwrap();
                let typed: Vec<_> = (next..next + u32::from(length)).map(letter).collect();
                next += u32::from(length);
                let text = typed.iter().collect();
                fleet.edit(at, &[on_text(Action::InsertText { index: index as u32, text })]);
                present.extend(&typed);
                // Locally it stands exactly where it was put.
                let mut expected = before.clone();
                expected.splice(index..index, typed);
                assert_eq!(shown(&fleet.read(at)), expected);
            }
        }
        states.push(shown(&fleet.read(at)));
    }
    fleet.sync_all();
    let last = shown(&fleet.assert_equal());
    // A removed character may have been removed by several, and none comes back.
    assert_eq!(last.iter().copied().collect::<BTreeSet<_>>(), present);
    assert_eq!(last.len(), present.len());
    states.push(last);
    assert!(has_one_order(&states), "the states do not fit into one order of all characters");
}

/// Whether one order of all characters agrees with every state.
fn has_one_order(states: &[Vec<char>]) -> bool {
    let mut after: BTreeMap<char, BTreeSet<char>> = BTreeMap::new();
    let mut befores: BTreeMap<char, usize> = BTreeMap::new();
    for state in states {
        for character in state {
            befores.entry(*character).or_default();
        }
        for pair in state.windows(2) {
            if after.entry(pair[0]).or_default().insert(pair[1]) {
                *befores.entry(pair[1]).or_default() += 1;
            }
        }
    }
    let mut free: Vec<char> = befores.iter().filter(|(_, n)| **n == 0).map(|(c, _)| *c).collect();
    let mut sorted = 0;
    while let Some(character) = free.pop() {
        sorted += 1;
        for next in after.get(&character).into_iter().flatten() {
            let before = befores.get_mut(next).unwrap();
            *before -= 1;
            if *before == 0 {
                free.push(*next);
            }
        }
    }
    sorted == befores.len()
}

#[test]
fn the_order_checker_finds_a_contradiction() {
    let state = |text: &str| text.chars().collect::<Vec<_>>();
    assert!(has_one_order(&[state("ab"), state("bc"), state("abc")]));
    assert!(!has_one_order(&[state("ab"), state("bc"), state("ca")]));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..Default::default() })]

    #[test]
    fn converges_in_any_order_of_delivery(
        seed in any::<u64>(),
        keys in prop::collection::vec(any::<u32>(), 40),
    ) {
        let updates = updates_of_three(seed);
        let mut fleet = Fleet::of_strangers(&Reference, 2);
        updates.iter().for_each(|update| fleet.apply(0, update));
        for update in in_order_of(&updates, &keys) {
            fleet.apply(1, &update);
            // Every state on the way can be shown, saved and gone on from.
            fleet.read(1);
        }
        fleet.assert_equal();
    }

    #[test]
    fn keeps_the_strong_list_specification(
        moves in prop::collection::vec(any::<(u8, u16, u8)>(), 1..60),
    ) {
        check_strong_list(&moves);
    }

    #[test]
    fn bytes_are_read_as_they_were_written(seed in any::<u64>()) {
        for update in updates_of_three(seed) {
            let Sealed::Batch(transactions) = wire::open(&update).unwrap() else {
                panic!("an update is a batch");
            };
            prop_assert_eq!(wire::batch(transactions.iter()), update);
        }
    }

    /// Whoever can compute a checksum can send anything.
    #[test]
    fn hostile_bytes_do_no_harm(
        seed in any::<u64>(),
        places in prop::collection::vec(any::<(u16, u8)>(), 1..4),
        garbage in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let mut fleet = Fleet::of_strangers(&Reference, 1);
        fleet.replicas[0].connect(PeerId(1), None).unwrap();
        for update in updates_of_three(seed) {
            let mut body = seal::open(&update).unwrap().to_vec();
            let length = body.len();
            for (place, byte) in &places {
                body[usize::from(*place) % length] = *byte;
            }
            for bytes in [seal::seal(body), update] {
                drop(fleet.replicas[0].apply(&bytes));
                drop(fleet.replicas[0].receive(PeerId(1), &bytes));
            }
            fleet.read(0);
        }
        for kind in [0_u8, 1, 2] {
            let bytes = seal::seal([&[kind], garbage.as_slice()].concat());
            drop(fleet.replicas[0].apply(&bytes));
            drop(fleet.replicas[0].receive(PeerId(1), &bytes));
            let version = deadzone_core::engine::Version(bytes);
            drop(fleet.replicas[0].checkout(&version));
        }
        let before = shown(&fleet.read(0)).len();
        fleet.edit(0, &[on_text(Action::InsertText { index: 0, text: "on".to_owned() })]);
        prop_assert_eq!(shown(&fleet.read(0)).len(), before + 2);
    }
}

/// What two people type at one place at once, each in the given direction.
fn typed_at_once(forward: bool) -> String {
    let mut fleet = Fleet::new(&Reference, &text_roots(), 2);
    fleet.edit(0, &[on_text(Action::InsertText { index: 0, text: "<>".to_owned() })]);
    fleet.sync(0, 1);
    for (at, word) in ["left", "RIGHT"].into_iter().enumerate() {
        for (step, letter) in word.chars().enumerate() {
            let index = if forward { 1 + step as u32 } else { 1 };
            let text = letter.to_string();
            fleet.edit(at, &[on_text(Action::InsertText { index, text })]);
        }
    }
    fleet.sync(0, 1);
    shown(&fleet.assert_equal()).into_iter().collect()
}

#[test]
fn words_typed_at_once_do_not_interleave() {
    let forward = typed_at_once(true);
    assert!(["<leftRIGHT>", "<RIGHTleft>"].contains(&forward.as_str()), "{forward}");
    let backward = typed_at_once(false);
    assert!(["<tfelTHGIR>", "<THGIRtfel>"].contains(&backward.as_str()), "{backward}");
}

#[test]
fn a_store_keeps_what_waits() {
    let mut author = Fleet::new(&Reference, &text_roots(), 1);
    for letter in ["a", "b", "c"] {
        author.edit(0, &[on_text(Action::InsertText { index: 0, text: letter.to_owned() })]);
    }
    let updates = author.take_updates(0);
    let setup = setup(9, &text_roots());
    let mut reader = Reference.create(&setup).unwrap();
    reader.apply(&updates[2]).unwrap();
    reader.apply(&updates[1]).unwrap();
    assert_eq!((reader.pending(), shown(&reader.read()).len()), (2, 0));
    let stored = reader.save(deadzone_core::engine::Save::Incremental);
    let mut loaded = Reference.load(&setup, &[stored]).unwrap();
    assert_eq!(loaded.pending(), 2);
    loaded.apply(&updates[0]).unwrap();
    assert_eq!((loaded.pending(), shown(&loaded.read())), (0, vec!['c', 'b', 'a']));
}
