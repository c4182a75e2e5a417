//! The log of patches of a document: what changed, for who shows it. Nobody looks
//! at it here.
//!
//! `AutoCommit`, through which most programs use Automerge, has one for all of a
//! document's life, and before 0.10 that mattered: it could get out of step with
//! the document. Since then it cannot, and an inactive log only gathers whatever
//! comes in, which every commit of a transaction would copy.

use automerge::PatchLog;

/// See the module.
pub(crate) struct Patches(PatchLog);

impl Patches {
    pub(crate) fn none() -> Self {
        Self(PatchLog::inactive())
    }

    /// The log for a transaction, which gives it back.
    pub(crate) fn take(&mut self) -> PatchLog {
        std::mem::replace(&mut self.0, PatchLog::inactive())
    }

    pub(crate) fn put_back(&mut self, log: PatchLog) {
        if cfg!(feature = "engine-before-0-10") {
            self.0 = log;
        }
    }

    /// Has the log go along with something that comes in.
    pub(crate) fn follow<R>(&mut self, comes_in: impl FnOnce(&mut PatchLog) -> R) -> R {
        let mut log = self.take();
        let result = comes_in(&mut log);
        self.put_back(log);
        result
    }
}
