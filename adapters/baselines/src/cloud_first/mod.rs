//! `cloud-first`: the architecture that local-first replaces.
//!
//! A person's edit becomes a request; the server does the requests in the order
//! in which they come, on the one document that counts, and tells everyone. A
//! device shows the part of the server's log that it has heard of: its own edit
//! is there once it comes back. Without the server nothing happens, but
//! requests wait and are sent again until the log holds them.
//!
//! Requests and log entries travel as JSON, as such applications do it, with
//! four bytes for the checks of the transport.
//!
//! Simplified: positions are not transformed. Where an edit does not fit any
//! more, since the document changed meanwhile, its positions are clamped, and
//! where its place is gone it does nothing; it is acknowledged all the same.
//! The server keeps its whole log and sends the part that a device lacks, where
//! a real one would send a new device the document instead. A device that lost
//! requests which the server has must come back under a new id, or it would
//! number new ones like the lost.

mod client;
mod fit;
mod message;
mod server;

use deadzone_core::edit::ContainerKind;
use deadzone_core::engine::{
    Authority, Delivery, Engine, EngineError, EngineInfo, Replica, Role, Setup, Support,
};

use self::client::Client;
use self::server::Server;

/// A document on a server, and devices that show it.
#[derive(Clone, Copy, Debug, Default)]
pub struct CloudFirst;

impl Engine for CloudFirst {
    fn info(&self) -> EngineInfo {
        EngineInfo {
            name: "cloud-first",
            version: env!("CARGO_PKG_VERSION"),
            summary: "one document on a server; every edit is a round trip",
            authority: Authority::Server,
            containers: ContainerKind::ALL.map(|kind| (kind, Support::Native)).into(),
            marks: Support::Native,
            deliveries: vec![Delivery::Protocol],
            undo: false,
        }
    }

    fn create(&self, setup: &Setup) -> Result<Box<dyn Replica>, EngineError> {
        Ok(match setup.role {
            Role::Client => Box::new(Client::new(setup)),
            Role::Server => Box::new(Server::new(setup)),
        })
    }

    fn load(&self, setup: &Setup, stored: &[Vec<u8>]) -> Result<Box<dyn Replica>, EngineError> {
        Ok(match setup.role {
            Role::Client => Box::new(Client::load(setup, stored)?),
            Role::Server => Box::new(Server::load(setup, stored)?),
        })
    }
}
