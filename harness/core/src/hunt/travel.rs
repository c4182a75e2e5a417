//! Steps that bring edits to others, by each way of delivery.

use super::feature::Feature;
use super::generate::World;
use super::peers::Peer;
use crate::engine::Delivery;
use crate::schedule::{Joining, ReplicaNumber, ScheduleAction};

/// The most updates of one step, and the most steps of one errand.
const AT_ONCE: u64 = 6;

impl World<'_> {
    pub(super) fn travel(&mut self) {
        match self.profile.delivery {
            Delivery::Protocol | Delivery::Shallow => self.talk(),
            Delivery::Broadcast => self.deliver(),
            Delivery::Snapshot => self.merge(),
        }
    }

    fn talk(&mut self) {
        let Some((a, b)) = self.two() else { return };
        if self.may(Feature::SingleMessages, 65) {
            for _ in 0..self.draws.between(1, AT_ONCE) {
                self.message(a, b);
            }
            return;
        }
        self.sync(a, b);
        if self.may(Feature::Disconnects, 40) {
            self.disconnect(a, b);
        }
    }

    /// The next thing that may happen on a connection, a little at random.
    fn message(&mut self, a: u8, b: u8) {
        if !self.lines.connected(a, b) {
            self.lines.connect(a, b);
            self.push(ScheduleAction::Connect { a: ReplicaNumber(a), b: ReplicaNumber(b) });
            return;
        }
        if self.may(Feature::Disconnects, 8) {
            self.disconnect(a, b);
            return;
        }
        let (from, to) = if self.percent(50) { (a, b) } else { (b, a) };
        let (sender, receiver) = (ReplicaNumber(from), ReplicaNumber(to));
        let receives = self.lines.is_under_way(from, to);
        if receives && (self.percent(60) || !self.lines.has_news(from, to)) {
            if self.lines.receive(from, to) {
                self.learn(from, to);
            }
            self.push(ScheduleAction::Receive { from: sender, to: receiver });
        } else if self.lines.has_news(from, to) {
            self.lines.send(from, to);
            self.push(ScheduleAction::Send { from: sender, to: receiver });
        }
    }

    fn disconnect(&mut self, a: u8, b: u8) {
        self.lines.disconnect(a, b);
        self.push(ScheduleAction::Disconnect { a: ReplicaNumber(a), b: ReplicaNumber(b) });
    }

    fn sync(&mut self, a: u8, b: u8) {
        self.learn(a, b);
        self.learn(b, a);
        self.lines.synced(a, b);
        self.push(ScheduleAction::Sync { a: ReplicaNumber(a), b: ReplicaNumber(b) });
    }

    fn learn(&mut self, from: u8, to: u8) {
        let view = std::mem::take(&mut self.peers[usize::from(from)].view);
        self.peers[usize::from(to)].view.learn(&view);
        self.peers[usize::from(from)].view = view;
    }

    fn merge(&mut self) {
        let Some((from, to)) = self.two() else { return };
        self.learn(from, to);
        // A whole save is one for the storage, too.
        self.peers[usize::from(from)].store();
        self.push(ScheduleAction::Merge { from: ReplicaNumber(from), to: ReplicaNumber(to) });
    }

    /// A new replica begins with what `from` holds; whether there was room.
    pub(super) fn join(&mut self, from: u8, feature: Feature) -> bool {
        let Some(to) = self.newcomer() else { return false };
        let how = match feature {
            Feature::JoinByFork => Joining::Fork,
            Feature::JoinShallow => Joining::Shallow,
            _ => Joining::Load,
        };
        if how == Joining::Shallow {
            self.settle();
        }
        self.peers.push(Peer::with(self.peers[usize::from(from)].view.clone()));
        if how == Joining::Load {
            self.peers[usize::from(from)].store();
        }
        let (from, newcomer) = (ReplicaNumber(from), ReplicaNumber(to));
        self.push(ScheduleAction::Join { from, to: newcomer, how });
        if how == Joining::Shallow {
            self.peers[usize::from(to)].store();
            self.push(ScheduleAction::Save { at: newcomer, whole: true });
        }
        true
    }

    /// Everybody comes to hold the same, and stores it: who had to begin anew
    /// could not get what is older than a shallow snapshot from those that have
    /// only that.
    fn settle(&mut self) {
        for _ in 0..2 {
            for other in 1..self.peers.len() as u8 {
                self.sync(0, other);
            }
        }
        for at in 0..self.peers.len() as u8 {
            self.peers[usize::from(at)].store();
            self.push(ScheduleAction::Save { at: ReplicaNumber(at), whole: true });
        }
    }

    fn deliver(&mut self) {
        let to = self.anybody();
        let inbox = &self.peers[usize::from(to)].inbox;
        let count = self.posts.all.len();
        let mut missing: Vec<usize> = (0..count).filter(|post| !inbox.has(*post)).collect();
        if count > 0 && (missing.is_empty() || self.percent(15)) {
            if self.may(Feature::Duplicates, 60) {
                let again = self.draws.below(count as u64) as usize;
                self.bring(&[again], to);
            }
            return;
        }
        if missing.is_empty() {
            return;
        }
        let most = self.draws.between(1, AT_ONCE) as usize;
        let one_author = self.may(Feature::OneByOne, 40);
        if one_author {
            let author = self.posts.all[missing[0]].author;
            missing.retain(|post| self.posts.all[*post].author == author);
        }
        if missing.len() > 1 && self.may(Feature::Reorder, 60) {
            self.shuffle(&mut missing);
        }
        missing.truncate(most);
        if self.may(Feature::Duplicates, 20) {
            let again = *self.draws.pick(&missing);
            missing.push(again);
        }
        if !one_author && missing.len() > 1 && self.may(Feature::Bulk, 60) {
            self.bring(&missing, to);
        } else {
            missing.iter().for_each(|post| self.bring(&[*post], to));
        }
    }

    /// Backwards, or any way.
    fn shuffle(&mut self, posts: &mut [usize]) {
        if self.percent(30) {
            posts.reverse();
            return;
        }
        for last in (1..posts.len()).rev() {
            posts.swap(last, self.draws.below(last as u64 + 1) as usize);
        }
    }

    fn bring(&mut self, posts: &[usize], to: u8) {
        let Peer { inbox, view, .. } = &mut self.peers[usize::from(to)];
        posts.iter().for_each(|post| inbox.receive(*post, &self.posts, view));
        let updates = posts.iter().map(|post| self.posts.all[*post].step).collect();
        self.push(ScheduleAction::Deliver { updates, to: ReplicaNumber(to) });
    }
}
