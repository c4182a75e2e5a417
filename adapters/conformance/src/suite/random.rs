//! Random histories: nested containers, several people, everything at once.

use deadzone_core::engine::{Delivery, Engine, Save};
use deadzone_core::model::Model;
use deadzone_core::rng::Stream;

use super::delivery::lacks;
use crate::fleet::{Fleet, setup, text};
use crate::generate::{people, write};

/// Three or four people edit while connections come and go and apps restart;
/// in the end all hold the same document.
pub fn converges_over_the_protocol(engine: &dyn Engine) {
    for seed in 0..32 {
        history_over_the_protocol(engine, seed);
    }
}

fn history_over_the_protocol(engine: &dyn Engine, seed: u64) -> Fleet<'_> {
    let stream = Stream::root(seed).named("protocol");
    let mut draws = stream.named("steps").draws();
    let count = 3 + draws.below(2) as usize;
    let mut fleet = Fleet::of(engine, count);
    fleet.tell(format!("seed {seed}"));
    let mut people = people(engine, stream, count);
    let mut connected: Vec<(usize, usize)> = Vec::new();
    for _ in 0..70 {
        let at = draws.below(count as u64) as usize;
        match draws.below(20) {
            0..=11 => write(&mut fleet, &mut people, at),
            12 | 13 => {
                let other = (at + 1 + draws.below(count as u64 - 1) as usize) % count;
                let pair = (at.min(other), at.max(other));
                if !connected.contains(&pair) {
                    fleet.connect(pair.0, pair.1);
                    connected.push(pair);
                }
            }
            14 | 15 if !connected.is_empty() => {
                let which = draws.below(connected.len() as u64) as usize;
                let (one, other) = connected.swap_remove(which);
                fleet.disconnect(one, other);
            }
            16 => {
                // The app restarts with everything that it had.
                for (one, other) in connected.extract_if(.., |pair| pair.0 == at || pair.1 == at) {
                    fleet.disconnect(one, other);
                }
                let stored = fleet.replicas[at].save(Save::Whole);
                fleet.tell(format!("{at} restarts"));
                match engine.load(&setup(at + 1, &fleet.roots), &[stored]) {
                    Ok(loaded) => fleet.replicas[at] = loaded,
                    Err(error) => fleet.fail(&format!("{at} cannot load: {error}")),
                }
            }
            _ => drop(fleet.exchange(draws.below(6) as usize)),
        }
    }
    for (one, other) in connected {
        fleet.disconnect(one, other);
    }
    fleet.sync_all();
    let document = fleet.assert_equal();
    // From the beginning, and from a store, it is the same.
    let fresh = fleet.add();
    fleet.sync(0, fresh);
    let stored = fleet.replicas[1].save(Save::Whole);
    let setup = fleet.fresh_setup();
    let loaded = engine.load(&setup, &[stored]);
    let loaded = loaded.unwrap_or_else(|error| fleet.fail(&format!("cannot load: {error}")));
    fleet.join(loaded);
    assert_eq!(text(&fleet.assert_equal()), text(&document));
    fleet
}

/// Three or four people edit and broadcast; updates come late, out of order and
/// some twice; in the end all hold the same document and wait for nothing.
pub fn converges_over_broadcast(engine: &dyn Engine) {
    if lacks(engine, Delivery::Broadcast) {
        return;
    }
    for seed in 0..32 {
        history_over_broadcast(engine, seed);
    }
}

fn history_over_broadcast(engine: &dyn Engine, seed: u64) -> Fleet<'_> {
    let stream = Stream::root(seed).named("broadcast");
    let mut draws = stream.named("steps").draws();
    let count = 3 + draws.below(2) as usize;
    let mut fleet = Fleet::of(engine, count);
    fleet.tell(format!("seed {seed}"));
    let mut people = people(engine, stream, count);
    // What is under way to each replica, and every update ever.
    let mut under_way: Vec<Vec<Vec<u8>>> = vec![Vec::new(); count];
    let mut all: Vec<Vec<u8>> = Vec::new();
    for _ in 0..70 {
        let at = draws.below(count as u64) as usize;
        match draws.below(10) {
            0..=4 => write(&mut fleet, &mut people, at),
            5 => {
                for update in fleet.take_updates(at) {
                    all.push(update.clone());
                    for (to, way) in under_way.iter_mut().enumerate().filter(|(to, _)| *to != at) {
                        way.push(update.clone());
                        if (draws.below(8) + to as u64).is_multiple_of(8) {
                            way.push(update.clone());
                        }
                    }
                }
            }
            _ => {
                for _ in 0..draws.below(6) {
                    let waiting = under_way[at].len() as u64;
                    if waiting > 0 {
                        let update = under_way[at].swap_remove(draws.below(waiting) as usize);
                        fleet.apply(at, &update);
                    }
                }
            }
        }
    }
    for at in 0..count {
        let updates = fleet.take_updates(at);
        for (_, way) in under_way.iter_mut().enumerate().filter(|(to, _)| *to != at) {
            way.extend(updates.iter().cloned());
        }
        all.extend(updates);
    }
    for (at, way) in under_way.into_iter().enumerate() {
        way.iter().rev().for_each(|update| fleet.apply(at, update));
    }
    let document = fleet.assert_equal();
    let fresh = fleet.add();
    all.iter().for_each(|update| fleet.apply(fresh, update));
    assert_eq!(text(&fleet.assert_equal()), text(&document));
    fleet
}

/// Where people take turns and sync in between, nothing is concurrent, so the
/// document is the one that a single person would have made.
pub fn agrees_with_the_model_in_turns(engine: &dyn Engine) {
    for seed in 0..6 {
        let stream = Stream::root(seed).named("turns");
        let mut draws = stream.named("steps").draws();
        let mut fleet = Fleet::of(engine, 3);
        let mut people = people(engine, stream, 3);
        let mut model = Model::new(&fleet.roots);
        let mut at = 0;
        for _ in 0..80 {
            let edits = people[at].transaction(&model.document(), &fleet.roots);
            fleet.edit(at, &edits);
            let ours = model.apply(&edits);
            ours.expect("the generator makes edits that fit the document");
            if draws.below(3) == 0 {
                let next = draws.below(3) as usize;
                if next != at {
                    fleet.sync(at, next);
                }
                at = next;
                let (should, is) = (text(&model.document()), text(&fleet.read(at)));
                if should != is {
                    fleet.fail(&format!("the document should be\n  {should}\nbut is\n  {is}"));
                }
            }
        }
        fleet.sync_all();
        assert_eq!(text(&fleet.assert_equal()), text(&model.document()));
    }
}

/// The same calls with the same ids give the same bytes.
pub fn same_calls_same_bytes(engine: &dyn Engine) {
    let check = |history: fn(&dyn Engine, u64) -> Fleet<'_>, seed: u64| {
        let (one, other) = (history(engine, seed), history(engine, seed));
        assert_eq!(one.story, other.story, "the same seed tells another story");
        for (number, (one, other)) in one.bytes.iter().zip(&other.bytes).enumerate() {
            assert_eq!(one, other, "message {number} of seed {seed} differs between two runs");
        }
        assert_eq!(one.bytes.len(), other.bytes.len());
        assert_eq!(one.made, other.made, "stamps differ between two runs");
    };
    for seed in 100..103 {
        check(history_over_the_protocol, seed);
        if !lacks(engine, Delivery::Broadcast) {
            check(history_over_broadcast, seed);
        }
    }
}
