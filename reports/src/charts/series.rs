//! Figures over virtual time: one strip for each column.

use deadzone_core::record::{Outcome, RunRecord, Series};
use deadzone_core::time::Span;

use super::axis::time_ticks;
use super::canvas::{Align, Canvas, Point, text_width};
use super::palette::{GRID, INK, MUTED, Tint, of};
use super::{LABEL, SMALL, TITLE, WIDTH};
use crate::sheet::Sheet;
use crate::units;

const TOP: f64 = 44.0;
const STRIP: f64 = 54.0;
const GAP: f64 = 14.0;
const RIGHT: f64 = WIDTH as f64 - 26.0;

fn ran(run: &RunRecord) -> bool {
    run.verdict.outcome != Outcome::Unsupported
}

/// One series of the first seed, one strip for each column, all on the same
/// scales, as lines above each other would hide each other.
pub fn series(sheet: &Sheet<'_>, name: &str) -> Option<String> {
    let seed = *sheet.seeds().first()?;
    let strips: Vec<Strip<'_>> = sheet
        .columns
        .iter()
        .filter_map(|column| {
            let run = column.runs.iter().find(|run| run.seed == seed && ran(run))?;
            let series = run.series.get(name).filter(|series| !series.t_ns.is_empty())?;
            let end = run.virtual_time_ns.max(*series.t_ns.last()?);
            let tint = of(column.baseline, column.tone);
            Some(Strip { label: column.label.clone(), tint, series, end })
        })
        .collect();
    let end = strips.iter().map(|strip| strip.end).max()?.max(1);
    let greatest = strips.iter().flat_map(|strip| &strip.series.value).copied().max()?.max(1);
    let widest = strips.iter().map(|strip| text_width(&strip.label, LABEL)).fold(40.0, f64::max);
    let frame = Frame { left: widest.min(190.0) + 48.0, end, greatest };
    let bottom = TOP + strips.len() as f64 * (STRIP + GAP) - GAP;
    let title = format!("{}, seed {seed}", title(name));
    let size = (WIDTH, (bottom + 46.0) as u32);
    Some(Canvas::draw(size, &title, |canvas| {
        canvas.bold(&title, (0.0, 14.0), Align::Start, TITLE, INK);
        frame.times(canvas, bottom);
        for (index, strip) in strips.iter().enumerate() {
            frame.strip(canvas, strip, TOP + index as f64 * (STRIP + GAP));
        }
    }))
}

fn title(name: &str) -> String {
    if name == "replicas_behind" {
        return "Replicas that lack something, over virtual time".to_owned();
    }
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}, over virtual time", letters.as_str())
}

struct Strip<'a> {
    label: String,
    tint: Tint,
    series: &'a Series,
    end: u64,
}

struct Frame {
    left: f64,
    end: u64,
    greatest: u64,
}

impl Frame {
    fn x(&self, time: u64) -> f64 {
        self.left + (RIGHT - self.left) * time as f64 / self.end as f64
    }

    fn times(&self, canvas: &Canvas<'_>, bottom: f64) {
        for tick in time_ticks(self.end, 8) {
            let x = self.x(tick);
            canvas.line(&[(x, TOP), (x, bottom)], GRID, 1.0);
            let label = if tick == 0 { "0".to_owned() } else { Span::from_nanos(tick).to_string() };
            canvas.text(&label, (x, bottom + 14.0), Align::Middle, SMALL, MUTED);
        }
        let middle = (self.left + RIGHT) / 2.0;
        canvas.text("virtual time", (middle, bottom + 32.0), Align::Middle, SMALL, MUTED);
    }

    fn strip(&self, canvas: &Canvas<'_>, strip: &Strip<'_>, top: f64) {
        let floor = top + STRIP;
        canvas.line(&[(self.left, floor), (RIGHT, floor)], MUTED, 0.5);
        let most = units::human(self.greatest, &strip.series.unit);
        canvas.text(&most, (self.left - 6.0, top + 4.0), Align::End, SMALL, MUTED);
        canvas.text("0", (self.left - 6.0, floor - 3.0), Align::End, SMALL, MUTED);
        let height = |value: u64| floor - STRIP * value as f64 / self.greatest as f64;
        let path = self.steps(strip, height);
        let mut outline = path.clone();
        outline.push((self.x(strip.end), floor));
        outline.push((self.x(strip.series.t_ns[0]), floor));
        canvas.fill(&outline, strip.tint, 0.22);
        canvas.line(&path, strip.tint, 1.0);
        canvas.text(&strip.label, (0.0, top + STRIP / 2.0), Align::Start, LABEL, strip.tint);
    }

    /// The value holds until the next; of all values on one pixel the least and
    /// the greatest are drawn.
    fn steps(&self, strip: &Strip<'_>, height: impl Fn(u64) -> f64) -> Vec<Point> {
        let mut path: Vec<Point> = Vec::new();
        let mut pixel: Option<(f64, u64, u64, u64)> = None;
        let mut flush = |pixel: (f64, u64, u64, u64)| {
            let (x, least, greatest, last) = pixel;
            if let Some(before) = path.last().copied() {
                path.push((x, before.1));
            }
            for value in [greatest, least, last] {
                path.push((x, height(value)));
            }
        };
        for (time, value) in strip.series.t_ns.iter().zip(&strip.series.value) {
            let x = (self.x(*time) * 2.0).round() / 2.0;
            pixel = Some(match pixel {
                Some((at, least, greatest, _)) if at == x => {
                    (at, least.min(*value), greatest.max(*value), *value)
                }
                Some(before) => {
                    flush(before);
                    (x, *value, *value, *value)
                }
                None => (x, *value, *value, *value),
            });
        }
        if let Some(last) = pixel {
            flush(last);
        }
        if let Some(last) = path.last().copied() {
            path.push((self.x(strip.end), last.1));
        }
        path.dedup();
        path
    }
}
