//! What travels: from where it was made to where it arrived, or was lost.

use std::collections::BTreeMap;

use deadzone_core::replay::MessageNumber;
use deadzone_core::schedule::ReplicaNumber;

use super::super::act::Act;
use super::super::colors::{self, BAD};
use super::layout::Layout;
use super::pen::{Pen, Point, Stroke};
use crate::charts::palette::{INK, MUTED, Tint};

/// Where the marks of an arrival begin.
const REACH: f64 = 7.0;

/// Beyond this many arrivals at the end their arrows would cover the history:
/// they begin where the end does.
const CROWD: usize = 12;

pub(super) fn draw(pen: &mut Pen, layout: &Layout<'_, '_>) {
    let origins = layout.origins();
    let crowded = arrivals_at_the_end(layout) > CROWD;
    let mut under_way: BTreeMap<MessageNumber, (ReplicaNumber, ReplicaNumber, f64)> =
        BTreeMap::new();
    for row in &layout.rows {
        let finale = row.moment.step.is_none();
        for told in &row.told {
            let y = told.y;
            match told.act {
                Act::Apply { at, of, again, .. } => {
                    for (from, made) in of.iter().filter_map(|step| origins.get(step)) {
                        let mut stroke = Stroke::of(colors::of(from.0), 1.6);
                        if *again {
                            stroke = stroke.dashed("5 4");
                        }
                        let mut start = *made;
                        if finale {
                            stroke = stroke.faint(0.45);
                            start = layout.finale.filter(|_| crowded).unwrap_or(start);
                        }
                        arrow(pen, (layout.x(*from), start), (layout.x(*at), y), stroke);
                    }
                }
                Act::Send { message, from, to, .. } => {
                    under_way.insert(*message, (*from, *to, y));
                }
                Act::Receive { message, from, to, .. } => {
                    if let Some((_, _, sent)) = under_way.remove(message) {
                        let stroke = Stroke::of(colors::of(from.0), 1.6);
                        arrow(pen, (layout.x(*from), sent), (layout.x(*to), y), stroke);
                    }
                }
                Act::Disconnect { lost, .. } => {
                    for message in *lost {
                        if let Some(message) = under_way.remove(message) {
                            stray(pen, layout, message, y - 14.0, true);
                        }
                    }
                }
                Act::Exchange { a, b, .. } => {
                    let (one, other) = (layout.x(*a), layout.x(*b));
                    let stroke = Stroke::of(INK, 1.8);
                    arrow(pen, (one, y - 3.0), (other, y - 3.0), stroke);
                    arrow(pen, (other, y + 4.0), (one, y + 4.0), stroke);
                }
                Act::Merge { from, to, .. } | Act::Join { from, to, .. } => {
                    let stroke = Stroke::of(colors::of(from.0), 3.0);
                    arrow(pen, (layout.x(*from), y - 12.0), (layout.x(*to), y), stroke);
                }
                _ => {}
            }
        }
    }
    for message in under_way.into_values() {
        stray(pen, layout, message, layout.bottom - 16.0, false);
    }
}

fn arrivals_at_the_end(layout: &Layout<'_, '_>) -> usize {
    let rows = layout.rows.iter().filter(|row| row.moment.step.is_none());
    rows.flat_map(|row| &row.told)
        .map(|told| if let Act::Apply { of, .. } = told.act { of.len() } else { 0 })
        .sum()
}

/// A message that did not arrive: half of the way, and a cross if it was lost.
fn stray(
    pen: &mut Pen,
    layout: &Layout<'_, '_>,
    (from, to, sent): (ReplicaNumber, ReplicaNumber, f64),
    end: f64,
    lost: bool,
) {
    let (start, target) = (layout.x(from), layout.x(to));
    let x = start + (target - start).signum() * 54.0;
    let y = end.min(sent + 90.0).max(sent + 8.0);
    let tint = colors::of(from.0);
    pen.line((start, sent), (x, y), Stroke::of(tint, 1.6));
    if lost {
        for way in [-1.0, 1.0] {
            pen.line((x - 6.0, y - 6.0 * way), (x + 6.0, y + 6.0 * way), Stroke::of(BAD, 2.6));
        }
    } else {
        pen.dot((x, y), 3.0, MUTED);
    }
}

/// From one point to shortly before another. Within one line it swings out.
fn arrow(pen: &mut Pen, from: Point, to: Point, stroke: Stroke) {
    let ((x, y), (end_x, end_y)) = (from, to);
    if (x - end_x).abs() < 1.0 {
        let out = x - 34.0;
        let path = format!(
            "M{x:.1} {y:.1}C{out:.1} {:.1} {out:.1} {:.1} {:.1} {end_y:.1}",
            y + 14.0,
            end_y - 4.0,
            end_x - REACH
        );
        pen.path(&path, stroke);
        head(pen, (end_x - REACH, end_y), (1.0, 0.0), stroke.tint, stroke);
        return;
    }
    if !stroke.dash.is_empty() {
        bent(pen, from, to, stroke);
        return;
    }
    let length = ((end_x - x).powi(2) + (end_y - y).powi(2)).sqrt();
    let way = ((end_x - x) / length, (end_y - y) / length);
    let tip = (end_x - way.0 * REACH, end_y - way.1 * REACH);
    let neck = (tip.0 - way.0 * 5.0, tip.1 - way.1 * 5.0);
    pen.line(from, neck, stroke);
    head(pen, tip, way, stroke.tint, stroke);
}

/// What comes again stands beside what came first.
fn bent(pen: &mut Pen, from: Point, to: Point, stroke: Stroke) {
    let middle = ((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0 + 22.0);
    let aim = (to.0 - middle.0, to.1 - middle.1);
    let length = (aim.0.powi(2) + aim.1.powi(2)).sqrt().max(1.0);
    let way = (aim.0 / length, aim.1 / length);
    let tip = (to.0 - way.0 * REACH, to.1 - way.1 * REACH);
    let path = format!(
        "M{:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}",
        from.0,
        from.1,
        middle.0,
        middle.1,
        tip.0 - way.0 * 5.0,
        tip.1 - way.1 * 5.0
    );
    pen.path(&path, stroke);
    head(pen, tip, way, stroke.tint, stroke);
}

fn head(pen: &mut Pen, tip: Point, way: (f64, f64), tint: Tint, stroke: Stroke) {
    let size = 6.0 + stroke.width;
    let (back, side) = ((tip.0 - way.0 * size, tip.1 - way.1 * size), size * 0.5);
    let points = [
        tip,
        (back.0 - way.1 * side, back.1 + way.0 * side),
        (back.0 + way.1 * side, back.1 - way.0 * side),
    ];
    pen.polygon(&points, tint, stroke.opacity);
}
