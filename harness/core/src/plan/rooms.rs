//! Rooms: the parts of a fleet that share a document each, and the part of a
//! plan that happens in one of them.

use super::nodes::members;
use super::{NodeId, Plan, PlanAction, PlanStep};
use crate::rng::Stream;
use crate::scenario::{Expectations, Group, WorldScenario};

/// A plan, divided into its rooms.
///
/// Device `k` of the fleet is in room `k` modulo their number, so that each room
/// has some of every group. Nothing passes from one room to another, so each is a
/// plan by itself, with one room and a seed that follows from the whole plan's
/// and the room's number. Only what steps are whose is kept here: the plan of a
/// room is made when its turn comes.
#[derive(Clone, Debug)]
pub struct Rooms<'a> {
    plan: &'a Plan,
    /// The steps of the first room's devices, of the second's, and so on.
    own: Vec<u32>,
    /// Where each room's begin in `own`, and where the last one's end.
    starts: Vec<usize>,
    /// The steps that several rooms may have a part in.
    shared: Vec<u32>,
}

impl<'a> Rooms<'a> {
    /// Those of a plan that passes [`super::check`].
    pub fn new(plan: &'a Plan) -> Self {
        let rooms = plan.scenario.rooms.max(1);
        let devices = plan.scenario.devices();
        let room_of = |step: &PlanStep| {
            let device = step.what.node().filter(|node| node.0 < devices)?;
            Some((device.0 % rooms) as usize)
        };
        let mut starts = vec![0; rooms as usize + 1];
        for room in plan.steps.iter().filter_map(room_of) {
            starts[room + 1] += 1;
        }
        for room in 1..starts.len() {
            starts[room] += starts[room - 1];
        }
        let mut next = starts.clone();
        let mut own = vec![0; starts[rooms as usize]];
        let mut shared = Vec::new();
        for (number, step) in (0_u32..).zip(&plan.steps) {
            match room_of(step) {
                Some(room) => {
                    own[next[room]] = number;
                    next[room] += 1;
                }
                None => shared.push(number),
            }
        }
        Self { plan, own, starts, shared }
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        self.plan.scenario.rooms.max(1)
    }

    /// The plan of one room: its devices are numbered anew, obstacles are cut down
    /// to those who are there, and what the scenario expects is left to the whole.
    /// The plan of the only room is the whole plan.
    ///
    /// # Panics
    /// If there is no room of this number.
    pub fn plan(&self, room: u32) -> Plan {
        let rooms = self.count();
        assert!(room < rooms, "there is no room {room} of {rooms}");
        if rooms == 1 {
            return self.plan.clone();
        }
        let scenario = &self.plan.scenario;
        let door = Door { room, rooms, devices: scenario.devices() };
        let own = &self.own[self.starts[room as usize]..self.starts[room as usize + 1]];
        let mut numbers = [own, &self.shared].concat();
        numbers.sort_unstable();
        let mut steps = Vec::with_capacity(numbers.len());
        let mut standing = std::collections::BTreeSet::new();
        for step in numbers.into_iter().map(|number| &self.plan.steps[number as usize]) {
            let Some(what) = door.action(&step.what) else { continue };
            match what {
                PlanAction::Obstruct { id, .. } => {
                    standing.insert(id);
                }
                // It was between others.
                PlanAction::Clear { id } if !standing.contains(&id) => continue,
                _ => {}
            }
            steps.push(PlanStep { at: step.at, what });
        }
        let seed = Stream::root(self.plan.seed).named("room").numbered(room.into()).draws().bits();
        Plan { schema: self.plan.schema, seed, scenario: door.scenario(scenario), steps }
    }
}

impl PlanAction {
    /// The one device or relay that it happens to; none if it is between several.
    fn node(&self) -> Option<NodeId> {
        match self {
            Self::Edit { device, .. }
            | Self::Link { device, .. }
            | Self::Crash { device, .. }
            | Self::Start { device }
            | Self::Clock { device, .. } => Some(*device),
            Self::Obstruct { .. } | Self::Clear { .. } => None,
        }
    }
}

/// What is seen of the fleet from one room.
#[derive(Clone, Copy)]
struct Door {
    room: u32,
    rooms: u32,
    /// Of the whole fleet.
    devices: u32,
}

impl Door {
    fn members(self, devices: u32) -> u32 {
        members(devices, self.room, self.rooms)
    }

    /// Its number in the room; none if it is in another.
    fn node(self, node: NodeId) -> Option<NodeId> {
        if node.0 >= self.devices {
            return Some(NodeId(self.members(self.devices)));
        }
        (node.0 % self.rooms == self.room).then_some(NodeId(node.0 / self.rooms))
    }

    /// What an action does here; none if that is nothing.
    fn action(self, what: &PlanAction) -> Option<PlanAction> {
        let mut own = match what {
            PlanAction::Obstruct { id, from, to, how } => {
                let here = |side: &[NodeId]| -> Vec<NodeId> {
                    side.iter().filter_map(|&node| self.node(node)).collect()
                };
                let (from, to) = (here(from), here(to));
                let stands = !from.is_empty() && !to.is_empty();
                return stands.then_some(PlanAction::Obstruct { id: *id, from, to, how: *how });
            }
            PlanAction::Clear { .. } => return Some(what.clone()),
            _ => what.clone(),
        };
        match &mut own {
            PlanAction::Edit { device, .. }
            | PlanAction::Link { device, .. }
            | PlanAction::Crash { device, .. }
            | PlanAction::Start { device }
            | PlanAction::Clock { device, .. } => *device = self.node(*device)?,
            PlanAction::Obstruct { .. } | PlanAction::Clear { .. } => {}
        }
        Some(own)
    }

    fn scenario(self, whole: &WorldScenario) -> WorldScenario {
        let mut before = 0_u32;
        let fleet = whole.fleet.iter().map(|group| {
            let first = self.members(before);
            before = before.saturating_add(group.count);
            Group { count: self.members(before) - first, ..group.clone() }
        });
        WorldScenario {
            rooms: 1,
            fleet: fleet.collect(),
            // Their steps are made, and their names are those of the whole fleet.
            faults: Vec::new(),
            expect: Expectations::default(),
            ..whole.clone()
        }
    }
}
