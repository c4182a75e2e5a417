//! The containers of a document and the way to them.

use std::collections::BTreeMap;

use deadzone_core::edit::{ContainerKind, Path, Roots, Step};
use deadzone_core::engine::EngineError;
use yrs::block::Prelim;
use yrs::{
    Any, Array, ArrayPrelim, ArrayRef, Doc, Map, MapPrelim, MapRef, Out, ReadTxn, TextPrelim,
    TextRef, TransactionMut,
};

/// The key under which a nested map says that it is a counter or a tree. Plans
/// cannot use it as a key of a map or as a label.
pub const RESERVED_KEY: &str = "$kind";

/// A container.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    Text(TextRef),
    Map(MapRef),
    List(ArrayRef),
    /// A list whose elements can be moved; every nested list counts as one.
    MovableList(ArrayRef),
    /// From client id to that client's sum.
    Counter(MapRef),
    /// From label to parent and position.
    Tree(MapRef),
}

impl Target {
    fn root(doc: &Doc, name: &str, kind: ContainerKind) -> Self {
        match kind {
            ContainerKind::Text => Self::Text(doc.get_or_insert_text(name)),
            ContainerKind::Map => Self::Map(doc.get_or_insert_map(name)),
            ContainerKind::List => Self::List(doc.get_or_insert_array(name)),
            ContainerKind::MovableList => Self::MovableList(doc.get_or_insert_array(name)),
            ContainerKind::Counter => Self::Counter(doc.get_or_insert_map(name)),
            ContainerKind::Tree => Self::Tree(doc.get_or_insert_map(name)),
        }
    }

    /// The container that a nested value is; none for a plain value.
    pub(crate) fn nested<T: ReadTxn>(txn: &T, value: Out) -> Result<Self, Any> {
        match value {
            Out::YText(text) => Ok(Self::Text(text)),
            Out::YArray(array) => Ok(Self::MovableList(array)),
            Out::YMap(map) => Ok(match map.get(txn, RESERVED_KEY) {
                Some(Out::Any(Any::String(kind))) if *kind == *ContainerKind::Counter.name() => {
                    Self::Counter(map)
                }
                Some(Out::Any(Any::String(kind))) if *kind == *ContainerKind::Tree.name() => {
                    Self::Tree(map)
                }
                _ => Self::Map(map),
            }),
            Out::Any(any) => Err(any),
            // Nothing here writes these.
            _ => Err(Any::Undefined),
        }
    }

    /// What is one step further down; none if there is no such place.
    pub(crate) fn child<T: ReadTxn>(&self, txn: &T, step: &Step) -> Option<Out> {
        match (self, step) {
            (Self::Map(map), Step::Key(key)) => map.get(txn, key),
            (Self::List(array) | Self::MovableList(array), Step::Element(index)) => {
                array.get(txn, *index)
            }
            _ => None,
        }
    }
}

/// The containers that a document starts from.
#[derive(Debug)]
pub(crate) struct RootTargets(BTreeMap<String, Target>);

impl RootTargets {
    /// Makes them.
    pub(crate) fn new(doc: &Doc, roots: &Roots) -> Self {
        let target = |(name, kind): (&String, &ContainerKind)| {
            (name.clone(), Target::root(doc, name, *kind))
        };
        Self(roots.iter().map(target).collect())
    }

    /// By name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &Target)> {
        self.0.iter()
    }

    /// The one called `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&Target> {
        self.0.get(name)
    }

    /// The container at `at`, if there is one.
    pub(crate) fn find<T: ReadTxn>(&self, txn: &T, at: &Path) -> Option<Target> {
        let root = self.0.get(at.root.as_str())?.clone();
        at.steps
            .iter()
            .try_fold(root, |target, step| Target::nested(txn, target.child(txn, step)?).ok())
    }
}

/// Where a value goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place<'a> {
    Key(&'a MapRef, &'a str),
    Index(&'a ArrayRef, u32),
}

impl Place<'_> {
    /// Puts a value there: in place of the old one of a key, before the element
    /// at an index.
    pub(crate) fn put<V: Prelim>(self, txn: &mut TransactionMut, value: V) -> V::Return {
        match self {
            Self::Key(map, key) => map.insert(txn, key, value),
            Self::Index(array, index) => array.insert(txn, index, value),
        }
    }

    /// Puts an empty container there.
    pub(crate) fn put_container(self, txn: &mut TransactionMut, kind: ContainerKind) {
        match kind {
            ContainerKind::Text => {
                self.put(txn, TextPrelim::new(""));
            }
            ContainerKind::Map => {
                self.put(txn, MapPrelim::default());
            }
            ContainerKind::List | ContainerKind::MovableList => {
                self.put(txn, ArrayPrelim::default());
            }
            ContainerKind::Counter | ContainerKind::Tree => {
                let map = self.put(txn, MapPrelim::default());
                map.insert(txn, RESERVED_KEY, kind.name());
            }
        }
    }
}

/// The error for what is not there or does not fit.
pub(crate) fn misplaced(at: &Path, why: &str) -> EngineError {
    EngineError::Misplaced(format!("{why}: {at:?}"))
}
