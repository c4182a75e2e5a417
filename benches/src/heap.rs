//! The limit of what a loop around a queue can do.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;

use deadzone_core::rng::Stream;

use crate::{Measured, processor_time};

/// A bare heap at a depth of `depth`: takes the next event and puts in another
/// one, later by up to a virtual second.
///
/// # Panics
/// If `depth` is 0.
pub fn heap(depth: usize, events: u64) -> Measured {
    const SECOND: u64 = 1_000_000_000;
    let mut draws = Stream::root(1).named("heap").draws();
    let mut heap: BinaryHeap<Reverse<(u64, u64, u64)>> = (0..depth as u64)
        .map(|sequence| Reverse((draws.below(SECOND), sequence, sequence)))
        .collect();
    let started = processor_time();
    for sequence in 0..events {
        let Reverse((at, _, payload)) = heap.pop().expect("its depth does not change");
        let payload = black_box(payload);
        heap.push(Reverse((at + draws.below(SECOND), depth as u64 + sequence, payload)));
    }
    let took = processor_time() - started;
    Measured { took, events, depth: heap.len() }
}
