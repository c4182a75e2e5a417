//! Engine calls under the meter, and what they add up to.

use xxhash_rust::xxh3::Xxh3;

use super::inputs::ROOTS;
use crate::document::Document;
use crate::edit::{Edit, Roots};
use crate::engine::{Edited, Engine, EngineError, Replica, ReplicaId, Role, Save, Setup, Update};
use crate::measure::Histogram;
use crate::profile::CpuModel;
use crate::record::CpuMode;
use crate::rng::Stream;
use crate::sandbox::{Given, Heap, Panicked, Sandbox, ask, call};
use crate::units::Work;

/// The wall clock of all replicas, in milliseconds since the Unix epoch: a
/// change that is stamped with the year 1970 would be smaller than real ones.
const CLOCK_UNIX_MILLISECONDS: u64 = 1_700_000_000_000;

/// Why a run ends before its end.
#[derive(Debug)]
pub(super) enum Stop {
    /// The engine panicked.
    Panicked(String),
    /// It lacks what the scenario needs.
    Unsupported(String),
    /// It refused or failed at what it should have done.
    Failed(String),
}

/// A replica and its memory.
pub(super) struct Client {
    replica: Box<dyn Replica>,
    heap: Heap,
}

impl Client {
    /// Requested bytes alive.
    pub(super) fn live_bytes(&self) -> u64 {
        self.heap.live_bytes()
    }
}

/// What engine calls added up to.
#[derive(Default)]
pub(super) struct Tally {
    /// Counted work of the calls that are timed in the original.
    pub(super) work: Work,
    /// Counted work of each call.
    pub(super) calls: Histogram,
    /// Sizes of updates.
    pub(super) sizes: Histogram,
    /// All updates together, in bytes.
    pub(super) update_bytes: u64,
    /// How many updates.
    pub(super) updates: u64,
    /// Transactions accepted.
    pub(super) edits: u64,
    /// What was typed.
    pub(super) payload_bytes: u64,
    /// The most that one replica ever had alive.
    pub(super) heap_peak_bytes: u64,
    /// Hash over every update.
    pub(super) audit: Xxh3,
    /// Engine calls.
    pub(super) events: u64,
    /// Replicas created.
    pub(super) replicas: u32,
}

/// Drives an engine.
pub(super) struct Bench<'a> {
    engine: &'a dyn Engine,
    sandbox: &'a mut dyn Sandbox,
    model: &'a CpuModel,
    mode: CpuMode,
    roots: Roots,
    timed: bool,
    /// Where draws come from.
    pub(super) stream: Stream,
    /// See [`Tally`].
    pub(super) tally: Tally,
}

impl<'a> Bench<'a> {
    pub(super) fn new(
        engine: &'a dyn Engine,
        sandbox: &'a mut dyn Sandbox,
        model: &'a CpuModel,
        mode: CpuMode,
        stream: Stream,
    ) -> Self {
        let roots = ROOTS.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
        let tally = Tally::default();
        Self { engine, sandbox, model, mode, roots, timed: false, stream, tally }
    }

    /// Does `work` with its engine calls counted towards `cpu_work`.
    pub(super) fn timed<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        self.timed = true;
        let value = work(self);
        self.timed = false;
        value
    }

    /// A new replica, with the next identity.
    pub(super) fn create(&mut self) -> Result<Client, Stop> {
        let setup = self.setup(self.tally.replicas);
        self.tally.replicas += 1;
        let (engine, mut heap) = (self.engine, Heap::default());
        let (created, _) = self.call(&mut heap, || engine.create(&setup))?;
        let mut replica = created.map_err(|error| stop("creating a replica", &error))?;
        replica.set_clock(CLOCK_UNIX_MILLISECONDS);
        Ok(Client { replica, heap })
    }

    /// One local transaction and the updates that it makes.
    pub(super) fn edit(
        &mut self,
        client: &mut Client,
        edits: &[Edit],
    ) -> Result<Vec<Update>, Stop> {
        let Client { replica, heap } = client;
        let (edited, _) = self.call(heap, || replica.edit(edits))?;
        if edited.map_err(|error| stop(&self.place(), &error))? != Edited::Unchanged {
            self.tally.edits += 1;
            let payload = edits.iter().map(|edit| edit.action.payload_bytes());
            self.tally.payload_bytes += payload.sum::<u64>();
        }
        let (updates, _) = self.call(heap, || replica.take_updates())?;
        for update in &updates {
            self.tally.updates += 1;
            self.tally.update_bytes += update.len() as u64;
            self.tally.sizes.record(update.len() as u64);
            self.tally.audit.update(&(update.len() as u64).to_le_bytes());
            self.tally.audit.update(update);
        }
        Ok(updates)
    }

    /// Updates, one after the other.
    pub(super) fn apply(&mut self, client: &mut Client, updates: &[Update]) -> Result<(), Stop> {
        let Client { replica, heap } = client;
        for update in updates {
            let (applied, _) = self.call(heap, || replica.apply(update))?;
            applied.map_err(|error| stop("applying an update of this very run", &error))?;
        }
        Ok(())
    }

    /// Updates, all at once.
    pub(super) fn apply_all(
        &mut self,
        client: &mut Client,
        updates: &[Update],
    ) -> Result<(), Stop> {
        let Client { replica, heap } = client;
        let (applied, _) = self.call(heap, || replica.apply_all(updates))?;
        applied.map_err(|error| stop("applying updates of this very run", &error))
    }

    /// The document saved whole, and what that cost.
    pub(super) fn save(&mut self, client: &mut Client) -> Result<(Vec<u8>, Work), Stop> {
        let Client { replica, heap } = client;
        self.call(heap, || replica.save(Save::Whole))
    }

    /// A replica loaded from `stored`, and what that cost.
    pub(super) fn load(&mut self, stored: Vec<u8>) -> Result<(Client, Work), Stop> {
        let setup = self.setup(self.tally.replicas);
        let (engine, mut heap, stored) = (self.engine, Heap::default(), [stored]);
        let (loaded, work) = self.call(&mut heap, || engine.load(&setup, &stored))?;
        let replica = loaded.map_err(|error| stop("loading what it saved", &error))?;
        Ok((Client { replica, heap }, work))
    }

    fn call<T: Given>(
        &mut self,
        heap: &mut Heap,
        code: impl FnOnce() -> T,
    ) -> Result<(T, Work), Stop> {
        let called = call(self.sandbox, self.model, self.mode, heap, code)
            .map_err(|panicked| self.panicked(&panicked))?;
        self.tally.events += 1;
        self.tally.calls.record(called.work.0);
        self.tally.heap_peak_bytes = self.tally.heap_peak_bytes.max(heap.peak_bytes());
        if self.timed {
            self.tally.work += called.work;
        }
        Ok((called.value, called.work))
    }

    /// The document, for which no call is counted.
    pub(super) fn read(&mut self, client: &mut Client) -> Result<Document, Stop> {
        self.ask(|| client.replica.read())
    }

    /// As [`Replica::pending`], for which no call is counted.
    pub(super) fn pending(&mut self, client: &Client) -> Result<usize, Stop> {
        self.ask(|| client.replica.pending())
    }

    fn ask<T>(&mut self, code: impl FnOnce() -> T) -> Result<T, Stop> {
        ask(self.sandbox, code).map_err(|panicked| self.panicked(&panicked))
    }

    fn panicked(&self, panicked: &Panicked) -> Stop {
        Stop::Panicked(format!("{panicked}, {}", self.place()))
    }

    fn place(&self) -> String {
        format!("after {} edits and {} engine calls", self.tally.edits, self.tally.events)
    }

    /// Identities as wide and as random as applications make them.
    fn setup(&self, number: u32) -> Setup {
        let mut draws = self.stream.named("replica").numbered(number.into()).draws();
        let mut id = [0; 16];
        id[..8].copy_from_slice(&draws.bits().to_le_bytes());
        id[8..].copy_from_slice(&draws.bits().to_le_bytes());
        Setup { id: ReplicaId(id), role: Role::Client, roots: self.roots.clone() }
    }
}

fn stop(place: &str, error: &EngineError) -> Stop {
    match error {
        EngineError::NotSupported(_) => Stop::Unsupported(error.to_string()),
        _ => Stop::Failed(format!("{place}: {error}")),
    }
}
