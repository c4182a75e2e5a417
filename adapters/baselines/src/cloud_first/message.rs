//! What devices and the server say to each other and store.

use std::collections::BTreeMap;

use deadzone_core::edit::Edit;
use deadzone_core::engine::{EngineError, Seen};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::seal;

/// What a device asks for; numbered from 1 on each device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) number: u64,
    pub(super) edits: Vec<Edit>,
}

/// What the server did: a request, with its edits as they fitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) client: u64,
    pub(super) number: u64,
    pub(super) edits: Vec<Edit>,
}

/// From a device to the server.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ToServer {
    /// Who it is, and how much of the log it has.
    Hello { client: u64, position: u64 },
    /// What it asks for.
    Requests(Vec<Request>),
}

/// From the server to a device: the log from `position` on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct FromServer {
    pub(super) position: u64,
    pub(super) entries: Vec<Entry>,
}

pub(super) fn encode(value: &impl Serialize) -> Vec<u8> {
    seal::seal(serde_json::to_vec(value).expect("string keys and no floats: always JSON"))
}

pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, EngineError> {
    serde_json::from_slice(seal::open(bytes)?)
        .map_err(|error| EngineError::Refused(format!("not what was expected: {error}")))
}

/// How many requests of each device are in the log: the first so many.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Acknowledged(BTreeMap<u64, u64>);

impl Acknowledged {
    pub(super) fn of(&self, client: u64) -> u64 {
        self.0.get(&client).copied().unwrap_or(0)
    }

    pub(super) fn add(&mut self, entry: &Entry) -> Seen {
        self.0.insert(entry.client, entry.number);
        Seen { lane: entry.client, after: entry.number - 1, through: entry.number }
    }

    pub(super) fn everything(&self) -> impl Iterator<Item = Seen> {
        self.0.iter().map(|(&lane, &through)| Seen { lane, after: 0, through })
    }
}
