//! What tests of all networks share: a small fleet, and a run.

use deadzone_adapter_baselines::Reference;
use deadzone_core::plan::{Plan, generate};
use deadzone_core::record::{CpuMode, RunRecord};
use deadzone_core::scenario::Scenario;
use deadzone_core::workload::Traces;
use deadzone_meter::with_runtime;
use deadzone_simulators::{Simulator, measure};

const SEED: u64 = 7;

/// Two laptops and a phone behind a relay, with these fields and faults besides.
pub(crate) fn plan(fields: &str, faults: &str) -> Plan {
    let text = format!(
        r#"
schema = 1
name = "small"
question = "Do simulators agree?"
duration = "4min"
settle = "2min"

[document]
notes = "text"
done = "map"

[[fleet]]
group = "desk"
count = 2
device = "laptop-top"
link = "wifi"
workload = {{ kind = "typing", rate = "52wpm", between = ["5s", "90s"] }}

[[fleet]]
group = "road"
device = "phone-mid"
link = "lte"
workload = {{ kind = "form", every = "2s", between = ["5s", "90s"] }}
{fields}
{faults}
"#
    );
    let scenario = deadzone_scenarios::parse_with(&text, "small.toml", &[])
        .unwrap_or_else(|error| panic!("{error}"));
    let Scenario::World(scenario) = scenario else { panic!("it has a fleet") };
    generate(&scenario, SEED, &Traces::default()).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) const RELAY: &str = "[relay]\nkind = \"replica\"\n";

pub(crate) fn fault(kind: &str, rest: &str) -> String {
    format!("[[fault]]\nat = \"30s\"\nkind = \"{kind}\"\n{rest}\n")
}

pub(crate) fn on(simulator: Simulator, plan: &Plan) -> RunRecord {
    let ran = with_runtime(plan.seed, !simulator.has_clock(), async |sandbox| {
        let mode = CpuMode::Off;
        measure(simulator, plan, 0, &Reference, sandbox, mode, &mut |_| {}).await
    });
    ran.unwrap_or_else(|refusal| panic!("{refusal}")).into_record(plan)
}
