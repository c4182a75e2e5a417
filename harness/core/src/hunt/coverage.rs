//! Which pairs of concurrent operations were seen.

use super::operation::Operation;
use serde::{Deserialize, Serialize};

use crate::check::{Made, Observed};
use crate::edit::{Action, ContainerKind, Edit, Path, Step, Value};

/// How the containers of two concurrent operations stand to each other. The
/// indices of elements are those of their own replicas, so lists in lists are
/// told apart only roughly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// They are done to the same container.
    Same,
    /// One is done to a container that the other's stands in.
    Within,
    /// Neither.
    Apart,
}

impl Relation {
    /// Every relation.
    pub const ALL: [Self; 3] = [Self::Same, Self::Within, Self::Apart];

    /// The name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Within => "within",
            Self::Apart => "apart",
        }
    }
}

/// Two operations that were done by different replicas, neither of which knew
/// of the other's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// One; never after the other in [`Operation::ALL`].
    pub one: Operation,
    /// The other.
    pub other: Operation,
    /// How their containers stand to each other.
    pub relation: Relation,
}

const OPERATIONS: usize = Operation::ALL.len();
const RELATIONS: usize = Relation::ALL.len();

/// How often each pair of concurrent operations was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// By the two operations and the relation; only where the first is not after
    /// the second.
    seen: Vec<u32>,
    new_pairs: u32,
}

impl Default for Coverage {
    fn default() -> Self {
        Self { seen: vec![0; OPERATIONS * OPERATIONS * RELATIONS], new_pairs: 0 }
    }
}

impl Coverage {
    /// Counts the pairs of a world.
    pub fn note(&mut self, observed: &Observed) {
        let noted: Vec<Noted<'_>> = noted(observed);
        let mut seen = vec![false; self.seen.len()];
        for (at, later) in noted.iter().enumerate() {
            for earlier in &noted[..at] {
                let (later_made, earlier_made) = (later.made, earlier.made);
                // What was made later cannot be known by what was made earlier.
                let concurrent = earlier_made.replica != later_made.replica
                    && later_made.knew.binary_search(&earlier.number).is_err();
                if concurrent {
                    let relation = relation(&earlier.edit.at, &later.edit.at);
                    seen[place(earlier.operation, later.operation, relation)] = true;
                }
            }
        }
        // Once per world: long worlds are not to outweigh others.
        for (count, _) in self.seen.iter_mut().zip(seen).filter(|(_, seen)| *seen) {
            self.new_pairs += u32::from(*count == 0);
            *count = count.saturating_add(1);
        }
    }

    /// Adds what others have seen. The order does not matter.
    pub fn add(&mut self, other: &Self) {
        for (count, others) in self.seen.iter_mut().zip(&other.seen) {
            self.new_pairs += u32::from(*count == 0 && *others > 0);
            *count = count.saturating_add(*others);
        }
    }

    /// How many pairs were seen for the first time since this was last asked.
    pub fn new_pairs(&mut self) -> u32 {
        std::mem::take(&mut self.new_pairs)
    }

    /// How many different pairs were seen.
    pub fn pairs_seen(&self) -> usize {
        self.seen.iter().filter(|count| **count > 0).count()
    }

    /// In how many worlds a pair was seen.
    pub fn count(&self, pair: Pair) -> u32 {
        self.seen[place(pair.one, pair.other, pair.relation)]
    }

    /// Every pair that can be, and in how many worlds it was seen.
    pub fn pairs(&self) -> impl Iterator<Item = (Pair, u32)> + '_ {
        let all = |one: Operation| Operation::ALL.iter().map(move |other| (one, *other));
        let pairs = Operation::ALL.iter().flat_map(move |one| all(*one));
        pairs.filter(|(one, other)| one <= other).flat_map(move |(one, other)| {
            let pair = move |relation| Pair { one, other, relation };
            let possible = Relation::ALL.into_iter().map(pair).filter(|pair| pair.is_possible());
            possible.map(|pair| (pair, self.count(pair)))
        })
    }

    /// Every pair that can be with this operation in it.
    pub(super) fn pairs_with(
        &self,
        operation: Operation,
    ) -> impl Iterator<Item = (Pair, u32)> + '_ {
        self.pairs().filter(move |(pair, _)| pair.one == operation || pair.other == operation)
    }
}

impl Pair {
    /// Whether its operations can stand in its relation at all: the same
    /// container has one kind, and only maps and lists have containers in them.
    pub fn is_possible(self) -> bool {
        let holds = |operation: Operation| {
            let kind = operation.kind();
            !matches!(kind, ContainerKind::Text | ContainerKind::Counter | ContainerKind::Tree)
        };
        match self.relation {
            Relation::Same => self.one.kind() == self.other.kind(),
            Relation::Within => holds(self.one) || holds(self.other),
            Relation::Apart => true,
        }
    }
}

fn place(one: Operation, other: Operation, relation: Relation) -> usize {
    let (one, other) = (one.min(other) as usize, one.max(other) as usize);
    (one * OPERATIONS + other) * RELATIONS + relation as usize
}

/// An edit, and what it does.
struct Noted<'a> {
    number: u32,
    made: &'a Made,
    edit: &'a Edit,
    operation: Operation,
}

fn noted(observed: &Observed) -> Vec<Noted<'_>> {
    let mut lists: Vec<(&Path, Option<&str>, ContainerKind)> = Vec::new();
    let mut noted = Vec::with_capacity(observed.made.len());
    for (number, made) in (0..).zip(&observed.made) {
        for edit in &made.edits {
            let list = list_kind(&edit.at, observed, &lists);
            let operation = Operation::of(&edit.action, list);
            noted.push(Noted { number, made, edit, operation });
            if let Some((key, kind)) = list_made(&edit.action) {
                lists.push((&edit.at, key, kind));
            }
        }
    }
    noted
}

/// The list that an edit makes, by its key if it has one.
fn list_made(action: &Action) -> Option<(Option<&str>, ContainerKind)> {
    let (key, value) = match action {
        Action::Put { key, value } => (Some(key.as_str()), value),
        Action::Insert { values, .. } => (None, values.first()?),
        Action::Set { value, .. } => (None, value),
        _ => return None,
    };
    let Value::Container(kind @ (ContainerKind::List | ContainerKind::MovableList)) = value else {
        return None;
    };
    Some((key, *kind))
}

/// Which kind of list is at `at`, if one is: paths do not say. That of the last
/// one that was made in its place, indices left aside.
fn list_kind(
    at: &Path,
    observed: &Observed,
    lists: &[(&Path, Option<&str>, ContainerKind)],
) -> ContainerKind {
    let root = observed.roots.get(at.root.as_str()).copied().unwrap_or(ContainerKind::List);
    let Some((last, above)) = at.steps.split_last() else { return root };
    let key = match last {
        Step::Key(key) => Some(key.as_str()),
        Step::Element(_) => None,
    };
    let stands_there = |(parent, under, _): &&(&Path, Option<&str>, ContainerKind)| {
        *under == key && parent.root == at.root && alike(&parent.steps, above)
    };
    lists.iter().rev().find(stands_there).map_or(ContainerKind::List, |(_, _, kind)| *kind)
}

fn alike(one: &[Step], other: &[Step]) -> bool {
    let same = |(one, other): (&Step, &Step)| match (one, other) {
        (Step::Key(one), Step::Key(other)) => one == other,
        (Step::Element(_), Step::Element(_)) => true,
        _ => false,
    };
    one.len() == other.len() && one.iter().zip(other).all(same)
}

fn relation(one: &Path, other: &Path) -> Relation {
    let common = one.steps.len().min(other.steps.len());
    if one.root != other.root || one.steps[..common] != other.steps[..common] {
        return Relation::Apart;
    }
    if one.steps.len() == other.steps.len() { Relation::Same } else { Relation::Within }
}
