//! Rooms divide a plan: everything happens in one of them, to the same devices,
//! at the same time.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::scenes::{any_scenario, group, mesh, scenario};
use crate::plan::{NodeId, Nodes, Plan, PlanAction, PlanStep, Rooms, check, generate};
use crate::scenario::{Workload, WorldScenario};
use crate::workload::Traces;

fn plan_of(scenario: &WorldScenario) -> Plan {
    generate(scenario, 7, &Traces::default()).expect("the scenario is valid")
}

/// A step of a room as it stands in the whole plan, if one device has it alone.
fn back(step: &PlanStep, room: u32, rooms: u32, members: u32) -> Option<PlanStep> {
    let mut step = step.clone();
    match &mut step.what {
        PlanAction::Edit { device, .. }
        | PlanAction::Link { device, .. }
        | PlanAction::Crash { device, .. }
        | PlanAction::Start { device }
        | PlanAction::Clock { device, .. } => {
            if device.0 == members {
                return None;
            }
            *device = NodeId(device.0 * rooms + room);
        }
        PlanAction::Obstruct { .. } | PlanAction::Clear { .. } => return None,
    }
    Some(step)
}

/// Who is kept from whom when, in the numbers of the whole fleet; a relay is its
/// number and its room.
type Kept = BTreeSet<(u32, String, (NodeId, u32), (NodeId, u32))>;

fn kept(plan: &Plan, number: impl Fn(NodeId) -> Option<(NodeId, u32)>) -> Kept {
    let mut all = Kept::new();
    for step in &plan.steps {
        let PlanAction::Obstruct { id, from, to, how } = &step.what else { continue };
        for from in from.iter().filter_map(|&node| number(node)) {
            for to in to.iter().filter_map(|&node| number(node)) {
                all.insert((*id, format!("{:?} {how:?}", step.at), from, to));
            }
        }
    }
    all
}

fn check_division(scenario: &WorldScenario) {
    let plan = plan_of(scenario);
    let (devices, rooms) = (scenario.devices(), scenario.rooms);
    let divided = Rooms::new(&plan);
    assert_eq!(divided.count(), rooms);
    let mut there: Vec<PlanStep> = Vec::new();
    let mut seeds = BTreeSet::new();
    for room in 0..rooms {
        let part = divided.plan(room);
        assert_eq!(check(&part), Ok(()));
        assert!(seeds.insert(part.seed));
        let members = part.scenario.devices();
        assert_eq!(members, (0..devices).filter(|device| device % rooms == room).count() as u32);
        there.extend(part.steps.iter().filter_map(|step| back(step, room, rooms, members)));
        let inside = |node: NodeId| match node.0 < members {
            true => Some((NodeId(node.0 * rooms + room), 0)),
            false => Some((NodeId(devices), room)),
        };
        let outside = |node: NodeId| match node.0 < devices {
            true => (node.0 % rooms == room).then_some((node, 0)),
            false => Some((node, room)),
        };
        assert_eq!(kept(&part, inside), kept(&plan, outside));
        let balance = part.steps.iter().fold(0_i32, |standing, step| match step.what {
            PlanAction::Obstruct { .. } => standing + 1,
            PlanAction::Clear { .. } => standing - 1,
            _ => standing,
        });
        assert_eq!(balance, 0);
    }
    let mut all: Vec<PlanStep> =
        plan.steps.iter().filter(|step| back(step, 0, 1, devices).is_some()).cloned().collect();
    let key = |step: &PlanStep| (step.at, serde_json::to_string(&step.what).expect("it is JSON"));
    there.sort_by_key(key);
    all.sort_by_key(key);
    assert_eq!(there, all);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn rooms_divide_a_plan(scenario in any_scenario(), rooms in any::<prop::sample::Index>()) {
        let rooms = rooms.index(scenario.devices() as usize) as u32 + 1;
        if rooms > 1 {
            check_division(&WorldScenario { rooms, ..scenario });
        }
    }

    #[test]
    fn the_only_room_is_the_plan(scenario in any_scenario()) {
        let plan = plan_of(&scenario);
        prop_assert_eq!(Rooms::new(&plan).plan(0), plan);
    }

    /// Numbers of neighbours in the whole fleet are those of the room's own ring.
    #[test]
    fn peers_are_in_the_same_room(scenario in any_scenario(), rooms in 1_u32..5, reach in 1_u32..4) {
        let devices = scenario.devices();
        let rooms = rooms.min(devices);
        let topology = mesh(reach);
        let whole = Nodes::new(&WorldScenario { rooms, topology: topology.clone(), ..scenario.clone() });
        let plan = plan_of(&WorldScenario { rooms, topology, faults: Vec::new(), ..scenario });
        let divided = Rooms::new(&plan);
        for node in (0..devices).map(NodeId) {
            let room = node.0 % rooms;
            let own = Nodes::new(&divided.plan(room).scenario);
            let expected: Vec<NodeId> = own
                .peers(NodeId(node.0 / rooms))
                .into_iter()
                .map(|peer| NodeId(peer.0 * rooms + room))
                .collect();
            prop_assert_eq!(whole.peers(node), expected);
        }
    }
}

#[test]
fn rooms_without_anybody_are_refused() {
    let mut plan = plan_of(&scenario(0, vec![group("a", 3, Workload::Idle)]));
    for (rooms, is_fine) in [(0, false), (1, true), (3, true), (4, false)] {
        plan.scenario.rooms = rooms;
        assert_eq!(check(&plan).is_ok(), is_fine, "{rooms}");
    }
}
