//! Loro's exchange of version vectors, as its documentation describes it and
//! applications do it: each side tells its version vector when a connection
//! comes up, and sends what the other lacks, then and whenever there is more.
//!
//! A message is a payload and then one byte that says what it is; at the end,
//! so that neither side has to move the payload.

use std::collections::BTreeMap;

use deadzone_core::engine::{EngineError, PeerId};
use loro::{ExportMode, ID, ImportStatus, LoroDoc, VersionVector};

use crate::store::refused;

const VERSION_VECTOR: u8 = 0;
const UPDATES: u8 = 1;

/// All sessions of a replica.
#[derive(Debug, Default)]
pub(crate) struct Sessions(BTreeMap<PeerId, Session>);

#[derive(Debug, Default)]
struct Session {
    greeted: bool,
    /// What the peer is known to hold; none before it said so.
    theirs: Option<VersionVector>,
    /// The revision of the document up to which nothing more is to be said.
    settled: Option<u64>,
}

/// A message, opened.
pub(crate) enum Message<'a> {
    /// The sender holds this.
    VersionVector(VersionVector),
    /// The sender holds what is in here.
    Updates(&'a [u8]),
}

impl Sessions {
    /// A session begins, or begins anew.
    pub(crate) fn connect(&mut self, peer: PeerId) {
        self.0.insert(peer, Session::default());
    }

    /// The session is over.
    pub(crate) fn disconnect(&mut self, peer: PeerId) {
        self.0.remove(&peer);
    }

    /// The next message for `peer`. `revision` changes whenever the document
    /// does.
    pub(crate) fn poll(&mut self, peer: PeerId, doc: &LoroDoc, revision: u64) -> Option<Vec<u8>> {
        let session = self.0.get_mut(&peer)?;
        if !session.greeted {
            session.greeted = true;
            let mut message = doc.with_oplog(|log| log.dag().vv().encode());
            message.push(VERSION_VECTOR);
            return Some(message);
        }
        let theirs = session.theirs.as_mut()?;
        if session.settled == Some(revision) {
            return None;
        }
        session.settled = Some(revision);
        if doc.with_oplog(|log| log.dag().vv().sub_iter(theirs).next().is_none()) {
            return None;
        }
        let mut message =
            doc.export(ExportMode::updates(theirs)).expect("what was imported can be exported");
        doc.with_oplog(|log| theirs.merge(log.dag().vv()));
        message.push(UPDATES);
        Some(message)
    }

    /// `peer` said what it holds.
    pub(crate) fn learn_version(&mut self, peer: PeerId, theirs: VersionVector) {
        if let Some(session) = self.0.get_mut(&peer) {
            session.theirs = Some(theirs);
            session.settled = None;
        }
    }

    /// `peer` sent `updates`, which importing answered with `status`. What it
    /// sent it holds, and need not get back.
    ///
    /// `status` says that without another look at the bytes, but not where we
    /// had everything from elsewhere already, nor where `unparked`: then it may
    /// name what others had sent.
    pub(crate) fn learn_updates(
        &mut self,
        peer: PeerId,
        updates: &[u8],
        status: &ImportStatus,
        unparked: bool,
    ) {
        let others = self.0.len() > 1;
        let Some(theirs) = self.0.get_mut(&peer).and_then(|session| session.theirs.as_mut()) else {
            return;
        };
        if unparked || (others && status.success.is_empty()) {
            if let Ok(meta) = LoroDoc::decode_import_blob_meta(updates, false) {
                theirs.merge(&meta.partial_end_vv);
            }
            return;
        }
        let ranges = status.success.iter().chain(status.pending.iter().flat_map(|it| it.iter()));
        for (sender, (_, end)) in ranges {
            theirs.extend_to_include_end_id(ID::new(*sender, *end));
        }
    }

    /// Opens a message of `peer`.
    ///
    /// # Errors
    /// [`EngineError::Refused`] if it is none, or there is no session.
    pub(crate) fn open<'a>(
        &self,
        peer: PeerId,
        message: &'a [u8],
    ) -> Result<Message<'a>, EngineError> {
        if !self.0.contains_key(&peer) {
            return Err(refused(format!("no session with peer {}", peer.0)));
        }
        match message.split_last() {
            Some((&VERSION_VECTOR, payload)) => version_vector(payload).map(Message::VersionVector),
            Some((&UPDATES, payload)) => Ok(Message::Updates(payload)),
            _ => Err(refused("a message is a version vector or updates")),
        }
    }
}

/// Loro ignores bytes after the end, repeated peers and negative counters.
fn version_vector(payload: &[u8]) -> Result<VersionVector, EngineError> {
    let decoded = VersionVector::decode(payload).map_err(refused)?;
    let sound = decoded.values().all(|end| *end >= 0) && decoded.encode().len() == payload.len();
    sound.then_some(decoded).ok_or_else(|| refused("a damaged version vector"))
}
