//! Saving, loading, forking, and going back.

mod common;

use common::*;
use deadzone_adapter_yrs::Yrs;
use deadzone_core::document::{Node, Run};
use deadzone_core::edit::Action;
use deadzone_core::engine::{Engine, EngineError, Save, Version};

#[test]
fn a_store_gives_back_what_was_saved_in_it() {
    for engine in engines() {
        for seed in 0..10 {
            let mut author = Author::new(seed, 0);
            let mut others = Author::new(seed, 1);
            let (mut replica, mut other) = (replica(&*engine, 0), replica(&*engine, 1));
            let mut stored = vec![replica.save(Save::Whole)];
            for round in 0..8 {
                for _ in 0..10 {
                    let edit = author.edit(&replica.read());
                    replica.edit(&[edit]).expect("it fits");
                    let edit = others.edit(&other.read());
                    other.edit(&[edit]).expect("it fits");
                }
                if round % 2 == 0 {
                    for update in other.take_updates() {
                        replica.apply(&update).expect("an update");
                    }
                    for update in replica.take_updates() {
                        other.apply(&update).expect("an update");
                    }
                }
                if round == 4 {
                    stored = vec![replica.save(Save::Whole)];
                } else {
                    stored.push(replica.save(Save::Incremental));
                }
                assert!(replica.save(Save::Incremental).is_empty());
                let mut loaded = engine.load(&setup(0), &stored).expect("just saved");
                assert_eq!(loaded.read(), replica.read(), "seed {seed}, round {round}");
                assert!(loaded.save(Save::Incremental).is_empty());
                assert!(loaded.take_updates().is_empty());
                // It goes on under the same id where it stood.
                apply(&mut *loaded, &[insert_text(0, "later")]);
                stored.push(loaded.save(Save::Incremental));
                let mut again = engine.load(&setup(0), &stored).expect("just saved");
                assert_eq!(again.read(), loaded.read());
                stored.pop();
            }
        }
    }
}

#[test]
fn increments_have_no_order_of_their_own_and_may_stand_in_one() {
    let [mut replica] = replicas();
    let empty = replica.save(Save::Whole);
    let mut increments = Vec::new();
    for index in 0..5 {
        apply(&mut *replica, &[insert_text(index, "x")]);
        apply(&mut *replica, &[put("k", int(index.into()))]);
        increments.push(replica.save(Save::Incremental));
    }
    let document = replica.read();
    for joined in [vec![empty.clone(), increments.concat()], {
        let mut all = vec![empty];
        all.extend(increments.into_iter().rev());
        all
    }] {
        let mut loaded = Yrs::default().load(&setup(0), &joined).expect("just saved");
        assert_eq!(loaded.read(), document);
    }
}

#[test]
fn more_than_is_kept_is_still_saved() {
    let [mut replica] = replicas();
    let mut stored = vec![replica.save(Save::Whole)];
    for _ in 0..9000 {
        apply(&mut *replica, &[at("counter", Action::Increment { by: 1 })]);
    }
    stored.push(replica.save(Save::Incremental));
    let mut loaded = Yrs::default().load(&setup(0), &stored).expect("just saved");
    assert_eq!(loaded.read(), replica.read());
    let updates = replica.take_updates();
    assert_eq!(updates.len(), 1);
    let [_, mut other] = replicas();
    other.apply(&updates[0]).expect("an update");
    assert_eq!(other.read(), replica.read());
}

#[test]
fn what_is_pending_is_saved() {
    let [mut a, mut b] = replicas();
    apply(&mut *a, &[insert_text(0, "ab")]);
    apply(&mut *a, &[insert_text(1, "x")]);
    apply(&mut *a, &[delete_text(0, 1)]);
    let updates = a.take_updates();
    let whole = b.save(Save::Whole);
    b.apply(&updates[1]).expect("an update");
    b.apply(&updates[2]).expect("an update");
    let increment = b.save(Save::Incremental);
    for stored in [vec![whole, increment], vec![b.save(Save::Whole)]] {
        let mut loaded = Yrs::default().load(&setup(1), &stored).expect("just saved");
        assert_eq!(loaded.pending(), 2);
        loaded.apply(&updates[0]).expect("an update");
        assert_eq!(loaded.pending(), 0);
        assert_eq!(loaded.read(), a.read());
    }
}

#[test]
fn a_fork_has_everything_and_an_identity_of_its_own() {
    let [mut a] = replicas();
    apply(&mut *a, &[insert_text(0, "both"), at("counter", Action::Increment { by: 1 })]);
    let mut b = a.fork(&setup(7)).expect("supported");
    assert_eq!(b.read(), a.read());
    assert!(b.take_updates().is_empty());
    apply(&mut *a, &[at("counter", Action::Increment { by: 10 })]);
    apply(&mut *b, &[at("counter", Action::Increment { by: 100 }), insert_text(4, "!")]);
    let mut all = [a, b];
    connect(&mut all, 0, 1);
    settle(&mut all, &[(0, 1)]);
    assert_converged(&mut all);
    assert_eq!(all[0].read().roots["counter"], Node::Counter(111));
}

#[test]
fn versions_need_history() {
    let [mut replica] = replicas();
    assert!(matches!(replica.version(), Err(EngineError::NotSupported(_))));
    let version = Version(vec![0, 0]);
    assert!(matches!(replica.checkout(&version), Err(EngineError::NotSupported(_))));
}

#[test]
fn with_history_every_version_can_be_read_again() {
    let engine = Yrs::default().keeping_history();
    for engine in [Box::new(engine) as Box<dyn Engine>, engine.published_encoding().expect("V2")] {
        let mut replica = replica(&*engine, 0);
        let mut author = Author::new(3, 0);
        let mut versions = vec![(replica.version().expect("kept"), replica.read())];
        for _ in 0..60 {
            let edit = author.edit(&replica.read());
            replica.edit(&[edit]).expect("it fits");
            versions.push((replica.version().expect("kept"), replica.read()));
        }
        for (version, document) in &versions {
            assert_eq!(replica.checkout(version).as_ref(), Ok(document));
        }
        let (last, _) = versions.last().expect("there are some");
        let mut stranger = common::replica(&*engine, 1);
        assert!(matches!(stranger.checkout(last), Err(EngineError::Refused(_))));
        let damaged = Version(last.0[..last.0.len() - 1].to_vec());
        assert!(matches!(replica.checkout(&damaged), Err(EngineError::Refused(_))));
    }
}

#[test]
fn the_stored_document_is_the_plain_update() {
    let [mut replica] = replicas();
    apply(&mut *replica, &[insert_text(0, "plain")]);
    let [mut other] = replicas();
    other.apply(&replica.save(Save::Whole)).expect("an update");
    let run = Run { text: "plain".into(), marks: [].into() };
    assert_eq!(other.read().roots["text"], Node::Text(vec![run]));
}
