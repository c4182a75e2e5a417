//! A set of edits by number.

/// A set of edits by number, a bit each: every message that arrives may bring all
/// that its sender had, every save keeps what its replica held, and in a run that was
/// lowered there are many of all.
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

    /// Those that are not in another set.
    pub(super) fn without<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = u32> + 'a {
        self.iter().filter(|edit| !other.contains(*edit))
    }

    pub(super) fn add(&mut self, other: &Self) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine |= theirs;
        }
    }

    /// Leaves only what is in another set, too.
    pub(super) fn keep(&mut self, other: &Self) {
        self.words.truncate(other.words.len());
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine &= theirs;
        }
    }
}

impl Extend<u32> for EditSet {
    fn extend<T: IntoIterator<Item = u32>>(&mut self, edits: T) {
        edits.into_iter().for_each(|edit| self.insert(edit));
    }
}

impl FromIterator<u32> for EditSet {
    fn from_iter<T: IntoIterator<Item = u32>>(edits: T) -> Self {
        let mut set = Self::default();
        set.extend(edits);
        set
    }
}

impl PartialEq for EditSet {
    fn eq(&self, other: &Self) -> bool {
        self.without(other).next().is_none() && other.without(self).next().is_none()
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
            let of = |edits: &BTreeSet<u32>| edits.iter().copied().collect::<EditSet>();
            let mut both = of(&one);
            both.add(&of(&other));
            for edit in 0..300 {
                let expected = one.contains(&edit) || other.contains(&edit);
                prop_assert_eq!(both.contains(edit), expected);
            }
            prop_assert!(both.iter().eq(one.union(&other).copied()));
            prop_assert!(of(&one).without(&of(&other)).eq(one.difference(&other).copied()));
            let mut common = both.clone();
            common.keep(&of(&other));
            prop_assert!(common == of(&other));
            common.keep(&of(&one));
            prop_assert!(common.iter().eq(one.intersection(&other).copied()));
            prop_assert_eq!(of(&one) == of(&other), one == other);
        }
    }
}
