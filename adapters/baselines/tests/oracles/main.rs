//! The oracles on the reference CRDT: silent while it is whole, and each one
//! loud when it is broken.

mod broken;
mod generate;

use deadzone_adapter_baselines::Reference;
use deadzone_core::check::{MergeQuality, Oracle};
use deadzone_core::engine::Engine;
use deadzone_core::replay::{Ending, Replayed, Scrutiny, run};
use deadzone_core::sandbox::Uncounted;
use deadzone_core::schedule::{ReplicaNumber, Schedule, ScheduleAction};

use self::broken::{Broken, Defect};

fn replay(schedule: &Schedule, engine: &dyn Engine, rebuilds: bool) -> Replayed {
    let scrutiny = Scrutiny { rebuilds, ..Scrutiny::default() };
    run(schedule, engine, &mut Uncounted, scrutiny)
}

#[test]
fn no_oracle_raises_a_false_alarm() {
    let (mut edits, mut steps) = (0, 0);
    let mut quality = MergeQuality::default();
    for seed in 0..5_000 {
        let schedule = generate::schedule(seed, 20 + (seed % 5) as u32 * 15);
        let replayed = replay(&schedule, &Reference, seed % 4 == 0);
        assert_eq!(replayed.ending, Ending::Held, "seed {seed}");
        edits += replayed.observed.made.len();
        steps += schedule.steps.len();
        let of = MergeQuality::of(&replayed.observed);
        quality.overwritten_concurrently += of.overwritten_concurrently;
        quality.interleaved_runs += of.interleaved_runs;
        assert_eq!(of.duplicated_moves, 0, "seed {seed}");
    }
    // Most of what was drawn was done, and some of it at once.
    assert!(edits * 4 > steps, "{edits} edits in {steps} steps");
    assert!(quality.overwritten_concurrently > 100, "{quality:?}");
    // Fugue does not interleave what is typed forwards in one go.
    assert_eq!(quality.interleaved_runs, 0, "{quality:?}");
}

#[test]
fn each_oracle_sees_its_defect() {
    let cases = [
        (Defect::LosesCharacters, Oracle::Elements, "text lost"),
        (Defect::DoublesCharacters, Oracle::Elements, "text doubled"),
        (Defect::SwapsCharacters, Oracle::Order, "text order"),
        (Defect::LosesKeys, Oracle::Map, "map lost"),
        (Defect::Miscounts, Oracle::Counter, "counter sum"),
        (Defect::DoublesMovables, Oracle::MovableList, "movable-list doubled"),
        (Defect::LiftsChildren, Oracle::Tree, "tree misplaced"),
        (Defect::LosesMarks, Oracle::Marks, "marks lost"),
        (Defect::TypesAtTheEnd, Oracle::LocalEdit, "insert-text effect"),
        (Defect::ShowsLate, Oracle::Claims, "text lacking"),
        (Defect::UndoesEverything, Oracle::Undo, "text undo"),
    ];
    for (defect, oracle, about) in cases {
        let found = (0..4_000).find(|seed| {
            let replayed = replay(&with_undo(*seed), &Broken(defect), false);
            let violation = replayed.ending.violation();
            violation.is_some_and(|it| it.oracle == oracle && it.about == about)
        });
        assert!(found.is_some(), "{defect:?} was not seen by {oracle:?}");
    }
}

#[test]
fn an_undo_that_touches_nothing_is_fine() {
    for seed in 0..500 {
        let replayed = replay(&with_undo(seed), &Broken(Defect::UndoesNothing), false);
        assert_eq!(replayed.ending, Ending::Held, "seed {seed}");
    }
}

/// A schedule in which reads are undos.
fn with_undo(seed: u64) -> Schedule {
    let mut schedule = generate::schedule(seed, 25);
    for step in &mut schedule.steps {
        if let ScheduleAction::Read { at: ReplicaNumber(at) } = step.what {
            step.what = ScheduleAction::Undo { at: ReplicaNumber(at) };
        }
    }
    schedule
}
