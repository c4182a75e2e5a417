//! The engines that are built in: the only place beside `adapters/` that names
//! one.

use deadzone_adapter_automerge::Automerge;
use deadzone_adapter_baselines::{CloudFirst, Reference};
use deadzone_adapter_loro::Loro;
use deadzone_adapter_yrs::Yrs;
use deadzone_core::engine::Engine;

/// All of them; the CRDT engines that `run` takes by default come first.
pub(crate) fn engines() -> Vec<Entry> {
    vec![
        Entry { engine: Box::new(Automerge), default: true },
        Entry { engine: Box::new(Yrs::default()), default: true },
        Entry { engine: Box::new(Loro), default: true },
        Entry { engine: Box::new(Reference), default: false },
        Entry { engine: Box::new(CloudFirst), default: false },
    ]
}

/// An engine that is built in.
pub(crate) struct Entry {
    pub(crate) engine: Box<dyn Engine>,
    /// Whether `--engine all` and no `--engine` mean it as well.
    pub(crate) default: bool,
}

/// All of them, without what is said of them.
pub(crate) fn engines_alone() -> Vec<Box<dyn Engine>> {
    engines().into_iter().map(|entry| entry.engine).collect()
}

/// The engine of this name.
pub(crate) fn engine(name: &str) -> Option<Box<dyn Engine>> {
    engines().into_iter().map(|entry| entry.engine).find(|engine| engine.info().name == name)
}
