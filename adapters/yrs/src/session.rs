//! What one replica owes one peer.

use yrs::StateVector;

use crate::waiting::{Shared, Taken, Waiting};

/// A connection. The protocol has no state that would be worth keeping after it.
#[derive(Debug)]
pub(crate) struct Session {
    /// Step 1 has not been said yet.
    greeting_due: bool,
    /// The state vector of a step 1 that has not been answered yet.
    question: Option<StateVector>,
    /// The last one that was answered; from then on updates are passed on.
    answered: Option<StateVector>,
    waiting: Waiting,
}

/// What is to be said next.
#[derive(Debug)]
pub(crate) enum Due {
    /// Step 1.
    Greeting,
    /// Step 2 for the peer that has this.
    Answer(StateVector),
    /// These updates.
    Updates(Vec<Shared>),
    /// An update with all that the peer lacked when it last asked: more waited
    /// for it than was kept.
    Everything(StateVector),
}

impl Session {
    /// A new connection.
    pub(crate) fn new() -> Self {
        Self { greeting_due: true, question: None, answered: None, waiting: Waiting::default() }
    }

    /// The peer said step 1.
    pub(crate) fn asked(&mut self, state: StateVector) {
        self.question = Some(state);
    }

    /// Whether updates are passed on: what comes before the answer is in it.
    pub(crate) fn passes_updates_on(&self) -> bool {
        self.answered.is_some() && self.question.is_none()
    }

    /// Passes an update on.
    pub(crate) fn push(&mut self, update: &Shared) {
        if self.passes_updates_on() {
            self.waiting.push(update);
        }
    }

    /// The next thing to say.
    pub(crate) fn next(&mut self) -> Option<Due> {
        if std::mem::take(&mut self.greeting_due) {
            return Some(Due::Greeting);
        }
        if let Some(state) = self.question.take() {
            self.waiting = Waiting::default();
            self.answered = Some(state.clone());
            return Some(Due::Answer(state));
        }
        match self.waiting.take() {
            Taken::Updates(updates) if updates.is_empty() => None,
            Taken::Updates(updates) => Some(Due::Updates(updates)),
            Taken::TooMuch => self.answered.clone().map(Due::Everything),
        }
    }
}
