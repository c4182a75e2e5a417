//! From a scenario and a seed to a plan.

use super::{NodeId, Nodes, Plan, PlanAction, PlanError, PlanStep, SCHEMA, faults, outages};
use crate::rng::Stream;
use crate::scenario::{Group, WorldScenario};
use crate::time::Time;
use crate::workload::{self, Person, Traces};

/// The most steps that a plan may have: some hundred bytes each.
pub const MAX_STEPS: usize = 2_000_000;

/// The plan of `scenario` with `seed`.
///
/// Every person, every device's links and every fault draws from a stream of
/// its own, named by group and place in the group: another device, group or
/// fault shifts nobody else's draws. Edits happen before the scenario's
/// duration is over, and whatever was taken away is back by then.
///
/// # Errors
/// [`PlanError`]: a workload without a root to work in, an unknown side, a
/// trace that is missing or unfit, more than [`MAX_STEPS`] steps.
pub fn generate(scenario: &WorldScenario, seed: u64, traces: &Traces) -> Result<Plan, PlanError> {
    let nodes = Nodes::new(scenario);
    let root = Stream::root(seed);
    let mut steps = faults::steps(scenario, &nodes, root.named("faults"))?;
    for (place, group) in scenario.fleet.iter().enumerate() {
        for (number, device) in (0_u32..).zip(nodes.group(place)) {
            let stream = |name: &str| root.named(name).named(&group.name).numbered(number.into());
            add_outages(&mut steps, scenario, group, device, stream("outages"))?;
            let person = Person {
                group: &group.name,
                number,
                shape: &scenario.document,
                end: Time::ZERO + scenario.duration,
                stream: stream("workload"),
                limit: MAX_STEPS.saturating_sub(steps.len()),
            };
            let inputs = workload::inputs(&group.workload, &person, traces)?;
            steps.extend(inputs.into_iter().map(|input| PlanStep {
                at: input.at,
                what: PlanAction::Edit { device, edits: input.edits },
            }));
        }
    }
    steps.sort_by_key(|step| step.at);
    Ok(Plan { schema: SCHEMA, seed, scenario: scenario.clone(), steps })
}

fn add_outages(
    steps: &mut Vec<PlanStep>,
    scenario: &WorldScenario,
    group: &Group,
    device: NodeId,
    stream: Stream,
) -> Result<(), PlanError> {
    let Some(profile) = &group.outages else { return Ok(()) };
    let end = Time::ZERO + scenario.duration;
    let limit = MAX_STEPS.saturating_sub(steps.len());
    let own = outages::steps(profile, group, device, stream, end, limit).ok_or_else(|| {
        PlanError::TooLong {
            place: format!("the outages `{}` of group `{}`", profile.name, group.name),
            limit: MAX_STEPS,
        }
    })?;
    steps.extend(own);
    Ok(())
}
