//! What comes with the bench.

use std::collections::BTreeSet;
use std::path::Path;

use deadzone_core::scenario::{Scenario, Topology};
use deadzone_scenarios::{Folder, benchmarks, curated, embedded, find, parse, tour};

#[test]
fn every_embedded_file_is_fine_and_named_like_its_file() {
    for each in embedded() {
        let scenario =
            parse(each.text, each.path).unwrap_or_else(|error| panic!("{}: {error}", each.path));
        assert_eq!(scenario.name(), each.name, "{}", each.path);
        assert!(each.path.ends_with(&format!("/{}.toml", each.name)), "{}", each.path);
        assert!(scenario.question().ends_with('?'), "{}", each.path);
        let folder = match scenario {
            Scenario::World(_) => Folder::Curated,
            Scenario::Direct(_) => Folder::CrdtBenchmarks,
            Scenario::Hunt(_) => Folder::Hunt,
        };
        assert_eq!(folder, each.folder, "{}", each.path);
    }
}

/// A file that was written but not listed would never run.
#[test]
fn every_file_in_the_folders_is_embedded() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let listed: BTreeSet<&str> = embedded().iter().map(|each| each.path).collect();
    assert_eq!(listed.len(), embedded().len());
    for folder in ["curated", "crdt-benchmarks", "hunt"] {
        for entry in std::fs::read_dir(root.join(folder)).expect("the folder is there") {
            let name = entry.expect("it can be listed").file_name();
            let path = format!("{folder}/{}", name.to_string_lossy());
            assert!(listed.contains(path.as_str()), "{path}");
        }
    }
}

#[test]
fn the_field_s_workloads_are_all_there() {
    assert_eq!(benchmarks().count(), 11 + 4 + 4 + 1);
    for each in benchmarks() {
        let Scenario::Direct(direct) = each.scenario() else { panic!("{}", each.name) };
        let id = format!("{:?}", direct.benchmark).to_lowercase().replace('_', ".");
        assert!(id.starts_with(each.name), "{id} in {}", each.path);
        assert_eq!(direct.operations, 6_000, "{}", each.name);
    }
}

#[test]
fn every_world_expects_something_and_stays_small() {
    for each in curated() {
        let Scenario::World(world) = each.scenario() else { panic!("{}", each.name) };
        assert!(!world.expect.overall.is_empty(), "{}", each.name);
        assert!(!world.expect.of_baselines, "{}", each.name);
        let sharing = world.devices() / world.rooms;
        assert!((2..=12).contains(&sharing) && world.rooms <= 50, "{}", each.name);
    }
}

#[test]
fn no_spinner_covers_every_class_of_device_behind_a_slow_round_trip() {
    let scenario = find("no-spinner").expect("it is curated").scenario();
    let Scenario::World(world) = scenario else { panic!("a world") };
    let devices: BTreeSet<String> =
        world.fleet.iter().map(|group| group.device.name.clone()).collect();
    let all = deadzone_scenarios::Profiles::built_in().devices.keys();
    assert!(all.filter(|name| *name != "server").all(|name| devices.contains(name)));
    let Topology::Relay(relay) = world.topology else { panic!("a relay") };
    assert!(relay.region_rtt.as_nanos() >= 200_000_000);
}

#[test]
fn the_tour_is_three_of_the_curated() {
    let names = tour().map(|each| each.name);
    assert_eq!(names, ["no-spinner", "subway-commute", "two-offline-writers"]);
    assert!(tour().iter().all(|each| each.folder == Folder::Curated));
}

#[test]
fn only_b4_cannot_do_without_recorded_traces() {
    let named: Vec<String> = embedded()
        .iter()
        .flat_map(|each| deadzone_scenarios::use_synthetic_traces(&mut each.scenario()))
        .collect();
    assert_eq!(named, ["sveltecomponent.json.gz"]);
    let direct = "schema = 1\nname = \"x\"\nquestion = \"?\"\n[direct]\nbenchmark = \"trace\"\n";
    let mut named = parse(&format!("{direct}trace = \"a.json\""), "x.toml").expect("it is fine");
    assert_eq!(deadzone_scenarios::use_synthetic_traces(&mut named), ["a.json"]);
    assert_eq!(Ok(named), parse(direct, "x.toml"));
}

/// What is written must not only be well-formed: a plan can be made of it.
#[test]
fn every_world_makes_a_plan_of_hundreds_to_thousands_of_edits() {
    use deadzone_core::plan::{PlanAction, generate};
    for each in curated() {
        let mut scenario = each.scenario();
        deadzone_scenarios::use_synthetic_traces(&mut scenario);
        let Scenario::World(world) = scenario else { panic!("{}", each.name) };
        let plan = generate(&world, 1, &deadzone_core::workload::Traces::default())
            .unwrap_or_else(|error| panic!("{}: {error}", each.name));
        let is_edit = |action: &PlanAction| matches!(action, PlanAction::Edit { .. });
        let edits = plan.steps.iter().filter(|step| is_edit(&step.what)).count();
        assert!((400..=8_000).contains(&edits), "{}: {edits} edits", each.name);
    }
}
