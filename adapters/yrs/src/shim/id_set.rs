//! Sets of ids as yrs has them since 0.27, for what came before.

use std::collections::BTreeMap;
use std::ops::Range;

use yrs::block::BlockRange;
use yrs::{ID, ReadTxn, TransactionMut};

use super::ClientID;

#[cfg(feature = "engine-before-0-26")]
type Deleted = yrs::DeleteSet;
#[cfg(not(feature = "engine-before-0-26"))]
type Deleted = yrs::IdSet;

/// Elements by client: ranges of the client's clock, in order, apart from each
/// other.
#[derive(Debug, Default)]
pub(crate) struct IdSet(BTreeMap<ClientID, Vec<Range<u32>>>);

impl IdSet {
    /// What a transaction inserted so far.
    pub(super) fn inserted(txn: &TransactionMut) -> Self {
        let before = txn.before_state();
        let mut set = Self::default();
        for (client, end) in txn.state_vector().iter() {
            let start = before.get(client);
            if start < *end {
                set.insert(ID::new(*client, start), end - start);
            }
        }
        set
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&ClientID, &Vec<Range<u32>>)> {
        self.0.iter()
    }

    pub(crate) fn insert(&mut self, id: ID, len: u32) {
        if len == 0 {
            return;
        }
        let ranges = self.0.entry(id.client).or_default();
        let mut new = id.clock..id.clock + len;
        ranges.retain(|range| {
            let touches = range.start <= new.end && new.start <= range.end;
            if touches {
                new = new.start.min(range.start)..new.end.max(range.end);
            }
            !touches
        });
        let place = ranges.partition_point(|range| range.start < new.start);
        ranges.insert(place, new);
    }

    pub(crate) fn remove_range(&mut self, gone: &BlockRange) {
        let (from, to) = (gone.id.clock, gone.id.clock + gone.len);
        let Some(ranges) = self.0.get_mut(&gone.id.client) else { return };
        *ranges = ranges
            .iter()
            .flat_map(|range| [range.start..range.end.min(from), range.start.max(to)..range.end])
            .filter(|range| range.start < range.end)
            .collect();
        if ranges.is_empty() {
            self.0.remove(&gone.id.client);
        }
    }

    /// Whether all of it is in `other`.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        self.0.iter().all(|(client, ranges)| {
            let others = other.0.get(client).map_or(&[][..], Vec::as_slice);
            let covers = |range: &Range<u32>| {
                others.iter().any(|other| other.start <= range.start && range.end <= other.end)
            };
            ranges.iter().all(covers)
        })
    }
}

impl From<&Deleted> for IdSet {
    fn from(deleted: &Deleted) -> Self {
        let mut set = Self::default();
        for (client, ranges) in deleted.iter() {
            for range in ranges.iter() {
                set.insert(ID::new(*client, range.start), range.end - range.start);
            }
        }
        set
    }
}
