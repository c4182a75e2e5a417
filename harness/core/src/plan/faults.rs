//! Faults, lowered to single steps. Whatever a fault does is taken back at its
//! end, and at the end of the scenario's duration at the latest.

use std::collections::BTreeMap;

use super::{NodeId, Nodes, Obstacle, PlanAction, PlanError, PlanStep};
use crate::rng::{Draws, Stream};
use crate::scenario::{Fault, FaultKind, WorldScenario};
use crate::time::{Span, Time};

/// The steps of all faults of `scenario`, in no order.
pub(super) fn steps(
    scenario: &WorldScenario,
    nodes: &Nodes,
    stream: Stream,
) -> Result<Vec<PlanStep>, PlanError> {
    let mut lowering = Lowering {
        nodes,
        end: Time::ZERO + scenario.duration,
        steps: Vec::new(),
        obstacles: 0,
        crashes: Vec::new(),
    };
    let mut twins: BTreeMap<String, u64> = BTreeMap::new();
    for (number, fault) in scenario.faults.iter().enumerate() {
        // A fault's draws belong to what it is, not to its place in the file.
        let content = serde_json::to_string(fault).expect("a fault is always JSON");
        let twin = twins.entry(content.clone()).or_default();
        let own = stream.named(&content).numbered(*twin);
        *twin += 1;
        lowering.lower(number, fault, own)?;
    }
    lowering.start_the_crashed();
    Ok(lowering.steps)
}

struct Lowering<'a> {
    nodes: &'a Nodes,
    end: Time,
    steps: Vec<PlanStep>,
    obstacles: u32,
    /// Who is down from when to when.
    crashes: Vec<(NodeId, Time, Time)>,
}

impl Lowering<'_> {
    fn lower(&mut self, number: usize, fault: &Fault, stream: Stream) -> Result<(), PlanError> {
        let kind = fault.kind.name();
        let start = fault.at;
        if start >= self.end {
            let duration = self.end.since(Time::ZERO);
            return Err(PlanError::FaultTooLate { fault: number, kind, at: start, duration });
        }
        let end = (start + fault.lasts).min(self.end);
        let side = |names: &[String]| self.side(number, kind, names);
        let sides = |between: &[Vec<String>]| {
            between.iter().map(|names| side(names)).collect::<Result<Vec<_>, _>>()
        };
        match &fault.kind {
            FaultKind::Partition { between } => {
                let sides = sides(between)?;
                self.obstruct_between(start, end, &sides, Obstacle::Stop);
            }
            FaultKind::Slow { between, factor } => {
                let sides = sides(between)?;
                self.obstruct_between(start, end, &sides, Obstacle::Slow(*factor));
            }
            FaultKind::Jam { between } => {
                let sides = sides(between)?;
                self.obstruct_between(start, end, &sides, Obstacle::Jam);
            }
            FaultKind::OneWay { from, to } => {
                let (from, to) = (side(from)?, side(to)?);
                self.obstruct(start, end, from, to, Obstacle::Stop);
            }
            FaultKind::Crash { who } => {
                let who = side(who)?;
                self.crash(start, end, &who, false);
            }
            FaultKind::PowerLoss { who } => {
                let who = side(who)?;
                self.crash(start, end, &who, true);
            }
            FaultKind::ClockJump { who, by_milliseconds } => {
                for device in side(who)? {
                    let jump = |by_milliseconds| PlanAction::Clock { device, by_milliseconds };
                    self.put(start, jump(*by_milliseconds));
                    self.put(end, jump(by_milliseconds.saturating_neg()));
                }
            }
            FaultKind::Swizzle { who } => {
                let who = side(who)?;
                self.swizzle(start, end, who, stream);
            }
        }
        Ok(())
    }

    fn side(
        &self,
        fault: usize,
        kind: &'static str,
        names: &[String],
    ) -> Result<Vec<NodeId>, PlanError> {
        let mut everybody = Vec::new();
        for name in names {
            let found = self.nodes.called(name);
            everybody.extend(found.ok_or_else(|| self.unknown_side(fault, kind, name))?);
        }
        everybody.sort_unstable();
        everybody.dedup();
        Ok(everybody)
    }

    fn unknown_side(&self, fault: usize, kind: &'static str, name: &str) -> PlanError {
        let known = self.nodes.names();
        let expected = format!("one of {}, or one device of a group", known.join(", "));
        let group =
            name.rsplit_once('/').and_then(|(group, _)| Some((group, self.nodes.called(group)?)));
        let distance = |known: &&String| strsim::damerau_levenshtein(known, name);
        let hint = match (group, known.iter().min_by_key(distance)) {
            (Some((group, devices)), _) => {
                format!("; the devices of `{group}` are {group}/0 to {group}/{}", devices.len() - 1)
            }
            (None, Some(nearest)) if distance(&nearest) * 2 <= nearest.chars().count() => {
                format!("; did you mean `{nearest}`?")
            }
            _ => String::new(),
        };
        PlanError::UnknownSide { fault, kind, name: name.to_owned(), expected, hint }
    }

    fn put(&mut self, at: Time, what: PlanAction) {
        self.steps.push(PlanStep { at, what });
    }

    fn obstruct(
        &mut self,
        start: Time,
        end: Time,
        from: Vec<NodeId>,
        to: Vec<NodeId>,
        how: Obstacle,
    ) {
        let id = self.obstacles;
        self.obstacles += 1;
        self.put(start, PlanAction::Obstruct { id, from, to, how });
        self.put(end, PlanAction::Clear { id });
    }

    /// Every pair of different sides, in both directions.
    fn obstruct_between(&mut self, start: Time, end: Time, sides: &[Vec<NodeId>], how: Obstacle) {
        for (place, one) in sides.iter().enumerate() {
            for other in &sides[place + 1..] {
                self.obstruct(start, end, one.clone(), other.clone(), how);
                self.obstruct(start, end, other.clone(), one.clone(), how);
            }
        }
    }

    fn crash(&mut self, start: Time, end: Time, who: &[NodeId], power_loss: bool) {
        for &device in who {
            self.put(start, PlanAction::Crash { device, power_loss });
            self.crashes.push((device, start, end));
        }
    }

    /// A device that several faults hold down starts when the last lets go.
    fn start_the_crashed(&mut self) {
        let mut crashes = std::mem::take(&mut self.crashes);
        crashes.sort_unstable();
        let mut crashes = crashes.into_iter().peekable();
        while let Some((device, _, mut end)) = crashes.next() {
            while let Some((_, _, later)) =
                crashes.next_if(|&(next, start, _)| next == device && start <= end)
            {
                end = end.max(later);
            }
            self.put(end, PlanAction::Start { device });
        }
    }

    /// A random half (rounded up) is jammed in random order at random times in
    /// the first half of the span, and released in another random order at
    /// random times in the second, as FoundationDB's simulation does it with
    /// machines' network connections.
    fn swizzle(&mut self, start: Time, end: Time, mut who: Vec<NodeId>, stream: Stream) {
        let mut draws = stream.draws();
        shuffle(&mut who, &mut draws);
        who.truncate(who.len().div_ceil(2));
        let half = end.since(start).scale(1, 2);
        let middle = start + half;
        let jams = moments(&mut draws, who.len(), start, half);
        let mut order: Vec<usize> = (0..who.len()).collect();
        shuffle(&mut order, &mut draws);
        let releases = moments(&mut draws, who.len(), middle, end.since(middle));
        let mut released = vec![end; who.len()];
        for (place, at) in order.into_iter().zip(releases) {
            released[place] = at;
        }
        for ((node, jam), release) in who.into_iter().zip(jams).zip(released) {
            let others = self.nodes.peers(node);
            self.obstruct(jam, release, vec![node], others.clone(), Obstacle::Jam);
            self.obstruct(jam, release, others, vec![node], Obstacle::Jam);
        }
    }
}

/// `count` moments in `start..=start + span`, in order.
fn moments(draws: &mut Draws, count: usize, start: Time, span: Span) -> Vec<Time> {
    let mut moments: Vec<_> =
        (0..count).map(|_| start + Span::from_nanos(draws.between(0, span.as_nanos()))).collect();
    moments.sort_unstable();
    moments
}

/// Fisher and Yates' shuffle.
fn shuffle<T>(items: &mut [T], draws: &mut Draws) {
    for last in (1..items.len()).rev() {
        items.swap(last, draws.below(last as u64 + 1) as usize);
    }
}

impl FaultKind {
    /// The name in files.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Partition { .. } => "partition",
            Self::OneWay { .. } => "one_way",
            Self::Slow { .. } => "slow",
            Self::Jam { .. } => "jam",
            Self::Crash { .. } => "crash",
            Self::PowerLoss { .. } => "power_loss",
            Self::ClockJump { .. } => "clock_jump",
            Self::Swizzle { .. } => "swizzle",
        }
    }
}
