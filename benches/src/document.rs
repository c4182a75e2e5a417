//! Documents of a given size on real engines.

use std::collections::BTreeMap;

use deadzone_adapter_automerge::Automerge;
use deadzone_adapter_baselines::Reference;
use deadzone_adapter_loro::Loro;
use deadzone_adapter_yrs::Yrs;
use deadzone_core::edit::{Action, ContainerKind, Edit, Path};
use deadzone_core::engine::{Engine, PeerId, Replica, ReplicaId, Role, Setup};
use deadzone_core::rng::Stream;

/// The names of the engines that are measured.
pub const ENGINES: [&str; 4] = ["automerge", "yrs", "loro", "reference"];

/// The engine of this name.
///
/// # Panics
/// If it is none of [`ENGINES`].
pub fn engine(name: &str) -> Box<dyn Engine> {
    match name {
        "automerge" => Box::new(Automerge),
        "yrs" => Box::new(Yrs::default()),
        "loro" => Box::new(Loro),
        "reference" => Box::new(Reference),
        _ => panic!("no engine {name}"),
    }
}

/// What a replica is set up with: a text and a map, and an id drawn by `number`.
pub fn setup(number: u64) -> Setup {
    let mut draws = Stream::root(1).named("replica").numbered(number).draws();
    let mut id = [0; 16];
    id[..8].copy_from_slice(&draws.bits().to_le_bytes());
    id[8..].copy_from_slice(&draws.bits().to_le_bytes());
    let roots = [("text", ContainerKind::Text), ("map", ContainerKind::Map)];
    Setup {
        id: ReplicaId(id),
        role: Role::Client,
        roots: BTreeMap::from(roots.map(|(name, kind)| (name.to_owned(), kind))),
    }
}

/// An empty replica.
///
/// # Panics
/// If the engine fails.
pub fn replica(engine: &dyn Engine, number: u64) -> Box<dyn Replica> {
    engine.create(&setup(number)).expect("every engine has texts and maps")
}

/// One transaction that puts a letter at `index` of the text.
pub fn letter(index: u32) -> Edit {
    Edit { at: Path::root("text"), action: Action::InsertText { index, text: "a".to_owned() } }
}

/// The places of `size` letters that are put in one after the other, each
/// anywhere in what is there.
pub fn random_places(size: u32) -> Vec<u32> {
    let mut draws = Stream::root(1).named("places").draws();
    (0..size).map(|length| draws.between(0, u64::from(length)) as u32).collect()
}

/// A replica that holds `size` letters, each of which was put in by a
/// transaction of its own, anywhere.
///
/// # Panics
/// If the engine fails.
pub fn typed(engine: &dyn Engine, number: u64, size: u32) -> Box<dyn Replica> {
    let mut replica = replica(engine, number);
    for index in random_places(size) {
        replica.edit(&[letter(index)]).expect("the place is there");
    }
    replica
}

/// Connects two replicas and lets them talk until both have nothing to say.
///
/// # Panics
/// If an engine fails, or if they never come to an end.
pub fn exchange(one: &mut dyn Replica, other: &mut dyn Replica) {
    const ROUNDS_MAX: usize = 1_000;
    let (one_id, other_id) = (PeerId(1), PeerId(2));
    one.connect(other_id, None).expect("nothing was saved");
    other.connect(one_id, None).expect("nothing was saved");
    for _ in 0..ROUNDS_MAX {
        let mut said = false;
        while let Some(message) = one.poll(other_id) {
            other.receive(one_id, &message).expect("an engine understands itself");
            said = true;
        }
        while let Some(message) = other.poll(one_id) {
            one.receive(other_id, &message).expect("an engine understands itself");
            said = true;
        }
        if !said {
            return;
        }
    }
    panic!("they still talk after {ROUNDS_MAX} rounds");
}
