//! Writes SVG: shapes with a colour of both schemes, and text whatever is in
//! it.

use crate::charts::palette::Tint;

use super::super::letters::columns_of;

/// A point in CSS pixels, from the top left corner.
pub(super) type Point = (f64, f64);

/// Fonts that are there, those for Chinese, Japanese and Korean last, so that
/// Latin letters come from the others.
pub(super) const SANS: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, \
     'Noto Sans CJK SC', 'PingFang SC', 'Hiragino Sans', 'Microsoft YaHei', sans-serif";
const MONO: &str = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', \
     'Liberation Mono', 'Noto Sans Mono CJK SC', 'PingFang SC', 'Microsoft YaHei', monospace";

/// About how wide text is at a size, in running letters.
pub(super) fn sans_width(text: &str, size: f64) -> f64 {
    width(text, size, 0.56)
}

/// How wide text is at a size, in letters of equal width.
pub(super) fn mono_width(text: &str, size: f64) -> f64 {
    width(text, size, 0.602)
}

fn width(text: &str, size: f64, narrow: f64) -> f64 {
    let em = |c| match columns_of(c) {
        0 => 0.0,
        1 => narrow,
        _ => 1.0,
    };
    text.chars().map(em).sum::<f64>() * size
}

/// How text is set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Letters {
    pub(super) size: f64,
    pub(super) tint: Tint,
    pub(super) bold: bool,
    pub(super) mono: bool,
    /// `start`, `middle` or `end`.
    pub(super) anchor: &'static str,
    /// Whether what is behind it is covered.
    pub(super) halo: bool,
}

impl Letters {
    pub(super) const fn of(size: f64, tint: Tint) -> Self {
        Self { size, tint, bold: false, mono: false, anchor: "start", halo: false }
    }

    pub(super) const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    pub(super) const fn mono(self) -> Self {
        Self { mono: true, ..self }
    }

    pub(super) const fn anchored(self, anchor: &'static str) -> Self {
        Self { anchor, ..self }
    }

    pub(super) const fn halo(self) -> Self {
        Self { halo: true, ..self }
    }
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stroke {
    pub(super) tint: Tint,
    pub(super) width: f64,
    /// Lengths of dashes and gaps; empty for a whole line.
    pub(super) dash: &'static str,
    /// From 0 to 1.
    pub(super) opacity: f64,
}

impl Stroke {
    pub(super) const fn of(tint: Tint, width: f64) -> Self {
        Self { tint, width, dash: "", opacity: 1.0 }
    }

    pub(super) const fn dashed(self, dash: &'static str) -> Self {
        Self { dash, ..self }
    }

    pub(super) const fn faint(self, opacity: f64) -> Self {
        Self { opacity, ..self }
    }
}

/// A drawing in the making.
#[derive(Default)]
pub(super) struct Pen {
    body: String,
}

impl Pen {
    pub(super) fn finish(self) -> String {
        self.body
    }

    pub(super) fn path(&mut self, path: &str, stroke: Stroke) {
        let Stroke { tint, width, dash, opacity } = stroke;
        self.body.push_str(&format!(
            "<path d=\"{path}\" fill=\"none\" class=\"s-{}\" stroke=\"{}\" stroke-width=\"{}\"",
            tint.class,
            tint.attribute(),
            short(width)
        ));
        if !dash.is_empty() {
            self.body.push_str(&format!(" stroke-dasharray=\"{dash}\""));
        }
        if opacity < 1.0 {
            self.body.push_str(&format!(" opacity=\"{}\"", short(opacity)));
        }
        self.body.push_str("/>\n");
    }

    pub(super) fn line(&mut self, from: Point, to: Point, stroke: Stroke) {
        let path = format!("M{} {}L{} {}", short(from.0), short(from.1), short(to.0), short(to.1));
        self.path(&path, stroke);
    }

    pub(super) fn polygon(&mut self, points: &[Point], tint: Tint, opacity: f64) {
        let points: Vec<String> =
            points.iter().map(|(x, y)| format!("{},{}", short(*x), short(*y))).collect();
        self.body.push_str(&format!(
            "<polygon points=\"{}\"{}/>\n",
            points.join(" "),
            fill(tint, opacity)
        ));
    }

    pub(super) fn rect(
        &mut self,
        (x, y): Point,
        (w, h): Point,
        round: f64,
        tint: Tint,
        opacity: f64,
    ) {
        self.body.push_str(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"{}/>\n",
            short(x),
            short(y),
            short(w),
            short(h),
            short(round),
            fill(tint, opacity)
        ));
    }

    /// The outline of a rectangle.
    pub(super) fn frame(&mut self, (x, y): Point, (w, h): Point, round: f64, stroke: Stroke) {
        self.body.push_str(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\" fill=\"none\" \
             class=\"s-{}\" stroke=\"{}\" stroke-width=\"{}\"/>\n",
            short(x),
            short(y),
            short(w),
            short(h),
            short(round),
            stroke.tint.class,
            stroke.tint.attribute(),
            short(stroke.width)
        ));
    }

    /// A rectangle that cannot be seen, for pages to light up.
    pub(super) fn target(&mut self, number: usize, (x, y): Point, (w, h): Point) {
        self.body.push_str(&format!(
            "<rect class=\"target\" data-moment=\"{number}\" x=\"{}\" y=\"{}\" width=\"{}\" \
             height=\"{}\" rx=\"6\" fill=\"none\"/>\n",
            short(x),
            short(y),
            short(w),
            short(h)
        ));
    }

    pub(super) fn dot(&mut self, (x, y): Point, radius: f64, tint: Tint) {
        self.body.push_str(&format!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\"{}/>\n",
            short(x),
            short(y),
            short(radius),
            fill(tint, 1.0)
        ));
    }

    /// A circle with a hole that covers what is behind it.
    pub(super) fn ring(&mut self, at: Point, radius: f64, tint: Tint, paper: Tint) {
        self.dot(at, radius + 0.9, tint);
        self.dot(at, radius - 0.9, paper);
    }

    pub(super) fn text(&mut self, at: Point, text: &str, letters: Letters) {
        self.write(at, text, letters, None);
    }

    /// Text that takes exactly this width, whatever its font.
    pub(super) fn fitted(&mut self, at: Point, text: &str, letters: Letters, width: f64) {
        self.write(at, text, letters, Some(width));
    }

    /// A line of text whose beginning is bold and in a colour of its own.
    pub(super) fn led(&mut self, (x, y): Point, lead: (&str, Tint), rest: &str, letters: Letters) {
        self.body.push_str(&format!(
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\"{} xml:space=\"preserve\"><tspan{} \
             font-weight=\"650\">{}</tspan>{}</text>\n",
            short(x),
            short(y + letters.size * 0.35),
            short(letters.size),
            fill(letters.tint, 1.0),
            fill(lead.1, 1.0),
            escaped(lead.0),
            escaped(rest)
        ));
    }

    fn write(&mut self, (x, y): Point, text: &str, letters: Letters, width: Option<f64>) {
        let Letters { size, tint, bold, mono, anchor, halo } = letters;
        let mut text_style = fill(tint, 1.0);
        if halo {
            text_style = text_style.replacen("class=\"", "class=\"halo ", 1);
        }
        self.body.push_str(&format!(
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\"{text_style}",
            short(x),
            short(y + size * 0.35),
            short(size)
        ));
        if bold {
            self.body.push_str(" font-weight=\"650\"");
        }
        if mono {
            self.body.push_str(&format!(" font-family=\"{MONO}\""));
        }
        if anchor != "start" {
            self.body.push_str(&format!(" text-anchor=\"{anchor}\""));
        }
        if let Some(width) = width {
            self.body.push_str(&format!(" textLength=\"{}\"", short(width)));
        }
        // White space counts: text of others is shown as it is.
        self.body.push_str(&format!(" xml:space=\"preserve\">{}</text>\n", escaped(text)));
    }
}

fn fill(tint: Tint, opacity: f64) -> String {
    let mut fill = format!(" class=\"f-{}\" fill=\"{}\"", tint.class, tint.attribute());
    if opacity < 1.0 {
        fill.push_str(&format!(" opacity=\"{}\"", short(opacity)));
    }
    fill
}

/// A number with at most one decimal, or two below one.
fn short(number: f64) -> String {
    let digits = if number.abs() < 1.0 { 2 } else { 1 };
    let text = format!("{number:.digits$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// Text without markup, and without characters that XML does not allow.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            c if c.is_control() => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}
