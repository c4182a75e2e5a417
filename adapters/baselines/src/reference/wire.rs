//! Bytes: of messages, updates, stores and versions.
//!
//! Everything is sealed: a byte that says what it is, the body, and four bytes
//! of checksum. Integers are little-endian base-128, replica ids stand in a
//! table at the start of a batch. Each value has exactly one encoding.

use std::collections::{BTreeMap, BTreeSet};

use deadzone_core::document::Scalar;
use deadzone_core::edit::{ContainerKind, Value};
use deadzone_core::engine::EngineError;

use super::operation::{Change, Clock, OpId, Operation, Place, Side, Transaction};

/// What sealed bytes hold.
pub(super) enum Sealed {
    Clock(Clock),
    Batch(Vec<Transaction>),
}

/// Timestamps and counts beyond this are refused, so that sums of them never
/// overflow.
const LARGEST: u64 = 1 << 53;

const CLOCK: u8 = 1;
const BATCH: u8 = 2;

/// The checksum, FNV-1a in its 64-bit form cut in half: it finds every change
/// of a single byte.
fn checksum(bytes: &[u8]) -> [u8; 4] {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    (hash as u32).to_le_bytes()
}

fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = checksum(&bytes);
    bytes.extend(sum);
    bytes
}

/// Reads what [`clock`] or [`batch`] wrote.
pub(super) fn open(bytes: &[u8]) -> Result<Sealed, EngineError> {
    let refused = |why: &str| EngineError::Refused(format!("{why} ({} bytes)", bytes.len()));
    let Some((body, sum)) = bytes.split_last_chunk::<4>() else {
        return Err(refused("too short for a checksum"));
    };
    if checksum(body) != *sum {
        return Err(refused("the checksum does not match"));
    }
    read_body(body).map_err(refused)
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
    seal(writer.bytes)
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
    seal(writer.bytes)
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

struct Writer {
    bytes: Vec<u8>,
    table: BTreeMap<u64, u64>,
}

impl Writer {
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    /// Small absolute values stay short.
    fn signed(&mut self, number: i64) {
        self.number(((number << 1) ^ (number >> 63)) as u64);
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes.extend(text.as_bytes());
    }

    fn id(&mut self, id: OpId) {
        self.number(id.lamport);
        self.number(if id.lamport == 0 { id.replica } else { self.table[&id.replica] });
    }

    fn place(&mut self, place: Place) {
        self.bytes.push(u8::from(place.side == Side::Right));
        self.id(place.parent);
    }

    fn scalar(&mut self, scalar: &Scalar) {
        match scalar {
            Scalar::Null => self.bytes.push(0),
            Scalar::Bool(truth) => self.bytes.push(1 + u8::from(*truth)),
            Scalar::Int(number) => {
                self.bytes.push(3);
                self.signed(*number);
            }
            Scalar::Text(text) => {
                self.bytes.push(4);
                self.text(text);
            }
        }
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Scalar(scalar) => self.scalar(scalar),
            Value::Object(fields) => {
                self.bytes.push(5);
                self.number(fields.len() as u64);
                for (key, scalar) in fields {
                    self.text(key);
                    self.scalar(scalar);
                }
            }
            Value::Container(kind) => self.bytes.push(6 + *kind as u8),
        }
    }

    fn transaction(&mut self, transaction: &Transaction) {
        self.number(self.table[&transaction.author()]);
        self.number(transaction.sequence);
        self.number(transaction.first.lamport);
        self.number(transaction.after.len() as u64);
        for (replica, sequence) in &transaction.after {
            self.number(self.table[replica]);
            self.number(*sequence);
        }
        self.number(transaction.operations.len() as u64);
        for Operation { at, change } in &transaction.operations {
            self.id(*at);
            self.change(change);
        }
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::Type { place, text } => {
                self.bytes.push(0);
                self.place(*place);
                self.text(text);
            }
            Change::Mark { from, until, name, value } => {
                self.bytes.push(if until.is_some() { 1 } else { 2 });
                self.id(*from);
                until.iter().for_each(|until| self.id(*until));
                self.text(name);
                self.scalar(value);
            }
            Change::Put { key, value } => {
                self.bytes.push(if value.is_some() { 3 } else { 4 });
                self.text(key);
                value.iter().for_each(|value| self.value(value));
            }
            Change::Insert { place, values } => {
                self.bytes.push(5);
                self.place(*place);
                self.number(values.len() as u64);
                values.iter().for_each(|value| self.value(value));
            }
            Change::Set { element, value } => {
                self.bytes.push(6);
                self.id(*element);
                self.value(value);
            }
            Change::Move { element, place } => {
                self.bytes.push(7);
                self.id(*element);
                self.place(*place);
            }
            Change::Remove { from, count } => {
                self.bytes.push(8);
                self.id(*from);
                self.number(*count);
            }
            Change::Add { by } => {
                self.bytes.push(9);
                self.signed(*by);
            }
            Change::Create { label } => {
                self.bytes.push(10);
                self.text(label);
            }
            Change::Attach { node, parent, place } => {
                self.bytes.push(11);
                self.id(*node);
                self.id(*parent);
                self.place(*place);
            }
            Change::Detach { node } => {
                self.bytes.push(12);
                self.id(*node);
            }
        }
    }
}

type Read<T> = Result<T, &'static str>;

struct Reader<'a> {
    rest: &'a [u8],
    table: Vec<u64>,
}

impl Reader<'_> {
    fn byte(&mut self) -> Read<u8> {
        let (first, rest) = self.rest.split_first().ok_or("cut off")?;
        self.rest = rest;
        Ok(*first)
    }

    fn raw_number(&mut self) -> Read<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err("an endless number")
    }

    fn number(&mut self) -> Read<u64> {
        Some(self.raw_number()?).filter(|number| *number <= LARGEST).ok_or("too large")
    }

    fn signed(&mut self) -> Read<i64> {
        let number = self.raw_number()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// A number of things that take up at least a byte each.
    fn count(&mut self) -> Read<usize> {
        let count = self.number()? as usize;
        if count <= self.rest.len() { Ok(count) } else { Err("cut off") }
    }

    fn many<T>(&mut self, mut one: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let count = self.count()?;
        (0..count).map(|_| one(self)).collect()
    }

    fn replica(&mut self) -> Read<u64> {
        let (bytes, rest) = self.rest.split_first_chunk::<8>().ok_or("cut off")?;
        self.rest = rest;
        Ok(u64::from_le_bytes(*bytes))
    }

    fn text(&mut self) -> Read<String> {
        let length = self.count()?;
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest;
        std::str::from_utf8(text).map(str::to_owned).map_err(|_| "not UTF-8")
    }

    fn known_replica(&mut self) -> Read<u64> {
        let number = self.number()?;
        self.table.get(number as usize).copied().ok_or("a replica that is not in the table")
    }

    fn id(&mut self) -> Read<OpId> {
        let lamport = self.number()?;
        let replica = if lamport == 0 { self.number()? } else { self.known_replica()? };
        Ok(OpId { lamport, replica })
    }

    fn place(&mut self) -> Read<Place> {
        let side = match self.byte()? {
            0 => Side::Left,
            1 => Side::Right,
            _ => return Err("neither left nor right"),
        };
        Ok(Place { side, parent: self.id()? })
    }

    fn scalar(&mut self) -> Read<Scalar> {
        match self.byte()? {
            0 => Ok(Scalar::Null),
            1 => Ok(Scalar::Bool(false)),
            2 => Ok(Scalar::Bool(true)),
            3 => Ok(Scalar::Int(self.signed()?)),
            4 => Ok(Scalar::Text(self.text()?)),
            _ => Err("a scalar was expected"),
        }
    }

    fn value(&mut self) -> Read<Value> {
        let Some(&tag) = self.rest.first() else { return Err("cut off") };
        if tag < 5 {
            return self.scalar().map(Value::Scalar);
        }
        Ok(match self.byte()? {
            5 => {
                let field = |reader: &mut Self| {
                    let key = reader.text()?;
                    Ok((key, reader.scalar()?))
                };
                Value::Object(self.many(field)?.into_iter().collect())
            }
            tag => {
                let kind =
                    ContainerKind::ALL.get(usize::from(tag - 6)).ok_or("an unknown value")?;
                Value::Container(*kind)
            }
        })
    }

    fn clock(&mut self) -> Read<Clock> {
        let entries = self.many(|reader| Ok((reader.replica()?, reader.number()?)))?;
        Ok(entries.into_iter().collect())
    }

    fn batch(&mut self) -> Read<Vec<Transaction>> {
        self.table = self.many(Self::replica)?;
        self.many(Self::transaction)
    }

    fn transaction(&mut self) -> Read<Transaction> {
        let replica = self.known_replica()?;
        let sequence = self.number()?;
        let first = OpId { lamport: self.number()?, replica };
        let after = self.many(|reader| Ok((reader.known_replica()?, reader.number()?)))?;
        let operations =
            self.many(|reader| Ok(Operation { at: reader.id()?, change: reader.change()? }))?;
        let after = after.into_iter().collect();
        let transaction = Transaction { sequence, first, after, operations };
        // Ids then grow along every reference, so that containers never nest
        // in themselves.
        let in_order = transaction
            .numbered()
            .all(|(id, operation)| operation.ids() > 0 && operation.at.lamport < id.lamport);
        let sound = sequence > 0 && first.lamport > 0 && !transaction.operations.is_empty();
        if sound && in_order { Ok(transaction) } else { Err("not a transaction") }
    }

    fn change(&mut self) -> Read<Change> {
        Ok(match self.byte()? {
            0 => Change::Type { place: self.place()?, text: self.text()? },
            tag @ (1 | 2) => {
                let from = self.id()?;
                let until = if tag == 1 { Some(self.id()?) } else { None };
                Change::Mark { from, until, name: self.text()?, value: self.scalar()? }
            }
            3 => Change::Put { key: self.text()?, value: Some(self.value()?) },
            4 => Change::Put { key: self.text()?, value: None },
            5 => Change::Insert { place: self.place()?, values: self.many(Self::value)? },
            6 => Change::Set { element: self.id()?, value: self.value()? },
            7 => Change::Move { element: self.id()?, place: self.place()? },
            8 => Change::Remove { from: self.id()?, count: self.number()? },
            9 => Change::Add { by: self.signed()? },
            10 => Change::Create { label: self.text()? },
            11 => Change::Attach { node: self.id()?, parent: self.id()?, place: self.place()? },
            12 => Change::Detach { node: self.id()? },
            _ => return Err("an unknown operation"),
        })
    }
}
