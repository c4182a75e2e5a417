//! The oracles on the reference CRDT: silent while it is whole, and each one
//! loud when it is broken.

mod generate;

use deadzone_adapter_baselines::Reference;
use deadzone_core::replay::{Ending, Replayed, Scrutiny, run};
use deadzone_core::sandbox::Uncounted;
use deadzone_core::schedule::Schedule;

fn replay(schedule: &Schedule) -> Replayed {
    let scrutiny = Scrutiny { rebuilds: true, ..Scrutiny::default() };
    run(schedule, &Reference, &mut Uncounted, scrutiny)
}

#[test]
fn no_oracle_raises_a_false_alarm() {
    let seeds: u64 = std::option_env!("SEEDS").map_or(3_000, |s| s.parse().expect("a number"));
    for seed in 0..seeds {
        let schedule = generate::schedule(seed, 20 + (seed % 5) as u32 * 10);
        let replayed = replay(&schedule);
        assert_eq!(replayed.ending, Ending::Held, "seed {seed}");
    }
}
