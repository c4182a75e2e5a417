//! One test for each saboteur that leaves its process alive.

use std::collections::BTreeSet;

use deadzone_adapter_baselines::Reference;
use deadzone_core::check::Oracle;
use deadzone_core::engine::Engine;
use deadzone_core::replay::{Ending, Replayed, Scrutiny, run};
use deadzone_core::sandbox::Uncounted;
use deadzone_core::schedule::Schedule;
use deadzone_saboteurs::{Flaw, all, sound};

use super::schedules::for_flaw;

/// The most steps that a person should have to read.
const STEPS_MAX: usize = 12;

fn replay(schedule: &Schedule, engine: &dyn Engine) -> Replayed {
    let scrutiny = Scrutiny { rebuilds: true, ..Scrutiny::default() };
    run(schedule, engine, &mut Uncounted, scrutiny)
}

/// Holds the saboteur to its schedule, and what is sound too.
fn check(flaw: Flaw) {
    let schedule = for_flaw(flaw);
    let saboteur = all().into_iter().find(|it| it.engine.flaw == flaw).expect("it is listed");
    let replayed = replay(&schedule, &saboteur.engine);
    let Ending::Violated(violation) = replayed.ending else {
        panic!("{flaw:?} is not caught: {:?}", replayed.ending)
    };
    let first = saboteur.caught_by[0];
    assert_eq!(violation.oracle, first, "{flaw:?} is caught by another oracle: {violation}");
    assert_eq!(replayed.skipped, 0, "{flaw:?} is shown with steps that have no effect");
}

macro_rules! catches {
    ($($(#[$ignored:meta])* $name:ident: $flaw:ident,)*) => {
        $(
            #[test]
            $(#[$ignored])*
            fn $name() {
                check(Flaw::$flaw);
            }
        )*
    };
}

catches! {
    arrival_order: ArrivalOrder,
    tie_circle: BreaksTiesInACircle,
    lost_neighbour: LosesNeighbours,
    old_index: InsertsByOldIndex,
    surrogate: CountsSurrogates,
    tombstone: ForgetsTombstones,
    mark_swallows: MarksSwallow,
    undo_by_index: UndoesByIndex,
    counter_forgets: CountersForget,
    last_arrival: WritesByArrival,
    resurrects: Resurrects,
    equal_container: TakesEqualContainers,
    move_doubles: MovesDouble,
    tree_cycles: TreesCycle,
    lost_reconnect: LosesWhatWasUnderWay,
    applies_twice: AppliesTwice,
    drops_early: DropsEarly,
    never_wakes: ForgetsToWake,
    claims: ClaimsTooMuch,
    chatter: Chatters,
    save_drops_last: SavesTooLittle,
    replays_backwards: ReplaysBackwards,
    forgets_losers: ForgetsLosers,
    refuses_waiting: RefusesWhatWaits,
    checkout_by_time: ChecksOutByTime,
    stays_in_the_past: StaysInThePast,
    fork_shares_id: ForksShareTheirId,
    panics: Panics,
}

/// What finds a saboteur finds nothing where nothing is wrong.
#[test]
fn no_false_alarm() {
    for saboteur in all() {
        let schedule = for_flaw(saboteur.engine.flaw);
        let engines: [&dyn Engine; 2] = [&Reference, &sound()];
        for engine in engines {
            let replayed = replay(&schedule, engine);
            let name = engine.info().name;
            assert_eq!(replayed.ending, Ending::Held, "{name}, {:?}", saboteur.engine.flaw);
        }
    }
}

/// A fault shows: what replicas display or claim to hold differs from what they
/// do without it, or a replay ends otherwise.
#[test]
fn a_fault_changes_what_is_seen() {
    let deadly = [Flaw::Aborts, Flaw::NeverReturns];
    for saboteur in all().into_iter().filter(|it| !deadly.contains(&it.engine.flaw)) {
        let schedule = for_flaw(saboteur.engine.flaw);
        let seen = |engine: &dyn Engine| {
            let replayed = replay(&schedule, engine);
            let shown = replayed.observed.shown.into_iter();
            let states: Vec<_> = shown.map(|it| (it.document, it.held)).collect();
            (replayed.ending, states)
        };
        assert_ne!(seen(&saboteur.engine), seen(&sound()), "{saboteur:?}");
    }
}

/// No saboteur fails before anything has been exchanged or restored.
#[test]
fn a_fault_needs_more_than_one_edit() {
    for saboteur in all() {
        let mut schedule = for_flaw(saboteur.engine.flaw);
        assert!(schedule.steps.len() <= STEPS_MAX, "{:?}", saboteur.engine.flaw);
        schedule.steps.truncate(1);
        assert_eq!(replay(&schedule, &saboteur.engine).ending, Ending::Held, "{saboteur:?}");
    }
}

#[test]
fn the_table_is_complete() {
    let saboteurs = all();
    let names: BTreeSet<_> = saboteurs.iter().map(|it| it.engine.name).collect();
    let flaws: BTreeSet<_> = saboteurs.iter().map(|it| it.engine.flaw).collect();
    assert_eq!((names.len(), flaws.len()), (saboteurs.len(), saboteurs.len()));
    for saboteur in &saboteurs {
        assert!(saboteur.engine.name.starts_with("saboteur-"), "{saboteur:?}");
        assert!(!saboteur.caught_by.is_empty() && !saboteur.hunts.is_empty(), "{saboteur:?}");
    }
    let deaths = [Oracle::Panic, Oracle::Abort, Oracle::Hang];
    for death in deaths {
        assert!(saboteurs.iter().any(|it| it.caught_by == [death]), "{death:?}");
    }
}
