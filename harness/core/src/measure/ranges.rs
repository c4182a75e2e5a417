//! Sets of positions.

/// Positions, as ranges from after the first number through the second, apart
/// from each other and in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Ranges(Vec<(u64, u64)>);

impl Ranges {
    /// Adds the positions from after `after` through `through`.
    pub(super) fn add(&mut self, mut after: u64, mut through: u64) {
        // Nearly always it goes on where the last one ended.
        if let Some(last) = self.0.last_mut()
            && last.0 <= after
            && after <= last.1
        {
            last.1 = last.1.max(through);
            return;
        }
        let touching = |range: &(u64, u64)| range.0 <= through && after <= range.1;
        let start = self.0.partition_point(|range| range.1 < after);
        let end = start + self.0[start..].iter().take_while(|range| touching(range)).count();
        if let (Some(first), Some(last)) = (self.0[start..end].first(), self.0[start..end].last()) {
            after = after.min(first.0);
            through = through.max(last.1);
        }
        self.0.splice(start..end, [(after, through)]);
    }

    /// Whether it holds this position.
    pub(super) fn contain(&self, position: u64) -> bool {
        if self.0.last().is_none_or(|last| last.1 < position) {
            return false;
        }
        let next = self.0.partition_point(|range| range.1 < position);
        self.0[next].0 < position
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ranges_are_a_set(parts in proptest::collection::vec((0_u64..60, 1_u64..9), 0..30)) {
            let mut ranges = Ranges::default();
            let mut set = std::collections::BTreeSet::new();
            for (after, length) in parts {
                ranges.add(after, after + length);
                set.extend(after + 1..=after + length);
            }
            for position in 0..80 {
                prop_assert_eq!(ranges.contain(position), set.contains(&position));
            }
            prop_assert!(ranges.0.windows(2).all(|pair| pair[0].1 < pair[1].0));
        }
    }
}
