//! A set of edits by number.

/// A set of edits by number, a bit each: every message that arrives may bring all
/// that its sender had, and in a run that was lowered there are many of both.
#[derive(Clone, Debug, Default)]
pub(super) struct EditSet {
    words: Vec<u64>,
}

impl EditSet {
    pub(super) fn insert(&mut self, edit: u32) {
        let (word, bit) = place(edit);
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= bit;
    }

    pub(super) fn contains(&self, edit: u32) -> bool {
        let (word, bit) = place(edit);
        self.words.get(word).is_some_and(|bits| bits & bit != 0)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        (0..self.words.len() as u32 * u64::BITS).filter(|edit| self.contains(*edit))
    }

    pub(super) fn add(&mut self, other: &Self) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine |= theirs;
        }
    }
}

fn place(edit: u32) -> (usize, u64) {
    ((edit / u64::BITS) as usize, 1 << (edit % u64::BITS))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_set(
            one in prop::collection::btree_set(0_u32..200, 0..40),
            other in prop::collection::btree_set(0_u32..200, 0..40),
        ) {
            let of = |edits: &BTreeSet<u32>| {
                let mut set = EditSet::default();
                edits.iter().for_each(|edit| set.insert(*edit));
                set
            };
            let mut both = of(&one);
            both.add(&of(&other));
            for edit in 0..300 {
                let expected = one.contains(&edit) || other.contains(&edit);
                prop_assert_eq!(both.contains(edit), expected);
            }
            prop_assert!(both.iter().eq(one.union(&other).copied()));
        }
    }
}
