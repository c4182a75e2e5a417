//! The replicas of a story, made once more while it is written.

use std::collections::BTreeMap;

use super::ends_in_a_call;
use crate::edit::{Action, Edit, Roots};
use crate::engine::{Engine, Replica, ReplicaId, Role, Save, Setup};
use crate::replay::lines::peer_id;
use crate::replay::{Happened, MessageNumber, Story};
use crate::schedule::ReplicaNumber;

/// The replicas of a story, made once more while it is written, for what a story
/// does not tell: which operations on a map an edit of a tree is, where the
/// adapter builds trees from maps.
pub struct Shadow {
    roots: Roots,
    replicas: BTreeMap<ReplicaNumber, Box<dyn Replica>>,
    messages: BTreeMap<MessageNumber, Vec<u8>>,
    /// What was kept of sessions, by owner and peer.
    sessions: BTreeMap<(ReplicaNumber, ReplicaNumber), Vec<u8>>,
    undoes: bool,
    /// The event in which the engine fails; it is not done again.
    fails_at: Option<usize>,
}

/// What a map holds that a tree is built from: for each label a rank, by which
/// entries are written that are written together, and the value as an expression.
pub type Entries = BTreeMap<String, (i64, String)>;

/// What is written to a map: a label, and the value if it is not removed.
pub type MapWrite = (String, Option<String>);

impl Shadow {
    /// For a story, if it edits any tree.
    pub fn of(story: &Story) -> Option<Self> {
        let mut events = story.events.iter();
        let edits_tree = events.any(|event| !tree_edits(&event.what).is_empty());
        let takes_back =
            |what: &Happened| matches!(what, Happened::Undone { .. } | Happened::Redone { .. });
        let fails = story.ending.violation().is_some_and(|it| ends_in_a_call(it.oracle));
        edits_tree.then(|| Self {
            fails_at: story.events.len().checked_sub(1).filter(|_| fails),
            roots: story.roots.clone(),
            replicas: BTreeMap::new(),
            messages: BTreeMap::new(),
            sessions: BTreeMap::new(),
            undoes: story.events.iter().any(|event| takes_back(&event.what)),
        })
    }

    /// Does what happened in the event with this index, and gives what that wrote
    /// to the map of a tree. `entries` reads the map of a root from a whole save.
    ///
    /// None where that is not known: of a tree inside another container, of several
    /// edits of trees in one transaction, and where the engine fails at one.
    pub fn follow(
        &mut self,
        engine: &dyn Engine,
        index: usize,
        what: &Happened,
        entries: impl Fn(&[u8], &str) -> Option<Entries>,
    ) -> Option<Vec<MapWrite>> {
        let (at, edit) = match (what, tree_edits(what).as_slice()) {
            (_, []) if self.fails_at == Some(index) => return Some(Vec::new()),
            _ if self.fails_at == Some(index) => return None,
            (_, []) => return self.act(engine, what).map(|()| Vec::new()),
            (Happened::Edited { replica, .. }, [edit]) if edit.at.steps.is_empty() => {
                (*replica, *edit)
            }
            _ => return None,
        };
        let read = |shadow: &mut Self| {
            let saved = shadow.replicas.get_mut(&at)?.save(Save::Whole);
            entries(&saved, &edit.at.root)
        };
        let before = read(self)?;
        self.act(engine, what)?;
        let after = read(self)?;
        let removed = before.keys().filter(|label| !after.contains_key(*label));
        let mut writes: Vec<MapWrite> = removed.map(|label| (label.clone(), None)).collect();
        let mut set: Vec<_> =
            after.iter().filter(|(label, value)| before.get(*label) != Some(value)).collect();
        // Those that give way come after what they give way to.
        set.sort_by_key(|(label, (rank, _))| (Some(label.as_str()) != label_of(edit), *rank));
        writes.extend(
            set.into_iter().map(|(label, (_, value))| (label.clone(), Some(value.clone()))),
        );
        Some(writes)
    }

    fn setup(&self, id: ReplicaId) -> Setup {
        Setup { id, role: Role::Client, roots: self.roots.clone() }
    }

    fn add(&mut self, at: ReplicaNumber, mut replica: Box<dyn Replica>) -> Option<()> {
        if self.undoes {
            replica.track_undo().ok()?;
        }
        self.replicas.insert(at, replica);
        Some(())
    }

    fn act(&mut self, engine: &dyn Engine, what: &Happened) -> Option<()> {
        match what {
            Happened::Created { replica, id } => {
                let made = engine.create(&self.setup(*id)).ok()?;
                self.add(*replica, made)?;
            }
            Happened::Restarted { replica, id, stored } => {
                self.sessions.retain(|(owner, _), _| owner != replica);
                let setup = self.setup(*id);
                let made = match stored.is_empty() {
                    true => engine.create(&setup),
                    false => engine.load(&setup, stored),
                };
                self.add(*replica, made.ok()?)?;
            }
            Happened::Joined { from, to, id, saved, .. } => {
                let setup = self.setup(*id);
                let made = match saved {
                    Some(saved) => engine.load(&setup, std::slice::from_ref(saved)),
                    None => self.replicas.get_mut(from)?.fork(&setup),
                };
                self.add(*to, made.ok()?)?;
            }
            Happened::Edited { replica, edits, .. } => {
                self.replicas.get_mut(replica)?.edit(edits).ok()?;
            }
            Happened::Undone { replica, .. } => {
                self.replicas.get_mut(replica)?.undo().ok()?;
            }
            Happened::Redone { replica, .. } => {
                self.replicas.get_mut(replica)?.redo().ok()?;
            }
            Happened::Applied { replica, updates, .. } => {
                let replica = self.replicas.get_mut(replica)?;
                match updates.as_slice() {
                    [update] => replica.apply(update).ok()?,
                    updates => replica.apply_all(updates).ok()?,
                }
            }
            Happened::Merged { to, saved, .. } => {
                self.replicas.get_mut(to)?.merge(saved).ok()?;
            }
            Happened::Connected { a, b } => {
                for (owner, peer) in [(*a, *b), (*b, *a)] {
                    let kept = self.sessions.remove(&(owner, peer));
                    let owner = self.replicas.get_mut(&owner)?;
                    owner.connect(peer_id(peer), kept.as_deref()).ok()?;
                }
            }
            Happened::Disconnected { a, b, .. } => {
                for (owner, peer) in [(*a, *b), (*b, *a)] {
                    let kept = self.replicas.get_mut(&owner)?.disconnect(peer_id(peer));
                    self.sessions.extend(kept.map(|kept| ((owner, peer), kept)));
                }
            }
            Happened::Sent { message, from, to, bytes } => {
                drop(self.replicas.get_mut(from)?.poll(peer_id(*to)));
                self.messages.insert(*message, bytes.clone());
            }
            Happened::Received { message, from, to } => {
                let bytes = self.messages.get(message)?;
                self.replicas.get_mut(to)?.receive(peer_id(*from), bytes).ok()?;
            }
            Happened::Saved { .. }
            | Happened::CheckedOut { .. }
            | Happened::Shown { .. }
            | Happened::Reading { .. }
            | Happened::Skipped { .. } => {}
        }
        Some(())
    }
}

/// The edits of trees that changed something.
fn tree_edits(what: &Happened) -> Vec<&Edit> {
    match what {
        Happened::Edited { edits, changed: true, .. } => {
            edits.iter().filter(|edit| label_of(edit).is_some()).collect()
        }
        _ => Vec::new(),
    }
}

fn label_of(edit: &Edit) -> Option<&str> {
    match &edit.action {
        Action::CreateNode { label, .. }
        | Action::MoveNode { label, .. }
        | Action::DeleteNode { label } => Some(label),
        _ => None,
    }
}
