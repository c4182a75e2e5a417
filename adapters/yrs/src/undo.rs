//! Taking back own transactions: an `UndoManager` over all roots.

use std::cell::RefCell;
use std::rc::Rc;

use deadzone_core::engine::Stamp;
use yrs::{Doc, UndoManager};

use crate::encoding::Encoding;
use crate::seen::{self, Arrivals};
use crate::shim;
use crate::target::{RootTargets, Target};
use crate::waiting::Shared;

/// The origin of local edits. The manager takes all transactions without an
/// origin for local ones unless it is told of one; those that integrate what
/// others did have none.
pub(crate) const ORIGIN: &str = "local";

/// What can be taken back, and done again.
pub(crate) struct Undo {
    manager: UndoManager,
    /// What the manager's last transaction did.
    done: Rc<RefCell<Option<Done>>>,
}

/// What a transaction of the manager did.
pub(crate) struct Done {
    pub(crate) stamp: Stamp,
    pub(crate) update: Shared,
    /// As a local edit notes them.
    pub(crate) arrivals: Arrivals,
}

impl Undo {
    /// From now on.
    pub(crate) fn new(doc: &Doc, roots: &RootTargets, encoding: Encoding) -> Self {
        let mut manager = shim::undo_manager(doc);
        for (_, root) in roots.iter() {
            match root {
                Target::Text(text) => shim::expand_scope(&mut manager, doc, text),
                Target::Map(map) | Target::Counter(map) | Target::Tree(map) => {
                    shim::expand_scope(&mut manager, doc, map);
                }
                Target::List(array) | Target::MovableList(array) => {
                    shim::expand_scope(&mut manager, doc, array);
                }
            }
        }
        manager.include_origin(ORIGIN);
        let done = Rc::new(RefCell::new(None));
        let popped = Rc::clone(&done);
        shim::observe_popped(&mut manager, move |txn| {
            *popped.borrow_mut() = seen::stamp(txn).map(|stamp| {
                let mut arrivals = Arrivals::default();
                arrivals.made(txn);
                Done { stamp, update: Rc::new(encoding.transaction(txn)), arrivals }
            });
        });
        Self { manager, done }
    }

    /// Takes the last transaction back; what that did, if anything.
    pub(crate) fn undo(&mut self) -> Option<Done> {
        self.manager.undo_blocking();
        self.done.take()
    }

    /// Does again what was taken back last; what that did, if anything.
    pub(crate) fn redo(&mut self) -> Option<Done> {
        self.manager.redo_blocking();
        self.done.take()
    }
}
