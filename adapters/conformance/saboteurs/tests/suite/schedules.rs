//! For each fault a schedule as short as can be in which it shows.

use deadzone_core::document::Scalar;
use deadzone_core::edit::{Action, ContainerKind, Edit, Path, Position, Step, Value};
use deadzone_core::engine::Delivery;
use deadzone_core::schedule::{
    Attention, Joining, Origin, ReplicaNumber, SCHEMA, Schedule, ScheduleAction, ScheduleStep,
};
use deadzone_saboteurs::Flaw;

/// The seed of schedules. The ids of the first three replicas stand so far apart
/// in it that serial number arithmetic orders them in a circle.
const SEED: u64 = 2;

fn schedule(delivery: Delivery, replicas: u8, steps: Vec<ScheduleAction>) -> Schedule {
    let steps = steps.into_iter().zip(0..).map(|(what, number)| ScheduleStep { number, what });
    Schedule {
        schema: SCHEMA,
        seed: SEED,
        roots: ContainerKind::ALL.map(|kind| (kind.name().to_owned(), kind)).into(),
        delivery,
        replicas,
        attention: Attention::Every,
        origin: Origin::Hunt,
        steps: steps.collect(),
    }
}

const A: ReplicaNumber = ReplicaNumber(0);
const B: ReplicaNumber = ReplicaNumber(1);
const C: ReplicaNumber = ReplicaNumber(2);

fn edit(at: ReplicaNumber, path: Path<Position>, action: Action<Position>) -> ScheduleAction {
    ScheduleAction::Edit { at, edits: vec![Edit { at: path, action }] }
}

fn types(at: ReplicaNumber, index: u32, text: &str) -> ScheduleAction {
    let action = Action::InsertText { index: Position::Exact(index), text: text.to_owned() };
    edit(at, Path::root("text"), action)
}

fn deletes(at: ReplicaNumber, index: u32, count: u32) -> ScheduleAction {
    edit(at, Path::root("text"), Action::DeleteText { index: Position::Exact(index), count })
}

fn marks(at: ReplicaNumber, index: u32, size: i64) -> ScheduleAction {
    let (name, value) = ("size".to_owned(), Scalar::Int(size));
    let action = Action::Mark { index: Position::Exact(index), count: 1, name, value };
    edit(at, Path::root("text"), action)
}

fn puts(at: ReplicaNumber, number: i64) -> ScheduleAction {
    let value = Value::Scalar(Scalar::Int(number));
    edit(at, Path::root("map"), Action::Put { key: "k".to_owned(), value })
}

fn puts_map(at: ReplicaNumber) -> ScheduleAction {
    let value = Value::Container(ContainerKind::Map);
    edit(at, Path::root("map"), Action::Put { key: "k".to_owned(), value })
}

fn removes_key(at: ReplicaNumber) -> ScheduleAction {
    edit(at, Path::root("map"), Action::Delete { key: "k".to_owned() })
}

fn adds(at: ReplicaNumber, by: i64) -> ScheduleAction {
    edit(at, Path::root("counter"), Action::Increment { by })
}

fn moves(at: ReplicaNumber, from: u32, to: u32) -> ScheduleAction {
    let (from, to) = (Position::Exact(from), Position::Exact(to));
    edit(at, Path::root("movable-list"), Action::Move { from, to })
}

fn creates(at: ReplicaNumber, label: &str) -> ScheduleAction {
    let (label, index) = (label.to_owned(), Position::START);
    edit(at, Path::root("tree"), Action::CreateNode { label, parent: None, index })
}

fn moves_under(at: ReplicaNumber, label: &str, parent: &str) -> ScheduleAction {
    let (label, parent, index) = (label.to_owned(), Some(parent.to_owned()), Position::START);
    edit(at, Path::root("tree"), Action::MoveNode { label, parent, index })
}

fn deliver(updates: &[u32], to: ReplicaNumber) -> ScheduleAction {
    ScheduleAction::Deliver { updates: updates.to_vec(), to }
}

fn save(at: ReplicaNumber) -> ScheduleAction {
    ScheduleAction::Save { at, whole: false }
}

fn restart(at: ReplicaNumber) -> ScheduleAction {
    ScheduleAction::Restart { at }
}

fn sync(a: ReplicaNumber, b: ReplicaNumber) -> ScheduleAction {
    ScheduleAction::Sync { a, b }
}

/// The schedule in which a fault shows.
pub(crate) fn for_flaw(flaw: Flaw) -> Schedule {
    use Delivery::{Broadcast, Protocol};
    let (delivery, replicas, steps) = match flaw {
        Flaw::None | Flaw::ArrivalOrder => (Broadcast, 2, vec![types(A, 0, "a"), types(B, 0, "b")]),
        Flaw::BreaksTiesInACircle => {
            (Broadcast, 3, vec![types(A, 0, "a"), types(B, 0, "b"), types(C, 0, "c")])
        }
        Flaw::LosesNeighbours => {
            let steps =
                vec![types(A, 0, "a"), deliver(&[0], B), deletes(B, 0, 1), types(A, 1, "b")];
            (Broadcast, 2, steps)
        }
        Flaw::InsertsByOldIndex => {
            let mut steps = vec![types(A, 0, "abc"), deliver(&[0], B), deletes(B, 0, 1)];
            steps.extend([deliver(&[2], A), types(A, 1, "x")]);
            (Broadcast, 2, steps)
        }
        Flaw::CountsSurrogates => (Broadcast, 2, vec![types(A, 0, "𝄞b"), deletes(A, 0, 2)]),
        Flaw::ForgetsTombstones => {
            let mut steps = vec![types(A, 0, "ab"), deliver(&[0], B), types(B, 2, "c")];
            steps.extend([deletes(A, 1, 1), save(A), restart(A)]);
            (Broadcast, 2, steps)
        }
        Flaw::MarksSwallow => {
            let mut steps = vec![types(A, 0, "abc"), marks(A, 2, 1), marks(A, 0, 2)];
            steps.extend([deliver(&[0, 1, 2], B), deletes(B, 1, 1)]);
            (Broadcast, 2, steps)
        }
        Flaw::UndoesByIndex => {
            let mut steps = vec![types(A, 0, "a"), deliver(&[0], B), types(B, 0, "b")];
            steps.extend([deliver(&[2], A), ScheduleAction::Undo { at: A }]);
            (Broadcast, 2, steps)
        }
        Flaw::CountersForget => (Broadcast, 2, vec![adds(A, 1), adds(B, 2)]),
        Flaw::WritesByArrival => (Broadcast, 2, vec![puts(A, 1), puts(B, 2)]),
        Flaw::Resurrects => {
            let mut steps = vec![puts(A, 1), deliver(&[0], B), removes_key(B)];
            steps.extend([deliver(&[2], A), puts(A, 2), removes_key(A)]);
            (Broadcast, 2, steps)
        }
        Flaw::TakesEqualContainers => {
            let inner = Path::root("map").then(Step::Key("k".to_owned()));
            let value = Value::Scalar(Scalar::Int(1));
            let write = edit(B, inner, Action::Put { key: "x".to_owned(), value });
            (Broadcast, 2, vec![puts_map(A), deliver(&[0], B), write, puts_map(A)])
        }
        Flaw::MovesDouble => {
            let values = [1, 2, 3].map(|number| Value::Scalar(Scalar::Int(number))).to_vec();
            let insert = Action::Insert { index: Position::START, values };
            let mut steps = vec![edit(A, Path::root("movable-list"), insert), deliver(&[0], B)];
            steps.extend([moves(A, 0, 2), moves(B, 0, 1)]);
            (Broadcast, 2, steps)
        }
        Flaw::TreesCycle => {
            let mut steps = vec![creates(A, "x"), creates(A, "y"), deliver(&[0, 1], B)];
            steps.extend([moves_under(A, "x", "y"), moves_under(B, "y", "x")]);
            (Broadcast, 2, steps)
        }
        Flaw::LosesWhatWasUnderWay => {
            let mut steps = vec![sync(A, B), types(A, 0, "a")];
            let breaks = ScheduleAction::Disconnect { a: A, b: B };
            steps.extend([ScheduleAction::Send { from: A, to: B }, breaks]);
            (Protocol, 2, steps)
        }
        Flaw::AppliesTwice => (Broadcast, 1, vec![adds(A, 1), adds(A, 2)]),
        Flaw::DropsEarly | Flaw::ForgetsToWake => {
            let steps =
                vec![types(A, 0, "a"), deliver(&[0], B), types(B, 1, "b"), deliver(&[2], C)];
            (Broadcast, 3, steps)
        }
        Flaw::ClaimsTooMuch => {
            (Broadcast, 2, vec![types(A, 0, "a"), types(A, 1, "b"), deliver(&[1], B)])
        }
        Flaw::Chatters => {
            let steps = vec![sync(B, C), types(A, 0, "a"), sync(A, B), sync(A, C), sync(B, C)];
            (Protocol, 3, steps)
        }
        Flaw::SavesTooLittle => {
            let mut steps = vec![save(B), types(A, 0, "a"), deliver(&[1], B)];
            steps.extend([save(B), restart(B)]);
            (Broadcast, 2, steps)
        }
        Flaw::ReplaysBackwards => {
            let mut steps = vec![save(A), types(A, 0, "a"), save(A)];
            steps.extend([types(A, 1, "b"), save(A), restart(A)]);
            (Broadcast, 1, steps)
        }
        Flaw::ForgetsLosers => {
            (Broadcast, 2, vec![puts(A, 1), puts(B, 2), deliver(&[1], A), save(A), restart(A)])
        }
        Flaw::RefusesWhatWaits => {
            let mut steps = vec![types(A, 0, "a"), types(A, 1, "b"), deliver(&[1], B)];
            steps.extend([save(B), restart(B)]);
            (Broadcast, 2, steps)
        }
        Flaw::ChecksOutByTime | Flaw::StaysInThePast => {
            let mut steps = vec![types(A, 0, "a"), types(B, 0, "b"), deliver(&[1], A)];
            steps.push(ScheduleAction::Checkout { at: A, back: 0 });
            (Broadcast, 2, steps)
        }
        Flaw::ForksShareTheirId => {
            let fork = ScheduleAction::Join { from: A, to: B, how: Joining::Fork };
            (Broadcast, 1, vec![types(A, 0, "a"), fork, types(A, 1, "b"), types(B, 1, "c")])
        }
        Flaw::Panics | Flaw::NeverReturns => {
            (Broadcast, 2, vec![types(A, 0, "a"), types(A, 1, "b"), types(B, 0, "c")])
        }
        Flaw::Aborts => {
            let mut steps = vec![types(A, 0, "a"), types(A, 1, "b")];
            steps.extend([types(B, 0, "c"), deletes(B, 0, 1)]);
            (Broadcast, 2, steps)
        }
    };
    schedule(delivery, replicas, steps)
}
