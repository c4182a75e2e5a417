//! Stamps: who has seen what, and when.

use std::collections::BTreeSet;

use deadzone_core::engine::{Delivery, Engine, Save, Stamp};
use deadzone_core::rng::Stream;

use super::delivery::lacks;
use crate::fleet::{Fleet, setup};
use crate::generate::{people, write};

/// Fails unless each replica has seen each edit of the others exactly once,
/// and no own one that nobody shares.
fn check_seen_once(fleet: &Fleet<'_>) {
    let stamps: BTreeSet<Stamp> = fleet.made.iter().map(|(_, stamp)| *stamp).collect();
    for (number, seen) in fleet.seen.iter().enumerate() {
        for stamp in &stamps {
            let makers: Vec<_> =
                fleet.made.iter().filter(|(_, made)| made == stamp).map(|(at, _)| *at).collect();
            let times = seen.iter().filter(|seen| seen.holds(*stamp)).count();
            let expected = match makers.contains(&number) {
                true if makers.iter().all(|maker| *maker == number) => times == 0,
                true => times <= 1,
                false => times == 1,
            };
            if !expected {
                fleet.fail(&format!("replica {number} saw {stamp:?} of {makers:?} {times} times"));
            }
        }
    }
}

/// Fails if `at` has seen an edit of another replica.
fn check_saw_nothing(fleet: &mut Fleet<'_>, at: usize) {
    let news = fleet.look(at);
    let early = fleet
        .made
        .iter()
        .find(|(maker, stamp)| *maker != at && news.iter().any(|seen| seen.holds(*stamp)));
    if let Some((maker, stamp)) = early {
        fleet.fail(&format!("replica {at} saw {stamp:?} of {maker} before it arrived"));
    }
}

/// Over the protocol each edit is seen once, also through a third replica and
/// after reconnects, and none before a message came.
pub fn seen_once_over_the_protocol(engine: &dyn Engine) {
    for seed in 0..6 {
        let mut fleet = Fleet::of(engine, 3);
        let mut people = people(engine, Stream::root(seed).named("stamps"), 3);
        for round in 0..4 {
            for at in 0..3 {
                (0..3).for_each(|_| write(&mut fleet, &mut people, at));
            }
            (0..3).for_each(|at| check_saw_nothing(&mut fleet, at));
            fleet.connect(0, 1);
            fleet.connect(1, 2);
            // What is under way was not received.
            fleet.poll(0, 1);
            fleet.poll(1, 2);
            (0..3).for_each(|at| check_saw_nothing(&mut fleet, at));
            if round % 2 == 0 {
                for _ in 0..6 {
                    fleet.exchange(1);
                    (0..3).for_each(|at| drop(fleet.look(at)));
                }
            } else {
                fleet.settle();
            }
            fleet.settle();
            fleet.disconnect(0, 1);
            fleet.disconnect(1, 2);
            (0..3).for_each(|at| drop(fleet.look(at)));
            fleet.assert_equal();
            check_seen_once(&fleet);
        }
    }
}

/// Over broadcast each edit is seen once, in any order and when some updates
/// come twice; in order, each with the update that brought it.
pub fn seen_once_over_broadcast(engine: &dyn Engine) {
    if lacks(engine, Delivery::Broadcast) {
        return;
    }
    for seed in 0..6 {
        let mut fleet = Fleet::of(engine, 3);
        let mut people = people(engine, Stream::root(seed).named("stamps"), 3);
        let mut updates = Vec::new();
        for _ in 0..12 {
            let made = fleet.made.len();
            write(&mut fleet, &mut people, 0);
            let new = fleet.take_updates(0);
            if fleet.made.len() == made {
                continue;
            }
            assert!(!new.is_empty(), "an edit without an update");
            check_saw_nothing(&mut fleet, 1);
            for update in &new {
                fleet.apply(1, update);
            }
            let news = fleet.look(1);
            let (_, stamp) = fleet.made[made];
            let earlier = fleet.made[..made].iter().any(|(_, earlier)| *earlier == stamp);
            if !earlier && !news.iter().any(|seen| seen.holds(stamp)) {
                fleet.fail(&format!("1 applied the update of {stamp:?}, but saw {news:?}"));
            }
            updates.extend(new);
        }
        // Backwards, and every third two times.
        for (number, update) in updates.iter().enumerate().rev() {
            for _ in 0..=usize::from(number % 3 == 0) {
                fleet.apply(2, update);
                drop(fleet.look(2));
            }
        }
        updates.iter().for_each(|update| fleet.apply(1, update));
        (0..3).for_each(|at| drop(fleet.look(at)));
        fleet.assert_equal();
        check_seen_once(&fleet);
    }
}

/// A loaded replica names everything that it holds, once.
pub fn seen_after_a_load(engine: &dyn Engine) {
    for seed in 0..6 {
        let mut fleet = Fleet::of(engine, 2);
        let mut people = people(engine, Stream::root(seed).named("stamps"), 2);
        for at in 0..2 {
            (0..6).for_each(|_| write(&mut fleet, &mut people, at));
        }
        fleet.sync(0, 1);
        let mut stored = vec![fleet.replicas[0].save(Save::Whole)];
        (0..3).for_each(|_| write(&mut fleet, &mut people, 0));
        stored.push(fleet.replicas[0].save(Save::Incremental));
        for id in [1, 9] {
            let loaded = engine.load(&setup(id, &fleet.roots), &stored);
            let mut loaded = loaded.unwrap_or_else(|error| panic!("cannot load: {error}"));
            let mut seen = Vec::new();
            loaded.newly_seen(&mut seen);
            for (maker, stamp) in &fleet.made {
                let times = seen.iter().filter(|seen| seen.holds(*stamp)).count();
                if times != 1 {
                    fleet.fail(&format!("loaded, {stamp:?} of {maker} is seen {times} times"));
                }
            }
            seen.clear();
            loaded.newly_seen(&mut seen);
            assert!(seen.is_empty(), "seen again: {seen:?}");
        }
    }
}
