//! How links come and go.

use super::{NodeId, PlanAction, PlanStep};
use crate::profile::OutageProfile;
use crate::rng::{Draws, Stream};
use crate::scenario::Group;
use crate::time::{Span, Time};

/// The outages of one device: its links are up at first, an outage takes all
/// links of the profile's technologies away at once, and whatever is away at
/// `end` comes back then. At most `limit` steps; none if that is not enough.
pub(super) fn steps(
    profile: &OutageProfile,
    group: &Group,
    device: NodeId,
    stream: Stream,
    end: Time,
    limit: usize,
) -> Option<Vec<PlanStep>> {
    let links: Vec<u32> = (0_u32..)
        .zip(&group.links)
        .filter(|(_, link)| {
            profile.technologies.is_empty() || profile.technologies.contains(&link.technology)
        })
        .map(|(number, _)| number)
        .collect();
    let mut steps = Vec::new();
    if links.is_empty() {
        return Some(steps);
    }
    let mut draws = stream.draws();
    let mut now = Time::ZERO;
    loop {
        now += at_least_a_nanosecond(&mut draws, |draws| profile.up.draw(draws));
        if now >= end {
            return Some(steps);
        }
        let back = now + at_least_a_nanosecond(&mut draws, |draws| profile.down.draw(draws));
        for (at, up) in [(now, false), (back.min(end), true)] {
            let step = |&link| PlanStep { at, what: PlanAction::Link { device, link, up } };
            steps.extend(links.iter().map(step));
        }
        if steps.len() > limit {
            return None;
        }
        now = back;
    }
}

/// Time must go on, whatever a profile says.
fn at_least_a_nanosecond(draws: &mut Draws, span: impl FnOnce(&mut Draws) -> Span) -> Span {
    span(draws).max(Span::from_nanos(1))
}
