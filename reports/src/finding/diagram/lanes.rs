//! The lines of replicas, and who is connected to whom.

use std::collections::BTreeMap;

use deadzone_core::schedule::ReplicaNumber;

use super::super::act::Act;
use super::super::colors;
use super::layout::Layout;
use super::pen::{Letters, Pen, Stroke, sans_width};
use crate::charts::palette::PAPER;

/// Half of the gap that a restart leaves in a line.
const BREAK: f64 = 7.0;

pub(super) fn draw(pen: &mut Pen, layout: &Layout<'_, '_>) {
    connections(pen, layout);
    for &replica in &layout.replicas {
        let (x, tint) = (layout.x(replica), colors::of(replica.0));
        let start = layout.heads + 14.0;
        let born = layout.born(replica).unwrap_or(start);
        if born > start {
            pen.line((x, start), (x, born), Stroke::of(tint, 1.2).dashed("1 5").faint(0.6));
        }
        let mut from = born;
        for at in restarts(layout, replica) {
            pen.line((x, from), (x, at - BREAK), Stroke::of(tint, 2.4));
            for edge in [at - BREAK, at + BREAK] {
                pen.line((x - 7.0, edge + 3.0), (x + 7.0, edge - 3.0), Stroke::of(tint, 2.0));
            }
            from = at + BREAK;
        }
        pen.line((x, from), (x, layout.bottom - 10.0), Stroke::of(tint, 2.4));
        head(pen, layout, replica);
    }
}

fn head(pen: &mut Pen, layout: &Layout<'_, '_>, replica: ReplicaNumber) {
    let (x, y, name) = (layout.x(replica), layout.heads, replica.to_string());
    let width = sans_width(&name, 13.0) + 18.0;
    pen.rect((x - width / 2.0, y - 12.0), (width, 24.0), 12.0, colors::of(replica.0), 1.0);
    pen.text((x, y), &name, Letters::of(13.0, PAPER).bold().anchored("middle"));
}

fn restarts(layout: &Layout<'_, '_>, replica: ReplicaNumber) -> Vec<f64> {
    let told = layout.rows.iter().flat_map(|row| &row.told);
    told.filter(|told| matches!(told.act, Act::Restart { at, .. } if *at == replica))
        .map(|told| told.y)
        .collect()
}

/// A connection: beside each of its lines a strip in the other's colour.
struct Strip {
    owner: ReplicaNumber,
    peer: ReplicaNumber,
    from: f64,
    to: f64,
    /// How far out it stands; several do beside each other.
    place: usize,
}

fn connections(pen: &mut Pen, layout: &Layout<'_, '_>) {
    for strip in strips(layout) {
        let x = layout.x(strip.owner) - 8.0 - 6.0 * strip.place as f64;
        let size = (4.0, (strip.to - strip.from).max(8.0));
        pen.rect((x - 2.0, strip.from), size, 2.0, colors::of(strip.peer.0), 0.55);
    }
}

fn strips(layout: &Layout<'_, '_>) -> Vec<Strip> {
    let mut open: BTreeMap<(ReplicaNumber, ReplicaNumber), (f64, usize)> = BTreeMap::new();
    let mut strips = Vec::new();
    for told in layout.rows.iter().flat_map(|row| &row.told) {
        match *told.act {
            Act::Connect { a, b } => {
                for (owner, peer) in [(a, b), (b, a)] {
                    let taken: Vec<usize> = open
                        .iter()
                        .filter(|((other, _), _)| *other == owner)
                        .map(|(_, (_, place))| *place)
                        .collect();
                    let place = (0..).find(|place| !taken.contains(place)).unwrap_or(0);
                    open.insert((owner, peer), (told.y, place));
                }
            }
            Act::Disconnect { a, b, .. } => {
                for (owner, peer) in [(a, b), (b, a)] {
                    if let Some((from, place)) = open.remove(&(owner, peer)) {
                        strips.push(Strip { owner, peer, from, to: told.y, place });
                    }
                }
            }
            _ => {}
        }
    }
    let end = layout.bottom - 10.0;
    let left = open.into_iter();
    strips.extend(left.map(|((owner, peer), (from, place))| Strip {
        owner,
        peer,
        from,
        to: end,
        place,
    }));
    strips
}
