//! The history as a space-time diagram.
//!
//! Each replica is a line, time goes down, and what arrives somewhere is an
//! arrow from where it was made. A long history makes a long drawing: letters
//! keep their size.

mod arrows;
mod ending;
mod lanes;
mod layout;
mod legend;
mod marks;
mod pen;

use self::layout::{Layout, MARGIN};
use self::pen::{Letters, Pen, SANS, Stroke, escaped};
use super::Finding;
use super::act::Act;
use super::colors::{self, BAD, SOFT};
use super::letters::{self, wrapped};
use super::moments::{self, Moment};
use super::readme;
use crate::charts::palette::{GRID, INK, MUTED, PAPER};

/// As a file of its own: with a heading, paper behind it, and dark where the
/// viewer asks for it.
pub(super) fn standalone(finding: &Finding<'_>) -> String {
    let moments = moments::of(finding.story, readme::schedule(finding));
    draw(finding, &moments, true)
}

/// For a page that has a heading and the stylesheet of [`colors::css`].
pub(super) fn inline(finding: &Finding<'_>, moments: &[Moment<'_>]) -> String {
    draw(finding, moments, false)
}

fn draw(finding: &Finding<'_>, moments: &[Moment<'_>], alone: bool) -> String {
    let top = if alone { MARGIN + 66.0 } else { MARGIN };
    let layout = Layout::of(moments, top);
    let width = layout.width();
    let mut pen = Pen::default();
    if alone {
        heading(&mut pen, finding, width);
    }
    grounds(&mut pen, &layout);
    lanes::draw(&mut pen, &layout);
    arrows::draw(&mut pen, &layout);
    for row in &layout.rows {
        for told in &row.told {
            marks::draw(&mut pen, &layout, told);
        }
    }
    tell(&mut pen, finding, &layout);
    let below = ending::draw(&mut pen, finding, moments, layout.bottom, width);
    let height = legend::draw(&mut pen, moments, below, width) + MARGIN;
    finished(finding, (width, height), alone, &pen.finish())
}

fn finished(finding: &Finding<'_>, (width, height): (f64, f64), alone: bool, body: &str) -> String {
    let title = format!("{}: {}", readme::engine(finding), readme::headline(finding));
    let halo =
        ".halo{paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}";
    let ground = if alone {
        format!(
            "<style>{}{halo}</style><rect width=\"100%\" height=\"100%\" class=\"f-{}\" fill=\"{}\"/>\n",
            colors::css(),
            PAPER.class,
            PAPER.attribute()
        )
    } else {
        format!("<style>{halo}</style>")
    };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width:.0}\" \
         height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"{SANS}\">\
         <title>{}</title>{ground}{body}</svg>\n",
        escaped(&title)
    )
}

fn heading(pen: &mut Pen, finding: &Finding<'_>, width: f64) {
    let title = readme::headline(finding);
    let mut rest = title.chars();
    let title: String = rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).collect();
    pen.text((MARGIN, MARGIN + 12.0), &title, Letters::of(20.0, INK).bold());
    let seed = finding.seed.map(|seed| format!(", seed {seed}")).unwrap_or_default();
    let scenario = letters::running(&finding.saved.scenario);
    let facts = format!(
        "{}  ·  oracle {}  ·  {scenario}{seed}  ·  delivery by {}  ·  {} of {} steps",
        readme::engine(finding),
        finding.violation.oracle.name(),
        finding.story.delivery.name(),
        finding.steps_after,
        finding.steps_before,
    );
    let facts = letters::shortened(&facts, ((width - 2.0 * MARGIN) / 7.6) as usize);
    pen.text((MARGIN, MARGIN + 38.0), &facts, Letters::of(13.0, MUTED));
}

/// What lies behind everything: rows, and the end.
fn grounds(pen: &mut Pen, layout: &Layout<'_, '_>) {
    let (left, width) = (MARGIN - 10.0, layout.width() - 2.0 * MARGIN + 20.0);
    if let Some(top) = layout.finale {
        pen.rect((left, top), (width, layout.bottom - top - 4.0), 8.0, SOFT, 1.0);
        let letters = Letters::of(12.0, MUTED).bold();
        pen.text((layout.telling(), top + 20.0), "Then everything is brought to everyone", letters);
    }
    for (number, row) in layout.rows.iter().enumerate() {
        pen.target(number, (left + 3.0, row.top + 2.0), (width - 6.0, row.bottom - row.top - 4.0));
        let first_of_end =
            row.moment.step.is_none() && layout.finale.is_some_and(|at| row.top - at < 45.0);
        if number > 0 && !first_of_end {
            pen.line((left + 6.0, row.top), (left + width - 6.0, row.top), Stroke::of(GRID, 1.0));
        }
    }
}

/// The numbers of steps, and what happened in words.
fn tell(pen: &mut Pen, finding: &Finding<'_>, layout: &Layout<'_, '_>) {
    for row in &layout.rows {
        let found = row.moment.step.is_some() && row.moment.step == finding.violation.step;
        let first = row.told.first().map_or(row.top + 20.0, |told| told.y);
        let tint = if found { BAD } else { INK };
        let number = if row.moment.step.is_some() {
            Letters::of(14.0, tint).bold()
        } else {
            Letters::of(12.0, MUTED)
        };
        pen.text((MARGIN + 26.0, first), &row.moment.label(), number.anchored("end"));
        if row.told.is_empty() {
            let words = row.moment.sentence();
            pen.text((layout.telling(), first), &words, Letters::of(13.5, MUTED));
        }
        for told in &row.told {
            tell_one(pen, layout, told);
        }
        if found {
            pen.rect(
                (MARGIN - 10.0, row.top + 4.0),
                (4.0, row.bottom - row.top - 8.0),
                2.0,
                BAD,
                1.0,
            );
        }
    }
}

fn tell_one(pen: &mut Pen, layout: &Layout<'_, '_>, told: &layout::Told<'_, '_>) {
    let x = layout.telling();
    let mut y = told.y;
    let who = told.act.who();
    let quiet = matches!(told.act, Act::Skip { .. } | Act::Read { .. });
    let letters = Letters::of(13.5, if quiet { MUTED } else { INK });
    for (number, line) in told.lines.iter().enumerate() {
        match line.strip_prefix(who.as_str()).filter(|_| number == 0 && !who.is_empty()) {
            Some(rest) => {
                let several = told.act.replicas().len() > 1 && who.starts_with("replicas");
                let tint = match told.act.replicas().first() {
                    Some(replica) if !several => colors::of(replica.0),
                    _ => INK,
                };
                pen.led((x, y), (&who, tint), rest, letters);
            }
            None => pen.text((x, y), line, letters),
        }
        y += layout::LINE;
    }
    for line in &told.documents {
        pen.text((x, y), line, Letters::of(12.0, MUTED).mono());
        y += layout::LINE;
    }
}

/// Lines of running text; the height below them.
fn paragraph(pen: &mut Pen, (x, y): pen::Point, text: &str, width: f64, letters: Letters) -> f64 {
    let columns = (width / (letters.size * 0.53)) as usize;
    let mut y = y;
    for line in wrapped(text, columns.max(20)) {
        pen.text((x, y), &line, letters);
        y += letters.size * 1.4;
    }
    y
}
