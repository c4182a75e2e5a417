//! Updates on their way to somebody who has not asked for them yet.

use std::rc::Rc;

/// An update, shared by all who wait for it.
pub(crate) type Shared = Rc<Vec<u8>>;

/// As many updates wait one by one. More than the 6000 transactions of the
/// crdt-benchmarks, so that those can be asked for at the end.
pub(crate) const BOUND: usize = 8192;

/// A bounded queue. Beyond the bound it forgets, and remembers that it did: who
/// empties it then takes the difference from the document instead.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    updates: Vec<Shared>,
    overflowed: bool,
}

/// What a queue held.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// These, in order.
    Updates(Vec<Shared>),
    /// More than it could hold.
    TooMuch,
}

impl Waiting {
    /// Whether an update that is pushed would be kept.
    pub(crate) fn keeps(&self) -> bool {
        !self.overflowed
    }

    /// Adds one.
    pub(crate) fn push(&mut self, update: &Shared) {
        if self.updates.len() == BOUND {
            self.forget();
        }
        if self.keeps() {
            self.updates.push(Rc::clone(update));
        }
    }

    /// As if it had overflowed.
    pub(crate) fn forget(&mut self) {
        *self = Self { updates: Vec::new(), overflowed: true };
    }

    /// Empties it.
    pub(crate) fn take(&mut self) -> Taken {
        let Self { updates, overflowed } = std::mem::take(self);
        if overflowed { Taken::TooMuch } else { Taken::Updates(updates) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_the_bound_it_forgets_and_says_so_once() {
        let update = Rc::new(vec![1]);
        let mut waiting = Waiting::default();
        for _ in 0..BOUND {
            waiting.push(&update);
        }
        assert!(waiting.keeps());
        waiting.push(&update);
        assert!(!waiting.keeps());
        assert_eq!(Rc::strong_count(&update), 1);
        assert_eq!(waiting.take(), Taken::TooMuch);
        waiting.push(&update);
        assert_eq!(waiting.take(), Taken::Updates(vec![update]));
    }
}
