//! At-least-once delivery of single updates to one peer.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use crate::time::{Span, Time};

/// Names an update in a run: who made it, and the how-manieth it was of his.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UpdateId {
    /// The node and its incarnation.
    pub origin: u64,
    /// Counts up from 0.
    pub number: u64,
}

/// An update that a peer has not acknowledged yet.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) id: UpdateId,
    pub(super) bytes: Rc<[u8]>,
    pub(super) sent_at: Option<Time>,
    /// Whether it survives a crash.
    stored: bool,
}

/// What a peer has not acknowledged yet, in the order in which it came.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    #[expect(clippy::box_collection, reason = "a relay has many, most empty: 8 bytes, not 32")]
    entries: Option<Box<VecDeque<Entry>>>,
}

impl Outbox {
    pub(super) fn push(&mut self, id: UpdateId, bytes: Rc<[u8]>) {
        let entries = self.entries.get_or_insert_default();
        entries.push_back(Entry { id, bytes, sent_at: None, stored: false });
    }

    pub(super) fn acknowledge(&mut self, id: UpdateId) {
        let Some(entries) = &mut self.entries else { return };
        if let Some(index) = entries.iter().position(|entry| entry.id == id) {
            entries.remove(index);
        }
    }

    /// Entries that are due at `now`, marked as sent.
    pub(super) fn take_due(&mut self, now: Time, after: Span) -> Vec<Entry> {
        let due = |entry: &&mut Entry| entry.sent_at.is_none_or(|sent| sent + after <= now);
        let mark = |entry: &mut Entry| {
            entry.sent_at = Some(now);
            entry.clone()
        };
        self.entries_mut().filter(due).map(mark).collect()
    }

    /// When the next entry is due.
    pub(super) fn next_due(&self, after: Span) -> Time {
        let due = |entry: &Entry| entry.sent_at.map_or(Time::ZERO, |sent| sent + after);
        self.entries.iter().flat_map(|entries| entries.iter()).map(due).min().unwrap_or(Time::NEVER)
    }

    /// A new connection: everything is due again.
    pub(super) fn restart(&mut self) {
        self.entries_mut().for_each(|entry| entry.sent_at = None);
    }

    pub(super) fn stored(&mut self) {
        self.entries_mut().for_each(|entry| entry.stored = true);
    }

    pub(super) fn crash(&mut self) {
        if let Some(entries) = &mut self.entries {
            entries.retain(|entry| entry.stored);
        }
        self.restart();
    }

    fn entries_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.entries.iter_mut().flat_map(|entries| entries.iter_mut())
    }
}

/// Which updates came by, to forward each of them once.
#[derive(Debug, Default)]
pub(super) struct Known {
    by_origin: BTreeMap<u64, Numbers>,
    unstored: Vec<UpdateId>,
}

#[derive(Debug, Default)]
struct Numbers {
    /// All below this are known.
    below: u64,
    above: BTreeSet<u64>,
}

impl Known {
    /// Whether it is new.
    pub(super) fn insert(&mut self, id: UpdateId) -> bool {
        let numbers = self.by_origin.entry(id.origin).or_default();
        let new = id.number >= numbers.below && numbers.above.insert(id.number);
        if new {
            while numbers.above.remove(&numbers.below) {
                numbers.below += 1;
            }
            self.unstored.push(id);
        }
        new
    }

    /// Whether it came by, and was not forgotten since.
    pub(super) fn contains(&self, id: UpdateId) -> bool {
        self.by_origin
            .get(&id.origin)
            .is_some_and(|numbers| id.number < numbers.below || numbers.above.contains(&id.number))
    }

    pub(super) fn stored(&mut self) {
        self.unstored.clear();
    }

    pub(super) fn crash(&mut self) {
        for id in std::mem::take(&mut self.unstored) {
            let numbers = self.by_origin.entry(id.origin).or_default();
            if id.number < numbers.below {
                numbers.above.extend(id.number + 1..numbers.below);
                numbers.below = id.number;
            }
            numbers.above.remove(&id.number);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn known_is_a_set_that_forgets_what_was_not_stored(
            steps in proptest::collection::vec((0_u64..8, 0_u8..10), 0..100),
        ) {
            let mut known = Known::default();
            let (mut stored, mut all) = (BTreeSet::new(), BTreeSet::new());
            for (number, what) in steps {
                match what {
                    0 => { known.stored(); stored = all.clone(); }
                    1 => { known.crash(); all = stored.clone(); }
                    _ => prop_assert_eq!(known.insert(UpdateId { origin: 1, number }), all.insert(number)),
                }
            }
        }
    }
}
