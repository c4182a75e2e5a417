//! Small histories for testing what an adapter makes of a story.

use deadzone_core::check::Violation;
use deadzone_core::document::Scalar;
use deadzone_core::edit::{Action, ContainerKind, Edit, Path, Position, Roots, Step, Value};
use deadzone_core::engine::{Delivery, Engine};
use deadzone_core::replay::{self, Ending, Happened, Replayed, Scrutiny, Story};
use deadzone_core::sandbox::Uncounted;
use deadzone_core::schedule::{
    Attention, Joining, Origin, ReplicaNumber, SCHEMA, Schedule, ScheduleAction, ScheduleStep,
};

const A: ReplicaNumber = ReplicaNumber(0);
const B: ReplicaNumber = ReplicaNumber(1);
const C: ReplicaNumber = ReplicaNumber(2);
const D: ReplicaNumber = ReplicaNumber(3);

/// What happened when `engine` ran `schedule`.
///
/// # Panics
/// If a step was skipped.
pub fn tell(engine: &dyn Engine, schedule: &Schedule) -> Story {
    let scrutiny = Scrutiny { rebuilds: false, story: true, until: None };
    let Replayed { story, skipped, .. } = replay::run(schedule, engine, &mut Uncounted, scrutiny);
    let story = story.expect("it was asked for");
    assert_eq!(skipped, 0, "{:#?}", story.events);
    story
}

/// The story as if it had ended like this. What is asserted of what does not
/// hold is so written of a story in which it does, and must hold there.
pub fn as_if(mut story: Story, violation: Violation) -> Story {
    story.ending = Ending::Violated(violation);
    story
}

/// The story up to the first event for which `is_last` holds, as a process leaves
/// it that dies there.
///
/// # Panics
/// If there is no such event.
pub fn up_to(mut story: Story, is_last: impl Fn(&Happened) -> bool) -> Story {
    let last = story.events.iter().position(|event| is_last(&event.what));
    story.events.truncate(last.expect("there is one") + 1);
    story
}

fn schedule(
    kinds: &[ContainerKind],
    delivery: Delivery,
    replicas: u8,
    steps: Vec<ScheduleAction>,
) -> Schedule {
    let roots: Roots = kinds.iter().map(|kind| (kind.name().to_owned(), *kind)).collect();
    let steps = (0..).zip(steps).map(|(number, what)| ScheduleStep { number, what }).collect();
    let attention = Attention::End;
    let origin = Origin::Hunt;
    Schedule { schema: SCHEMA, seed: 7, roots, delivery, replicas, attention, origin, steps }
}

fn at(kind: ContainerKind, action: Action<Position>) -> Edit<Position> {
    Edit { at: Path::root(kind.name()), action }
}

fn below(kind: ContainerKind, step: Step<Position>, action: Action<Position>) -> Edit<Position> {
    Edit { at: Path::root(kind.name()).then(step), action }
}

fn edit(at: ReplicaNumber, edits: Vec<Edit<Position>>) -> ScheduleAction {
    ScheduleAction::Edit { at, edits }
}

fn here(index: u32) -> Position {
    Position::Exact(index)
}

fn int(value: i64) -> Value {
    Value::Scalar(Scalar::Int(value))
}

fn text(value: &str) -> Value {
    Value::Scalar(Scalar::Text(value.to_owned()))
}

fn put(key: &str, value: Value) -> Action<Position> {
    Action::Put { key: key.to_owned(), value }
}

fn key(key: &str) -> Step<Position> {
    Step::Key(key.to_owned())
}

fn write(index: u32, text: &str) -> Action<Position> {
    Action::InsertText { index: here(index), text: text.to_owned() }
}

/// What one replica does to a container of this kind, for itself: nothing needs
/// what another has done.
fn edits(kind: ContainerKind) -> Vec<Vec<Edit<Position>>> {
    let mark =
        |name: &str, value| Action::Mark { index: here(1), count: 2, name: name.to_owned(), value };
    let actions: Vec<Action<Position>> = match kind {
        ContainerKind::Text => vec![
            write(0, "say \"a\u{1f600}b\"\n"),
            mark("bold", Scalar::Bool(true)),
            mark("bold", Scalar::Null),
            mark("link", Scalar::Text("x".to_owned())),
            Action::DeleteText { index: here(0), count: 2 },
        ],
        ContainerKind::Map => vec![
            put("k", text("v")),
            put("k", text("v")),
            put("n", Value::Scalar(Scalar::Null)),
            put("o", Value::Object([("x".to_owned(), Scalar::Int(-1))].into())),
            put("gone", Value::Scalar(Scalar::Bool(false))),
            Action::Delete { key: "gone".to_owned() },
        ],
        ContainerKind::List => vec![
            Action::Insert { index: here(0), values: vec![int(1), text("two"), int(3)] },
            Action::Set { index: here(1), value: int(2) },
            Action::Remove { index: here(0), count: 1 },
        ],
        ContainerKind::MovableList => vec![
            Action::Insert { index: here(0), values: vec![int(1), text("two"), int(3)] },
            Action::Move { from: here(0), to: here(2) },
            Action::Set { index: here(0), value: int(5) },
        ],
        ContainerKind::Counter => {
            vec![Action::Increment { by: 5 }, Action::Increment { by: -2 }]
        }
        ContainerKind::Tree => Vec::new(),
    };
    actions.into_iter().map(|action| vec![at(kind, action)]).collect()
}

/// What one replica does to a tree, with labels of its own.
fn tree_edits(prefix: &str) -> Vec<Vec<Edit<Position>>> {
    let label = |name: &str| format!("{prefix}{name}");
    let create = |name: &str, parent: Option<&str>| Action::CreateNode {
        label: label(name),
        parent: parent.map(label),
        index: here(0),
    };
    let actions = vec![
        create("x", None),
        create("y", Some("x")),
        create("z", None),
        Action::MoveNode { label: label("z"), parent: Some(label("x")), index: here(1) },
        Action::DeleteNode { label: label("y") },
    ];
    actions.into_iter().map(|action| vec![at(ContainerKind::Tree, action)]).collect()
}

/// Containers in containers, in a map under `prefix` and in a list.
fn nested_edits(prefix: &str, kinds: &[ContainerKind]) -> Vec<Vec<Edit<Position>>> {
    let (map, list) = (ContainerKind::Map, ContainerKind::List);
    let under = |name: &str| format!("{prefix}{name}");
    let inner: Vec<ContainerKind> = [ContainerKind::Text, ContainerKind::Counter, map]
        .into_iter()
        .filter(|kind| kinds.contains(kind))
        .collect();
    let mut edits = Vec::new();
    for kind in &inner {
        edits.push(vec![at(map, put(&under(kind.name()), Value::Container(*kind)))]);
    }
    let text_in_map = below(map, key(&under("text")), write(0, "inside"));
    let counter = below(map, key(&under("counter")), Action::Increment { by: 3 });
    let in_map = below(map, key(&under("map")), put("deep", int(1)));
    let together: Vec<_> = [text_in_map, counter, in_map].into_iter().collect();
    edits.push(together);
    edits.push(vec![at(
        list,
        Action::Insert {
            index: here(0),
            values: vec![int(0), Value::Container(ContainerKind::Text), int(9)],
        },
    )]);
    edits.push(vec![below(list, Step::Element(here(1)), write(0, "element"))]);
    edits
}

/// Three replicas, every kind of container, updates in reverse, twice and
/// several at once. Map, list, text and counter must be among the kinds.
pub fn broadcast(kinds: &[ContainerKind]) -> Schedule {
    let mut steps = Vec::new();
    for (who, prefix) in [(A, "a-"), (B, "b-")] {
        for kind in kinds {
            steps.extend(edits(*kind).into_iter().map(|edits| edit(who, edits)));
        }
        if kinds.contains(&ContainerKind::Tree) {
            steps.extend(tree_edits(prefix).into_iter().map(|edits| edit(who, edits)));
        }
        if !kinds.contains(&ContainerKind::MovableList) {
            steps.extend(nested_edits(prefix, kinds).into_iter().map(|edits| edit(who, edits)));
        }
    }
    let made = steps.len() as u32;
    for step in (0..made / 2).rev() {
        // What changed nothing has no update.
        if !is_repeated(&steps[step as usize]) {
            steps.push(ScheduleAction::Deliver { updates: vec![step], to: C });
        }
    }
    steps.push(ScheduleAction::Deliver { updates: vec![0, made - 1], to: C });
    steps.push(ScheduleAction::Deliver { updates: vec![0], to: B });
    steps.push(ScheduleAction::Deliver { updates: vec![0], to: B });
    schedule(kinds, Delivery::Broadcast, 3, steps)
}

fn is_repeated(step: &ScheduleAction) -> bool {
    let again = put("k", text("v"));
    matches!(step, ScheduleAction::Edit { edits, .. } if edits[0].action == again)
}

/// A hub with two others: messages that cross, a connection that breaks, a
/// process that dies, and sessions that go on.
pub fn protocol() -> Schedule {
    let kind = ContainerKind::Text;
    let say = |who, text: &str| edit(who, vec![at(kind, write(0, text))]);
    let send = |from, to| ScheduleAction::Send { from, to };
    let receive = |from, to| ScheduleAction::Receive { from, to };
    let save = |at, whole| ScheduleAction::Save { at, whole };
    let steps = vec![
        say(A, "one "),
        save(A, true),
        ScheduleAction::Connect { a: A, b: B },
        send(A, B),
        send(B, A),
        receive(A, B),
        receive(B, A),
        say(B, "two "),
        ScheduleAction::Sync { a: A, b: B },
        ScheduleAction::Sync { a: A, b: C },
        say(C, "three "),
        say(B, "four "),
        ScheduleAction::Sync { a: A, b: C },
        ScheduleAction::Sync { a: A, b: B },
        save(A, false),
        say(B, "five "),
        send(B, A),
        ScheduleAction::Disconnect { a: A, b: B },
        say(C, "six "),
        ScheduleAction::Restart { at: A },
        ScheduleAction::Sync { a: A, b: B },
        say(A, "seven "),
        ScheduleAction::Sync { a: A, b: C },
    ];
    schedule(&[kind], Delivery::Protocol, 3, steps)
}

/// Whole saves that are merged, loaded and forked.
pub fn snapshots() -> Schedule {
    let kind = ContainerKind::List;
    let insert = |who, value| {
        let values = vec![int(value)];
        edit(who, vec![at(kind, Action::Insert { index: here(0), values })])
    };
    let steps = vec![
        insert(A, 1),
        insert(B, 2),
        ScheduleAction::Merge { from: A, to: B },
        insert(B, 3),
        ScheduleAction::Join { from: B, to: C, how: Joining::Load },
        insert(C, 4),
        insert(B, 5),
        ScheduleAction::Join { from: C, to: D, how: Joining::Fork },
        insert(D, 6),
        ScheduleAction::Save { at: D, whole: true },
        insert(D, 7),
        ScheduleAction::Save { at: D, whole: false },
        ScheduleAction::Restart { at: D },
        insert(D, 8),
        ScheduleAction::Restart { at: A },
        insert(A, 9),
    ];
    schedule(&[kind], Delivery::Snapshot, 2, steps)
}

/// Earlier versions that are looked at.
pub fn versions() -> Schedule {
    let kind = ContainerKind::Map;
    let set = |who, value| edit(who, vec![at(kind, put("k", int(value)))]);
    let steps = vec![
        set(A, 1),
        set(A, 2),
        ScheduleAction::Merge { from: A, to: B },
        set(B, 3),
        ScheduleAction::Merge { from: B, to: A },
        set(A, 4),
        ScheduleAction::Checkout { at: A, back: 2 },
        ScheduleAction::Checkout { at: A, back: 0 },
        set(A, 5),
    ];
    schedule(&[kind], Delivery::Snapshot, 2, steps)
}

/// Own transactions that are taken back and done again, between those of another.
///
/// # Panics
/// If updates travel in another way than by broadcast or the protocol.
pub fn undo(delivery: Delivery) -> Schedule {
    let kind = ContainerKind::Text;
    let say = |who, text: &str| edit(who, vec![at(kind, write(0, text))]);
    let bring = |of, to| match delivery {
        Delivery::Broadcast => ScheduleAction::Deliver { updates: vec![of], to },
        Delivery::Protocol => ScheduleAction::Sync { a: A, b: B },
        other => panic!("nothing is brought by {}", other.name()),
    };
    let steps = vec![
        say(A, "one "),
        bring(0, B),
        say(B, "two "),
        bring(2, A),
        say(A, "three "),
        ScheduleAction::Undo { at: A },
        bring(5, B),
        ScheduleAction::Undo { at: A },
        ScheduleAction::Redo { at: A },
        say(B, "four "),
        ScheduleAction::Undo { at: B },
        ScheduleAction::Save { at: B, whole: true },
        ScheduleAction::Restart { at: B },
        say(B, "five "),
        ScheduleAction::Undo { at: B },
    ];
    schedule(&[kind], delivery, 2, steps)
}

/// A newcomer that begins with a snapshot without history.
pub fn shallow() -> Schedule {
    let kind = ContainerKind::Text;
    let say = |who, text: &str| edit(who, vec![at(kind, write(0, text))]);
    let steps = vec![
        say(A, "one "),
        ScheduleAction::Sync { a: A, b: B },
        ScheduleAction::Join { from: A, to: C, how: Joining::Shallow },
        say(C, "two "),
        say(B, "three "),
    ];
    schedule(&[kind], Delivery::Shallow, 2, steps)
}

/// Three updates of two clients, each made upon the one before, which reach a
/// third one in reverse.
pub fn chain_in_reverse() -> Schedule {
    let kind = ContainerKind::List;
    let insert =
        |who| edit(who, vec![at(kind, Action::Insert { index: here(0), values: vec![int(1)] })]);
    let deliver = |of, to| ScheduleAction::Deliver { updates: vec![of], to };
    let steps = vec![
        insert(A),
        deliver(0, B),
        insert(B),
        deliver(2, A),
        insert(A),
        deliver(4, C),
        deliver(2, C),
        deliver(0, C),
    ];
    schedule(&[kind], Delivery::Broadcast, 3, steps)
}
