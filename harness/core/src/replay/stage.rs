//! Everything that a replay is in the middle of.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use super::aloud::{Teller, Telling};
use super::edit_set::EditSet;
use super::identity::replica_id;
use super::peer::Peer;
use super::story::{Happened, MessageNumber, Story};
use super::{Ending, Replayed, Scrutiny};
use crate::check::{Made, MadeBy, Observed, Oracle, Shown, Survival, Violation};
use crate::edit::Edit;
use crate::engine::{
    Engine, EngineError, EngineInfo, Replica, ReplicaId, Role, Seen, Setup, Stamp, Update,
};
use crate::plan::{Cursor, Layout};
use crate::sandbox::{Panicked, Sandbox, counted};
use crate::schedule::{Attention, Origin, ReplicaNumber, Schedule, ScheduleAction};

/// Everything that a replay is in the middle of.
pub(super) struct Stage<'a> {
    pub(super) schedule: &'a Schedule,
    pub(super) engine: &'a dyn Engine,
    pub(super) info: EngineInfo,
    pub(super) sandbox: &'a mut dyn Sandbox,
    pub(super) scrutiny: Scrutiny,
    pub(super) peers: BTreeMap<ReplicaNumber, Peer>,
    /// The updates of edits by the number of their step, and the edit.
    pub(super) updates: BTreeMap<u32, (u32, Rc<[Update]>)>,
    /// What is under way, by sender and receiver; a key while connected.
    pub(super) lines: BTreeMap<(ReplicaNumber, ReplicaNumber), Line>,
    /// Who was ever connected with whom.
    pub(super) met: BTreeSet<(ReplicaNumber, ReplicaNumber)>,
    /// What a side keeps of an ended session, by owner and peer.
    pub(super) sessions: BTreeMap<(ReplicaNumber, ReplicaNumber), Vec<u8>>,
    /// The stamp of each edit that has one.
    stamps: Vec<(Stamp, u32)>,
    pub(super) observed: Observed,
    pub(super) splits: bool,
    /// Whether versions are recorded: only if any is looked at.
    pub(super) records_versions: bool,
    /// Whether replicas are told to make undo possible: only if it is asked for.
    tracks_undo: bool,
    /// The step that is being done; none before the first and after the last.
    pub(super) step: Option<u32>,
    pub(super) messages: u32,
    teller: Teller<'a>,
    skipped: u32,
    blocks: u64,
}

/// Messages under way in one direction, the oldest first.
pub(super) type Line = VecDeque<(MessageNumber, Vec<u8>)>;

/// Why a replay cannot go on.
pub(super) enum Stop {
    Violated(Violation),
    Unsupported(String),
}

impl From<Violation> for Stop {
    fn from(violation: Violation) -> Self {
        Self::Violated(violation)
    }
}

impl<'a> Stage<'a> {
    pub(super) fn new(
        schedule: &'a Schedule,
        engine: &'a dyn Engine,
        sandbox: &'a mut dyn Sandbox,
        scrutiny: Scrutiny,
        listener: Option<&'a mut dyn FnMut(Telling)>,
    ) -> Self {
        let checks_out = |what: &ScheduleAction| matches!(what, ScheduleAction::Checkout { .. });
        let takes_back = |what: &ScheduleAction| {
            matches!(what, ScheduleAction::Undo { .. } | ScheduleAction::Redo { .. })
        };
        let info = engine.info();
        let observed = Observed {
            roots: schedule.roots.clone(),
            engine: info.clone(),
            made: Vec::new(),
            shown: Vec::new(),
            last: Vec::new(),
        };
        Self {
            schedule,
            engine,
            info,
            sandbox,
            scrutiny,
            peers: BTreeMap::new(),
            updates: BTreeMap::new(),
            lines: BTreeMap::new(),
            met: BTreeSet::new(),
            sessions: BTreeMap::new(),
            stamps: Vec::new(),
            observed,
            splits: schedule.splits(),
            records_versions: schedule.steps.iter().any(|step| checks_out(&step.what)),
            tracks_undo: schedule.steps.iter().any(|step| takes_back(&step.what)),
            step: None,
            messages: 0,
            teller: Teller::new(scrutiny.story, listener),
            skipped: 0,
            blocks: 0,
        }
    }

    pub(super) fn run(mut self) -> Replayed {
        let mut ending = match self.play() {
            Ok(()) => Ending::Held,
            Err(Stop::Violated(violation)) => Ending::Violated(violation),
            Err(Stop::Unsupported(what)) => Ending::Unsupported(what),
        };
        let peers = std::mem::take(&mut self.peers);
        if matches!(&ending, Ending::Violated(violation) if violation.oracle == Oracle::Panic) {
            // What is left after a panic may panic again when it is dropped.
            std::mem::forget(peers);
        } else {
            for (at, peer) in peers {
                let dropped = self.call(at, || drop(peer));
                if let (Err(Stop::Violated(violation)), Ending::Held) = (dropped, &ending) {
                    ending = Ending::Violated(violation);
                }
            }
        }
        let failed = matches!(
            &ending,
            Ending::Violated(Violation { oracle: Oracle::Panic | Oracle::Refusal, .. })
        );
        let story = self.teller.into_events(failed).map(|events| Story {
            roots: self.schedule.roots.clone(),
            delivery: self.schedule.delivery,
            events,
            ending: ending.clone(),
        });
        let (observed, skipped, blocks) = (self.observed, self.skipped, self.blocks);
        Replayed { ending, observed, story, skipped, blocks }
    }

    fn play(&mut self) -> Result<(), Stop> {
        if !self.info.deliveries.contains(&self.schedule.delivery) {
            let delivery = self.schedule.delivery;
            return Err(Stop::Unsupported(format!("delivery by {}", delivery.name())));
        }
        for number in (0..self.schedule.replicas).map(ReplicaNumber) {
            self.create(number)?;
        }
        for step in &self.schedule.steps {
            self.step = Some(step.number);
            self.play_step(step)?;
            if self.scrutiny.until.is_some_and(|until| step.number >= until) {
                return self.show_all();
            }
        }
        self.step = None;
        self.finish()
    }

    fn create(&mut self, number: ReplicaNumber) -> Result<(), Stop> {
        let id = replica_id(self.schedule, number, 0);
        let setup = self.setup(id);
        let engine = self.engine;
        let created = self.call(number, || engine.create(&setup))?;
        let replica = created.map_err(|error| self.refusal(number, "create", error))?;
        self.peers.insert(number, Peer::new(replica, 0));
        self.tell(|| Happened::Created { replica: number, id });
        self.track_undo(number)
    }

    /// Tells a new replica to make undo possible, if the schedule undoes
    /// anything. Where the engine has no undo, those steps are skipped.
    pub(super) fn track_undo(&mut self, at: ReplicaNumber) -> Result<(), Stop> {
        if !self.tracks_undo {
            return Ok(());
        }
        match self.call_on(at, |replica| replica.track_undo())? {
            Ok(()) | Err(EngineError::NotSupported(_)) => Ok(()),
            Err(error) => Err(self.refusal(at, "track undo", error)),
        }
    }

    pub(super) fn setup(&self, id: ReplicaId) -> Setup {
        Setup { id, role: Role::Client, roots: self.schedule.roots.clone() }
    }

    /// Calls engine code for a replica.
    pub(super) fn call<T>(
        &mut self,
        at: ReplicaNumber,
        code: impl FnOnce() -> T,
    ) -> Result<T, Stop> {
        self.teller.call(self.step, at);
        let (called, blocks) = counted(self.sandbox, code);
        self.blocks += blocks;
        called.map_err(|panicked| self.panic(at, &panicked))
    }

    /// Calls a method of a replica.
    pub(super) fn call_on<T>(
        &mut self,
        at: ReplicaNumber,
        code: impl FnOnce(&mut dyn Replica) -> T,
    ) -> Result<T, Stop> {
        let Self { peers, teller, sandbox, .. } = self;
        let peer = peers.get_mut(&at).expect("the caller has looked");
        teller.call(self.step, at);
        let (called, blocks) = counted(*sandbox, || code(peer.replica.as_mut()));
        self.blocks += blocks;
        called.map_err(|panicked| self.bury(at, &panicked))
    }

    fn panic(&self, at: ReplicaNumber, panicked: &Panicked) -> Stop {
        let about = panicked.0.lines().next().unwrap_or_default().to_owned();
        self.violation(Oracle::Panic, about, panicked.to_string()).at(at).into()
    }

    pub(super) fn peer(&mut self, at: ReplicaNumber) -> &mut Peer {
        self.peers.get_mut(&at).expect("the caller has looked")
    }

    /// Others' edits are about to be applied: whoever works there keeps their
    /// place, in a schedule that says so.
    pub(super) fn hold_cursor(&mut self, at: ReplicaNumber) -> Result<(), Stop> {
        if self.schedule.origin == Origin::World {
            let splits = self.splits;
            self.survey(at, |layout, cursor| cursor.hold(layout, splits))?;
        }
        Ok(())
    }

    /// Asks a replica where things are, for the person who works there.
    pub(super) fn survey<T>(
        &mut self,
        at: ReplicaNumber,
        code: impl FnOnce(&Layout<'_>, &mut Cursor) -> T,
    ) -> Result<T, Stop> {
        let Self { peers, teller, sandbox, .. } = self;
        let Peer { replica, cursor, .. } = peers.get_mut(&at).expect("the caller has looked");
        teller.call(self.step, at);
        Layout::of(replica.as_ref(), *sandbox, |layout| code(layout, cursor))
            .map_err(|panicked| self.bury(at, &panicked))
    }

    /// What is left of a replica after a panic is not even dropped.
    fn bury(&mut self, at: ReplicaNumber, panicked: &Panicked) -> Stop {
        std::mem::forget(self.peers.remove(&at));
        self.panic(at, panicked)
    }

    /// A violation in this step.
    pub(super) fn violation(
        &self,
        oracle: Oracle,
        about: impl Into<String>,
        said: impl Into<String>,
    ) -> Violation {
        Violation { step: self.step, ..Violation::new(oracle, about, said) }
    }

    /// What an error means where an engine must not give one.
    pub(super) fn refusal(&self, at: ReplicaNumber, doing: &str, error: EngineError) -> Stop {
        match error {
            EngineError::NotSupported(what) => Stop::Unsupported(what.to_owned()),
            error => self
                .violation(Oracle::Refusal, doing, format!("{at}, {doing}: {error}"))
                .at(at)
                .into(),
        }
    }

    pub(super) fn tell(&mut self, what: impl FnOnce() -> Happened) {
        self.teller.tell(self.step, what);
    }

    /// Tells of a local transaction that was done in this step, with its edits and
    /// what it has for others.
    pub(super) fn tell_made(
        &mut self,
        edit: u32,
        what: impl FnOnce(Vec<Edit>, Vec<Update>) -> Happened,
    ) {
        let Self { step, observed, updates, teller, .. } = self;
        teller.tell(*step, || {
            let edits = observed.made[edit as usize].edits.clone();
            let updates = step.and_then(|step| updates.get(&step));
            what(edits, updates.map_or_else(Vec::new, |(_, updates)| updates.to_vec()))
        });
    }

    /// What is tried next; it is told if the engine fails at it.
    pub(super) fn attempt(&mut self, what: impl FnOnce() -> Happened) {
        self.teller.attempt(self.step, what);
    }

    /// What was tried is over, and nothing is told of it.
    pub(super) fn drop_attempt(&mut self) {
        self.teller.drop_attempt();
    }

    pub(super) fn skip(&mut self, why: &'static str) {
        self.skipped += 1;
        self.tell(|| Happened::Skipped { why: why.to_owned() });
    }

    /// A local transaction was done.
    pub(super) fn made(
        &mut self,
        at: ReplicaNumber,
        by: MadeBy,
        edits: Vec<Edit>,
        before: Option<usize>,
        stamp: Stamp,
    ) -> u32 {
        let number = self.observed.made.len() as u32;
        self.stamps.push((stamp, number));
        let peer = self.peers.get_mut(&at).expect("it made the edit");
        peer.held.insert(number);
        peer.reached.insert(number);
        peer.unsaved = true;
        peer.delivered.insert(number);
        peer.latest = None;
        let step = self.step.expect("edits are made in steps");
        let knew = peer.held.iter().collect();
        self.observed.made.push(Made {
            step,
            replica: at,
            edits,
            by,
            before,
            after: None,
            knew,
            survived: Survival::Sure,
        });
        number
    }

    /// Something that holds what `from` holds has come to `to`.
    pub(super) fn reach(&mut self, from: ReplicaNumber, to: ReplicaNumber) {
        let mut reached = std::mem::take(&mut self.peer(to).reached);
        reached.add(&self.peer(from).reached);
        self.peer(to).reached = reached;
    }

    /// Asks a replica whose edits have arrived.
    pub(super) fn note_arrivals(&mut self, at: ReplicaNumber) -> Result<(), Stop> {
        let mut seen: Vec<Seen> = Vec::new();
        self.call_on(at, |replica| replica.newly_seen(&mut seen))?;
        let Self { peers, stamps, .. } = self;
        let peer = peers.get_mut(&at).expect("it was just called");
        peer.latest = None;
        for seen in seen {
            let named =
                stamps.iter().filter(|(stamp, _)| seen.holds(*stamp)).map(|(_, edit)| *edit);
            peer.held.extend(named.filter(|edit| peer.reached.contains(*edit)));
        }
        Ok(())
    }

    /// The state of a replica, read if it is not known; its number.
    pub(super) fn show(&mut self, at: ReplicaNumber) -> Result<usize, Stop> {
        if let Some(latest) = self.peer(at).latest {
            return Ok(latest);
        }
        self.attempt(|| Happened::Reading { replica: at });
        let document = self.call_on(at, |replica| replica.read())?;
        self.tell(|| Happened::Shown { replica: at, document: document.clone() });
        let number = self.observed.shown.len();
        let peer = self.peer(at);
        peer.latest = Some(number);
        let held = peer.held.iter().collect();
        self.observed.shown.push(Shown { step: self.step, replica: at, document, held });
        Ok(number)
    }

    /// As [`Self::show`], if documents are read at every step.
    pub(super) fn look(&mut self, at: ReplicaNumber) -> Result<Option<usize>, Stop> {
        match self.schedule.attention {
            Attention::Every => self.show(at).map(Some),
            Attention::End => Ok(None),
        }
    }

    pub(super) fn show_all(&mut self) -> Result<(), Stop> {
        for at in self.numbers() {
            self.show(at)?;
        }
        Ok(())
    }

    /// The replicas there are.
    pub(super) fn numbers(&self) -> Vec<ReplicaNumber> {
        self.peers.keys().copied().collect()
    }

    /// Edits that any replica holds.
    pub(super) fn held_by_any(&self) -> EditSet {
        self.peers.values().flat_map(|peer| peer.held.iter()).collect()
    }
}
