//! Stores, forks and versions: another way to the same document.

use deadzone_core::engine::{Delivery, Engine, EngineError, Save};
use deadzone_core::rng::Stream;

use super::delivery::{diverged, lacks};
use crate::fleet::{Fleet, setup, text};
use crate::generate::{people, write};

/// What is saved whole, loaded and read is the same, goes on editing, and syncs.
pub fn saves_whole(engine: &dyn Engine) {
    for seed in 0..4 {
        let (mut fleet, mut people) = diverged(engine, seed, 4);
        let stored = fleet.replicas[0].save(Save::Whole);
        let before = fleet.read(0);
        // Under its own id, as after a restart of the app.
        let mut loaded = match engine.load(&setup(1, &fleet.roots), std::slice::from_ref(&stored)) {
            Ok(loaded) => loaded,
            Err(error) => fleet.fail(&format!("cannot load what was saved: {error}")),
        };
        assert_eq!(text(&loaded.read()), text(&before));
        assert!(loaded.take_updates().is_empty(), "what was loaded is not news to broadcast");
        fleet.replicas[0] = loaded;
        fleet.forget(0, 1);
        fleet.forget(1, 0);
        write(&mut fleet, &mut people, 0);
        write(&mut fleet, &mut people, 1);
        fleet.sync(0, 1);
        let synced = fleet.assert_equal();
        // Under another id, as on another device.
        let setup = fleet.fresh_setup();
        let other = engine.load(&setup, &[stored]).expect("it loaded before");
        let number = fleet.join(other);
        assert_eq!(text(&fleet.read(number)), text(&before));
        people.push(people[0].clone());
        fleet.sync(0, number);
        assert_eq!(text(&fleet.assert_equal()), text(&synced));
        write(&mut fleet, &mut people, number);
        fleet.sync_all();
        fleet.assert_equal();
    }
}

/// A whole save and the incremental ones since, together, are the document at
/// each of those points.
pub fn saves_incrementally(engine: &dyn Engine) {
    for seed in 0..4 {
        let mut fleet = Fleet::of(engine, 2);
        let mut people = people(engine, Stream::root(seed).named("incremental"), 2);
        write(&mut fleet, &mut people, 0);
        let mut stored = vec![fleet.replicas[0].save(Save::Whole)];
        for round in 0..6 {
            match round {
                0 | 3 => (0..3).for_each(|_| write(&mut fleet, &mut people, 0)),
                1 => {
                    (0..3).for_each(|_| write(&mut fleet, &mut people, 1));
                    fleet.sync(0, 1);
                }
                2 => {}
                4 => stored = vec![fleet.replicas[0].save(Save::Whole)],
                _ => {
                    write(&mut fleet, &mut people, 1);
                    fleet.sync(0, 1);
                    write(&mut fleet, &mut people, 0);
                }
            }
            stored.push(fleet.replicas[0].save(Save::Incremental));
            let setup = setup(1, &fleet.roots);
            let mut loaded = match engine.load(&setup, &stored) {
                Ok(loaded) => loaded,
                Err(error) => fleet.fail(&format!("cannot load what was saved: {error}")),
            };
            assert_eq!(text(&loaded.read()), text(&fleet.read(0)), "round {round}");
            if round % 2 == 1 {
                // Goes on as what was loaded, with the same files.
                fleet.replicas[0] = loaded;
                fleet.forget(0, 1);
            }
        }
        fleet.sync(0, 1);
        fleet.assert_equal();
    }
}

/// The app restarts after any number of messages of a sync.
pub fn saves_in_mid_sync(engine: &dyn Engine) {
    for after in 0..10 {
        for incremental in [false, true] {
            let (mut fleet, mut people) = diverged(engine, after, 3);
            let mut stored = vec![fleet.replicas[0].save(Save::Whole)];
            fleet.connect(0, 1);
            fleet.exchange(after as usize);
            fleet.poll(0, 1);
            if incremental {
                stored.push(fleet.replicas[0].save(Save::Incremental));
            } else {
                stored = vec![fleet.replicas[0].save(Save::Whole)];
            }
            fleet.disconnect(0, 1);
            let loaded = engine.load(&setup(1, &fleet.roots), &stored);
            fleet.replicas[0] = loaded.unwrap_or_else(|error| panic!("cannot load: {error}"));
            fleet.forget(0, 1);
            write(&mut fleet, &mut people, 0);
            fleet.sync(0, 1);
            fleet.assert_equal();
        }
    }
}

/// A new replica that gets everything, by any way, is equal to the old ones.
pub fn a_fresh_replica_is_the_same(engine: &dyn Engine) {
    for seed in 0..4 {
        let (mut fleet, _) = diverged(engine, seed, 4);
        fleet.sync(0, 1);
        let fresh = fleet.add();
        fleet.sync(1, fresh);
        fleet.assert_equal();
        let stored = fleet.replicas[fresh].save(Save::Whole);
        let setup = fleet.fresh_setup();
        let loaded = engine.load(&setup, &[stored]).expect("what was saved loads");
        fleet.join(loaded);
        fleet.assert_equal();
        if !lacks(engine, Delivery::Broadcast) {
            let (updates, document) = super::delivery::updates_of_two(engine, seed);
            let mut fresh = Fleet::of_strangers(engine, 2);
            updates.iter().for_each(|update| fresh.apply(0, update));
            fresh.sync(0, 1);
            assert_eq!(text(&fresh.assert_equal()), text(&document));
        }
    }
}

/// A fork holds what it was forked from, and the two go on by themselves.
#[expect(clippy::print_stderr, reason = "what is left out must be seen")]
pub fn forks(engine: &dyn Engine) {
    for seed in 0..4 {
        let (mut fleet, mut people) = diverged(engine, seed, 3);
        let setup = fleet.fresh_setup();
        let forked = match fleet.replicas[0].fork(&setup) {
            Ok(forked) => forked,
            Err(EngineError::NotSupported(_)) => {
                return eprintln!("left out: {} does not fork", engine.info().name);
            }
            Err(error) => fleet.fail(&format!("cannot fork: {error}")),
        };
        let fork = fleet.join(forked);
        assert_eq!(text(&fleet.read(fork)), text(&fleet.read(0)));
        people.push(crate::generate::people(engine, Stream::root(seed).named("fork"), 3).remove(2));
        let before = text(&fleet.read(0));
        (0..3).for_each(|_| write(&mut fleet, &mut people, fork));
        assert_eq!(text(&fleet.read(0)), before, "a fork writes into its origin");
        (0..3).for_each(|_| write(&mut fleet, &mut people, 0));
        fleet.sync(0, fork);
        fleet.sync_all();
        fleet.assert_equal();
    }
}

/// A recorded version gives the document as it was then.
#[expect(clippy::print_stderr, reason = "what is left out must be seen")]
pub fn checks_out_versions(engine: &dyn Engine) {
    for seed in 0..3 {
        let mut fleet = Fleet::of(engine, 2);
        let mut people = people(engine, Stream::root(seed).named("versions"), 2);
        let mut recorded = Vec::new();
        for round in 0..16 {
            write(&mut fleet, &mut people, round % 2);
            if round % 5 == 4 {
                fleet.sync(0, 1);
            }
            match fleet.replicas[0].version() {
                Ok(version) => recorded.push((version, fleet.read(0))),
                Err(EngineError::NotSupported(_)) => {
                    return eprintln!("left out: {} has no versions", engine.info().name);
                }
                Err(error) => fleet.fail(&format!("no version: {error}")),
            }
        }
        let now = fleet.read(0);
        for (round, (version, then)) in recorded.iter().enumerate() {
            match fleet.replicas[0].checkout(version) {
                Ok(document) => assert_eq!(text(&document), text(then), "round {round}"),
                Err(EngineError::NotSupported(_)) => {
                    return eprintln!("left out: {} has no checkout", engine.info().name);
                }
                Err(error) => fleet.fail(&format!("cannot check out round {round}: {error}")),
            }
            assert_eq!(text(&fleet.read(0)), text(&now), "looking back changed the document");
        }
        write(&mut fleet, &mut people, 0);
        fleet.sync(0, 1);
        fleet.assert_equal();
    }
}
