//! Replicas of one engine, and connections between them that deliver in order.

use std::collections::{BTreeMap, VecDeque};

use deadzone_core::document::{Document, Node};
use deadzone_core::edit::{ContainerKind, Edit, Roots};
use deadzone_core::engine::{
    Edited, Engine, EngineError, EngineInfo, PeerId, Replica, ReplicaId, Role, Seen, Setup, Stamp,
    Support,
};
use deadzone_core::rng::Stream;

/// More messages than that without an end count as never falling silent.
const MOST_MESSAGES: usize = 2_000;

/// The kinds of container that the engine has or its adapter builds.
pub fn supported(info: &EngineInfo) -> Vec<ContainerKind> {
    let kinds = info.containers.iter().filter(|(_, support)| **support != Support::Lacking);
    kinds.map(|(kind, _)| *kind).collect()
}

/// One root of each supported kind, called by the kind's name.
pub fn roots(info: &EngineInfo) -> Roots {
    supported(info).into_iter().map(|kind| (kind.name().to_owned(), kind)).collect()
}

/// What the replica with this number is told. Ids are as random as in real
/// applications.
pub fn setup(number: usize, roots: &Roots) -> Setup {
    let mut draws = Stream::root(0x5eed).named("replica").numbered(number as u64).draws();
    let mut id = [0; 16];
    id[..8].copy_from_slice(&draws.bits().to_le_bytes());
    id[8..].copy_from_slice(&draws.bits().to_le_bytes());
    Setup { id: ReplicaId(id), role: Role::Client, roots: roots.clone() }
}

/// Replicas of one document with everything that happened to them.
pub struct Fleet<'a> {
    /// Their engine.
    pub engine: &'a dyn Engine,
    /// The roots of the document.
    pub roots: Roots,
    /// The replicas; each knows another by its number here.
    pub replicas: Vec<Box<dyn Replica>>,
    /// What is under way, by sender and receiver.
    under_way: BTreeMap<(usize, usize), VecDeque<Vec<u8>>>,
    /// What the replicas keep of ended sessions, by owner and peer.
    kept: BTreeMap<(usize, usize), Vec<u8>>,
    /// Every edit that made a transaction: where, and its stamp.
    pub made: Vec<(usize, Stamp)>,
    /// What each replica has reported as seen.
    pub seen: Vec<Vec<Seen>>,
    /// Every byte that came out of the engine, in order.
    pub bytes: Vec<Vec<u8>>,
    /// What happened, for messages of failures.
    pub story: Vec<String>,
    next_id: usize,
}

impl<'a> Fleet<'a> {
    /// `count` empty replicas that share these roots.
    ///
    /// # Panics
    /// If the engine cannot create them.
    pub fn new(engine: &'a dyn Engine, roots: &Roots, count: usize) -> Self {
        let mut fleet = Self {
            engine,
            roots: roots.clone(),
            replicas: Vec::new(),
            under_way: BTreeMap::new(),
            kept: BTreeMap::new(),
            made: Vec::new(),
            seen: Vec::new(),
            bytes: Vec::new(),
            story: Vec::new(),
            next_id: 0,
        };
        for _ in 0..count {
            fleet.add();
        }
        fleet
    }

    /// `count` empty replicas with a root of each kind that the engine has.
    pub fn of(engine: &'a dyn Engine, count: usize) -> Self {
        Self::new(engine, &roots(&engine.info()), count)
    }

    /// As [`Fleet::of`], and all track undo.
    ///
    /// # Panics
    /// If the engine has no undo.
    pub fn tracking(engine: &'a dyn Engine, count: usize) -> Self {
        let mut fleet = Self::of(engine, count);
        for replica in &mut fleet.replicas {
            replica.track_undo().expect("undo is declared");
        }
        fleet
    }

    /// `count` empty replicas, none of which is one of [`Fleet::of`].
    pub fn of_strangers(engine: &'a dyn Engine, count: usize) -> Self {
        let mut fleet = Self::of(engine, 0);
        fleet.next_id = 50;
        for _ in 0..count {
            fleet.add();
        }
        fleet
    }

    /// Something told to a replica that no other was told.
    pub fn fresh_setup(&mut self) -> Setup {
        self.next_id += 1;
        setup(self.next_id, &self.roots)
    }

    /// One more empty replica; its number.
    ///
    /// # Panics
    /// If the engine cannot create it.
    pub fn add(&mut self) -> usize {
        let setup = self.fresh_setup();
        let replica = self.engine.create(&setup);
        self.join(replica.expect("an engine creates every root that it declares"))
    }

    /// One more replica; its number.
    pub fn join(&mut self, replica: Box<dyn Replica>) -> usize {
        self.replicas.push(replica);
        self.seen.push(Vec::new());
        self.replicas.len() - 1
    }

    /// Notes what happens.
    pub fn tell(&mut self, what: String) {
        self.story.push(what);
    }

    /// One transaction; whether it changes anything, be it here and now or
    /// once an authority agrees.
    ///
    /// # Panics
    /// If the engine refuses it.
    pub fn edit(&mut self, at: usize, edits: &[Edit]) -> bool {
        self.tell(format!("{at} edits {edits:?}"));
        match self.replicas[at].edit(edits) {
            Ok(Edited::Unchanged) => false,
            Ok(Edited::Applied(stamp) | Edited::Submitted(stamp)) => {
                self.made.push((at, stamp));
                true
            }
            other => self.fail(&format!("replica {at} answers {other:?}")),
        }
    }

    /// Takes back the last transaction of `at`; whether there was one.
    ///
    /// # Panics
    /// If the engine refuses.
    pub fn undo(&mut self, at: usize) -> bool {
        self.tell(format!("{at} undoes"));
        let undone = self.replicas[at].undo();
        self.took_back(at, undone)
    }

    /// Does again what was taken back last; whether there was anything.
    ///
    /// # Panics
    /// If the engine refuses.
    pub fn redo(&mut self, at: usize) -> bool {
        self.tell(format!("{at} redoes"));
        let redone = self.replicas[at].redo();
        self.took_back(at, redone)
    }

    fn took_back(&mut self, at: usize, answer: Result<Edited, EngineError>) -> bool {
        match answer {
            Ok(Edited::Unchanged) => false,
            Ok(Edited::Applied(stamp)) => {
                self.made.push((at, stamp));
                true
            }
            other => self.fail(&format!("replica {at} answers {other:?}")),
        }
    }

    /// The stamp of what `step` does.
    ///
    /// # Panics
    /// If it changes nothing.
    pub fn stamp_of(&mut self, step: impl FnOnce(&mut Self) -> bool) -> Stamp {
        if !step(self) {
            self.fail("nothing was changed");
        }
        self.made.last().expect("something was made").1
    }

    /// Brings up a connection between two replicas.
    ///
    /// # Panics
    /// If an engine refuses the session that it gave for keeping.
    pub fn connect(&mut self, one: usize, other: usize) {
        self.tell(format!("{one} and {other} connect"));
        for (here, there) in [(one, other), (other, one)] {
            let kept = self.kept.remove(&(here, there));
            let connected = self.replicas[here].connect(peer(there), kept.as_deref());
            if let Err(error) = connected {
                self.fail(&format!("replica {here} cannot connect: {error}"));
            }
            self.under_way.insert((here, there), VecDeque::new());
        }
    }

    /// Ends a connection. What is under way is lost.
    pub fn disconnect(&mut self, one: usize, other: usize) {
        self.tell(format!("{one} and {other} disconnect"));
        for (here, there) in [(one, other), (other, one)] {
            self.under_way.remove(&(here, there));
            if let Some(kept) = self.replicas[here].disconnect(peer(there)) {
                self.bytes.push(kept.clone());
                self.kept.insert((here, there), kept);
            }
        }
    }

    /// Throws away what `here` kept of its session with `there`.
    pub fn forget(&mut self, here: usize, there: usize) {
        self.kept.remove(&(here, there));
    }

    /// Puts what `here` has to say to `there` under way.
    ///
    /// # Panics
    /// If it never comes to an end.
    pub fn poll(&mut self, here: usize, there: usize) {
        for _ in 0..MOST_MESSAGES {
            let Some(message) = self.replicas[here].poll(peer(there)) else { return };
            self.bytes.push(message.clone());
            let way = self.under_way.get_mut(&(here, there)).expect("connected before polled");
            way.push_back(message);
        }
        self.fail(&format!("replica {here} never stops talking to {there}"));
    }

    /// Delivers the first message under way; whether there was one.
    ///
    /// # Panics
    /// If the engine refuses it.
    pub fn deliver(&mut self, from: usize, to: usize) -> bool {
        let Some(message) = self.under_way.get_mut(&(from, to)).and_then(VecDeque::pop_front)
        else {
            return false;
        };
        self.tell(format!("{to} receives {} bytes of {from}", message.len()));
        if let Err(error) = self.replicas[to].receive(peer(from), &message) {
            self.fail(&format!("replica {to} refuses a message of {from}: {error}"));
        }
        true
    }

    /// Delivers up to `count` messages between all who are connected; fewer if
    /// nobody has more to say. How many there were.
    pub fn exchange(&mut self, count: usize) -> usize {
        let mut delivered = 0;
        let ways: Vec<_> = self.under_way.keys().copied().collect();
        loop {
            let before = delivered;
            for &(from, to) in &ways {
                if delivered == count {
                    return delivered;
                }
                self.poll(from, to);
                delivered += usize::from(self.deliver(from, to));
            }
            if delivered == before {
                return delivered;
            }
        }
    }

    /// Delivers until nobody has more to say.
    ///
    /// # Panics
    /// If that never comes.
    pub fn settle(&mut self) {
        if self.exchange(MOST_MESSAGES) == MOST_MESSAGES {
            self.fail("the replicas never fall silent");
        }
    }

    /// Connects two replicas until both have nothing more to say.
    pub fn sync(&mut self, one: usize, other: usize) {
        self.connect(one, other);
        self.settle();
        self.disconnect(one, other);
    }

    /// Syncs everyone with everyone until all must be equal.
    pub fn sync_all(&mut self) {
        for _ in 0..2 {
            for other in 1..self.replicas.len() {
                self.sync(0, other);
            }
        }
    }

    /// The updates that `at` wants to broadcast.
    pub fn take_updates(&mut self, at: usize) -> Vec<Vec<u8>> {
        let updates = self.replicas[at].take_updates();
        self.bytes.extend(updates.iter().cloned());
        updates
    }

    /// Applies an update.
    ///
    /// # Panics
    /// If the engine refuses it.
    pub fn apply(&mut self, at: usize, update: &[u8]) {
        self.tell(format!("{at} applies an update of {} bytes", update.len()));
        if let Err(error) = self.replicas[at].apply(update) {
            self.fail(&format!("replica {at} refuses an update: {error}"));
        }
    }

    /// Notes what `at` has come to see since last asked; what that was.
    pub fn look(&mut self, at: usize) -> Vec<Seen> {
        let mut news = Vec::new();
        self.replicas[at].newly_seen(&mut news);
        self.seen[at].extend(news.iter().copied());
        news
    }

    /// What stands in the root `text` at `at`.
    ///
    /// # Panics
    /// If there is no such root.
    pub fn typed(&mut self, at: usize) -> String {
        match self.read(at).roots.remove("text") {
            Some(Node::Text(runs)) => runs.into_iter().map(|run| run.text).collect(),
            other => self.fail(&format!("a text expected at {at}, not {other:?}")),
        }
    }

    /// The document at `at`.
    pub fn read(&mut self, at: usize) -> Document {
        self.replicas[at].read()
    }

    /// Fails unless all replicas hold the same document and wait for nothing;
    /// that document.
    ///
    /// # Panics
    /// If they do not.
    pub fn assert_equal(&mut self) -> Document {
        let documents: Vec<_> = self.replicas.iter_mut().map(|replica| replica.read()).collect();
        for (number, document) in documents.iter().enumerate() {
            if document != &documents[0] {
                let (here, there) = (text(&documents[0]), text(document));
                self.fail(&format!("diverged:\n  0: {here}\n  {number}: {there}"));
            }
            let pending = self.replicas[number].pending();
            if pending > 0 {
                self.fail(&format!("replica {number} still waits for {pending} updates"));
            }
        }
        documents.into_iter().next().expect("a fleet has replicas")
    }

    /// Fails with the story so far.
    ///
    /// # Panics
    /// Always.
    pub fn fail(&self, why: &str) -> ! {
        panic!("{why}\nwhat happened:\n  {}", self.story.join("\n  "));
    }
}

fn peer(number: usize) -> PeerId {
    PeerId(number as u32)
}

/// The canonical bytes for reading.
pub fn text(document: &Document) -> String {
    String::from_utf8(document.to_bytes()).expect("JSON is UTF-8")
}
