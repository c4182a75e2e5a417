//! Saving, loading, versions and forks.

mod common;

use common::*;
use deadzone_core::edit::Action;
use deadzone_core::engine::{EngineError, Save, Seen, Stamp, Version};
use deadzone_core::rng::Stream;

fn range(stamp: Stamp) -> Seen {
    Seen { lane: stamp.lane, after: 0, through: stamp.position }
}

#[test]
fn whole_and_incremental_saves_add_up() {
    let mut one = replica(1);
    let mut draws = Stream::root(1).named("store").draws();
    let mut serial = 0;
    let mut stored = Vec::new();
    for round in 0..12 {
        random_edits(&mut one, &mut draws, &mut serial, 8);
        if round == 6 {
            stored.clear();
        }
        stored.push(one.save(if stored.is_empty() { Save::Whole } else { Save::Incremental }));
        let mut loaded = load(2, &stored).unwrap();
        assert_eq!(loaded.read(), one.read());
        assert_eq!(loaded.version(), one.version());
        assert_eq!(loaded.save(Save::Whole), one.save(Save::Whole), "round {round}");
        assert_eq!(one.save(Save::Incremental), Vec::<u8>::new());
        assert_eq!(loaded.save(Save::Incremental), Vec::<u8>::new());
    }
}

/// A replica that was never saved whole stores everything incrementally.
#[test]
fn the_first_save_may_be_incremental() {
    let mut one = replica(1);
    edit(&mut one, "text", text(0, "abc"));
    let stored = [one.save(Save::Incremental)];
    assert_eq!(load(1, &stored).unwrap().read(), one.read());
}

#[test]
fn a_loaded_replica_goes_on_under_its_id() {
    let mut one = replica(1);
    let last = (0..5).map(|_| edit(&mut one, "text", text(0, "a"))).last().unwrap();
    let mut loaded = load(1, &[one.save(Save::Whole)]).unwrap();
    let next = edit(&mut loaded, "text", text(0, "b"));
    assert_eq!(next, Stamp { position: 6, ..last });
    // All that it held when it was loaded, and nothing made since.
    assert_eq!(seen(&mut loaded), [range(last)]);
    assert_eq!(seen(&mut loaded), []);
    assert_eq!(loaded.take_updates().len(), 1);
}

/// Own changes that this life does not know of come back from a peer.
#[test]
fn own_changes_of_an_earlier_life_are_seen() {
    let (mut one, mut other) = (replica(1), replica(2));
    edit(&mut one, "text", text(0, "a"));
    let stored = [one.save(Save::Whole)];
    let lost = edit(&mut one, "text", text(0, "b"));
    sync(&mut one, &mut other);
    let mut loaded = load(1, &stored).unwrap();
    assert_eq!(seen(&mut loaded), [Seen { lane: lost.lane, after: 0, through: 1 }]);
    sync(&mut loaded, &mut other);
    let next = edit(&mut loaded, "text", text(0, "c"));
    assert_eq!(next.position, 3);
    assert_eq!(seen(&mut loaded), [Seen { lane: lost.lane, after: 1, through: 2 }]);
    assert_eq!(found(&mut loaded, "text"), plain("cba"));
}

/// What waits for others survives every kind of save.
#[test]
fn waiting_changes_are_stored() {
    for how in [Save::Whole, Save::Incremental] {
        let (mut one, mut other) = (replica(1), replica(2));
        edit(&mut one, "text", text(0, "a"));
        edit(&mut one, "text", text(1, "b"));
        edit(&mut one, "text", text(2, "c"));
        let updates = one.take_updates();
        let mut stored = vec![other.save(Save::Whole)];
        other.apply(&updates[2]).unwrap();
        other.apply(&updates[1]).unwrap();
        assert_eq!(other.pending(), 2);
        match how {
            Save::Whole => stored = vec![other.save(how)],
            Save::Incremental => stored.push(other.save(how)),
        }
        assert_eq!(other.save(Save::Incremental), Vec::<u8>::new());
        let mut loaded = load(2, &stored).unwrap();
        assert_eq!(loaded.pending(), 2, "{how:?}");
        assert_eq!(seen(&mut loaded), []);
        for replica in [&mut other, &mut loaded] {
            replica.apply(&updates[0]).unwrap();
            assert_eq!(replica.pending(), 0);
            assert_eq!(found(replica, "text"), plain("abc"));
            assert_eq!(seen(replica).len(), 1);
        }
        stored.push(other.save(Save::Incremental));
        assert_eq!(load(2, &stored).unwrap().read(), one.read());
    }
}

#[test]
fn recorded_versions_can_be_looked_at() {
    let mut replicas = [replica(1), replica(2)];
    let mut draws = Stream::root(2).named("versions").draws();
    let mut serial = 0;
    let mut recorded = Vec::new();
    for _ in 0..6 {
        for replica in &mut replicas {
            random_edits(replica, &mut draws, &mut serial, 6);
            recorded.push((replica.version().unwrap(), replica.read()));
        }
        let [one, other] = &mut replicas;
        sync(one, other);
        recorded.push((one.version().unwrap(), one.read()));
    }
    let mut loaded = load(3, &[replicas[0].save(Save::Whole)]).unwrap();
    for (version, document) in &recorded {
        for replica in &mut replicas {
            assert_eq!(replica.checkout(version).unwrap(), *document);
        }
        assert_eq!(loaded.checkout(version).unwrap(), *document);
    }
    assert_same(&mut replicas);
}

#[test]
fn versions_of_others_are_refused() {
    let (mut one, mut other) = (replica(1), replica(2));
    edit(&mut other, "text", text(0, "a"));
    let foreign = other.version().unwrap();
    let own = one.version().unwrap();
    let mut short = own.0.clone();
    short.pop();
    for version in [foreign, Version(Vec::new()), Version(short), Version(vec![0; 32])] {
        assert!(matches!(one.checkout(&version), Err(EngineError::Refused(_))), "{version:?}");
    }
    assert_eq!(one.checkout(&own).unwrap(), one.read());
}

#[test]
fn a_fork_has_everything_and_goes_its_own_way() {
    let (mut one, mut other) = (replica(1), replica(2));
    let first = edit(&mut one, "text", text(0, "a"));
    edit(&mut other, "text", text(0, "x"));
    let last = edit(&mut other, "text", text(1, "y"));
    one.apply(&other.take_updates()[1]).unwrap();
    let mut fork = one.fork(&setup(3)).unwrap();
    assert_eq!((fork.read(), fork.pending()), (one.read(), 1));
    assert_eq!(seen(&mut fork), [range(first)]);
    assert_eq!(fork.take_updates(), Vec::<Vec<u8>>::new());
    assert_eq!(load(3, &[fork.save(Save::Incremental)]).unwrap().read(), one.read());
    let forked = edit(&mut fork, "text", Action::DeleteText { index: 0, count: 1 });
    assert_eq!(forked.position, 1);
    sync(&mut fork, &mut other);
    sync(&mut fork, &mut one);
    assert_eq!(seen(&mut one), {
        let mut both = vec![range(last), range(forked)];
        both.sort_by_key(|seen| seen.lane);
        both
    });
    assert_same(&mut [one, other, fork]);
}

#[test]
fn a_store_of_another_layout_is_refused() {
    let stored = [replica(1).save(Save::Whole)];
    let mut other = setup(1);
    other.roots.insert("more".into(), deadzone_core::edit::ContainerKind::Text);
    use deadzone_core::engine::Engine;
    let loaded = deadzone_adapter_automerge::Automerge.load(&other, &stored);
    assert!(matches!(loaded.err(), Some(EngineError::Refused(_))));
}
