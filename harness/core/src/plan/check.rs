//! Whether a plan that was read from a file can be run.

use super::{NodeId, Plan, PlanAction, SCHEMA};
use crate::edit::Edit;
use crate::edit::Position;
use crate::time::Time;

/// Why a plan cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPlan {
    /// Made for another version of the format.
    #[error("it has schema {found}; this deadzone reads schema {SCHEMA}")]
    Schema {
        /// The version.
        found: u32,
    },
    /// Nobody is there.
    #[error("its fleet has no devices; expected at least one")]
    NoDevices,
    /// Rooms that nobody is in, or none at all.
    #[error("it has {rooms} rooms for {devices} devices; expected 1 to {devices}")]
    Rooms {
        /// How many rooms.
        rooms: u32,
        /// How many devices.
        devices: u32,
    },
    /// Times that run backwards.
    #[error(
        "step {step} is at {at}, before the step ahead of it at {before}; times must not run \
             backwards"
    )]
    Backwards {
        /// The step, from 0.
        step: usize,
        /// When it is.
        at: Time,
        /// When the one ahead of it is.
        before: Time,
    },
    /// A device that is not there.
    #[error("step {step} names device {device}; expected one below {devices}")]
    NoDevice {
        /// The step, from 0.
        step: usize,
        /// The device.
        device: u32,
        /// How many there are, the relay included.
        devices: u32,
    },
    /// A link that the device does not have.
    #[error("step {step} names link {link} of a device that has {links}")]
    NoLink {
        /// The step, from 0.
        step: usize,
        /// The link.
        link: u32,
        /// How many the device has.
        links: usize,
    },
    /// A root that the document lacks.
    #[error("step {step} edits the root `{root}`, which is not there; expected one of {known}")]
    NoRoot {
        /// The step, from 0.
        step: usize,
        /// The root.
        root: String,
        /// The roots there are.
        known: String,
    },
}

/// Whether a plan that was read from a file can be run.
///
/// # Errors
/// [`BadPlan`], the first thing that is wrong.
pub fn check(plan: &Plan) -> Result<(), BadPlan> {
    if plan.schema != SCHEMA {
        return Err(BadPlan::Schema { found: plan.schema });
    }
    if plan.scenario.fleet.iter().all(|group| group.count == 0) {
        return Err(BadPlan::NoDevices);
    }
    let (rooms, devices) = (plan.scenario.rooms, plan.scenario.devices());
    if rooms == 0 || rooms > devices {
        return Err(BadPlan::Rooms { rooms, devices });
    }
    let mut before = Time::ZERO;
    for (step, planned) in plan.steps.iter().enumerate() {
        if planned.at < before {
            return Err(BadPlan::Backwards { step, at: planned.at, before });
        }
        before = planned.at;
        check_action(plan, step, &planned.what)?;
    }
    Ok(())
}

fn check_action(plan: &Plan, step: usize, what: &PlanAction) -> Result<(), BadPlan> {
    match what {
        PlanAction::Edit { device, edits } => {
            check_device(plan, step, *device)?;
            edits.iter().try_for_each(|edit| check_root(plan, step, edit))
        }
        PlanAction::Link { device, link, .. } => {
            check_device(plan, step, *device)?;
            let links = links_of(plan, *device);
            if *link as usize >= links {
                return Err(BadPlan::NoLink { step, link: *link, links });
            }
            Ok(())
        }
        PlanAction::Crash { device, .. }
        | PlanAction::Start { device }
        | PlanAction::Clock { device, .. } => check_node(plan, step, *device),
        PlanAction::Obstruct { from, to, .. } => {
            from.iter().chain(to).try_for_each(|device| check_node(plan, step, *device))
        }
        PlanAction::Clear { .. } => Ok(()),
    }
}

/// The relay is a node and no device.
fn check_node(plan: &Plan, step: usize, node: NodeId) -> Result<(), BadPlan> {
    let devices = plan.scenario.devices().saturating_add(1);
    if node.0 < devices {
        return Ok(());
    }
    Err(BadPlan::NoDevice { step, device: node.0, devices })
}

fn check_device(plan: &Plan, step: usize, device: NodeId) -> Result<(), BadPlan> {
    let devices = plan.scenario.devices();
    if device.0 < devices {
        return Ok(());
    }
    Err(BadPlan::NoDevice { step, device: device.0, devices })
}

fn links_of(plan: &Plan, device: NodeId) -> usize {
    let mut before = 0;
    let group = plan.scenario.fleet.iter().find(|group| {
        before += group.count;
        device.0 < before
    });
    group.map_or(0, |group| group.links.len())
}

fn check_root(plan: &Plan, step: usize, edit: &Edit<Position>) -> Result<(), BadPlan> {
    let roots = &plan.scenario.document.roots;
    if roots.contains_key(edit.at.root.as_str()) {
        return Ok(());
    }
    let known = roots.keys().cloned().collect::<Vec<_>>().join(", ");
    Err(BadPlan::NoRoot { step, root: edit.at.root.to_string(), known })
}
