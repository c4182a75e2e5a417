//! Saves, loads, versions and forks.

use deadzone_core::document::Document;
use deadzone_core::engine::{EngineError, Save, Setup, Version};

use super::operation::{Commit, held};
use super::replica::{SmallReplica, Way};
use super::wire::{self, Message};
use crate::Flaw;

impl SmallReplica {
    pub(super) fn store(&mut self, how: Save) -> Vec<u8> {
        let start = match how {
            Save::Whole => 0,
            Save::Incremental => self.saved,
        };
        let mut news = &self.history[start..];
        if self.flaw == Flaw::SavesTooLittle
            && how == Save::Incremental
            && let Some((last, rest)) = news.split_last()
            && last.author() != self.id
        {
            // What has just arrived is not written.
            news = rest;
        }
        self.saved = self.history.len();
        let commits: Vec<Commit> = news.iter().chain(self.waiting.values()).cloned().collect();
        if commits.is_empty() && how == Save::Incremental {
            return Vec::new();
        }
        wire::write(&Message::Batch(commits))
    }

    pub(super) fn load(setup: &Setup, flaw: Flaw, stored: &[Vec<u8>]) -> Result<Self, EngineError> {
        let mut replica = Self::new(setup, flaw);
        let mut parts: Vec<&Vec<u8>> = stored.iter().filter(|part| !part.is_empty()).collect();
        let backwards = flaw == Flaw::ReplaysBackwards && parts.len() > 2;
        if backwards {
            parts[1..].reverse();
        }
        for part in parts {
            replica.integrate(wire::batch(part)?, Way::Save);
            if backwards {
                replica.waiting.clear();
            }
        }
        if flaw == Flaw::RefusesWhatWaits && !replica.waiting.is_empty() {
            return Err(EngineError::Refused("commits that nothing leads to".to_owned()));
        }
        if flaw == Flaw::ForgetsTombstones {
            replica.state.forget_tombstones();
        }
        if flaw == Flaw::ForgetsLosers {
            replica.forgotten = replica.history.len();
        }
        replica.start_anew();
        Ok(replica)
    }

    /// What is there by now is stored, and is nobody's news.
    fn start_anew(&mut self) {
        (self.saved, self.updated) = (self.history.len(), self.history.len());
        (self.reported, self.report_own) = (0, true);
    }

    pub(super) fn look_back(&mut self, version: &Version) -> Result<Document, EngineError> {
        let Message::Clock(clock) = wire::read(&version.0)? else {
            return Err(EngineError::Refused("commits, not a version".to_owned()));
        };
        if clock.iter().any(|(replica, count)| held(&self.clock, *replica) < *count) {
            return Err(EngineError::Refused("a version of another document".to_owned()));
        }
        let within = |commit: &&Commit| commit.number <= held(&clock, commit.author());
        let time = self.history.iter().filter(within).map(Commit::last_time).max().unwrap_or(0);
        let then = self.history.iter().filter(|commit| match self.flaw {
            // Goes by time, which what is concurrent has as well.
            Flaw::ChecksOutByTime => commit.last_time() <= time,
            _ => within(commit),
        });
        let state = self.state_of(then);
        let document = state.document();
        let last = self.history.last().is_some_and(|last| last.author() != self.id);
        if self.flaw == Flaw::StaysInThePast && last {
            self.state = state;
        }
        Ok(document)
    }

    pub(super) fn split(&mut self, setup: &Setup) -> Self {
        let mut fork = Self { id: setup.id.as_u64(), ..self.clone() };
        let own_last = self.history.last().is_some_and(|last| last.author() == self.id);
        if self.flaw == Flaw::ForksShareTheirId && own_last {
            fork.id = self.id;
        }
        fork.sessions.clear();
        fork.remembered.clear();
        fork.undoable = None;
        fork.start_anew();
        fork.saved = 0;
        fork
    }
}
