//! The order of text characters and list elements.
//!
//! The strong list specification (Attiya, Burckhardt, Gotsman, Morrison, Yang,
//! Zawirski, "Specification and Complexity of Collaborative Text Editing", PODC
//! 2016): there is one total order of all elements that were ever inserted,
//! deleted ones included, and every state that any replica showed agrees with
//! it. The weak one asks only that no two states show the same two elements in
//! opposite orders.
//!
//! Elements that stand side by side in a state are an edge of a graph; one total
//! order agrees with all states if and only if the graph has no cycle.
//!
//! A history that breaks it: `x` is there. One replica puts `a` before it,
//! another `b` behind it. The first then shows `ax`, the second `xb`, a third,
//! which saw `x` deleted before both arrived, shows `ba`. No two states
//! disagree on two elements, so the weak specification holds, but there is no
//! order of a, x, b with a < x, x < b and b < a. Elements that somebody moved
//! are left out.

use std::collections::BTreeSet;

use super::history::{ElementNumber, History};
use super::oracle::{Oracle, Violation};
use crate::document::{Document, Node};

/// Who stood directly before whom in any state.
#[derive(Debug, Default)]
pub(super) struct Neighbours {
    after: Vec<Vec<ElementNumber>>,
}

impl Neighbours {
    pub(super) fn new(elements: usize) -> Self {
        Self { after: vec![Vec::new(); elements] }
    }

    pub(super) fn add(&mut self, one: ElementNumber, next: ElementNumber) {
        let after = &mut self.after[one as usize];
        if !after.contains(&next) {
            after.push(next);
        }
    }

    /// What a topological sort cannot place: nobody, or those on cycles and
    /// behind them.
    fn unplaced(&self) -> Vec<bool> {
        let mut before = vec![0_u32; self.after.len()];
        for next in self.after.iter().flatten() {
            before[*next as usize] += 1;
        }
        let mut ready: Vec<usize> = (0..before.len()).filter(|n| before[*n] == 0).collect();
        let mut placed = 0;
        while let Some(one) = ready.pop() {
            placed += 1;
            for next in &self.after[one] {
                before[*next as usize] -= 1;
                if before[*next as usize] == 0 {
                    ready.push(*next as usize);
                }
            }
        }
        if placed == before.len() {
            return Vec::new();
        }
        before.into_iter().map(|left| left > 0).collect()
    }

    /// A cycle among the unplaced, each before the next and the last before
    /// the first.
    fn cycle(&self, unplaced: &[bool]) -> Vec<ElementNumber> {
        // Each of them has one of them before it: going backwards never ends.
        let before = |element: ElementNumber| {
            let is_before = |one: &usize| unplaced[*one] && self.after[*one].contains(&element);
            (0..unplaced.len()).find(is_before).expect("it was not placed") as ElementNumber
        };
        let first = unplaced.iter().position(|left| *left).expect("the caller has looked");
        let mut walk = vec![first as ElementNumber];
        loop {
            let next = before(walk[walk.len() - 1]);
            if let Some(seen) = walk.iter().position(|one| *one == next) {
                walk.drain(..seen);
                walk.reverse();
                return walk;
            }
            walk.push(next);
        }
    }
}

/// Judges what was seen of neighbours.
///
/// # Errors
/// A [`Violation`] that names a cycle.
pub(super) fn check(history: &History<'_>, neighbours: &Neighbours) -> Result<(), Violation> {
    let unplaced = neighbours.unplaced();
    if unplaced.is_empty() {
        return Ok(());
    }
    let cycle = neighbours.cycle(&unplaced);
    let kind = history.kind_of(history.elements.get(cycle[0])).name();
    let weak = opposite(history, &unplaced);
    let steps: Vec<String> = cycle
        .iter()
        .map(|element| {
            let element = history.elements.get(*element);
            format!("{} ({})", element.identity, history.who(element.by))
        })
        .collect();
    let mut said = format!("no order of all elements agrees with every state: {}", steps[0]);
    for (place, name) in steps.iter().enumerate().skip(1).chain([(0, &steps[0])]) {
        let before = cycle[(place + cycle.len() - 1) % cycle.len()];
        said += &format!(", before {name}{}", whose(history, before, cycle[place]));
    }
    let about = if let Some((one, other)) = weak {
        let (one, other) = (history.elements.get(one), history.elements.get(other));
        said += &format!(
            "; nor does the weak list specification hold: states show {} and {} both ways round",
            one.identity, other.identity
        );
        format!("{kind} order")
    } else {
        said += "; the weak list specification holds: no two states show two elements both ways \
                 round";
        format!("{kind} order, weak holds")
    };
    Err(Violation::new(Oracle::Order, about, said))
}

/// Which replica showed two elements side by side.
fn whose(history: &History<'_>, one: ElementNumber, next: ElementNumber) -> String {
    for shown in &history.observed.shown {
        let mut found = false;
        sequences(history, &shown.document, &mut |sequence| {
            let known = |element: &ElementNumber| *element == one || *element == next;
            let both: Vec<_> = sequence.iter().copied().filter(known).collect();
            found |= both == [one, next];
        });
        if found {
            let when = shown.step.map_or("at the end".to_owned(), |step| format!("in step {step}"));
            return format!(" (shown by {} {when})", shown.replica);
        }
    }
    String::new()
}

/// Two of these elements that two states show in opposite orders.
fn opposite(history: &History<'_>, among: &[bool]) -> Option<(ElementNumber, ElementNumber)> {
    let mut pairs: BTreeSet<(ElementNumber, ElementNumber)> = BTreeSet::new();
    for shown in &history.observed.shown {
        sequences(history, &shown.document, &mut |sequence| {
            let of: Vec<_> =
                sequence.iter().copied().filter(|element| among[*element as usize]).collect();
            for (place, one) in of.iter().enumerate() {
                pairs.extend(of[place + 1..].iter().map(|other| (*one, *other)));
            }
        });
    }
    pairs.iter().copied().find(|(one, other)| pairs.contains(&(*other, *one)))
}

/// Calls with the elements of each text and list of a document.
fn sequences(history: &History<'_>, document: &Document, call: &mut impl FnMut(&[ElementNumber])) {
    fn of(history: &History<'_>, node: &Node, call: &mut impl FnMut(&[ElementNumber])) {
        match node {
            Node::Text(runs) => {
                let characters = runs.iter().flat_map(|run| run.text.chars());
                let elements: Vec<_> =
                    characters.filter_map(|c| history.elements.character(c)).collect();
                call(&elements);
            }
            Node::List(items) => {
                let scalar = |item: &Node| match item {
                    Node::Scalar(scalar) => history.elements.item(scalar),
                    _ => None,
                };
                let elements: Vec<_> = items.iter().filter_map(scalar).collect();
                call(&elements);
                items.iter().for_each(|item| of(history, item, call));
            }
            Node::Map(entries) => entries.values().for_each(|entry| of(history, entry, call)),
            Node::Scalar(_) | Node::Counter(_) | Node::Tree(_) => {}
        }
    }
    document.roots.values().for_each(|root| of(history, root, call));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::scene::*;
    use crate::edit::{Action, ContainerKind};

    /// `a` before `x` and `b` behind it.
    fn beside() -> Scene {
        Scene::of(ContainerKind::Text)
            .edit(0, &[], text(""), insert_text(0, "x"))
            .edit(0, &[0], text("x"), insert_text(0, "a"))
            .edit(1, &[0], text("x"), insert_text(1, "b"))
    }

    #[test]
    fn an_order_through_a_deleted_element_counts() {
        let deleted = || beside().edit(2, &[0], text("x"), delete_text(0, 1));
        holds(&deleted().end(text("ab")));
        breaks(&deleted().end(text("ba")), Oracle::Order, "text order, weak holds");
    }

    #[test]
    fn two_states_do_not_disagree() {
        let shown = || beside().show(2, &[0, 1, 2], text("axb"));
        holds(&shown().end(text("axb")));
        breaks(&shown().end(text("bxa")), Oracle::Order, "text order");
    }

    #[test]
    fn moved_elements_have_no_order_and_the_others_keep_theirs() {
        let scene = || {
            Scene::of(ContainerKind::MovableList)
                .edit(0, &[], list(&[]), insert(0, &[1, 2, 3]))
                .edit(1, &[0], list(&[1, 2, 3]), Action::Move { from: 0, to: 2 })
        };
        holds(&scene().end(list(&[2, 3, 1])));
        breaks(&scene().end(list(&[3, 1, 2])), Oracle::Order, "movable-list order");
    }
}
