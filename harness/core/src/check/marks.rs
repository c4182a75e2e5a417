//! Marks cover what they were put on.
//!
//! A character that somebody marked, and that is still there at the end, has
//! the mark with the value that it was given last: the intent of formatting in
//! Litt, Lim, Kleppmann, van Hardenberg, "Peritext: A CRDT for Collaborative Rich
//! Text Editing", CSCW 2022, as far as it leaves no choice. Judged only where
//! all marks of one name on a text knew of each other, so that each has a last;
//! characters that were typed later, which marks may or may not grow over, are
//! left alone. Marks that an adapter builds are not judged.
//!
//! A history that breaks it: replica 0 makes `b` of `abc` bold, replica 1 types
//! `x` before `a`, both sync, and `a` is bold instead of `b`.

use std::collections::BTreeMap;

use super::history::{History, Place, PlaceNumber, node_at, shown};
use super::oracle::{Oracle, Violation};
use crate::document::{Document, Node, Scalar};
use crate::edit::Action;
use crate::engine::Support;

/// What a character is marked with: by the edit, the value.
type Expected<'a> = BTreeMap<char, (u32, &'a Scalar)>;

/// Judges the marks at the end.
///
/// # Errors
/// A [`Violation`] that names a character.
pub(super) fn check(history: &History<'_>) -> Result<(), Violation> {
    let Some(last) = history.observed.last.first() else { return Ok(()) };
    if history.observed.engine.marks != Support::Native {
        return Ok(());
    }
    let shown = &history.observed.shown[*last];
    for (number, place) in (0..).zip(&history.places.all) {
        if place.marks.is_empty() || place.built || place.mixed {
            continue;
        }
        for (name, marks) in by_name(history, place) {
            let Some(expected) = marks.and_then(|marks| expected(history, &marks)) else {
                continue;
            };
            let found = compare(history, number, name, &expected, &shown.document);
            found.map_err(|violation| violation.at(shown.replica))?;
        }
    }
    Ok(())
}

/// The marks of each name, in the order in which they were made; none where
/// some did not know of each other, or are gone, or it is not known what they
/// were put on.
fn by_name<'a>(history: &History<'a>, place: &Place<'a>) -> BTreeMap<&'a str, Option<Vec<u32>>> {
    let mut names: BTreeMap<&str, Option<Vec<u32>>> = BTreeMap::new();
    for (edit, nth) in &place.marks {
        let made = history.made(*edit);
        let Action::Mark { name, .. } = &made.edits[*nth as usize].action else { continue };
        let of_name = names.entry(name).or_insert_with(|| Some(Vec::new()));
        let clear = made.survived && made.before.is_some() && made.edits.len() == 1;
        let knows = |others: &Vec<u32>| others.iter().all(|other| history.knew(*edit, *other));
        match of_name {
            Some(marks) if clear && knows(marks) => marks.push(*edit),
            of_name => *of_name = None,
        }
    }
    names
}

fn expected<'a>(history: &History<'a>, marks: &[u32]) -> Option<Expected<'a>> {
    let mut expected = Expected::new();
    for edit in marks {
        let made = history.made(*edit);
        let (before, change) = (made.before?, made.edits.first()?);
        let Action::Mark { index, count, value, .. } = &change.action else { return None };
        let Some(Node::Text(runs)) = node_at(&history.observed.shown[before].document, &change.at)
        else {
            return None;
        };
        let mut at = 0;
        for character in runs.iter().flat_map(|run| run.text.chars()) {
            if *index <= at && at < index + count {
                expected.insert(character, (*edit, value));
            }
            at += character.len_utf16() as u32;
        }
    }
    expected.retain(|character, _| {
        let element = history.elements.character(*character);
        element.is_some_and(|element| history.elements.get(element).alone)
    });
    Some(expected)
}

fn compare(
    history: &History<'_>,
    place: PlaceNumber,
    name: &str,
    expected: &Expected<'_>,
    document: &Document,
) -> Result<(), Violation> {
    fn within(
        node: &Node,
        name: &str,
        expected: &Expected<'_>,
    ) -> Option<(char, u32, Scalar, Scalar)> {
        match node {
            Node::Text(runs) => runs.iter().find_map(|run| {
                let is = run.marks.get(name).unwrap_or(&Scalar::Null);
                run.text.chars().find_map(|character| {
                    let (edit, value) = expected.get(&character)?;
                    (is != *value).then(|| (character, *edit, (*value).clone(), is.clone()))
                })
            }),
            Node::Map(entries) => entries.values().find_map(|e| within(e, name, expected)),
            Node::List(items) => items.iter().find_map(|item| within(item, name, expected)),
            Node::Scalar(_) | Node::Counter(_) | Node::Tree(_) => None,
        }
    }
    let found = document.roots.values().find_map(|root| within(root, name, expected));
    let Some((character, edit, value, is)) = found else { return Ok(()) };
    let said = format!(
        "the character `{character}` in {} was marked `{name}` = {} in {}, by nobody else \
         since, and has {} at the end",
        history.places.name(place),
        shown(&value),
        history.who(edit),
        shown(&is)
    );
    let about = match (&value, &is) {
        (_, Scalar::Null) => "marks lost",
        (Scalar::Null, _) => "marks left",
        _ => "marks wrong",
    };
    Err(Violation::new(Oracle::Marks, about, said))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::scene::*;
    use crate::document::Run;
    use crate::edit::ContainerKind;

    fn bold(index: u32, count: u32, value: bool) -> Action {
        let value = if value { Scalar::Bool(true) } else { Scalar::Null };
        Action::Mark { index, count, name: "bold".to_owned(), value }
    }

    /// Runs that are bold every second time, not at first.
    fn runs(texts: &[&str]) -> Node {
        let run = |(place, text): (usize, &&str)| {
            let marks = (place % 2 == 1).then(|| ("bold".to_owned(), Scalar::Bool(true)));
            Run { text: (*text).to_owned(), marks: marks.into_iter().collect() }
        };
        Node::Text(texts.iter().enumerate().map(run).filter(|r| !r.text.is_empty()).collect())
    }

    fn marked() -> Scene {
        Scene::of(ContainerKind::Text)
            .edit(0, &[], text(""), insert_text(0, "abc"))
            .edit(0, &[0], text("abc"), bold(1, 1, true))
            .edit(1, &[0], text("abc"), insert_text(0, "x"))
    }

    #[test]
    fn a_mark_stays_on_its_characters() {
        holds(&marked().end(runs(&["xa", "b", "c"])));
        breaks(&marked().end(runs(&["x", "a", "bc"])), Oracle::Marks, "marks lost");
        breaks(&marked().end(text("xabc")), Oracle::Marks, "marks lost");
        // Over other characters it may grow.
        holds(&marked().end(runs(&["", "xab", "c"])));
    }

    #[test]
    fn the_last_mark_counts_if_there_is_a_last() {
        let before = || runs(&["xa", "b", "c"]);
        let taken = || marked().edit(1, &[0, 1, 2], before(), bold(2, 1, false));
        holds(&taken().end(text("xabc")));
        breaks(&taken().end(before()), Oracle::Marks, "marks left");
        let beside = || marked().edit(1, &[0, 2], text("xabc"), bold(0, 3, true));
        holds(&beside().end(text("xabc")));
    }
}
