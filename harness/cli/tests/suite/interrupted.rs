//! Ctrl-C, and worse.

use std::process::Child;
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::bench::Bench;

/// More runs than can be over before the signal comes.
const SEEDS: &str = "1..5001";

/// Starts a long campaign and waits until runs are about to begin: the folder for
/// the new output is there.
fn start(bench: &Bench) -> Child {
    let arguments = ["run", "tiny.toml", "--engine", "reference", "--seeds", SEEDS, "--jobs", "1"];
    let mut child = bench.command(&arguments).spawn().expect("the program starts");
    while !bench.files().iter().any(|name| name.starts_with(".deadzone-out-")) {
        let ended = child.try_wait().expect("it can be asked");
        assert!(ended.is_none(), "it ended before it was interrupted: {ended:?}");
        thread::sleep(Duration::from_millis(1));
    }
    child
}

fn send(child: &Child, signal: Signal) {
    let id = i32::try_from(child.id()).expect("process ids are small");
    kill(Pid::from_raw(id), signal).expect("the process is ours");
}

#[test]
fn what_was_finished_is_written() {
    let bench = Bench::new();
    bench.run("tiny.toml", "deadzone-out", &["--seed", "9999"]);
    let child = start(&bench);
    send(&child, Signal::SIGINT);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    let results = bench.results("deadzone-out");
    assert!(results.runs.len() < 5_000, "it ran to the end");
    assert!(results.runs.iter().all(|run| run.seed != 9_999), "this is the old output");
    bench.expect(0, &["report", "deadzone-out/results.json", "--out", "report.html"]);
    assert!(!bench.files().iter().any(|name| name.starts_with(".deadzone-out-")));
}

#[test]
fn killed_it_leaves_the_old_output() {
    let bench = Bench::new();
    bench.run("tiny.toml", "deadzone-out", &[]);
    let before = bench.read("deadzone-out/results.json");
    let mut child = start(&bench);
    send(&child, Signal::SIGKILL);
    child.wait().expect("it ends");
    assert_eq!(bench.read("deadzone-out/results.json"), before);
    // What it left behind does not hinder the next.
    bench.run("tiny.toml", "deadzone-out", &["--seed", "2"]);
    assert_eq!(bench.results("deadzone-out").runs[0].seed, 2);
}
