//! Connections while a plan is lowered.
//!
//! In a world the two sides of a connection come to know of it, and of its end,
//! at different times; in a schedule both do at once: at the first side's
//! beginning, and at the second side's end or the next beginning.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use crate::plan::NodeId;

/// All connections.
#[derive(Default)]
pub(super) struct Lines {
    pairs: BTreeMap<(NodeId, NodeId), Pair>,
    /// The step that asked for a message last, until it is known what it gave.
    asked: Option<u32>,
}

/// What two nodes have with each other; the sides are the lower one and the
/// higher one.
#[derive(Default)]
struct Pair {
    /// The number of the connection that is up in the schedule.
    up: Option<u32>,
    /// The connection that each side is on.
    on: [Option<u32>; 2],
    /// What each side has sent on the one that is up and the other has not
    /// received, the oldest first.
    under_way: [VecDeque<Rc<[u8]>>; 2],
}

/// What has to happen in the schedule before a side is on its connection.
pub(super) struct Before {
    /// An earlier one is still up.
    pub(super) must_break: bool,
    /// The other side was not on it yet.
    pub(super) must_come_up: bool,
}

impl Pair {
    fn come_down(&mut self) {
        self.up = None;
        self.under_way.iter_mut().for_each(VecDeque::clear);
    }
}

/// The pair, and which side of it `one` is.
fn key(one: NodeId, other: NodeId) -> ((NodeId, NodeId), usize) {
    ((one.min(other), one.max(other)), usize::from(one > other))
}

impl Lines {
    /// `one` is on its connection to `other` with this number from now on.
    pub(super) fn join(&mut self, one: NodeId, other: NodeId, epoch: u32) -> Before {
        let (key, side) = key(one, other);
        let pair = self.pairs.entry(key).or_default();
        pair.on[side] = Some(epoch);
        if pair.up == Some(epoch) {
            return Before { must_break: false, must_come_up: false };
        }
        let must_break = pair.up.is_some();
        pair.come_down();
        pair.up = Some(epoch);
        Before { must_break, must_come_up: true }
    }

    /// `one` has left its connection; whether it breaks by that, since the other
    /// side is not on it either.
    pub(super) fn leave(&mut self, one: NodeId, other: NodeId) -> bool {
        let (key, side) = key(one, other);
        let pair = self.pairs.entry(key).or_default();
        let left = pair.on[side].take();
        let breaks = left.is_some() && left == pair.up && pair.on[1 - side] != pair.up;
        if breaks {
            pair.come_down();
        }
        breaks
    }

    /// The process of `one` is gone, and its connections with it.
    pub(super) fn forget(&mut self, one: NodeId) {
        for (key, pair) in &mut self.pairs {
            if key.0 == one || key.1 == one {
                pair.on[usize::from(key.1 == one)] = None;
                pair.come_down();
            }
        }
    }

    /// Whether `one` is on the connection that is up.
    pub(super) fn is_on(&self, one: NodeId, other: NodeId) -> bool {
        let (key, side) = key(one, other);
        self.pairs.get(&key).is_some_and(|pair| pair.up.is_some() && pair.on[side] == pair.up)
    }

    /// This step asks for a message.
    pub(super) fn polls(&mut self, step: u32) {
        self.asked = Some(step);
    }

    /// It gave one, or none: then gives the step, which came to nothing.
    pub(super) fn polled(
        &mut self,
        one: NodeId,
        other: NodeId,
        message: Option<&Rc<[u8]>>,
    ) -> Option<u32> {
        let asked = self.asked.take()?;
        let Some(message) = message else { return Some(asked) };
        let (key, side) = key(one, other);
        self.pairs.entry(key).or_default().under_way[side].push_back(message.clone());
        None
    }

    /// `to` receives a message; whether it does so in the schedule too, where it
    /// is the oldest under way.
    pub(super) fn receive(&mut self, from: NodeId, to: NodeId, message: &Rc<[u8]>) -> bool {
        if !self.is_on(to, from) {
            return false;
        }
        let (key, side) = key(from, to);
        let under_way = &mut self.pairs.entry(key).or_default().under_way[side];
        let is_next = under_way.front().is_some_and(|oldest| Rc::ptr_eq(oldest, message));
        if is_next {
            under_way.pop_front();
        }
        is_next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: NodeId = NodeId(0);
    const B: NodeId = NodeId(1);

    fn message() -> Rc<[u8]> {
        Rc::from([1_u8].as_slice())
    }

    #[track_caller]
    fn joins(lines: &mut Lines, one: NodeId, other: NodeId, epoch: u32, expected: (bool, bool)) {
        let before = lines.join(one, other, epoch);
        assert_eq!((before.must_break, before.must_come_up), expected);
    }

    #[test]
    fn both_sides_are_on_one_connection() {
        let mut lines = Lines::default();
        joins(&mut lines, B, A, 1, (false, true));
        assert!(lines.is_on(B, A) && !lines.is_on(A, B));
        joins(&mut lines, A, B, 1, (false, false));
        assert!(lines.is_on(A, B));
        assert!(!lines.leave(A, B), "the other side is still on it");
        assert!(lines.leave(B, A));
        assert!(!lines.leave(B, A));
    }

    #[test]
    fn who_comes_back_early_breaks_the_last_one() {
        let mut lines = Lines::default();
        joins(&mut lines, A, B, 1, (false, true));
        joins(&mut lines, B, A, 1, (false, false));
        assert!(!lines.leave(A, B));
        joins(&mut lines, A, B, 2, (true, true));
        assert!(!lines.is_on(B, A), "it does not know of the new one");
        assert!(!lines.leave(B, A), "what it leaves is broken already");
        joins(&mut lines, B, A, 2, (false, false));
        assert!(lines.is_on(A, B) && lines.is_on(B, A));
    }

    #[test]
    fn messages_arrive_in_order_or_not_at_all() {
        let mut lines = Lines::default();
        joins(&mut lines, A, B, 1, (false, true));
        joins(&mut lines, B, A, 1, (false, false));
        let (first, second) = (message(), message());
        for (step, sent) in [(1, &first), (2, &second)] {
            lines.polls(step);
            assert_eq!(lines.polled(A, B, Some(sent)), None);
        }
        lines.polls(3);
        assert_eq!(lines.polled(A, B, None), Some(3));
        assert!(!lines.receive(A, B, &second), "it is not the oldest, though it looks the same");
        assert!(lines.receive(A, B, &first));
        assert!(lines.receive(A, B, &second));
        assert!(!lines.receive(A, B, &second));
    }

    #[test]
    fn a_process_takes_its_connections_along() {
        let mut lines = Lines::default();
        joins(&mut lines, A, B, 1, (false, true));
        joins(&mut lines, B, A, 1, (false, false));
        lines.forget(A);
        assert!(!lines.is_on(B, A));
        assert!(!lines.leave(B, A), "it broke with the process");
        joins(&mut lines, B, A, 2, (false, true));
    }
}
