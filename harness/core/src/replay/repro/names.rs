//! Names of things in a file that somebody reads.

use std::collections::BTreeMap;

use crate::edit::Roots;
use crate::schedule::{REPLICAS_MAX, ReplicaNumber};

/// Words that are no names in Rust, and names that the files use themselves.
const TAKEN: [&str; 48] = [
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern",
    "false", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut",
    "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true", "type", "unsafe",
    "use", "where", "while", "yield", "try", "doc", "txn", "old", "moved", "fresh", "before",
    "then", "now",
];

/// The variable that a replica is: `a`, `b`, `c`.
pub fn replica_name(replica: ReplicaNumber) -> String {
    match u8::try_from(u32::from(b'a') + u32::from(replica.0)) {
        Ok(letter) if replica.0 < REPLICAS_MAX => char::from(letter).to_string(),
        _ => format!("replica_{}", replica.0),
    }
}

/// `words` as a name in snake case, of at most `length` bytes.
pub(super) fn identifier(words: &str, length: usize) -> String {
    let mut name = String::new();
    for c in words.chars() {
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    name.truncate(length);
    let name = name.trim_end_matches('_');
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name.to_owned()
    } else {
        format!("x{name}")
    }
}

/// What somebody said of `replica 2`, with the name that it has in the file.
pub(super) fn in_words(said: &str) -> String {
    let mut words = said.to_owned();
    for number in (0..REPLICAS_MAX).rev().map(ReplicaNumber) {
        words = words.replace(&number.to_string(), &format!("`{}`", replica_name(number)));
    }
    words
}

/// The variables of roots and of nodes.
#[derive(Clone, Debug, Default)]
pub struct Names {
    names: BTreeMap<String, String>,
}

impl Names {
    /// Names for these roots.
    pub fn of(roots: &Roots) -> Self {
        let mut names = Self::default();
        for root in roots.keys() {
            names.give(root, "root");
        }
        names
    }

    /// The name of `thing`; if it has none, one like it, which begins with
    /// `kind` where it would be no good name by itself.
    pub fn give(&mut self, thing: &str, kind: &str) -> String {
        if let Some(name) = self.names.get(thing) {
            return name.clone();
        }
        let plain = identifier(thing, 24);
        let is_free = |name: &String| {
            name.len() > 1
                && !TAKEN.contains(&name.as_str())
                && !self.names.values().any(|taken| taken == name)
        };
        let others = (0..).map(|n| match n {
            0 => format!("{kind}_{plain}"),
            n => format!("{kind}_{plain}_{n}"),
        });
        let name = std::iter::once(plain.clone()).chain(others).find(is_free);
        let name = name.expect("numbers do not end");
        self.names.insert(thing.to_owned(), name.clone());
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_names_and_different() {
        let mut names = Names::default();
        let given = ["notes", "a", "type", "Notes", "to do!", "", "7", "ä", "a/b", "a b"]
            .map(|thing| names.give(thing, "root"));
        let expected = [
            "notes",
            "root_a",
            "root_type",
            "root_notes",
            "to_do",
            "root_x",
            "x7",
            "root_x_1",
            "a_b",
            "root_a_b",
        ];
        assert_eq!(given, expected);
        assert_eq!(names.give("a", "root"), "root_a");
    }

    #[test]
    fn replicas_have_letters() {
        assert_eq!(in_words("replica 1 and replica 15"), "`b` and `p`");
    }
}
