//! What one notation has that another lacks.

use super::notation::Piece;

/// A stretch of a notation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    /// What it says.
    pub(super) text: String,
    /// Whether the other side has it at this place as well.
    pub(super) same: bool,
}

/// Beyond this many pairs of pieces only the common beginning and end are
/// sought: comparing would take too long.
const PAIRS_MAX: usize = 4_000_000;

/// `one` in stretches that `other` has too or lacks, by a longest common
/// subsequence of pieces.
pub(super) fn against(one: &[Piece], other: &[Piece]) -> Vec<Stretch> {
    let start = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let rest = one.len().min(other.len()) - start;
    let end =
        one.iter().rev().zip(other.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let middle = &one[start..one.len() - end];
    let common = common(middle, &other[start..other.len() - end]);
    let same = |at: usize| at < start || at >= one.len() - end || common[at - start];
    let mut stretches: Vec<Stretch> = Vec::new();
    for (at, piece) in one.iter().enumerate() {
        match stretches.last_mut() {
            Some(last) if last.same == same(at) => last.text.push_str(piece),
            _ => stretches.push(Stretch { text: piece.clone(), same: same(at) }),
        }
    }
    stretches
}

/// Which pieces of `one` belong to a longest common subsequence.
fn common(one: &[Piece], other: &[Piece]) -> Vec<bool> {
    let mut kept = vec![false; one.len()];
    if one.len().saturating_mul(other.len()) > PAIRS_MAX {
        return kept;
    }
    let width = other.len() + 1;
    // lengths[i * width + j]: of the longest one of one[i..] and other[j..].
    let mut lengths = vec![0_u32; (one.len() + 1) * width];
    for i in (0..one.len()).rev() {
        for j in (0..other.len()).rev() {
            lengths[i * width + j] = if one[i] == other[j] {
                lengths[(i + 1) * width + j + 1] + 1
            } else {
                lengths[(i + 1) * width + j].max(lengths[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < one.len() && j < other.len() {
        if one[i] == other[j] {
            kept[i] = true;
            (i, j) = (i + 1, j + 1);
        } else if lengths[(i + 1) * width + j] >= lengths[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pieces(text: &str) -> Vec<Piece> {
        text.chars().map(String::from).collect()
    }

    fn shown(one: &str, other: &str) -> String {
        against(&pieces(one), &pieces(other))
            .iter()
            .map(|s| if s.same { s.text.clone() } else { format!("[{}]", s.text) })
            .collect()
    }

    #[test]
    fn what_the_other_lacks_stands_out() {
        for (one, other, expected) in [
            ("abc", "abc", "abc"),
            ("abxc", "abc", "ab[x]c"),
            ("abc", "abxc", "abc"),
            ("甲乙丙", "乙甲丙", "[甲]乙丙"),
            ("", "a", ""),
            ("aa", "a", "a[a]"),
        ] {
            assert_eq!(shown(one, other), expected);
        }
    }

    proptest! {
        #[test]
        fn what_is_common_is_the_same_on_both_sides(one in "[ab乙]{0,12}", other in "[ab乙]{0,12}") {
            let kept = |one: &str, other: &str| -> String {
                against(&pieces(one), &pieces(other)).into_iter().filter(|s| s.same).map(|s| s.text).collect()
            };
            let all: String = against(&pieces(&one), &pieces(&other)).into_iter().map(|s| s.text).collect();
            prop_assert_eq!(all, one.clone());
            prop_assert_eq!(kept(&one, &other).chars().count(), kept(&other, &one).chars().count());
        }
    }
}
