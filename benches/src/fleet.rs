//! A large fleet that is quiet at first and then types.

use deadzone_core::plan::{Plan, generate};
use deadzone_core::scenario::Scenario;
use deadzone_core::time::{Span, Time};
use deadzone_core::workload::Traces;

/// Until then nobody types: everybody has connected and fallen silent.
pub const QUIET_UNTIL: Time = Time::from_nanos(60_000_000_000);

/// Nobody types after this.
pub const WORK_UNTIL: Time = Time::from_nanos(75_000_000_000);

const SEED: u64 = 1;

const SCENARIO: &str = r#"
schema = 1
name = "event-loop"
question = "What does the loop around an engine cost?"
duration = "75s"
settle = "1min"

[document]
notes = "text"

[[fleet]]
group = "devices"
count = 10000
device = "phone-mid"
link = "lte"
workload = { kind = "typing", rate = "36wpm", between = ["60s", "75s"] }

[relay]
kind = "replica"
"#;

/// The plan of `devices` phones on LTE behind one relay, all of whose people
/// type from [`QUIET_UNTIL`] to [`WORK_UNTIL`], at the 36 words per minute that
/// people make on phones.
///
/// # Panics
/// If there are no devices, or more than the million that a scenario may have.
pub fn fleet(devices: u32) -> Plan {
    let plan = fleet_typing_for(devices, WORK_UNTIL - QUIET_UNTIL);
    assert_eq!(Time::ZERO + plan.scenario.duration, WORK_UNTIL);
    plan
}

/// The same, but they type for `span`, of which whole milliseconds count.
///
/// # Panics
/// As [`fleet`], and if `span` makes for a plan of too many steps.
pub fn fleet_typing_for(devices: u32, span: Span) -> Plan {
    let end_ms = (QUIET_UNTIL + span).as_nanos() / 1_000_000;
    let settings = [
        ("fleet.devices.count".to_owned(), devices.to_string()),
        ("duration".to_owned(), format!("\"{end_ms}ms\"")),
        ("fleet.devices.workload.between".to_owned(), format!("[\"60s\", \"{end_ms}ms\"]")),
    ];
    let scenario = deadzone_scenarios::parse_with(SCENARIO, "event-loop.toml", &settings)
        .unwrap_or_else(|error| panic!("{error}"));
    let Scenario::World(scenario) = scenario else { panic!("it is a world") };
    let plan = generate(&scenario, SEED, &Traces::default());
    // Workers read their plans, which puts the steps into memory in the order of
    // time; a clone does, too.
    plan.unwrap_or_else(|error| panic!("{error}")).clone()
}
