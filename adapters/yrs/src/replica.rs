//! One document on one device.

use std::collections::BTreeMap;
use std::rc::Rc;

use deadzone_core::document::Document;
use deadzone_core::edit::{Edit, Path};
use deadzone_core::engine::{
    Edited, EngineError, PeerId, Replica, Save, Seen, Setup, Update as Bytes, Version,
};
use yrs::updates::decoder::Decode;
use yrs::updates::encoder::Encode;
use yrs::{Doc, OffsetKind, Options, ReadTxn, StateVector, Transact, TransactionMut, Update};

use crate::Yrs;
use crate::editor::Editor;
use crate::encoding::Encoding;
use crate::history;
use crate::increment::{framed, unframed};
use crate::look;
use crate::message::{self, Kind};
use crate::read;
use crate::rehearsal::rehearse;
use crate::seen::{self, Arrivals};
use crate::session::{Due, Session};
use crate::shim;
use crate::target::RootTargets;
use crate::undo::{Done, ORIGIN, Undo};
use crate::waiting::{Shared, Taken, Waiting};

/// A replica.
pub(crate) struct YrsReplica {
    engine: Yrs,
    setup: Setup,
    doc: Doc,
    editor: Editor,
    sessions: BTreeMap<PeerId, Session>,
    outbox: Outbox,
    /// From the first save on.
    unsaved: Option<Unsaved>,
    arrivals: Arrivals,
    /// Once it was asked for.
    undo: Option<Undo>,
}

/// Local updates for broadcast.
#[derive(Default)]
struct Outbox {
    waiting: Waiting,
    /// The own clock when it was last emptied.
    since: u32,
}

/// What is new since the last save.
struct Unsaved {
    waiting: Waiting,
    /// What was there then.
    since: StateVector,
}

/// How an update came.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Arrival {
    /// By itself: all or nothing of it is new.
    Alone,
    /// As step 2, which repeats all deletions there ever were.
    Step2,
}

impl YrsReplica {
    /// A replica of an empty document.
    pub(crate) fn new(engine: Yrs, setup: &Setup) -> Self {
        // 53 bits, as `ClientID::random` draws them.
        let client = shim::client_id(setup.id.as_u64() >> 11);
        // The guid is that of subdocuments, and not written anywhere.
        let options = Options {
            offset_kind: OffsetKind::Utf16,
            skip_gc: engine.keeps_history,
            ..Options::with_guid_and_client_id("deadzone".into(), client)
        };
        let doc = Doc::with_options(options);
        let roots = RootTargets::new(&doc, &setup.roots);
        Self {
            engine,
            setup: setup.clone(),
            editor: Editor::new(roots, client),
            doc,
            sessions: BTreeMap::new(),
            outbox: Outbox::default(),
            unsaved: None,
            arrivals: Arrivals::default(),
            undo: None,
        }
    }

    /// The replica that was saved as `stored`.
    pub(crate) fn load(
        engine: Yrs,
        setup: &Setup,
        stored: &[Vec<u8>],
    ) -> Result<Self, EngineError> {
        let Some((whole, increments)) = stored.split_first() else {
            return Err(EngineError::Refused("nothing was stored".to_owned()));
        };
        let mut updates = vec![whole.as_slice()];
        for increment in increments {
            updates.extend(unframed(increment)?);
        }
        let mut replica = Self::holding(engine, setup, &updates)?;
        let since = replica.doc.transact().state_vector();
        replica.unsaved = Some(Unsaved { waiting: Waiting::default(), since });
        Ok(replica)
    }

    /// A replica that holds these updates.
    fn holding(engine: Yrs, setup: &Setup, updates: &[&[u8]]) -> Result<Self, EngineError> {
        let mut replica = Self::new(engine, setup);
        let encoding = engine.encoding;
        let updates: Vec<Update> =
            updates.iter().map(|update| encoding.decode(update)).collect::<Result<_, _>>()?;
        let mut txn = replica.doc.transact_mut();
        for update in updates {
            integrate(&mut txn, update)?;
        }
        replica.arrivals.received(&txn);
        drop(txn);
        replica.outbox.since = replica.doc.transact().store().get_local_state();
        Ok(replica)
    }

    fn encoding(&self) -> Encoding {
        self.engine.encoding
    }

    /// Whether anybody waits for the updates of local transactions.
    fn anybody_waits(&self) -> bool {
        self.outbox.waiting.keeps()
            || self.unsaved.as_ref().is_some_and(|unsaved| unsaved.waiting.keeps())
            || self.sessions.values().any(Session::passes_updates_on)
    }

    /// Keeps the update of a local transaction for all who wait for it.
    fn publish(&mut self, update: &Shared) {
        self.outbox.waiting.push(update);
        if let Some(unsaved) = &mut self.unsaved {
            unsaved.waiting.push(update);
        }
        for session in self.sessions.values_mut() {
            session.push(update);
        }
    }

    fn take_back(
        &mut self,
        how: impl FnOnce(&mut Undo) -> Option<Done>,
    ) -> Result<Edited, EngineError> {
        let undo =
            self.undo.as_mut().ok_or(EngineError::NotSupported("undo that is not tracked"))?;
        let Some(Done { stamp, update, arrivals }) = how(undo) else {
            return Ok(Edited::Unchanged);
        };
        self.arrivals.absorb(&arrivals);
        self.publish(&update);
        Ok(Edited::Applied(stamp))
    }

    fn wants_incremental(&self) -> bool {
        self.unsaved.as_ref().is_some_and(|unsaved| unsaved.waiting.keeps())
    }

    /// Integrates updates in one transaction and passes on what is new in them.
    fn take_in(
        &mut self,
        bytes: &[&[u8]],
        how: Arrival,
        from: Option<PeerId>,
    ) -> Result<(), EngineError> {
        let encoding = self.encoding();
        let updates: Vec<Update> =
            bytes.iter().map(|update| encoding.decode(update)).collect::<Result<_, _>>()?;
        let forward = self
            .sessions
            .iter()
            .any(|(peer, session)| Some(*peer) != from && session.passes_updates_on());
        let store = self.wants_incremental();
        let mut txn = self.doc.transact_mut();
        for update in updates {
            integrate(&mut txn, update)?;
        }
        self.arrivals.received(&txn);
        let changed = shim::has_changes(&txn);
        let pending = txn.has_missing_updates();
        txn.commit();

        // Encoded anew, an update lacks what stands behind a hole.
        let as_it_came = || match bytes {
            [update] => Rc::new(update.to_vec()),
            updates => Rc::new(encoding.merge(updates)),
        };
        let anew = |txn: &TransactionMut| encoded(encoding, txn);
        let news: Option<Shared> = match () {
            () if !changed => None,
            () if stands_behind_a_hole(&txn) => Some(as_it_came()),
            () if forward || (store && how == Arrival::Step2) => Some(anew(&txn)),
            () if store => Some(as_it_came()),
            () => None,
        };
        drop(txn);

        if forward && let Some(news) = &news {
            for (peer, session) in &mut self.sessions {
                if Some(*peer) != from {
                    session.push(news);
                }
            }
        }
        if store && let Some(unsaved) = &mut self.unsaved {
            // What is pending is in no transaction yet.
            let update = if pending { Some(as_it_came()) } else { news };
            if let Some(update) = update {
                unsaved.waiting.push(&update);
            }
        }
        Ok(())
    }
}

/// Integrates an update.
fn integrate(txn: &mut TransactionMut, update: Update) -> Result<(), EngineError> {
    txn.apply_update(update).map_err(|error| EngineError::Refused(error.to_string()))
}

/// Whether a transaction integrated something before all that precedes it.
fn stands_behind_a_hole(txn: &TransactionMut) -> bool {
    let before = txn.before_state();
    let inserted = shim::insert_set(txn);
    inserted.iter().any(|(client, ranges)| {
        ranges.iter().next().is_some_and(|first| first.start > before.get(client))
    })
}

/// The update of a transaction. The encoder starts with a kilobyte, which would
/// stay with every update that waits.
fn encoded(encoding: Encoding, txn: &TransactionMut) -> Shared {
    let mut bytes = encoding.transaction(txn);
    bytes.shrink_to_fit();
    Rc::new(bytes)
}

impl Replica for YrsReplica {
    fn edit(&mut self, edits: &[Edit]) -> Result<Edited, EngineError> {
        let anybody_waits = self.anybody_waits();
        let encoding = self.encoding();
        let mut txn = match self.undo {
            Some(_) => self.doc.transact_mut_with(ORIGIN),
            None => self.doc.transact_mut(),
        };
        if let [edit] = edits {
            self.editor.apply(&mut txn, edit)?;
        } else {
            rehearse(&txn, &self.editor, edits)?;
            for edit in edits {
                self.editor.apply(&mut txn, edit).map_err(|error| {
                    EngineError::Failed(format!("possible when rehearsed, but then {error}"))
                })?;
            }
        }
        let Some(stamp) = seen::stamp(&txn) else {
            return Ok(Edited::Unchanged);
        };
        txn.commit();
        self.arrivals.made(&txn);
        if anybody_waits {
            let update = encoded(encoding, &txn);
            drop(txn);
            self.publish(&update);
        }
        Ok(Edited::Applied(stamp))
    }

    fn length(&self, at: &Path) -> Option<u32> {
        look::length(&self.doc.transact(), &self.editor.roots, at)
    }

    fn snap(&self, at: &Path, index: u32) -> u32 {
        look::snap(&self.doc.transact(), &self.editor.roots, at, index)
    }

    fn children(&self, at: &Path) -> Vec<String> {
        look::children(&self.doc.transact(), &self.editor.roots, at)
    }

    fn branches(&self, at: &Path, parent: Option<&str>) -> Option<u32> {
        look::branches(&self.doc.transact(), &self.editor.roots, at, parent)
    }

    fn anchor(&self, at: &Path, index: u32) -> Option<Vec<u8>> {
        look::anchor(&self.doc.transact(), &self.editor.roots, at, index)
    }

    fn anchored(&self, at: &Path, anchor: &[u8]) -> Option<u32> {
        look::anchored(&self.doc.transact(), &self.editor.roots, at, anchor)
    }

    fn read(&mut self) -> Document {
        read::document(&self.doc.transact(), &self.editor.roots)
    }

    /// Local updates do not wait for broadcast any more, as sessions take care
    /// of them; [`Replica::take_updates`] then gives one update with all of
    /// them.
    fn connect(&mut self, peer: PeerId, _saved: Option<&[u8]>) -> Result<(), EngineError> {
        self.outbox.waiting.forget();
        self.sessions.insert(peer, Session::new());
        Ok(())
    }

    fn poll(&mut self, peer: PeerId) -> Option<Vec<u8>> {
        let encoding = self.encoding();
        let due = self.sessions.get_mut(&peer)?.next()?;
        let txn = self.doc.transact();
        Some(match due {
            Due::Greeting => message::encode(Kind::Step1, &txn.state_vector().encode_v1()),
            Due::Answer(known) => message::encode(Kind::Step2, &encoding.beyond(&txn, &known)),
            Due::Everything(known) => message::encode(Kind::Update, &encoding.beyond(&txn, &known)),
            Due::Updates(updates) => match updates.as_slice() {
                [update] => message::encode(Kind::Update, update),
                updates => {
                    let updates: Vec<&[u8]> = updates.iter().map(|update| &***update).collect();
                    message::encode(Kind::Update, &encoding.merge(&updates))
                }
            },
        })
    }

    fn receive(&mut self, peer: PeerId, message: &[u8]) -> Result<(), EngineError> {
        let (kind, payload) = message::decode(message)?;
        match kind {
            Kind::Step1 => {
                let state = StateVector::decode_v1(payload)
                    .map_err(|error| EngineError::Refused(format!("state vector: {error}")))?;
                if let Some(session) = self.sessions.get_mut(&peer) {
                    session.asked(state);
                }
                self.arrivals.contact();
                Ok(())
            }
            Kind::Step2 => self.take_in(&[payload], Arrival::Step2, Some(peer)),
            Kind::Update => self.take_in(&[payload], Arrival::Alone, Some(peer)),
        }
    }

    fn disconnect(&mut self, peer: PeerId) -> Option<Vec<u8>> {
        self.sessions.remove(&peer);
        None
    }

    fn take_updates(&mut self) -> Vec<Bytes> {
        let since = self.outbox.since;
        let taken = self.outbox.waiting.take();
        let txn = self.doc.transact();
        self.outbox.since = txn.store().get_local_state();
        match taken {
            Taken::Updates(updates) => updates.into_iter().map(Rc::unwrap_or_clone).collect(),
            Taken::TooMuch => {
                let mut others = txn.state_vector();
                others.set_min(shim::client_id(self.editor.client()), since);
                vec![self.encoding().beyond(&txn, &others)]
            }
        }
    }

    fn apply(&mut self, update: &[u8]) -> Result<(), EngineError> {
        self.take_in(&[update], Arrival::Alone, None)
    }

    fn apply_all(&mut self, updates: &[Bytes]) -> Result<(), EngineError> {
        let updates: Vec<&[u8]> = updates.iter().map(Vec::as_slice).collect();
        self.take_in(&updates, Arrival::Alone, None)
    }

    fn merge(&mut self, saved: &[u8]) -> Result<(), EngineError> {
        self.take_in(&[saved], Arrival::Step2, None)
    }

    fn newly_seen(&mut self, into: &mut Vec<Seen>) {
        self.arrivals.drain(into);
    }

    fn pending(&self) -> usize {
        let txn = self.doc.transact();
        let store = txn.store();
        usize::from(store.pending_update().is_some()) + usize::from(store.pending_ds().is_some())
    }

    fn track_undo(&mut self) -> Result<(), EngineError> {
        if self.undo.is_none() {
            self.undo = Some(Undo::new(&self.doc, &self.editor.roots, self.encoding()));
        }
        Ok(())
    }

    fn undo(&mut self) -> Result<Edited, EngineError> {
        self.take_back(Undo::undo)
    }

    fn redo(&mut self) -> Result<Edited, EngineError> {
        self.take_back(Undo::redo)
    }

    fn save(&mut self, how: Save) -> Vec<u8> {
        let encoding = self.encoding();
        let txn = self.doc.transact();
        let since = txn.state_vector();
        let unsaved = self.unsaved.replace(Unsaved { waiting: Waiting::default(), since });
        let whole = || encoding.beyond(&txn, &StateVector::default());
        match (how, unsaved) {
            (Save::Whole, _) => whole(),
            (Save::Incremental, None) => framed(&[whole()]),
            (Save::Incremental, Some(mut unsaved)) => match unsaved.waiting.take() {
                Taken::Updates(updates) => {
                    let updates: Vec<&[u8]> = updates.iter().map(|update| &***update).collect();
                    framed(&updates)
                }
                Taken::TooMuch => framed(&[encoding.beyond(&txn, &unsaved.since)]),
            },
        }
    }

    fn version(&mut self) -> Result<Version, EngineError> {
        if self.engine.keeps_history {
            Ok(Version(history::version(&self.doc.transact())))
        } else {
            Err(NO_HISTORY)
        }
    }

    fn checkout(&mut self, version: &Version) -> Result<Document, EngineError> {
        if !self.engine.keeps_history {
            return Err(NO_HISTORY);
        }
        let state = history::state_at(&self.doc.transact(), self.encoding(), &version.0)?;
        Ok(Self::holding(self.engine, &self.setup, &[&state])?.read())
    }

    fn fork(&mut self, setup: &Setup) -> Result<Box<dyn Replica>, EngineError> {
        let state = self.encoding().beyond(&self.doc.transact(), &StateVector::default());
        Ok(Box::new(Self::holding(self.engine, setup, &[&state])?))
    }
}

const NO_HISTORY: EngineError =
    EngineError::NotSupported("versions need garbage collection off, which is on by default");
