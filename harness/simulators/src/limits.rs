//! What other simulators cannot do: found before a run starts, and said.

use std::collections::BTreeSet;

use deadzone_core::engine::Delivery;
use deadzone_core::plan::{NodeId, Obstacle, Plan, PlanAction};
use deadzone_core::profile::{LinkDirection, LinkProfile, Loss};
use deadzone_core::scenario::Topology;
use deadzone_core::units::PartsPerMillion;

use crate::Simulator;
use crate::kernel::KernelError;

/// turmoil goes through every pair of its hosts for each host at each tick: at 100
/// of them that is some second for a second, at 1,000 more than an hour.
const TURMOIL_NODES_MAX: usize = 100;

/// Each node of madsim's is several tasks with sockets of their own.
const MADSIM_NODES_MAX: usize = 10_000;

/// Each of the kernel's nodes has a namespace and a process of `tc`, and all of them
/// have to keep up with the real clock.
const KERNEL_NODES_MAX: usize = 50;

/// Why a simulator cannot run a plan.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// There is no network of a kernel's here, or it failed.
    #[error(transparent)]
    Kernel(#[from] KernelError),
    /// The fleet is too large for it.
    #[error(
        "{simulator} can run at most {nodes_max} nodes, and `{scenario}` has {nodes}, relays \
         included; expected a smaller fleet (`--set fleet.GROUP.count=…`) or `--simulator {instead}`"
    )]
    TooManyNodes {
        /// Which.
        simulator: &'static str,
        /// Its limit.
        nodes_max: usize,
        /// The scenario.
        scenario: String,
        /// How many it has.
        nodes: usize,
        /// Who could run it.
        instead: &'static str,
    },
    /// Its rooms are worlds of their own, and each would take its time.
    #[error(
        "{simulator} runs one world, and `{scenario}` has {rooms} rooms with a document each; \
         expected `--set document.rooms=1` with a smaller fleet, or `--simulator madsim`"
    )]
    Rooms {
        /// Which.
        simulator: &'static str,
        /// The scenario.
        scenario: String,
        /// How many it has.
        rooms: u32,
    },
    /// It has no such fault.
    #[error(
        "{simulator} cannot do {fault}, which `{scenario}` has at {at}; expected {nearest}, or \
         `--simulator event` or `--simulator madsim`"
    )]
    UnknownFault {
        /// Which.
        simulator: &'static str,
        /// What it lacks.
        fault: &'static str,
        /// The scenario.
        scenario: String,
        /// When the plan has it.
        at: String,
        /// The nearest that it does.
        nearest: &'static str,
    },
}

/// What `plan` asks for and `simulator` does in another way, or not at all: a
/// sentence on each, which begins with the field of the scenario. Each room of a
/// plan of several is a world by itself.
///
/// # Errors
/// [`Refusal`] if it cannot run that plan.
pub fn limits(simulator: Simulator, plan: &Plan) -> Result<Vec<String>, Refusal> {
    let (nodes_max, instead) = match simulator {
        Simulator::Event => return Ok(Vec::new()),
        Simulator::Madsim => (MADSIM_NODES_MAX, "event"),
        Simulator::Turmoil => (TURMOIL_NODES_MAX, "madsim"),
        Simulator::Kernel => (KERNEL_NODES_MAX, "madsim"),
    };
    let scenario = &plan.scenario;
    if scenario.rooms > 1 && simulator == Simulator::Kernel {
        return Err(Refusal::Rooms {
            simulator: simulator.name(),
            scenario: scenario.name.clone(),
            rooms: scenario.rooms,
        });
    }
    let relays = usize::from(matches!(scenario.topology, Topology::Relay(_)));
    // The first rooms have the most.
    let nodes = scenario.devices().div_ceil(scenario.rooms.max(1)) as usize + relays;
    if nodes > nodes_max {
        return Err(Refusal::TooManyNodes {
            simulator: simulator.name(),
            nodes_max,
            scenario: scenario.name.clone(),
            nodes,
            instead: if nodes > MADSIM_NODES_MAX { "event" } else { instead },
        });
    }
    match simulator {
        Simulator::Event | Simulator::Madsim => Ok(Vec::new()),
        Simulator::Turmoil => {
            check_jams(plan)?;
            Ok(not_honoured_by_turmoil(plan))
        }
        Simulator::Kernel => {
            check_no_jams(plan)?;
            Ok(not_honoured_by_a_kernel(plan))
        }
    }
}

/// `netem` delays what comes, and lets go of nothing at a word.
fn check_no_jams(plan: &Plan) -> Result<(), Refusal> {
    let is_jam =
        |what: &PlanAction| matches!(what, PlanAction::Obstruct { how: Obstacle::Jam, .. });
    match plan.steps.iter().find(|step| is_jam(&step.what)) {
        None => Ok(()),
        Some(step) => Err(Refusal::UnknownFault {
            simulator: Simulator::Kernel.name(),
            fault: "a jam",
            scenario: plan.scenario.name.clone(),
            at: step.at.to_string(),
            nearest: "a partition",
        }),
    }
}

fn not_honoured_by_a_kernel(plan: &Plan) -> Vec<String> {
    let mut all = Vec::new();
    say_of_links(&mut all, plan, "duplicate", "nothing arrives twice", &either(duplicates));
    say_of_links(&mut all, plan, "reorder", "nothing is overtaken", &either(reorders));
    say_of_delivery(&mut all, plan);
    all
}

/// turmoil holds both directions of a way or none, and nothing that is cut as well.
fn check_jams(plan: &Plan) -> Result<(), Refusal> {
    let mut standing: Vec<(u32, Obstacle)> = Vec::new();
    for step in &plan.steps {
        match &step.what {
            PlanAction::Obstruct { id, from, to, how } => {
                let refusal = |fault, nearest| Refusal::UnknownFault {
                    simulator: Simulator::Turmoil.name(),
                    fault,
                    scenario: plan.scenario.name.clone(),
                    at: step.at.to_string(),
                    nearest,
                };
                if *how == Obstacle::Jam && !has_mirror(plan, from, to, step.at, *how) {
                    return Err(refusal("a jam of one direction", "a jam of both"));
                }
                standing.push((*id, *how));
                let stands = |wanted| standing.iter().any(|(_, how)| *how == wanted);
                if stands(Obstacle::Jam) && stands(Obstacle::Stop) {
                    return Err(refusal(
                        "a jam beside a partition at the same time",
                        "one after the other",
                    ));
                }
            }
            PlanAction::Clear { id } => standing.retain(|(other, _)| other != id),
            _ => {}
        }
    }
    Ok(())
}

/// Whether the same stands in the other direction from the same moment on.
fn has_mirror(
    plan: &Plan,
    there: &[NodeId],
    back: &[NodeId],
    at: deadzone_core::time::Time,
    wanted: Obstacle,
) -> bool {
    plan.steps.iter().filter(|step| step.at == at).any(|step| match &step.what {
        PlanAction::Obstruct { from, to, how, .. } => from == back && to == there && *how == wanted,
        _ => false,
    })
}

fn not_honoured_by_turmoil(plan: &Plan) -> Vec<String> {
    let mut all = Vec::new();
    let mut say = |field, instead, has: &dyn Fn(&LinkProfile) -> bool| {
        say_of_links(&mut all, plan, field, instead, has);
    };
    say("one_way_delay", "half of the round trip each way", &|link| {
        link.up.one_way_delay != link.down.one_way_delay
    });
    say("jitter", "delays do not vary", &either(|end| end.jitter.as_nanos() > 0));
    say("loss", "no packet is lost", &either(|end| loses(&end.loss)));
    say("duplicate", "nothing arrives twice", &either(duplicates));
    say("reorder", "nothing is overtaken", &either(reorders));
    say("queue", "it has no bound", &|_| true);
    say_of_delivery(&mut all, plan);
    all
}

/// Names the links that have what a simulator does not honour.
fn say_of_links(
    all: &mut Vec<String>,
    plan: &Plan,
    field: &str,
    instead: &str,
    has: &dyn Fn(&LinkProfile) -> bool,
) {
    let links = plan.scenario.fleet.iter().flat_map(|group| group.links.iter());
    let names: BTreeSet<_> =
        links.filter(|link| has(link)).map(|link| link.name.as_str()).collect();
    if !names.is_empty() {
        let names: Vec<_> = names.into_iter().collect();
        all.push(format!("{field} of {}: {instead}", names.join(", ")));
    }
}

fn say_of_delivery(all: &mut Vec<String>, plan: &Plan) {
    if plan.scenario.sync.delivery == Delivery::Broadcast {
        all.push("sync.delivery: updates by themselves travel over TCP, in order".to_owned());
    }
}

fn duplicates(end: &LinkDirection) -> bool {
    end.duplicate.0 > 0
}

fn reorders(end: &LinkDirection) -> bool {
    end.reorder.0 > 0
}

/// A question about a direction, asked of both.
fn either(has: impl Fn(&LinkDirection) -> bool) -> impl Fn(&LinkProfile) -> bool {
    move |link| has(&link.up) || has(&link.down)
}

fn loses(loss: &Loss) -> bool {
    let never = PartsPerMillion(0);
    match *loss {
        Loss::Random(share) => share > never,
        Loss::GilbertElliott { loss_in_bad, loss_in_good, p, .. } => {
            loss_in_good > never || (p > never && loss_in_bad > never)
        }
    }
}
