//! Simulators side by side: deadzone's own world, madsim and turmoil on one
//! workload, with a bare binary heap as the limit; and what happens to the
//! world as its fleet grows to 100,000 devices. Rates are by processor time: see
//! `deadzone_benches::processor_time`.
//!
//! Prints tables in Markdown and draws a chart:
//! `cargo bench --bench simulators -- --chart FILE`, without which it goes to
//! `target/simulators.svg`. Takes about three minutes, most of them turmoil's.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

mod chart;
mod fleets;
mod on_madsim;
mod on_turmoil;
mod pings;
mod target;
mod words;

use std::path::PathBuf;

use deadzone_benches::as_in_a_worker;
use deadzone_meter::CountingAllocator;

use crate::fleets::Fleets;
use crate::pings::Pings;
use crate::target::Target;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

const CHART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/simulators.svg");

/// The file named after `--chart`. Cargo puts a `--bench` of its own there.
fn chart_file() -> PathBuf {
    let named = std::env::args().skip_while(|argument| argument != "--chart").nth(1);
    named.map_or_else(|| PathBuf::from(CHART), PathBuf::from)
}

fn main() {
    as_in_a_worker();
    let chart_file = chart_file();
    println!("## Pings\n");
    let pings = Pings::measure();
    pings.print();
    println!("\n## Fleets\n");
    let fleets = Fleets::measure();
    fleets.print();
    println!("\n## Targets\n");
    Target::print(pings.targets().into_iter().chain(fleets.targets()));
    if let Err(error) = std::fs::write(&chart_file, chart::draw(&pings)) {
        panic!("the chart cannot be written to {}: {error}", chart_file.display());
    }
    println!("\nThe chart is in {}.", chart_file.display());
}
