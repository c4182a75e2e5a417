//! The quality of merges, as figures: no engine is wrong because of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::history::{ElementNumber, History, Identity};
use super::observed::{Observed, Shown};
use crate::document::{Document, Node, Scalar};
use crate::edit::Action;

/// How well concurrent edits came together. All zero where nobody edited
/// concurrently.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergeQuality {
    /// Pairs of concurrently typed runs of which one stands in the middle of
    /// the other at the end, or both in each other: the interleaving of Weidner
    /// and Kleppmann, "The Art of the Fugue: Minimizing Interleaving in
    /// Collaborative Text Editing" (2023). A run is what one replica typed in
    /// one go, each character behind the one before.
    pub interleaved_runs: u64,
    /// How many more times than once elements of lists that were moved are
    /// there at the end.
    pub duplicated_moves: u64,
    /// Writes to a key of a map that nobody read and overwrote, and that are
    /// not there at the end because another such write won.
    pub overwritten_concurrently: u64,
}

impl MergeQuality {
    /// Adds the figures of another history.
    pub fn add(&mut self, other: &Self) {
        self.interleaved_runs += other.interleaved_runs;
        self.duplicated_moves += other.duplicated_moves;
        self.overwritten_concurrently += other.overwritten_concurrently;
    }

    /// That of a history, by its state at the end.
    pub fn of(observed: &Observed) -> Self {
        let Some(last) = observed.last.first() else { return Self::default() };
        let history = History::of(observed);
        let document = &observed.shown[*last].document;
        Self {
            interleaved_runs: interleaved_runs(&history, document),
            duplicated_moves: duplicated_moves(&history, document),
            overwritten_concurrently: overwritten_concurrently(&history),
        }
    }
}

/// Characters that were typed in one go.
struct TypedRun {
    edits: Vec<u32>,
    last: ElementNumber,
}

/// All runs of typing, and of each character which it is in.
fn typed_runs(history: &History<'_>) -> (Vec<TypedRun>, BTreeMap<ElementNumber, usize>) {
    let mut runs: Vec<TypedRun> = Vec::new();
    let mut run_of = BTreeMap::new();
    for (number, made) in (0..).zip(&history.observed.made) {
        for edit in &made.edits {
            let Action::InsertText { index, text } = &edit.action else { continue };
            let elements: Vec<_> =
                text.chars().filter_map(|c| history.elements.character(c)).collect();
            let Some(last) = elements.last().copied() else { continue };
            let state = made.before.map(|state| &history.observed.shown[state]);
            let typed_behind = state.and_then(|state| element_before(history, state, edit, *index));
            let run = typed_behind.and_then(|behind| {
                let run = *run_of.get(&behind)?;
                let goes_on = |run: &TypedRun| {
                    let same = |edit: &u32| history.made(*edit).replica == made.replica;
                    run.last == behind && run.edits.iter().all(same)
                };
                goes_on(&runs[run]).then_some(run)
            });
            let run = run.unwrap_or_else(|| {
                runs.push(TypedRun { edits: Vec::new(), last });
                runs.len() - 1
            });
            runs[run].edits.push(number);
            runs[run].last = last;
            run_of.extend(elements.into_iter().map(|element| (element, run)));
        }
    }
    (runs, run_of)
}

/// The character that ends at an index.
fn element_before(
    history: &History<'_>,
    state: &Shown,
    edit: &crate::edit::Edit,
    index: u32,
) -> Option<ElementNumber> {
    let Node::Text(runs) = super::history::node_at(&state.document, &edit.at)? else {
        return None;
    };
    let mut at = 0;
    let mut characters = runs.iter().flat_map(|run| run.text.chars());
    let ends_here = |character: &char| {
        at += character.len_utf16() as u32;
        at == index
    };
    characters.find(ends_here).and_then(|character| history.elements.character(character))
}

fn interleaved_runs(history: &History<'_>, document: &Document) -> u64 {
    let (runs, run_of) = typed_runs(history);
    let concurrent = |one: &TypedRun, other: &TypedRun| {
        one.edits.iter().all(|a| other.edits.iter().all(|b| history.concurrent(*a, *b)))
    };
    let mut pairs = 0;
    for_each_text(document, &mut |characters| {
        let order: Vec<usize> = characters
            .iter()
            .filter_map(|c| run_of.get(&history.elements.character(*c)?).copied())
            .collect();
        let mut here: Vec<usize> = order.clone();
        here.sort_unstable();
        here.dedup();
        for (place, one) in here.iter().enumerate() {
            for other in &here[place + 1..] {
                let mut both: Vec<usize> =
                    order.iter().copied().filter(|run| run == one || run == other).collect();
                both.dedup();
                let interleaved = both.len() > 2 && concurrent(&runs[*one], &runs[*other]);
                pairs += u64::from(interleaved);
            }
        }
    });
    pairs
}

fn for_each_text(document: &Document, call: &mut impl FnMut(&[char])) {
    fn of(node: &Node, call: &mut impl FnMut(&[char])) {
        match node {
            Node::Text(runs) => {
                let characters: Vec<char> = runs.iter().flat_map(|run| run.text.chars()).collect();
                call(&characters);
            }
            Node::Map(entries) => entries.values().for_each(|entry| of(entry, call)),
            Node::List(items) => items.iter().for_each(|item| of(item, call)),
            Node::Scalar(_) | Node::Counter(_) | Node::Tree(_) => {}
        }
    }
    document.roots.values().for_each(|root| of(root, call));
}

fn duplicated_moves(history: &History<'_>, document: &Document) -> u64 {
    fn count(node: &Node, value: &Scalar) -> u64 {
        match node {
            Node::List(items) => items
                .iter()
                .map(|item| match item {
                    Node::Scalar(scalar) => u64::from(scalar == value),
                    item => count(item, value),
                })
                .sum(),
            Node::Map(entries) => entries.values().map(|entry| count(entry, value)).sum(),
            Node::Scalar(_) | Node::Text(_) | Node::Counter(_) | Node::Tree(_) => 0,
        }
    }
    let moved = history.elements.all.iter().filter(|e| e.alone && !e.moved_by.is_empty());
    moved
        .map(|element| match element.identity {
            Identity::Item(value) => {
                let there: u64 = document.roots.values().map(|root| count(root, value)).sum();
                there.saturating_sub(1)
            }
            _ => 0,
        })
        .sum()
}

fn overwritten_concurrently(history: &History<'_>) -> u64 {
    let places = history.places.all.iter();
    places
        .map(|place| {
            let survived = || place.writes.iter().filter(|write| history.survived(write.edit));
            let heads = survived().filter(|write| {
                let overwrites = |other: &super::history::Write<'_>| {
                    other.edit != write.edit && history.knew(other.edit, write.edit)
                };
                write.value.is_some() && !survived().any(overwrites)
            });
            (heads.count() as u64).saturating_sub(1)
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::scene::*;
    use crate::edit::ContainerKind;

    #[test]
    fn runs_that_stand_in_each_other_are_counted() {
        let both = || {
            Scene::of(ContainerKind::Text)
                .edit(0, &[], text(""), insert_text(0, "a"))
                .edit(0, &[0], text("a"), insert_text(1, "b"))
                .edit(1, &[], text(""), insert_text(0, "xy"))
        };
        let of = |end: &str| MergeQuality::of(&both().end(text(end))).interleaved_runs;
        assert_eq!(["abxy", "xyab", "axby", "axyb"].map(of), [0, 0, 1, 1]);
        // Whoever types into what they saw does not interleave.
        let into = both().edit(1, &[0, 1, 2], text("abxy"), insert_text(1, "z"));
        assert_eq!(MergeQuality::of(&into.end(text("azbxy"))).interleaved_runs, 0);
    }

    #[test]
    fn doubled_moves_are_counted() {
        let moved = Scene::of(ContainerKind::MovableList)
            .built(ContainerKind::MovableList)
            .edit(0, &[], list(&[]), insert(0, &[1, 2]))
            .edit(0, &[0], list(&[1, 2]), Action::Move { from: 0, to: 1 })
            .edit(1, &[0], list(&[1, 2]), Action::Move { from: 0, to: 1 });
        assert_eq!(MergeQuality::of(&moved.end(list(&[2, 1, 1]))).duplicated_moves, 1);
    }

    #[test]
    fn writes_that_lost_against_others_are_counted() {
        let written = || {
            Scene::of(ContainerKind::Map).edit(0, &[], map(&[]), put("a", int(1))).edit(
                1,
                &[],
                map(&[]),
                put("a", int(2)),
            )
        };
        let of =
            |scene: Scene| MergeQuality::of(&scene.end(map(&[("a", 2)]))).overwritten_concurrently;
        assert_eq!(of(written()), 1);
        assert_eq!(of(written().gone()), 0);
        assert_eq!(of(written().edit(1, &[0, 1], map(&[("a", 2)]), put("a", int(3)))), 0);
    }
}
