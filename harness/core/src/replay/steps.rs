//! What each kind of step does.

use std::rc::Rc;

use super::identity::replica_id;
use super::peer::Peer;
use super::stage::{Stage, Stop};
use super::story::Happened;
use crate::check::{MadeBy, Oracle, difference};
use crate::edit::{Edit, Position};
use crate::engine::{Delivery, Edited, EngineError, Save, Update};
use crate::plan::resolve;
use crate::schedule::{Joining, Origin, ReplicaNumber, ScheduleAction, ScheduleStep};

/// Why an undo or a redo is skipped.
pub(super) const NOTHING_TO_TAKE_BACK: &str = "there is nothing to take back";

const NO_REPLICA: &str = "a replica that it names is not there";

impl Stage<'_> {
    pub(super) fn play_step(&mut self, step: &ScheduleStep) -> Result<(), Stop> {
        let joins = matches!(step.what, ScheduleAction::Join { .. });
        let there = |at: &ReplicaNumber| self.peers.contains_key(at);
        if !joins && !step.what.replicas().iter().all(there) {
            self.skip(NO_REPLICA);
            return Ok(());
        }
        match &step.what {
            ScheduleAction::Edit { at, edits } => self.edit(*at, edits),
            ScheduleAction::Undo { at } => self.take_back(*at, MadeBy::Undo),
            ScheduleAction::Redo { at } => self.take_back(*at, MadeBy::Redo),
            ScheduleAction::Deliver { updates, to } => self.deliver(updates, *to),
            ScheduleAction::Connect { a, b } => self.connect(*a, *b),
            ScheduleAction::Disconnect { a, b } => self.disconnect(*a, *b),
            ScheduleAction::Send { from, to } => self.send(*from, *to).map(drop),
            ScheduleAction::Receive { from, to } => self.receive(*from, *to),
            ScheduleAction::Sync { a, b } => self.sync(*a, *b),
            ScheduleAction::Merge { from, to } => self.merge(*from, *to),
            ScheduleAction::Join { from, to, how } => self.join(*from, *to, *how),
            ScheduleAction::Save { at, whole } => self.save(*at, *whole),
            ScheduleAction::Restart { at } => self.restart(*at),
            ScheduleAction::Checkout { at, back } => self.check_out(*at, *back),
            ScheduleAction::Read { at } => self.show(*at).map(drop),
        }
    }

    fn edit(&mut self, at: ReplicaNumber, edits: &[Edit<Position>]) -> Result<(), Stop> {
        let before = self.look(at)?;
        let splits = self.splits;
        let resolved = self.survey(at, |layout, cursor| resolve(layout, cursor, edits, splits))?;
        let Some(resolved) = resolved else {
            self.skip("its path or position is gone");
            return Ok(());
        };
        self.attempt(|| Happened::Edited {
            replica: at,
            edits: resolved.clone(),
            changed: true,
            updates: Vec::new(),
        });
        let edited = self.call_on(at, |replica| replica.edit(&resolved))?;
        let stamp = match edited {
            Ok(Edited::Applied(stamp)) => stamp,
            Ok(Edited::Unchanged) => {
                self.tell(|| Happened::Edited {
                    replica: at,
                    edits: resolved,
                    changed: false,
                    updates: Vec::new(),
                });
                return Ok(());
            }
            Ok(Edited::Submitted(_)) => {
                return Err(Stop::Unsupported("edits without an authority".to_owned()));
            }
            // Lengths do not tell everything: a label may be taken.
            Err(EngineError::Misplaced(_) | EngineError::NotSupported(_)) => {
                self.skip("the engine has no such place or kind of container");
                return Ok(());
            }
            Err(error) => return Err(self.refusal(at, "edit", error)),
        };
        let edit = self.made(at, MadeBy::Edit, resolved, before, stamp);
        self.publish(at, edit)?;
        self.tell_made(edit, |edits, updates| Happened::Edited {
            replica: at,
            edits,
            changed: true,
            updates,
        });
        self.record_after(at, edit)
    }

    fn take_back(&mut self, at: ReplicaNumber, by: MadeBy) -> Result<(), Stop> {
        let before = self.look(at)?;
        let done = move |updates| match by {
            MadeBy::Redo => Happened::Redone { replica: at, updates },
            _ => Happened::Undone { replica: at, updates },
        };
        self.attempt(|| done(Vec::new()));
        let edited = self.call_on(at, |replica| match by {
            MadeBy::Redo => replica.redo(),
            _ => replica.undo(),
        })?;
        let stamp = match edited {
            Ok(Edited::Applied(stamp) | Edited::Submitted(stamp)) => stamp,
            Ok(Edited::Unchanged) | Err(EngineError::NotSupported(_)) => {
                self.skip(NOTHING_TO_TAKE_BACK);
                return Ok(());
            }
            Err(error) => return Err(self.refusal(at, "undo", error)),
        };
        let edit = self.made(at, by, Vec::new(), before, stamp);
        self.publish(at, edit)?;
        self.tell_made(edit, |_, updates| done(updates));
        self.record_after(at, edit)
    }

    /// Under broadcast, keeps what a transaction has for others.
    fn publish(&mut self, at: ReplicaNumber, edit: u32) -> Result<(), Stop> {
        if self.schedule.delivery == Delivery::Broadcast {
            let updates = self.call_on(at, |replica| replica.take_updates())?;
            let step = self.step.expect("edits are made in steps");
            self.updates.insert(step, (edit, updates.into()));
        }
        Ok(())
    }

    fn record_after(&mut self, at: ReplicaNumber, edit: u32) -> Result<(), Stop> {
        self.observed.made[edit as usize].after = self.look(at)?;
        if !self.records_versions {
            return Ok(());
        }
        let state = self.show(at)?;
        let version = self.call_on(at, |replica| replica.version())?;
        if let Ok(version) = version {
            let document = self.observed.shown[state].document.clone();
            self.peer(at).versions.push((version, document));
        }
        Ok(())
    }

    fn deliver(&mut self, of: &[u32], to: ReplicaNumber) -> Result<(), Stop> {
        let known: Vec<u32> =
            of.iter().copied().filter(|step| self.updates.contains_key(step)).collect();
        if known.is_empty() {
            self.skip("its updates were never made");
            return Ok(());
        }
        self.look(to)?;
        self.apply(&known, to)?;
        self.look(to).map(drop)
    }

    /// Applies the updates of these steps, all in one call.
    pub(super) fn apply(&mut self, of: &[u32], to: ReplicaNumber) -> Result<(), Stop> {
        let edits: Vec<u32> = of.iter().map(|step| self.updates[step].0).collect();
        let updates: Rc<[Update]> = match of {
            [step] => self.updates[step].1.clone(),
            of => of.iter().flat_map(|step| self.updates[step].1.iter().cloned()).collect(),
        };
        let happened =
            || Happened::Applied { replica: to, of: of.to_vec(), updates: updates.to_vec() };
        self.attempt(happened);
        self.hold_cursor(to)?;
        let applied = self.call_on(to, |replica| match &*updates {
            [update] => replica.apply(update),
            updates => replica.apply_all(updates),
        })?;
        applied.map_err(|error| self.refusal(to, "apply", error))?;
        let peer = self.peer(to);
        peer.delivered.extend(edits.iter().copied());
        peer.reached.extend(edits);
        self.tell(happened);
        self.note_arrivals(to)
    }

    /// Brings a whole save of one replica into another.
    pub(super) fn merge(&mut self, from: ReplicaNumber, to: ReplicaNumber) -> Result<(), Stop> {
        if from == to {
            self.skip("a replica does not merge with itself");
            return Ok(());
        }
        self.look(to)?;
        let saved = self.whole_save(from)?;
        self.attempt(|| Happened::Merged { from, to, saved: saved.clone() });
        self.hold_cursor(to)?;
        let merged = self.call_on(to, |replica| replica.merge(&saved))?;
        merged.map_err(|error| self.refusal(to, "merge", error))?;
        let delivered = self.peer(from).delivered.clone();
        self.peer(to).delivered.add(&delivered);
        self.reach(from, to);
        self.tell(|| Happened::Merged { from, to, saved });
        self.note_arrivals(to)?;
        self.look(to).map(drop)
    }

    /// A whole save, which also goes to the storage: what is incremental later
    /// builds on it.
    pub(super) fn whole_save(&mut self, at: ReplicaNumber) -> Result<Vec<u8>, Stop> {
        self.attempt(|| Happened::Saved { replica: at, whole: true, saved: Vec::new() });
        let saved = self.call_on(at, |replica| replica.save(Save::Whole))?;
        self.drop_attempt();
        let document = self.look(at)?.map(|state| self.observed.shown[state].document.clone());
        self.peer(at).store(vec![saved.clone()], document);
        Ok(saved)
    }

    fn join(&mut self, from: ReplicaNumber, to: ReplicaNumber, how: Joining) -> Result<(), Stop> {
        if !self.peers.contains_key(&from) || self.peers.contains_key(&to) {
            self.skip(NO_REPLICA);
            return Ok(());
        }
        let id = replica_id(self.schedule, to, 0);
        let setup = self.setup(id);
        self.look(from)?;
        let joined =
            |saved: Option<&Vec<u8>>| Happened::Joined { from, to, how, id, saved: saved.cloned() };
        self.attempt(|| joined(None));
        let (replica, saved) = match how {
            Joining::Fork => (self.call_on(from, |replica| replica.fork(&setup))?, None),
            Joining::Load => {
                let saved = self.whole_save(from)?;
                self.attempt(|| joined(Some(&saved)));
                (self.load(to, &setup, &[&saved])?, Some(saved))
            }
            Joining::Shallow => {
                if !self.all_hold_the_same() {
                    self.skip("not all replicas hold the same edits");
                    return Ok(());
                }
                let saved = self.call_on(from, |replica| replica.save_shallow())?;
                let saved = saved.map_err(|error| self.refusal(from, "shallow save", error))?;
                (self.load(to, &setup, &[&saved])?, Some(saved))
            }
        };
        let replica = replica.map_err(|error| self.refusal(to, "join", error))?;
        let mut peer = Peer::new(replica, 0);
        peer.delivered = self.peer(from).delivered.clone();
        peer.reached = self.peer(from).reached.clone();
        self.peers.insert(to, peer);
        self.tell(|| Happened::Joined { from, to, how, id, saved });
        self.track_undo(to)?;
        self.note_arrivals(to)?;
        // A snapshot without history cannot say whose edits it holds.
        let held = self.peer(from).held.clone();
        self.peer(to).held.add(&held);
        self.look(to).map(drop)
    }

    fn all_hold_the_same(&self) -> bool {
        let mut peers = self.peers.values();
        let Some(first) = peers.next() else { return true };
        peers.all(|peer| peer.held == first.held)
    }

    pub(super) fn load(
        &mut self,
        at: ReplicaNumber,
        setup: &crate::engine::Setup,
        stored: &[&Vec<u8>],
    ) -> Result<Result<Box<dyn crate::engine::Replica>, EngineError>, Stop> {
        let engine = self.engine;
        let stored: Vec<Vec<u8>> = stored.iter().map(|part| (*part).clone()).collect();
        self.call(at, || engine.load(setup, &stored))
    }

    fn save(&mut self, at: ReplicaNumber, whole: bool) -> Result<(), Stop> {
        self.look(at)?;
        let whole = whole || self.peer(at).stored.parts.is_empty();
        let saved = if whole {
            self.whole_save(at)?
        } else {
            self.attempt(|| Happened::Saved { replica: at, whole: false, saved: Vec::new() });
            let saved = self.call_on(at, |replica| replica.save(Save::Incremental))?;
            self.drop_attempt();
            let document = self.look(at)?.map(|state| self.observed.shown[state].document.clone());
            let peer = self.peer(at);
            let mut parts = std::mem::take(&mut peer.stored.parts);
            parts.push(saved.clone());
            peer.store(parts, document);
            saved
        };
        self.tell(|| Happened::Saved { replica: at, whole, saved });
        Ok(())
    }

    fn restart(&mut self, at: ReplicaNumber) -> Result<(), Stop> {
        self.hang_up_all(at)?;
        let peer = self.peers.remove(&at).expect("the caller has looked");
        let Peer { replica, life, unsaved, stored, .. } = peer;
        // Who numbers new edits like lost ones breaks every engine's contract.
        let in_world = self.schedule.origin == Origin::World;
        let lost = unsaved || stored.parts.is_empty();
        let life = life + u32::from(lost || in_world);
        let id = replica_id(self.schedule, at, life);
        self.call(at, || drop(replica))?;
        let setup = self.setup(id);
        self.attempt(|| Happened::Restarted { replica: at, id, stored: stored.parts.clone() });
        let loaded = if stored.parts.is_empty() {
            let engine = self.engine;
            self.call(at, || engine.create(&setup))?
        } else {
            let parts: Vec<&Vec<u8>> = stored.parts.iter().collect();
            self.load(at, &setup, &parts)?
        };
        let replica = loaded.map_err(|error| self.refusal(at, "load", error))?;
        let parts = stored.parts.clone();
        let mut peer = Peer::new(replica, life);
        peer.delivered = stored.delivered.clone();
        peer.reached = stored.reached.clone();
        let (held, document) = (stored.held.clone(), stored.document.clone());
        peer.stored = stored;
        self.peers.insert(at, peer);
        self.tell(|| Happened::Restarted { replica: at, id, stored: parts });
        self.track_undo(at)?;
        self.note_arrivals(at)?;
        // What only waited for other updates need not be in a save: it is
        // brought again at the end.
        let Peer { delivered, held: loaded, .. } = self.peer(at);
        delivered.keep(loaded);
        let state = self.look(at)?;
        if let (Some(stored), Some(state)) = (document, state)
            && stored != self.observed.shown[state].document
        {
            let said = format!(
                "{at} was stored and came back with another document: {}",
                difference(&stored, &self.observed.shown[state].document)
            );
            return Err(self.violation(Oracle::Durability, "document", said).at(at).into());
        }
        let mut lost = held.without(&self.peer(at).held);
        if let Some(first) = lost.next() {
            let count = 1 + lost.count();
            let step = self.observed.made[first as usize].step;
            let said = format!(
                "{at} was stored and came back without {count} of the edits that it had, the first \
                 one that of step {step}",
            );
            return Err(self.violation(Oracle::Durability, "edits", said).at(at).into());
        }
        Ok(())
    }

    fn check_out(&mut self, at: ReplicaNumber, back: u32) -> Result<(), Stop> {
        let now = self.look(at)?;
        let peer = self.peer(at);
        let number = peer.versions.len().checked_sub(1 + back as usize);
        let Some((version, recorded)) = number.map(|number| peer.versions[number].clone()) else {
            self.skip("no such version was recorded");
            return Ok(());
        };
        self.compare_checkout(at, &version, &recorded)?;
        self.peer(at).latest = None;
        let then = self.look(at)?;
        if let (Some(now), Some(then)) = (now, then)
            && self.observed.shown[now].document != self.observed.shown[then].document
        {
            let said = format!("{at} shows another document after it looked at an earlier version");
            return Err(self.violation(Oracle::History, "checkout", said).at(at).into());
        }
        Ok(())
    }

    pub(super) fn compare_checkout(
        &mut self,
        at: ReplicaNumber,
        version: &crate::engine::Version,
        recorded: &crate::document::Document,
    ) -> Result<(), Stop> {
        self.attempt(|| Happened::CheckedOut { replica: at, document: recorded.clone() });
        let looked = self.call_on(at, |replica| replica.checkout(version))?;
        let document = match looked {
            Ok(document) => document,
            Err(EngineError::NotSupported(_)) => {
                self.drop_attempt();
                return Ok(());
            }
            Err(error) => return Err(self.refusal(at, "checkout", error)),
        };
        self.tell(|| Happened::CheckedOut { replica: at, document: document.clone() });
        if document == *recorded {
            return Ok(());
        }
        let said = format!(
            "{at} shows another document for an earlier version than it had then: {}",
            difference(recorded, &document)
        );
        Err(self.violation(Oracle::History, "checkout", said).at(at).into())
    }
}
