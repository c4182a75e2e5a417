//! The sync protocol.

mod common;

use common::*;
use deadzone_core::engine::{Save, Seen};
use deadzone_core::rng::Stream;

#[test]
fn diverged_replicas_meet() {
    let (mut one, mut other) = (replica(1), replica(2));
    let mut draws = Stream::root(3).named("diverged").draws();
    random_edits(&mut one, &mut draws, &mut 0, 40);
    random_edits(&mut other, &mut draws, &mut 1000, 40);
    sync(&mut one, &mut other);
    assert_same(&mut [one, other]);
}

/// From every prefix of a history, and from more than its bloom filters hold
/// without false positives.
#[test]
fn any_prefix_is_completed() {
    let mut whole = replica(1);
    let mut prefixes = Vec::new();
    for n in 0..30 {
        prefixes.push(whole.save(Save::Whole));
        edit(&mut whole, "text", text(n, "a"));
    }
    for (number, prefix) in prefixes.iter().enumerate() {
        let mut other = load(2 + number as u8, std::slice::from_ref(prefix)).unwrap();
        edit(&mut other, "text", text(0, "x"));
        sync(&mut other, &mut whole);
        assert_eq!(other.read(), whole.read(), "prefix {number}");
    }
}

#[test]
fn an_edit_while_a_message_is_in_flight_arrives() {
    for edits in 1..5 {
        let (mut one, mut other) = (replica(1), replica(2));
        edit(&mut one, "text", text(0, "a"));
        connect(&mut one, &mut other);
        talk(&mut one, &mut other);
        // Each leaves before the one before it is answered.
        let mut flying = Vec::new();
        for n in 0..edits {
            edit(&mut one, "text", text(n, "b"));
            let messages = poll_all(&mut one);
            assert!(!messages.is_empty(), "held up");
            flying.extend(messages);
        }
        edit(&mut other, "text", text(0, "x"));
        for message in flying {
            other.receive(PEER, &message).unwrap();
        }
        talk(&mut one, &mut other);
        assert_same(&mut [one, other]);
    }
}

/// Connections that break in the middle, with messages lost in both directions,
/// taken up with and without what was kept.
#[test]
fn broken_connections_are_taken_up_again() {
    for seed in 0..30 {
        let mut draws = Stream::root(seed).named("broken").draws();
        let mut serial = 0;
        let (mut one, mut other) = (replica(1), replica(2));
        let mut kept = [None, None];
        for _ in 0..8 {
            random_edits(&mut one, &mut draws, &mut serial, 3);
            random_edits(&mut other, &mut draws, &mut serial, 3);
            one.connect(PEER, kept[0].as_deref()).unwrap();
            other.connect(PEER, kept[1].as_deref()).unwrap();
            for _ in 0..draws.below(4) {
                let (there, back) = (poll_all(&mut one), poll_all(&mut other));
                there.iter().for_each(|message| other.receive(PEER, message).unwrap());
                if draws.below(2) == 0 {
                    random_edits(&mut one, &mut draws, &mut serial, 1);
                }
                back.iter().for_each(|message| one.receive(PEER, message).unwrap());
            }
            // On their way when it breaks.
            poll_all(&mut one);
            poll_all(&mut other);
            kept = [one.disconnect(PEER), other.disconnect(PEER)];
            for kept in &mut kept {
                if draws.below(3) == 0 {
                    *kept = None;
                }
            }
        }
        one.connect(PEER, kept[0].as_deref()).unwrap();
        other.connect(PEER, kept[1].as_deref()).unwrap();
        talk(&mut one, &mut other);
        assert_same(&mut [one, other]);
    }
}

/// One side falls back to an older store; the other, or itself, remembers more.
#[test]
fn a_replica_that_lost_its_last_changes_gets_them_back() {
    for (keep_one, keep_other) in [(false, false), (true, false), (false, true), (true, true)] {
        for edits_after in [false, true] {
            let (mut one, mut other) = (replica(1), replica(2));
            edit(&mut other, "text", text(0, "old "));
            sync(&mut one, &mut other);
            let stored = [one.save(Save::Whole)];
            for n in 0..20 {
                edit(&mut other, "text", text(n, "b"));
            }
            connect(&mut one, &mut other);
            talk(&mut one, &mut other);
            let (kept_one, kept_other) = (one.disconnect(PEER), other.disconnect(PEER));
            let mut one = load(3, &stored).unwrap();
            if edits_after {
                edit(&mut one, "text", text(0, "new "));
                edit(&mut other, "text", text(0, "c"));
            }
            one.connect(PEER, kept_one.as_deref().filter(|_| keep_one)).unwrap();
            other.connect(PEER, kept_other.as_deref().filter(|_| keep_other)).unwrap();
            talk(&mut one, &mut other);
            assert_same(&mut [one, other]);
        }
    }
}

#[test]
fn what_was_synced_is_seen_once() {
    let mut replicas = [replica(1), replica(2), replica(3)];
    let mut draws = Stream::root(4).named("seen").draws();
    let mut serial = 0;
    let mut made = [0_u64; 3];
    let mut lanes = [0; 3];
    let mut known = vec![std::collections::BTreeMap::<u64, u64>::new(); 3];
    for round in 0..40 {
        let number = draws.below(3) as usize;
        for stamp in random_edits(&mut replicas[number], &mut draws, &mut serial, 3) {
            made[number] += 1;
            assert_eq!(stamp.position, made[number]);
            lanes[number] = stamp.lane;
        }
        let (one, other) = (number, (number + 1 + draws.below(2) as usize) % 3);
        let [one, other] = replicas.get_disjoint_mut([one, other]).unwrap();
        sync(one, other);
        for (number, replica) in replicas.iter_mut().enumerate() {
            for Seen { lane, after, through } in seen(replica) {
                assert_ne!(lane, lanes[number], "its own, round {round}");
                assert!(after < through);
                assert_eq!(known[number].insert(lane, through).unwrap_or(0), after);
            }
        }
    }
    for (number, known) in known.iter().enumerate() {
        let others = (0..3).filter(|other| *other != number && made[*other] > 0);
        // The last round may have left one out.
        assert!(others.count() >= known.len());
    }
    let [one, two, three] = &mut replicas;
    sync(one, two);
    sync(two, three);
    sync(one, two);
    for (number, replica) in replicas.iter_mut().enumerate() {
        for Seen { lane, after, through } in seen(replica) {
            assert_eq!(known[number].insert(lane, through).unwrap_or(0), after);
        }
        for other in (0..3).filter(|other| *other != number) {
            assert_eq!(known[number].get(&lanes[other]), Some(&made[other]));
        }
    }
}

#[test]
fn without_a_connection_nothing_is_said_or_heard() {
    let (mut one, mut other) = (replica(1), replica(2));
    edit(&mut one, "text", text(0, "a"));
    assert_eq!(one.poll(PEER), None);
    one.connect(PEER, None).unwrap();
    let message = one.poll(PEER).unwrap();
    assert!(other.receive(PEER, &message).is_err());
    assert!(one.disconnect(PEER).is_some());
    assert_eq!(one.disconnect(PEER), None);
    assert_eq!(one.poll(PEER), None);
}
