//! What was found, and the documents side by side.

use super::super::Finding;
use super::super::colors::{self, BAD, MARKED, SOFT};
use super::super::difference::Stretch;
use super::super::letters::{columns_of, running, shortened};
use super::super::moments::Moment;
use super::super::readme;
use super::super::sides::{self, Side};
use super::layout::MARGIN;
use super::paragraph;
use super::pen::{Letters, Pen, Stroke, mono_width};
use crate::charts::palette::{GRID, INK, MUTED};

const SIZE: f64 = 13.0;
const GAP: f64 = 16.0;
const PADDING: f64 = 16.0;
/// From one line of a document to the next.
const LINE: f64 = 19.0;
/// The most lines of one root.
const LINES_MAX: usize = 12;

/// Draws from `top` on; the height below it.
pub(super) fn draw(
    pen: &mut Pen,
    finding: &Finding<'_>,
    moments: &[Moment<'_>],
    top: f64,
    width: f64,
) -> f64 {
    let violation = finding.violation;
    let mut y = top + 26.0;
    let when = readme::when(violation);
    let title = format!("✗ Does not hold {when}: {}", violation.oracle.demand());
    let inner = width - 2.0 * MARGIN;
    y = paragraph(pen, (MARGIN, y), &title, inner, Letters::of(15.0, BAD).bold());
    let said = shortened(&running(&violation.said), 600);
    y = paragraph(pen, (MARGIN, y + 3.0), &said, inner, Letters::of(13.0, INK)) + 6.0;
    cards(pen, &sides::at_the_end(violation, moments), y, inner)
}

/// Up to three beside each other.
fn cards(pen: &mut Pen, sides: &[Side], top: f64, inner: f64) -> f64 {
    let mut y = top;
    let differ = sides.len() > 1;
    for line in sides.chunks(3) {
        let beside = sides.len().clamp(1, 3) as f64;
        let width = (inner - GAP * (beside - 1.0)) / beside;
        let columns = (width - 2.0 * PADDING) / (SIZE * 0.602);
        let texts: Vec<Vec<CardLine>> =
            line.iter().map(|side| card_lines(side, columns as usize, differ)).collect();
        let most = texts.iter().map(Vec::len).max().unwrap_or(0);
        let height = 46.0 + most as f64 * LINE + 8.0;
        for (number, (side, lines)) in line.iter().zip(&texts).enumerate() {
            let x = MARGIN + (width + GAP) * number as f64;
            pen.rect((x, y), (width, height), 8.0, SOFT, 1.0);
            pen.frame((x, y), (width, height), 8.0, Stroke::of(GRID, 1.0));
            card(pen, side, lines, (x + PADDING, y + 24.0));
        }
        y += height + GAP;
    }
    y
}

enum CardLine {
    Name(String),
    Value(Vec<Stretch>),
}

fn card_lines(side: &Side, columns: usize, differ: bool) -> Vec<CardLine> {
    let mut lines = Vec::new();
    for (name, stretches) in &side.roots {
        lines.push(CardLine::Name(shortened(name, columns)));
        let all_same = stretches.iter().all(|stretch| stretch.same);
        let broken = broken(stretches, columns.max(8));
        let first = broken.iter().position(|line| line.iter().any(|s| !s.same)).unwrap_or(0);
        let most = if differ && all_same { 3 } else { LINES_MAX };
        let start = if broken.len() > most { first.saturating_sub(2) } else { 0 };
        let left = broken.len() - start;
        if start > 0 {
            lines.push(omitted());
        }
        lines.extend(broken.into_iter().skip(start).take(most).map(CardLine::Value));
        if left > most {
            lines.push(omitted());
        }
    }
    lines
}

fn omitted() -> CardLine {
    CardLine::Value(vec![Stretch { text: "…".to_owned(), same: true }])
}

/// In lines of so many columns, at any letter.
fn broken(stretches: &[Stretch], columns: usize) -> Vec<Vec<Stretch>> {
    let mut lines: Vec<Vec<Stretch>> = vec![Vec::new()];
    let mut used = 0;
    for stretch in stretches {
        for c in stretch.text.chars() {
            if used + columns_of(c) > columns {
                lines.push(Vec::new());
                used = 0;
            }
            used += columns_of(c);
            let line = lines.last_mut().expect("begins with one");
            match line.last_mut().filter(|last| last.same == stretch.same) {
                Some(last) => last.text.push(c),
                None => line.push(Stretch { text: c.to_string(), same: stretch.same }),
            }
        }
    }
    lines
}

fn card(pen: &mut Pen, side: &Side, lines: &[CardLine], (left, top): (f64, f64)) {
    let mut x = left + 5.0;
    for replica in &side.replicas {
        pen.dot((x, top), 5.5, colors::of(replica.0));
        x += 15.0;
    }
    pen.text((x, top), &side.title(), Letters::of(13.5, INK).bold());
    let mut y = top + 28.0;
    for line in lines {
        match line {
            CardLine::Name(name) => pen.text((left, y), name, Letters::of(12.0, MUTED)),
            CardLine::Value(stretches) => value(pen, stretches, (left, y)),
        }
        y += LINE;
    }
}

fn value(pen: &mut Pen, stretches: &[Stretch], (left, y): (f64, f64)) {
    let mut x = left;
    for stretch in stretches {
        let width = mono_width(&stretch.text, SIZE);
        let mut letters = Letters::of(SIZE, INK).mono();
        if !stretch.same {
            pen.rect((x - 1.0, y - 9.0), (width + 2.0, 18.0), 3.0, MARKED, 1.0);
            letters = Letters { tint: BAD, ..letters }.bold();
        }
        pen.fitted((x, y), &stretch.text, letters, width);
        x += width;
    }
}
