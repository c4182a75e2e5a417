//! Damaged bytes: an error, or a document that is still sound; never a panic.

use std::panic::{AssertUnwindSafe, catch_unwind};

use deadzone_core::digest::hex;
use deadzone_core::document::Document;
use deadzone_core::engine::{Delivery, Engine, EngineError, PeerId, Replica, Save};
use deadzone_core::rng::Stream;

use super::delivery::{diverged, lacks, updates_of_two};
use super::local::{edit, first_write};
use crate::fleet::{Fleet, roots, setup, supported, text};
use crate::generate::{people, write};

/// At most so many damaged forms of one message are tried.
const MOST_FORMS: usize = 160;

/// What is wrong about what an engine did with damaged bytes, if anything.
type Wrong = Option<String>;

/// `bytes` cut off and with single bits turned, evenly over their length.
fn damaged(bytes: &[u8]) -> Vec<Vec<u8>> {
    let half = MOST_FORMS / 2;
    let spread = |count: usize| (0..count).step_by(count.div_ceil(half).max(1));
    let mut forms: Vec<Vec<u8>> = spread(bytes.len()).map(|cut| bytes[..cut].to_vec()).collect();
    for place in spread(bytes.len()) {
        let mut turned = bytes.to_vec();
        turned[place] ^= 1 << (place % 8);
        forms.push(turned);
    }
    forms.push([bytes, &[0]].concat());
    forms.push(vec![0xff; bytes.len()]);
    forms
}

/// Gives every damaged form of `bytes` to `take` and fails with all that went
/// wrong.
fn check(what: &str, bytes: &[u8], mut take: impl FnMut(&[u8]) -> Wrong) {
    let mut wrongs = Vec::new();
    for form in damaged(bytes) {
        let outcome = catch_unwind(AssertUnwindSafe(|| take(&form)));
        let wrong = match outcome {
            Ok(wrong) => wrong,
            Err(payload) => {
                let said = payload.downcast_ref::<String>().cloned();
                let said = said.or_else(|| payload.downcast_ref::<&str>().map(|s| (*s).to_owned()));
                Some(format!("panicked: {}", said.unwrap_or_default()))
            }
        };
        wrongs.extend(wrong.map(|wrong| format!("{wrong}\n    on {}", hex(&form))));
    }
    let (count, shown) = (wrongs.len(), wrongs.iter().take(3).cloned().collect::<Vec<_>>());
    assert!(count == 0, "{count} damaged forms of {what}, among them:\n  {}", shown.join("\n  "));
}

/// What is wrong about a replica after it was given damaged bytes.
fn judge(
    engine: &dyn Engine,
    replica: &mut dyn Replica,
    before: &Document,
    outcome: &Result<(), EngineError>,
) -> Wrong {
    let after = replica.read();
    match outcome {
        Err(EngineError::Refused(_)) if after != *before => {
            return Some(format!("refused, but it is now {}", text(&after)));
        }
        Err(EngineError::Refused(_)) | Ok(()) => {}
        Err(other) => return Some(format!("answered with {other:?} and not with a refusal")),
    }
    if after.roots.keys().ne(before.roots.keys()) {
        return Some(format!("the roots are now those of {}", text(&after)));
    }
    // It can still be edited and saved.
    let kind = *supported(&engine.info()).first()?;
    let path = deadzone_core::edit::Path::root(kind.name());
    if let Err(error) = replica.edit(&[edit(&path, first_write(kind))]) {
        return Some(format!("cannot be edited any more: {error}"));
    }
    replica.read();
    replica.save(Save::Whole);
    None
}

fn stored_base(engine: &dyn Engine, seed: u64) -> Vec<u8> {
    let mut fleet = Fleet::of(engine, 1);
    let mut people = people(engine, Stream::root(seed).named("base"), 1);
    (0..6).for_each(|_| write(&mut fleet, &mut people, 0));
    fleet.replicas[0].save(Save::Whole)
}

/// Messages of the protocol.
pub fn damaged_messages(engine: &dyn Engine) {
    // All that 0 says to 1 in one sync; 1 gets the first ones whole, and then a
    // damaged one.
    let conversation = |until: usize, damage: Option<&[u8]>| {
        let (mut fleet, _) = diverged(engine, 7, 3);
        let mut said = Vec::new();
        for number in [0, 1] {
            let peer = PeerId(1 - number as u32);
            fleet.replicas[number].connect(peer, None).expect("a first connection");
        }
        loop {
            let mut silent = true;
            while let Some(message) = fleet.replicas[0].poll(PeerId(1)) {
                silent = false;
                if said.len() == until
                    && let Some(damage) = damage
                {
                    let before = fleet.read(1);
                    let outcome = fleet.replicas[1].receive(PeerId(0), damage);
                    let wrong = judge(engine, fleet.replicas[1].as_mut(), &before, &outcome);
                    return (said, wrong);
                }
                fleet.replicas[1].receive(PeerId(0), &message).expect("not damaged");
                said.push(message);
            }
            while let Some(message) = fleet.replicas[1].poll(PeerId(0)) {
                silent = false;
                fleet.replicas[0].receive(PeerId(1), &message).expect("not damaged");
            }
            if silent {
                return (said, None);
            }
        }
    };
    let (said, _) = conversation(usize::MAX, None);
    assert!(!said.is_empty(), "a sync without a message");
    for (number, message) in said.iter().enumerate() {
        check(&format!("message {number}"), message, |form| conversation(number, Some(form)).1);
    }
}

/// Updates.
pub fn damaged_updates(engine: &dyn Engine) {
    if lacks(engine, Delivery::Broadcast) {
        return;
    }
    let (updates, _) = updates_of_two(engine, 5);
    for (number, update) in updates.iter().enumerate().step_by(5) {
        check(&format!("update {number}"), update, |form| {
            let mut fleet = Fleet::of_strangers(engine, 1);
            updates[..number].iter().for_each(|earlier| fleet.apply(0, earlier));
            let before = fleet.read(0);
            let outcome = fleet.replicas[0].apply(form);
            judge(engine, fleet.replicas[0].as_mut(), &before, &outcome)
        });
    }
}

/// Stores.
pub fn damaged_stores(engine: &dyn Engine) {
    let setup = setup(1, &roots(&engine.info()));
    for seed in 0..2 {
        let stored = stored_base(engine, seed);
        let whole = engine
            .load(&setup, std::slice::from_ref(&stored))
            .expect("what was saved loads")
            .read();
        check("a store", &stored, |form| match engine.load(&setup, &[form.to_vec()]) {
            Err(EngineError::Refused(_)) => None,
            Err(other) => Some(format!("answered with {other:?} and not with a refusal")),
            Ok(mut replica) => judge(engine, replica.as_mut(), &whole, &Ok(())),
        });
    }
}

/// What a replica keeps of a session.
pub fn damaged_sessions(engine: &dyn Engine) {
    let (mut fleet, _) = diverged(engine, 3, 3);
    fleet.connect(0, 1);
    fleet.settle();
    let Some(kept) = fleet.replicas[0].disconnect(PeerId(1)) else { return };
    check("a session", &kept, |form| {
        let (mut fleet, _) = diverged(engine, 3, 3);
        let before = fleet.read(0);
        let outcome = fleet.replicas[0].connect(PeerId(1), Some(form));
        judge(engine, fleet.replicas[0].as_mut(), &before, &outcome)
    });
}
