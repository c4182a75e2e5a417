//! A text under replay, indexed in code points, which tells what that is in
//! UTF-16 code units.

use super::Patch;

/// A gap buffer: edits that stay near each other cost little. Characters of two
/// code units are few, and kept by position besides.
#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    before: Vec<char>,
    /// Backwards.
    after: Vec<char>,
    /// Where the astral characters stand, in order.
    astral: Vec<usize>,
}

impl Text {
    pub(super) fn new(content: &str) -> Self {
        let mut text = Self::default();
        text.replace(0, 0, content);
        text
    }

    /// In code points.
    pub(super) fn length(&self) -> usize {
        self.before.len() + self.after.len()
    }

    /// Replaces `deleted` code points at `index`, both within bounds, by
    /// `inserted`; gives the change in UTF-16 code units.
    pub(super) fn replace(&mut self, index: usize, deleted: usize, inserted: &str) -> Patch {
        while self.before.len() > index {
            self.after.extend(self.before.pop());
        }
        while self.before.len() < index {
            self.before.extend(self.after.pop());
        }
        self.after.truncate(self.after.len() - deleted);
        self.before.extend(inserted.chars());

        let first = self.astral.partition_point(|&at| at < index);
        let last = self.astral.partition_point(|&at| at < index + deleted);
        let added = self.before.len() - index;
        for at in &mut self.astral[last..] {
            *at = *at - deleted + added;
        }
        let new = (index..).zip(inserted.chars());
        let new = new.filter(|(_, character)| character.len_utf16() == 2).map(|(at, _)| at);
        self.astral.splice(first..last, new);
        Patch {
            index: (index + first) as u32,
            deleted: (deleted + last - first) as u32,
            inserted: inserted.to_owned(),
        }
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.before.iter().chain(text.after.iter().rev()).collect()
    }
}

/// Where two texts part, in words; none if they do not.
pub(crate) fn difference(expected: &str, found: &str) -> Option<String> {
    if expected == found {
        return None;
    }
    let common = expected.chars().zip(found.chars()).take_while(|(a, b)| a == b).count();
    let excerpt = |text: &str| {
        let excerpt: String = text.chars().skip(common).take(20).collect();
        if excerpt.is_empty() { "the end".to_owned() } else { format!("{excerpt:?}") }
    };
    Some(format!(
        "expected {} characters, found {}; from character {common} on, expected {}, found {}",
        expected.chars().count(),
        found.chars().count(),
        excerpt(expected),
        excerpt(found),
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Against the plain way: strings, and counting code units.
        #[test]
        fn replay_is_as_with_plain_strings(
            edits in prop::collection::vec((any::<u16>(), 0_usize..4, "[ab😀é]{0,3}"), 0..60)
        ) {
            let mut text = Text::default();
            let mut plain: Vec<char> = Vec::new();
            for (index, deleted, inserted) in edits {
                let index = usize::from(index) % (plain.len() + 1);
                let deleted = deleted.min(plain.len() - index);
                let units = |chars: &[char]| chars.iter().map(|c| c.len_utf16() as u32).sum::<u32>();
                let expected = Patch {
                    index: units(&plain[..index]),
                    deleted: units(&plain[index..index + deleted]),
                    inserted: inserted.clone(),
                };
                prop_assert_eq!(text.replace(index, deleted, &inserted), expected);
                plain.splice(index..index + deleted, inserted.chars());
                prop_assert_eq!(text.length(), plain.len());
                prop_assert_eq!(String::from(text.clone()), plain.iter().collect::<String>());
            }
        }
    }

    #[test]
    fn differences_are_shown_where_they_begin() {
        assert_eq!(difference("same", "same"), None);
        insta::assert_snapshot!(
            difference("one two", "one three").unwrap(),
            @r#"expected 7 characters, found 9; from character 5 on, expected "wo", found "hree""#
        );
        insta::assert_snapshot!(
            difference("one", "").unwrap(),
            @r#"expected 3 characters, found 0; from character 0 on, expected "one", found the end"#
        );
    }
}
