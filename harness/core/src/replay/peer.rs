//! A replica of a replay, with its storage.

use super::edit_set::EditSet;
use crate::document::Document;
use crate::engine::{Replica, Version};
use crate::plan::Cursor;

/// A replica of a replay, with its storage.
pub(super) struct Peer {
    pub(super) replica: Box<dyn Replica>,
    /// How many ids it has had before its own.
    pub(super) life: u32,
    pub(super) cursor: Cursor,
    /// The edits that its stamps say it holds.
    pub(super) held: EditSet,
    /// The edits that can have reached it. Stamps may claim more: some engines name
    /// a deletion by what it deleted, and another one of the same looks like it.
    pub(super) reached: EditSet,
    /// Whether any own edit is not stored.
    pub(super) unsaved: bool,
    /// Edits whose updates it has had since it was loaded, or made in this life.
    pub(super) delivered: EditSet,
    pub(super) stored: Stored,
    /// The state it showed last, if nothing has happened to it since.
    pub(super) latest: Option<usize>,
    /// Versions recorded after own edits, with the documents then.
    pub(super) versions: Vec<(Version, Document)>,
}

/// What a replica's storage holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Stored {
    /// One whole save and the incremental ones since.
    pub(super) parts: Vec<Vec<u8>>,
    /// What was held and delivered when the last of them was written, and the
    /// document then, if anybody looked.
    pub(super) held: EditSet,
    pub(super) reached: EditSet,
    pub(super) delivered: EditSet,
    pub(super) document: Option<Document>,
}

impl Peer {
    pub(super) fn new(replica: Box<dyn Replica>, life: u32) -> Self {
        Self {
            replica,
            life,
            cursor: Cursor::default(),
            held: EditSet::default(),
            reached: EditSet::default(),
            unsaved: false,
            delivered: EditSet::default(),
            stored: Stored::default(),
            latest: None,
            versions: Vec::new(),
        }
    }

    /// The storage has these parts now, with all that the replica holds.
    pub(super) fn store(&mut self, parts: Vec<Vec<u8>>, document: Option<Document>) {
        self.stored = Stored {
            parts,
            held: self.held.clone(),
            reached: self.reached.clone(),
            delivered: self.delivered.clone(),
            document,
        };
        self.unsaved = false;
    }
}
