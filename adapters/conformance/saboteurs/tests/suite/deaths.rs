//! Saboteurs that take their process with them, each in a process of its own:
//! this program again, with an ignored test.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};

use deadzone_core::replay::{Scrutiny, run};
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
