//! From bytes, which may hold anything, to transactions.

use deadzone_core::document::Scalar;
use deadzone_core::edit::{ContainerKind, Value};

use crate::reference::operation::{Change, Clock, OpId, Operation, Place, Side, Transaction};

/// Timestamps and counts beyond this are refused, so that sums of them never
/// overflow.
const LARGEST: u64 = 1 << 53;

/// What was read, or why it cannot be.
pub(super) type Read<T> = Result<T, &'static str>;

/// Bytes ahead, and the replicas that numbers stand for.
pub(super) struct Reader<'a> {
    pub(super) rest: &'a [u8],
    pub(super) table: Vec<u64>,
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

    pub(super) fn clock(&mut self) -> Read<Clock> {
        let entries = self.many(|reader| Ok((reader.replica()?, reader.number()?)))?;
        Ok(entries.into_iter().collect())
    }

    pub(super) fn batch(&mut self) -> Read<Vec<Transaction>> {
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
