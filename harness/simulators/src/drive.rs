//! The loop between a world and the network that carries its messages.

use deadzone_core::engine::Engine;
use deadzone_core::plan::Plan;
use deadzone_core::record::{CpuMode, RunRecord};
use deadzone_core::sandbox::Sandbox;
use deadzone_core::sync::Stop;
use deadzone_core::time::Time;
use deadzone_core::world::{self, Links, Outside, World};

use crate::Simulator;
use crate::limits::{Refusal, limits};
use crate::madsim_network::MadsimNetwork;
use crate::network::Network;
use crate::turmoil_network::TurmoilNetwork;

/// Runs a plan on an engine to its end, its messages carried by `simulator`.
///
/// To be awaited within a `madsim` runtime, whose clock is moved by `sandbox`
/// unless it [is the simulator's](Simulator::has_clock). `progress` hears of the
/// virtual time now and then.
///
/// # Errors
/// [`Refusal`] if the simulator cannot run that plan.
pub async fn run(
    simulator: Simulator,
    plan: &Plan,
    engine: &dyn Engine,
    sandbox: &mut dyn Sandbox,
    mode: CpuMode,
    progress: &mut dyn FnMut(Time),
) -> Result<RunRecord, Refusal> {
    let not_honoured = limits(simulator, plan)?;
    let links = match simulator {
        Simulator::Event => return Ok(world::run(plan, engine, sandbox, mode, progress)),
        Simulator::Madsim => Links::Modelled,
        Simulator::Turmoil => Links::Theirs,
    };
    let outside = Outside::new(simulator.name(), links, not_honoured);
    let mut world = World::new(plan, engine, sandbox, mode).on(outside);
    let ended = match simulator {
        Simulator::Turmoil => {
            let mut network = TurmoilNetwork::new(plan, &world);
            drive(&mut world, &mut network, progress).await
        }
        Simulator::Event | Simulator::Madsim => {
            let mut network = MadsimNetwork::new(plan, &world);
            drive(&mut world, &mut network, progress).await
        }
    };
    Ok(world.conclude(ended))
}

/// Lets everything happen; says whether time ran out before all was silent.
async fn drive(
    world: &mut World<'_>,
    network: &mut impl Network,
    progress: &mut dyn FnMut(Time),
) -> Result<bool, Stop> {
    world.check_support()?;
    world.begin()?;
    let deadline = world.deadline();
    loop {
        for errand in world.take_errands() {
            network.take(errand, world);
        }
        let next = world.next_at();
        if next == Time::NEVER && !network.is_busy() {
            return Ok(false);
        }
        let until = next.min(deadline);
        let heard = network.run_until(until).await;
        if heard.is_empty() {
            world.advance(until, &mut |_| {})?;
            progress(until);
            if until == deadline {
                return Ok(true);
            }
        }
        for (at, heard) in heard {
            let at = at.min(deadline);
            world.advance(at, &mut |_| {})?;
            world.hear(at, heard)?;
        }
    }
}
