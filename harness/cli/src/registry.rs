//! The engines that are built in: the only place beside `adapters/` that names
//! one.

use deadzone_adapter_automerge::Automerge;
use deadzone_adapter_baselines::{CloudFirst, Reference};
use deadzone_adapter_loro::Loro;
use deadzone_adapter_yrs::Yrs;
use deadzone_core::engine::Engine;

/// Those that are shown; the CRDT engines that `run` takes by default come first.
pub(crate) fn engines() -> Vec<Entry> {
    vec![
        Entry { engine: Box::new(Automerge), default: true },
        Entry { engine: Box::new(Yrs::default()), default: true },
        Entry { engine: Box::new(Loro), default: true },
        Entry { engine: Box::new(Reference), default: false },
        Entry { engine: Box::new(CloudFirst), default: false },
    ]
}

/// Those that are shown, and those that only their exact names reach: engines
/// that are broken on purpose.
pub(crate) fn all_engines() -> Vec<Entry> {
    let hidden = deadzone_saboteurs::all().into_iter();
    let hidden = hidden.map(|saboteur| Entry { engine: Box::new(saboteur.engine), default: false });
    engines().into_iter().chain(hidden).collect()
}

/// An engine that is built in.
pub(crate) struct Entry {
    pub(crate) engine: Box<dyn Engine>,
    /// Whether `--engine all` and no `--engine` mean it as well.
    pub(crate) default: bool,
}

/// The engine of this name.
pub(crate) fn engine(name: &str) -> Option<Box<dyn Engine>> {
    all_engines().into_iter().map(|entry| entry.engine).find(|engine| engine.info().name == name)
}
