//! The laws of a server-centred architecture: nothing is there before the
//! server has it, everything is there once, and all show prefixes of one log.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use deadzone_adapter_baselines::CloudFirst;
use deadzone_conformance::fleet::{Fleet, setup, text};
use deadzone_conformance::generate::{Generator, people, write};
use deadzone_core::document::{Document, Node, Run, Scalar};
use deadzone_core::edit::{Action, ContainerKind, Edit, Path, Roots, Step, Value};
use deadzone_core::engine::{
    Edited, Engine, EngineError, PeerId, Replica, Role, Save, Seen, Setup, Stamp,
};
use deadzone_core::rng::Stream;
use proptest::prelude::*;

/// The server's number in a fleet.
const SERVER: usize = 0;

/// A server and `count` devices, whose documents have all kinds of roots.
fn fleet(count: usize) -> Fleet<'static> {
    let mut fleet = Fleet::of(&CloudFirst, 0);
    let setup = Setup { role: Role::Server, ..fleet.fresh_setup() };
    fleet.join(CloudFirst.create(&setup).unwrap());
    for _ in 0..count {
        fleet.add();
    }
    fleet
}

fn at(kind: ContainerKind) -> Path {
    Path::root(kind.name())
}

fn insert(index: u32, text: &str) -> Edit {
    let action = Action::InsertText { index, text: text.to_owned() };
    Edit { at: at(ContainerKind::Text), action }
}

fn shown(document: &Document) -> String {
    match &document.roots["text"] {
        Node::Text(runs) => runs.iter().map(|Run { text, .. }| text.as_str()).collect(),
        other => panic!("a text expected: {other:?}"),
    }
}

fn holds(seen: &[Seen], stamp: &Stamp) -> usize {
    seen.iter().filter(|seen| seen.holds(*stamp)).count()
}

#[test]
fn an_edit_is_there_once_it_comes_back() {
    let mut fleet = fleet(2);
    let Ok(Edited::Submitted(stamp)) = fleet.replicas[1].edit(&[insert(0, "hello")]) else {
        panic!("an edit is a request");
    };
    assert_eq!(shown(&fleet.read(1)), "");
    assert!(fleet.look(1).is_empty());
    fleet.connect(SERVER, 1);
    fleet.connect(SERVER, 2);
    // Hello, and the request.
    fleet.poll(1, SERVER);
    fleet.deliver(1, SERVER);
    assert_eq!(shown(&fleet.read(SERVER)), "");
    fleet.deliver(1, SERVER);
    assert_eq!(shown(&fleet.read(SERVER)), "hello");
    assert_eq!(holds(&fleet.look(SERVER), &stamp), 1);
    assert_eq!(shown(&fleet.read(1)), "");
    fleet.settle();
    for number in 1..=2 {
        assert_eq!(shown(&fleet.read(number)), "hello");
        assert_eq!(holds(&fleet.look(number), &stamp), 1);
        assert!(fleet.look(number).is_empty());
    }
}

#[test]
fn what_changes_nothing_or_has_no_place_is_no_request() {
    let mut fleet = fleet(1);
    assert_eq!(fleet.replicas[1].edit(&[insert(0, "")]), Ok(Edited::Unchanged));
    for bad in [vec![insert(1, "x")], vec![insert(0, "x"), insert(9, "y")]] {
        let answer = fleet.replicas[1].edit(&bad);
        assert!(matches!(answer, Err(EngineError::Misplaced(_))), "{answer:?}");
    }
    fleet.sync(SERVER, 1);
    assert_eq!(shown(&fleet.assert_equal()), "");
    let broadcast = fleet.replicas[1].apply(b"anything");
    assert!(matches!(broadcast, Err(EngineError::NotSupported(_))));
}

#[test]
fn an_edit_of_the_server_is_there_at_once() {
    let mut fleet = fleet(1);
    assert!(matches!(fleet.replicas[SERVER].edit(&[insert(0, "x")]), Ok(Edited::Applied(_))));
    fleet.sync(SERVER, 1);
    assert_eq!(shown(&fleet.assert_equal()), "x");
}

/// What two devices wrote while they did not know of each other, and what comes
/// of it when the server gets it from 1 before 2.
fn check_late(before: &[Edit], one: &[Edit], two: &[Edit], expected: impl Fn(&Document) -> bool) {
    let mut fleet = fleet(2);
    fleet.edit(SERVER, before);
    fleet.sync_all();
    fleet.edit(1, one);
    fleet.edit(2, two);
    fleet.sync_all();
    fleet.sync_all();
    let document = fleet.assert_equal();
    assert!(expected(&document), "{}", text(&document));
    for (_, stamp) in fleet.made.clone() {
        for number in 1..3 {
            fleet.look(number);
            assert_eq!(holds(&fleet.seen[number], &stamp), 1, "{stamp:?} at {number}");
        }
    }
}

#[test]
fn what_does_not_fit_any_more_is_clamped() {
    let delete = |index, count| Edit {
        at: at(ContainerKind::Text),
        action: Action::DeleteText { index, count },
    };
    let base = [insert(0, "ab😀cd")];
    check_late(&base, &[delete(1, 5)], &[insert(6, "X")], |d| shown(d) == "aX");
    check_late(&base, &[delete(0, 5)], &[delete(4, 2)], |d| shown(d) == "d");
    // Into the middle of a pair.
    check_late(&base, &[delete(0, 1)], &[insert(2, "X")], |d| shown(d) == "bX😀cd");
    check_late(&base, &[delete(0, 1)], &[delete(2, 2)], |d| shown(d) == "bd");

    let list = |action| Edit { at: at(ContainerKind::MovableList), action };
    let values = (0..4).map(|number| Value::Scalar(Scalar::Int(number))).collect();
    let base = [list(Action::Insert { index: 0, values })];
    let length = |expected: usize| {
        move |document: &Document| {
            let Node::List(items) = &document.roots["movable-list"] else { return false };
            items.len() == expected
        }
    };
    let remove = list(Action::Remove { index: 0, count: 3 });
    let value = Value::Scalar(Scalar::Null);
    let late = [
        (list(Action::Set { index: 3, value: value.clone() }), 1),
        (list(Action::Remove { index: 2, count: 2 }), 1),
        (list(Action::Move { from: 0, to: 3 }), 1),
        (list(Action::Move { from: 3, to: 0 }), 1),
        (list(Action::Insert { index: 4, values: vec![value] }), 2),
    ];
    for (edit, expected) in late {
        check_late(&base, std::slice::from_ref(&remove), &[edit], length(expected));
    }
}

#[test]
fn what_has_lost_its_place_does_nothing_and_is_acknowledged() {
    let map = |action| Edit { at: at(ContainerKind::Map), action };
    let put = |value| map(Action::Put { key: "k".to_owned(), value });
    let base = [put(Value::Container(ContainerKind::Counter))];
    let counter = at(ContainerKind::Map).then(Step::Key("k".to_owned()));
    let count = Edit { at: counter, action: Action::Increment { by: 1 } };
    let gone = |document: &Document| document.roots["map"] == Node::Map([].into());
    check_late(
        &base,
        &[map(Action::Delete { key: "k".to_owned() })],
        std::slice::from_ref(&count),
        gone,
    );
    // Another kind of container is there by now.
    let list = put(Value::Container(ContainerKind::List));
    let list_is_empty = |document: &Document| {
        document.roots["map"] == Node::Map([("k".to_owned(), Node::List(Vec::new()))].into())
    };
    check_late(&base, &[list], &[count], list_is_empty);

    let tree = |action| Edit { at: at(ContainerKind::Tree), action };
    let create = |label: &str, parent: Option<&str>, index| {
        let parent = parent.map(str::to_owned);
        tree(Action::CreateNode { label: label.to_owned(), parent, index })
    };
    let base = [create("a", None, 0), create("b", None, 1)];
    let delete = [tree(Action::DeleteNode { label: "a".to_owned() })];
    let labels = |expected: &'static [&'static str]| {
        move |document: &Document| {
            let Node::Tree(top) = &document.roots["tree"] else { return false };
            top.iter().map(|node| node.label.as_str()).eq(expected.iter().copied())
        }
    };
    check_late(&base, &delete, &[create("c", Some("a"), 0)], labels(&["b"]));
    check_late(&base, &delete, &[create("c", None, 2)], labels(&["b", "c"]));
    let go = |label: &str, parent: &str| {
        let (label, parent) = (label.to_owned(), Some(parent.to_owned()));
        tree(Action::MoveNode { label, parent, index: 0 })
    };
    check_late(&base, &[go("a", "b")], &[go("b", "a")], labels(&["b"]));
}

/// Devices write, come and go, lose messages and restart, the server too. In
/// the end all is equal, and every edit was seen once by everyone, its author
/// included; and at no time does a device show what the server never did.
fn check_history(seed: u64) {
    let stream = Stream::root(seed).named("cloud-first");
    let mut draws = stream.named("steps").draws();
    let mut fleet = fleet(3);
    let mut people: Vec<Generator> = people(&CloudFirst, stream, 4);
    let mut states = BTreeSet::from([fleet.read(SERVER).to_bytes()]);
    let mut up = [false; 4];
    for _ in 0..120 {
        let device = 1 + draws.below(3) as usize;
        match draws.below(10) {
            0..=4 => write(&mut fleet, &mut people, device),
            5 | 6 if up[device] => {
                // What is under way is lost.
                fleet.poll(device, SERVER);
                fleet.poll(SERVER, device);
                fleet.disconnect(SERVER, device);
                up[device] = false;
            }
            5 | 6 => {
                fleet.connect(SERVER, device);
                up[device] = true;
            }
            7 => {
                let node = if draws.below(3) == 0 { SERVER } else { device };
                for (other, up) in up.iter_mut().enumerate() {
                    if (node == SERVER || node == other) && std::mem::take(up) {
                        fleet.disconnect(SERVER, other);
                    }
                }
                restart(&mut fleet, node, draws.below(2) == 0);
            }
            _ => {
                for _ in 0..draws.below(8) {
                    fleet.exchange(1);
                    states.insert(fleet.read(SERVER).to_bytes());
                }
            }
        }
        fleet.look(device);
        let state = fleet.read(device).to_bytes();
        assert!(states.contains(&state), "seed {seed}: {device} shows what the server never did");
    }
    for device in (1..4).filter(|device| up[*device]) {
        fleet.disconnect(SERVER, device);
    }
    fleet.sync_all();
    fleet.sync_all();
    fleet.assert_equal();
    for device in 1..4 {
        fleet.look(device);
        for (_, stamp) in &fleet.made {
            assert_eq!(holds(&fleet.seen[device], stamp), 1, "seed {seed}: {stamp:?} at {device}");
        }
    }
}

/// Saves, throws the replica away, and loads it.
fn restart(fleet: &mut Fleet<'_>, node: usize, incremental: bool) {
    let mut stored = vec![fleet.replicas[node].save(Save::Whole)];
    if incremental {
        let document = fleet.read(node);
        let increment = fleet.replicas[node].save(Save::Incremental);
        assert!(increment.is_empty(), "nothing is new since the last save");
        stored.push(increment);
        assert_eq!(fleet.read(node), document);
    }
    let role = if node == SERVER { Role::Server } else { Role::Client };
    let setup = Setup { role, ..setup(node + 1, &fleet.roots) };
    fleet.replicas[node] = CloudFirst.load(&setup, &stored).unwrap();
    // A loaded replica names all that it holds.
    fleet.seen[node].clear();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..Default::default() })]

    #[test]
    fn any_history_ends_equal(seed in any::<u64>()) {
        check_history(seed);
    }
}

#[test]
fn increments_of_a_store_add_up() {
    let mut fleet = fleet(1);
    let mut people = people(&CloudFirst, Stream::root(4).named("stores"), 2);
    let mut stores = [Vec::new(), Vec::new()];
    for round in 0..6 {
        (0..3).for_each(|_| write(&mut fleet, &mut people, 1));
        if round % 2 == 0 {
            fleet.sync(SERVER, 1);
        }
        for (node, store) in stores.iter_mut().enumerate() {
            // The first one of a replica holds all that there is.
            store.push(fleet.replicas[node].save(Save::Incremental));
            let role = if node == SERVER { Role::Server } else { Role::Client };
            let setup = Setup { role, ..setup(node + 1, &fleet.roots) };
            let mut loaded = CloudFirst.load(&setup, store).unwrap();
            assert_eq!(text(&loaded.read()), text(&fleet.read(node)), "round {round}, {node}");
            let mut seen = Vec::new();
            loaded.newly_seen(&mut seen);
            let server = fleet.replicas[SERVER].as_mut();
            if node == 1 && round % 2 == 1 {
                // Its requests are in the store: the server gets them from it.
                let waiting = deliver_all(loaded.as_mut(), server);
                assert!(waiting > 1, "requests that wait are lost");
            }
        }
    }
    // Given by two, taken once.
    fleet.sync(SERVER, 1);
    fleet.assert_equal();
    fleet.look(1);
    for (_, stamp) in &fleet.made {
        assert_eq!(holds(&fleet.seen[1], stamp), 1);
    }
}

/// Everything that `device` has to say, to `server`; how many messages.
fn deliver_all(device: &mut dyn Replica, server: &mut dyn Replica) -> usize {
    let (here, there) = (PeerId(7), PeerId(8));
    device.connect(there, None).unwrap();
    server.connect(here, None).unwrap();
    let mut count = 0;
    while let Some(message) = device.poll(there) {
        server.receive(here, &message).unwrap();
        count += 1;
    }
    server.disconnect(here);
    count
}

#[test]
fn damaged_bytes_are_refused() {
    let mut fleet = fleet(1);
    let mut people = people(&CloudFirst, Stream::root(5).named("damage"), 2);
    (0..5).for_each(|_| write(&mut fleet, &mut people, 1));
    fleet.sync(SERVER, 1);
    let samples: Vec<_> = fleet.bytes.clone();
    let stores = [0, 1].map(|node| fleet.replicas[node].save(Save::Whole));
    fleet.connect(SERVER, 1);
    let before = fleet.assert_equal();
    let damaged = |bytes: &[u8]| {
        let cut = (0..bytes.len()).step_by(7).map(|cut| bytes[..cut].to_vec());
        let turned = (0..bytes.len()).step_by(3).map(|place| {
            let mut bytes = bytes.to_vec();
            bytes[place] ^= 1 << (place % 8);
            bytes
        });
        cut.chain(turned).collect::<Vec<_>>()
    };
    for form in samples.iter().flat_map(|message| damaged(message)) {
        for (number, peer) in [(SERVER, 1), (1, 0)] {
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                fleet.replicas[number].receive(PeerId(peer), &form)
            }));
            assert!(matches!(outcome, Ok(Err(EngineError::Refused(_)))), "{outcome:?}");
        }
    }
    assert_eq!(fleet.assert_equal(), before);
    for (store, role) in stores.iter().zip([Role::Server, Role::Client]) {
        let setup = Setup { role, ..setup(9, &Roots::new()) };
        for form in damaged(store).into_iter().filter(|form| !form.is_empty()) {
            let outcome =
                catch_unwind(|| CloudFirst.load(&setup, std::slice::from_ref(&form)).map(drop));
            assert!(matches!(outcome, Ok(Err(EngineError::Refused(_)))), "{outcome:?}");
        }
    }
}
