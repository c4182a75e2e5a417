//! What a replica does by itself: marks on its line.

use super::super::act::Act;
use super::super::colors::{self, BAD};
use super::super::words;
use super::layout::{Layout, Told};
use super::pen::{Letters, Pen, Point, Stroke};
use crate::charts::palette::{INK, MUTED, PAPER, Tint};

/// Columns of the few letters beside a mark.
const SIGN: usize = 12;

pub(super) fn draw(pen: &mut Pen, layout: &Layout<'_, '_>, told: &Told<'_, '_>) {
    let y = told.y;
    let on = |replica| (layout.x(replica), y);
    match told.act {
        Act::Edit { at, edits, changed } => {
            let sign = words::sign(edits, SIGN);
            if *changed {
                edit(pen, on(*at), colors::of(at.0), &sign);
            } else {
                pen.ring(on(*at), 5.0, colors::of(at.0), PAPER);
                beside(pen, on(*at), &sign, MUTED);
            }
        }
        Act::Undo { at } => edit(pen, on(*at), colors::of(at.0), "undo"),
        Act::Redo { at } => edit(pen, on(*at), colors::of(at.0), "redo"),
        Act::Apply { at, .. } => pen.ring(on(*at), 4.5, colors::of(at.0), PAPER),
        Act::Receive { to, .. } | Act::Merge { to, .. } => {
            pen.ring(on(*to), 4.5, colors::of(to.0), PAPER);
        }
        Act::Join { to, .. } => {
            pen.ring(on(*to), 5.0, colors::of(to.0), PAPER);
            pen.dot(on(*to), 2.0, colors::of(to.0));
            beside(pen, on(*to), "joins", MUTED);
        }
        Act::Exchange { a, b, .. } => {
            for at in [a, b] {
                pen.ring(on(*at), 4.5, colors::of(at.0), PAPER);
            }
        }
        Act::Send { from, .. } => pen.dot(on(*from), 4.0, colors::of(from.0)),
        Act::Connect { a, b } => link(pen, on(*a), on(*b), MUTED, false),
        Act::Disconnect { a, b, lost } => {
            let tint = if lost.is_empty() { MUTED } else { BAD };
            link(pen, on(*a), on(*b), tint, true);
        }
        Act::Save { at, .. } => {
            let (x, y) = on(*at);
            pen.rect((x - 6.0, y - 6.0), (12.0, 12.0), 2.0, colors::of(at.0), 1.0);
            pen.rect((x - 3.0, y - 0.5), (6.0, 4.0), 0.5, PAPER, 1.0);
            beside(pen, on(*at), "stored", MUTED);
        }
        Act::Restart { at, .. } => beside(pen, on(*at), "restart", BAD),
        Act::LookBack { at, .. } => {
            diamond(pen, on(*at), 7.0, colors::of(at.0));
            diamond(pen, on(*at), 4.5, PAPER);
            beside(pen, on(*at), "looks back", MUTED);
        }
        Act::Read { at } => {
            pen.dot(on(*at), 3.5, PAPER);
            pen.dot(on(*at), 2.5, colors::of(at.0));
        }
        Act::Attempt { .. } => {
            for at in told.act.replicas().into_iter().take(1) {
                pen.ring(on(at), 8.0, BAD, PAPER);
                beside(pen, (on(at).0 + 4.0, y), "breaks", BAD);
                cross(pen, on(at));
            }
        }
        Act::Skip { .. } | Act::Created { .. } => {}
    }
}

fn edit(pen: &mut Pen, at: Point, tint: Tint, sign: &str) {
    pen.dot(at, 6.5, tint);
    beside(pen, at, sign, INK);
}

fn beside(pen: &mut Pen, (x, y): Point, text: &str, tint: Tint) {
    pen.text((x + 12.0, y), text, Letters::of(12.5, tint).bold().halo());
}

fn cross(pen: &mut Pen, (x, y): Point) {
    for way in [-1.0, 1.0] {
        pen.line((x - 3.5, y - 3.5 * way), (x + 3.5, y + 3.5 * way), Stroke::of(BAD, 2.2));
    }
}

fn diamond(pen: &mut Pen, (x, y): Point, size: f64, tint: Tint) {
    pen.polygon(&[(x, y - size), (x + size, y), (x, y + size), (x - size, y)], tint, 1.0);
}

/// A connection comes up, or goes away.
fn link(pen: &mut Pen, (x, y): Point, (to, _): Point, tint: Tint, cut: bool) {
    let stroke = Stroke::of(tint, 1.6).dashed("2 3");
    let (x, to) = (x.min(to), x.max(to));
    if !cut {
        pen.line((x, y), (to, y), stroke);
    } else {
        let middle = if to - x > 150.0 { x + 58.0 } else { (x + to) / 2.0 };
        pen.line((x, y), (middle - 9.0, y), stroke);
        pen.line((middle + 9.0, y), (to, y), stroke);
        for aside in [-4.0, 4.0] {
            let (from, end) = ((middle + aside - 3.0, y + 7.0), (middle + aside + 3.0, y - 7.0));
            pen.line(from, end, Stroke::of(tint, 1.8));
        }
    }
    for end in [x, to] {
        pen.dot((end, y), 3.0, tint);
    }
}
