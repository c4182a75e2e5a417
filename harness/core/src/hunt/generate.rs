//! From a seed to a schedule.

use super::feature::{Feature, Features};
use super::peers::{Lines, Peer, Posts};
use super::profile::Profile;
use super::view::View;
use super::weights::Weights;
use super::writer::Writer;
use crate::engine::{Delivery, EngineInfo};
use crate::rng::{Draws, Stream};
use crate::scenario::HuntScenario;
use crate::schedule::{
    Attention, Origin, REPLICAS_MAX, ReplicaNumber, SCHEMA, STEPS_MAX, Schedule, ScheduleAction,
    ScheduleStep,
};
use crate::units::PartsPerMillion;

/// How many replicas may join a world.
const JOINS_MAX: u8 = 3;
/// Weights of a step's sorts: an edit, and what a feature's rate of 10 to 80 and
/// a percentage of travel are held against. So a feature of average rate comes up
/// at about one step in twenty.
const EDIT: u64 = 800;
const TRAVEL_PERCENT: u64 = EDIT / 100;

/// The schedule of `seed`, and what was put into it.
#[derive(Clone, Debug)]
pub struct SmallWorld {
    /// The schedule.
    pub schedule: Schedule,
    /// What the seed drew.
    pub profile: Profile,
    /// The features that are in use in it: some of those that the profile has.
    pub used: Features,
}

/// The schedule of `seed`: the same for the same arguments, whatever ran
/// before.
///
/// Roots and ways of delivery that the engine lacks are left out, as long as
/// any is left.
pub fn schedule(
    scenario: &HuntScenario,
    info: &EngineInfo,
    seed: u64,
    weights: &Weights,
) -> Schedule {
    small_world(scenario, info, seed, weights).schedule
}

/// As [`schedule`], with what was put into it.
pub fn small_world(
    scenario: &HuntScenario,
    info: &EngineInfo,
    seed: u64,
    weights: &Weights,
) -> SmallWorld {
    let stream = Stream::root(seed).named("hunt");
    let profile = Profile::draw(scenario, info, &mut stream.named("profile").draws(), weights);
    let (steps, used) = {
        let writing = stream.named("writing").draws();
        let (writer, empty) = Writer::new(&profile, scenario.document.nesting, writing);
        let mut world = World::new(&profile, writer, empty, stream.named("steps").draws());
        world.run();
        (world.steps, world.writer.used)
    };
    let attention = match profile.has(Feature::Watching) {
        true => Attention::Every,
        false => Attention::End,
    };
    let schedule = Schedule {
        schema: SCHEMA,
        seed,
        roots: profile.roots.clone(),
        delivery: profile.delivery,
        replicas: profile.replicas,
        attention,
        origin: Origin::Hunt,
        steps,
    };
    let mut used = used;
    if profile.has(Feature::Watching) {
        used.insert(Feature::Watching);
    }
    SmallWorld { schedule, profile, used }
}

/// A world whose schedule is being made.
pub(super) struct World<'a> {
    pub(super) profile: &'a Profile,
    pub(super) writer: Writer<'a>,
    pub(super) draws: Draws,
    /// What a new replica knows.
    empty: View,
    pub(super) peers: Vec<Peer>,
    pub(super) lines: Lines,
    pub(super) posts: Posts,
    steps: Vec<ScheduleStep>,
    edits: u32,
    /// Who is offline, and for how many edits more.
    burst: Option<(u8, u64)>,
}

/// What the next step is.
#[derive(Clone, Copy)]
enum Sort {
    Edit,
    Travel,
    Of(Feature),
}

impl<'a> World<'a> {
    fn new(profile: &'a Profile, writer: Writer<'a>, empty: View, draws: Draws) -> Self {
        let peers = vec![Peer::with(empty.clone()); usize::from(profile.replicas)];
        let steps = Vec::with_capacity(profile.edits as usize * 3);
        let (lines, posts) = (Lines::default(), Posts::default());
        Self { profile, writer, draws, empty, peers, lines, posts, steps, edits: 0, burst: None }
    }

    fn run(&mut self) {
        while self.edits < self.profile.edits && self.steps.len() < STEPS_MAX / 2 {
            if let Some((at, left)) = self.burst {
                self.burst = (left > 1).then_some((at, left - 1));
                self.edit(at);
                continue;
            }
            match self.sort() {
                Sort::Edit => {
                    let at = self.anybody();
                    if self.may(Feature::OfflineBursts, 30) {
                        self.burst = Some((at, self.draws.between(2, 6)));
                    }
                    self.edit(at);
                }
                Sort::Travel => self.travel(),
                Sort::Of(feature) => self.other(feature),
            }
        }
    }

    fn sort(&mut self) -> Sort {
        let of = |feature, divisor: u64| {
            (Sort::Of(feature), u64::from(self.profile.rate(feature)) / divisor)
        };
        let sorts = [
            (Sort::Edit, EDIT),
            (Sort::Travel, u64::from(self.profile.travel) * TRAVEL_PERCENT),
            of(Feature::Saves, 1),
            of(Feature::Restarts, 1),
            of(Feature::Checkouts, 1),
            of(Feature::Reads, 1),
            of(Feature::Undo, 2),
            of(Feature::Redo, 2),
            of(Feature::JoinByLoad, 2),
            of(Feature::JoinByFork, 2),
            of(Feature::JoinShallow, 2),
        ];
        let sum = sorts.iter().map(|(_, weight)| weight).sum();
        let mut drawn = self.draws.below(sum);
        for (sort, weight) in sorts {
            if drawn < weight {
                return sort;
            }
            drawn -= weight;
        }
        Sort::Edit
    }

    fn edit(&mut self, at: u8) {
        let peer = &mut self.peers[usize::from(at)];
        let typing = peer.typing.take();
        let (edits, changes) = match typing {
            Some((spot, left)) if self.writer.is_known(&peer.view, spot) => {
                peer.typing = (left > 1).then_some((spot, left - 1));
                self.writer.keystroke(&mut peer.view, spot)
            }
            _ => {
                let made = self.writer.transaction(&mut peer.view);
                if let Some(spot) = self.writer.typed_in(&made.0)
                    && self.writer.may(Feature::TypingRuns, 50)
                {
                    let left = self.draws.between(2, 8);
                    peer.typing = Some((spot, left as u8));
                    // They go on writing before anything else happens to them.
                    self.burst.get_or_insert((at, left));
                }
                made
            }
        };
        self.edits += 1;
        peer.made += 1;
        peer.undone = 0;
        self.lines.learnt(at);
        let step = self.push(ScheduleAction::Edit { at: ReplicaNumber(at), edits });
        if self.profile.delivery == Delivery::Broadcast {
            let post = self.posts.add(step, at, changes);
            let Peer { inbox, view, .. } = &mut self.peers[usize::from(at)];
            inbox.receive(post, &self.posts, view);
        }
    }

    /// What has nothing to do with others, and newcomers.
    fn other(&mut self, feature: Feature) {
        let at = self.anybody();
        let replica = ReplicaNumber(at);
        let peer = &mut self.peers[usize::from(at)];
        let done = match feature {
            Feature::Saves => {
                self.save(at);
                true
            }
            Feature::Restarts => {
                self.restart(at);
                true
            }
            Feature::Checkouts if peer.made > 0 => {
                let back = self.draws.below(u64::from(peer.made)) as u32;
                self.push(ScheduleAction::Checkout { at: replica, back });
                true
            }
            Feature::Reads => {
                self.push(ScheduleAction::Read { at: replica });
                true
            }
            Feature::Undo if peer.made > peer.undone => {
                peer.undone += 1;
                self.push(ScheduleAction::Undo { at: replica });
                if self.may(Feature::Redo, 40) {
                    self.peers[usize::from(at)].undone -= 1;
                    self.push(ScheduleAction::Redo { at: replica });
                }
                true
            }
            Feature::Redo if peer.undone > 0 => {
                peer.undone -= 1;
                self.push(ScheduleAction::Redo { at: replica });
                true
            }
            Feature::JoinByLoad | Feature::JoinByFork | Feature::JoinShallow => {
                self.join(at, feature)
            }
            _ => false,
        };
        if done {
            self.writer.used.insert(feature);
        }
    }

    fn save(&mut self, at: u8) {
        let whole = !self.may(Feature::IncrementalSaves, 75);
        self.peers[usize::from(at)].store();
        self.push(ScheduleAction::Save { at: ReplicaNumber(at), whole });
    }

    /// Often stored just before: who loses all it had finds little.
    fn restart(&mut self, at: u8) {
        let stored = self.peers[usize::from(at)].is_stored();
        if self.may(Feature::Saves, if stored { 30 } else { 70 }) {
            self.save(at);
        }
        self.peers[usize::from(at)].restart(&self.empty);
        self.lines.disconnect_all(at);
        self.push(ScheduleAction::Restart { at: ReplicaNumber(at) });
    }

    /// The number of a replica that may join; none if there are enough.
    pub(super) fn newcomer(&self) -> Option<u8> {
        let count = self.peers.len() as u8;
        (count < self.profile.replicas + JOINS_MAX && count < REPLICAS_MAX).then_some(count)
    }

    pub(super) fn push(&mut self, what: ScheduleAction) -> u32 {
        let number = self.steps.len() as u32 + 1;
        self.steps.push(ScheduleStep { number, what });
        number
    }

    pub(super) fn anybody(&mut self) -> u8 {
        self.draws.below(self.peers.len() as u64) as u8
    }

    /// Two different replicas; none if there is only one.
    pub(super) fn two(&mut self) -> Option<(u8, u8)> {
        let count = self.peers.len() as u64;
        let a = self.draws.below(count);
        let b = self.draws.below(count.saturating_sub(1));
        (count > 1).then_some((a as u8, (b + u64::from(b >= a)) as u8))
    }

    pub(super) fn percent(&mut self, percent: u32) -> bool {
        self.draws.chance(PartsPerMillion(percent * 10_000))
    }

    /// Whether a feature that is on is used here.
    pub(super) fn may(&mut self, feature: Feature, percent: u32) -> bool {
        let used = self.profile.has(feature) && self.percent(percent);
        if used {
            self.writer.used.insert(feature);
        }
        used
    }
}
