//! What clients do in B1, B2 and B3: random input as `lib0/prng` draws it there
//! (bounds included), and what the document must be afterwards.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::document::{Node, Run, Scalar, normalized_runs};
use crate::edit::{Action, ContainerKind, Edit, Path, Value};
use crate::rng::{Draws, Stream};
use crate::scenario::Benchmark;

/// The roots of every document in crdt-benchmarks.
pub(super) const ROOTS: [(&str, ContainerKind); 3] =
    [(ARRAY, ContainerKind::List), (MAP, ContainerKind::Map), (TEXT, ContainerKind::Text)];
const ARRAY: &str = "array";
const MAP: &str = "map";
/// The text root.
pub(super) const TEXT: &str = "text";

/// The length of the text that both clients of B2 begin with.
const INITIAL: u64 = 100;

/// The input of one benchmark.
#[derive(Serialize)]
pub(super) enum Input {
    /// B1: one client, transaction by transaction.
    One {
        /// What it does.
        transactions: Vec<Vec<Edit>>,
        /// How many inputs that is in the original: what its mean divides by.
        inputs: u64,
        /// What the root that it works in then holds.
        expected: (&'static str, Node),
    },
    /// B2: two clients, one transaction each.
    Two {
        /// What the document begins with.
        initial: Vec<Edit>,
        /// What each does.
        clients: [Vec<Edit>; 2],
        /// What the text then is.
        expected: (&'static str, Node),
    },
    /// B3: many clients, one transaction each.
    Many {
        /// What each does.
        clients: Vec<Vec<Edit>>,
        /// The root that they work in.
        root: &'static str,
    },
}

/// The input of `benchmark`.
///
/// # Panics
/// If it is the replay of a trace.
pub(super) fn make(benchmark: &Benchmark, operations: u32, stream: Stream) -> Input {
    use Benchmark as B;
    let n = u64::from(operations);
    let mut draws = stream.draws();
    let draws = &mut draws;
    match benchmark {
        B::B1_1 => text(draws, n, |text, draws, _| text.insert(text.length(), &word(draws, 1, 1))),
        B::B1_2 => text(draws, 1, |text, draws, _| text.insert(0, &word(draws, n, n))),
        B::B1_3 => text(draws, n, |text, draws, _| text.insert(0, &word(draws, 1, 1))),
        B::B1_4 => text(draws, n, |text, draws, at| text.insert(at, &word(draws, 1, 1))),
        B::B1_5 => text(draws, n, |text, draws, at| text.insert(at, &word(draws, 2, 10))),
        B::B1_6 => inserted_and_deleted(draws, n),
        B::B1_7 => text(draws, n, |text, draws, at| text.insert_or_delete(draws, at)),
        B::B1_8 => numbers(draws, n, |length, _| length),
        B::B1_9 => all_numbers(draws, n),
        B::B1_10 => numbers(draws, n, |_, _| 0),
        B::B1_11 => numbers(draws, n, |length, draws| draws.between(0, length)),
        B::B2_1 => two(draws, 1, |text, draws, _| vec![text.insert(0, &word(draws, n, n))]),
        B::B2_2 => two(draws, n, |text, draws, at| vec![text.insert(at, &word(draws, 1, 1))]),
        B::B2_3 => two(draws, n, |text, draws, at| vec![text.insert(at, &word(draws, 3, 9))]),
        B::B2_4 => two(draws, n, |text, draws, at| {
            vec![text.insert(at, &word(draws, 3, 9)), text.insert_or_delete(draws, at)]
        }),
        B::B3_1 => many(n, MAP, |client, _| put(Value::Scalar(Scalar::Int(client as i64)))),
        B::B3_2 => many(n, MAP, |client, _| {
            let field = |key: &str, value: &str| (key.to_owned(), Scalar::Text(value.to_owned()));
            let fields = [field("name", &client.to_string()), field("address", "here")];
            put(Value::Object(BTreeMap::from(fields)))
        }),
        B::B3_3 => many(n, MAP, |client, clients| {
            put(Value::Scalar(Scalar::Text(client.to_string().repeat(clients as usize))))
        }),
        B::B3_4 => many(n, ARRAY, |client, _| {
            let values = vec![Value::Scalar(Scalar::Text(client.to_string()))];
            Action::Insert { index: 0, values }
        }),
        B::B4 { .. } | B::Trace { .. } => panic!("traces are replayed, not made up"),
    }
}

/// A text under construction; all ASCII, so that bytes are code units.
#[derive(Clone, Default)]
struct Draft {
    text: String,
}

impl Draft {
    fn length(&self) -> u64 {
        self.text.len() as u64
    }

    fn insert(&mut self, at: u64, text: &str) -> Edit {
        self.done(Action::InsertText { index: at as u32, text: text.to_owned() })
    }

    /// A coin decides; at the end there is nothing to delete.
    fn insert_or_delete(&mut self, draws: &mut Draws, at: u64) -> Edit {
        let left = self.length() - at;
        if left == 0 || draws.below(2) == 1 {
            return self.insert(at, &word(draws, 2, 10));
        }
        let count = draws.between(1, left.min(9)) as u32;
        self.done(Action::DeleteText { index: at as u32, count })
    }

    fn done(&mut self, action: Action) -> Edit {
        self.apply(&action);
        on(TEXT, action)
    }

    fn apply(&mut self, action: &Action) {
        match action {
            Action::InsertText { index, text } => self.text.insert_str(*index as usize, text),
            Action::DeleteText { index, count } => {
                let start = *index as usize;
                self.text.replace_range(start..start + *count as usize, "");
            }
            _ => unreachable!("drafts are texts"),
        }
    }

    fn node(self) -> (&'static str, Node) {
        let run = Run { text: self.text, marks: BTreeMap::new() };
        (TEXT, Node::Text(normalized_runs([run])))
    }
}

fn on(root: &str, action: Action) -> Edit {
    Edit { at: Path::root(root), action }
}

/// A word of small letters.
fn word(draws: &mut Draws, shortest: u64, longest: u64) -> String {
    let length = draws.between(shortest, longest);
    (0..length).map(|_| char::from(b'a' + draws.below(26) as u8)).collect()
}

fn number(draws: &mut Draws) -> Scalar {
    Scalar::Int(draws.between(0, 0x7fff_ffff) as i64)
}

/// B1 on the text: `change` gets a random place each time.
fn text(
    draws: &mut Draws,
    count: u64,
    mut change: impl FnMut(&mut Draft, &mut Draws, u64) -> Edit,
) -> Input {
    let mut draft = Draft::default();
    let transactions = (0..count).map(|_| {
        let at = draws.between(0, draft.length());
        vec![change(&mut draft, draws, at)]
    });
    let transactions = transactions.collect();
    Input::One { transactions, inputs: count, expected: draft.node() }
}

/// B1.6: one input that takes two transactions.
fn inserted_and_deleted(draws: &mut Draws, count: u64) -> Input {
    let mut draft = Draft::default();
    let insert = draft.insert(0, &word(draws, count, count));
    let delete = draft.done(Action::DeleteText { index: 0, count: count as u32 });
    let transactions = vec![vec![insert], vec![delete]];
    Input::One { transactions, inputs: 1, expected: draft.node() }
}

/// B1 on the list, one number each.
fn numbers(draws: &mut Draws, count: u64, mut place: impl FnMut(u64, &mut Draws) -> u64) -> Input {
    let mut list = Vec::new();
    let transactions = (0..count).map(|_| {
        let index = place(list.len() as u64, draws) as u32;
        let number = number(draws);
        list.insert(index as usize, Node::Scalar(number.clone()));
        vec![on(ARRAY, Action::Insert { index, values: vec![Value::Scalar(number)] })]
    });
    let transactions = transactions.collect();
    Input::One { transactions, inputs: count, expected: (ARRAY, Node::List(list)) }
}

/// B1.9: all numbers at once.
fn all_numbers(draws: &mut Draws, count: u64) -> Input {
    let numbers: Vec<_> = (0..count).map(|_| number(draws)).collect();
    let list = numbers.iter().cloned().map(Node::Scalar).collect();
    let values = numbers.into_iter().map(Value::Scalar).collect();
    let transactions = vec![vec![on(ARRAY, Action::Insert { index: 0, values })]];
    Input::One { transactions, inputs: 1, expected: (ARRAY, Node::List(list)) }
}

/// B2: both inputs are made for the initial text, and the second one then goes
/// into a document that has the first one's changes.
fn two(
    draws: &mut Draws,
    count: u64,
    mut change: impl FnMut(&mut Draft, &mut Draws, u64) -> Vec<Edit>,
) -> Input {
    let mut text = Draft::default();
    let initial = vec![text.insert(0, &word(draws, INITIAL, INITIAL))];
    let clients = [(); 2].map(|()| {
        let mut draft = text.clone();
        let edits = (0..count).flat_map(|_| {
            let at = draws.between(0, draft.length());
            change(&mut draft, draws, at)
        });
        edits.collect::<Vec<_>>()
    });
    for edit in clients.iter().flatten() {
        text.apply(&edit.action);
    }
    Input::Two { initial, clients, expected: text.node() }
}

/// B3: 20·⌊√N⌋ clients.
fn many(operations: u64, root: &'static str, action: impl Fn(u64, u64) -> Action) -> Input {
    let clients = 20 * operations.isqrt();
    let edits = (0..clients).map(|client| vec![on(root, action(client, clients))]);
    Input::Many { clients: edits.collect(), root }
}

fn put(value: Value) -> Action {
    Action::Put { key: "v".to_owned(), value }
}
