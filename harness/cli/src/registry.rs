//! The engines that are built in: the only place beside `adapters/` that names
//! one.

use deadzone_adapter_automerge::Automerge;
use deadzone_adapter_baselines::{CloudFirst, Reference};
use deadzone_adapter_loro::Loro;
use deadzone_adapter_yrs::Yrs;
use deadzone_core::engine::Engine;

use crate::versions::Release;

/// Those that are shown; the CRDT engines that `run` takes by default come first.
pub(crate) fn engines() -> Vec<Entry> {
    vec![
        Entry {
            engine: Box::new(Automerge),
            default: true,
            source: Some(Source {
                package: "automerge",
                inner: &["hexane"],
                range: deadzone_adapter_automerge::VERSIONS,
                value: "deadzone_adapter_automerge::Automerge",
            }),
        },
        Entry {
            engine: Box::new(Yrs::default()),
            default: true,
            source: Some(Source {
                package: "yrs",
                inner: &[],
                range: deadzone_adapter_yrs::VERSIONS,
                value: "deadzone_adapter_yrs::Yrs::default()",
            }),
        },
        Entry {
            engine: Box::new(Loro),
            default: true,
            source: Some(Source {
                package: "loro",
                inner: &["loro-internal", "loro-common", "loro-kv-store", "loro-delta"],
                range: deadzone_adapter_loro::VERSIONS,
                value: "deadzone_adapter_loro::Loro",
            }),
        },
        Entry { engine: Box::new(Reference), default: false, source: None },
        Entry { engine: Box::new(CloudFirst), default: false, source: None },
    ]
}

/// Those that are shown, and those that only their exact names reach: engines
/// that are broken on purpose.
pub(crate) fn all_engines() -> Vec<Entry> {
    let hidden = deadzone_saboteurs::all().into_iter();
    let hidden = hidden.map(|saboteur| Entry {
        engine: Box::new(saboteur.engine),
        default: false,
        source: None,
    });
    engines().into_iter().chain(hidden).collect()
}

/// An engine that is built in.
pub(crate) struct Entry {
    pub(crate) engine: Box<dyn Engine>,
    /// Whether `--engine all` and no `--engine` mean it as well.
    pub(crate) default: bool,
    /// Where other versions of it come from; none if it is part of this program.
    pub(crate) source: Option<Source>,
}

/// How a worker for another version of an engine is built. Its adapter is the
/// folder of the engine's name below `adapters/`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source {
    /// The crate that is the engine.
    pub(crate) package: &'static str,
    /// Crates that are released with it, and of which it must not get later ones.
    pub(crate) inner: &'static [&'static str],
    /// The first and the last release that the adapter can speak to.
    range: (&'static str, &'static str),
    /// The engine, as an expression.
    pub(crate) value: &'static str,
}

impl Source {
    /// The first and the last release that the adapter can speak to.
    pub(crate) fn versions(&self) -> (Release, Release) {
        let release = |text: &str| text.parse().expect("adapters state releases");
        (release(self.range.0), release(self.range.1))
    }
}

/// All of them, without what is said of them.
pub(crate) fn engines_alone() -> Vec<Box<dyn Engine>> {
    all_engines().into_iter().map(|entry| entry.engine).collect()
}

/// The engine of this name.
pub(crate) fn engine(name: &str) -> Option<Box<dyn Engine>> {
    all_engines().into_iter().map(|entry| entry.engine).find(|engine| engine.info().name == name)
}
