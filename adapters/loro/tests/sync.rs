//! The protocol, broadcast, and who has seen what.

mod support;

use deadzone_core::edit::{Action, ContainerKind};
use deadzone_core::engine::{EngineError, PeerId, Stamp};
use deadzone_core::rng::Stream;
use support::*;

const TEXT: ContainerKind = ContainerKind::Text;
const LIST: ContainerKind = ContainerKind::List;

fn type_at(group: &mut Group, who: usize, text: &str) -> Stamp {
    do_it(group.replicas[who].as_mut(), at(TEXT), insert_text(0, text))
}

#[test]
fn diverged_replicas_come_together_and_fall_silent() {
    let mut group = Group::new(2);
    let stamps = [type_at(&mut group, 0, "left"), type_at(&mut group, 1, "right")];
    group.connect(0, 1);
    group.settle(&[(0, 1)]);
    let document = group.assert_equal();
    assert_eq!(group.messages, 4, "a version vector and updates from each");
    for (me, other) in [(0, 1), (1, 0)] {
        let seen = newly_seen(group.replicas[me].as_mut());
        assert_eq!(times_seen(&[stamps[me], stamps[other]], &seen), [0, 1]);
        assert!(newly_seen(group.replicas[me].as_mut()).is_empty());
    }
    // Connected, an edit is one message, and nothing comes back.
    type_at(&mut group, 0, "more");
    group.settle(&[(0, 1)]);
    assert_eq!(group.messages, 5);
    assert_ne!(group.assert_equal(), document);
}

#[test]
fn a_session_begins_anew_after_messages_were_lost() {
    let mut group = Group::new(2);
    group.connect(0, 1);
    group.settle(&[(0, 1)]);
    for round in 0..3 {
        type_at(&mut group, 0, "lost");
        type_at(&mut group, 1, "also");
        assert!(group.replicas[0].poll(PeerId(1)).is_some(), "and it is lost");
        group.disconnect(0, 1);
        type_at(&mut group, 0, "apart");
        group.connect(0, 1);
        group.settle(&[(0, 1)]);
        group.assert_equal();
        assert_eq!(group.replicas[round % 2].poll(PeerId(1 - (round % 2) as u32)), None);
    }
}

#[test]
fn the_one_in_the_middle_forwards_and_does_not_echo() {
    let mut group = Group::new(3);
    let pairs = [(0, 1), (1, 2)];
    for (a, b) in pairs {
        group.connect(a, b);
    }
    let mut stamps = vec![type_at(&mut group, 0, "a"), type_at(&mut group, 2, "c")];
    group.settle(&pairs);
    group.assert_equal();
    let before = group.messages;
    stamps.push(type_at(&mut group, 0, "x"));
    group.settle(&pairs);
    assert_eq!(group.messages, before + 2, "one hop after the other and nothing back");
    group.assert_equal();
    let seen = newly_seen(group.replicas[1].as_mut());
    assert_eq!(times_seen(&stamps, &seen), [1, 1, 1]);
    let seen = newly_seen(group.replicas[2].as_mut());
    assert_eq!(times_seen(&stamps, &seen), [1, 0, 1]);
}

#[test]
fn a_mesh_does_not_send_round_in_circles() {
    let mut group = Group::new(3);
    let pairs = [(0, 1), (1, 2), (0, 2)];
    for (a, b) in pairs {
        group.connect(a, b);
    }
    group.settle(&pairs);
    let before = group.messages;
    type_at(&mut group, 0, "once");
    // Everybody hears it from the first; then the other two find nothing to say.
    for to in [1, 2] {
        let message = group.replicas[0].poll(PeerId(to)).expect("there is news");
        group.replicas[to as usize].receive(PeerId(0), &message).expect("an undamaged message");
    }
    let echo = group.replicas[1].poll(PeerId(2)).expect("1 cannot know that 2 has it");
    group.replicas[2].receive(PeerId(1), &echo).expect("an undamaged message");
    assert_eq!(group.replicas[2].poll(PeerId(1)), None, "2 knows from the echo that 1 has it");
    group.settle(&pairs);
    assert_eq!(group.messages, before);
    group.assert_equal();
}

#[test]
fn updates_arrive_in_any_order_and_twice() {
    for seed in 0..20 {
        let mut draws = Stream::root(seed).named("order").draws();
        let mut group = Group::new(3);
        let mut stamps = Vec::new();
        let mut sent = vec![Vec::new(); 3];
        for step in 0..30 {
            let who = draws.below(3) as usize;
            let it = group.replicas[who].as_mut();
            stamps.push(if step % 3 == 0 {
                do_it(it, at(LIST), Action::Insert { index: 0, values: ints(&[step, step]) })
            } else {
                do_it(it, at(TEXT), insert_text(0, "word "))
            });
            let updates = it.take_updates();
            assert_eq!(updates.len(), 1, "each commit by itself");
            assert!(it.take_updates().is_empty());
            for (to, inbox) in sent.iter_mut().enumerate() {
                inbox.extend(updates.iter().filter(|_| to != who).cloned());
            }
        }
        for (to, inbox) in sent.iter_mut().enumerate() {
            let twice: Vec<_> = inbox.iter().filter(|_| draws.below(3) == 0).cloned().collect();
            inbox.extend(twice);
            for unshuffled in (1..inbox.len()).rev() {
                inbox.swap(unshuffled, draws.below(unshuffled as u64 + 1) as usize);
            }
            let it = group.replicas[to].as_mut();
            let mut seen = Vec::new();
            for update in inbox.iter() {
                it.apply(update).expect("an undamaged update");
                assert!(it.take_updates().is_empty(), "those of others are not passed on");
                // What waits has not been seen.
                it.newly_seen(&mut seen);
            }
            assert_eq!(it.pending(), 0);
            let expected: Vec<_> = stamps
                .iter()
                .map(|stamp| usize::from(stamp.lane != setup(to as u64).id.as_u64()))
                .collect();
            assert_eq!(times_seen(&stamps, &seen), expected);
        }
        group.assert_equal();
    }
}

#[test]
fn what_waits_is_counted_kept_and_seen_when_it_applies() {
    let mut from = replica(1);
    let mut to = replica(2);
    let stamps: Vec<_> =
        (0..3).map(|_| do_it(from.as_mut(), at(TEXT), insert_text(0, "x"))).collect();
    let updates = from.take_updates();
    to.apply(&updates[2]).expect("an undamaged update");
    to.apply(&updates[2]).expect("an undamaged update");
    assert_eq!(to.pending(), 1);
    to.apply(&updates[1]).expect("an undamaged update");
    assert_eq!(to.pending(), 2);
    assert!(newly_seen(to.as_mut()).is_empty());
    // A rolled back transaction and a fork keep what waits.
    let half = [
        edit(at(TEXT), insert_text(0, "gone")),
        edit(at(LIST), Action::Remove { index: 0, count: 1 }),
    ];
    assert!(matches!(to.edit(&half), Err(EngineError::Misplaced(_))));
    assert_eq!(to.pending(), 2);
    let mut fork = to.fork(&setup(3)).expect("forks are supported");
    assert_eq!(fork.pending(), 2);
    for it in [&mut to, &mut fork] {
        it.apply(&updates[0]).expect("an undamaged update");
        assert_eq!(it.pending(), 0);
        assert_eq!(times_seen(&stamps, &newly_seen(it.as_mut())), [1, 1, 1]);
        assert_eq!(it.read(), from.read());
    }
}

#[test]
fn forks_have_their_own_identity_and_everything_else() {
    let mut it = replica(1);
    let stamp = do_it(it.as_mut(), at(TEXT), insert_text(0, "shared"));
    let mut fork = it.fork(&setup(2)).expect("forks are supported");
    assert_eq!(fork.read(), it.read());
    assert_eq!(times_seen(&[stamp], &newly_seen(fork.as_mut())), [1]);
    assert!(fork.take_updates().is_empty());
    let theirs = do_it(fork.as_mut(), at(TEXT), insert_text(6, " and more"));
    assert_ne!(stamp.lane, theirs.lane);
    do_it(
        it.as_mut(),
        at(TEXT),
        Action::Mark {
            index: 0,
            count: 6,
            name: "link".to_owned(),
            value: deadzone_core::document::Scalar::Bool(true),
        },
    );
    do_it(
        fork.as_mut(),
        at(TEXT),
        Action::Mark {
            index: 0,
            count: 6,
            name: "link".to_owned(),
            value: deadzone_core::document::Scalar::Bool(true),
        },
    );
    for update in fork.take_updates() {
        it.apply(&update).expect("an undamaged update");
    }
    for update in it.take_updates() {
        fork.apply(&update).expect("an undamaged update");
    }
    assert_eq!(fork.read(), it.read());
}

#[test]
fn past_versions_can_be_seen_and_change_nothing() {
    let mut it = replica(1);
    let mut recorded = vec![(it.version().expect("versions are supported"), it.read())];
    for round in 0..5 {
        do_it(it.as_mut(), at(TEXT), insert_text(0, "word"));
        do_it(it.as_mut(), at(LIST), Action::Insert { index: 0, values: ints(&[round]) });
        recorded.push((it.version().expect("versions are supported"), it.read()));
    }
    for (version, document) in recorded.iter().rev().chain(&recorded) {
        assert_eq!(&it.checkout(version).expect("a version that was"), document);
        assert_eq!(&it.read(), &recorded[5].1);
        assert_eq!(&it.version().expect("versions are supported"), &recorded[5].0);
    }
    do_it(it.as_mut(), at(TEXT), insert_text(0, "still editable"));
    let mut other = replica(2);
    do_it(other.as_mut(), at(TEXT), insert_text(0, "elsewhere"));
    let foreign = other.version().expect("versions are supported");
    assert!(matches!(it.checkout(&foreign), Err(EngineError::Refused(_))));
    assert_eq!(it.length(&at(TEXT)), Some(5 * 4 + 14));
}

#[test]
fn commits_carry_the_devices_clock_and_bytes_are_the_same_every_time() {
    let bytes = |clock: Option<u64>| {
        let mut it = replica(1);
        if let Some(clock) = clock {
            it.set_clock(clock);
        }
        for _ in 0..3 {
            do_it(it.as_mut(), at(TEXT), insert_text(0, "x"));
        }
        (it.take_updates(), it.save(deadzone_core::engine::Save::Whole))
    };
    let noon = Some(1_780_000_000_000);
    assert_eq!(bytes(None), bytes(None));
    assert_eq!(bytes(noon), bytes(noon));
    assert_ne!(bytes(None), bytes(noon));
    let meta = loro::LoroDoc::decode_import_blob_meta(&bytes(noon).0[2], true).expect("a blob");
    assert_eq!(meta.end_timestamp, 1_780_000_000);
}

#[test]
fn damaged_messages_and_updates_are_refused_or_harmless() {
    let mut group = Group::new(2);
    type_at(&mut group, 0, "first");
    group.connect(0, 1);
    let hello = group.replicas[0].poll(PeerId(1)).expect("a version vector");
    let theirs = group.replicas[1].poll(PeerId(0)).expect("a version vector");
    group.replicas[0].receive(PeerId(1), &theirs).expect("an undamaged message");
    let news = group.replicas[0].poll(PeerId(1)).expect("updates");
    let update = group.replicas[0].take_updates().remove(0);
    assert!(group.replicas[1].receive(PeerId(7), &hello).is_err(), "no such session");

    let empty = group.replicas[1].read();
    let expected = group.replicas[0].read();
    let mut draws = Stream::root(3).named("damage").draws();
    for bytes in [&hello, &news, &update] {
        let damaged = (0..bytes.len())
            .map(|cut| bytes[..cut].to_vec())
            .chain((0..bytes.len() * 8).map(|bit| flipped(bytes, bit)))
            .chain((0..100).map(|_| {
                let length = draws.below(40);
                (0..length).map(|_| draws.bits() as u8).collect()
            }));
        for damaged in damaged {
            let it = group.replicas[1].as_mut();
            let through_session = it.receive(PeerId(0), &damaged);
            let direct = it.apply(&damaged);
            for answer in [through_session, direct] {
                assert!(matches!(answer, Ok(()) | Err(EngineError::Refused(_))), "{answer:?}");
            }
            while it.poll(PeerId(0)).is_some() {}
            // Twelve bytes of Loro's header have no meaning.
            let now = it.read();
            assert!(now == empty || now == expected, "{now:?}");
        }
    }
    group.disconnect(0, 1);
    group.connect(0, 1);
    group.settle(&[(0, 1)]);
    assert_eq!(group.assert_equal(), expected);
}

fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    damaged[bit / 8] ^= 1 << (bit % 8);
    damaged
}
