//! Bytes: of messages, updates, stores and versions.
//!
//! A byte that says what it is, the body, and four bytes of checksum. Integers
//! are little-endian base-128, replica ids stand in a table at the start of a
//! batch. Each value is written in exactly one way.

mod read;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use deadzone_core::engine::EngineError;

use crate::seal;

use self::read::{Read, Reader};
use self::write::Writer;
use super::operation::{Change, Clock, OpId, Operation, Transaction};

/// What sealed bytes hold.
pub(super) enum Sealed {
    Clock(Clock),
    Batch(Vec<Transaction>),
}

const CLOCK: u8 = 1;
const BATCH: u8 = 2;

/// Reads what [`clock`] or [`batch`] wrote.
pub(super) fn open(bytes: &[u8]) -> Result<Sealed, EngineError> {
    let refused = |why: &str| EngineError::Refused(format!("{why} ({} bytes)", bytes.len()));
    read_body(seal::open(bytes)?).map_err(refused)
}

fn read_body(body: &[u8]) -> Read<Sealed> {
    let (kind, rest) = body.split_first().ok_or("empty")?;
    let mut reader = Reader { rest, table: Vec::new() };
    let sealed = match *kind {
        CLOCK => Sealed::Clock(reader.clock()?),
        BATCH => Sealed::Batch(reader.batch()?),
        _ => return Err("neither a clock nor a batch"),
    };
    if reader.rest.is_empty() { Ok(sealed) } else { Err("more bytes than expected") }
}

/// The bytes of a clock.
pub(super) fn clock(clock: &Clock) -> Vec<u8> {
    let mut writer = Writer { bytes: vec![CLOCK], table: BTreeMap::new() };
    writer.number(clock.len() as u64);
    for (replica, sequence) in clock {
        writer.bytes.extend(replica.to_le_bytes());
        writer.number(*sequence);
    }
    seal::seal(writer.bytes)
}

/// The bytes of some transactions.
pub(super) fn batch<'a>(transactions: impl Iterator<Item = &'a Transaction> + Clone) -> Vec<u8> {
    let mut named = BTreeSet::new();
    for transaction in transactions.clone() {
        named.insert(transaction.author());
        named.extend(transaction.after.keys());
        for operation in &transaction.operations {
            let ids = operation.named().into_iter().flatten().filter(|id| id.lamport > 0);
            named.extend(ids.map(|id| id.replica));
        }
    }
    let table = named.iter().enumerate().map(|(number, replica)| (*replica, number as u64));
    let mut writer = Writer { bytes: vec![BATCH], table: table.collect() };
    writer.number(named.len() as u64);
    for replica in &named {
        writer.bytes.extend(replica.to_le_bytes());
    }
    writer.number(transactions.clone().count() as u64);
    transactions.for_each(|transaction| writer.transaction(transaction));
    seal::seal(writer.bytes)
}

impl Operation {
    /// All ids in it.
    fn named(&self) -> [Option<OpId>; 4] {
        let [mut second, mut third, mut fourth] = [None; 3];
        match &self.change {
            Change::Type { place, .. } | Change::Insert { place, .. } => {
                second = Some(place.parent)
            }
            Change::Mark { from, until, .. } => (second, third) = (Some(*from), *until),
            Change::Set { element, .. } => second = Some(*element),
            Change::Move { element, place } => {
                (second, third) = (Some(*element), Some(place.parent))
            }
            Change::Remove { from, .. } => second = Some(*from),
            Change::Attach { node, parent, place } => {
                (second, third, fourth) = (Some(*node), Some(*parent), Some(place.parent));
            }
            Change::Detach { node } => second = Some(*node),
            Change::Put { .. } | Change::Add { .. } | Change::Create { .. } => {}
        }
        [Some(self.at), second, third, fourth]
    }
}
