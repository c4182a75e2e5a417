//! The scenarios that come with the bench.

use deadzone_core::scenario::Scenario;

use crate::error::{Error, Problem};

/// A scenario that is compiled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Embedded {
    /// Its name: that of the file without `.toml`.
    pub name: &'static str,
    /// Which kind it is.
    pub folder: Folder,
    /// Where its file is, below `scenarios/`.
    pub path: &'static str,
    /// The file.
    pub text: &'static str,
}

/// The folders of scenarios.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Folder {
    /// Worlds that people run first.
    Curated,
    /// The micro workloads of dmonad/crdt-benchmarks.
    CrdtBenchmarks,
    /// What `deadzone hunt` searches through.
    Hunt,
}

impl Embedded {
    /// The scenario itself.
    pub fn scenario(&self) -> Scenario {
        crate::parse(self.text, self.path).expect("a test reads every embedded file")
    }
}

macro_rules! embed {
    ($($folder:ident $directory:literal: $($name:literal)*;)*) => {
        &[$($(Embedded {
            name: $name,
            folder: Folder::$folder,
            path: concat!($directory, "/", $name, ".toml"),
            text: include_str!(concat!("../", $directory, "/", $name, ".toml")),
        }),*),*]
    };
}

const EMBEDDED: &[Embedded] = embed! {
    Curated "curated":
        "budget-phone" "editing-trace" "nested-board" "no-spinner" "remote-flight"
        "shared-notes" "subway-commute" "two-offline-writers" "week-offline";
    CrdtBenchmarks "crdt-benchmarks":
        "b1.1" "b1.2" "b1.3" "b1.4" "b1.5" "b1.6" "b1.7" "b1.8" "b1.9" "b1.10" "b1.11"
        "b2.1" "b2.2" "b2.3" "b2.4" "b3.1" "b3.2" "b3.3" "b3.4" "b4";
    Hunt "hunt":
        "counters" "everything" "lists" "maps" "moves" "nested" "rich-text" "storage" "text"
        "trees";
};

/// What runs when nothing is named, in this order.
const TOUR: [&str; 3] = ["no-spinner", "subway-commute", "two-offline-writers"];

/// Every embedded scenario, by folder and name.
pub fn embedded() -> &'static [Embedded] {
    EMBEDDED
}

/// The curated worlds.
pub fn curated() -> impl Iterator<Item = &'static Embedded> {
    EMBEDDED.iter().filter(|each| each.folder == Folder::Curated)
}

/// The micro workloads of dmonad/crdt-benchmarks.
pub fn benchmarks() -> impl Iterator<Item = &'static Embedded> {
    EMBEDDED.iter().filter(|each| each.folder == Folder::CrdtBenchmarks)
}

/// What `deadzone hunt` searches through.
pub fn hunts() -> impl Iterator<Item = &'static Embedded> {
    EMBEDDED.iter().filter(|each| each.folder == Folder::Hunt)
}

/// What runs when nothing is named.
pub fn tour() -> [&'static Embedded; 3] {
    TOUR.map(|name| find(name).expect("a test finds every scenario of the tour"))
}

/// The embedded scenario called `name`.
///
/// # Errors
/// [`Error::UnknownScenario`] with the nearest name.
pub fn find(name: &str) -> Result<&'static Embedded, Error> {
    EMBEDDED.iter().find(|each| each.name == name).ok_or_else(|| {
        let shown: String = name.escape_debug().take(80).collect();
        Error::UnknownScenario(
            Problem::new(format!("unknown scenario `{shown}`"))
                .expected("a name of `deadzone list scenarios`, or a path that ends in `.toml`")
                .nearest(name, EMBEDDED.iter().map(|each| each.name)),
        )
    })
}
