//! How a latency is distributed: value over percentile.

use deadzone_core::measure::decode;
use deadzone_core::record::HistogramRecord;

use super::axis::{LogScale, spread};
use super::canvas::{Align, Canvas, Point, text_width};
use super::palette::{GRID, INK, MUTED, Tint, of};
use super::{LABEL, SMALL, TITLE, WIDTH};
use crate::sheet::{Column, Scope, Sheet};
use crate::units;

const HEIGHT: u32 = 360;
const TOP: f64 = 44.0;
const BOTTOM: f64 = HEIGHT as f64 - 52.0;
const LEFT: f64 = 70.0;
const GAP: f64 = 8.0;

/// Percentile curves of one histogram, if some column has ten samples; all samples of the seeds that count
/// taken together, one curve for each column. The axis of percentiles is
/// stretched towards 100 %, as each further nine is ten times as rare; both
/// axes are logarithmic in that sense.
pub fn percentiles(sheet: &Sheet<'_>, scope: Scope<'_>, name: &str, title: &str) -> Option<String> {
    let curves: Vec<Curve> =
        sheet.columns.iter().filter_map(|column| Curve::of(column, scope, name)).collect();
    let most = curves.iter().map(|curve| curve.count).max()?;
    if most < FEWEST_SAMPLES {
        return None;
    }
    let values = curves.iter().flat_map(|curve| curve.points.iter().map(|point| point.1));
    let scale = LogScale::over(values)?;
    let unit = curves.first()?.unit.clone();
    let frame = Frame::around(&curves, scale);
    Some(Canvas::draw((WIDTH, HEIGHT), title, |canvas| {
        canvas.bold(title, (0.0, 14.0), Align::Start, TITLE, INK);
        frame.grid(canvas, &unit);
        for curve in &curves {
            canvas.line(&frame.path(curve), curve.tint, 2.0);
        }
        frame.labels(canvas, &curves);
    }))
}

struct Curve {
    label: String,
    tint: Tint,
    unit: String,
    /// Stretched percentile (nines) and value, rising.
    points: Vec<(f64, u64)>,
    count: u64,
    /// Where the greatest sample is drawn: as many nines as samples allow.
    nines: f64,
}

impl Curve {
    fn of(column: &Column<'_>, scope: Scope<'_>, name: &str) -> Option<Self> {
        let records = column.histograms(scope, name);
        let count: u64 = records.iter().map(|record| record.count).sum();
        let unit = records.first().map(|record| record.unit.clone())?;
        if count == 0 {
            return None;
        }
        let nines = (count as f64).log10().clamp(FEWEST_NINES, MOST_NINES);
        let points = exact(&records, nines).unwrap_or_else(|| stated(&records, nines));
        let tint = of(column.baseline, column.tone);
        Some(Self { label: column.label.clone(), tint, unit, points, count, nines })
    }
}

/// Fewer are no distribution: the table has them.
const FEWEST_SAMPLES: u64 = 10;

/// The axis goes at least to 99 % and at most to 99.999 %.
const FEWEST_NINES: f64 = 2.0;
const MOST_NINES: f64 = 5.0;

/// From the whole distribution; none if it cannot be read.
fn exact(records: &[&HistogramRecord], most: f64) -> Option<Vec<(f64, u64)>> {
    let mut together = decode(&records.first()?.hdr)?;
    for record in &records[1..] {
        together.add(decode(&record.hdr)?).ok()?;
    }
    let (mut seen, total) = (0_u64, together.len());
    let mut points = Vec::new();
    for step in together.iter_recorded() {
        if points.is_empty() {
            points.push((0.0, step.value_iterated_to()));
        }
        seen += step.count_at_value();
        points.push((nines(seen as f64 / total as f64).min(most), step.value_iterated_to()));
    }
    Some(points)
}

/// From the percentiles that stand in results, of the first seed.
fn stated(records: &[&HistogramRecord], most: f64) -> Vec<(f64, u64)> {
    let record = records[0];
    let points = [
        (0.0, record.min),
        (0.5, record.p50),
        (0.9, record.p90),
        (0.99, record.p99),
        (0.999, record.p999),
        (1.0, record.max),
    ];
    points.into_iter().map(|(share, value)| (nines(share).min(most), value)).collect()
}

fn nines(share: f64) -> f64 {
    -(1.0 - share).max(f64::MIN_POSITIVE).log10()
}

struct Frame {
    scale: LogScale,
    nines: f64,
    right: f64,
}

impl Frame {
    fn around(curves: &[Curve], scale: LogScale) -> Self {
        let widest =
            curves.iter().map(|curve| text_width(&curve.label, LABEL)).fold(40.0, f64::max);
        let nines = curves.iter().map(|curve| curve.nines).fold(FEWEST_NINES, f64::max);
        Self { scale, nines, right: f64::from(WIDTH) - widest.min(190.0) - 2.0 * GAP }
    }

    fn x(&self, nines: f64) -> f64 {
        LEFT + (self.right - LEFT) * nines / self.nines
    }

    fn y(&self, value: u64) -> f64 {
        BOTTOM - (BOTTOM - TOP) * self.scale.place(value as f64)
    }

    fn grid(&self, canvas: &Canvas<'_>, unit: &str) {
        for tick in self.scale.ticks() {
            let y = self.y(tick);
            canvas.line(&[(LEFT, y), (self.right, y)], GRID, 1.0);
            canvas.text(&units::tick(tick, unit), (LEFT - GAP, y), Align::End, SMALL, MUTED);
        }
        for (share, label) in PERCENTILES {
            let x = self.x(nines(share));
            if x <= self.right + 1.0 {
                canvas.line(&[(x, TOP), (x, BOTTOM)], GRID, 1.0);
                canvas.text(label, (x, BOTTOM + 14.0), Align::Middle, SMALL, MUTED);
            }
        }
        let middle = (LEFT + self.right) / 2.0;
        let words = "share of samples that are at most this long";
        let words = if unit == "ns" { words } else { "share of samples that are at most this" };
        canvas.text(words, (middle, BOTTOM + 34.0), Align::Middle, SMALL, MUTED);
    }

    /// Without points that would fall on the pixel of the last.
    fn path(&self, curve: &Curve) -> Vec<Point> {
        let mut path: Vec<Point> = Vec::new();
        for (index, (nines, value)) in curve.points.iter().enumerate() {
            let point = (self.x(*nines), self.y(*value));
            let near = path.last().is_some_and(|last| {
                (point.0 - last.0).abs() < 0.75 && (point.1 - last.1).abs() < 0.75
            });
            if !near || index + 1 == curve.points.len() {
                path.push(point);
            }
        }
        path
    }

    fn labels(&self, canvas: &Canvas<'_>, curves: &[Curve]) {
        let end = |curve: &Curve| {
            let (nines, value) = *curve.points.last().expect("a curve has points");
            (self.x(nines), self.y(value))
        };
        let heights: Vec<f64> = curves.iter().map(|curve| end(curve).1).collect();
        let places = spread(&heights, LABEL + 4.0, (TOP, BOTTOM));
        for (curve, place) in curves.iter().zip(places) {
            let at = end(curve);
            canvas.dot(at, 2.5, curve.tint);
            let text = (self.right + 2.0 * GAP, place);
            if (place - at.1).abs() > 3.0 || self.right - at.0 > GAP {
                canvas.line(&[(at.0 + 4.0, at.1), (text.0 - 3.0, place)], curve.tint, 0.5);
            }
            canvas.text(&curve.label, text, Align::Start, LABEL, curve.tint);
        }
    }
}

const PERCENTILES: [(f64, &str); 6] = [
    (0.5, "50 %"),
    (0.9, "90 %"),
    (0.99, "99 %"),
    (0.999, "99.9 %"),
    (0.9999, "99.99 %"),
    (0.99999, "99.999 %"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_nine_is_as_far_as_the_last() {
        for (share, expected) in [(0.0, 0.0), (0.9, 1.0), (0.99, 2.0), (0.999, 3.0)] {
            assert!((nines(share) - expected).abs() < 1e-9);
        }
    }
}
