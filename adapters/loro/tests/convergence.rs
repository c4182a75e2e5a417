//! Random edits on all containers, three replicas, every way of travelling.

mod support;

use std::ops::Range;

use deadzone_adapter_loro::Loro;
use deadzone_core::engine::{Engine, Save};
use deadzone_core::rng::Stream;
use support::*;

/// A first look; `DEADZONE_SEEDS=0..1000` takes longer.
fn seeds() -> Range<u64> {
    let Ok(wanted) = std::env::var("DEADZONE_SEEDS") else { return 0..25 };
    let (from, to) = wanted.split_once("..").expect("DEADZONE_SEEDS=FROM..TO");
    let number = |text: &str| text.parse().expect("DEADZONE_SEEDS=FROM..TO");
    number(from)..number(to)
}

#[test]
fn replicas_converge_over_the_protocol() {
    for seed in seeds() {
        let mut draws = Stream::root(seed).named("protocol").draws();
        let mut group = Group::new(3);
        let pairs = [(0, 1), (1, 2), (0, 2)];
        let mut stamps = Vec::new();
        let mut seen = vec![Vec::new(); 3];
        for _ in 0..6 {
            for _ in 0..20 {
                let who = draws.below(3) as usize;
                stamps.extend(random_edit(&mut draws, group.replicas[who].as_mut()));
            }
            let pair = *draws.pick(&pairs);
            group.connect(pair.0, pair.1);
            group.settle(&[pair]);
            group.disconnect(pair.0, pair.1);
            for (it, seen) in group.replicas.iter_mut().zip(&mut seen) {
                it.newly_seen(seen);
            }
        }
        for (a, b) in pairs {
            group.connect(a, b);
        }
        group.settle(&pairs);
        group.assert_equal();
        for (number, (it, seen)) in group.replicas.iter_mut().zip(&mut seen).enumerate() {
            it.newly_seen(seen);
            let own = setup(number as u64).id.as_u64();
            let expected: Vec<_> =
                stamps.iter().map(|stamp| usize::from(stamp.lane != own)).collect();
            assert_eq!(times_seen(&stamps, seen), expected, "seed {seed}, replica {number}");
        }
    }
}

#[test]
fn replicas_converge_over_broadcast_and_so_do_fresh_loaded_and_forked_ones() {
    for seed in seeds() {
        let mut draws = Stream::root(seed).named("broadcast").draws();
        let mut group = Group::new(3);
        let mut inboxes = vec![Vec::new(); 3];
        let mut all = Vec::new();
        let mut recorded = Vec::new();
        for step in 0..120 {
            let who = draws.below(3) as usize;
            random_edit(&mut draws, group.replicas[who].as_mut());
            for update in group.replicas[who].take_updates() {
                for (to, inbox) in inboxes.iter_mut().enumerate() {
                    if to != who {
                        inbox.push(update.clone());
                    }
                }
                all.push(update);
            }
            // One message out of the middle, sometimes to be delivered again.
            let to = draws.below(3) as usize;
            if !inboxes[to].is_empty() {
                let index = draws.below(inboxes[to].len() as u64) as usize;
                let update = inboxes[to][index].clone();
                if draws.below(4) != 0 {
                    inboxes[to].swap_remove(index);
                }
                group.replicas[to].apply(&update).expect("an undamaged update");
            }
            if step % 40 == 20 {
                let it = group.replicas[who].as_mut();
                let stored = [it.save(Save::Whole)];
                let mut again =
                    Loro.load(&setup(who as u64), &stored).expect("what was saved can be loaded");
                assert_eq!((again.read(), again.pending()), (it.read(), it.pending()));
                recorded.push((who, it.version().expect("versions are supported"), it.read()));
                group.replicas[who] = again;
            }
        }
        for (it, inbox) in group.replicas.iter_mut().zip(&inboxes) {
            for update in inbox {
                it.apply(update).expect("an undamaged update");
            }
            assert_eq!(it.pending(), 0, "seed {seed}");
        }
        let document = group.assert_equal();
        let mut fresh = replica(7);
        for update in all.iter().rev() {
            fresh.apply(update).expect("an undamaged update");
        }
        assert_eq!((fresh.read(), fresh.pending()), (document.clone(), 0), "seed {seed}");
        let it = group.replicas[0].as_mut();
        let mut loaded =
            Loro.load(&setup(8), &[it.save(Save::Whole)]).expect("what was saved can be loaded");
        assert_eq!(loaded.read(), document, "seed {seed}");
        assert_eq!(it.fork(&setup(9)).expect("forks are supported").read(), document);
        for (who, version, past) in &recorded {
            let then = group.replicas[*who].checkout(version).expect("a version that was");
            assert_eq!(&then, past, "seed {seed}, replica {who}");
        }
        group.assert_equal();
    }
}
