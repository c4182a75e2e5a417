//! Maps: the last writer of a key wins.

use std::collections::BTreeMap;

use deadzone_core::edit::{Action, Value};

use super::operation::{Change, Context, Id};
use super::state::WRONG_KIND;
use crate::Flaw;

/// What stands under each key, and what once did.
#[derive(Clone, Debug)]
pub(super) struct Map {
    flaw: Flaw,
    entries: BTreeMap<String, Register>,
}

#[derive(Clone, Debug)]
struct Register {
    by: Id,
    value: Option<Value>,
    /// What a deletion left behind: who wrote and who deleted it.
    deleted: Option<(Id, Value)>,
}

pub(super) fn is_same_plain_value(old: &Value, new: &Value) -> bool {
    !matches!(new, Value::Container(_)) && old == new
}

impl Map {
    pub(super) fn new(flaw: Flaw) -> Self {
        Self { flaw, entries: BTreeMap::new() }
    }

    /// The keys with their values and what wrote those.
    pub(super) fn present(&self) -> impl Iterator<Item = (&String, Id, &Value)> {
        self.entries.iter().filter_map(|(key, at)| Some((key, at.by, at.value.as_ref()?)))
    }

    pub(super) fn get(&self, key: &str) -> Option<(Id, &Value)> {
        let register = self.entries.get(key)?;
        Some((register.by, register.value.as_ref()?))
    }

    pub(super) fn prepare(&self, action: &Action) -> Result<Vec<Change>, &'static str> {
        let change = match action {
            Action::Put { key, value } => {
                let same = self.get(key).is_some_and(|(_, old)| is_same_plain_value(old, value));
                let value = Some(value.clone());
                (!same).then(|| Change::Put { key: key.clone(), value })
            }
            Action::Delete { key } => {
                let there = self.get(key).is_some();
                there.then(|| Change::Put { key: key.clone(), value: None })
            }
            _ => return Err(WRONG_KIND),
        };
        Ok(change.into_iter().collect())
    }

    pub(super) fn apply(&mut self, id: Id, change: &Change, context: Context) {
        let Change::Put { key, value } = change else { return };
        let Some(register) = self.entries.get_mut(key) else {
            let register = Register { by: id, value: value.clone(), deleted: None };
            self.entries.insert(key.clone(), register);
            return;
        };
        let wins = match self.flaw {
            // Of equal timestamps, each replica takes the one that came last.
            Flaw::WritesByArrival => id.time >= register.by.time,
            _ => id > register.by,
        };
        if !wins {
            return;
        }
        if self.flaw == Flaw::Resurrects {
            register.keep_deleted(id, value, context);
        }
        let left = register.deleted.take_if(|(by, _)| value.is_none() && *by != id);
        register.by = id;
        register.value = value.clone().or(left.map(|(_, value)| value));
    }
}

impl Register {
    /// What was deleted here and put anew elsewhere is kept as the other side
    /// of a conflict.
    fn keep_deleted(&mut self, id: Id, value: &Option<Value>, context: Context) {
        if value.is_none() && context.local {
            self.deleted = self.value.take().map(|old| (id, old));
        }
    }
}
