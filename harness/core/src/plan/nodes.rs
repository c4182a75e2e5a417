//! Who is who: names of groups and devices, and their numbers.

use std::ops::Range;

use super::NodeId;
use crate::scenario::{Topology, WorldScenario};

/// The relay's name in faults and results.
pub const RELAY: &str = "relay";

/// The numbers of a scenario's devices and relay.
#[derive(Clone, Debug)]
pub struct Nodes {
    groups: Vec<(String, Range<u32>)>,
    devices: u32,
    has_relay: bool,
    neighbours: u32,
    rooms: u32,
}

impl Nodes {
    /// Those of `scenario`: devices count up through the groups in order, the
    /// relay comes last.
    pub fn new(scenario: &WorldScenario) -> Self {
        let mut devices = 0_u32;
        let mut groups = Vec::with_capacity(scenario.fleet.len());
        for group in &scenario.fleet {
            let first = devices;
            devices = devices.saturating_add(group.count);
            groups.push((group.name.clone(), first..devices));
        }
        let (has_relay, neighbours) = match &scenario.topology {
            Topology::Relay(_) => (true, 0),
            Topology::Mesh(mesh) => (false, mesh.neighbours),
        };
        Self { groups, devices, has_relay, neighbours, rooms: scenario.rooms.max(1) }
    }

    /// How many devices there are, the relay not counted.
    pub fn devices(&self) -> u32 {
        self.devices
    }

    /// The relay, if there is one.
    pub fn relay(&self) -> Option<NodeId> {
        self.has_relay.then_some(NodeId(self.devices))
    }

    /// The numbers of the devices of the group at this place in the fleet.
    ///
    /// # Panics
    /// If the fleet has no such group.
    pub fn group(&self, place: usize) -> impl Iterator<Item = NodeId> + use<> {
        self.groups[place].1.clone().map(NodeId)
    }

    /// Everybody who is called `name`: a group, one of its devices
    /// (`group/0`), or `relay`; none if nobody is.
    pub fn called(&self, name: &str) -> Option<Vec<NodeId>> {
        if name == RELAY {
            return self.relay().map(|relay| vec![relay]);
        }
        let range = |group: &str| {
            self.groups.iter().find(|(name, _)| name == group).map(|(_, range)| range.clone())
        };
        if let Some(devices) = range(name) {
            return Some(devices.map(NodeId).collect());
        }
        let (group, number) = name.rsplit_once('/')?;
        let devices = range(group)?;
        let number: u32 = number.parse().ok()?;
        (number < devices.len() as u32).then(|| vec![NodeId(devices.start + number)])
    }

    /// Every name, with the range of devices for each group: `desk`,
    /// `desk/0`…`desk/3`.
    pub fn names(&self) -> Vec<String> {
        let groups = self.groups.iter().map(|(name, _)| name.clone());
        groups.chain(self.has_relay.then(|| RELAY.to_owned())).collect()
    }

    /// Those that `node` exchanges messages with: the relay, everybody if it is
    /// the relay, and in a mesh its neighbours in its room's ring, on both sides.
    pub fn peers(&self, node: NodeId) -> Vec<NodeId> {
        if let Some(relay) = self.relay() {
            return if node == relay {
                (0..self.devices).map(NodeId).collect()
            } else {
                vec![relay]
            };
        }
        let (room, place) = (node.0 % self.rooms, node.0 / self.rooms);
        let devices = members(self.devices, room, self.rooms);
        let reach = self.neighbours.min(devices.saturating_sub(1));
        let mut peers: Vec<_> = (1..=reach)
            .flat_map(|step| [(place + step) % devices, (place + devices - step) % devices])
            .map(|place| NodeId(place * self.rooms + room))
            .collect();
        peers.sort_unstable();
        peers.dedup();
        peers
    }
}

/// How many of the first `devices` of a fleet are in `room` of `rooms`.
pub(super) fn members(devices: u32, room: u32, rooms: u32) -> u32 {
    devices.saturating_sub(room).div_ceil(rooms)
}
