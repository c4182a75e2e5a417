//! Edits by stamp, and what replicas reported of them.

use super::ranges::Ranges;
use crate::ahead::fetch;
use crate::engine::{Seen, Stamp};
use crate::measure::EditNumber;
use crate::plan::NodeId;

/// Edits by stamp: a table of lanes, and on each lane its edits in order.
///
/// Lanes are engines' actors and clients, numbers without any order that
/// matters, so they are looked up in a hash table; nothing goes through it in
/// the order of hashes.
#[derive(Clone, Debug, Default)]
pub(super) struct Lanes {
    /// The place in `lanes` plus one, by the lane's hash, the next free slot
    /// being taken where that is occupied; 0 for a free one. A power of two of
    /// slots, half of them free at least.
    slots: Vec<u32>,
    lanes: Vec<Lane>,
}

/// Where a lane probably is, to be kept by whoever asks for the same one again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LaneHint(u32);

#[derive(Clone, Debug)]
struct Lane {
    name: u64,
    /// The position of the last of `edits`; 0 before the first. It stands there too,
    /// but in memory of its own, and reading that is waited for where writing is not.
    last: u64,
    /// By position, twins in the order in which they were made.
    edits: Vec<(u64, EditNumber)>,
    /// What replicas reported, in their order, for stamps that are given out
    /// later: engines that name a deletion by what it deletes may see it before
    /// it is made.
    reported: Vec<(NodeId, Ranges)>,
}

/// Edits that stand one behind the other on a lane.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    lane: u32,
    from: u32,
    to: u32,
}

impl Stretch {
    /// For [`Lanes::edit`].
    pub(super) fn places(self) -> std::ops::Range<u32> {
        self.from..self.to
    }
}

impl Lanes {
    /// Has the memory of a lane fetched.
    pub(super) fn fetch(&self, hint: LaneHint) {
        if let Some(lane) = self.lanes.get(hint.0 as usize) {
            fetch(&lane.name);
            fetch(&lane.reported);
        }
    }

    /// Adds an edit; gives the first one with the same stamp if there is one,
    /// and whether anybody has reported anything on that lane.
    pub(super) fn insert(
        &mut self,
        stamp: Stamp,
        edit: EditNumber,
        hint: &mut LaneHint,
    ) -> (Option<EditNumber>, bool) {
        let hinted = self.lanes.get(hint.0 as usize).is_some_and(|lane| lane.name == stamp.lane);
        let lane = if hinted { hint.0 as usize } else { self.lane_or_new(stamp.lane) };
        *hint = LaneHint(lane as u32);
        let Lane { last, edits, reported, .. } = &mut self.lanes[lane];
        let is_reported = !reported.is_empty();
        if edits.is_empty() || *last < stamp.position {
            *last = stamp.position;
            edits.push((stamp.position, edit));
            return (None, is_reported);
        }
        let after = count_through(edits, stamp.position);
        let first = edits[..after].partition_point(|&(position, _)| position < stamp.position);
        let twin = edits[first..after].first().map(|&(_, twin)| twin);
        edits.insert(after, (stamp.position, edit));
        (twin, is_reported)
    }

    /// A replica reported `seen`; gives the edits that it names.
    pub(super) fn report(&mut self, node: NodeId, seen: Seen) -> Stretch {
        let lane = self.lane_or_new(seen.lane);
        let Lane { edits, reported, .. } = &mut self.lanes[lane];
        let ranges = match reported.binary_search_by_key(&node, |&(node, _)| node) {
            Ok(place) => &mut reported[place].1,
            Err(place) => {
                reported.insert(place, (node, Ranges::default()));
                &mut reported[place].1
            }
        };
        ranges.add(seen.after, seen.through);
        let to = count_through(edits, seen.through);
        let from = count_through(&edits[..to], seen.after);
        Stretch { lane: lane as u32, from: from as u32, to: to as u32 }
    }

    /// Who reported this stamp.
    pub(super) fn reporters(&self, stamp: Stamp) -> impl Iterator<Item = NodeId> {
        let reported = self.find(stamp.lane).map(|lane| &self.lanes[lane].reported);
        let reported = reported.into_iter().flatten();
        reported.filter(move |(_, ranges)| ranges.contain(stamp.position)).map(|&(node, _)| node)
    }

    /// What a replica reported is void.
    pub(super) fn forget(&mut self, node: NodeId) {
        for lane in &mut self.lanes {
            lane.reported.retain(|&(reporter, _)| reporter != node);
        }
    }

    /// The edit at a place of a stretch, which must be one of its places.
    pub(super) fn edit(&self, stretch: Stretch, place: u32) -> EditNumber {
        self.lanes[stretch.lane as usize].edits[place as usize].1
    }

    fn slot_of(&self, name: u64) -> usize {
        // Fibonacci hashing: of the product, the upper half is the mixed one.
        (name.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize & (self.slots.len() - 1)
    }

    fn find(&self, name: u64) -> Option<usize> {
        if self.slots.is_empty() {
            return None;
        }
        let mut slot = self.slot_of(name);
        loop {
            let lane = self.slots[slot].checked_sub(1)? as usize;
            if self.lanes[lane].name == name {
                return Some(lane);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }

    fn lane_or_new(&mut self, name: u64) -> usize {
        if let Some(lane) = self.find(name) {
            return lane;
        }
        let lane = self.lanes.len();
        self.lanes.push(Lane { name, last: 0, edits: Vec::new(), reported: Vec::new() });
        if self.lanes.len() * 2 > self.slots.len() {
            self.slots = vec![0; (self.lanes.len() * 4).next_power_of_two()];
            (0..self.lanes.len()).for_each(|lane| self.enter(lane));
        } else {
            self.enter(lane);
        }
        lane
    }

    fn enter(&mut self, lane: usize) {
        let mut slot = self.slot_of(self.lanes[lane].name);
        while self.slots[slot] != 0 {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        self.slots[slot] = lane as u32 + 1;
    }
}

/// How many of `edits` have at most this position. Looks from the end, where
/// what was made last is.
fn count_through(edits: &[(u64, EditNumber)], position: u64) -> usize {
    let (mut from, mut to, mut step) = (edits.len(), edits.len(), 1);
    while from > 0 && edits[from - 1].0 > position {
        to = from - 1;
        from = from.saturating_sub(step);
        step *= 2;
    }
    from + edits[from..to].partition_point(|&(at, _)| at <= position)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_stretch_is_what_a_sorted_map_has(
            made in proptest::collection::vec((0_u64..40, 0_u64..6), 0..120),
            asked in proptest::collection::vec((0_u64..40, 0_u64..7, 0_u64..7), 20),
        ) {
            let (mut lanes, mut model) = (Lanes::default(), BTreeMap::new());
            let mut hint = LaneHint::default();
            for (number, &(lane, position)) in (0..).zip(&made) {
                // Names that agree in their low bits.
                let stamp = Stamp { lane: lane << 40, position };
                let twins: &mut Vec<_> = model.entry((stamp.lane, position)).or_default();
                let (twin, _) = lanes.insert(stamp, EditNumber(number), &mut hint);
                prop_assert_eq!(twin, twins.first().copied());
                twins.push(EditNumber(number));
            }
            for (lane, after, length) in asked {
                let (lane, through) = (lane << 40, after + length);
                let stretch = lanes.report(NodeId(0), Seen { lane, after, through });
                let found: Vec<_> =
                    stretch.places().map(|place| lanes.edit(stretch, place)).collect();
                let expected: Vec<_> = model
                    .iter()
                    .filter(|((l, p), _)| *l == lane && *p > after && *p <= through)
                    .flat_map(|(_, twins)| twins.clone())
                    .collect();
                prop_assert_eq!(found, expected);
            }
        }

        #[test]
        fn counting_from_the_end_is_counting(
            mut positions in proptest::collection::vec(0_u64..50, 0..60),
            asked in 0_u64..55,
        ) {
            positions.sort_unstable();
            let edits: Vec<_> = positions.iter().map(|&at| (at, EditNumber(0))).collect();
            let expected = positions.iter().filter(|&&at| at <= asked).count();
            prop_assert_eq!(count_through(&edits, asked), expected);
        }
    }
}
