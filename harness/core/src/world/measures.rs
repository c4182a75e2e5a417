//! What a run measures while it goes on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::edit::{Action, Edit, Path, Position, Step};
use crate::engine::{Seen, Stamp};
use crate::measure::{EditNumber, Gaps, Histogram, Sightings, Timeline};
use crate::plan::NodeId;
use crate::time::{Span, Time};
use crate::units::Work;

/// Distributions of one group.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct GroupHistograms {
    pub(super) local_edit_latency: Histogram,
    pub(super) visibility_latency: Histogram,
    pub(super) cold_start: Histogram,
}

/// Running totals whose growth from heal to equal is a figure.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals {
    pub(super) bytes: u64,
    pub(super) work: Work,
    pub(super) energy_uj: u64,
}

/// What a run measures while it goes on.
#[derive(Debug)]
pub(super) struct Measures {
    pub(super) sightings: Sightings,
    pub(super) groups: Vec<GroupHistograms>,
    pub(super) convergence_time: Histogram,
    pub(super) message_size: Histogram,
    pub(super) behind: Timeline,
    pub(super) bytes: Timeline,
    pub(super) bytes_sent: u64,
    pub(super) dropped: u64,
    pub(super) duplicated: u64,
    pub(super) payload_bytes: u64,
    pub(super) overwritten: u64,
    pub(super) reconvergence: Reconvergence,
    last_writers: BTreeMap<String, Vec<EditNumber>>,
    last_news_at: Time,
}

/// A heal that is not made good yet.
#[derive(Clone, Debug)]
struct Healing {
    since: Time,
    gaps: Gaps,
    /// When the last of its gaps so far was filled.
    filled_at: Option<Time>,
}

/// From heal to equal.
#[derive(Clone, Debug, Default)]
pub(super) struct Reconvergence {
    /// Heals that are not made good yet.
    heals: Vec<Healing>,
    opened_at: Totals,
    deepest: u32,
    pub(super) total: Totals,
    pub(super) round_trips: u64,
}

impl Measures {
    pub(super) fn new(nodes: usize, groups: usize, total: Span) -> Self {
        Self {
            sightings: Sightings::new(nodes),
            groups: vec![GroupHistograms::default(); groups],
            convergence_time: Histogram::default(),
            message_size: Histogram::default(),
            behind: Timeline::new(total),
            bytes: Timeline::new(total),
            bytes_sent: 0,
            dropped: 0,
            duplicated: 0,
            payload_bytes: 0,
            overwritten: 0,
            reconvergence: Reconvergence::default(),
            last_writers: BTreeMap::new(),
            last_news_at: Time::ZERO,
        }
    }

    /// An edit was accepted.
    pub(super) fn made(
        &mut self,
        now: Time,
        node: NodeId,
        edits: &[Edit<Position>],
        made: Made,
        group: usize,
    ) {
        let Made { stamp, asked_at, held, latency } = made;
        let number = self.sightings.made(stamp, node, asked_at, held);
        if held {
            self.groups[group].local_edit_latency.record(latency.as_nanos());
        }
        for edit in edits {
            self.payload_bytes += edit.action.payload_bytes();
            if let Some(key) = register_of(edit) {
                self.overwrite(key, number, node);
            }
        }
        self.behind.set(now, self.sightings.behind() as u64);
    }

    /// Earlier writers whose write the new one's author had not seen lose, or
    /// he does: one of the two is replaced without having been read.
    fn overwrite(&mut self, register: String, edit: EditNumber, node: NodeId) {
        let writers = self.last_writers.entry(register).or_default();
        writers.retain(|&earlier| !self.sightings.has(earlier, node));
        self.overwritten += writers.len() as u64;
        writers.push(edit);
    }

    /// A replica reports what has arrived; `totals` are asked for only when a
    /// stretch from heal to equal ends.
    pub(super) fn saw(
        &mut self,
        now: Time,
        node: NodeId,
        seen: Seen,
        group_of: &dyn Fn(NodeId) -> usize,
        totals: &dyn Fn() -> Totals,
    ) {
        self.last_news_at = now;
        let groups = &mut self.groups;
        let heals = &mut self.reconvergence.heals;
        self.sightings.saw(node, seen, now, |sighting| {
            let after = sighting.after.as_nanos();
            if sighting.at_home {
                groups[group_of(node)].local_edit_latency.record(after);
            } else if sighting.origin != node {
                groups[group_of(node)].visibility_latency.record(after);
            }
            for heal in heals.iter_mut() {
                if heal.gaps.fill(sighting.edit, node) {
                    heal.filled_at = Some(now);
                }
            }
        });
        self.behind.set(now, self.sightings.behind() as u64);
        self.close_heals(now, totals);
    }

    /// Something was healed, or the last edit was made, and `among` can reach
    /// each other: until they hold what one of them holds now, costs are those
    /// of reconvergence.
    pub(super) fn heal(&mut self, now: Time, among: &[NodeId], totals: impl FnOnce() -> Totals) {
        let gaps = self.sightings.gaps_among(among);
        if gaps.are_closed() {
            return;
        }
        let reconvergence = &mut self.reconvergence;
        if reconvergence.heals.is_empty() {
            reconvergence.opened_at = totals();
            reconvergence.deepest = 0;
        }
        reconvergence.heals.push(Healing { since: now, gaps, filled_at: None });
    }

    /// Whether some heal is not made good yet.
    pub(super) fn awaits_convergence(&self) -> bool {
        !self.reconvergence.heals.is_empty()
    }

    /// A replica is cut off, and nobody waits for it until it is back.
    pub(super) fn cut_off(&mut self, now: Time, node: NodeId, totals: &dyn Fn() -> Totals) {
        for heal in &mut self.reconvergence.heals {
            heal.gaps.excuse(node, &self.sightings);
        }
        self.close_heals(now, totals);
    }

    /// The run is over and all are equal: where an engine did not say which
    /// arrival brought an edit, the last arrival that it did tell of counts.
    pub(super) fn close_all_heals(&mut self, totals: &dyn Fn() -> Totals) {
        let Some(last) = self.reconvergence.heals.iter().map(|heal| heal.filled_at).max() else {
            return;
        };
        for heal in &mut self.reconvergence.heals {
            heal.gaps.close();
            heal.filled_at = heal.filled_at.or(Some(self.last_news_at));
        }
        self.close_heals(last.unwrap_or(self.last_news_at), totals);
    }

    fn close_heals(&mut self, now: Time, totals: &dyn Fn() -> Totals) {
        let reconvergence = &mut self.reconvergence;
        if !reconvergence.heals.iter().any(|heal| heal.gaps.are_closed()) {
            return;
        }
        let times = &mut self.convergence_time;
        reconvergence.heals.retain(|heal| {
            if heal.gaps.are_closed() {
                times.record((heal.filled_at.unwrap_or(now) - heal.since).as_nanos());
            }
            !heal.gaps.are_closed()
        });
        if !reconvergence.heals.is_empty() {
            return;
        }
        let (before, after) = (reconvergence.opened_at, totals());
        let total = &mut reconvergence.total;
        total.bytes += after.bytes - before.bytes;
        total.work += Work(after.work.0 - before.work.0);
        total.energy_uj += after.energy_uj - before.energy_uj;
        reconvergence.round_trips += u64::from(reconvergence.deepest.div_ceil(2));
    }

    /// A message was sent.
    pub(super) fn sent(&mut self, now: Time, wire_bytes: u64, size_bytes: u64, depth: u32) {
        self.bytes_sent += wire_bytes;
        self.bytes.set(now, self.bytes_sent);
        self.message_size.record(size_bytes);
        self.reconvergence.deepest = self.reconvergence.deepest.max(depth);
    }
}

/// An accepted edit, as its node reports it.
#[derive(Clone, Copy)]
pub(super) struct Made {
    pub(super) stamp: Stamp,
    pub(super) asked_at: Time,
    pub(super) held: bool,
    pub(super) latency: Span,
}

/// The name of the register that an edit writes, where the same name means the
/// same place on every replica: keys all the way.
fn register_of(edit: &Edit<Position>) -> Option<String> {
    let Action::Put { key, .. } = &edit.action else { return None };
    let Path { root, steps } = &edit.at;
    let mut name = root.to_string();
    for step in steps {
        let Step::Key(key) = step else { return None };
        name.push('\0');
        name.push_str(key);
    }
    name.push('\0');
    name.push_str(key);
    Some(name)
}
