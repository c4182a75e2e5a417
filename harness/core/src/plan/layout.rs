//! Where things are in a replica's document, as the engine tells.

use std::cell::{OnceCell, RefCell};

use crate::edit::Path;
use crate::engine::Replica;
use crate::sandbox::{Panicked, Sandbox, ask};

/// A replica that is asked where things are. What it takes for an answer is the
/// engine's time, and if it panics, that is the engine's panic.
pub struct Layout<'a> {
    replica: &'a dyn Replica,
    sandbox: RefCell<&'a mut dyn Sandbox>,
    /// The first panic; nothing is asked after it.
    panicked: OnceCell<Panicked>,
}

impl<'a> Layout<'a> {
    /// Lets `code` ask `replica`, which no device pays for.
    ///
    /// # Errors
    /// [`Panicked`] if the replica panicked; it must not be used again.
    pub fn of<T>(
        replica: &'a dyn Replica,
        sandbox: &'a mut dyn Sandbox,
        code: impl FnOnce(&Self) -> T,
    ) -> Result<T, Panicked> {
        let layout = Self { replica, sandbox: RefCell::new(sandbox), panicked: OnceCell::new() };
        let value = code(&layout);
        layout.panicked.into_inner().map_or(Ok(value), Err)
    }

    /// [`Replica::length`].
    pub(super) fn length(&self, at: &Path) -> Option<u32> {
        self.answer(None, |replica| replica.length(at))
    }

    /// [`Replica::snap`].
    pub(super) fn snap(&self, at: &Path, index: u32) -> u32 {
        self.answer(index, |replica| replica.snap(at, index))
    }

    /// [`Replica::children`].
    pub(super) fn children(&self, at: &Path) -> Vec<String> {
        self.answer(Vec::new(), |replica| replica.children(at))
    }

    /// [`Replica::branches`].
    pub(super) fn branches(&self, at: &Path, parent: Option<&str>) -> Option<u32> {
        self.answer(None, |replica| replica.branches(at, parent))
    }

    /// [`Replica::anchor`].
    pub(super) fn anchor(&self, at: &Path, index: u32) -> Option<Vec<u8>> {
        self.answer(None, |replica| replica.anchor(at, index))
    }

    /// [`Replica::anchored`].
    pub(super) fn anchored(&self, at: &Path, anchor: &[u8]) -> Option<u32> {
        self.answer(None, |replica| replica.anchored(at, anchor))
    }

    /// The replica's answer; `otherwise` if it panics, or has before.
    fn answer<T>(&self, otherwise: T, question: impl FnOnce(&dyn Replica) -> T) -> T {
        if self.panicked.get().is_some() {
            return otherwise;
        }
        match ask(&mut **self.sandbox.borrow_mut(), || question(self.replica)) {
            Ok(answer) => answer,
            Err(panicked) => {
                self.panicked.set(panicked).expect("nothing is asked after the first panic");
                otherwise
            }
        }
    }
}
