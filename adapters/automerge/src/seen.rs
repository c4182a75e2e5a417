//! Stamps: which edits a replica has come to hold.
//!
//! A stamp's lane is the actor and its position the sequence number of the
//! change. A replica holds the changes of an actor without gaps, so that what
//! is new of an actor is always one range.

use std::collections::BTreeMap;

use automerge::{ActorId, Automerge, ChangeHash};
use deadzone_core::engine::Seen;

/// The lane of an actor: its bytes folded to 64 bits. The ids of replicas are
/// random, so that no two of a run fall together.
pub(crate) fn lane(actor: &ActorId) -> u64 {
    actor.to_bytes().chunks(8).fold(0, |lane, chunk| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        // The odd constant of SplitMix64 keeps the two halves apart.
        lane.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ u64::from_le_bytes(word)
    })
}

/// What of a document was reported already. Costs nothing while edits are made
/// and received; what is new is found when asked for, from the heads of the
/// last time.
#[derive(Clone, Debug)]
pub(crate) struct Reported {
    heads: Vec<ChangeHash>,
    /// Of this replica's own lane: how far it was made here or reported.
    own: u64,
    /// Own changes of an earlier life that arrived before one was made here.
    earlier: Vec<Seen>,
}

impl Reported {
    /// Nothing but the genesis.
    pub(crate) fn nothing_since(genesis: ChangeHash) -> Self {
        Self { heads: vec![genesis], own: 0, earlier: Vec::new() }
    }

    /// A local edit was made as change `seq` of `lane`.
    pub(crate) fn made(&mut self, lane: u64, seq: u64) {
        if seq > self.own + 1 {
            self.earlier.push(Seen { lane, after: self.own, through: seq - 1 });
        }
        self.own = self.own.max(seq);
    }

    /// Adds what came since the last time, and remembers it as reported.
    pub(crate) fn report(&mut self, document: &Automerge, into: &mut Vec<Seen>) {
        into.append(&mut self.earlier);
        let heads = document.get_heads();
        if heads == self.heads {
            return;
        }
        let me = document.get_actor();
        let mut ranges: BTreeMap<u64, Seen> = BTreeMap::new();
        for change in document.get_changes_meta(&self.heads) {
            let (lane, through) = (lane(&change.actor), change.seq);
            if *change.actor == *me {
                if through <= self.own {
                    continue;
                }
                self.own = through;
            }
            let range = ranges.entry(lane).or_insert(Seen { lane, after: through - 1, through });
            range.through = range.through.max(through);
        }
        into.extend(ranges.into_values());
        self.heads = heads;
    }
}
