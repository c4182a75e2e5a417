//! `--set KEY=VALUE`.

use deadzone_core::scenario::{Scenario, Workload, WorldScenario};
use deadzone_core::time::Span;
use deadzone_scenarios::{Error, find, parse_with};

use super::WORLD;

fn pairs(sets: &[&str]) -> Vec<(String, String)> {
    sets.iter()
        .map(|set| set.split_once('=').expect("KEY=VALUE"))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

fn world(sets: &[&str]) -> WorldScenario {
    match parse_with(WORLD, "x.toml", &pairs(sets)) {
        Ok(Scenario::World(world)) => *world,
        other => panic!("{sets:?}: {other:?}"),
    }
}

#[test]
fn fields_are_replaced_where_they_stand() {
    let sets = [
        "fleet.commuters.count=3",
        "fleet.1.link=fiber",
        "sync.debounce=5s",
        "fleet.commuters.workload.rate=20wpm",
        "fault.0.for=1min",
        "expect.converged_within=1min",
        "device.toy.slowdown=12x",
        "document.nesting=0",
        "document.rooms=5",
    ];
    let changed = world(&sets);
    assert_eq!(changed.fleet[0].count, 3);
    assert_eq!(changed.fleet[1].links[0].name, "fiber");
    assert_eq!(changed.sync.debounce, Span::from_secs(5));
    assert_eq!(changed.faults[0].lasts, Span::from_secs(60));
    assert_eq!(changed.document.nesting, 0);
    assert_eq!(changed.rooms, 5);
    let Workload::Typing(typing) = &changed.fleet[0].workload else { panic!("typing") };
    assert_eq!(typing.words_per_minute, 20);
    let of = |world: &WorldScenario| {
        let found = world.expect.overall.iter().find(|each| each.key == "converged_within");
        found.map(|each| each.at_most)
    };
    assert_eq!(of(&changed), Some(60_000_000_000));
    assert_eq!(of(&world(&[])), Some(30_000_000_000));
}

#[test]
fn tables_and_fields_that_were_not_there_are_made() {
    let changed = world(&[
        "expect.desk.edits_rejected=0",
        "cpu.wasm_percent=200",
        "sync.save_interval=2s",
        "fleet.desk.workload.session=1min",
        "fleet.desk.quota=\"10ms/50ms\"",
        "document.more=movable-list",
    ]);
    assert_eq!(changed.expect.groups["desk"][0].key, "edits_rejected");
    assert_eq!(changed.cpu_model.wasm_percent, 200);
    assert_eq!(changed.sync.save_interval, Span::from_secs(2));
    assert_eq!(changed.document.roots.len(), 3);
    assert!(changed.fleet[1].device.cpu.quota.is_some());
}

#[test]
fn values_are_toml_or_else_strings() {
    for link in ["fiber", "\"fiber\"", "[\"fiber\"]", " fiber "] {
        let set = format!("fleet.desk.link={link}");
        assert_eq!(world(&[&set]).fleet[1].links[0].name, "fiber", "{link}");
    }
    assert_eq!(world(&["name=2026-01-01"]).name, "2026-01-01");
}

#[test]
fn the_last_of_two_wins() {
    assert_eq!(world(&["fleet.desk.count=3", "fleet.1.count=4"]).fleet[1].count, 4);
}

#[test]
fn nothing_set_changes_nothing() {
    for each in deadzone_scenarios::embedded() {
        let again = parse_with(each.text, each.path, &pairs(&["schema=1"]));
        assert_eq!(again.as_ref(), Ok(&each.scenario()), "{}", each.path);
    }
    let b1 = find("b1.1").expect("it is embedded");
    let set = pairs(&["direct.operations=10"]);
    let Ok(Scenario::Direct(direct)) = parse_with(b1.text, b1.path, &set) else { panic!("b1.1") };
    assert_eq!(direct.operations, 10);
}

#[test]
fn what_is_wrong_is_blamed_on_what_was_set() {
    let said: Vec<String> = [
        &["fleet.commuters.count=0"][..],
        &["fleet.commuter.count=3"],
        &["fleet.9.count=3"],
        &["fault.2.at=1min"],
        &["fault.first.at=1min"],
        &["sync.debounc=1s"],
        &["sync.debounce=1"],
        &["sync.debounce=soon"],
        &["sync.debounce.x=1"],
        &["duration=10min"],
        &["duration=10min", "settle=1min"],
        &["settle=1min", "duration=-1s"],
        &["snyc.debounce=1s"],
        &["fleet.desk.device=\"phone-budgte\""],
        &["fleet.desk.workload.kind=typign"],
        &["fleet.desk=3"],
        &["fleet=3"],
        &["name.x=3"],
        &["=3"],
        &["fleet.=3"],
        &["fleet..count=3"],
        &["expect.edits_rejectd=0"],
        &["fault.0.between.0.0=commuterz"],
    ]
    .into_iter()
    .map(|sets| {
        let error = parse_with(WORLD, "x.toml", &pairs(sets)).expect_err("it is wrong");
        assert!(matches!(error, Error::Overridden { .. }), "{error}");
        error.to_string()
    })
    .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_file_that_is_wrong_by_itself_is_blamed_on_the_file() {
    let broken = WORLD.replace("count = 10", "count = 0");
    let error = parse_with(&broken, "x.toml", &pairs(&["fleet.commuters.count=3"]));
    assert!(matches!(error, Err(Error::InFile { line: 14, .. })), "{error:?}");
}
