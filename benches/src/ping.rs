//! The workload on which simulators are compared: devices in a ring that ping
//! each other.
//!
//! Every device pings once in [`Ping::period`], its two neighbours by turns, and
//! answers each ping at once. A ping and an answer are [`MESSAGE_BYTES`] long
//! and take [`DELAY`] from one device to the other. The first pings are spread
//! evenly over the first period after [`WARM_UP`]. Every message that arrives
//! counts, so there are two for each ping.
//!
//! The length of 64 bytes and the period of a second, where nothing else is
//! said, are those of `ping(8)`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadzone_core::document::Document;
use deadzone_core::edit::{Action, ContainerKind, Edit, Path, Position};
use deadzone_core::engine::{
    Authority, Delivery, Edited, Engine, EngineError, EngineInfo, PeerId, Replica, Save, Seen,
    Setup, Stamp, Support, Update,
};
use deadzone_core::plan::{NodeId, Plan, PlanAction, PlanStep, generate};
use deadzone_core::record::CpuMode;
use deadzone_core::sandbox::Uncounted;
use deadzone_core::scenario::Scenario;
use deadzone_core::time::Time;
use deadzone_core::workload::Traces;
use deadzone_core::world::World;
use deadzone_meter::Counts;

use crate::{Measured, processor_time};

/// The length of a ping and of an answer.
pub const MESSAGE_BYTES: usize = 64;

/// From one device to another.
pub const DELAY: Duration = Duration::from_millis(20);

/// Before this nobody pings: sockets are bound and connections set up.
pub const WARM_UP: Duration = Duration::from_millis(250);

/// The first byte of a ping.
pub const PING: u8 = 1;

/// The first byte of an answer.
pub const ANSWER: u8 = 2;

const SEED: u64 = 1;

/// Who pings, how often, for how long.
#[derive(Clone, Copy, Debug)]
pub struct Ping {
    /// How many devices; at least 3, so that there are two neighbours.
    pub devices: u32,
    /// The time from one ping of a device to its next.
    pub period: Duration,
    /// How long they ping, in virtual time; the measured time.
    pub span: Duration,
}

/// What a simulator made of it.
#[derive(Clone, Copy, Debug)]
pub struct Pinged {
    /// Time of the measured span, and the messages that arrived in it.
    pub measured: Measured,
    /// Requested heap bytes that are alive when everybody is connected and
    /// nobody has pinged, but for those of the workload.
    pub idle_bytes: i64,
}

impl Ping {
    /// When `device` pings for the first time.
    pub fn first_at(&self, device: u32) -> Duration {
        WARM_UP + self.period * device / self.devices
    }

    /// Whom `device` pings at its `turn`.
    pub fn partner(&self, device: u32, turn: u64) -> u32 {
        let step = if turn.is_multiple_of(2) { 1 } else { self.devices - 1 };
        (device + step) % self.devices
    }

    /// How many messages may be on their way, or not yet sent, when the span
    /// begins and ends: what counts may differ from all by so many.
    pub fn slack(&self) -> u64 {
        // Both ways of a ping, and a moment for the simulators' own delays.
        let under_way = self.devices as u128 * 2 * 25_000_000 * 2 / self.period.as_nanos();
        under_way as u64 + 2 * u64::from(self.devices)
    }

    /// As many messages as arrive if nothing is under way at either end.
    pub fn messages(&self) -> u64 {
        2 * u64::from(self.devices) * (self.span.as_nanos() / self.period.as_nanos()) as u64
    }

    /// Everything that happens in it, for deadzone's own world.
    ///
    /// # Panics
    /// If there are fewer than 3 devices, or more than a million.
    pub fn plan(&self) -> Plan {
        assert!(self.devices >= 3, "a ring of {} has no two neighbours", self.devices);
        let end_ms = (WARM_UP + self.span).as_millis();
        let settings = [
            ("fleet.devices.count".to_owned(), self.devices.to_string()),
            ("duration".to_owned(), format!("\"{end_ms}ms\"")),
        ];
        let scenario = deadzone_scenarios::parse_with(SCENARIO, "ping.toml", &settings)
            .unwrap_or_else(|error| panic!("{error}"));
        let Scenario::World(scenario) = scenario else { panic!("it is a world") };
        let plan = generate(&scenario, SEED, &Traces::default());
        let mut plan = plan.unwrap_or_else(|error| panic!("{error}"));
        let turns = (self.span.as_nanos() / self.period.as_nanos()) as u32;
        plan.steps = (0..turns)
            .flat_map(|turn| (0..self.devices).map(move |device| (turn, device)))
            .map(|(turn, device)| {
                let at = self.first_at(device) + self.period * turn;
                PlanStep {
                    at: Time::from_nanos(at.as_nanos() as u64),
                    what: PlanAction::Edit { device: NodeId(device), edits: vec![letter()] },
                }
            })
            .collect();
        plan
    }

    /// On deadzone's own world: connections between devices on wired links,
    /// whose replicas ping after each edit that the person makes.
    ///
    /// # Panics
    /// If the engine, which cannot fail, fails.
    pub fn on_deadzone(&self, plan: &Plan) -> Pinged {
        let time = |at: Duration| Time::from_nanos(at.as_nanos() as u64);
        let engine = PingEngine::default();
        let ok = "pings do nothing wrong";
        let mut sandbox = Uncounted;
        let before = Counts::now().live;
        let mut world = World::new(plan, &engine, &mut sandbox, CpuMode::Counted);
        world.begin().expect(ok);
        world.advance(time(WARM_UP - Duration::from_nanos(1)), &mut |_| {}).expect(ok);
        let idle_bytes = Counts::now().live - before;
        let started = processor_time();
        world.advance(time(WARM_UP + self.span / 2), &mut |_| {}).expect(ok);
        let depth = world.queued();
        world.advance(time(WARM_UP + self.span), &mut |_| {}).expect(ok);
        let took = processor_time() - started;
        let events = engine.arrived.load(Ordering::Relaxed);
        Pinged { measured: Measured { took, events, depth }, idle_bytes }
    }
}

const SCENARIO: &str = r#"
schema = 1
name = "ping"
question = "How fast do simulators deliver messages?"
duration = "1min"
settle = "1min"

[document]
notes = "text"

[[fleet]]
group = "devices"
count = 100
device = "laptop-top"
link = "wire"
workload = { kind = "idle" }

[link.wire]
summary = "half of the way to another device"
technology = "ethernet"
one_way_delay = "10ms"
rate = "unlimited"

[relay]
kind = "none"

[mesh]
neighbours = 1
backbone_rtt = "0ms"

# Each edit is sent by itself and at once, and nothing is stored.
[sync]
debounce = "0ms"
save_interval = "7d"
"#;

fn letter() -> Edit<Position> {
    let action = Action::InsertText { index: Position::END, text: "a".to_owned() };
    Edit { at: Path::root("notes"), action }
}

/// An engine that keeps nothing, pings after each edit, and answers.
#[derive(Clone, Debug, Default)]
struct PingEngine {
    arrived: Arc<AtomicU64>,
}

impl Engine for PingEngine {
    fn info(&self) -> EngineInfo {
        EngineInfo {
            name: "ping",
            version: "1",
            summary: "pings",
            authority: Authority::Replicas,
            containers: BTreeMap::from([(ContainerKind::Text, Support::Native)]),
            marks: Support::Native,
            deliveries: vec![Delivery::Protocol],
            undo: false,
        }
    }

    fn create(&self, setup: &Setup) -> Result<Box<dyn Replica>, EngineError> {
        Ok(Box::new(PingReplica {
            arrived: Arc::clone(&self.arrived),
            lane: setup.id.as_u64(),
            turns: 0,
            peers: Vec::new(),
            due: None,
            owed: None,
        }))
    }

    fn load(&self, setup: &Setup, _stored: &[Vec<u8>]) -> Result<Box<dyn Replica>, EngineError> {
        self.create(setup)
    }
}

#[derive(Debug)]
struct PingReplica {
    arrived: Arc<AtomicU64>,
    lane: u64,
    turns: u64,
    peers: Vec<PeerId>,
    /// Who is to be pinged.
    due: Option<PeerId>,
    /// Who waits for an answer.
    owed: Option<PeerId>,
}

impl Replica for PingReplica {
    fn edit(&mut self, _edits: &[Edit]) -> Result<Edited, EngineError> {
        let turn = self.turns as usize;
        self.turns += 1;
        self.due = self.peers.get(turn % self.peers.len().max(1)).copied();
        Ok(Edited::Applied(Stamp { lane: self.lane, position: self.turns }))
    }

    fn length(&self, _at: &Path) -> Option<u32> {
        Some(0)
    }

    fn snap(&self, _at: &Path, index: u32) -> u32 {
        index
    }

    fn children(&self, _at: &Path) -> Vec<String> {
        Vec::new()
    }

    fn read(&mut self) -> Document {
        Document::default()
    }

    fn connect(&mut self, peer: PeerId, _saved: Option<&[u8]>) -> Result<(), EngineError> {
        self.peers.push(peer);
        Ok(())
    }

    fn poll(&mut self, peer: PeerId) -> Option<Vec<u8>> {
        let kind = if self.owed.take_if(|owed| *owed == peer).is_some() {
            ANSWER
        } else {
            self.due.take_if(|due| *due == peer)?;
            PING
        };
        let mut message = vec![0; MESSAGE_BYTES];
        message[0] = kind;
        Some(message)
    }

    fn receive(&mut self, peer: PeerId, message: &[u8]) -> Result<(), EngineError> {
        self.arrived.fetch_add(1, Ordering::Relaxed);
        if message.first() == Some(&PING) {
            self.owed = Some(peer);
        }
        Ok(())
    }

    fn disconnect(&mut self, peer: PeerId) -> Option<Vec<u8>> {
        self.peers.retain(|other| *other != peer);
        None
    }

    fn take_updates(&mut self) -> Vec<Update> {
        Vec::new()
    }

    fn apply(&mut self, _update: &[u8]) -> Result<(), EngineError> {
        Ok(())
    }

    fn newly_seen(&mut self, _into: &mut Vec<Seen>) {}

    fn pending(&self) -> usize {
        0
    }

    fn save(&mut self, _how: Save) -> Vec<u8> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_pings_and_is_answered() {
        for (devices, period_ms) in [(3, 1_000), (10, 100), (101, 250)] {
            let period = Duration::from_millis(period_ms);
            let ping = Ping { devices, period, span: period * 20 };
            let pinged = ping.on_deadzone(&ping.plan());
            let arrived = pinged.measured.events;
            let all = ping.messages();
            assert!(arrived <= all, "{ping:?}: {arrived} of {all}");
            assert!(all - arrived <= ping.slack(), "{ping:?}: {arrived} of {all}");
        }
    }

    #[test]
    fn neighbours_are_pinged_by_turns() {
        let period = Duration::from_secs(1);
        let ping = Ping { devices: 5, period, span: period };
        let partners = |device| [ping.partner(device, 0), ping.partner(device, 1)];
        assert_eq!(partners(0), [1, 4]);
        assert_eq!(partners(4), [0, 3]);
    }
}
