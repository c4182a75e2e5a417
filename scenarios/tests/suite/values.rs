//! What a file comes to, field by field.

use deadzone_core::engine::Delivery;
use deadzone_core::profile::{Loss, Runtime, SpanDistribution};
use deadzone_core::scenario::{
    Durability, FaultKind, OfflineEdits, Scenario, Topology, Workload, WorldScenario,
};
use deadzone_core::time::{Span, Time};
use deadzone_core::units::PartsPerMillion;
use deadzone_scenarios::{Profiles, parse};

use super::WORLD;

fn world(text: &str) -> WorldScenario {
    match parse(text, "x.toml") {
        Ok(Scenario::World(world)) => *world,
        other => panic!("{other:?}"),
    }
}

const SMALLEST: &str = r#"
schema = 1
name = "smallest"
question = "What are the defaults?"
duration = "1min"
[document]
notes = "text"
[[fleet]]
group = "all"
device = "phone-mid"
link = "wifi"
"#;

#[test]
fn defaults() {
    let world = world(SMALLEST);
    assert_eq!(world.settle, Span::from_secs(300));
    assert_eq!(world.document.nesting, 0);
    assert_eq!(world.rooms, 1);
    assert_eq!(world.fleet[0].count, 1);
    assert_eq!(world.fleet[0].workload, Workload::Idle);
    assert_eq!(world.fleet[0].outages, None);
    let Topology::Relay(relay) = &world.topology else { panic!("a relay") };
    assert_eq!(relay.device.name, "server");
    assert_eq!(relay.region_rtt, Span::from_millis(40));
    assert_eq!(world.sync.debounce, Span::from_millis(300));
    assert_eq!(world.sync.delivery, Delivery::Protocol);
    assert_eq!(world.sync.durability, Durability::Relaxed);
    assert_eq!(world.sync.offline, OfflineEdits::Refuse);
    assert!(world.faults.is_empty() && world.expect.overall.is_empty());
    assert_eq!(&world.cpu_model, &Profiles::built_in().cpu);
}

#[test]
fn everything_that_is_written_is_there() {
    let world = world(WORLD);
    let [commuters, desk] = world.fleet.as_slice() else { panic!("two groups") };
    assert_eq!(commuters.links.iter().map(|link| &link.name).collect::<Vec<_>>(), ["lte", "wifi"]);
    let cpu = &commuters.device.cpu;
    assert_eq!(cpu.runtime, Runtime::Wasm);
    let quota = cpu.quota.expect("it is written");
    assert_eq!((quota.busy, quota.period), (Span::from_millis(20), Span::from_millis(100)));
    assert_eq!(desk.device.cpu.quota, None);
    let Workload::Typing(typing) = &commuters.workload else { panic!("typing") };
    assert_eq!((typing.session, typing.pause), (Some(Span::from_secs(72)), Span::from_secs(240)));
    let Workload::Form(form) = &desk.workload else { panic!("form") };
    let minutes = |count: u64| Time::ZERO + Span::from_secs(count * 60);
    assert_eq!(form.between, Some((minutes(1), minutes(20))));

    assert_eq!(world.faults[0].at, minutes(10));
    assert_eq!(world.faults[0].lasts, Span::from_secs(300));
    let sides = vec![vec!["commuters".to_owned()], vec!["desk".to_owned(), "relay".to_owned()]];
    assert_eq!(world.faults[0].kind, FaultKind::Partition { between: sides });
    let who = vec!["desk/1".to_owned()];
    let jump = FaultKind::ClockJump { who, by_milliseconds: -3_600_000 };
    assert_eq!((&world.faults[1].kind, world.faults[1].lasts), (&jump, Span::from_secs(600)));

    let bounds: Vec<(&str, u64)> =
        world.expect.overall.iter().map(|each| (each.key.as_str(), each.at_most)).collect();
    let expected = [
        ("converged_within", 30_000_000_000),
        ("edits_rejected", 0),
        ("local_edit_latency_p99", 100_000_000),
    ];
    let mut sorted = bounds.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, expected);
    assert_eq!(world.expect.groups["commuters"][0].at_most, 20_000);
}

#[test]
fn bounds_are_read_in_the_metric_s_unit() {
    for (line, at_most) in [
        ("wire_bytes_sent = \"1.5MB\"", 1_500_000),
        ("wire_bytes_sent = 1500", 1_500),
        ("energy_uj = \"12.5J\"", 12_500_000),
        ("battery_ppm_per_hour = \"2%\"", 20_000),
        ("cpu_time_ns = \"3s\"", 3_000_000_000),
        ("engine_call_work_max = 7", 7),
        ("message_size_p50 = \"1KiB\"", 1_024),
        ("cold_start_p999 = \"1s\"", 1_000_000_000),
    ] {
        let world = world(&format!("{SMALLEST}[expect]\n{line}\n"));
        assert_eq!(world.expect.overall[0].at_most, at_most, "{line}");
    }
}

#[test]
fn baselines_are_held_to_expectations_only_on_request() {
    assert!(!world(&format!("{SMALLEST}[expect]\nedits_rejected = 0\n")).expect.of_baselines);
    assert!(world(&format!("{SMALLEST}[expect]\nof_baselines = true\n")).expect.of_baselines);
}

#[test]
fn a_mesh_needs_no_relay() {
    let text = format!("{SMALLEST}count = 5\n[relay]\nkind = \"none\"\n[mesh]\n");
    let Topology::Mesh(mesh) = world(&text).topology else { panic!("a mesh") };
    assert_eq!((mesh.neighbours, mesh.backbone_rtt), (2, Span::from_millis(20)));
    let text = format!("{SMALLEST}[relay]\nkind = \"none\"\n[mesh]\n");
    let error = parse(&text, "x.toml").expect_err("one device has nobody to talk to");
    assert!(error.to_string().contains("a mesh of one device"), "{error}");
}

#[test]
fn cloud_is_the_same_relay() {
    let cloud = world(&format!("{SMALLEST}[relay]\nkind = \"cloud\"\n"));
    assert_eq!(cloud.topology, world(SMALLEST).topology);
}

#[test]
fn own_profiles_go_before_built_in_ones() {
    let text = WORLD
        .replace("device = \"laptop-top\"", "device = \"toy\"")
        .replace("link = \"wifi\"\n", "link = \"string\"\noutages = \"rain\"\n");
    let desk = &world(&text).fleet[1];
    assert_eq!(desk.device.cpu.slowdown_high_percent, 2_000);
    assert_eq!(desk.device.radios[0].model.name, "mine");
    assert_eq!(desk.device.radios[0].high.name, "lte-2012");
    let link = &desk.links[0];
    assert_eq!((link.up.rate.0, link.down.rate.0), (2_000, 1_000));
    let all = PartsPerMillion(1_000_000);
    let bursts = Loss::GilbertElliott {
        p: PartsPerMillion(10_000),
        r: PartsPerMillion(500_000),
        loss_in_bad: all,
        loss_in_good: PartsPerMillion(0),
    };
    assert_eq!((link.up.loss, link.down.loss), (bursts, bursts));
    let outage = desk.outages.as_ref().expect("it is written");
    let hour = Span::from_secs(3_600);
    assert_eq!(outage.up, SpanDistribution::Exponential(hour, hour.times(3)));
    let quantiles = vec![
        (PartsPerMillion(0), Span::from_secs(60)),
        (PartsPerMillion(500_000), Span::from_secs(600)),
        (all, hour),
    ];
    assert_eq!(outage.down, SpanDistribution::Quantiles(quantiles));

    let shadow = WORLD
        .replace("[device.toy]", "[device.laptop-top]")
        .replace("radios = { lte", "radios = { wifi = \"mine\", lte");
    assert_eq!(world(&shadow).fleet[1].device.summary, "a toy");
}

#[test]
fn scenarios_survive_json() {
    for each in deadzone_scenarios::embedded() {
        let scenario = each.scenario();
        let json = serde_json::to_string(&scenario).expect("it is data");
        let again: Scenario = serde_json::from_str(&json).expect("what was written can be read");
        assert_eq!(again, scenario, "{}", each.name);
    }
}

#[test]
fn a_fleet_is_divided_among_rooms() {
    let shared = SMALLEST.replace("notes = \"text\"", "notes = \"text\"\nrooms = 3");
    let of =
        |devices: &str| shared.replace("group = \"all\"", &format!("group = \"all\"\n{devices}"));
    assert_eq!(world(&of("count = 3")).rooms, 3);
    assert!(parse(&of("count = 2"), "x.toml").is_err());
    // A mesh is within a room: in the smallest of these there are two devices.
    let meshed = |neighbours: u32| {
        let mesh = format!("[relay]\nkind = \"none\"\n[mesh]\nneighbours = {neighbours}\n");
        parse(&(of("count = 8") + &mesh), "x.toml")
    };
    assert!(meshed(1).is_ok());
    let error = meshed(2).expect_err("nobody has two neighbours").to_string();
    assert!(error.contains("2 neighbours for each of 2 devices"), "{error}");
    let alone = of("count = 5") + "[relay]\nkind = \"none\"\n[mesh]\n";
    let error = parse(&alone, "x.toml").expect_err("somebody is alone").to_string();
    assert!(error.contains("a mesh of one device"), "{error}");
}
