//! Battery per hour with what the models leave open.

use super::axis::linear_ticks;
use super::canvas::{Align, Canvas, text_width};
use super::palette::{GRID, INK, MUTED, of};
use super::{LABEL, SMALL, TITLE, WIDTH};
use crate::compare::{Row, battery_rows};
use crate::sheet::Sheet;
use crate::units;

const TOP: f64 = 42.0;
const ROW: f64 = 24.0;
const HEADING: f64 = 24.0;
const AXIS: f64 = 36.0;
const TITLE_TEXT: &str = "Battery per hour: the models' best guess, and what they leave open";

/// One block for each group: a bar from the thriftiest to the hungriest stated
/// model, a mark at the value itself, and the figures beside it. All on one
/// scale.
pub fn battery(sheet: &Sheet<'_>) -> Option<String> {
    let rows = battery_rows(sheet);
    let figures = || rows.iter().flat_map(|row| &row.cells).filter_map(|cell| cell.figure.as_ref());
    let greatest =
        figures().map(|figure| figure.stated_range.map_or(figure.max, |range| range.1)).max()?;
    let labels = sheet.columns.iter().map(|column| text_width(&column.label, LABEL));
    let frame =
        Frame { left: labels.fold(40.0, f64::max).min(190.0) + 12.0, greatest: greatest.max(1) };
    let heights = rows.iter().map(|row| HEADING + present(row) as f64 * ROW);
    let bottom = TOP + heights.sum::<f64>();
    Some(Canvas::draw((WIDTH, (bottom + AXIS) as u32), TITLE_TEXT, |canvas| {
        canvas.bold(TITLE_TEXT, (0.0, 14.0), Align::Start, TITLE, INK);
        frame.axis(canvas, bottom);
        let mut top = TOP;
        for row in &rows {
            top = frame.block(canvas, sheet, row, top);
        }
    }))
}

fn present(row: &Row) -> usize {
    row.cells.iter().filter(|cell| cell.figure.is_some()).count()
}

struct Frame {
    left: f64,
    greatest: u64,
}

impl Frame {
    /// The figures stand to the right.
    const RIGHT: f64 = WIDTH as f64 - 140.0;

    fn x(&self, value: f64) -> f64 {
        self.left + (Self::RIGHT - self.left) * value / self.greatest as f64
    }

    fn axis(&self, canvas: &Canvas<'_>, bottom: f64) {
        for tick in linear_ticks(self.greatest as f64, 5) {
            let x = self.x(tick);
            canvas.line(&[(x, TOP + HEADING - 4.0), (x, bottom)], GRID, 1.0);
            let label = units::tick(tick as u64, "ppm");
            canvas.text(&label, (x, bottom + 11.0), Align::Middle, SMALL, MUTED);
        }
    }

    fn block(&self, canvas: &Canvas<'_>, sheet: &Sheet<'_>, row: &Row, top: f64) -> f64 {
        let group = row.label.rsplit(", ").next().unwrap_or(&row.label);
        canvas.text(group, (0.0, top + 8.0), Align::Start, LABEL, INK);
        let mut y = top + HEADING;
        for (column, cell) in sheet.columns.iter().zip(&row.cells) {
            let Some(figure) = &cell.figure else { continue };
            let tint = of(column.baseline, column.tone);
            let middle = y + 8.0;
            canvas.text(&column.label, (0.0, middle), Align::Start, LABEL, tint);
            let mut words = units::human(figure.value, &figure.unit);
            if let Some((low, high)) = figure.stated_range {
                let (from, to) = (self.x(low as f64), self.x(high as f64));
                canvas.bar((from, y + 2.0), (to, y + 14.0), tint, 0.28);
                words = format!("{words}  ({})", units::range(low, high, &figure.unit));
            }
            let x = self.x(figure.value as f64);
            canvas.bar((x - 1.5, y - 1.0), (x + 1.5, y + 17.0), tint, 1.0);
            canvas.text(&words, (Self::RIGHT + 10.0, middle), Align::Start, SMALL, MUTED);
            y += ROW;
        }
        y
    }
}
