//! How changes travel.

mod common;

use common::*;
use deadzone_core::edit::{Action, ContainerKind, Value};
use deadzone_core::engine::{EngineError, Replica, Save};
use deadzone_core::rng::Stream;

/// Each of `replicas` makes some transactions of its own.
fn write(replicas: &mut [Box<dyn Replica>], seed: u64, transactions: u32) {
    for (number, replica) in replicas.iter_mut().enumerate() {
        let mut author = Author::new(seed, number as u64);
        for _ in 0..transactions {
            let edit = author.edit(&replica.read());
            replica.edit(&[edit]).expect("it fits");
        }
    }
}

#[test]
fn diverged_replicas_come_together_and_fall_silent() {
    for seed in 0..20 {
        let mut all: [_; 2] = replicas();
        write(&mut all, seed, 30);
        connect(&mut all, 0, 1);
        // Two questions and two answers.
        assert_eq!(settle(&mut all, &[(0, 1)]), 4);
        assert_converged(&mut all);
        write(&mut all, seed + 100, 10);
        assert_eq!(settle(&mut all, &[(0, 1)]), 2);
        assert_converged(&mut all);
    }
}

#[test]
fn a_connection_that_comes_back_starts_over() {
    let mut all: [_; 2] = replicas();
    write(&mut all, 1, 5);
    connect(&mut all, 0, 1);
    let lost = all[0].poll(peer(1)).expect("step 1");
    assert!(!lost.is_empty());
    disconnect(&mut all, 0, 1);
    assert_eq!(all[0].poll(peer(1)), None);
    for seed in 2..6 {
        write(&mut all, seed, 10);
        connect(&mut all, 0, 1);
        settle(&mut all, &[(0, 1)]);
        assert_converged(&mut all);
        disconnect(&mut all, 0, 1);
    }
}

#[test]
fn a_replica_in_the_middle_passes_on_and_does_not_echo() {
    let mut all: [_; 3] = replicas();
    let links = [(0, 1), (1, 2)];
    write(&mut all, 1, 20);
    for (a, b) in links {
        connect(&mut all, a, b);
    }
    settle(&mut all, &links);
    assert_converged(&mut all);
    apply(&mut *all[0], &[insert_text(0, "across")]);
    let message = all[0].poll(peer(1)).expect("an update");
    all[1].receive(peer(0), &message).expect("a message");
    assert_eq!(all[1].poll(peer(0)), None);
    assert_eq!(all[1].poll(peer(2)).as_ref(), Some(&message));
    all[2].receive(peer(1), &message).expect("a message");
    // What is known already is not passed on.
    all[1].receive(peer(0), &message).expect("a message");
    assert_eq!(all[1].poll(peer(2)), None);
    assert_converged(&mut all);
    for seed in 2..12 {
        write(&mut all, seed, 5);
        settle(&mut all, &links);
        assert_converged(&mut all);
    }
}

#[test]
fn waiting_updates_become_one_message() {
    let mut all: [_; 2] = replicas();
    connect(&mut all, 0, 1);
    settle(&mut all, &[(0, 1)]);
    for index in 0..50 {
        apply(&mut *all[0], &[insert_text(index, "x")]);
    }
    apply(&mut *all[0], &[delete_text(10, 5)]);
    let message = all[0].poll(peer(1)).expect("an update");
    assert_eq!(all[0].poll(peer(1)), None);
    all[1].receive(peer(0), &message).expect("a message");
    assert_converged(&mut all);
}

#[test]
fn more_updates_than_are_kept_still_arrive() {
    let mut all: [_; 2] = replicas();
    connect(&mut all, 0, 1);
    settle(&mut all, &[(0, 1)]);
    for _ in 0..9000 {
        apply(&mut *all[0], &[at("counter", Action::Increment { by: 1 })]);
    }
    assert_eq!(settle(&mut all, &[(0, 1)]), 1);
    assert_converged(&mut all);
}

#[test]
fn what_comes_before_the_handshake_is_over_arrives_once() {
    let mut all: [_; 2] = replicas();
    connect(&mut all, 0, 1);
    apply(&mut *all[0], &[insert_text(0, "a")]);
    let question = all[1].poll(peer(0)).expect("step 1");
    apply(&mut *all[0], &[insert_text(1, "b")]);
    all[0].receive(peer(1), &question).expect("a message");
    apply(&mut *all[0], &[insert_text(2, "c")]);
    assert_eq!(settle(&mut all, &[(0, 1)]), 3);
    assert_converged(&mut all);
}

#[test]
fn broadcast_updates_may_come_in_any_order_and_twice() {
    for engine in engines() {
        for seed in 0..25 {
            let mut all = [0, 1, 2].map(|number| replica(&*engine, number));
            let mut draws = Stream::root(seed).named("shuffle").draws();
            for round in 0..3 {
                write(&mut all, seed * 10 + round, 12);
                let updates: Vec<Vec<Vec<u8>>> =
                    all.iter_mut().map(|replica| replica.take_updates()).collect();
                for (to, replica) in all.iter_mut().enumerate() {
                    let others = updates.iter().enumerate().filter(|(from, _)| *from != to);
                    let mut queue: Vec<&Vec<u8>> = others.flat_map(|(_, list)| list).collect();
                    queue.extend(queue.clone().iter().take(5));
                    for last in (1..queue.len()).rev() {
                        queue.swap(last, draws.below(last as u64 + 1) as usize);
                    }
                    for update in queue {
                        replica.apply(update).expect("an update");
                    }
                    assert_eq!(replica.pending(), 0, "seed {seed}, round {round}");
                }
                let context = format!("seed {seed}, round {round}");
                let document = all[0].read();
                assert_eq!(all[1].read(), document, "{context}");
                assert_eq!(all[2].read(), document, "{context}");
            }
        }
    }
}

#[test]
fn local_updates_are_one_for_each_transaction() {
    let [mut replica, mut other] = replicas();
    for index in 0..3 {
        apply(&mut *replica, &[insert_text(index, "x"), put("k", int(index.into()))]);
    }
    let updates = replica.take_updates();
    assert_eq!(updates.len(), 3);
    assert!(replica.take_updates().is_empty());
    for update in &updates {
        other.apply(update).expect("an update");
    }
    assert!(other.take_updates().is_empty(), "those of others are not broadcast");
    assert_eq!(other.read(), replica.read());
}

#[test]
fn many_updates_may_be_applied_at_once() {
    for engine in engines() {
        let (mut a, mut b) = (replica(&*engine, 0), replica(&*engine, 1));
        let mut stored = vec![b.save(Save::Whole)];
        for index in 0..40 {
            apply(&mut *a, &[insert_text(index, "x"), put("k", int(index.into()))]);
        }
        let mut updates = a.take_updates();
        b.apply_all(&updates).expect("updates");
        assert_eq!(b.read(), a.read());
        stored.push(b.save(Save::Incremental));
        assert_eq!(engine.load(&setup(1), &stored).expect("just saved").read(), a.read());
        updates.push(vec![1]);
        let (mut c, empty) = (replica(&*engine, 2), replica(&*engine, 2).read());
        assert!(matches!(c.apply_all(&updates), Err(EngineError::Refused(_))));
        assert_eq!(c.read(), empty);
    }
}

#[test]
fn updates_for_broadcast_are_not_lost_to_a_session() {
    let mut all: [_; 3] = replicas();
    apply(&mut *all[0], &[insert_text(0, "a")]);
    all[0].take_updates();
    apply(&mut *all[2], &[insert_text(0, "z")]);
    connect(&mut all, 0, 2);
    settle(&mut all, &[(0, 2)]);
    apply(&mut *all[0], &[insert_text(1, "b")]);
    apply(&mut *all[0], &[insert_text(2, "c")]);
    let updates = all[0].take_updates();
    assert_eq!(updates.len(), 1);
    // It builds on the first one, which was taken, and on the other's letter.
    all[1].apply(&updates[0]).expect("an update");
    assert!(all[1].pending() > 0);
    apply(&mut *all[0], &[put("k", Value::Container(ContainerKind::Map))]);
    assert_eq!(all[0].take_updates().len(), 1);
}

#[test]
fn an_update_that_lacks_what_it_builds_on_waits() {
    let [mut a, mut b] = replicas();
    apply(&mut *a, &[insert_text(0, "ab")]);
    apply(&mut *a, &[insert_text(1, "x")]);
    apply(&mut *a, &[delete_text(0, 1)]);
    let updates = a.take_updates();
    let empty = b.read();
    b.apply(&updates[1]).expect("an update");
    assert_eq!((b.pending(), b.read()), (1, empty.clone()));
    b.apply(&updates[2]).expect("an update");
    assert_eq!((b.pending(), b.read()), (2, empty));
    assert!(newly_seen(&mut *b).is_empty());
    b.apply(&updates[0]).expect("an update");
    assert_eq!((b.pending(), b.read()), (0, a.read()));
}

#[test]
fn what_stands_behind_a_hole_is_passed_on() {
    let mut all: [_; 3] = replicas();
    // The root's list and map do not depend on each other, but on one clock.
    apply(&mut *all[0], &[put("k", int(1))]);
    apply(&mut *all[0], &[put("l", int(2))]);
    let updates = all[0].take_updates();
    connect(&mut all, 1, 2);
    settle(&mut all, &[(1, 2)]);
    all[1].apply(&updates[1]).expect("an update");
    settle(&mut all, &[(1, 2)]);
    let (one, two) = (all[1].read(), all[2].read());
    assert_eq!(one, two);
    assert_ne!(one, replica(&*engines()[0], 9).read(), "it is integrated behind the hole");
    all[1].apply(&updates[0]).expect("an update");
    settle(&mut all, &[(1, 2)]);
    assert_converged(&mut all);
}

#[test]
fn messages_that_are_none_are_refused() {
    let mut all: [_; 2] = replicas();
    connect(&mut all, 0, 1);
    for bytes in [&[][..], &[0], &[0, 9, 0], &[1, 0, 0], &[0, 2, 5, 1], &[0, 0, 1, 255]] {
        let answer = all[0].receive(peer(1), bytes);
        assert!(matches!(answer, Err(EngineError::Refused(_))), "{bytes:?}: {answer:?}");
    }
    settle(&mut all, &[(0, 1)]);
    assert_converged(&mut all);
}
