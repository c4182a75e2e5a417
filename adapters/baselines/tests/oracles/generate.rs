//! Random schedules over everything that a document can hold.

use deadzone_core::document::Scalar;
use deadzone_core::edit::{Action, ContainerKind, Edit, Path, Position, Step, Value};
use deadzone_core::engine::Delivery;
use deadzone_core::rng::Stream;
use deadzone_core::schedule::{
    Attention, Joining, Origin, ReplicaNumber, SCHEMA, Schedule, ScheduleAction, ScheduleStep,
};

/// Draws for one schedule.
pub(crate) struct Draws {
    bits: deadzone_core::rng::Draws,
    characters: u32,
    integers: i64,
    labels: u32,
}

const ROOTS: [(&str, ContainerKind); 6] = [
    ("board", ContainerKind::MovableList),
    ("done", ContainerKind::Map),
    ("items", ContainerKind::List),
    ("likes", ContainerKind::Counter),
    ("notes", ContainerKind::Text),
    ("outline", ContainerKind::Tree),
];

/// Keys under which there is a container of this kind, mostly.
const NESTED: [(&str, ContainerKind); 6] = [
    ("board", ContainerKind::MovableList),
    ("count", ContainerKind::Counter),
    ("items", ContainerKind::List),
    ("map", ContainerKind::Map),
    ("text", ContainerKind::Text),
    ("tree", ContainerKind::Tree),
];

impl Draws {
    pub(crate) fn new(seed: u64) -> Self {
        let bits = Stream::root(seed).named("oracles").draws();
        Self { bits, characters: 0x4e00, integers: 1000, labels: 0 }
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.bits.bits() % end
    }

    fn position(&mut self) -> Position {
        match self.below(6) {
            0 => Position::START,
            1 => Position::END,
            _ => Position::Share(self.bits.bits() as u32),
        }
    }

    fn integer(&mut self) -> Scalar {
        if self.below(12) == 0 {
            return Scalar::Int(self.below(3) as i64);
        }
        self.integers += 1;
        Scalar::Int(self.integers)
    }

    fn text(&mut self) -> String {
        (0..1 + self.below(3))
            .filter_map(|_| {
                self.characters += 1;
                let astral = self.below(20) == 0;
                char::from_u32(if astral { self.characters + 0x1_8000 } else { self.characters })
            })
            .collect()
    }

    fn value(&mut self) -> Value {
        match self.below(5) {
            0 => Value::Container(self.kind_in_lists()),
            1 if self.below(3) == 0 => Value::Object(
                [("f".to_owned(), self.integer()), ("g".to_owned(), Scalar::Null)].into(),
            ),
            _ => Value::Scalar(self.integer()),
        }
    }

    fn kind_in_lists(&mut self) -> ContainerKind {
        [ContainerKind::Text, ContainerKind::Map][self.below(2) as usize]
    }

    fn put(&mut self) -> Action<Position> {
        if self.below(2) == 0 {
            let (key, kind) = NESTED[self.below(6) as usize];
            let same = self.below(8) > 0;
            let value = if same { Value::Container(kind) } else { self.value() };
            return Action::Put { key: key.to_owned(), value };
        }
        Action::Put { key: self.key(), value: self.value() }
    }

    fn key(&mut self) -> String {
        ["a", "b", "c"][self.below(3) as usize].to_owned()
    }

    fn label(&mut self) -> String {
        format!("n{}", self.below(u64::from(self.labels) + 1))
    }

    fn parent(&mut self) -> Option<String> {
        (self.below(3) > 0).then(|| self.label())
    }

    fn action(&mut self, kind: ContainerKind) -> Action<Position> {
        let (index, roll) = (self.position(), self.below(10));
        let count = 1 + self.below(3) as u32;
        match kind {
            ContainerKind::Text => match roll {
                0..6 => Action::InsertText { index, text: self.text() },
                6..8 => Action::DeleteText { index, count },
                _ => {
                    let values =
                        [Scalar::Bool(true), Scalar::Int(self.below(3) as i64), Scalar::Null];
                    let value = values[self.below(3) as usize].clone();
                    let name = ["bold", "link"][self.below(2) as usize].to_owned();
                    Action::Mark { index, count: 2 * count, name, value }
                }
            },
            ContainerKind::Map if roll < 8 => self.put(),
            ContainerKind::Map if roll < 9 => Action::Delete { key: self.key() },
            ContainerKind::Map => {
                Action::Delete { key: NESTED[self.below(6) as usize].0.to_owned() }
            }
            ContainerKind::List | ContainerKind::MovableList => match roll {
                0..5 => {
                    Action::Insert { index, values: (0..count).map(|_| self.value()).collect() }
                }
                5 => Action::Set { index, value: self.value() },
                6 => Action::Remove { index, count },
                _ if kind == ContainerKind::List => Action::Set { index, value: self.value() },
                _ => Action::Move { from: index, to: self.position() },
            },
            ContainerKind::Counter => Action::Increment { by: self.below(9) as i64 - 4 },
            ContainerKind::Tree => match roll {
                0..5 => {
                    let parent = self.parent();
                    self.labels += 1;
                    Action::CreateNode { label: format!("n{}", self.labels), parent, index }
                }
                5..9 => Action::MoveNode { label: self.label(), parent: self.parent(), index },
                _ => Action::DeleteNode { label: self.label() },
            },
        }
    }

    fn edit(&mut self) -> Edit<Position> {
        let (name, kind) = ROOTS[self.below(6) as usize];
        let mut at = Path::root(name);
        let mut kind = kind;
        while self.below(3) == 0 {
            let (step, below) = match kind {
                ContainerKind::Map => {
                    let (key, kind) = NESTED[self.below(6) as usize];
                    (Step::Key(key.to_owned()), kind)
                }
                ContainerKind::List | ContainerKind::MovableList => {
                    (Step::Element(self.position()), self.kind_in_lists())
                }
                _ => break,
            };
            at = at.then(step);
            kind = below;
        }
        Edit { at, action: self.action(kind) }
    }

    fn replica(&mut self) -> ReplicaNumber {
        ReplicaNumber(self.below(4) as u8)
    }

    fn what(&mut self, edits: &[u32], delivery: Delivery) -> ScheduleAction {
        let (a, b) = (self.replica(), self.replica());
        match self.below(20) {
            0..11 => {
                let count = 1 + self.below(3).saturating_sub(1);
                ScheduleAction::Edit { at: a, edits: (0..count).map(|_| self.edit()).collect() }
            }
            11..16 => match delivery {
                Delivery::Broadcast if !edits.is_empty() => {
                    let any = |this: &mut Self| edits[this.below(edits.len() as u64) as usize];
                    let updates = (0..1 + self.below(3)).map(|_| any(self)).collect();
                    ScheduleAction::Deliver { updates, to: a }
                }
                Delivery::Snapshot => ScheduleAction::Merge { from: a, to: b },
                _ => match self.below(6) {
                    0 => ScheduleAction::Connect { a, b },
                    1 => ScheduleAction::Send { from: a, to: b },
                    2 => ScheduleAction::Receive { from: a, to: b },
                    3 => ScheduleAction::Disconnect { a, b },
                    _ => ScheduleAction::Sync { a, b },
                },
            },
            16 => ScheduleAction::Save { at: a, whole: self.below(2) == 0 },
            17 => ScheduleAction::Restart { at: a },
            18 => {
                let how = if self.below(2) == 0 { Joining::Load } else { Joining::Fork };
                ScheduleAction::Join { from: a, to: ReplicaNumber(3), how }
            }
            _ => match self.below(3) {
                0 => ScheduleAction::Checkout { at: a, back: self.below(3) as u32 },
                _ => ScheduleAction::Read { at: a },
            },
        }
    }
}

/// The schedule of a seed.
pub(crate) fn schedule(seed: u64, steps: u32) -> Schedule {
    let mut draws = Draws::new(seed);
    let deliveries = [Delivery::Protocol, Delivery::Broadcast, Delivery::Snapshot];
    let delivery = deliveries[draws.below(3) as usize];
    let attention = if draws.below(4) == 0 { Attention::End } else { Attention::Every };
    let mut edits = Vec::new();
    let steps = (1..=steps)
        .map(|number| {
            let what = draws.what(&edits, delivery);
            if matches!(what, ScheduleAction::Edit { .. }) {
                edits.push(number);
            }
            ScheduleStep { number, what }
        })
        .collect();
    let roots = ROOTS.map(|(name, kind)| (name.to_owned(), kind)).into();
    let origin = Origin::Hunt;
    Schedule { schema: SCHEMA, seed, roots, delivery, replicas: 3, attention, origin, steps }
}
