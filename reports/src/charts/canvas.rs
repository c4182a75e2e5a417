//! A drawing surface: coordinates, text and the finished file.

use plotters::coord::Shift;
use plotters::prelude::{
    Circle, DrawingArea, IntoDrawingArea, IntoFont, PathElement, Polygon, Rectangle, SVGBackend,
    Text,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoTextStyle, ShapeStyle, TextStyle};

use super::palette::{self, Tint};

/// Drawings are made at twice the size at which they are shown, since the
/// backend has whole pixels only.
const SCALE: u32 = 2;

/// A font that is there on every system; no system font library is asked.
const FAMILY: &str = "system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif";

/// The backend's own division: it writes `size / 1.24`.
const BACKEND_TEXT: f64 = 1.24;

/// Where text stands relative to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    /// It begins there.
    Start,
    /// Its middle is there.
    Middle,
    /// It ends there.
    End,
}

/// Draws with sizes in CSS pixels.
pub(super) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

/// A point in CSS pixels, from the top left corner.
pub(super) type Point = (f64, f64);

impl Canvas<'_> {
    /// Draws on a new surface and gives the finished file back.
    ///
    /// `title` names the drawing for who cannot see it.
    pub(super) fn draw(
        (width, height): (u32, u32),
        title: &str,
        paint: impl FnOnce(&Canvas<'_>),
    ) -> String {
        let mut svg = String::new();
        {
            let size = (width * SCALE, height * SCALE);
            let canvas =
                Canvas { area: SVGBackend::with_string(&mut svg, size).into_drawing_area() };
            paint(&canvas);
            canvas.area.present().expect(IN_MEMORY);
        }
        finished(&svg, (width, height), title)
    }

    /// A line through points.
    pub(super) fn line(&self, points: &[Point], tint: Tint, width: f64) {
        let style = stroke(tint, 1.0, width);
        let points: Vec<_> = points.iter().copied().map(pixels).collect();
        self.area.draw(&PathElement::new(points, style)).expect(IN_MEMORY);
    }

    /// A filled outline, `opacity` from 0 to 1.
    pub(super) fn fill(&self, points: &[Point], tint: Tint, opacity: f64) {
        let points: Vec<_> = points.iter().copied().map(pixels).collect();
        self.area.draw(&Polygon::new(points, tint.color().mix(opacity).filled())).expect(IN_MEMORY);
    }

    /// A filled rectangle between two corners.
    pub(super) fn bar(&self, from: Point, to: Point, tint: Tint, opacity: f64) {
        let style = tint.color().mix(opacity).filled();
        self.area.draw(&Rectangle::new([pixels(from), pixels(to)], style)).expect(IN_MEMORY);
    }

    /// A filled circle.
    pub(super) fn dot(&self, at: Point, radius: f64, tint: Tint) {
        let radius = (radius * f64::from(SCALE)) as i32;
        self.area.draw(&Circle::new(pixels(at), radius, tint.color().filled())).expect(IN_MEMORY);
    }

    /// Text of `size` CSS pixels, its middle at the point's height.
    pub(super) fn text(&self, text: &str, at: Point, align: Align, size: f64, tint: Tint) {
        self.write(text, at, align, &style(size, tint, FontStyle::Normal));
    }

    /// The same in bold.
    pub(super) fn bold(&self, text: &str, at: Point, align: Align, size: f64, tint: Tint) {
        self.write(text, at, align, &style(size, tint, FontStyle::Bold));
    }

    fn write(&self, text: &str, at: Point, align: Align, style: &TextStyle<'_>) {
        let horizontal = match align {
            Align::Start => HPos::Left,
            Align::Middle => HPos::Center,
            Align::End => HPos::Right,
        };
        let style = style.clone().pos(Pos::new(horizontal, VPos::Center));
        self.area.draw(&Text::new(text, pixels(at), style)).expect(IN_MEMORY);
    }
}

const IN_MEMORY: &str = "drawing into memory cannot fail";

fn pixels((x, y): Point) -> (i32, i32) {
    let scale = |value: f64| (value * f64::from(SCALE)).round() as i32;
    (scale(x), scale(y))
}

fn stroke(tint: Tint, opacity: f64, width: f64) -> ShapeStyle {
    let width = (width * f64::from(SCALE)).round().max(1.0) as u32;
    tint.color().mix(opacity).stroke_width(width)
}

fn style(size: f64, tint: Tint, font: FontStyle) -> TextStyle<'static> {
    let size = size * f64::from(SCALE) * BACKEND_TEXT;
    let surface = (1_000, 1_000);
    (FAMILY, size, font).into_font().color(&tint.color()).into_text_style(&surface)
}

/// About how wide text is, in CSS pixels: no font is asked, so this is the mean
/// width of a letter in common fonts, on the safe side.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    text.chars().count() as f64 * size * 0.58
}

/// How wide curves are in the backend's pixels: those of baselines are dashed.
const CURVE: u32 = 2 * SCALE;

/// The backend's file with a size in CSS pixels, a name for who cannot see it,
/// the font once, and a class for each colour.
fn finished(svg: &str, (width, height): (u32, u32), title: &str) -> String {
    let body = svg.find('>').map_or("", |end| &svg[end + 1..]);
    let mut body = body
        .replace(" opacity=\"1\"", "")
        .replace(&format!(" font-family=\"{FAMILY}\""), "")
        .replace(">\n", ">")
        .replace("\n</text>", "</text>\n")
        .replace("/><", "/>\n<");
    for tint in palette::all() {
        let (attribute, class) = (tint.attribute(), tint.class);
        let stroke = format!(" stroke=\"{attribute}\"");
        let fill = format!(" fill=\"{attribute}\"");
        body = body
            .replace(&stroke, &format!(" class=\"s-{class}\"{stroke}"))
            .replace(&fill, &format!(" class=\"f-{class}\"{fill}"));
        if class.starts_with('b') {
            let curve = format!("{stroke} stroke-width=\"{CURVE}\"");
            body = body.replace(&curve, &format!("{curve} stroke-dasharray=\"11 7\""));
        }
    }
    let title = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" \
         height=\"{height}\" viewBox=\"0 0 {} {}\" font-family=\"{FAMILY}\">\
         <title>{title}</title>{body}",
        width * SCALE,
        height * SCALE
    )
}

/// A drawing for a file of its own: with paper behind it, and with the dark
/// scheme where the viewer asks for it.
pub(super) fn standalone(inline: &str) -> String {
    on_paper(inline, &format!("<style>{}</style>", palette::css()))
}

/// The same in the light scheme, whoever looks: with its colours as attributes
/// alone.
pub(super) fn light(inline: &str) -> String {
    on_paper(inline, "")
}

fn on_paper(inline: &str, style: &str) -> String {
    let Some(end) = inline.find("</title>").map(|at| at + "</title>".len()) else {
        return inline.to_owned();
    };
    let paper = palette::PAPER;
    format!(
        "{}{style}<rect width=\"100%\" height=\"100%\" class=\"f-{}\" fill=\"{}\"/>{}",
        &inline[..end],
        paper.class,
        paper.attribute(),
        &inline[end..]
    )
}
