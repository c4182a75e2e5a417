//! From transactions to bytes.

use std::collections::BTreeMap;

use deadzone_core::document::Scalar;
use deadzone_core::edit::Value;

use crate::reference::operation::{Change, OpId, Operation, Place, Side, Transaction};

/// Bytes so far, and what number stands for a replica.
pub(super) struct Writer {
    pub(super) bytes: Vec<u8>,
    pub(super) table: BTreeMap<u64, u64>,
}

impl Writer {
    pub(super) fn number(&mut self, mut number: u64) {
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

    pub(super) fn transaction(&mut self, transaction: &Transaction) {
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
