//! Scenarios for tests.

use proptest::prelude::*;

use crate::edit::ContainerKind;
use crate::engine::Delivery;
use crate::profile::{
    CpuModel, CpuProfile, DeviceProfile, LinkDirection, LinkProfile, Loss, OutageProfile, Runtime,
    SpanDistribution, StorageProfile,
};
use crate::scenario::{
    DocumentShape, Durability, Expectations, Fault, FaultKind, Group, Mesh, OfflineEdits, Pace,
    Relay, SyncPolicy, Topology, TraceReplay, Typing, UNLIMITED_RATE, Workload, WorldScenario,
};
use crate::time::{Span, Time};
use crate::units::{BitsPerSecond, Milliwatts, PartsPerMillion};

pub(super) fn device() -> DeviceProfile {
    DeviceProfile {
        name: "phone".to_owned(),
        summary: String::new(),
        cpu: CpuProfile {
            slowdown_percent: 400,
            slowdown_low_percent: 300,
            slowdown_high_percent: 500,
            busy_power: Milliwatts(300),
            quota: None,
            runtime: Runtime::Native,
        },
        storage: StorageProfile {
            flush_latency: Span::from_millis(10),
            write_latency: Span::from_micros(100),
            read_rate: BitsPerSecond(500_000_000),
            flush_nanojoules: 100_000,
            byte_nanojoules: 10,
        },
        battery_millijoules: None,
        base_power: Milliwatts(0),
        memory_bytes: 1 << 30,
        radios: Vec::new(),
    }
}

pub(super) fn link(technology: &str) -> LinkProfile {
    let direction = LinkDirection {
        one_way_delay: Span::from_millis(20),
        jitter: Span::ZERO,
        loss: Loss::Random(PartsPerMillion(0)),
        duplicate: PartsPerMillion(0),
        reorder: PartsPerMillion(0),
        reorder_delay: Span::ZERO,
        rate: UNLIMITED_RATE,
        queue_bytes: 1 << 20,
    };
    LinkProfile {
        name: technology.to_owned(),
        summary: String::new(),
        technology: technology.to_owned(),
        up: direction.clone(),
        down: direction,
        setup_round_trips: 3,
    }
}

pub(super) fn tunnels(technologies: &[&str]) -> OutageProfile {
    OutageProfile {
        name: "tunnels".to_owned(),
        summary: String::new(),
        technologies: technologies.iter().map(|&name| name.to_owned()).collect(),
        up: SpanDistribution::Exponential(Span::from_secs(20), Span::from_secs(100)),
        down: SpanDistribution::Uniform(Span::from_secs(2), Span::from_secs(30)),
    }
}

pub(super) fn typing(words_per_minute: u32) -> Typing {
    Typing {
        words_per_minute,
        session: None,
        pause: Span::ZERO,
        deletions: PartsPerMillion(0),
        jumps: PartsPerMillion(0),
        pastes: PartsPerMillion(0),
        marks: PartsPerMillion(0),
        between: None,
    }
}

pub(super) fn pace(every: Span) -> Pace {
    Pace { every, session: None, pause: Span::ZERO, between: None }
}

pub(super) fn group(name: &str, count: u32, workload: Workload) -> Group {
    Group {
        name: name.to_owned(),
        count,
        device: device(),
        links: vec![link("lte"), link("wifi")],
        outages: None,
        workload,
    }
}

pub(super) fn relay() -> Topology {
    Topology::Relay(Relay { region_rtt: Span::from_millis(40), device: device() })
}

pub(super) fn mesh(neighbours: u32) -> Topology {
    Topology::Mesh(Mesh { neighbours, backbone_rtt: Span::from_millis(40) })
}

/// A document with one root of each kind, named after it.
pub(super) fn every_kind(nesting: u32) -> DocumentShape {
    let roots = ContainerKind::ALL.map(|kind| (kind.name().to_owned(), kind));
    DocumentShape { roots: roots.into(), nesting }
}

pub(super) fn scenario(nesting: u32, fleet: Vec<Group>) -> WorldScenario {
    WorldScenario {
        name: "scene".to_owned(),
        question: "?".to_owned(),
        duration: Span::from_secs(120),
        settle: Span::from_secs(60),
        document: every_kind(nesting),
        rooms: 1,
        fleet,
        topology: relay(),
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
            allocated_byte_milliblocks: 50,
            block_picoseconds: 1_030,
            wasm_percent: 150,
        },
    }
}

pub(super) fn at_seconds(seconds: u64) -> Time {
    Time::ZERO + Span::from_secs(seconds)
}

pub(super) fn fault(at: u64, lasts: u64, kind: FaultKind) -> Fault {
    Fault { at: at_seconds(at), lasts: Span::from_secs(lasts), kind }
}

pub(super) fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn any_session() -> impl Strategy<Value = (Option<Span>, Span)> {
    let seconds = |range: std::ops::Range<u64>| range.prop_map(Span::from_secs);
    (prop::option::of(seconds(1..60)), seconds(0..60))
}

fn any_pace() -> impl Strategy<Value = Pace> {
    (100_u64..20_000, any_session()).prop_map(|(every, (session, pause))| Pace {
        session,
        pause,
        ..pace(Span::from_millis(every))
    })
}

fn any_typing() -> impl Strategy<Value = Typing> {
    let share = || (0_u32..300_000).prop_map(PartsPerMillion);
    (1_u32..120, any_session(), share(), share(), share(), share()).prop_map(
        |(words, (session, pause), deletions, jumps, pastes, marks)| Typing {
            session,
            pause,
            deletions,
            jumps,
            pastes,
            marks,
            ..typing(words)
        },
    )
}

pub(super) fn any_workload() -> impl Strategy<Value = Workload> {
    prop_oneof![
        Just(Workload::Idle),
        any_typing().prop_map(Workload::Typing),
        any_pace().prop_map(Workload::Form),
        any_pace().prop_map(Workload::Todo),
        any_pace().prop_map(Workload::Board),
        (1_u32..200).prop_map(|limit| Workload::Trace(TraceReplay {
            file: None,
            every: None,
            limit: Some(limit),
        })),
    ]
}

/// Groups `a`, `b`, …, each with or without outages.
fn any_fleet() -> impl Strategy<Value = Vec<Group>> {
    let one = (1_u32..4, any_workload(), prop::option::of(prop::bool::ANY));
    prop::collection::vec(one, 1..4).prop_map(|groups| {
        let named = groups.into_iter().zip('a'..);
        let build = |((count, workload, outages), name): ((_, _, Option<bool>), char)| Group {
            outages: outages.map(|all| tunnels(if all { &[] } else { &["lte"] })),
            ..group(&name.to_string(), count, workload)
        };
        named.map(build).collect()
    })
}

/// Faults among `a`, its first device, and the relay.
fn any_fault() -> impl Strategy<Value = Fault> {
    let sides = || vec![names(&["a"]), names(&["relay"])];
    let who = prop::sample::subsequence(vec!["a", "a/0", "relay"], 1..=3);
    let who = who.prop_map(|who| names(&who));
    let kind = prop_oneof![
        Just(FaultKind::Partition { between: sides() }),
        Just(FaultKind::OneWay { from: names(&["relay"]), to: names(&["a"]) }),
        (2_u32..10).prop_map(move |factor| FaultKind::Slow { between: sides(), factor }),
        Just(FaultKind::Jam { between: sides() }),
        who.clone().prop_map(|who| FaultKind::Crash { who }),
        who.clone().prop_map(|who| FaultKind::PowerLoss { who }),
        (who.clone(), any::<i32>())
            .prop_map(|(who, by)| FaultKind::ClockJump { who, by_milliseconds: by.into() }),
        who.prop_map(|who| FaultKind::Swizzle { who }),
    ];
    (0_u64..120, 0_u64..200, kind).prop_map(|(at, lasts, kind)| fault(at, lasts, kind))
}

/// Anything.
pub(super) fn any_scenario() -> impl Strategy<Value = WorldScenario> {
    (0_u32..7, any_fleet(), prop::collection::vec(any_fault(), 0..6))
        .prop_map(|(nesting, fleet, faults)| WorldScenario { faults, ..scenario(nesting, fleet) })
}
