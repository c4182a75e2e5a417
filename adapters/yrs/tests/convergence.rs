//! Random histories of three replicas over everything at once.

mod common;

use common::*;
use deadzone_adapter_yrs::Yrs;
use deadzone_core::engine::{Engine, Replica, Save};
use deadzone_core::rng::Stream;

/// A history in which links come and go in the middle of a sync, messages in
/// flight are lost with them, and replicas are loaded from their stores.
fn run(seed: u64) {
    let engine = Yrs::default();
    let mut all: [Box<dyn Replica>; 3] = replicas();
    let mut authors = [0, 1, 2].map(|number| Author::new(seed, number));
    let mut stores: Vec<Vec<Vec<u8>>> =
        all.iter_mut().map(|replica| vec![replica.save(Save::Whole)]).collect();
    let links = [(0, 1), (1, 2), (0, 2)];
    let mut up = [false; 3];
    let mut draws = Stream::root(seed).named("history").draws();
    for _ in 0..150 {
        let number = draws.below(3) as usize;
        let (a, b) = links[number];
        match draws.below(12) {
            0 if up[number] => {
                disconnect(&mut all, a, b);
                up[number] = false;
            }
            0 => {
                connect(&mut all, a, b);
                up[number] = true;
            }
            1..4 if up[number] => {
                let (from, to) = if draws.below(2) == 0 { (a, b) } else { (b, a) };
                if let Some(message) = all[from].poll(peer(to)) {
                    all[to].receive(peer(from), &message).expect("a message");
                }
            }
            4 => stores[number].push(all[number].save(Save::Incremental)),
            5 if draws.below(4) == 0 => {
                stores[number].push(all[number].save(Save::Incremental));
                for (link, (a, b)) in links.into_iter().enumerate() {
                    if up[link] && (a == number || b == number) {
                        disconnect(&mut all, a, b);
                        up[link] = false;
                    }
                }
                let before = all[number].read();
                all[number] =
                    engine.load(&setup(number as u64), &stores[number]).expect("just saved");
                assert_eq!(all[number].read(), before, "seed {seed}");
                if draws.below(2) == 0 {
                    stores[number] = vec![all[number].save(Save::Whole)];
                }
            }
            _ => {
                let edit = authors[number].edit(&all[number].read());
                all[number].edit(&[edit]).expect("it fits");
            }
        }
    }
    for (link, (a, b)) in links.into_iter().enumerate() {
        if !up[link] {
            connect(&mut all, a, b);
        }
    }
    settle(&mut all, &links);
    assert_converged(&mut all);
    let document = all[0].read();
    for (number, store) in stores.iter_mut().enumerate() {
        store.push(all[number].save(Save::Incremental));
        let whole = vec![all[number].save(Save::Whole)];
        for store in [store, &whole] {
            let mut loaded = engine.load(&setup(number as u64), store).expect("just saved");
            assert_eq!(loaded.read(), document, "seed {seed}");
        }
    }
}

#[test]
fn three_replicas_converge() {
    for seed in 0..150 {
        run(seed);
    }
}

/// The bytes of a history, in the order in which they were made.
fn transcript(seed: u64) -> Vec<Vec<u8>> {
    let mut all: [Box<dyn Replica>; 2] = replicas();
    let mut bytes = Vec::new();
    connect(&mut all, 0, 1);
    for round in 0..10 {
        for (number, replica) in all.iter_mut().enumerate() {
            let mut author = Author::new(seed * 100 + round, number as u64);
            for _ in 0..6 {
                let edit = author.edit(&replica.read());
                replica.edit(&[edit]).expect("it fits");
            }
        }
        for (from, to) in [(0, 1), (1, 0), (0, 1), (1, 0)] {
            while let Some(message) = all[from].poll(peer(to)) {
                all[to].receive(peer(from), &message).expect("a message");
                bytes.push(message);
            }
        }
    }
    bytes.push(all[0].save(Save::Whole));
    bytes.push(all[1].save(Save::Whole));
    bytes
}

/// Outside the sandbox std's hash maps differ from one to the next, so this
/// shows what depends on them: the order inside plain objects, and no more.
#[test]
fn the_same_history_gives_bytes_of_the_same_length() {
    for seed in 0..10 {
        let (one, two) = (transcript(seed), transcript(seed));
        let sorted = |bytes: &[Vec<u8>]| -> Vec<Vec<u8>> {
            bytes
                .iter()
                .map(|bytes| {
                    let mut bytes = bytes.clone();
                    bytes.sort_unstable();
                    bytes
                })
                .collect()
        };
        assert_eq!(sorted(&one), sorted(&two));
    }
}
