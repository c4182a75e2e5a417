//! The loop between a world and the network that carries its messages.

use deadzone_core::engine::Engine;
use deadzone_core::plan::Plan;
use deadzone_core::record::CpuMode;
use deadzone_core::sandbox::Sandbox;
use deadzone_core::sync::Stop;
use deadzone_core::time::Time;
use deadzone_core::world::{self, Links, Measured, Outside, World};

use crate::Simulator;
use crate::kernel::KernelNetwork;
use crate::limits::{Refusal, limits};
use crate::madsim_network::MadsimNetwork;
use crate::network::Network;
use crate::turmoil_network::TurmoilNetwork;

/// Runs the plan of one room on an engine to its end, its messages carried by
/// `simulator`, and gives what was measured in it as that of the room with this
/// number.
///
/// To be awaited within a `madsim` runtime, whose clock is moved by `sandbox`
/// unless it [is the simulator's](Simulator::has_clock). `progress` hears of the
/// virtual time now and then.
///
/// # Errors
/// [`Refusal`] if the simulator cannot run that plan, or cannot be had here.
///
/// # Panics
/// If the plan has several rooms: see [`deadzone_core::plan::Rooms`].
pub async fn measure(
    simulator: Simulator,
    plan: &Plan,
    room: u32,
    engine: &dyn Engine,
    sandbox: &mut dyn Sandbox,
    mode: CpuMode,
    progress: &mut dyn FnMut(Time),
) -> Result<Measured, Refusal> {
    let not_honoured = limits(simulator, plan)?;
    let on = |links, sandbox| {
        let outside = Outside::new(simulator.name(), links, not_honoured);
        World::new(plan, engine, sandbox, mode).on(outside)
    };
    Ok(match simulator {
        Simulator::Event => world::measure(plan, room, engine, sandbox, mode, progress),
        Simulator::Madsim => {
            let world = on(Links::Modelled, sandbox);
            let mut network = MadsimNetwork::new(plan, &world);
            carry(world, room, &mut network, progress).await
        }
        Simulator::Turmoil => {
            let world = on(Links::Theirs, sandbox);
            let mut network = TurmoilNetwork::new(plan, &world);
            carry(world, room, &mut network, progress).await
        }
        Simulator::Kernel => {
            let world = on(Links::Theirs, sandbox);
            let mut network = KernelNetwork::new(plan, &world)?;
            let mut measured = carry(world, room, &mut network, progress).await;
            measured.did_not_honour(network.lateness());
            network.close()?;
            measured
        }
    })
}

async fn carry(
    mut world: World<'_>,
    room: u32,
    network: &mut impl Network,
    progress: &mut dyn FnMut(Time),
) -> Measured {
    let ended = drive(&mut world, network, progress).await;
    world.conclude(room, ended)
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
