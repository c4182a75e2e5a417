//! What an edit does, as far as coverage tells edits apart.

use super::feature::Feature;
use crate::edit::{Action, ContainerKind, Value};

macro_rules! operations {
    ($($(#[doc = $doc:literal])+ $variant:ident $name:literal: $($feature:ident)*;)*) => {
        /// What an edit does, as far as coverage tells edits apart.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Operation {
            $($(#[doc = $doc])+ $variant,)*
        }

        impl Operation {
            /// Every operation.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name in tables.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The features that it comes from.
            pub const fn features(self) -> &'static [Feature] {
                match self {
                    $(Self::$variant => &[$(Feature::$feature),*],)*
                }
            }
        }
    };
}

operations! {
    /// Text is inserted.
    TextInsert "text/insert": InsertText;
    /// Text is deleted.
    TextDelete "text/delete": DeleteText;
    /// Text is marked.
    TextMark "text/mark": Mark;
    /// A key gets a plain value.
    MapPut "map/put": Put;
    /// A key gets a container.
    MapNest "map/nest": NestInMap;
    /// A key is deleted.
    MapDelete "map/delete": DeleteKey;
    /// Plain elements are inserted into a list.
    ListInsert "list/insert": InsertElement;
    /// Containers are inserted into a list, or replace an element.
    ListNest "list/nest": NestInList;
    /// An element of a list is replaced by a plain value.
    ListSet "list/set": SetElement;
    /// Elements are removed from a list.
    ListRemove "list/remove": RemoveElement;
    /// Plain elements are inserted into a movable list.
    MovableInsert "movable/insert": InsertElement;
    /// Containers are inserted into a movable list, or replace an element.
    MovableNest "movable/nest": NestInList;
    /// An element of a movable list is replaced by a plain value.
    MovableSet "movable/set": SetElement;
    /// Elements are removed from a movable list.
    MovableRemove "movable/remove": RemoveElement;
    /// An element of a movable list is moved.
    MovableMove "movable/move": MoveElement;
    /// A counter is incremented.
    CounterIncrement "counter/increment": Increment;
    /// A node is made.
    TreeCreate "tree/create": CreateNode;
    /// A node is moved.
    TreeMove "tree/move": MoveNode;
    /// A node is deleted.
    TreeDelete "tree/delete": DeleteNode;
}

impl Operation {
    /// The kind of container that it is done to.
    pub const fn kind(self) -> ContainerKind {
        match self {
            Self::TextInsert | Self::TextDelete | Self::TextMark => ContainerKind::Text,
            Self::MapPut | Self::MapNest | Self::MapDelete => ContainerKind::Map,
            Self::ListInsert | Self::ListNest | Self::ListSet | Self::ListRemove => {
                ContainerKind::List
            }
            Self::MovableInsert
            | Self::MovableNest
            | Self::MovableSet
            | Self::MovableRemove
            | Self::MovableMove => ContainerKind::MovableList,
            Self::CounterIncrement => ContainerKind::Counter,
            Self::TreeCreate | Self::TreeMove | Self::TreeDelete => ContainerKind::Tree,
        }
    }

    /// What `action` does. `list` is the kind of the list that it is done to, if
    /// it is done to one.
    pub fn of<P>(action: &Action<P>, list: ContainerKind) -> Self {
        let movable = list == ContainerKind::MovableList;
        let choose = |plain, in_movable| if movable { in_movable } else { plain };
        let is_container = |value: &Value| matches!(value, Value::Container(_));
        match action {
            Action::InsertText { .. } => Self::TextInsert,
            Action::DeleteText { .. } => Self::TextDelete,
            Action::Mark { .. } => Self::TextMark,
            Action::Put { value, .. } if is_container(value) => Self::MapNest,
            Action::Put { .. } => Self::MapPut,
            Action::Delete { .. } => Self::MapDelete,
            Action::Insert { values, .. } if values.iter().any(is_container) => {
                choose(Self::ListNest, Self::MovableNest)
            }
            Action::Set { value, .. } if is_container(value) => {
                choose(Self::ListNest, Self::MovableNest)
            }
            Action::Insert { .. } => choose(Self::ListInsert, Self::MovableInsert),
            Action::Set { .. } => choose(Self::ListSet, Self::MovableSet),
            Action::Remove { .. } => choose(Self::ListRemove, Self::MovableRemove),
            Action::Move { .. } => Self::MovableMove,
            Action::Increment { .. } => Self::CounterIncrement,
            Action::CreateNode { .. } => Self::TreeCreate,
            Action::MoveNode { .. } => Self::TreeMove,
            Action::DeleteNode { .. } => Self::TreeDelete,
        }
    }
}
