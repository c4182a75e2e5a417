//! Edits: what a person does to a document, in terms that every engine has.
//!
//! Everything is generic over how a position is given. In a plan it is a
//! [`Position`], which stays valid on every engine and when half of the plan is
//! gone; an engine gets plain indices, in UTF-16 code units for text and in
//! elements for lists.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::document::Scalar;

/// The kinds of container that a document is made of.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ContainerKind {
    /// Collaborative text, with marks where the engine has them.
    Text,
    /// Keys to values.
    Map,
    /// A list of values.
    List,
    /// A list whose elements can be moved and replaced in place.
    MovableList,
    /// A number that concurrent increments add up in.
    Counter,
    /// A forest whose nodes can be moved.
    Tree,
}

impl ContainerKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Text, Self::Map, Self::List, Self::MovableList, Self::Counter, Self::Tree];

    /// The name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Map => "map",
            Self::List => "list",
            Self::MovableList => "movable-list",
            Self::Counter => "counter",
            Self::Tree => "tree",
        }
    }
}

/// The named roots of a document and what each is.
pub type Roots = BTreeMap<String, ContainerKind>;

/// Where in a container, as plans say it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// A share of the current length, in units of 2^-32: 0 is the start and
    /// `u32::MAX` the end, however long the container is by then.
    Share(u32),
    /// Exactly here, or at the end of a container that is shorter.
    Exact(u32),
    /// This far after the person's cursor, before it if negative: where their
    /// last edit ended, if it was in the same container, and else the end. What
    /// one person writes stays together with it however much others write,
    /// which a share of the length would pull apart.
    Cursor(i32),
}

impl Position {
    /// The start.
    pub const START: Self = Self::Share(0);
    /// The end.
    pub const END: Self = Self::Share(u32::MAX);

    /// One of the `choices` indices `0..choices`; 0 if there are none. The
    /// cursor is taken to be at the end.
    pub fn among(self, choices: u32) -> u32 {
        self.among_from(choices, choices.saturating_sub(1))
    }

    /// One of the `choices` indices `0..choices`, with the cursor at `cursor`;
    /// 0 if there are none.
    pub fn among_from(self, choices: u32, cursor: u32) -> u32 {
        let last = choices.saturating_sub(1);
        match self {
            Self::Share(share) => ((u64::from(share) * u64::from(choices)) >> 32) as u32,
            Self::Exact(index) => index.min(last),
            Self::Cursor(offset) => cursor.saturating_add_signed(offset).min(last),
        }
    }
}

/// The way from a root to a container.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(bound(deserialize = "P: Deserialize<'de>"))]
pub struct Path<P = u32> {
    /// The root's name; short ones take no memory of their own.
    pub root: SmolStr,
    /// The steps below it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step<P>>,
}

/// One step down in a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step<P = u32> {
    /// To the value of a map under this key.
    Key(String),
    /// To an element of a list.
    Element(P),
}

impl<P> Path<P> {
    /// The root called `name` itself.
    pub fn root(name: impl Into<SmolStr>) -> Self {
        Self { root: name.into(), steps: Vec::new() }
    }

    /// This path and then `step`.
    #[must_use]
    pub fn then(mut self, step: Step<P>) -> Self {
        self.steps.push(step);
        self
    }
}

/// What an edit puts into a map or a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A plain value.
    Scalar(Scalar),
    /// A plain object, kept whole where the engine can, as a map where not.
    /// Read back it is a [`crate::document::Node::Map`] of scalars.
    Object(BTreeMap<String, Scalar>),
    /// A new, empty container.
    Container(ContainerKind),
}

/// One change to one container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Edit<P = u32> {
    /// The container.
    pub at: Path<P>,
    /// What is done to it.
    #[serde(rename = "do")]
    pub action: Action<P>,
}

/// What an edit does. Each action belongs to the kinds of container it names;
/// on another kind, or outside the bounds, engines answer with
/// [`crate::engine::EngineError::Misplaced`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action<P = u32> {
    /// Text: puts `text` before the character at `index`.
    InsertText {
        /// Where.
        index: P,
        /// What.
        text: String,
    },
    /// Text: removes `count` code units from `index` on.
    DeleteText {
        /// Where.
        index: P,
        /// How many UTF-16 code units.
        count: u32,
    },
    /// Text: marks `count` code units from `index` on; [`Scalar::Null`] takes
    /// the mark away. Marks grow with text that is typed at their end.
    Mark {
        /// Where.
        index: P,
        /// How many UTF-16 code units.
        count: u32,
        /// The name, such as `bold`.
        name: String,
        /// The value.
        value: Scalar,
    },
    /// Map: sets a key.
    Put {
        /// The key.
        key: String,
        /// Its new value.
        value: Value,
    },
    /// Map: removes a key; no change where it is not there.
    Delete {
        /// The key.
        key: String,
    },
    /// List: puts `values` before the element at `index`.
    Insert {
        /// Where.
        index: P,
        /// What.
        values: Vec<Value>,
    },
    /// List: replaces the element at `index`.
    Set {
        /// Where.
        index: P,
        /// By what.
        value: Value,
    },
    /// List: removes `count` elements from `index` on.
    Remove {
        /// Where.
        index: P,
        /// How many.
        count: u32,
    },
    /// Movable list: takes the element at `from` out and puts it back so that
    /// it stands at `to` afterwards.
    Move {
        /// From where.
        from: P,
        /// To where, counted without the element itself.
        to: P,
    },
    /// Counter: adds.
    Increment {
        /// How much; may be negative.
        by: i64,
    },
    /// Tree: a new node before the child at `index` of `parent`.
    CreateNode {
        /// Its label, unique in the run.
        label: String,
        /// The parent's label; none for the top.
        parent: Option<String>,
        /// Where among the children.
        index: P,
    },
    /// Tree: moves a node with all below it. Under itself: no change.
    MoveNode {
        /// Its label.
        label: String,
        /// The new parent's label; none for the top.
        parent: Option<String>,
        /// Where among the children, counted without the node itself.
        index: P,
    },
    /// Tree: removes a node with all below it.
    DeleteNode {
        /// Its label.
        label: String,
    },
}

impl<P> Action<P> {
    /// The name in files.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::InsertText { .. } => "insert_text",
            Self::DeleteText { .. } => "delete_text",
            Self::Mark { .. } => "mark",
            Self::Put { .. } => "put",
            Self::Delete { .. } => "delete",
            Self::Insert { .. } => "insert",
            Self::Set { .. } => "set",
            Self::Remove { .. } => "remove",
            Self::Move { .. } => "move",
            Self::Increment { .. } => "increment",
            Self::CreateNode { .. } => "create_node",
            Self::MoveNode { .. } => "move_node",
            Self::DeleteNode { .. } => "delete_node",
        }
    }

    /// Bytes of what a person put in: UTF-8 text and labels, and scalars as
    /// [`crate::document::Document::visible_bytes`] counts them.
    pub fn payload_bytes(&self) -> u64 {
        match self {
            Self::InsertText { text, .. } => text.len() as u64,
            Self::Put { value, .. } | Self::Set { value, .. } => value.payload_bytes(),
            Self::Insert { values, .. } => values.iter().map(Value::payload_bytes).sum(),
            Self::Mark { value, .. } => value.visible_bytes(),
            Self::Increment { .. } => 8,
            Self::CreateNode { label, .. } => label.len() as u64,
            Self::DeleteText { .. }
            | Self::Delete { .. }
            | Self::Remove { .. }
            | Self::Move { .. }
            | Self::MoveNode { .. }
            | Self::DeleteNode { .. } => 0,
        }
    }
}

impl Value {
    fn payload_bytes(&self) -> u64 {
        match self {
            Self::Scalar(scalar) => scalar.visible_bytes(),
            Self::Object(fields) => {
                fields.iter().map(|(key, field)| key.len() as u64 + field.visible_bytes()).sum()
            }
            Self::Container(_) => 0,
        }
    }
}
