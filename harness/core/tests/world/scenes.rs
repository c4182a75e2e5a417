//! A world for tests: a few phones that do everything.

use std::collections::BTreeMap;

use deadzone_core::edit::ContainerKind;
use deadzone_core::engine::Delivery;
use deadzone_core::plan::{Plan, generate};
use deadzone_core::profile::*;
use deadzone_core::scenario::*;
use deadzone_core::time::{Span, Time};
use deadzone_core::units::{BitsPerSecond, Milliwatts, PartsPerMillion};
use deadzone_core::workload::Traces;
use proptest::prelude::*;

fn direction(delay_ms: u64, loss_ppm: u32) -> LinkDirection {
    LinkDirection {
        one_way_delay: Span::from_millis(delay_ms),
        jitter: Span::from_millis(delay_ms / 4),
        loss: Loss::Random(PartsPerMillion(loss_ppm)),
        duplicate: PartsPerMillion(loss_ppm),
        reorder: PartsPerMillion(loss_ppm),
        reorder_delay: Span::from_millis(50),
        rate: BitsPerSecond(10_000_000),
        queue_bytes: 100_000,
    }
}

fn link(name: &str, technology: &str, loss_ppm: u32) -> LinkProfile {
    LinkProfile {
        name: name.to_owned(),
        summary: String::new(),
        technology: technology.to_owned(),
        up: direction(35, loss_ppm),
        down: direction(35, loss_ppm),
        setup_round_trips: 3,
    }
}

fn phone() -> DeviceProfile {
    let radio = RadioProfile {
        name: "lte".to_owned(),
        promotion: Span::from_millis(260),
        promotion_power: Milliwatts(1_210),
        transfer_power: Milliwatts(1_200),
        up_microwatts_per_mbps: 438_390,
        down_microwatts_per_mbps: 51_970,
        tail: vec![TailPhase { length: Span::from_secs(10), power: Milliwatts(1_060) }],
        idle_power: Milliwatts(20),
        paging_delay: Span::from_millis(640),
    };
    DeviceProfile {
        name: "phone".to_owned(),
        summary: String::new(),
        cpu: CpuProfile {
            slowdown_percent: 1_000,
            slowdown_low_percent: 500,
            slowdown_high_percent: 2_000,
            busy_power: Milliwatts(284),
            quota: None,
            runtime: Runtime::Native,
        },
        storage: StorageProfile {
            flush_latency: Span::from_millis(25),
            write_latency: Span::from_micros(200),
            read_rate: BitsPerSecond(560_000_000),
            flush_nanojoules: 125_333,
            byte_nanojoules: 7,
        },
        battery_millijoules: Some(55_440_000),
        base_power: Milliwatts(30),
        memory_bytes: 1 << 28,
        radios: vec![DeviceRadio {
            technology: "lte".to_owned(),
            model: radio.clone(),
            low: radio.clone(),
            high: radio,
        }],
    }
}

fn server() -> DeviceProfile {
    DeviceProfile { battery_millijoules: None, radios: Vec::new(), ..phone() }
}

fn pace(every_secs: u64) -> Pace {
    Pace { every: Span::from_secs(every_secs), session: None, pause: Span::ZERO, between: None }
}

/// Four phones that do everything, for five minutes.
pub(crate) fn scenario(loss_ppm: u32) -> WorldScenario {
    let group = |name: &str, count, workload| Group {
        name: name.to_owned(),
        count,
        device: phone(),
        links: vec![link("lte", "lte", loss_ppm)],
        outages: None,
        workload,
    };
    let typing = Typing {
        words_per_minute: 30,
        session: Some(Span::from_secs(40)),
        pause: Span::from_secs(30),
        deletions: PartsPerMillion(80_000),
        jumps: PartsPerMillion(300_000),
        pastes: PartsPerMillion(10_000),
        marks: PartsPerMillion(50_000),
        between: None,
    };
    WorldScenario {
        name: "test".to_owned(),
        question: "Does it hold?".to_owned(),
        duration: Span::from_secs(300),
        settle: Span::from_secs(300),
        document: DocumentShape {
            roots: BTreeMap::from([
                ("notes".to_owned(), ContainerKind::Text),
                ("form".to_owned(), ContainerKind::Map),
                ("todo".to_owned(), ContainerKind::List),
                ("board".to_owned(), ContainerKind::MovableList),
            ]),
            nesting: 2,
        },
        rooms: 1,
        fleet: vec![
            group("writers", 2, Workload::Typing(typing)),
            group("clerks", 1, Workload::Form(pace(7))),
            group("planners", 1, Workload::Todo(pace(9))),
            group("boards", 1, Workload::Board(pace(9))),
        ],
        topology: Topology::Relay(Relay { region_rtt: Span::from_millis(40), device: server() }),
        sync: SyncPolicy {
            debounce: Span::from_millis(300),
            delivery: Delivery::Protocol,
            durability: Durability::Relaxed,
            save_interval: Span::from_secs(1),
            connection_timeout: Span::from_secs(10),
            retry_min: Span::from_secs(1),
            retry_max: Span::from_secs(30),
            offline: OfflineEdits::Refuse,
        },
        faults: Vec::new(),
        expect: Expectations::default(),
        compare: Vec::new(),
        cpu_model: CpuModel {
            allocation_milliblocks: 16_000,
            allocated_byte_milliblocks: 48,
            block_picoseconds: 1_030,
            wasm_percent: 150,
        },
    }
}

pub(crate) fn fault(at_secs: u64, lasts_secs: u64, kind: FaultKind) -> Fault {
    Fault { at: Time::ZERO + Span::from_secs(at_secs), lasts: Span::from_secs(lasts_secs), kind }
}

pub(crate) fn sides(one: &str, other: &str) -> Vec<Vec<String>> {
    vec![vec![one.to_owned()], vec![other.to_owned()]]
}

pub(crate) fn plan(scenario: &WorldScenario, seed: u64) -> Plan {
    generate(scenario, seed, &Traces::default()).expect("the scenario is valid")
}

/// [`scenario`] with up to three faults of any kind, and any delivery.
pub(crate) fn random_scenario() -> impl Strategy<Value = WorldScenario> {
    let loss_ppm = prop_oneof![Just(0_u32), 0..60_000_u32];
    let faults = proptest::collection::vec((0_u64..280, 1_u64..120, 0_usize..8), 0..4);
    (loss_ppm, any::<bool>(), faults).prop_map(|(loss_ppm, broadcast, faults)| {
        let mut scenario = scenario(loss_ppm);
        if broadcast {
            scenario.sync.delivery = Delivery::Broadcast;
        }
        let who = |name: &str| vec![name.to_owned()];
        let kinds = faults.into_iter().map(|(at, lasts, kind)| {
            let kind = match kind {
                0 => FaultKind::Partition { between: sides("writers", "relay") },
                1 => FaultKind::OneWay { from: who("boards"), to: who("relay") },
                2 => FaultKind::Jam { between: sides("clerks", "relay") },
                3 => FaultKind::Crash { who: who("writers/1") },
                4 => FaultKind::Crash { who: who("relay") },
                5 => FaultKind::Slow { between: sides("planners", "relay"), factor: 9 },
                // What was acknowledged and is lost, nobody sends again.
                6 if !broadcast => FaultKind::PowerLoss { who: who("clerks") },
                _ => FaultKind::Swizzle { who: vec!["writers".to_owned(), "clerks".to_owned()] },
            };
            fault(at, lasts, kind)
        });
        scenario.faults.extend(kinds);
        scenario
    })
}
