//! Saboteurs that take their process with them, each in a process of its own:
//! this program again, with an ignored test.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};

use deadzone_core::check::{Oracle, Violation};
use deadzone_core::replay::{Happened, Overheard, Scrutiny, run, run_aloud};
use deadzone_core::sandbox::Uncounted;
use deadzone_meter::{EXIT_WORK_LIMIT, limit_blocks, with_sandbox};
use deadzone_saboteurs::{Flaw, all};

use super::schedules::for_flaw;

/// More basic blocks than the schedule takes on any other engine, by far.
const BLOCKS_MAX: u64 = 10_000_000;

/// How a process ends in which the ignored test `name` runs.
fn end_of(name: &str) -> ExitStatus {
    let program = std::env::current_exe().expect("it is running");
    let mut command = Command::new(program);
    command.args(["--exact", name, "--ignored", "--nocapture"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().expect("the program starts")
}

fn replay(flaw: Flaw) {
    let saboteur = all().into_iter().find(|it| it.engine.flaw == flaw).expect("it is listed");
    with_sandbox(1, |sandbox| {
        limit_blocks(BLOCKS_MAX);
        run(&for_flaw(flaw), &saboteur.engine, sandbox, Scrutiny::default())
    });
}

#[test]
fn an_abort_is_one() {
    const SIGABRT: i32 = 6;
    assert_eq!(end_of("deaths::dies_by_abort").signal(), Some(SIGABRT));
}

#[test]
#[cfg_attr(not(metered), ignore = "needs the counter of basic blocks")]
fn an_endless_merge_meets_the_work_limit() {
    assert_eq!(end_of("deaths::dies_at_the_work_limit").code(), Some(EXIT_WORK_LIMIT));
}

/// What is heard of a replay up to a death is what its own story says, where it
/// lives to tell one.
#[test]
fn what_is_heard_is_the_story() {
    let flaw = Flaw::Panics;
    let saboteur = all().into_iter().find(|it| it.engine.flaw == flaw).expect("it is listed");
    let schedule = for_flaw(flaw);
    let scrutiny = Scrutiny { story: true, ..Scrutiny::default() };
    let mut heard = Overheard::default();
    let mut listen = |telling| heard.note(telling);
    let replayed = run_aloud(&schedule, &saboteur.engine, &mut Uncounted, scrutiny, &mut listen);
    let own = replayed.story.expect("it was asked for");
    let violation = own.ending.violation().expect("it panics").clone();
    assert_eq!(violation.oracle, Oracle::Panic);
    assert!(!violation.replicas.is_empty(), "{violation:?}");
    let unplaced = Violation { step: None, replicas: Vec::new(), ..violation };
    let story = heard.into_story(&schedule, unplaced);
    let json = |story| serde_json::to_string_pretty(story).expect("a story is JSON");
    assert_eq!(json(&story), json(&own));
    let last = &story.events.last().expect("something happened").what;
    assert!(matches!(last, Happened::Applied { .. }), "{last:?}");
}

#[test]
#[ignore = "ends the process"]
fn dies_by_abort() {
    replay(Flaw::Aborts);
}

#[test]
#[ignore = "ends the process"]
fn dies_at_the_work_limit() {
    replay(Flaw::NeverReturns);
}
