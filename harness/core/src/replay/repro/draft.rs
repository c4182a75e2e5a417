//! What is written so far, and what it is written from.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::{Claim, Code, Kinds, Names, Parts, replica_name};
use crate::document::Document;
use crate::edit::{Action, Edit};
use crate::replay::{Happened, Story};
use crate::schedule::ReplicaNumber;

/// The series of saves.
const SAVED: &str = "saved";

/// What is written so far, and what it is written from.
#[derive(Debug)]
pub struct Draft {
    /// What is told.
    pub story: Rc<Story>,
    /// What is asserted at its end.
    pub claim: Claim,
    /// The variables of roots.
    pub names: Names,
    /// Of which kind the containers are.
    pub kinds: Kinds,
    /// What is written so far.
    pub parts: Parts,
    /// The variables that are used; all of them if that is not known.
    used: Option<BTreeSet<String>>,
    /// Versions that can be looked at again: the number of the edit.
    versions: BTreeMap<ReplicaNumber, Vec<u32>>,
    /// What was shown when a replica was last stored, if it is compared.
    shown_when_stored: Option<String>,
    /// How many there are of each kind of numbered variable.
    numbers: BTreeMap<&'static str, u32>,
}

impl Draft {
    /// An empty one. The variables that are used are known the second time.
    pub(super) fn new(story: Rc<Story>, claim: Claim, used: Option<BTreeSet<String>>) -> Self {
        Self {
            names: Names::of(&story.roots),
            kinds: Kinds::of(&story),
            story,
            claim,
            parts: Parts::default(),
            used,
            versions: BTreeMap::new(),
            shown_when_stored: None,
            numbers: BTreeMap::new(),
        }
    }

    /// The test so far.
    pub fn code(&mut self) -> &mut Code {
        &mut self.parts.body
    }

    /// Whether a variable is used; makes it known.
    pub fn wants(&mut self, variable: &str) -> bool {
        self.parts.variables.insert(variable.to_owned());
        self.used.as_ref().is_none_or(|used| used.contains(variable))
    }

    /// Whether the test names this so far.
    pub fn uses(&self, name: &str) -> bool {
        self.parts.body.mentions(name) > 0
    }

    /// The next number of this series, from 0 on.
    pub fn number(&mut self, series: &'static str) -> u32 {
        let next = self.numbers.entry(series).or_default();
        *next += 1;
        *next - 1
    }

    /// A variable for what is saved.
    pub fn next_save(&mut self) -> String {
        format!("{SAVED}_{}", self.number(SAVED))
    }

    /// Whether any text is marked.
    pub fn has_marks(&self) -> bool {
        self.edits().any(is_mark)
    }

    /// Whether a text inside another container is marked.
    pub fn has_nested_marks(&self) -> bool {
        self.edits().any(|edit| is_mark(edit) && !edit.at.steps.is_empty())
    }

    fn edits(&self) -> impl Iterator<Item = &Edit> {
        self.story.events.iter().flat_map(|event| match &event.what {
            Happened::Edited { edits, .. } => edits.as_slice(),
            _ => &[],
        })
    }

    /// How the variable is bound that takes back what is done at a replica from the
    /// event with this index on; none where nothing is ever taken back.
    pub fn undo_binding(&self, index: usize, at: ReplicaNumber) -> Option<String> {
        let takes_back = |what: &Happened| match what {
            Happened::Undone { replica, .. } | Happened::Redone { replica, .. } => Some(*replica),
            _ => None,
        };
        if !self.story.events.iter().any(|event| takes_back(&event.what).is_some()) {
            return None;
        }
        let dies =
            |what: &Happened| matches!(what, Happened::Restarted { replica, .. } if *replica == at);
        let mut life = self.story.events[index + 1..].iter().take_while(|event| !dies(&event.what));
        let mutable = life.any(|event| takes_back(&event.what) == Some(at));
        let name = replica_name(at);
        Some(if mutable { format!("mut {name}_undo") } else { format!("_{name}_undo") })
    }

    /// Says that a connection broke, and whether anything was lost with it.
    pub fn connection_breaks(&mut self, a: ReplicaNumber, b: ReplicaNumber, loses: bool) {
        let (a, b) = (replica_name(a), replica_name(b));
        let lost = if loses { "; what is on its way is lost" } else { "" };
        self.code().gap();
        self.code().comment(&format!("The connection between {a} and {b} breaks{lost}."));
        self.code().line("");
    }

    /// Says that a process died and comes back, without the versions it knew.
    pub fn starts_again(&mut self, replica: ReplicaNumber) {
        self.versions.remove(&replica);
        let name = replica_name(replica);
        self.code().gap();
        self.code().comment(&format!("{name} starts again, with what was stored."));
    }

    /// The variable for the version after an edit and for what was shown then;
    /// none if no version is looked at again.
    pub(super) fn keeps_version(&mut self, at: ReplicaNumber, step: u32) -> Option<[String; 2]> {
        let looks_back = |what: &Happened| matches!(what, Happened::CheckedOut { .. });
        if !self.story.events.iter().any(|event| looks_back(&event.what)) {
            return None;
        }
        self.versions.entry(at).or_default().push(step);
        let variables = [format!("version_{step}"), format!("then_{step}")];
        self.wants(&variables[0]).then_some(variables)
    }

    /// The edits whose versions are looked at by the event with this index: the
    /// one that shows this document, and all of them where that is what fails.
    pub(super) fn looked_at(
        &self,
        index: usize,
        at: ReplicaNumber,
        document: &Document,
    ) -> Option<Vec<u32>> {
        let versions = self.versions.get(&at)?;
        let later = &self.story.events[index + 1..];
        let looks_back = |what: &Happened| matches!(what, Happened::CheckedOut { .. });
        if self.claim == Claim::Versions && !later.iter().any(|event| looks_back(&event.what)) {
            return Some(versions.clone());
        }
        let shown_after = |step: &u32| {
            self.story.events.iter().any(|event| match &event.what {
                Happened::Shown { replica, document: shown } => {
                    *replica == at && event.step == Some(*step) && shown == document
                }
                _ => false,
            })
        };
        let one = versions.iter().rev().find(|step| shown_after(step)).or(versions.last());
        Some(one.copied().into_iter().collect())
    }

    /// The variable for what a replica holds that was just stored, if that is
    /// compared with what comes back.
    pub(super) fn keeps_stored(&mut self, replica: ReplicaNumber) -> Option<String> {
        if self.claim != Claim::Restored(replica) {
            return None;
        }
        let saves = self.numbers.get(SAVED).copied().unwrap_or_default();
        let variable = format!("before_{saves}");
        self.shown_when_stored = Some(variable.clone());
        self.wants(&variable).then_some(variable)
    }

    /// The variable for what was last stored.
    pub(super) fn stored(&self) -> Option<&str> {
        self.shown_when_stored.as_deref()
    }
}

fn is_mark(edit: &Edit) -> bool {
    matches!(edit.action, Action::Mark { .. })
}
