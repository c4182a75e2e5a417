//! Updates and messages: in any order, twice, cut off and taken up again.

use deadzone_core::document::Document;
use deadzone_core::engine::{Delivery, Engine};
use deadzone_core::rng::{Draws, Stream};

use crate::fleet::{Fleet, text};
use crate::generate::{Generator, people, write};

/// Whether the engine does not take part in this way of delivery; says so for
/// whoever reads the output.
#[expect(clippy::print_stderr, reason = "what is left out must be seen")]
pub(crate) fn lacks(engine: &dyn Engine, delivery: Delivery) -> bool {
    let lacks = !engine.info().deliveries.contains(&delivery);
    if lacks {
        eprintln!("left out: {} has no delivery by {delivery:?}", engine.info().name);
    }
    lacks
}

/// Two replicas with a common past and then `apart` edits each.
pub(crate) fn diverged<'a>(
    engine: &'a dyn Engine,
    seed: u64,
    apart: usize,
) -> (Fleet<'a>, Vec<Generator>) {
    let mut fleet = Fleet::of(engine, 2);
    let mut people = people(engine, Stream::root(seed).named("diverged"), 2);
    (0..8).for_each(|_| write(&mut fleet, &mut people, 0));
    fleet.sync(0, 1);
    for _ in 0..apart {
        write(&mut fleet, &mut people, 0);
        write(&mut fleet, &mut people, 1);
    }
    (fleet, people)
}

fn shuffle<T>(items: &mut [T], draws: &mut Draws) {
    for last in (1..items.len()).rev() {
        items.swap(last, draws.below(last as u64 + 1) as usize);
    }
}

/// Makes edits at two replicas that hear of each other's at times, and gives
/// all updates. Both hold everything in the end.
pub(crate) fn updates_of_two(engine: &dyn Engine, seed: u64) -> (Vec<Vec<u8>>, Document) {
    let mut fleet = Fleet::of(engine, 2);
    let stream = Stream::root(seed).named("updates_of_two");
    let mut people = people(engine, stream, 2);
    let mut draws = stream.named("order").draws();
    let mut all: Vec<Vec<u8>> = Vec::new();
    let mut heard = [0, 0];
    for _ in 0..24 {
        let at = draws.below(2) as usize;
        write(&mut fleet, &mut people, at);
        all.extend(fleet.take_updates(at));
        if draws.below(3) == 0 {
            all[heard[at]..].to_vec().iter().for_each(|update| fleet.apply(at, update));
            heard[at] = all.len();
        }
    }
    for (at, heard) in heard.into_iter().enumerate() {
        all[heard..].iter().for_each(|update| fleet.apply(at, update));
    }
    (all, fleet.assert_equal())
}

/// Every update by itself, in any order: the same document.
pub fn broadcast_in_any_order(engine: &dyn Engine) {
    if lacks(engine, Delivery::Broadcast) {
        return;
    }
    for seed in 0..8 {
        let (mut updates, document) = updates_of_two(engine, seed);
        let mut draws = Stream::root(seed).named("shuffle").draws();
        for order in 0..4 {
            match order {
                0 => {}
                1 => updates.reverse(),
                _ => shuffle(&mut updates, &mut draws),
            }
            let mut fleet = Fleet::of_strangers(engine, 1);
            updates.iter().for_each(|update| fleet.apply(0, update));
            let same = fleet.assert_equal() == document;
            assert!(same, "{}\nis not\n{}", text(&fleet.read(0)), text(&document));
        }
    }
}

/// Every update two times, the second time later: the same document.
pub fn broadcast_twice(engine: &dyn Engine) {
    if lacks(engine, Delivery::Broadcast) {
        return;
    }
    for seed in 0..8 {
        let (updates, document) = updates_of_two(engine, seed);
        let mut twice = [updates.clone(), updates].concat();
        shuffle(&mut twice, &mut Stream::root(seed).named("twice").draws());
        let mut fleet = Fleet::of_strangers(engine, 1);
        twice.iter().for_each(|update| fleet.apply(0, update));
        assert_eq!(text(&fleet.assert_equal()), text(&document));
        assert!(fleet.take_updates(0).is_empty(), "updates of others are not its own to broadcast");
    }
}

/// Several commits made before anyone asks for updates.
pub fn broadcast_of_several_commits_at_once(engine: &dyn Engine) {
    if lacks(engine, Delivery::Broadcast) {
        return;
    }
    for seed in 0..8 {
        let mut fleet = Fleet::of(engine, 3);
        let mut people = people(engine, Stream::root(seed).named("at_once"), 3);
        for round in 0..3 {
            for at in 0..3 {
                (0..4).for_each(|_| write(&mut fleet, &mut people, at));
            }
            let mut updates: Vec<_> = (0..3).map(|at| fleet.take_updates(at)).collect();
            if round == 1 {
                updates.iter_mut().for_each(|mine| mine.reverse());
            }
            for to in 0..3 {
                for from in (0..3).rev().filter(|from| *from != to) {
                    updates[from].iter().for_each(|update| fleet.apply(to, update));
                }
            }
            fleet.assert_equal();
        }
    }
}

/// Replica 1 holds any prefix of what 0 did; a sync makes them equal.
pub fn sync_from_every_prefix(engine: &dyn Engine) {
    for prefix in 0..12 {
        for other_writes in [false, true] {
            let mut fleet = Fleet::of(engine, 2);
            let mut people = people(engine, Stream::root(3).named("prefix"), 2);
            for number in 0..12 {
                write(&mut fleet, &mut people, 0);
                if number == prefix {
                    fleet.sync(0, 1);
                }
            }
            if other_writes {
                (0..3).for_each(|_| write(&mut fleet, &mut people, 1));
            }
            fleet.forget(0, 1);
            fleet.forget(1, 0);
            fleet.sync(0, 1);
            fleet.assert_equal();
        }
    }
}

/// The connection ends after any number of messages; whatever arrived was all
/// that was sent. Both edit on, and the next connection makes them equal.
pub fn reconnects_in_mid_sync(engine: &dyn Engine) {
    for after in 0..12 {
        let (mut fleet, mut people) = diverged(engine, after, 4);
        fleet.connect(0, 1);
        fleet.exchange(after as usize);
        while fleet.deliver(0, 1) || fleet.deliver(1, 0) {}
        fleet.disconnect(0, 1);
        write(&mut fleet, &mut people, 0);
        write(&mut fleet, &mut people, 1);
        fleet.sync(0, 1);
        fleet.assert_equal();
    }
}

/// The connection ends with messages under way in both directions.
pub fn reconnects_after_losing_messages(engine: &dyn Engine) {
    for after in 0..12 {
        let (mut fleet, mut people) = diverged(engine, after, 4);
        for _ in 0..3 {
            fleet.connect(0, 1);
            fleet.exchange(after as usize);
            write(&mut fleet, &mut people, (after % 2) as usize);
            fleet.poll(0, 1);
            fleet.poll(1, 0);
            fleet.disconnect(0, 1);
        }
        fleet.sync(0, 1);
        fleet.assert_equal();
    }
}

/// One side comes back without what it kept of the session.
pub fn reconnects_after_forgetting_the_session(engine: &dyn Engine) {
    for after in 0..12 {
        let (mut fleet, mut people) = diverged(engine, after, 4);
        fleet.connect(0, 1);
        fleet.exchange(after as usize);
        write(&mut fleet, &mut people, 0);
        fleet.poll(0, 1);
        fleet.disconnect(0, 1);
        let (forgetful, other) = if after % 2 == 0 { (0, 1) } else { (1, 0) };
        fleet.forget(forgetful, other);
        fleet.sync(0, 1);
        fleet.assert_equal();
    }
}

/// Two who never meet, but both know a third, at once and in turns.
pub fn three_replicas_through_a_middle_one(engine: &dyn Engine) {
    for seed in 0..4 {
        let mut fleet = Fleet::of(engine, 3);
        let mut people = people(engine, Stream::root(seed).named("middle"), 3);
        fleet.connect(0, 1);
        fleet.connect(1, 2);
        for number in 0..20 {
            write(&mut fleet, &mut people, number % 3);
            fleet.exchange(number % 5);
        }
        fleet.settle();
        fleet.assert_equal();
        fleet.disconnect(1, 2);
        (0..6).for_each(|number| write(&mut fleet, &mut people, number % 3));
        fleet.settle();
        fleet.disconnect(0, 1);
        fleet.sync(1, 2);
        fleet.sync(0, 1);
        fleet.assert_equal();
    }
}

/// Once all is said, nothing is: not at once, not after a new connection has
/// settled, not after reading.
pub fn falls_silent(engine: &dyn Engine) {
    let (mut fleet, mut people) = diverged(engine, 1, 4);
    fleet.connect(0, 1);
    fleet.settle();
    for _ in 0..3 {
        fleet.assert_equal();
        assert_eq!(fleet.exchange(1_000), 0, "something was left to say");
    }
    write(&mut fleet, &mut people, 0);
    fleet.settle();
    fleet.assert_equal();
    assert_eq!(fleet.exchange(1_000), 0, "something was left to say");
}
