//! A replay that is told while it goes on, for when the engine takes the process
//! with it: then what was told is all there is.

use serde::{Deserialize, Serialize};

use super::story::{Event, Story};
use super::{Ending, Happened};
use crate::check::Violation;
use crate::schedule::{ReplicaNumber, Schedule};

/// What a replay says of itself while it goes on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Telling {
    /// This happened.
    Happened(Event),
    /// This is tried next, without the bytes that come of it; none if what was
    /// tried is over and nothing is to be told of it.
    Attempted(Option<Event>),
    /// The engine is called.
    Called {
        /// In which step.
        step: Option<u32>,
        /// For which replica.
        replica: ReplicaNumber,
    },
}

/// What was heard of a replay.
#[derive(Clone, Debug, Default)]
pub struct Overheard {
    events: Vec<Event>,
    attempted: Option<Event>,
    called: Option<(Option<u32>, ReplicaNumber)>,
}

impl Overheard {
    /// Takes note of what a replay says.
    pub fn note(&mut self, telling: Telling) {
        match telling {
            Telling::Happened(event) => {
                self.attempted = None;
                self.events.push(event);
            }
            Telling::Attempted(attempted) => self.attempted = attempted,
            Telling::Called { step, replica } => self.called = Some((step, replica)),
        }
    }

    /// The story of a replay of `schedule` that ended in the middle of a call: it
    /// was violated so, in the step and at the replica of that call. The last
    /// event is what the engine was asked to do.
    pub fn into_story(self, schedule: &Schedule, violation: Violation) -> Story {
        let mut violation = violation;
        if let Some((step, replica)) = self.called {
            violation.step = step;
            violation.replicas = vec![replica];
        }
        let mut events = self.events;
        events.extend(self.attempted);
        Story {
            roots: schedule.roots.clone(),
            delivery: schedule.delivery,
            events,
            ending: Ending::Violated(violation),
        }
    }
}

/// Where a replay tells what happens: its story, if that is kept, and whoever
/// listens.
pub(super) struct Teller<'a> {
    keeps: bool,
    listener: Option<&'a mut dyn FnMut(Telling)>,
    events: Vec<Event>,
    attempted: Option<Event>,
}

impl<'a> Teller<'a> {
    pub(super) fn new(keeps: bool, listener: Option<&'a mut dyn FnMut(Telling)>) -> Self {
        Self { keeps, listener, events: Vec::new(), attempted: None }
    }

    fn is_heard(&self) -> bool {
        self.keeps || self.listener.is_some()
    }

    pub(super) fn tell(&mut self, step: Option<u32>, what: impl FnOnce() -> Happened) {
        self.attempted = None;
        if self.is_heard() {
            let event = Event { step, what: what() };
            if let Some(listener) = &mut self.listener {
                listener(Telling::Happened(event.clone()));
            }
            self.events.push(event);
        }
    }

    /// What is tried next; it is told if the engine fails at it.
    pub(super) fn attempt(&mut self, step: Option<u32>, what: impl FnOnce() -> Happened) {
        if self.is_heard() {
            self.attempted = Some(Event { step, what: what() });
            self.say_attempted();
        }
    }

    /// What was tried is over, and nothing is told of it.
    pub(super) fn drop_attempt(&mut self) {
        if self.attempted.take().is_some() {
            self.say_attempted();
        }
    }

    fn say_attempted(&mut self) {
        if let Some(listener) = &mut self.listener {
            listener(Telling::Attempted(self.attempted.clone()));
        }
    }

    pub(super) fn call(&mut self, step: Option<u32>, replica: ReplicaNumber) {
        if let Some(listener) = &mut self.listener {
            listener(Telling::Called { step, replica });
        }
    }

    /// What happened; with what was tried last, if the engine `failed` at it.
    pub(super) fn into_events(mut self, failed: bool) -> Option<Vec<Event>> {
        self.events.extend(self.attempted.filter(|_| failed));
        self.keeps.then_some(self.events)
    }
}
