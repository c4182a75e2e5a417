//! Fractional positions among siblings.

/// A fraction between 0 and 1, in digits of a byte, followed by the client that
/// made it: no two clients make the same. Ordered as bytes are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position(Vec<u8>);

/// Bytes of a client id, which has 53 bits.
const CLIENT: usize = 7;

impl Position {
    /// A position after `low` and before `high`.
    ///
    /// The fraction ends in a digit that is not zero, so that there is always
    /// room before it, and no `high` starts with it, so that the client at the
    /// end cannot lift it over `high`. Where both are equal, which takes a cut
    /// cycle, the new position is after both.
    pub(super) fn between(low: Option<&Self>, high: Option<&Self>, client: u64) -> Self {
        let low = low.map_or(&[][..], Self::as_bytes);
        let mut high = high.map(Self::as_bytes);
        let mut digits = Vec::with_capacity(low.len().max(1) + CLIENT);
        for index in 0.. {
            let from = low.get(index).copied().unwrap_or(0);
            let to = high.and_then(|high| high.get(index)).map_or(256, |digit| u16::from(*digit));
            if to > u16::from(from) + 1 {
                // Between a byte and at most 256, so a byte, and not zero.
                digits.push(((u16::from(from) + to) / 2) as u8);
                break;
            }
            digits.push(from);
            if to > u16::from(from) {
                high = None;
            }
        }
        digits.extend_from_slice(&client.to_be_bytes()[8 - CLIENT..]);
        Self(digits)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<&[u8]> for Position {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn insertions_anywhere_by_anybody_stay_in_order(
            insertions in prop::collection::vec((any::<prop::sample::Index>(), 0..4_u64), 1..200),
        ) {
            let clients = [0, 1, 0xff, (1 << 53) - 1];
            let mut positions: Vec<Position> = Vec::new();
            for (place, client) in insertions {
                let index = place.index(positions.len() + 1);
                let before = index.checked_sub(1).map(|index| &positions[index]);
                let new = Position::between(before, positions.get(index), clients[client as usize]);
                positions.insert(index, new);
                prop_assert!(positions.is_sorted_by(|a, b| a < b));
            }
        }
    }

    #[test]
    fn the_ends_have_room_for_thousands() {
        let (mut first, mut last) = (None, None);
        for _ in 0..3000 {
            let before = Position::between(None, first.as_ref(), 0);
            let after = Position::between(last.as_ref(), None, 0);
            assert!(first.is_none_or(|first| before < first));
            assert!(last.is_none_or(|last| after > last));
            (first, last) = (Some(before), Some(after));
        }
        assert!(last.is_some_and(|last| last.as_bytes().len() < 500));
    }

    #[test]
    fn between_equal_ones_it_still_ends() {
        let one = Position::between(None, None, 5);
        assert!(Position::between(Some(&one), Some(&one), 5) > one);
    }
}
