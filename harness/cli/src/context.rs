//! What reports say of scenarios and engines beside the figures.

use std::collections::BTreeMap;

use deadzone_core::engine::{Authority, EngineInfo, Support};
use deadzone_core::scenario::{Group, Scenario, Topology, WorldScenario};
use deadzone_core::time::Time;
use deadzone_reports::{Context, EngineText, ScenarioText};

use crate::campaign::Named;
use crate::registry;

/// For these scenarios, as the user named them.
pub(crate) fn of(scenarios: &[Named]) -> Context {
    let texts = scenarios.iter().map(|Named { scenario, path, traces }| {
        let text = ScenarioText {
            path: path.clone(),
            traces: traces.as_ref().map(|folder| folder.display().to_string()),
            ..text_of(scenario)
        };
        (scenario.name().to_owned(), text)
    });
    Context { scenarios: texts.collect(), engines: engines() }
}

/// For results that come from a file: the scenarios that are built in.
pub(crate) fn of_built_in() -> Context {
    let texts = deadzone_scenarios::embedded().iter().map(|file| {
        let scenario = file.scenario();
        (scenario.name().to_owned(), text_of(&scenario))
    });
    Context { scenarios: texts.collect(), engines: engines() }
}

fn text_of(scenario: &Scenario) -> ScenarioText {
    ScenarioText {
        question: scenario.question().to_owned(),
        description: description(scenario),
        path: None,
        traces: None,
    }
}

fn engines() -> BTreeMap<String, EngineText> {
    let text = |entry: registry::Entry| {
        let info = entry.engine.info();
        let text = EngineText {
            summary: info.summary.to_owned(),
            version: info.version.to_owned(),
            baseline: !entry.default,
            notes: notes(&info),
        };
        (info.name.to_owned(), text)
    };
    registry::all_engines().into_iter().map(text).collect()
}

/// What the adapter built, and what the engine lacks.
fn notes(info: &EngineInfo) -> Vec<String> {
    let mut notes = Vec::new();
    for (kind, support) in &info.containers {
        match support {
            Support::Native => {}
            Support::Built(how) => {
                notes.push(format!("{}: built by the adapter, {how}", kind.name()))
            }
            Support::Lacking => notes.push(format!("{}: lacking", kind.name())),
        }
    }
    if info.authority == Authority::Server {
        notes.push("needs a server; not held to the scenario's expectations".to_owned());
    }
    notes
}

fn description(scenario: &Scenario) -> Vec<String> {
    match scenario {
        Scenario::World(world) => world_description(world),
        Scenario::Direct(direct) => vec![format!(
            "A micro workload, driven directly and without a network; N is {}.",
            direct.operations
        )],
        Scenario::Hunt(hunt) => vec![format!(
            "Small random worlds of {} to {} replicas and {} to {} edits.",
            hunt.replicas.at_least, hunt.replicas.at_most, hunt.edits.at_least, hunt.edits.at_most
        )],
    }
}

fn world_description(world: &WorldScenario) -> Vec<String> {
    let groups: Vec<_> = world.fleet.iter().map(group_description).collect();
    let way = match &world.topology {
        Topology::Relay(relay) => {
            format!("through a relay, {} from the backbone and back", relay.region_rtt)
        }
        Topology::Mesh(mesh) => {
            format!("directly, each with {} neighbours", mesh.neighbours)
        }
    };
    let mut lines = vec![format!(
        "For {}, and at most {} to settle: {}; {way}.",
        world.duration,
        world.settle,
        groups.join("; ")
    )];
    if !world.faults.is_empty() {
        let faults: Vec<_> = world
            .faults
            .iter()
            .map(|fault| format!("{} at {}", fault.kind.name(), fault.at - Time::ZERO))
            .collect();
        lines.push(format!("Faults: {}.", faults.join(", ")));
    }
    lines
}

fn group_description(group: &Group) -> String {
    let links: Vec<_> = group.links.iter().map(|link| link.name.as_str()).collect();
    let outages =
        group.outages.as_ref().map_or(String::new(), |it| format!(", outages {}", it.name));
    format!(
        "{} × {} ({}, {}{outages})",
        group.count,
        group.name,
        group.device.name,
        links.join(" or ")
    )
}
