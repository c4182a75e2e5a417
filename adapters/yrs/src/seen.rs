//! Who has which transaction: stamps and their arrival.
//!
//! A transaction that inserts anything (a mark and an overwritten key insert,
//! too) is stamped with the end of its insertions: lane is the client id,
//! position the client's clock. A transaction that only deletes does not move
//! that clock; it is stamped with the last element that it deleted, in a lane of
//! its own for each client whose elements are deleted.
//!
//! Yjs cannot tell apart who deleted an element. So the stamp of a deletion
//! counts as arrived as soon as its last element is known to be deleted, by
//! whomever, and each update that names the deletion again says so again. A
//! relay does not even pass on a deletion that changes nothing any more; hence a
//! replica that deletes also holds, from then on, whatever others may come to
//! delete of the same.

use deadzone_core::engine::{Seen, Stamp};
use yrs::{ClientID, ID, IdSet, TransactionMut};

/// Set in the lanes of deletions. Client ids have 53 bits.
const DELETIONS: u64 = 1 << 63;

/// What arrived since last asked.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    inserted: IdSet,
    deleted: IdSet,
}

impl Arrivals {
    /// Adds these insertions.
    pub(crate) fn inserted(&mut self, ids: &IdSet) {
        add(&mut self.inserted, ids);
    }

    /// Adds these deletions.
    pub(crate) fn deleted(&mut self, ids: &IdSet) {
        add(&mut self.deleted, ids);
    }

    /// Takes deletions back that wait for the elements they delete.
    pub(crate) fn not_deleted(&mut self, pending: &IdSet) {
        self.deleted.diff_with(pending);
    }

    /// All of it, as ranges of stamps.
    pub(crate) fn drain(&mut self, into: &mut Vec<Seen>) {
        let Self { inserted, deleted } = std::mem::take(self);
        into.extend(ranges(&inserted, 0));
        into.extend(ranges(&deleted, DELETIONS));
    }
}

fn add(to: &mut IdSet, ids: &IdSet) {
    for (client, ranges) in ids.iter() {
        for range in ranges.iter().filter(|range| !range.is_empty()) {
            to.insert(ID::new(*client, range.start), range.end - range.start);
        }
    }
}

fn ranges(ids: &IdSet, lanes: u64) -> impl Iterator<Item = Seen> {
    ids.iter().flat_map(move |(client, ranges)| {
        let lane = client.get() | lanes;
        ranges.into_iter().map(move |range| Seen {
            lane,
            after: range.start.into(),
            through: range.end.into(),
        })
    })
}

/// The stamp of a transaction that changed something.
pub(crate) fn stamp(txn: &TransactionMut) -> Option<Stamp> {
    let (client, end, lanes) = match last(txn.insert_set()) {
        Some((client, end)) => (client, end, 0),
        None => last(txn.delete_set()).map(|(client, end)| (client, end, DELETIONS))?,
    };
    Some(Stamp { lane: client.get() | lanes, position: end.into() })
}

fn last(ids: &IdSet) -> Option<(ClientID, u32)> {
    ids.iter().filter_map(|(client, ranges)| Some((*client, ranges.iter().last()?.end))).last()
}
