//! Bytes that are not what they should be: refused, or without effect.

mod common;

use common::*;
use deadzone_core::engine::{EngineError, Save};
use deadzone_core::rng::Stream;

/// `bytes` with each of some bits flipped, and cut at some places.
fn damaged(bytes: &[u8]) -> Vec<Vec<u8>> {
    let step = (bytes.len() / 200).max(1);
    let mut all = Vec::new();
    for place in (0..bytes.len()).step_by(step) {
        for bit in 0..8 {
            let mut flipped = bytes.to_vec();
            flipped[place] ^= 1 << bit;
            all.push(flipped);
        }
        all.push(bytes[..place].to_vec());
    }
    all.push(b"nonsense".to_vec());
    all
}

fn written(number: u8) -> Boxed {
    let mut one = replica(number);
    let mut draws = Stream::root(9).numbered(u64::from(number)).draws();
    random_edits(&mut one, &mut draws, &mut (1000 * u64::from(number)), 12);
    edit(&mut one, "text", text(0, "some text that is not short"));
    one
}

#[test]
fn updates() {
    let mut one = written(1);
    let mut other = replica(2);
    let updates = one.take_updates();
    let before = other.save(Save::Whole);
    for update in &updates {
        for bytes in damaged(update) {
            if let Err(error) = other.apply(&bytes) {
                assert!(matches!(error, EngineError::Refused(_)), "{error}");
            } else {
                panic!("{} of {} bytes were taken", bytes.len(), update.len());
            }
        }
    }
    assert_eq!((other.save(Save::Whole), other.pending()), (before, 0));
    updates.iter().for_each(|update| other.apply(update).unwrap());
    assert_same(&mut [one, other]);
}

/// Damage in what a message says of versions is not noticed, but does no harm
/// to the document.
#[test]
fn messages() {
    let (mut one, mut other) = (written(1), written(2));
    connect(&mut one, &mut other);
    let first = poll_all(&mut other).remove(0);
    one.receive(PEER, &first).unwrap();
    let message = poll_all(&mut one).remove(0);
    assert!(message.len() > 400, "it must carry changes");
    let before = other.read();
    let (mut taken, mut refused) = (0, 0);
    for bytes in damaged(&message) {
        let mut fresh = load(2, &[other.save(Save::Whole)]).unwrap();
        fresh.connect(PEER, None).unwrap();
        poll_all(&mut fresh);
        match fresh.receive(PEER, &bytes) {
            Ok(()) => taken += 1,
            Err(EngineError::Refused(_)) => {
                refused += 1;
                assert_eq!(fresh.read(), before);
                assert_eq!(fresh.pending(), 0);
            }
            Err(error) => panic!("{error}"),
        }
        poll_all(&mut fresh);
        fresh.disconnect(PEER);
    }
    assert!(refused > 5 * taken, "{refused} refused, {taken} taken");
    other.receive(PEER, &message).unwrap();
    talk(&mut one, &mut other);
    assert_same(&mut [one, other]);
}

#[test]
fn whole_stores() {
    let mut one = written(1);
    let stored = one.save(Save::Whole);
    for bytes in damaged(&stored) {
        match load(1, &[bytes]) {
            Err(EngineError::Refused(_)) => {}
            Err(error) => panic!("{error}"),
            Ok(mut loaded) => assert_eq!(loaded.read(), one.read(), "silently another"),
        }
    }
    assert!(load(1, &[]).is_err());
    assert!(load(1, &[Vec::new()]).is_err());
}

#[test]
fn incremental_stores() {
    let mut one = written(1);
    let mut stored = vec![one.save(Save::Whole)];
    for n in 0..3 {
        edit(&mut one, "text", text(0, "abc"));
        edit(&mut one, "map", put("n", int(100 + n)));
        stored.push(one.save(Save::Incremental));
    }
    for number in 1..stored.len() {
        for bytes in damaged(&stored[number]) {
            let mut broken = stored.clone();
            let cut = stored[number].starts_with(&bytes);
            broken[number] = bytes;
            match load(1, &broken) {
                Err(EngineError::Refused(_)) => {}
                Err(error) => panic!("{error}"),
                // A cut between two changes is what was stored a little earlier.
                Ok(loaded) => assert!(cut && (number == 3 || loaded.pending() > 0)),
            }
        }
    }
    assert_eq!(load(1, &stored).unwrap().read(), one.read());
    assert_eq!(load(1, &[stored[0].clone(), Vec::new()]).unwrap().pending(), 0);
}

/// What was kept of a session is refused, or taken up and without harm.
#[test]
fn sessions() {
    let (mut one, mut other) = (written(1), written(2));
    connect(&mut one, &mut other);
    talk(&mut one, &mut other);
    let kept = one.disconnect(PEER).unwrap();
    let stored = other.disconnect(PEER);
    assert!(one.connect(PEER, Some(&[kept.clone(), vec![0]].concat())).is_err());
    let mut serial = 50_000;
    let mut draws = Stream::root(10).draws();
    for bytes in damaged(&kept) {
        random_edits(&mut one, &mut draws, &mut serial, 1);
        random_edits(&mut other, &mut draws, &mut serial, 1);
        match one.connect(PEER, Some(&bytes)) {
            Err(EngineError::Refused(_)) => continue,
            Err(error) => panic!("{error}"),
            Ok(()) => {}
        }
        other.connect(PEER, stored.as_deref()).unwrap();
        talk(&mut one, &mut other);
        assert_eq!(one.read(), other.read());
    }
}
