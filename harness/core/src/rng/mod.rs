//! Named, independent random streams out of one root seed.
//!
//! A stream is a key; a draw is a pure function of the key and the number of
//! the draw. Nothing is shared between streams, so adding a device, a fault or
//! a message never shifts anyone else's draws, and the draws that belong to the
//! n-th message of a link are found without having made the earlier ones.
//!
//! The mixing function is the finalizer of SplitMix64 (Steele, Lea, Flood,
//! "Fast splittable pseudorandom number generators", OOPSLA 2014), applied to a
//! Weyl sequence, as there.

mod distribution;
mod tables;

use crate::units::PartsPerMillion;

/// The odd constant of the Weyl sequence: 2^64 divided by the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A family of draws, named by where it belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    key: u64,
}

impl Stream {
    /// The root of a run.
    pub fn root(seed: u64) -> Self {
        Self { key: mix(seed.wrapping_add(GOLDEN)) }
    }

    /// The stream called `name` below this one.
    pub fn named(self, name: &str) -> Self {
        let mut key = self.key;
        for chunk in name.as_bytes().chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            key = mix(key.wrapping_add(GOLDEN) ^ u64::from_le_bytes(word));
        }
        Self { key: mix(key ^ name.len() as u64) }
    }

    /// The stream with this number below this one.
    pub fn numbered(self, number: u64) -> Self {
        Self { key: mix(self.key ^ mix(number.wrapping_add(GOLDEN))) }
    }

    /// The draws of this stream, one after the other, from the first.
    pub fn draws(self) -> Draws {
        Draws { key: self.key, next: 0 }
    }
}

/// The draws of one [`Stream`] in order.
#[derive(Clone, Debug)]
pub struct Draws {
    key: u64,
    next: u64,
}

impl Draws {
    /// 64 uniform bits.
    pub fn bits(&mut self) -> u64 {
        self.next = self.next.wrapping_add(GOLDEN);
        mix(self.key.wrapping_add(self.next))
    }

    /// Uniform in `0..bound`; 0 if `bound` is 0. The bias is below `bound / 2^64`.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }

    /// Uniform in `low..=high`.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        debug_assert!(low <= high);
        low + self.below((high - low).saturating_add(1))
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: PartsPerMillion) -> bool {
        self.below(1_000_000) < u64::from(probability.0)
    }

    /// One of `items`.
    ///
    /// # Panics
    /// If `items` is empty.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_told_apart_by_name_and_number() {
        let root = Stream::root(7);
        let first = |stream: Stream| stream.draws().bits();
        let draws = [
            first(root),
            first(root.named("link")),
            first(root.named("link\0")),
            first(root.named("links")),
            first(root.numbered(0)),
            first(root.numbered(1)),
            first(Stream::root(8)),
        ];
        for (i, a) in draws.iter().enumerate() {
            for b in &draws[i + 1..] {
                assert_ne!(a, b);
            }
        }
    }

    #[test]
    fn below_is_uniform_within_a_percent() {
        let mut draws = Stream::root(1).draws();
        let mut seen = [0_u32; 10];
        for _ in 0..1_000_000 {
            seen[draws.below(10) as usize] += 1;
        }
        assert!(seen.iter().all(|&n| (99_000..=101_000).contains(&n)), "{seen:?}");
    }
}
