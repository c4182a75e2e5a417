//! The end of a replay: everything is brought to everyone, and all is judged.

use std::collections::BTreeMap;

use super::edit_set::EditSet;
use super::identity::{STRANGER, replica_id};
use super::stage::{Stage, Stop};
use crate::check::{self, Agreement, Oracle, Survival, agreement, difference};
use crate::document::Document;
use crate::engine::{Delivery, Replica};
use crate::plan::NodeId;
use crate::schedule::{Origin, ReplicaNumber};

impl Stage<'_> {
    pub(super) fn finish(&mut self) -> Result<(), Stop> {
        let survivors = self.survivors();
        let reached: EditSet = self.peers.values().flat_map(|peer| peer.reached.iter()).collect();
        for (number, made) in (0..).zip(&mut self.observed.made) {
            made.survived = match number {
                number if survivors.contains(number) => Survival::Sure,
                number if reached.contains(number) => Survival::Unsure,
                _ => Survival::Gone,
            };
        }
        self.bring_together()?;
        let numbers = self.numbers();
        for at in &numbers {
            let state = self.show(*at)?;
            self.observed.last.push(state);
        }
        self.check_nothing_waits(&numbers)?;
        self.check_convergence()?;
        self.check_conflicts(&numbers)?;
        check::all(&self.observed)?;
        if self.scrutiny.rebuilds { self.check_rebuilds(&numbers) } else { Ok(()) }
    }

    /// Edits that are not gone with a process that died.
    fn survivors(&self) -> EditSet {
        let mut survivors = self.held_by_any();
        // A courier keeps what it was given.
        survivors.extend(self.updates.values().map(|(edit, _)| *edit));
        survivors
    }

    fn bring_together(&mut self) -> Result<(), Stop> {
        let numbers = self.numbers();
        let Some((&hub, others)) = numbers.split_first() else { return Ok(()) };
        match self.schedule.delivery {
            Delivery::Broadcast => {
                for to in numbers {
                    self.deliver_the_rest(to)?;
                }
            }
            Delivery::Protocol if self.schedule.origin == Origin::World => {
                let ways = self.ways(&numbers);
                // As many as the longest way has connections.
                for _ in 0..numbers.len() {
                    for &(a, b) in &ways {
                        self.sync(a, b)?;
                    }
                }
            }
            Delivery::Protocol | Delivery::Shallow => {
                // What the last one brings to the hub goes out the second time.
                for _ in 0..2 {
                    for &other in others {
                        self.sync(hub, other)?;
                    }
                }
            }
            Delivery::Snapshot => {
                for &other in others {
                    self.merge(other, hub)?;
                }
                for &other in others {
                    self.merge(hub, other)?;
                }
            }
        }
        Ok(())
    }

    /// Connections that join all replicas: those that there were before, since what
    /// one of them has lost a new one elsewhere would bring; and where these leave
    /// anybody out, one to the first replica.
    fn ways(&self, numbers: &[ReplicaNumber]) -> Vec<(ReplicaNumber, ReplicaNumber)> {
        let mut group: BTreeMap<ReplicaNumber, ReplicaNumber> =
            numbers.iter().map(|number| (*number, *number)).collect();
        let mut ways: Vec<_> = self.met.iter().copied().collect();
        ways.retain(|(a, b)| group.contains_key(a) && group.contains_key(b));
        let met = ways.len();
        ways.extend(numbers.iter().map(|number| (numbers[0], *number)));
        let mut number = 0;
        ways.retain(|(a, b)| {
            let (one, other) = (group[a], group[b]);
            group.values_mut().filter(|of| **of == other).for_each(|of| *of = one);
            number += 1;
            number <= met || one != other
        });
        ways
    }

    fn deliver_the_rest(&mut self, to: ReplicaNumber) -> Result<(), Stop> {
        let rest: Vec<u32> = self
            .updates
            .iter()
            .filter(|(_, (edit, _))| !self.peers[&to].delivered.contains(*edit))
            .map(|(step, _)| *step)
            .collect();
        rest.into_iter().try_for_each(|step| self.apply(&[step], to))
    }

    fn check_nothing_waits(&mut self, numbers: &[ReplicaNumber]) -> Result<(), Stop> {
        for &at in numbers {
            let pending = self.call_on(at, |replica| replica.pending())?;
            if pending > 0 {
                let said = format!(
                    "{at} still waits for what {pending} of its updates build on, and everything \
                     was delivered"
                );
                return Err(self.violation(Oracle::Pending, "waits", said).at(at).into());
            }
        }
        Ok(())
    }

    fn check_convergence(&self) -> Result<(), Stop> {
        let last = |state: &usize| {
            let shown = &self.observed.shown[*state];
            (NodeId(u32::from(shown.replica.0)), shown.document.clone())
        };
        let first = self.observed.last.first().map(|state| &self.observed.shown[*state].document);
        if self.observed.last.iter().all(|s| Some(&self.observed.shown[*s].document) == first) {
            return Ok(());
        }
        let documents: Vec<_> = self.observed.last.iter().map(last).collect();
        match agreement(&documents) {
            Agreement::Equal(_) => Ok(()),
            Agreement::Different(said) => {
                let mut violation = self.violation(Oracle::Convergence, "documents", said);
                violation.replicas =
                    documents.iter().map(|(n, _)| ReplicaNumber(n.0 as u8)).collect();
                Err(violation.into())
            }
        }
    }

    /// Documents are equal; whether what lies under them is.
    fn check_conflicts(&mut self, numbers: &[ReplicaNumber]) -> Result<(), Stop> {
        let mut first = None;
        for &at in numbers {
            let conflicts = self.call_on(at, |replica| replica.conflicts())?;
            let (one, expected) = *first.get_or_insert((at, conflicts));
            if conflicts != expected {
                let said = format!(
                    "{one} and {at} show equal documents; under those lie {} and {} more values \
                     that were written concurrently",
                    in_words(expected),
                    in_words(conflicts)
                );
                let mut violation = self.violation(Oracle::Convergence, "conflicts", said);
                violation.replicas = vec![one, at];
                return Err(violation.into());
            }
        }
        Ok(())
    }

    fn check_rebuilds(&mut self, numbers: &[ReplicaNumber]) -> Result<(), Stop> {
        let Some(&first) = numbers.first() else { return Ok(()) };
        let shown = self.observed.last[0];
        let document = self.observed.shown[shown].document.clone();
        let conflicts = self.call_on(first, |replica| replica.conflicts())?;
        let expected = &Expected { document, conflicts };
        if self.schedule.delivery == Delivery::Broadcast {
            self.check_backwards(expected)?;
            self.check_twice(first, &expected.document)?;
        }
        self.check_snapshot(first, expected)?;
        for &at in numbers {
            for (version, recorded) in self.peer(at).versions.clone() {
                self.compare_checkout(at, &version, &recorded)?;
            }
        }
        Ok(())
    }

    /// A fresh replica that gets all updates, the last one first.
    fn check_backwards(&mut self, expected: &Expected) -> Result<(), Stop> {
        let mut fresh = self.stranger(None)?;
        let updates: Vec<_> =
            self.updates.values().flat_map(|(_, updates)| updates.iter().cloned()).collect();
        for update in updates.iter().rev() {
            let applied = self.call(STRANGER, || fresh.apply(update))?;
            applied.map_err(|error| self.refusal(STRANGER, "apply", error))?;
        }
        let waits = self.call(STRANGER, || fresh.pending())?;
        if waits > 0 {
            let said = format!(
                "a fresh replica that got all updates, the last one first, still waits for what \
                 {waits} of them build on"
            );
            return Err(self.violation(Oracle::Pending, "backwards", said).into());
        }
        let who = "a fresh replica that got all updates, the last one first,";
        self.compare_fresh(fresh, expected, "backwards", who)
    }

    /// All updates once more.
    fn check_twice(&mut self, at: ReplicaNumber, expected: &Document) -> Result<(), Stop> {
        let steps: Vec<u32> = self.updates.keys().copied().collect();
        for step in steps {
            self.apply(&[step], at)?;
        }
        self.peer(at).latest = None;
        let state = self.show(at)?;
        let is = &self.observed.shown[state].document;
        if is == expected {
            return Ok(());
        }
        let said = format!(
            "{at} shows another document after it got all updates a second time: {}",
            difference(expected, is)
        );
        Err(self.violation(Oracle::Idempotence, "twice", said).at(at).into())
    }

    fn check_snapshot(&mut self, at: ReplicaNumber, expected: &Expected) -> Result<(), Stop> {
        let saved = self.whole_save(at)?;
        let loaded = self.stranger(Some(&saved))?;
        self.compare_fresh(loaded, expected, "snapshot", "a replica loaded from a whole save")
    }

    fn stranger(&mut self, saved: Option<&Vec<u8>>) -> Result<Box<dyn Replica>, Stop> {
        let setup = self.setup(replica_id(self.schedule, STRANGER, 0));
        let engine = self.engine;
        let made = match saved {
            None => self.call(STRANGER, || engine.create(&setup))?,
            Some(saved) => self.load(STRANGER, &setup, &[saved])?,
        };
        made.map_err(|error| self.refusal(STRANGER, "load", error))
    }

    fn compare_fresh(
        &mut self,
        mut fresh: Box<dyn Replica>,
        expected: &Expected,
        about: &str,
        who: &str,
    ) -> Result<(), Stop> {
        let is = self.call(STRANGER, || fresh.read())?;
        if is != expected.document {
            let difference = difference(&expected.document, &is);
            let said = format!("{who} shows another document: {difference}");
            return Err(self.violation(Oracle::History, about, said).into());
        }
        let conflicts = self.call(STRANGER, || fresh.conflicts())?;
        if conflicts != expected.conflicts {
            let said = format!(
                "{who} shows the same document; under that lie {} more values that were written \
                 concurrently, and not {}",
                in_words(conflicts),
                in_words(expected.conflicts)
            );
            return Err(self.violation(Oracle::History, "conflicts", said).into());
        }
        Ok(())
    }
}

/// What a fresh replica should hold.
struct Expected {
    document: Document,
    /// See [`Replica::conflicts`].
    conflicts: Option<u64>,
}

fn in_words(conflicts: Option<u64>) -> String {
    conflicts.map_or_else(|| "nobody knows how many".to_owned(), |count| count.to_string())
}
