//! Every state that was shown, held against what the history did: which
//! elements are there, how often, and beside which.

use super::history::{Element, ElementNumber, History, Identity, Stands, shown};
use super::oracle::{Oracle, Violation};
use super::order::Neighbours;
use crate::document::{Document, Node, Run, TreeNode};
use crate::edit::ContainerKind;

/// What is wrong with an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is there more than once.
    Doubled,
    /// It is there, and the replica holds this edit, which took it away.
    Resurrected { by: u32 },
    /// Somebody inserted it, nobody took it away, and at the end it is gone.
    Lost,
    /// As [`Self::Lost`], but not at the end: the replica said that it holds
    /// the edit.
    Lacking,
}

/// An element with which something is wrong.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case {
    pub(super) element: ElementNumber,
    pub(super) fate: Fate,
    /// The state that shows it.
    pub(super) state: usize,
}

impl Case {
    /// The case as a violation of the oracle that it concerns.
    pub(super) fn violation(&self, history: &History<'_>, oracle: Oracle) -> Violation {
        let element = history.elements.get(self.element);
        let kind = history.kind_of(element).name();
        let shown = &history.observed.shown[self.state];
        let when = shown.step.map_or("at the end".to_owned(), |step| format!("in step {step}"));
        let (name, by) = (element.identity, history.who(element.by));
        let place = history.places.name(element.place);
        let it = format!("{name}, inserted in {place} in {by},");
        let (word, said) = match self.fate {
            Fate::Doubled => ("doubled", format!("{it} is there more than once {when}")),
            Fate::Resurrected { by } => {
                let by = history.who(by);
                ("resurrected", format!("{it} was taken away in {by} and is there {when}"))
            }
            Fate::Lost => ("lost", format!("{it} was never taken away and is gone {when}")),
            Fate::Lacking => {
                let said = format!(
                    "{it} was never taken away; {} holds that edit and does not show it {when}",
                    shown.replica
                );
                ("lacking", said)
            }
        };
        let moved = match element.moved_by.first() {
            Some(by) => format!("; it was moved in {}", history.who(*by)),
            None => String::new(),
        };
        let mut violation = Violation::new(oracle, format!("{kind} {word}"), said + &moved);
        violation.step = shown.step;
        violation.at(shown.replica)
    }
}

impl Sights {
    /// The first case among elements in containers of these kinds, those at
    /// which something is lacking aside.
    ///
    /// # Errors
    /// It, as a violation.
    pub(super) fn first(
        &self,
        history: &History<'_>,
        kinds: &[ContainerKind],
        oracle: Oracle,
    ) -> Result<(), Violation> {
        let concerns = |case: &&Case| {
            let kind = history.kind_of(history.elements.get(case.element));
            case.fate != Fate::Lacking && kinds.contains(&kind)
        };
        self.cases.iter().find(concerns).map_or(Ok(()), |case| Err(case.violation(history, oracle)))
    }

    /// The first thing in containers of these kinds that nobody inserted.
    ///
    /// # Errors
    /// It, as a violation.
    pub(super) fn first_invented(
        &self,
        history: &History<'_>,
        kinds: &[ContainerKind],
        oracle: Oracle,
    ) -> Result<(), Violation> {
        let Some(invented) = self.invented.iter().find(|it| kinds.contains(&it.kind)) else {
            return Ok(());
        };
        let shown = &history.observed.shown[invented.state];
        let when = shown.step.map_or("at the end".to_owned(), |step| format!("in step {step}"));
        let (kind, what) = (invented.kind.name(), &invented.what);
        let said = format!("{what} stands in a {kind} {when}, and nobody ever inserted it");
        let mut violation = Violation::new(oracle, format!("{kind} invented"), said);
        violation.step = shown.step;
        Err(violation.at(shown.replica))
    }
}

/// Something is there that nobody inserted.
#[derive(Debug)]
pub(super) struct Invented {
    pub(super) kind: ContainerKind,
    pub(super) what: String,
    pub(super) state: usize,
}

/// What all states came to.
#[derive(Debug, Default)]
pub(super) struct Sights {
    pub(super) cases: Vec<Case>,
    pub(super) invented: Vec<Invented>,
    pub(super) neighbours: Neighbours,
}

/// Looks at all states.
pub(super) fn look(history: &History<'_>) -> Sights {
    let elements = history.elements.all.len();
    let edits = history.observed.made.len();
    let brings = ByEdit::new(
        edits,
        pairs(history, |element, history| {
            let kept = element.gone_by.is_empty() && may_be_missed(history, element, |_| true);
            kept.then_some(element.by).into_iter().collect()
        }),
    );
    let takes = ByEdit::new(
        edits,
        pairs(history, |element, history| {
            let sure = |edit: &u32| is_sure_to_go(history, element, *edit);
            element.gone_by.iter().copied().filter(sure).collect()
        }),
    );
    let mut watch = Watch {
        history,
        present: Set::new(elements),
        ordered: history.elements.all.iter().map(|e| is_ordered(history, e)).collect(),
        state: 0,
        sights: Sights { neighbours: Neighbours::new(elements), ..Sights::default() },
    };
    for (state, shown) in history.observed.shown.iter().enumerate() {
        watch.look_at(state, &shown.document);
        for edit in &shown.held {
            watch.compare(&brings, &takes, *edit);
        }
    }
    for state in &history.observed.last {
        watch.look_again(*state);
        watch.compare_last(&takes);
    }
    watch.sights
}

/// Pairs of edit and element.
fn pairs(
    history: &History<'_>,
    edits: impl Fn(&Element<'_>, &History<'_>) -> Vec<u32>,
) -> Vec<(u32, ElementNumber)> {
    let mut pairs = Vec::new();
    for (number, element) in (0..).zip(&history.elements.all) {
        if element.alone && !history.places.get(element.place).built {
            pairs.extend(edits(element, history).into_iter().map(|edit| (edit, number)));
        }
    }
    pairs
}

/// Whether an element has to be there as far as its own insertion goes, if
/// nobody took it away. `counts` says of which writes under a key to know.
fn may_be_missed(
    history: &History<'_>,
    element: &Element<'_>,
    counts: impl Fn(u32) -> bool,
) -> bool {
    let place = history.places.get(element.place);
    let exempt = place.lossy || place.mixed || place.unseen_removals || element.harmed;
    if exempt {
        return false;
    }
    match element.identity {
        Identity::Character(_) | Identity::Label(_) => true,
        Identity::Item(_) => is_only_setter(history, element),
        // The oracle of maps knows more.
        Identity::Value(_) => place.writes.iter().filter(|w| counts(w.edit)).count() == 1,
    }
}

/// Whether no other writer has taken the place in its list that it took.
fn is_only_setter(history: &History<'_>, element: &Element<'_>) -> bool {
    if !element.by_set {
        return true;
    }
    let Some(old) = element.replaces else { return false };
    let old = history.elements.get(old);
    old.alone && old.gone_by == [element.by] && is_only_setter(history, old)
}

/// Whether whoever holds `edit`, which took the element away, cannot show it.
fn is_sure_to_go(history: &History<'_>, element: &Element<'_>, edit: u32) -> bool {
    let place = history.places.get(element.place);
    match element.identity {
        Identity::Character(_) | Identity::Value(_) => true,
        Identity::Item(_) => {
            let knew_moves =
                |of: &Element<'_>| of.moved_by.iter().all(|by| history.knew(edit, *by));
            // What moved is the element, whichever of its values it had then.
            !place.unseen_moves
                && knew_moves(element)
                && (!element.by_set || {
                    // What was set over a container, say, cannot be told from others.
                    let unknown = first_value(history, element).by_set;
                    !(unknown && place.moves) && values_of_same(history, element).all(knew_moves)
                })
        }
        Identity::Label(label) => {
            let deletes = place.standings.iter().any(|standing| {
                standing.edit == edit && standing.label == label && standing.what == Stands::Deleted
            });
            // A move that the deleter did not know of may take the node out of
            // harm's way; where only a node above it was deleted, any move may.
            place.standings.iter().all(|standing| {
                let moves = matches!(standing.what, Stands::Moved(_));
                let concerns = !deletes || standing.label == label;
                !(moves && concerns) || history.knew(edit, standing.edit)
            })
        }
    }
}

/// All values that the element of a list was ever given of which this is one.
fn values_of_same<'h, 'a>(
    history: &'h History<'a>,
    value: &'h Element<'a>,
) -> impl Iterator<Item = &'h Element<'a>> {
    let first = first_value(history, value);
    let here = history.elements.all.iter().filter(|other| other.place == value.place);
    here.filter(move |other| std::ptr::eq(first_value(history, other), first))
}

/// The value that the element of a list was inserted with.
fn first_value<'h, 'a>(history: &'h History<'a>, value: &'h Element<'a>) -> &'h Element<'a> {
    let mut first = value;
    while let Some(replaced) = first.replaces {
        first = history.elements.get(replaced);
    }
    first
}

/// Whether the order of an element among others is fixed for good.
fn is_ordered(history: &History<'_>, element: &Element<'_>) -> bool {
    let place = history.places.get(element.place);
    let listed = match element.identity {
        Identity::Character(_) => true,
        Identity::Item(_) => {
            let replaced = element.by_set || !element.gone_by.is_empty();
            !place.unseen_moves && element.moved_by.is_empty() && !(place.moves && replaced)
        }
        Identity::Value(_) | Identity::Label(_) => false,
    };
    listed && element.alone && !place.built
}

struct Watch<'h, 'a> {
    history: &'h History<'a>,
    present: Set,
    ordered: Vec<bool>,
    state: usize,
    sights: Sights,
}

impl Watch<'_, '_> {
    fn look_at(&mut self, state: usize, document: &Document) {
        self.state = state;
        self.present.clear();
        for root in document.roots.values() {
            self.node(root);
        }
    }

    /// As [`Self::look_at`], for a state that was looked at before.
    fn look_again(&mut self, state: usize) {
        let history = self.history;
        let cases = self.sights.cases.len();
        let invented = self.sights.invented.len();
        self.look_at(state, &history.observed.shown[state].document);
        self.sights.cases.truncate(cases);
        self.sights.invented.truncate(invented);
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Scalar(scalar) => {
                let element = self.history.elements.value(scalar);
                self.see(element, ContainerKind::Map, || shown(scalar));
            }
            Node::Text(runs) => self.text(runs),
            Node::Map(entries) => entries.values().for_each(|entry| self.node(entry)),
            Node::List(items) => self.list(items),
            Node::Counter(_) => {}
            Node::Tree(nodes) => self.tree(nodes),
        }
    }

    fn text(&mut self, runs: &[Run]) {
        let mut last = None;
        for character in runs.iter().flat_map(|run| run.text.chars()) {
            let element = self.history.elements.character(character);
            self.see(element, ContainerKind::Text, || format!("`{character}`"));
            last = self.follow(last, element);
        }
    }

    fn list(&mut self, items: &[Node]) {
        let mut last = None;
        for item in items {
            let Node::Scalar(scalar) = item else {
                self.node(item);
                continue;
            };
            let element = self.history.elements.item(scalar);
            self.see(element, ContainerKind::List, || shown(scalar));
            last = self.follow(last, element);
        }
    }

    fn tree(&mut self, nodes: &[TreeNode]) {
        for node in nodes {
            let element = self.history.elements.label(&node.label);
            self.see(element, ContainerKind::Tree, || format!("`{}`", node.label));
            self.tree(&node.children);
        }
    }

    /// Notes who stands beside whom; who is the last one now.
    fn follow(
        &mut self,
        last: Option<ElementNumber>,
        element: Option<ElementNumber>,
    ) -> Option<ElementNumber> {
        let ordered = element.filter(|element| self.ordered[*element as usize]);
        if let (Some(last), Some(next)) = (last, ordered) {
            self.sights.neighbours.add(last, next);
        }
        ordered.or(last)
    }

    fn see(
        &mut self,
        element: Option<ElementNumber>,
        kind: ContainerKind,
        what: impl FnOnce() -> String,
    ) {
        let Some(element) = element else {
            let (what, state) = (what(), self.state);
            self.sights.invented.push(Invented { kind, what, state });
            return;
        };
        if !self.present.insert(element) {
            let known = self.history.elements.get(element);
            if known.alone && !self.history.places.get(known.place).built {
                self.case(element, Fate::Doubled);
            }
        }
    }

    fn case(&mut self, element: ElementNumber, fate: Fate) {
        self.sights.cases.push(Case { element, fate, state: self.state });
    }

    /// What must follow for a state from its replica holding an edit.
    fn compare(&mut self, brings: &ByEdit, takes: &ByEdit, edit: u32) {
        for &element in brings.of(edit) {
            if !self.present.has(element) {
                self.case(element, Fate::Lacking);
            }
        }
        // Whether it really holds one that shares what it took away is not sure.
        let shares = self.history.shares[edit as usize];
        for &element in takes.of(edit).iter().filter(|_| !shares) {
            if self.present.has(element) {
                self.case(element, Fate::Resurrected { by: edit });
            }
        }
    }

    /// At the end everybody holds everything that survived.
    fn compare_last(&mut self, takes: &ByEdit) {
        let history = self.history;
        for edit in 0..history.observed.made.len() as u32 {
            for &element in takes.of(edit).iter().filter(|_| history.survived(edit)) {
                if self.present.has(element) {
                    self.case(element, Fate::Resurrected { by: edit });
                }
            }
        }
        for (number, element) in (0..).zip(&history.elements.all) {
            if self.present.has(number)
                || !element.alone
                || !history.survived(element.by)
                || history.places.get(element.place).built
                || element.gone_by.iter().any(|edit| history.may_survive(*edit))
            {
                continue;
            }
            if may_be_missed(history, element, |edit| history.may_survive(edit)) {
                self.case(number, Fate::Lost);
            }
        }
    }
}

/// Elements by edit.
struct ByEdit {
    starts: Vec<u32>,
    elements: Vec<ElementNumber>,
}

impl ByEdit {
    fn new(edits: usize, mut pairs: Vec<(u32, ElementNumber)>) -> Self {
        pairs.sort_unstable();
        let mut starts = vec![0; edits + 1];
        for (edit, _) in &pairs {
            starts[*edit as usize + 1] += 1;
        }
        for edit in 0..edits {
            starts[edit + 1] += starts[edit];
        }
        Self { starts, elements: pairs.into_iter().map(|(_, element)| element).collect() }
    }

    fn of(&self, edit: u32) -> &[ElementNumber] {
        let edit = edit as usize;
        &self.elements[self.starts[edit] as usize..self.starts[edit + 1] as usize]
    }
}

/// A set of elements.
struct Set(Vec<u64>);

impl Set {
    fn new(elements: usize) -> Self {
        Self(vec![0; elements.div_ceil(64)])
    }

    fn clear(&mut self) {
        self.0.fill(0);
    }

    fn has(&self, element: ElementNumber) -> bool {
        self.0[element as usize / 64] >> (element % 64) & 1 == 1
    }

    /// Whether it was not in there yet.
    fn insert(&mut self, element: ElementNumber) -> bool {
        let word = &mut self.0[element as usize / 64];
        let bit = 1 << (element % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }
}
