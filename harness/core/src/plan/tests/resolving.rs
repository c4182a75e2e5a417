//! Plans stay valid: on any document, and with half of their steps gone.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::scenes::any_scenario;
use super::solo::Solo;
use crate::document::{Node, Scalar};
use crate::edit::{Action, ContainerKind, Edit, Path, Position, Roots, Step, Value};
use crate::engine::Replica;
use crate::plan::{Cursor, Layout, PlanAction, generate, resolve};
use crate::sandbox::{Panicked, Uncounted};
use crate::workload::Traces;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Everybody edits one document, and any part of the steps may be missing:
    /// whatever is resolved, the document takes.
    #[test]
    fn what_is_resolved_can_be_done(
        scenario in any_scenario(),
        seed: u64,
        kept in prop::collection::vec(prop::bool::weighted(0.6), 257),
        anchors: bool,
    ) {
        let plan = generate(&scenario, seed, &Traces::default()).unwrap();
        let mut solo = Solo::with_anchors(&scenario.document.roots, anchors);
        let mut cursors: BTreeMap<_, Cursor> = BTreeMap::new();
        let mut done = 0;
        let edits = plan.steps.iter().filter_map(|step| match &step.what {
            PlanAction::Edit { device, edits } => Some((device, edits)),
            _ => None,
        });
        for ((device, edits), _) in edits.zip(kept.iter().cycle()).filter(|(_, kept)| **kept) {
            let cursor = cursors.entry(device).or_default();
            if let Some(resolved) = solo.resolve(cursor, edits, plan.splits()) {
                prop_assert!(!resolved.is_empty());
                let outcome = solo.edit(&resolved);
                prop_assert!(outcome.is_ok(), "{edits:?}\n{resolved:?}\n{outcome:?}");
                done += 1;
            }
            cursors.values_mut().for_each(|cursor| solo.hold(cursor, plan.splits()));
        }
        let all = plan.steps.iter().filter(|s| matches!(s.what, PlanAction::Edit { .. })).count();
        prop_assert!(done > 0 || all < 50, "none of {all} could be done");
    }

    /// Whole transactions at random, on documents with astral characters: what
    /// is resolved never cuts one in half.
    #[test]
    fn whatever_comes(transactions in prop::collection::vec(any_transaction(), 1..40)) {
        let mut solo = Solo::with_anchors(&roots(), true);
        let mut cursor = Cursor::default();
        for edits in numbered(transactions) {
            if let Some(resolved) = solo.resolve(&mut cursor, &edits, true) {
                // Random actions may meet a container of another kind.
                let outcome = solo.edit(&resolved);
                let kinds = kinds_fit(&solo, &resolved);
                prop_assert!(outcome.is_ok() || !kinds, "{edits:?}\n{resolved:?}\n{outcome:?}");
            }
            solo.hold(&mut cursor, true);
        }
    }
}

/// Whether every action is one of its container's kind, as far as the document
/// before the transaction tells; what it makes itself is not looked at.
fn kinds_fit(solo: &Solo, edits: &[Edit]) -> bool {
    edits.iter().all(|edit| {
        let expected: &[ContainerKind] = match edit.action {
            Action::InsertText { .. } | Action::DeleteText { .. } | Action::Mark { .. } => {
                &[ContainerKind::Text]
            }
            Action::Put { .. } | Action::Delete { .. } => &[ContainerKind::Map],
            Action::Move { .. } => &[ContainerKind::MovableList],
            Action::Insert { .. } | Action::Set { .. } | Action::Remove { .. } => {
                &[ContainerKind::List, ContainerKind::MovableList]
            }
            Action::Increment { .. } => &[ContainerKind::Counter],
            _ => &[ContainerKind::Tree],
        };
        edit.at.steps.is_empty() && solo.model.kind(&edit.at).is_some_and(|k| expected.contains(&k))
    })
}

fn roots() -> Roots {
    ContainerKind::ALL.map(|kind| (kind.name().to_owned(), kind)).into()
}

fn any_position() -> impl Strategy<Value = Position> {
    prop_oneof![
        any::<u32>().prop_map(Position::Share),
        (0_u32..9).prop_map(Position::Exact),
        (-4_i32..5).prop_map(Position::Cursor),
        Just(Position::END),
        any::<i32>().prop_map(Position::Cursor),
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(|value| Value::Scalar(Scalar::Bool(value))),
        prop::sample::select(&ContainerKind::ALL[..]).prop_map(Value::Container),
    ]
}

fn any_action() -> impl Strategy<Value = (&'static str, Action<Position>)> {
    let count = 0_u32..5;
    let key = || "[ab]";
    let label = || "[0-5]";
    let parent = || prop::option::of("[0-5]");
    let p = any_position;
    prop_oneof![
        4 => (p(), "[a😀é]{0,4}")
            .prop_map(|(index, text)| ("text", Action::InsertText { index, text })),
        3 => (p(), count.clone())
            .prop_map(|(index, count)| ("text", Action::DeleteText { index, count })),
        1 => (p(), count.clone()).prop_map(|(index, count)| {
            let (name, value) = ("bold".to_owned(), Scalar::Bool(true));
            ("text", Action::Mark { index, count, name, value })
        }),
        3 => (key(), any_value()).prop_map(|(key, value)| ("map", Action::Put { key, value })),
        1 => key().prop_map(|key| ("map", Action::Delete { key })),
        4 => (p(), prop::collection::vec(any_value(), 0..3))
            .prop_map(|(index, values)| ("movable-list", Action::Insert { index, values })),
        1 => (p(), any_value())
            .prop_map(|(index, value)| ("movable-list", Action::Set { index, value })),
        1 => (p(), count)
            .prop_map(|(index, count)| ("movable-list", Action::Remove { index, count })),
        2 => (p(), p()).prop_map(|(from, to)| ("movable-list", Action::Move { from, to })),
        1 => any::<i8>().prop_map(|by| ("counter", Action::Increment { by: by.into() })),
        2 => (label(), parent(), p())
            .prop_map(|(label, parent, index)| ("tree", Action::CreateNode { label, parent, index })),
        2 => (label(), parent(), p())
            .prop_map(|(label, parent, index)| ("tree", Action::MoveNode { label, parent, index })),
        1 => label().prop_map(|label| ("tree", Action::DeleteNode { label })),
    ]
}

fn any_transaction() -> impl Strategy<Value = Vec<Edit<Position>>> {
    let step = prop_oneof!["[ab]".prop_map(Step::Key), any_position().prop_map(Step::Element),];
    let below = prop_oneof![3 => Just(None), 1 => step.prop_map(Some)];
    let edit = (any_action(), below).prop_map(|((root, action), below)| {
        let at = below.into_iter().fold(Path::root(root), Path::then);
        Edit { at, action }
    });
    prop::collection::vec(edit, 1..5)
}

/// Labels are unique in plans: the n-th node made is called n.
fn numbered(mut transactions: Vec<Vec<Edit<Position>>>) -> Vec<Vec<Edit<Position>>> {
    let mut made = 0;
    for edit in transactions.iter_mut().flatten() {
        if let Action::CreateNode { label, .. } = &mut edit.action {
            *label = made.to_string();
            made += 1;
        }
    }
    transactions
}

/// Resolves against what `before` leads to.
fn resolved(before: &[Edit], edits: &[Edit<Position>]) -> Option<Vec<Edit>> {
    let mut solo = Solo::new(&roots());
    solo.edit(before).unwrap();
    let found = solo.resolve(&mut Cursor::default(), edits, true);
    if let Some(found) = &found {
        solo.edit(found).unwrap();
    }
    found
}

fn on<P>(root: &str, steps: Vec<Step<P>>, action: Action<P>) -> Edit<P> {
    Edit { at: Path { root: root.into(), steps }, action }
}

fn scalars(count: i64) -> Vec<Value> {
    (0..count).map(|n| Value::Scalar(Scalar::Int(n))).collect()
}

#[test]
fn a_transaction_reaches_into_what_it_just_made() {
    let list = || vec![on("list", vec![], Action::Insert { index: 0, values: scalars(7) })];
    for place in [Position::START, Position::END, Position::Share(1 << 31), Position::Exact(3)] {
        let item = || vec![Step::Element(place)];
        let map = Value::Container(ContainerKind::Map);
        let text = Value::Container(ContainerKind::Text);
        let title = Step::Key("title".to_owned());
        let edits = [
            on("list", vec![], Action::Insert { index: place, values: vec![map] }),
            on("list", item(), Action::Put { key: "title".to_owned(), value: text }),
            on(
                "list",
                vec![Step::Element(place), title],
                Action::InsertText { index: Position::END, text: "milk".to_owned() },
            ),
        ];
        let found = resolved(&list(), &edits).unwrap();
        assert_eq!(found.len(), 3);
        assert_eq!(found[2].action, Action::InsertText { index: 0, text: "milk".to_owned() });
    }
}

#[test]
fn paths_follow_elements_through_earlier_edits() {
    // Ten maps, the fourth with a text of five characters.
    let maps = vec![Value::Container(ContainerKind::Map); 10];
    let text = Value::Container(ContainerKind::Text);
    let before = [
        on("movable-list", vec![], Action::Insert { index: 0, values: maps }),
        on(
            "movable-list",
            vec![Step::Element(3)],
            Action::Put { key: "t".to_owned(), value: text },
        ),
        on(
            "movable-list",
            vec![Step::Element(3), Step::Key("t".to_owned())],
            Action::InsertText { index: 0, text: "hello".to_owned() },
        ),
    ];
    let insert = Action::Insert { index: Position::START, values: scalars(2) };
    let remove = Action::Remove { index: Position::Exact(2), count: 2 };
    // Two more in front and the next two gone: at 3 now. Moved to 6.
    let move_away = Action::Move { from: Position::Exact(3), to: Position::Exact(6) };
    let write = Action::InsertText { index: Position::END, text: "!".to_owned() };
    let edits = [
        on("movable-list", vec![], insert),
        on("movable-list", vec![], remove),
        on("movable-list", vec![], move_away),
        on(
            "movable-list",
            vec![Step::Element(Position::Exact(6)), Step::Key("t".to_owned())],
            write,
        ),
    ];
    let found = resolved(&before, &edits).unwrap();
    assert_eq!(found[3].action, Action::InsertText { index: 5, text: "!".to_owned() });
    assert_eq!(found[3].at.steps[0], Step::Element(6));
}

#[test]
fn nothing_left_to_do_is_a_skipped_step() {
    let at_end = Position::END;
    for action in [
        Action::DeleteText { index: at_end, count: 3 },
        Action::DeleteText { index: Position::Cursor(-1), count: 1 },
        Action::InsertText { index: at_end, text: String::new() },
    ] {
        assert_eq!(resolved(&[], &[on("text", vec![], action)]), None);
    }
    for action in [
        Action::Move { from: at_end, to: at_end },
        Action::Remove { index: at_end, count: 1 },
        Action::Set { index: at_end, value: Value::Scalar(Scalar::Null) },
    ] {
        assert_eq!(resolved(&[], &[on("movable-list", vec![], action)]), None);
    }
    let gone = vec![Step::Key("nobody".to_owned())];
    let put = Action::Put { key: "a".to_owned(), value: Value::Scalar(Scalar::Null) };
    assert_eq!(resolved(&[], &[on("map", gone, put.clone())]), None);
    assert_eq!(resolved(&[], &[on("no-such-root", vec![], put)]), None);
    let orphan = Action::CreateNode {
        label: "child".to_owned(),
        parent: Some("nobody".to_owned()),
        index: at_end,
    };
    assert_eq!(resolved(&[], &[on("tree", vec![], orphan)]), None);
}

#[test]
fn stretches_are_clipped_and_never_cut_a_character() {
    let before = [on("text", vec![], Action::InsertText { index: 0, text: "a😀b".to_owned() })];
    for (index, count, expected) in [
        (Position::Exact(0), 99, Some((0, 4))),
        (Position::Exact(2), 1, Some((1, 2))),
        (Position::Exact(0), 2, Some((0, 3))),
        (Position::Exact(3), 9, Some((3, 1))),
        (Position::Exact(4), 1, None),
        (Position::Cursor(-1), 1, Some((3, 1))),
        (Position::Cursor(-9), 6, Some((0, 1))),
        (Position::Cursor(-9), 5, None),
        (Position::END, 1, Some((3, 1))),
    ] {
        let delete = on("text", vec![], Action::DeleteText { index, count });
        let found = resolved(&before, &[delete]).map(|found| found[0].action.clone());
        let expected = expected.map(|(index, count)| Action::DeleteText { index, count });
        assert_eq!(found, expected, "{count} at {index:?}");
    }
}

/// Two people write at the same time, each word by word; with anchors nothing
/// of one stands between two characters of the other's.
#[test]
fn a_cursor_stays_with_its_own_text() {
    let roots = Roots::from([("text".to_owned(), ContainerKind::Text)]);
    let mut solo = Solo::with_anchors(&roots, true);
    let mut cursors = [Cursor::default(), Cursor::default()];
    for keys in "aAbBcCdDeEfFgGhH".chars().collect::<Vec<_>>().chunks(2) {
        for (person, key) in keys.iter().enumerate() {
            let insert = Action::InsertText { index: Position::Cursor(0), text: key.to_string() };
            let typed = [on("text", vec![], insert)];
            let found = solo.resolve(&mut cursors[person], &typed, false).unwrap();
            solo.hold(&mut cursors[1 - person], false);
            solo.edit(&found).unwrap();
            solo.hold(&mut cursors[person], false);
        }
    }
    let Node::Text(runs) = &solo.model.document().roots["text"] else { panic!("a text") };
    assert_eq!(runs[0].text, "abcdefghABCDEFGH");
}

/// Without anchors a cursor keeps to the nearer end.
#[test]
fn a_cursor_without_anchors_keeps_to_the_nearer_end() {
    for (written, at, others, expected) in [
        (10, 10, 5, 15), // at the end it stays at the end
        (10, 8, 5, 13),
        (10, 5, 5, 10),
        (10, 4, 5, 4),
        (10, 0, 5, 0),
    ] {
        let roots = Roots::from([("text".to_owned(), ContainerKind::Text)]);
        let mut solo = Solo::new(&roots);
        let mut cursor = Cursor::default();
        let mut type_at = |solo: &mut Solo, index, length: usize| {
            let text = "x".repeat(length);
            let typed = [on("text", vec![], Action::InsertText { index, text })];
            let found = solo.resolve(&mut cursor, &typed, false).unwrap();
            solo.edit(&found).unwrap();
            match &found[0].action {
                Action::InsertText { index, .. } => *index,
                other => panic!("{other:?}"),
            }
        };
        type_at(&mut solo, Position::Exact(0), written - 1);
        type_at(&mut solo, Position::Exact(at - u32::from(at > 0)), 1);
        let index = if at == 0 { Position::Cursor(-1) } else { Position::Cursor(0) };
        let theirs = "y".repeat(others);
        let insert = on("text", vec![], Action::InsertText { index: 0, text: theirs });
        solo.edit(&[insert]).unwrap();
        assert_eq!(type_at(&mut solo, index, 1), expected, "from {at} of {written}");
    }
}

/// What an engine does when it is asked where something is, it does itself.
#[test]
fn a_panic_in_an_answer_is_the_engines() {
    let mut solo = Solo::new(&roots());
    solo.panics = true;
    let typed =
        [on("text", vec![], Action::InsertText { index: Position::Cursor(0), text: "a".into() })];
    let resolved = Layout::of(&solo, &mut Uncounted, |layout| {
        (resolve(layout, &mut Cursor::default(), &typed, true), layout.length(&Path::root("text")))
    });
    assert_eq!(resolved, Err(Panicked("nobody knows".to_owned())));
}
