//! Three drawings side by side, with logarithms on both axes: messages per
//! second, time for an hour, and memory, over the number of devices.

use plotters::coord::Shift;
use plotters::prelude::{
    Circle, DrawingArea, IntoDrawingArea, IntoFont, PathElement, SVGBackend, Text,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoTextStyle, RGBColor};

use crate::pings::{Cell, Pings};

/// Drawings are made at twice the size at which they are shown, since the
/// backend has whole pixels only.
const SCALE: f64 = 2.0;

/// In CSS pixels.
const PANEL: (f64, f64) = (320.0, 330.0);
const LEFT: f64 = 58.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 66.0;
const BOTTOM: f64 = 40.0;

/// Fonts that are there on every system; none is asked.
const FAMILY: &str = "system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif";

/// The backend's own division: it writes `size / 1.24`.
const BACKEND_TEXT: f64 = 1.24;

const SIZE: f64 = 11.0;

const INK: RGBColor = RGBColor(0x1f, 0x26, 0x2e);
const MUTED: RGBColor = RGBColor(0x5b, 0x66, 0x73);
const GRID: RGBColor = RGBColor(0xdf, 0xe3, 0xe8);
const PAPER: RGBColor = RGBColor(0xff, 0xff, 0xfe);

/// The colours of engines in reports.
const DEADZONE: RGBColor = RGBColor(0x0b, 0x6b, 0xb8);
const MADSIM: RGBColor = RGBColor(0xbf, 0x4f, 0x08);
const TURMOIL: RGBColor = RGBColor(0x00, 0x80, 0x5f);

const IN_MEMORY: &str = "drawing into memory cannot fail";

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Unit = fn(i32) -> String;

struct Series {
    name: &'static str,
    color: RGBColor,
    /// Devices, and the figure; both positive.
    points: Vec<(f64, f64)>,
}

struct Panel {
    title: &'static str,
    /// How a power of ten is written at the axis.
    unit: Unit,
    series: Vec<Series>,
}

/// The chart as an SVG file.
pub(crate) fn draw(pings: &Pings) -> String {
    let panels = panels(pings);
    let (width, height) = (PANEL.0 * panels.len() as f64, PANEL.1);
    let mut svg = String::new();
    {
        let size = ((width * SCALE) as u32, (height * SCALE) as u32);
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        area.fill(&PAPER).expect(IN_MEMORY);
        for (index, panel) in panels.iter().enumerate() {
            panel.draw(&area, index as f64 * PANEL.0);
        }
        area.present().expect(IN_MEMORY);
    }
    let body = svg.find('>').map_or("", |end| &svg[end + 1..]);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" \
         height=\"{height}\" viewBox=\"0 0 {} {}\">\n\
         <title>Pings on deadzone, madsim and turmoil</title>{body}",
        width * SCALE,
        height * SCALE
    )
}

fn panels(pings: &Pings) -> Vec<Panel> {
    let series = |of: fn(&Cell) -> f64| -> Vec<Series> {
        let points = |cell_of: fn(&crate::pings::Row) -> Option<Cell>| {
            let cells = pings.rows.iter().filter_map(cell_of);
            cells.map(|cell| (f64::from(cell.ping.devices), of(&cell).max(f64::MIN_POSITIVE)))
        };
        vec![
            Series {
                name: "deadzone",
                color: DEADZONE,
                points: points(|row| Some(row.deadzone)).collect(),
            },
            Series { name: "madsim", color: MADSIM, points: points(|row| row.madsim).collect() },
            Series { name: "turmoil", color: TURMOIL, points: points(|row| row.turmoil).collect() },
        ]
    };
    let mut rates = series(|cell| cell.measured.per_second() as f64);
    let heaps = pings.rows.iter().map(|row| (f64::from(row.devices), row.heap.per_second() as f64));
    rates.push(Series { name: "bare heap", color: MUTED, points: heaps.collect() });
    vec![
        Panel { title: "Messages per second", unit: counts, series: rates },
        Panel {
            title: "Time for a virtual hour",
            unit: times,
            series: series(|cell| cell.hour().as_secs_f64()),
        },
        Panel {
            title: "Memory for each idle device",
            unit: bytes,
            series: series(|cell| cell.device_bytes as f64),
        },
    ]
}

fn counts(power: i32) -> String {
    prefixed(power, "")
}

fn bytes(power: i32) -> String {
    prefixed(power, "B")
}

fn times(power: i32) -> String {
    match power {
        ..0 => format!("{} ms", 10_f64.powi(power + 3)),
        0.. => format!("{} s", prefixed(power, "").replace(' ', "")),
    }
}

/// 100 k for 10^5.
fn prefixed(power: i32, unit: &str) -> String {
    const PREFIXES: [&str; 4] = ["", "k", "M", "G"];
    let step = (power.max(0) / 3).min(3);
    let number = 10_f64.powi(power - 3 * step);
    format!("{number} {}{unit}", PREFIXES[step as usize]).trim_end().to_owned()
}

/// From the power of ten at or below the least to that at or above the greatest.
fn powers(values: impl Iterator<Item = f64>) -> (i32, i32) {
    let logs: Vec<f64> = values.map(f64::log10).collect();
    let least = logs.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (least.floor() as i32, (greatest.ceil() as i32).max(least.floor() as i32 + 1))
}

impl Panel {
    fn draw(&self, area: &Area<'_>, left: f64) {
        let points = || self.series.iter().flat_map(|series| &series.points);
        let (across, up) = (powers(points().map(|at| at.0)), powers(points().map(|at| at.1)));
        let share =
            |value: f64, (from, to): (i32, i32)| (value - f64::from(from)) / f64::from(to - from);
        let x = |power: f64| left + LEFT + share(power, across) * (PANEL.0 - LEFT - RIGHT);
        let y = |power: f64| PANEL.1 - BOTTOM - share(power, up) * (PANEL.1 - TOP - BOTTOM);
        text(area, self.title, (left + 14.0, 20.0), HPos::Left, SIZE + 2.0, INK);
        self.legend(area, left + 14.0);
        for power in across.0..=across.1 {
            let at = f64::from(power);
            line(area, &[(x(at), y(f64::from(up.0))), (x(at), y(f64::from(up.1)))], GRID, 1.0);
            text(area, &counts(power), (x(at), PANEL.1 - BOTTOM + 12.0), HPos::Center, SIZE, MUTED);
        }
        for power in up.0..=up.1 {
            let at = f64::from(power);
            line(
                area,
                &[(x(f64::from(across.0)), y(at)), (x(f64::from(across.1)), y(at))],
                GRID,
                1.0,
            );
            text(area, &(self.unit)(power), (left + LEFT - 6.0, y(at)), HPos::Right, SIZE, MUTED);
        }
        let middle = left + LEFT + (PANEL.0 - LEFT - RIGHT) / 2.0;
        text(area, "devices", (middle, PANEL.1 - 12.0), HPos::Center, SIZE, MUTED);
        for series in &self.series {
            let places: Vec<_> =
                series.points.iter().map(|at| (x(at.0.log10()), y(at.1.log10()))).collect();
            line(area, &places, series.color, 2.0);
            for place in places {
                let dot = Circle::new(pixels(place), (3.0 * SCALE) as i32, series.color.filled());
                area.draw(&dot).expect(IN_MEMORY);
            }
        }
    }

    fn legend(&self, area: &Area<'_>, mut x: f64) {
        for series in &self.series {
            line(area, &[(x, 42.0), (x + 12.0, 42.0)], series.color, 3.0);
            text(area, series.name, (x + 16.0, 42.0), HPos::Left, SIZE, series.color);
            // No font is asked: a letter's mean width in common ones.
            x += 30.0 + series.name.len() as f64 * SIZE * 0.58;
        }
    }
}

fn pixels((x, y): (f64, f64)) -> (i32, i32) {
    ((x * SCALE).round() as i32, (y * SCALE).round() as i32)
}

fn line(area: &Area<'_>, points: &[(f64, f64)], color: RGBColor, width: f64) {
    let points: Vec<_> = points.iter().copied().map(pixels).collect();
    let style = color.stroke_width((width * SCALE) as u32);
    area.draw(&PathElement::new(points, style)).expect(IN_MEMORY);
}

fn text(area: &Area<'_>, words: &str, at: (f64, f64), side: HPos, size: f64, color: RGBColor) {
    let font = (FAMILY, size * SCALE * BACKEND_TEXT).into_font().color(&color);
    let style = font.into_text_style(&(1_000, 1_000)).pos(Pos::new(side, VPos::Center));
    area.draw(&Text::new(words, pixels(at), style)).expect(IN_MEMORY);
}
