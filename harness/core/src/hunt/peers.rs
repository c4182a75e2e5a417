//! The replicas of a small world while its schedule is made, and what lies
//! between them.

use super::view::{Change, View};
use crate::schedule::REPLICAS_MAX;

const MOST: usize = REPLICAS_MAX as usize;

/// A replica.
#[derive(Clone, Debug, Default)]
pub(super) struct Peer {
    pub(super) view: View,
    pub(super) inbox: Inbox,
    stored: Option<(View, Inbox)>,
    /// Own edits since it was last started.
    pub(super) made: u32,
    /// Own edits that were taken back.
    pub(super) undone: u32,
    /// A run of typing: the text, and how many keystrokes are left.
    pub(super) typing: Option<(u8, u8)>,
}

impl Peer {
    /// A new replica with what another holds.
    pub(super) fn with(view: View) -> Self {
        Self { view, ..Self::default() }
    }

    pub(super) fn store(&mut self) {
        self.stored = Some((self.view.clone(), self.inbox.clone()));
    }

    pub(super) fn is_stored(&self) -> bool {
        self.stored.is_some()
    }

    /// The process dies and comes back; `empty` is what a new replica knows.
    pub(super) fn restart(&mut self, empty: &View) {
        let stored = self.stored.take();
        let (view, inbox) = stored.clone().unwrap_or_else(|| (empty.clone(), Inbox::default()));
        *self = Self { view, inbox, stored, ..Self::default() };
    }
}

/// An edit's updates on their way to everybody.
#[derive(Clone, Debug)]
pub(super) struct Post {
    pub(super) step: u32,
    pub(super) author: u8,
    changes: Vec<Change>,
}

/// All updates that were broadcast.
#[derive(Clone, Debug, Default)]
pub(super) struct Posts {
    pub(super) all: Vec<Post>,
    by_author: Vec<Vec<usize>>,
}

impl Posts {
    /// Adds the updates of `author`'s edit; gives their number.
    pub(super) fn add(&mut self, step: u32, author: u8, changes: Vec<Change>) -> usize {
        let (number, author_at) = (self.all.len(), usize::from(author));
        if self.by_author.len() <= author_at {
            self.by_author.resize(author_at + 1, Vec::new());
        }
        self.by_author[author_at].push(number);
        self.all.push(Post { step, author, changes });
        number
    }
}

/// Which updates a replica has had.
#[derive(Clone, Debug, Default)]
pub(super) struct Inbox {
    received: Vec<bool>,
    /// By author, how many of their updates are in the document: most engines
    /// hold back what arrives before the author's earlier ones.
    usable: Vec<usize>,
}

impl Inbox {
    pub(super) fn has(&self, post: usize) -> bool {
        self.received.get(post).is_some_and(|received| *received)
    }

    /// Takes updates in, and into `view` what can be used now.
    pub(super) fn receive(&mut self, post: usize, posts: &Posts, view: &mut View) {
        if self.received.len() <= post {
            self.received.resize(post + 1, false);
        }
        self.received[post] = true;
        let author = usize::from(posts.all[post].author);
        if self.usable.len() <= author {
            self.usable.resize(author + 1, 0);
        }
        while let Some(next) = posts.by_author[author].get(self.usable[author])
            && self.has(*next)
        {
            posts.all[*next].changes.iter().for_each(|change| view.apply(*change));
            self.usable[author] += 1;
        }
    }
}

/// Connections, as far as one can tell without an engine. The first index is
/// the sender's.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    connected: [[bool; MOST]; MOST],
    /// Whether the sender likely has something to say.
    news: [[bool; MOST]; MOST],
    under_way: [[u8; MOST]; MOST],
    /// How many messages arrived since the connection came up.
    arrived: [[u8; MOST]; MOST],
}

impl Lines {
    pub(super) fn connected(&self, a: u8, b: u8) -> bool {
        self.connected[usize::from(a)][usize::from(b)]
    }

    pub(super) fn connect(&mut self, a: u8, b: u8) {
        self.set(a, b, true);
    }

    pub(super) fn disconnect(&mut self, a: u8, b: u8) {
        self.set(a, b, false);
    }

    pub(super) fn disconnect_all(&mut self, a: u8) {
        (0..MOST as u8).for_each(|b| self.set(a, b, false));
    }

    fn set(&mut self, a: u8, b: u8, up: bool) {
        for (from, to) in [(usize::from(a), usize::from(b)), (usize::from(b), usize::from(a))] {
            self.connected[from][to] = up;
            self.news[from][to] = up;
            self.under_way[from][to] = 0;
            self.arrived[from][to] = 0;
        }
    }

    /// `at` has come to know something: all that it is connected to may hear it.
    pub(super) fn learnt(&mut self, at: u8) {
        self.news[usize::from(at)] = self.connected[usize::from(at)];
    }

    /// All that either has to say was said.
    pub(super) fn synced(&mut self, a: u8, b: u8) {
        self.learnt(a);
        self.learnt(b);
        for (from, to) in [(usize::from(a), usize::from(b)), (usize::from(b), usize::from(a))] {
            self.connected[from][to] = true;
            self.news[from][to] = false;
            self.under_way[from][to] = 0;
            self.arrived[from][to] = 2;
        }
    }

    pub(super) fn has_news(&self, from: u8, to: u8) -> bool {
        self.news[usize::from(from)][usize::from(to)]
    }

    pub(super) fn is_under_way(&self, from: u8, to: u8) -> bool {
        self.under_way[usize::from(from)][usize::from(to)] > 0
    }

    pub(super) fn send(&mut self, from: u8, to: u8) {
        self.news[usize::from(from)][usize::from(to)] = false;
        self.under_way[usize::from(from)][usize::from(to)] += 1;
    }

    /// A message arrives; whether it likely has edits in it: the first one says
    /// what its sender holds.
    pub(super) fn receive(&mut self, from: u8, to: u8) -> bool {
        self.under_way[usize::from(from)][usize::from(to)] -= 1;
        let arrived = &mut self.arrived[usize::from(from)][usize::from(to)];
        *arrived = arrived.saturating_add(1);
        let has_edits = *arrived > 1;
        self.learnt(to);
        has_edits
    }
}
