//! Other simulators than our own that drive the same devices: madsim and turmoil.
//!
//! A simulator is worth what it agrees with. Scenario, plan, devices, engine, sync
//! code and figures are those of [`deadzone_core::world`]; how messages travel is
//! found by somebody else's network, with sockets, streams and tasks of its own:
//!
//! - `limits`: what each of the two cannot do, found before a run starts;
//! - `drive`: the loop between a world and a network;
//! - `network`, `traffic`, `envelope`: what a network is, what is under way on it,
//!   messages as bytes;
//! - `station`: what runs on each simulated host: it listens, dials, writes and
//!   reads frames; `door`: the way to it from outside;
//! - `madsim_network`, `turmoil_network`: the two.

#![forbid(unsafe_code)]

mod door;
mod drive;
mod envelope;
mod limits;
mod madsim_network;
mod network;
mod station;
mod traffic;
mod turmoil_network;

pub use drive::run;
pub use limits::{Refusal, limits};

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
}

impl Simulator {
    /// Its name on the command line and in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Madsim => "madsim",
            Self::Turmoil => "turmoil",
        }
    }

    /// Whether the clock that engines see is the simulator's own, and nobody
    /// else's to move.
    pub fn has_clock(self) -> bool {
        self == Self::Madsim
    }
}
