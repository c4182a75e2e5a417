//! Who has seen which edit, and since when.

use std::num::NonZeroU32;

use super::lanes::{LaneHint, Lanes};
use crate::ahead::fetch;
use crate::engine::{Seen, Stamp};
use crate::plan::NodeId;
use crate::time::{Span, Time};

/// The number of an accepted edit, counted up through a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EditNumber(pub u32);

/// Keeps account of sightings for all edits and replicas.
#[derive(Clone, Debug)]
pub struct Sightings {
    nodes: usize,
    words: usize,
    lanes: Lanes,
    edits: Vec<MadeEdit>,
    /// Rows of `words` times 64 bits, for the edits that have one.
    seen: Vec<u64>,
    held: Vec<u32>,
    /// Of each replica, where the lane of its last edit is.
    lane_hints: Vec<LaneHint>,
    /// Edits that some replica holds.
    alive: u32,
    /// Replicas that hold all of them.
    complete: usize,
}

#[derive(Clone, Copy, Debug)]
struct MadeEdit {
    made_at: Time,
    origin: NodeId,
    holders: u32,
    /// Its row in `seen`. It has none until another replica than its origin's
    /// has held it, since in a large fleet a row is large.
    row: Option<NonZeroU32>,
    arrived_home: bool,
}

/// An edit came to be in a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Which edit.
    pub edit: EditNumber,
    /// On whose device it was made.
    pub origin: NodeId,
    /// How long after it was made.
    pub after: Span,
    /// Whether the replica is the origin's own, for the first time: an edit
    /// that had waited for an authority.
    pub at_home: bool,
}

impl Sightings {
    /// Has the memory fetched that [`Sightings::made`] needs for an edit of this
    /// replica.
    pub(crate) fn fetch(&self, node: NodeId) {
        fetch(&self.held[node.0 as usize]);
        fetch(&self.lane_hints[node.0 as usize]);
    }

    /// The rest of it, once that is there.
    pub(crate) fn fetch_lane(&self, node: NodeId) {
        self.lanes.fetch(self.lane_hints[node.0 as usize]);
    }

    /// For this many replicas.
    pub fn new(nodes: usize) -> Self {
        Self {
            nodes,
            words: nodes.div_ceil(64),
            lanes: Lanes::default(),
            edits: Vec::new(),
            seen: Vec::new(),
            held: vec![0; nodes],
            lane_hints: vec![LaneHint::default(); nodes],
            alive: 0,
            complete: nodes,
        }
    }

    /// A new edit; `held` says whether its origin's replica has it already, or
    /// waits for an authority.
    pub fn made(&mut self, stamp: Stamp, origin: NodeId, now: Time, held: bool) -> EditNumber {
        let number = EditNumber(u32::try_from(self.edits.len()).expect("below 2^32 edits"));
        let (twin, is_reported) =
            self.lanes.insert(stamp, number, &mut self.lane_hints[origin.0 as usize]);
        let made = MadeEdit { made_at: now, origin, holders: 0, row: None, arrived_home: held };
        self.edits.push(made);
        if held {
            self.hold(number, origin);
        }
        // Whose document holds the effect already cannot be told that it is new.
        if is_reported || twin.is_some() {
            let mut before: Vec<NodeId> = self.lanes.reporters(stamp).collect();
            if let Some(twin) = twin {
                let nodes = (0..self.nodes as u32).map(NodeId);
                before.extend(nodes.filter(|&node| self.has(twin, node)));
            }
            for node in before {
                self.hold(number, node);
            }
        }
        number
    }

    /// A replica reports what has arrived; calls `each` for every edit that is
    /// new to it.
    pub fn saw(&mut self, node: NodeId, seen: Seen, now: Time, mut each: impl FnMut(Sighting)) {
        if seen.after >= seen.through {
            return;
        }
        let stretch = self.lanes.report(node, seen);
        for place in stretch.places() {
            let edit = self.lanes.edit(stretch, place);
            if self.hold(edit, node) {
                let made = &mut self.edits[edit.0 as usize];
                let at_home = made.origin == node && !made.arrived_home;
                made.arrived_home |= at_home;
                let (origin, after) = (made.origin, now - made.made_at);
                each(Sighting { edit, origin, after, at_home });
            }
        }
    }

    /// A replica lost its memory; what its storage still held is reported by
    /// [`Sightings::saw`] afterwards.
    pub fn forget(&mut self, node: NodeId) {
        for edit in 0..self.edits.len() {
            if !self.has(EditNumber(edit as u32), node) {
                continue;
            }
            let made = &mut self.edits[edit];
            made.holders -= 1;
            self.alive -= u32::from(made.holders == 0);
            if let Some(row) = made.row {
                let (word, bit) = self.place_of(row, node);
                self.seen[word] &= !bit;
            }
        }
        self.held[node.0 as usize] = 0;
        self.lanes.forget(node);
        self.recount();
    }

    /// Whether a replica holds an edit.
    pub fn has(&self, edit: EditNumber, node: NodeId) -> bool {
        let made = &self.edits[edit.0 as usize];
        match made.row {
            Some(row) => {
                let (word, bit) = self.place_of(row, node);
                self.seen[word] & bit != 0
            }
            None => made.holders > 0 && made.origin == node,
        }
    }

    /// Replicas that lack an edit which some other holds.
    pub fn behind(&self) -> usize {
        self.nodes - self.complete
    }

    /// Whether all replicas hold the same edits.
    pub fn all_equal(&self) -> bool {
        self.complete == self.nodes
    }

    /// Replicas that lack an edit which some other holds, by number.
    pub fn laggards(&self) -> impl Iterator<Item = NodeId> {
        let behind = |&node: &usize| self.held[node] != self.alive;
        (0..self.nodes).filter(behind).map(|node| NodeId(node as u32))
    }

    /// What the replicas `among` lack now of what one of them holds.
    pub fn gaps_among(&self, among: &[NodeId]) -> Gaps {
        let mut nodes = vec![0; self.words];
        for &node in among {
            let (word, bit) = bit_of(node);
            nodes[word] |= bit;
        }
        let mut gaps = Gaps { nodes, wanted: vec![0; self.edits.len().div_ceil(64)], open: 0 };
        for edit in 0..self.edits.len() {
            let holders = self.holders_among(&self.edits[edit], &gaps.nodes);
            if holders > 0 && (holders as usize) < among.len() {
                gaps.wanted[edit / 64] |= 1 << (edit % 64);
                gaps.open += (among.len() - holders as usize) as u64;
            }
        }
        gaps
    }

    /// Edits by origin that some replica never came to see, those that are
    /// nowhere any more among them.
    pub fn not_visible(&self) -> impl Iterator<Item = NodeId> {
        let nodes = self.nodes as u32;
        self.edits.iter().filter(move |edit| edit.holders < nodes).map(|edit| edit.origin)
    }

    fn hold(&mut self, edit: EditNumber, node: NodeId) -> bool {
        if self.has(edit, node) {
            return false;
        }
        let made = self.edits[edit.0 as usize];
        if made.row.is_some() || made.origin != node {
            let row = made.row.unwrap_or_else(|| self.give_row(edit));
            let (word, bit) = self.place_of(row, node);
            self.seen[word] |= bit;
        }
        let made = &mut self.edits[edit.0 as usize];
        made.holders += 1;
        let held = &mut self.held[node.0 as usize];
        if made.holders == 1 {
            // Everybody lacks it now but this replica.
            let was_complete = *held == self.alive;
            self.alive += 1;
            *held += 1;
            self.complete = usize::from(was_complete);
        } else {
            *held += 1;
            self.complete += usize::from(*held == self.alive);
        }
        true
    }

    fn give_row(&mut self, edit: EditNumber) -> NonZeroU32 {
        self.seen.resize(self.seen.len() + self.words, 0);
        let row = (self.seen.len() / self.words) as u32;
        let row = NonZeroU32::new(row).expect("a row was just added");
        let made = &mut self.edits[edit.0 as usize];
        made.row = Some(row);
        if made.holders > 0 {
            let (word, bit) = self.place_of(row, self.edits[edit.0 as usize].origin);
            self.seen[word] |= bit;
        }
        row
    }

    /// The word and the bit of a replica in a row. Rows count from one.
    fn place_of(&self, row: NonZeroU32, node: NodeId) -> (usize, u64) {
        let (word, bit) = bit_of(node);
        ((row.get() as usize - 1) * self.words + word, bit)
    }

    /// How many of the replicas with a bit in `among` hold an edit.
    fn holders_among(&self, made: &MadeEdit, among: &[u64]) -> u32 {
        let Some(row) = made.row else {
            let (word, bit) = bit_of(made.origin);
            return u32::from(made.holders > 0 && among[word] & bit != 0);
        };
        let start = (row.get() as usize - 1) * self.words;
        let row = &self.seen[start..start + self.words];
        row.iter().zip(among).map(|(seen, node)| (seen & node).count_ones()).sum()
    }

    fn recount(&mut self) {
        self.complete = self.held.iter().filter(|&&held| held == self.alive).count();
    }
}

/// What some replicas lacked at one moment of what one of them held.
#[derive(Clone, Debug)]
pub struct Gaps {
    /// One bit a replica.
    nodes: Vec<u64>,
    /// One bit an edit.
    wanted: Vec<u64>,
    open: u64,
}

impl Gaps {
    /// Whether nothing is lacking any more.
    pub fn are_closed(&self) -> bool {
        self.open == 0
    }

    /// Nothing is lacking any more.
    pub fn close(&mut self) {
        self.open = 0;
    }

    /// A replica has come to hold an edit that it did not hold before; whether
    /// that was one of the gaps.
    pub fn fill(&mut self, edit: EditNumber, node: NodeId) -> bool {
        let (word, bit) = bit_of(node);
        let (edit_word, edit_bit) = (edit.0 as usize / 64, 1 << (edit.0 % 64));
        let wanted = self.wanted.get(edit_word).is_some_and(|wanted| wanted & edit_bit != 0);
        let fills = wanted && self.nodes[word] & bit != 0;
        self.open -= u64::from(fills);
        fills
    }

    /// A replica is cut off: what it lacks has to wait for another heal.
    pub fn excuse(&mut self, node: NodeId, sightings: &Sightings) {
        let (word, bit) = bit_of(node);
        if self.nodes[word] & bit == 0 {
            return;
        }
        self.nodes[word] &= !bit;
        for edit in 0..(self.wanted.len() * 64).min(sightings.edits.len()) {
            let wanted = self.wanted[edit / 64] & 1 << (edit % 64) != 0;
            if wanted && !sightings.has(EditNumber(edit as u32), node) {
                self.open -= 1;
            }
        }
    }
}

fn bit_of(node: NodeId) -> (usize, u64) {
    (node.0 as usize / 64, 1 << (node.0 % 64))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seen(lane: u64, after: u64, through: u64) -> Seen {
        Seen { lane, after, through }
    }

    #[test]
    fn a_sighting_is_reported_once() {
        let mut sightings = Sightings::new(2);
        let stamp = Stamp { lane: 9, position: 4 };
        sightings.made(stamp, NodeId(0), Time::from_nanos(10), true);
        assert_eq!(sightings.behind(), 1);
        let mut reports = Vec::new();
        for _ in 0..2 {
            sightings.saw(NodeId(1), seen(9, 0, 7), Time::from_nanos(25), |s| reports.push(s));
        }
        assert_eq!(reports.len(), 1);
        assert_eq!(reports[0].after, Span::from_nanos(15));
        assert!(sightings.all_equal());
    }

    #[test]
    fn an_edit_that_died_with_its_replica_is_nobodys_gap() {
        let mut sightings = Sightings::new(3);
        sightings.made(Stamp { lane: 1, position: 1 }, NodeId(0), Time::ZERO, true);
        sightings.forget(NodeId(0));
        assert!(sightings.all_equal());
        assert_eq!(sightings.not_visible().count(), 1);
    }

    #[test]
    fn twins_share_their_sightings() {
        let mut sightings = Sightings::new(2);
        let stamp = Stamp { lane: 1, position: 1 };
        sightings.made(stamp, NodeId(0), Time::ZERO, true);
        sightings.made(stamp, NodeId(1), Time::ZERO, true);
        sightings.saw(NodeId(0), seen(1, 0, 1), Time::ZERO, |_| {});
        sightings.saw(NodeId(1), seen(1, 0, 1), Time::ZERO, |_| {});
        assert!(sightings.all_equal());
    }

    #[test]
    fn what_was_seen_before_it_was_made_is_seen() {
        let mut sightings = Sightings::new(2);
        sightings.saw(NodeId(1), seen(1, 3, 9), Time::ZERO, |_| {});
        sightings.made(Stamp { lane: 1, position: 5 }, NodeId(0), Time::ZERO, true);
        assert!(sightings.all_equal());
    }

    proptest! {
        #[test]
        fn counts_agree_with_counting(steps in proptest::collection::vec((0_u32..4, 0_u64..3, 0_u8..8), 1..80)) {
            let mut sightings = Sightings::new(4);
            let mut next = [0_u64; 3];
            for (node, lane, what) in steps {
                match what {
                    0..=3 => {
                        next[lane as usize] += 1;
                        let stamp = Stamp { lane, position: next[lane as usize] };
                        sightings.made(stamp, NodeId(node), Time::ZERO, what != 3);
                    }
                    4..=6 => sightings.saw(
                        NodeId(node), seen(lane, 0, next[lane as usize]), Time::ZERO, |_| {},
                    ),
                    _ => sightings.forget(NodeId(node)),
                }
                let alive: Vec<_> = (0..sightings.edits.len() as u32)
                    .map(EditNumber)
                    .filter(|&edit| (0..4).any(|n| sightings.has(edit, NodeId(n))))
                    .collect();
                let behind = (0..4)
                    .filter(|&n| alive.iter().any(|&edit| !sightings.has(edit, NodeId(n))))
                    .count();
                prop_assert_eq!(sightings.behind(), behind);
                prop_assert_eq!(sightings.laggards().count(), behind);
            }
        }
    }
}
