//! How an engine's adapter writes a story.

use std::rc::Rc;

use super::{Claim, Code, Draft, Parts, replica_name};
use crate::check::Oracle;
use crate::document::Document;
use crate::replay::lines::MESSAGES_MAX;
use crate::replay::{Event, Happened};
use crate::schedule::ReplicaNumber;

/// How an engine's adapter writes a story: what an event is on the engine, and
/// how a few demands are put to it.
///
/// Where a method says none, there is no test: what cannot be written so that
/// the engine does the same is better not written at all.
///
/// The test may name the functions that [`Self::helpers`] writes after it. One
/// of them must be `shown`, which gives what a replica shows as something that
/// can be compared.
pub trait Scribe {
    /// What is written so far.
    fn draft(&self) -> &Draft;

    /// The same, to write on.
    fn draft_mut(&mut self) -> &mut Draft;

    /// Writes an event; `index` is its number in the story.
    fn event(&mut self, index: usize, event: &Event) -> Option<()>;

    /// Makes an empty replica with the name `fresh`.
    fn fresh(&mut self);

    /// Applies an update, which is in a variable, to `fresh`.
    fn apply_to_fresh(&mut self, update: &str);

    /// Makes a replica with the name `fresh` from a whole save of this one.
    fn reload_as_fresh(&mut self, name: &str);

    /// Asserts that at this replica nothing waits for other updates.
    fn nothing_waits(&mut self, name: &str);

    /// An expression for which edits a replica holds, which can be compared.
    fn held(&mut self, name: &str) -> String;

    /// Comparisons of what a replica shows with this document, root by root;
    /// roots that cannot be compared are left out.
    fn comparisons(&mut self, name: &str, document: &Document) -> Option<Vec<String>>;

    /// Writes the functions after the test: those that it names.
    fn helpers(&mut self) -> Option<Code>;

    /// Expressions for the version that a replica is at and for what it shows,
    /// in a form that [`Self::look_back`] compares; none if the engine keeps no
    /// versions.
    fn version(&mut self, _name: &str) -> Option<[String; 2]> {
        None
    }

    /// Asserts that this replica shows for these versions what it did then. The
    /// variables are `version_N` and `then_N`.
    fn look_back(&mut self, _name: &str, _numbers: &[u32]) -> Option<()> {
        None
    }

    /// Lets two replicas, which are connected, exchange messages until neither has
    /// anything to say, and asserts that they fall silent after at most so many;
    /// none if a test cannot show whether they do.
    fn talk(&mut self, _a: ReplicaNumber, _b: ReplicaNumber, _messages_max: u32) -> Option<()> {
        None
    }

    /// The test so far.
    fn code(&mut self) -> &mut Code {
        &mut self.draft_mut().parts.body
    }

    /// Whether a variable is used; makes it known.
    fn wants(&mut self, variable: &str) -> bool {
        self.draft_mut().wants(variable)
    }

    /// Imports a trait.
    fn needs(&mut self, path: &'static str) {
        self.draft_mut().parts.traits.insert(path);
    }

    /// Keeps the version after an edit, if any is looked at again.
    fn keep_version(&mut self, at: ReplicaNumber, step: u32) -> Option<()> {
        if let Some(variables) = self.draft_mut().keeps_version(at, step) {
            let values = self.version(&replica_name(at))?;
            for (variable, value) in variables.iter().zip(values) {
                self.code().line(&format!("let {variable} = {value};"));
            }
        }
        Some(())
    }

    /// Looks at earlier versions.
    fn checked_out(&mut self, index: usize, at: ReplicaNumber, then: &Document) -> Option<()> {
        let numbers = self.draft().looked_at(index, at, then)?;
        self.code().gap();
        self.look_back(&replica_name(at), &numbers)
    }

    /// Keeps what is shown and held by a replica that was just stored, if it is
    /// compared with what comes back.
    fn remember(&mut self, at: ReplicaNumber) {
        if let Some(variable) = self.draft_mut().keeps_stored(at) {
            let name = replica_name(at);
            let held = self.held(&name);
            self.code().line(&format!("let {variable} = (shown(&{name}), {held});"));
        }
    }

    /// Writes all of it.
    fn write(&mut self) -> Option<Parts> {
        let story = Rc::clone(&self.draft().story);
        let claim = self.draft().claim.clone();
        let mut together = false;
        for (index, event) in story.events.iter().enumerate() {
            if let Claim::Twice(at, first) = claim
                && first == index
            {
                self.code().gap();
                self.code().comment("Everything once more.");
                self.code().line(&format!("let before = shown(&{});", replica_name(at)));
            } else if event.step.is_none() && arrives(&event.what) && !together {
                together = true;
                self.code().gap();
                self.code().comment("Everything is brought to everyone.");
            }
            match &event.what {
                Happened::Reading { replica } => {
                    self.code().line(&format!("shown(&{});", replica_name(*replica)));
                }
                _ => self.event(index, event)?,
            }
        }
        self.code().gap();
        self.assert(&claim)?;
        if self.draft().has_nested_marks() {
            let silent = "marks of texts inside other containers are not compared".to_owned();
            self.draft_mut().parts.caveats.push(silent);
        }
        self.draft_mut().parts.helpers = self.helpers()?;
        Some(std::mem::take(&mut self.draft_mut().parts))
    }

    /// Asserts what is claimed.
    fn assert(&mut self, claim: &Claim) -> Option<()> {
        match claim {
            Claim::Equal(replicas) => self.all_equal(replicas)?,
            Claim::NothingWaits(replicas) => {
                replicas.iter().for_each(|at| self.nothing_waits(&replica_name(*at)));
            }
            Claim::Backwards(at) => self.backwards(*at),
            Claim::Twice(at, _) => {
                self.code().line(&format!("assert_eq!(shown(&{}), before);", replica_name(*at)));
            }
            Claim::Snapshot(at) => {
                self.reload_as_fresh(&replica_name(*at));
                self.fresh_equals(*at);
            }
            Claim::Restored(at) => {
                let name = replica_name(*at);
                let before = self.draft().stored()?.to_owned();
                let held = self.held(&name);
                self.code().line(&format!("assert_eq!((shown(&{name}), {held}), {before});"));
            }
            Claim::Versions => {}
            Claim::LastCall => {
                let ends = match self.draft().story.ending.violation()?.oracle {
                    Oracle::Abort => "The process dies in the call above.",
                    Oracle::Hang => "The call above does not return.",
                    _ => "The call above is the one that fails.",
                };
                self.code().comment(ends);
            }
            Claim::Silent(a, b, _) => {
                let (one, other) = (replica_name(*a), replica_name(*b));
                let talk = format!("{one} and {other} talk until neither has anything to say.");
                self.code().comment(&talk);
                self.talk(*a, *b, MESSAGES_MAX)?;
            }
            Claim::NotThis(at, document) => self.not_this(&replica_name(*at), document)?,
        }
        Some(())
    }

    /// Asserts that all of them show the same.
    fn all_equal(&mut self, replicas: &[ReplicaNumber]) -> Option<()> {
        let names: Vec<String> = replicas.iter().copied().map(replica_name).collect();
        let (first, others) = names.split_first()?;
        for other in others {
            self.code().line(&format!(
                "assert_eq!(shown(&{other}), shown(&{first}), \"{other} against {first}\");"
            ));
        }
        if others.is_empty() {
            self.code().line(&format!("shown(&{first});"));
        }
        Some(())
    }

    /// Asserts what all updates in reverse come to.
    fn backwards(&mut self, at: ReplicaNumber) {
        let story = Rc::clone(&self.draft().story);
        let steps = story.events.iter().filter(|event| has_updates(&event.what));
        let steps: Vec<u32> = steps.filter_map(|event| event.step).collect();
        self.code().comment("A fresh replica gets all updates, the last one first.");
        self.fresh();
        steps.iter().rev().for_each(|step| self.apply_to_fresh(&format!("update_{step}")));
        self.nothing_waits("fresh");
        self.fresh_equals(at);
    }

    /// Asserts that `fresh` shows what this one does.
    fn fresh_equals(&mut self, at: ReplicaNumber) {
        self.code().line(&format!("assert_eq!(shown(&fresh), shown(&{}));", replica_name(at)));
    }

    /// Asserts that the document is not the wrong one of the story.
    fn not_this(&mut self, name: &str, document: &Document) -> Option<()> {
        let comparisons = self.comparisons(name, document)?;
        if comparisons.is_empty() {
            return None;
        }
        self.draft_mut().parts.caveats.push(format!(
            "the last assertion names what {name} shows today, which is wrong; it does not say what \
             would be right"
        ));
        self.code().open("let as_today = [");
        comparisons.iter().for_each(|is| self.code().line(&format!("{is},")));
        self.code().close("];");
        self.code().line(&format!(
            "assert!(as_today.contains(&false), \"{name} shows what it must not\");"
        ));
        Some(())
    }
}

/// Whether an event is the making of updates.
pub(super) fn has_updates(what: &Happened) -> bool {
    match what {
        Happened::Edited { changed, .. } => *changed,
        Happened::Undone { .. } | Happened::Redone { .. } => true,
        _ => false,
    }
}

fn arrives(what: &Happened) -> bool {
    matches!(
        what,
        Happened::Applied { .. }
            | Happened::Connected { .. }
            | Happened::Sent { .. }
            | Happened::Merged { .. }
    )
}
