//! The proof that the net catches fish: every engine that is broken on purpose is
//! hunted from the stock hunt that should find it, and the table says at which
//! seed, by which oracle and within how many steps it was found.
//!
//! Some of them take their process with them, so the hunts are those of the
//! `deadzone` binary, which has to be built first.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the wall clock")]

use std::path::PathBuf;
use std::process::{Command, exit};
use std::time::Instant;

use deadzone_saboteurs::{Saboteur, all};
use serde_json::Value;

/// Every one must be found within so many seeds,
const SEEDS_MAX: u64 = 20_000;
/// and come down to so many steps.
const STEPS_MAX: u64 = 12;

/// The binary beside this bench.
fn binary() -> PathBuf {
    let this = std::env::current_exe().expect("a running program has a path");
    let folder = this.parent().and_then(|deps| deps.parent()).expect("it lies in deps");
    folder.join("deadzone")
}

fn main() {
    let binary = binary();
    if !binary.exists() {
        println!("{} is not there; run `cargo build --release` first", binary.display());
        exit(1);
    }
    println!("| saboteur | what is wrong | hunt | seed | oracle | steps | tried | seconds |");
    println!("|---|---|---|--:|---|--:|--:|--:|");
    let mut missed = 0;
    for saboteur in all() {
        match hunt(&binary, &saboteur) {
            Ok(row) => println!("{row}"),
            Err(why) => {
                missed += 1;
                println!("{}: {why}", saboteur.engine.name);
            }
        }
    }
    if missed > 0 {
        println!("{missed} were not caught as they should be");
        exit(1);
    }
}

/// A row of the table, or why it was not caught as it should be.
fn hunt(binary: &PathBuf, saboteur: &Saboteur) -> Result<String, String> {
    let name = saboteur.engine.name;
    let hunt = saboteur.hunts.first().ok_or("no hunt should find it")?;
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let started = Instant::now();
    let output = Command::new(binary)
        .args(["hunt", hunt, "--engine", name, "--format", "json", "--quiet"])
        .args(["--seeds", &format!("0..{SEEDS_MAX}")])
        .arg("--out")
        .arg(scratch.path().join("findings"))
        .output()
        .map_err(|error| error.to_string())?;
    let took = started.elapsed();
    let told: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("{error}: {}", String::from_utf8_lossy(&output.stderr)))?;
    let finding = &told[0]["findings"][0];
    let oracle = finding["oracle"].as_str().ok_or("it was not found")?;
    if !saboteur.caught_by.iter().any(|wanted| wanted.name() == oracle) {
        return Err(format!("{oracle} found it; expected {:?}", saboteur.caught_by));
    }
    let number = |key: &str| finding[key].as_u64().unwrap_or(u64::MAX);
    if number("steps_after") > STEPS_MAX {
        return Err(format!("{} steps are left", number("steps_after")));
    }
    Ok(format!(
        "| {} | {} | `{hunt}` | {} | {oracle} | {} → {} | {} | {}.{} |",
        name.trim_start_matches("saboteur-"),
        saboteur.engine.summary,
        number("seed"),
        number("steps_before"),
        number("steps_after"),
        number("tried"),
        took.as_secs(),
        took.subsec_millis() / 100,
    ))
}
