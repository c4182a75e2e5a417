//! What a small world may have in it or not.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::edit::ContainerKind;
use crate::engine::Delivery;

macro_rules! features {
    ($($(#[doc = $doc:literal])+ $variant:ident $name:literal;)*) => {
        /// What a small world may have in it or not.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
        )]
        #[serde(rename_all = "kebab-case")]
        pub enum Feature {
            $($(#[doc = $doc])+ $variant,)*
        }

        impl Feature {
            /// Every feature.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name in files.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

features! {
    /// Text is inserted.
    InsertText "insert-text";
    /// Text is deleted.
    DeleteText "delete-text";
    /// Text is marked, and marks are taken away.
    Mark "mark";
    /// Map keys are set.
    Put "put";
    /// Map keys are deleted.
    DeleteKey "delete-key";
    /// List elements are inserted.
    InsertElement "insert-element";
    /// List elements are replaced.
    SetElement "set-element";
    /// List elements are removed.
    RemoveElement "remove-element";
    /// Elements of movable lists are moved.
    MoveElement "move-element";
    /// Counters are incremented and decremented.
    Increment "increment";
    /// Tree nodes are made.
    CreateNode "create-node";
    /// Tree nodes are moved.
    MoveNode "move-node";
    /// Tree nodes are deleted.
    DeleteNode "delete-node";
    /// Containers are put under map keys.
    NestInMap "nest-in-map";
    /// Containers are put into lists.
    NestInList "nest-in-list";
    /// Containers are overwritten and deleted, by plain values and by other
    /// containers, most of all those that somebody has just written in.
    Overwrite "overwrite";
    /// Plain objects are written as values.
    Objects "objects";
    /// Text has characters of two UTF-16 code units.
    AstralText "astral-text";
    /// The same value is written again, and what is not there is deleted.
    NoOps "no-ops";
    /// A transaction has several edits.
    Transactions "transactions";
    /// Somebody types a run of characters, one edit each, with backspaces.
    TypingRuns "typing-runs";
    /// Everybody writes at the same few places.
    SamePlace "same-place";
    /// Several delete, or mark, the same stretch.
    SameStretch "same-stretch";
    /// One replica makes several edits before anything travels.
    OfflineBursts "offline-bursts";
    /// Own edits are taken back.
    Undo "undo";
    /// What was undone is done again.
    Redo "redo";
    /// Updates arrive in any order.
    Reorder "reorder";
    /// Updates arrive more than once.
    Duplicates "duplicates";
    /// Several updates arrive in one call.
    Bulk "bulk";
    /// The updates of one replica arrive one by one, in a row.
    OneByOne "one-by-one";
    /// Protocol messages are sent and received one by one, with other steps
    /// between them.
    SingleMessages "single-messages";
    /// Connections break, with messages under way.
    Disconnects "disconnects";
    /// Replicas are stored.
    Saves "saves";
    /// Only what is new is stored.
    IncrementalSaves "incremental-saves";
    /// Processes die and come back with what is stored.
    Restarts "restarts";
    /// New replicas load a save of another.
    JoinByLoad "join-by-load";
    /// New replicas are forks of another.
    JoinByFork "join-by-fork";
    /// New replicas load a shallow snapshot.
    JoinShallow "join-shallow";
    /// Earlier versions are looked at.
    Checkouts "checkouts";
    /// Documents are looked at in between.
    Reads "reads";
    /// Documents are looked at before and after every step.
    Watching "watching";
}

/// How many features there are.
pub(super) const COUNT: usize = Feature::ALL.len();

impl Feature {
    /// The feature without which containers of this kind stay empty. Maps may
    /// have [`Self::NestInMap`] instead.
    pub const fn that_fills(kind: ContainerKind) -> Self {
        match kind {
            ContainerKind::Text => Self::InsertText,
            ContainerKind::Map => Self::Put,
            ContainerKind::List | ContainerKind::MovableList => Self::InsertElement,
            ContainerKind::Counter => Self::Increment,
            ContainerKind::Tree => Self::CreateNode,
        }
    }

    /// Whether it can make a difference under this delivery.
    pub const fn travels_by(self, delivery: Delivery) -> bool {
        match self {
            Self::Reorder | Self::Duplicates | Self::Bulk | Self::OneByOne => {
                matches!(delivery, Delivery::Broadcast)
            }
            Self::SingleMessages | Self::Disconnects => {
                matches!(delivery, Delivery::Protocol | Delivery::Shallow)
            }
            Self::JoinByLoad | Self::JoinByFork => matches!(delivery, Delivery::Snapshot),
            Self::JoinShallow => matches!(delivery, Delivery::Shallow),
            _ => true,
        }
    }
}

/// A set of features.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features(u64);

const _: () = assert!(COUNT <= 64, "a set is 64 bits");

impl Features {
    /// No feature.
    pub const NONE: Self = Self(0);

    /// Whether `feature` is in it.
    pub const fn has(self, feature: Feature) -> bool {
        self.0 >> feature as u32 & 1 == 1
    }

    /// Adds `feature`.
    pub const fn insert(&mut self, feature: Feature) {
        self.0 |= 1 << feature as u32;
    }

    /// Takes `feature` out.
    pub const fn remove(&mut self, feature: Feature) {
        self.0 &= !(1 << feature as u32);
    }

    /// All that are in either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Its features, in the order of [`Feature::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Feature> {
        Feature::ALL.iter().copied().filter(move |feature| self.has(*feature))
    }
}

impl FromIterator<Feature> for Features {
    fn from_iter<I: IntoIterator<Item = Feature>>(features: I) -> Self {
        let mut set = Self::NONE;
        features.into_iter().for_each(|feature| set.insert(feature));
        set
    }
}
