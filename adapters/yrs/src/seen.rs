//! Who has which transaction: stamps and their arrival.
//!
//! A transaction that inserts anything (a mark and an overwritten key insert,
//! too) is stamped with the end of its insertions: lane is the client id,
//! position the client's clock. A transaction that only deletes does not move
//! that clock; it is stamped with the last element that it deleted, in a lane of
//! its own for each client whose elements are deleted.
//!
//! Yjs cannot tell who deleted an element. So the stamp of a deletion counts as
//! arrived where its last element is deleted by whatever arrived first, and a
//! relay does not pass on a deletion that changes nothing any more. What a
//! replica deleted itself it reports with the next thing that it receives, since
//! others may have deleted the same and nobody will tell. If nothing comes any
//! more, only a load names what it holds.

use deadzone_core::engine::{Seen, Stamp};
use yrs::block::BlockRange;
use yrs::{ID, TransactionMut};

use crate::shim::{self, ClientID, IdSet, delete_set, insert_set};

/// Set in the lanes of deletions. Client ids have 53 bits.
const DELETIONS: u64 = 1 << 63;

/// What arrived since last asked.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    inserted: IdSet,
    deleted: IdSet,
    /// Deleted here, and nothing was received since. Without the elements that
    /// stand for own transactions.
    deleted_here: IdSet,
}

impl Arrivals {
    /// Notes a transaction that integrated what was received.
    pub(crate) fn received(&mut self, txn: &TransactionMut) {
        add(&mut self.inserted, &insert_set(txn));
        add(&mut self.deleted, &delete_set(txn));
        self.contact();
    }

    /// Something was received.
    pub(crate) fn contact(&mut self) {
        if !self.deleted_here.is_empty() {
            add(&mut self.deleted, &std::mem::take(&mut self.deleted_here));
        }
    }

    /// Notes a local transaction.
    pub(crate) fn made(&mut self, txn: &TransactionMut) {
        add(&mut self.deleted_here, &delete_set(txn));
        if insert_set(txn).is_empty()
            && let Some((client, end)) = last(&delete_set(txn))
        {
            let stamped = BlockRange::new(ID::new(client, end - 1), 1);
            self.deleted_here.remove_range(&stamped);
        }
    }

    /// As if what `other` noted had been noted here.
    pub(crate) fn absorb(&mut self, other: &Self) {
        add(&mut self.inserted, &other.inserted);
        add(&mut self.deleted, &other.deleted);
        add(&mut self.deleted_here, &other.deleted_here);
    }

    /// All of it, as ranges of stamps.
    pub(crate) fn drain(&mut self, into: &mut Vec<Seen>) {
        into.extend(ranges(&std::mem::take(&mut self.inserted), 0));
        into.extend(ranges(&std::mem::take(&mut self.deleted), DELETIONS));
    }
}

fn add(to: &mut IdSet, ids: &IdSet) {
    for (client, ranges) in ids.iter() {
        for range in ranges {
            to.insert(ID::new(*client, range.start), range.end - range.start);
        }
    }
}

fn ranges(ids: &IdSet, lanes: u64) -> impl Iterator<Item = Seen> {
    ids.iter().flat_map(move |(client, ranges)| {
        let lane = shim::number_of(*client) | lanes;
        ranges.into_iter().map(move |range| Seen {
            lane,
            after: range.start.into(),
            through: range.end.into(),
        })
    })
}

/// The stamp of a transaction that changed something.
pub(crate) fn stamp(txn: &TransactionMut) -> Option<Stamp> {
    let (client, end, lanes) = match last(&insert_set(txn)) {
        Some((client, end)) => (client, end, 0),
        None => last(&delete_set(txn)).map(|(client, end)| (client, end, DELETIONS))?,
    };
    Some(Stamp { lane: shim::number_of(client) | lanes, position: end.into() })
}

fn last(ids: &IdSet) -> Option<(ClientID, u32)> {
    ids.iter().filter_map(|(client, ranges)| Some((*client, ranges.iter().next_back()?.end))).last()
}
