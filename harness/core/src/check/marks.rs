//! Marks cover what they were put on, and nothing else.
//!
//! A character has, of each name, the value that it was given last: by a mark
//! that was put on it, or else the one with which it was typed, next to others
//! that had it. A mark that somebody put elsewhere while seeing the character
//! does not touch it. This is the intent of formatting in Litt, Lim, Kleppmann,
//! van Hardenberg, "Peritext: A CRDT for Collaborative Rich Text Editing", CSCW
//! 2022, as far as it leaves no choice: of marks that did not know of each other
//! any may be the last, and a mark may or may not grow over what was typed
//! without knowing of it. Marks that an adapter builds are not judged.
//!
//! A history that breaks it: replica 0 makes `b` of `abc` bold, replica 1 types
//! `x` before `a`, both sync, and `a` is bold instead of `b`.

use std::collections::{BTreeMap, BTreeSet};

use super::history::{History, Place, PlaceNumber, node_at, shown};
use super::observed::Survival;
use super::oracle::{Oracle, Violation};
use crate::document::{Document, Node, Run, Scalar};
use crate::edit::Action;
use crate::engine::Support;

/// A mark that was put on a text.
struct Marking<'a> {
    edit: u32,
    value: &'a Scalar,
    /// The characters that were there, and whether it was put on them.
    saw: BTreeMap<char, bool>,
}

/// What one character may be marked with in one name.
struct Allowed<'a> {
    values: BTreeSet<&'a Scalar>,
    /// What somebody put on it, and nobody who knew of that changed.
    last: Vec<&'a Marking<'a>>,
    /// With what it was typed.
    typed: &'a Scalar,
    by: u32,
}

/// Judges the marks at the end.
///
/// # Errors
/// A [`Violation`] that names a character.
pub(super) fn check(history: &History<'_>) -> Result<(), Violation> {
    let Some(last) = history.observed.last.first() else { return Ok(()) };
    if history.observed.engine.marks != Support::Native {
        return Ok(());
    }
    let at_end = &history.observed.shown[*last];
    for (number, place) in (0..).zip(&history.places.all) {
        if place.marks.is_empty() || place.built || place.mixed {
            continue;
        }
        for (name, markings) in by_name(history, place) {
            let Some(markings) = markings else { continue };
            let may_be_off = are_taken_off_by_many(history, &markings);
            for (character, is) in characters(&at_end.document, name) {
                if may_be_off && *is == Scalar::Null {
                    continue;
                }
                let allowed = allowed(history, number, name, &markings, character);
                if let Some(allowed) = allowed.filter(|allowed| !allowed.values.contains(is)) {
                    let violation = violation(history, number, name, character, is, &allowed);
                    return Err(violation.at(at_end.replica));
                }
            }
        }
    }
    Ok(())
}

/// The marks of each name; none where some are gone, or it is not known what
/// they were put on.
fn by_name<'a>(
    history: &History<'a>,
    place: &Place<'a>,
) -> BTreeMap<&'a str, Option<Vec<Marking<'a>>>> {
    let mut names: BTreeMap<&str, Option<Vec<Marking<'_>>>> = BTreeMap::new();
    for (edit, nth) in &place.marks {
        let Action::Mark { name, .. } = &history.made(*edit).edits[*nth as usize].action else {
            continue;
        };
        let of_name = names.entry(name).or_insert_with(|| Some(Vec::new()));
        match (&mut *of_name, marking(history, *edit)) {
            (Some(markings), Some(marking)) => markings.push(marking),
            _ => *of_name = None,
        }
    }
    names
}

fn marking<'a>(history: &History<'a>, edit: u32) -> Option<Marking<'a>> {
    let made = history.made(edit);
    let (Survival::Sure, Some(before), [change]) =
        (made.survived, made.before, made.edits.as_slice())
    else {
        return None;
    };
    let Action::Mark { index, count, value, .. } = &change.action else { return None };
    let Some(Node::Text(runs)) = node_at(&history.observed.shown[before].document, &change.at)
    else {
        return None;
    };
    let mut at = 0;
    let mut saw = BTreeMap::new();
    for character in runs.iter().flat_map(|run| run.text.chars()) {
        saw.insert(character, *index <= at && at < index + count);
        at += character.len_utf16() as u32;
    }
    Some(Marking { edit, value, saw })
}

/// What a character of a text may be marked with; none if that cannot be told.
fn allowed<'a>(
    history: &History<'a>,
    place: PlaceNumber,
    name: &str,
    markings: &'a [Marking<'a>],
    character: char,
) -> Option<Allowed<'a>> {
    let element = history.elements.get(history.elements.character(character)?);
    if !element.alone || element.place != place {
        return None;
    }
    let typed = &history.observed.shown[history.made(element.by).after?].document;
    let (_, typed) = characters(typed, name).find(|(other, _)| *other == character)?;
    let mut on_it = Vec::new();
    let mut unaware = Vec::new();
    for marking in markings {
        match marking.saw.get(&character) {
            Some(true) => on_it.push(marking),
            Some(false) => {}
            // It was gone then, and is back: for other oracles.
            None if history.knew(marking.edit, element.by) => return None,
            None if history.knew(element.by, marking.edit) => {}
            None => unaware.push(marking),
        }
    }
    let known = |one: &Marking<'_>| {
        on_it.iter().any(|other| other.edit != one.edit && history.knew(other.edit, one.edit))
    };
    let last: Vec<&Marking<'_>> = on_it.iter().copied().filter(|one| !known(one)).collect();
    let mut values: BTreeSet<&Scalar> = last.iter().map(|marking| marking.value).collect();
    if last.is_empty() {
        values.insert(typed);
    }
    values.extend(unaware.into_iter().filter(|one| !known(one)).map(|one| one.value));
    Some(Allowed { values, last, typed, by: element.by })
}

/// Whether several replicas took marks off. An engine may name that by the mark
/// that is gone, so that whoever has seen the one seems to hold the other.
fn are_taken_off_by_many(history: &History<'_>, markings: &[Marking<'_>]) -> bool {
    let off = markings.iter().filter(|marking| *marking.value == Scalar::Null);
    let replicas: BTreeSet<_> = off.map(|marking| history.made(marking.edit).replica).collect();
    replicas.len() > 1
}

/// The characters of all texts, with what they are marked with in one name.
fn characters<'d>(document: &'d Document, name: &str) -> impl Iterator<Item = (char, &'d Scalar)> {
    fn gather<'d>(node: &'d Node, into: &mut Vec<&'d Run>) {
        match node {
            Node::Text(runs) => into.extend(runs),
            Node::Map(entries) => entries.values().for_each(|entry| gather(entry, into)),
            Node::List(items) => items.iter().for_each(|item| gather(item, into)),
            Node::Scalar(_) | Node::Counter(_) | Node::Tree(_) => {}
        }
    }
    let mut runs = Vec::new();
    document.roots.values().for_each(|root| gather(root, &mut runs));
    let marked = |run: &'d Run| {
        let value = run.marks.get(name).unwrap_or(&Scalar::Null);
        run.text.chars().map(move |character| (character, value))
    };
    runs.into_iter().flat_map(marked)
}

fn violation(
    history: &History<'_>,
    place: PlaceNumber,
    name: &str,
    character: char,
    is: &Scalar,
    allowed: &Allowed<'_>,
) -> Violation {
    let (place, is_shown) = (history.places.name(place), shown(is));
    let (about, what) = match allowed.last.as_slice() {
        [] => {
            let (typed, who) = (shown(allowed.typed), history.who(allowed.by));
            let about = if *is == Scalar::Null { "marks lost" } else { "marks spilled" };
            (about, format!("was typed with `{name}` = {typed} in {who}, marked by nobody since"))
        }
        last => {
            let about = match is {
                Scalar::Null => "marks lost",
                _ if last.iter().all(|marking| *marking.value == Scalar::Null) => "marks left",
                _ => "marks wrong",
            };
            let put = |marking: &&Marking<'_>| {
                format!("`{name}` = {} in {}", shown(marking.value), history.who(marking.edit))
            };
            let put: Vec<String> = last.iter().map(put).collect();
            (about, format!("was marked {}, otherwise by nobody since", put.join(" and ")))
        }
    };
    let said =
        format!("the character `{character}` in {place} {what}, and has {is_shown} at the end");
    Violation::new(Oracle::Marks, about, said)
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

    fn size(index: u32, count: u32, value: i64) -> Action {
        Action::Mark { index, count, name: "size".to_owned(), value: Scalar::Int(value) }
    }

    /// Runs with their sizes; 0 is none.
    fn sizes(runs: &[(&str, i64)]) -> Node {
        let run = |(text, size): &(&str, i64)| {
            let marks = (*size > 0).then(|| ("size".to_owned(), Scalar::Int(*size)));
            Run { text: (*text).to_owned(), marks: marks.into_iter().collect() }
        };
        Node::Text(runs.iter().map(run).collect())
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
        breaks(&marked().end(runs(&["x", "a", "bc"])), Oracle::Marks, "marks spilled");
        breaks(&marked().end(text("xabc")), Oracle::Marks, "marks lost");
    }

    #[test]
    fn a_mark_stays_off_other_characters() {
        // What was typed without knowing of it, it may grow over.
        holds(&marked().end(runs(&["", "x", "a", "b", "c"])));
        breaks(&marked().end(runs(&["x", "ab", "c"])), Oracle::Marks, "marks spilled");
        breaks(&marked().end(runs(&["xa", "bc"])), Oracle::Marks, "marks spilled");
        // Who knew of it saw what it typed.
        let typed = |text: &[&str]| {
            let before = runs(&["a", "b", "c"]);
            let after = runs(text);
            marked().edit_to(0, &[0, 1], before, insert_text(2, "y"), after)
        };
        holds(&typed(&["a", "by", "c"]).end(runs(&["xa", "by", "c"])));
        holds(&typed(&["a", "b", "yc"]).end(runs(&["xa", "b", "yc"])));
        let lost = typed(&["a", "by", "c"]).end(runs(&["xa", "b", "yc"]));
        breaks(&lost, Oracle::Marks, "marks lost");
        let spilled = typed(&["a", "b", "yc"]).end(runs(&["xa", "by", "c"]));
        breaks(&spilled, Oracle::Marks, "marks spilled");
    }

    #[test]
    fn the_last_mark_counts_if_there_is_a_last() {
        let before = || runs(&["xa", "b", "c"]);
        let taken = || marked().edit(1, &[0, 1, 2], before(), bold(2, 1, false));
        holds(&taken().end(text("xabc")));
        breaks(&taken().end(before()), Oracle::Marks, "marks left");
    }

    #[test]
    fn marks_that_knew_nothing_of_each_other() {
        // Where they agree there is no choice, nor where only one of them is.
        let beside = || marked().edit(1, &[0, 2], text("xabc"), bold(0, 3, true));
        holds(&beside().end(runs(&["", "xab", "c"])));
        breaks(&beside().end(runs(&["xa", "b", "c"])), Oracle::Marks, "marks lost");
        breaks(&beside().end(runs(&["", "xa", "bc"])), Oracle::Marks, "marks lost");
        // Where they do not, either may have it.
        let against = |shown: &[(&str, i64)]| {
            Scene::of(ContainerKind::Text)
                .edit(0, &[], text(""), insert_text(0, "abc"))
                .edit(0, &[0], text("abc"), size(1, 1, 10))
                .edit(1, &[0], text("abc"), size(1, 2, 12))
                .end(sizes(shown))
        };
        holds(&against(&[("a", 0), ("bc", 12)]));
        holds(&against(&[("a", 0), ("b", 10), ("c", 12)]));
        breaks(&against(&[("a", 0), ("b", 11), ("c", 12)]), Oracle::Marks, "marks wrong");
        breaks(&against(&[("a", 0), ("b", 12), ("c", 10)]), Oracle::Marks, "marks wrong");
        breaks(&against(&[("abc", 12)]), Oracle::Marks, "marks spilled");
    }

    #[test]
    fn an_engine_may_take_two_removals_of_a_mark_for_one() {
        let before = || runs(&["xa", "b", "c"]);
        let both = marked()
            .edit(0, &[0, 1, 2], before(), bold(2, 1, false))
            .edit(1, &[0, 1, 2, 3], before(), bold(2, 1, false))
            .edit(0, &[0, 1, 2, 3, 4], text("xabc"), bold(2, 1, true));
        holds(&both.end(text("xabc")));
    }
}
