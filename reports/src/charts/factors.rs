//! How many times worse than the best, figure by figure.

use super::canvas::{Align, Canvas, text_width};
use super::palette::{GRID, INK, MUTED, of};
use super::{LABEL, SMALL, TITLE, WIDTH};
use crate::compare::{Row, brief_rows};
use crate::sheet::Sheet;
use crate::units;

const TOP: f64 = 62.0;
const BAR: f64 = 10.0;
const GAP: f64 = 12.0;
const LEFT: f64 = 172.0;
/// Room for the number behind the longest bar.
const RIGHT: f64 = WIDTH as f64 - 52.0;
const TITLE_TEXT: &str = "Times worse than the best";

/// Bars of the factors of the rows that count in the mean, on a logarithmic
/// axis from 1: nothing for the best, to the left what is better than the best
/// that could be chosen.
pub fn factors(sheet: &Sheet<'_>) -> Option<String> {
    let rows: Vec<Row> = brief_rows(sheet)
        .into_iter()
        .filter(|row| row.in_mean && row.cells.iter().any(|cell| cell.factor.is_some()))
        .collect();
    let all = || rows.iter().flat_map(|row| &row.cells).filter_map(|cell| cell.factor);
    let greatest = all().max_by(f64::total_cmp)?;
    if greatest == 1.0 && all().all(|factor| factor == 1.0) {
        return None;
    }
    // A factor of nothing has no logarithm: it is drawn to the end of the axis.
    let least = all().filter(|factor| *factor > 0.0).min_by(f64::total_cmp)?;
    let frame = Frame { from: least.min(0.8), to: greatest.max(2.0) };
    let block = sheet.columns.len() as f64 * BAR + GAP;
    let bottom = TOP + rows.len() as f64 * block;
    Some(Canvas::draw((WIDTH, (bottom + 30.0) as u32), TITLE_TEXT, |canvas| {
        canvas.bold(TITLE_TEXT, (0.0, 14.0), Align::Start, TITLE, INK);
        legend(canvas, sheet);
        frame.axis(canvas, bottom);
        for (index, row) in rows.iter().enumerate() {
            frame.row(canvas, sheet, row, TOP + index as f64 * block + GAP / 2.0);
        }
    }))
}

fn legend(canvas: &Canvas<'_>, sheet: &Sheet<'_>) {
    let mut x = 0.0;
    for column in &sheet.columns {
        let tint = of(column.baseline, column.tone);
        canvas.bar((x, 31.0), (x + 11.0, 42.0), tint, 1.0);
        canvas.text(&column.label, (x + 16.0, 36.5), Align::Start, SMALL, tint);
        x += 34.0 + text_width(&column.label, SMALL);
    }
}

struct Frame {
    from: f64,
    to: f64,
}

impl Frame {
    fn x(&self, factor: f64) -> f64 {
        let factor = factor.clamp(self.from, self.to);
        LEFT + (RIGHT - LEFT) * (factor / self.from).ln() / (self.to / self.from).ln()
    }

    fn axis(&self, canvas: &Canvas<'_>, bottom: f64) {
        let mut last = f64::NEG_INFINITY;
        for tick in TICKS.into_iter().filter(|tick| (self.from..=self.to).contains(tick)) {
            let x = self.x(tick);
            let tint = if tick == 1.0 { MUTED } else { GRID };
            canvas.line(&[(x, TOP), (x, bottom)], tint, 1.0);
            // What everything is compared with always has its label.
            let room = x - last > APART && (x - self.x(1.0)).abs() > APART;
            if room || tick == 1.0 {
                let label = format!("{}×", units::trimmed(tick));
                canvas.text(&label, (x, bottom + 12.0), Align::Middle, SMALL, MUTED);
                last = x;
            }
        }
    }

    fn row(&self, canvas: &Canvas<'_>, sheet: &Sheet<'_>, row: &Row, top: f64) {
        let middle = top + sheet.columns.len() as f64 * BAR / 2.0;
        canvas.text(&row.label, (0.0, middle), Align::Start, LABEL, INK);
        for (index, (column, cell)) in sheet.columns.iter().zip(&row.cells).enumerate() {
            let Some(factor) = cell.factor else { continue };
            let tint = of(column.baseline, column.tone);
            let y = top + index as f64 * BAR;
            let (one, x) = (self.x(1.0), self.x(factor));
            let (from, to) = if x < one { (x, one) } else { (one, x.max(one + 1.5)) };
            canvas.bar((from, y + 1.0), (to, y + BAR - 1.0), tint, 1.0);
            let words = format!("{}×", units::ratio(factor));
            let at = (to + 4.0, y + BAR / 2.0);
            canvas.text(&words, at, Align::Start, BAR - 0.5, MUTED);
        }
    }
}

/// The least distance of labels at the axis.
const APART: f64 = 34.0;

const TICKS: [f64; 15] = [
    0.01,
    0.1,
    0.2,
    0.5,
    1.0,
    2.0,
    4.0,
    10.0,
    20.0,
    50.0,
    100.0,
    1_000.0,
    10_000.0,
    100_000.0,
    1_000_000.0,
];
