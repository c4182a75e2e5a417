//! The event queue: a heap ordered by time, and by order of entry within it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::time::Time;

/// Events to come.
#[derive(Clone, Debug)]
pub struct Queue<E> {
    heap: BinaryHeap<Reverse<Entry<E>>>,
    next_sequence: u64,
}

#[derive(Clone, Copy, Debug)]
struct Entry<E> {
    at: Time,
    sequence: u64,
    event: E,
}

impl<E> Entry<E> {
    /// One number to compare by, since a branch on the time alone would be
    /// guessed wrong half of the time.
    fn key(&self) -> u128 {
        u128::from(self.at.as_nanos()) << 64 | u128::from(self.sequence)
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<E> Eq for Entry<E> {}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }

    fn lt(&self, other: &Self) -> bool {
        self.key() < other.key()
    }

    fn le(&self, other: &Self) -> bool {
        self.key() <= other.key()
    }

    fn gt(&self, other: &Self) -> bool {
        self.key() > other.key()
    }

    fn ge(&self, other: &Self) -> bool {
        self.key() >= other.key()
    }
}

impl<E> Ord for Entry<E> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl<E> Default for Queue<E> {
    fn default() -> Self {
        Self { heap: BinaryHeap::new(), next_sequence: 0 }
    }
}

impl<E> Queue<E> {
    /// Adds an event.
    pub fn push(&mut self, at: Time, event: E) {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        self.heap.push(Reverse(Entry { at, sequence, event }));
    }

    /// When the next event is; [`Time::NEVER`] without one.
    pub fn next_at(&self) -> Time {
        self.heap.peek().map_or(Time::NEVER, |Reverse(entry)| entry.at)
    }

    /// Takes the next event with its time.
    pub fn pop(&mut self) -> Option<(Time, E)> {
        self.heap.pop().map(|Reverse(entry)| (entry.at, entry.event))
    }

    /// The next event, and the two of which one is the next after it.
    pub fn soonest(&self) -> impl Iterator<Item = &E> {
        self.heap.as_slice().iter().take(3).map(|Reverse(entry)| &entry.event)
    }

    /// How many events wait.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn events_leave_by_time_and_then_by_entry(times in proptest::collection::vec(0_u64..50, 0..200)) {
            let mut queue = Queue::default();
            for (number, &time) in times.iter().enumerate() {
                queue.push(Time::from_nanos(time), number);
            }
            let mut expected: Vec<_> = times.iter().copied().enumerate().map(|(n, t)| (t, n)).collect();
            expected.sort_unstable();
            let left: Vec<_> = std::iter::from_fn(|| queue.pop())
                .map(|(at, number)| (at.as_nanos(), number))
                .collect();
            prop_assert_eq!(left, expected);
        }
    }
}
