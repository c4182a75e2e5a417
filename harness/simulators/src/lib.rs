//! Other networks than our own that drive the same devices: madsim's, turmoil's, and a
//! real kernel's.
//!
//! A simulator is worth what it agrees with. Scenario, plan, devices, engine, sync
//! code and figures are those of [`deadzone_core::world`]; how messages travel is
//! found by somebody else's network, with sockets, streams and tasks of its own:
//!
//! - `limits`: what each of them cannot do, found before a run starts;
//! - `drive`: the loop between a world and a network;
//! - `network`, `traffic`, `envelope`: what a network is, what is under way on it,
//!   messages as bytes;
//! - `station`: what runs on each host: it listens, dials, writes and
//!   reads frames; `door`: the way to it from outside;
//! - `madsim_network`, `turmoil_network`, `kernel`: the three.

#![forbid(unsafe_code)]

mod door;
mod drive;
mod envelope;
mod kernel;
mod limits;
mod madsim_network;
mod network;
mod station;
mod traffic;
mod turmoil_network;

pub use drive::measure;
pub use kernel::KernelError;
pub use limits::{Refusal, limits};

use deadzone_core::record::REAL_NETWORK;
use serde::{Deserialize, Serialize};

/// What drives the devices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Simulator {
    /// Our own event queue and links.
    #[default]
    Event,
    /// madsim: its tasks in random order, its sockets; our links.
    Madsim,
    /// turmoil: its hosts, its TCP and its links.
    Turmoil,
    /// Linux: a network namespace for each node, `tc netem`, and the real clock. It
    /// is no simulator, and no two runs are the same.
    Kernel,
}

impl Simulator {
    /// Its name on the command line and in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Madsim => "madsim",
            Self::Turmoil => "turmoil",
            Self::Kernel => REAL_NETWORK,
        }
    }

    /// Whether the clock that engines see is the simulator's own, and nobody
    /// else's to move.
    pub fn has_clock(self) -> bool {
        self == Self::Madsim
    }

    /// Whether the same plan gives the same record again.
    pub fn repeats(self) -> bool {
        self != Self::Kernel
    }

    /// Whether it can be had on this machine.
    ///
    /// # Errors
    /// [`KernelError`] says what is missing.
    pub fn check(self) -> Result<(), KernelError> {
        if self == Self::Kernel { kernel::check() } else { Ok(()) }
    }
}
