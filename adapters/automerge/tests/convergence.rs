//! Three replicas, all containers, everything at random.

mod common;

use common::*;
use deadzone_core::engine::Save;
use deadzone_core::rng::{Draws, Stream};
use proptest::prelude::*;

/// Three replicas edit, sync in pairs, broadcast, are reloaded and forked.
fn run(seed: u64, rounds: u64) {
    let mut draws = Stream::root(seed).named("convergence").draws();
    let mut serial = 0;
    let mut replicas = [replica(1), replica(2), replica(3)];
    let mut updates: Vec<Vec<u8>> = Vec::new();
    let mut next_id = 10;
    for _ in 0..rounds {
        let number = draws.below(3) as usize;
        random_edits(&mut replicas[number], &mut draws, &mut serial, 2);
        let local = replicas[number].read();
        updates.extend(replicas[number].take_updates());
        match draws.below(8) {
            0..=2 => {
                let other = (number + 1) % 3;
                let [one, other] = replicas.get_disjoint_mut([number, other]).unwrap();
                sync(one, other);
            }
            3..=4 if !updates.is_empty() => {
                let update = draws.pick(&updates);
                replicas[draws.below(3) as usize].apply(update).unwrap();
            }
            5 => reload(&mut replicas[number], &mut next_id, &mut draws),
            _ => assert_eq!(replicas[number].read(), local, "looking changes nothing"),
        }
    }
    for update in updates.iter().rev() {
        replicas.iter_mut().for_each(|replica| replica.apply(update).unwrap());
    }
    let document = assert_same(&mut replicas);
    let mut rebuilt = replica(4);
    updates.iter().for_each(|update| rebuilt.apply(update).unwrap());
    assert_eq!(rebuilt.read(), document, "rebuilt from all updates");
    for replica in &mut replicas {
        assert_eq!(replica.pending(), 0);
        let version = replica.version().unwrap();
        assert_eq!(version, rebuilt.version().unwrap());
        assert_eq!(replica.checkout(&version).unwrap(), document);
        let mut loaded = load(5, &[replica.save(Save::Whole)]).unwrap();
        assert_eq!(loaded.read(), document, "loaded from a snapshot");
    }
}

/// From its store or as a fork, under a new id.
fn reload(replica: &mut Boxed, next_id: &mut u8, draws: &mut Draws) {
    *next_id += 1;
    let before = replica.read();
    *replica = if draws.below(2) == 0 {
        load(*next_id, &[replica.save(Save::Whole)]).unwrap()
    } else {
        replica.fork(&setup(*next_id)).unwrap()
    };
    assert_eq!(replica.read(), before);
}

#[test]
fn long_runs_converge() {
    (0..6).for_each(|seed| run(seed, 120));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn short_runs_converge(seed: u64, rounds in 1_u64..40) {
        run(seed, rounds);
    }
}
