//! What the signs mean, as far as they occur.

use super::super::act::Act;
use super::super::colors::BAD;
use super::super::moments::Moment;
use super::layout::MARGIN;
use super::pen::{Letters, Pen, Stroke, sans_width};
use crate::charts::palette::{MUTED, PAPER};

const SIZE: f64 = 12.0;

/// A sign, and how it is drawn around a point.
type Sign = (&'static str, fn(&mut Pen, f64, f64));

/// Draws from `top` on; the height below it.
pub(super) fn draw(pen: &mut Pen, moments: &[Moment<'_>], top: f64, width: f64) -> f64 {
    let (mut x, mut y) = (MARGIN, top + 12.0);
    for (words, paint) in signs(moments) {
        let wide = 34.0 + sans_width(words, SIZE) + 22.0;
        if x + wide > width - MARGIN && x > MARGIN {
            (x, y) = (MARGIN, y + 24.0);
        }
        paint(pen, x + 12.0, y);
        pen.text((x + 30.0, y), words, Letters::of(SIZE, MUTED));
        x += wide;
    }
    y + 12.0
}

fn signs(moments: &[Moment<'_>]) -> Vec<Sign> {
    let any = |is: fn(&Act<'_>) -> bool| moments.iter().flat_map(|m| &m.acts).any(is);
    let mut signs: Vec<Sign> = Vec::new();
    let mut put = |there: bool, words, paint| {
        if there {
            signs.push((words, paint));
        }
    };
    put(any(|act| matches!(act, Act::Edit { changed: true, .. })), "an edit", |pen, x, y| {
        pen.dot((x, y), 6.0, MUTED);
    });
    put(
        any(|act| matches!(act, Act::Edit { changed: false, .. })),
        "an edit that changes nothing",
        |pen, x, y| {
            pen.ring((x, y), 5.0, MUTED, PAPER);
        },
    );
    put(
        any(|act| matches!(act, Act::Apply { .. } | Act::Receive { .. })),
        "arrives here",
        |pen, x, y| {
            pen.line((x - 12.0, y - 6.0), (x - 2.0, y - 1.0), Stroke::of(MUTED, 1.6));
            pen.ring((x + 4.0, y), 4.5, MUTED, PAPER);
        },
    );
    put(any(|act| matches!(act, Act::Apply { again: true, .. })), "arrives again", |pen, x, y| {
        pen.line((x - 12.0, y), (x + 10.0, y), Stroke::of(MUTED, 1.6).dashed("5 4"));
    });
    put(
        any(|act| matches!(act, Act::Exchange { .. })),
        "messages to and fro until both are silent",
        |pen, x, y| {
            for aside in [-3.0, 3.0] {
                pen.line((x - 11.0, y + aside), (x + 11.0, y + aside), Stroke::of(MUTED, 1.8));
            }
        },
    );
    put(
        any(|act| matches!(act, Act::Merge { .. } | Act::Join { .. })),
        "a whole document",
        |pen, x, y| {
            pen.line((x - 11.0, y), (x + 11.0, y), Stroke::of(MUTED, 3.0));
        },
    );
    put(
        any(|act| matches!(act, Act::Connect { .. })),
        "connected, in the other's colour",
        |pen, x, y| {
            pen.rect((x - 2.0, y - 9.0), (4.0, 18.0), 2.0, MUTED, 0.55);
        },
    );
    put(
        any(|act| matches!(act, Act::Disconnect { lost, .. } if !lost.is_empty())),
        "a message is lost",
        |pen, x, y| {
            for way in [-1.0, 1.0] {
                pen.line((x - 6.0, y - 6.0 * way), (x + 6.0, y + 6.0 * way), Stroke::of(BAD, 2.6));
            }
        },
    );
    put(never_arrives(moments), "a message that never arrives", |pen, x, y| {
        pen.line((x - 11.0, y), (x + 8.0, y), Stroke::of(MUTED, 1.6));
        pen.dot((x + 8.0, y), 3.0, MUTED);
    });
    put(any(|act| matches!(act, Act::Save { .. })), "stored", |pen, x, y| {
        pen.rect((x - 6.0, y - 6.0), (12.0, 12.0), 2.0, MUTED, 1.0);
        pen.rect((x - 3.0, y - 0.5), (6.0, 4.0), 0.5, PAPER, 1.0);
    });
    put(
        any(|act| matches!(act, Act::Restart { .. })),
        "the process dies and comes back",
        |pen, x, y| {
            for edge in [-5.0, 5.0] {
                pen.line(
                    (x - 7.0, y + edge + 3.0),
                    (x + 7.0, y + edge - 3.0),
                    Stroke::of(MUTED, 2.0),
                );
            }
        },
    );
    signs
}

fn never_arrives(moments: &[Moment<'_>]) -> bool {
    let acts = moments.iter().flat_map(|moment| &moment.acts);
    let sum: i64 = acts
        .map(|act| match act {
            Act::Send { .. } => 1,
            Act::Receive { .. } => -1,
            Act::Disconnect { lost, .. } => -(lost.len() as i64),
            _ => 0,
        })
        .sum();
    sum > 0
}
