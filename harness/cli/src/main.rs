//! The `deadzone` binary: one file per verb.

#![forbid(unsafe_code)]

mod args;
mod build_info;
mod campaign;
mod context;
mod exit;
mod hunt;
mod interrupt;
mod output;
mod registry;
mod results_file;
mod rooms;
mod traces;
mod verbs;
mod versions;
mod worker;

use anyhow::Context;
use clap::Parser;
use deadzone_meter::CountingAllocator;

use crate::args::{Cli, Verb};
use crate::exit::BadInput;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

fn main() {
    let cli = Cli::parse();
    let outcome = match &cli.verb {
        Verb::Run(args) => verbs::run(args),
        Verb::Gate(args) => verbs::gate(args),
        Verb::Hunt(args) => verbs::hunt(args),
        Verb::Replay(args) => verbs::replay(args),
        Verb::Report(args) => verbs::report(args),
        Verb::Merge(args) => verbs::merge(args),
        Verb::List(args) => verbs::list(args),
        Verb::Check(args) => verbs::check(args),
        Verb::Schema(args) => verbs::schema(args),
        Verb::Worker => deadzone_worker::serve(&registry::engines_alone())
            .context("talking to the parent")
            .map(|()| exit::OK),
    };
    let code = outcome.unwrap_or_else(|error| {
        anstream::eprintln!("error: {error:#}");
        if error.is::<BadInput>() { exit::USAGE } else { exit::FAILED }
    });
    std::process::exit(code);
}
