//! Where things stand: time goes down, replicas stand beside each other, what
//! they do is told at the right.

use std::collections::{BTreeMap, BTreeSet};

use deadzone_core::schedule::ReplicaNumber;

use super::super::act::Act;
use super::super::letters::{shortened, wrapped};
use super::super::moments::Moment;
use super::super::notation;

/// Around everything.
pub(super) const MARGIN: f64 = 24.0;
/// For the numbers of steps.
const GUTTER: f64 = 44.0;
/// From one replica's line to the next.
pub(super) const PITCH: f64 = 116.0;
/// How wide what is told is.
const TELLING: f64 = 470.0;
/// Columns of a told line, of running letters and of letters of equal width.
const TOLD_COLUMNS: usize = 64;
const DOCUMENT_COLUMNS: usize = 60;
/// From one line of text to the next.
pub(super) const LINE: f64 = 18.0;
/// The most lines that one document takes beside a step.
const DOCUMENT_LINES: usize = 3;

/// One act and its place.
pub(super) struct Told<'m, 'a> {
    pub(super) act: &'m Act<'a>,
    /// The height of its marks.
    pub(super) y: f64,
    pub(super) lines: Vec<String>,
    /// What documents became, below the lines.
    pub(super) documents: Vec<String>,
}

/// One moment and its place.
pub(super) struct Row<'m, 'a> {
    pub(super) moment: &'m Moment<'a>,
    pub(super) top: f64,
    pub(super) bottom: f64,
    pub(super) told: Vec<Told<'m, 'a>>,
}

/// Where everything stands.
pub(super) struct Layout<'m, 'a> {
    pub(super) replicas: Vec<ReplicaNumber>,
    pub(super) rows: Vec<Row<'m, 'a>>,
    /// Where the heads of the lines are.
    pub(super) heads: f64,
    /// Where everything begins to be brought to everyone.
    pub(super) finale: Option<f64>,
    pub(super) bottom: f64,
}

impl<'m, 'a> Layout<'m, 'a> {
    /// Lays moments out from `top` on.
    pub(super) fn of(moments: &'m [Moment<'a>], top: f64) -> Self {
        let mut replicas: BTreeSet<ReplicaNumber> =
            moments.iter().flat_map(|moment| moment.known.keys().copied()).collect();
        let acts = moments.iter().flat_map(|moment| &moment.acts);
        replicas.extend(acts.flat_map(Act::replicas));
        let mut layout = Self {
            replicas: replicas.into_iter().collect(),
            rows: Vec::new(),
            heads: top + 12.0,
            finale: None,
            bottom: 0.0,
        };
        let mut y = top + 42.0;
        for moment in moments {
            if moment.step.is_none() && layout.finale.is_none() {
                layout.finale = Some(y + 6.0);
                y += 46.0;
            }
            let row = row(moment, y);
            y = row.bottom;
            layout.rows.push(row);
        }
        layout.bottom = y + 14.0;
        layout
    }

    /// The line of a replica.
    pub(super) fn x(&self, replica: ReplicaNumber) -> f64 {
        let lane = self.replicas.iter().position(|other| *other == replica).unwrap_or(0);
        MARGIN + GUTTER + 30.0 + PITCH * lane as f64
    }

    /// Where telling begins.
    pub(super) fn telling(&self) -> f64 {
        let last = self.replicas.len().saturating_sub(1);
        MARGIN + GUTTER + 30.0 + PITCH * last as f64 + PITCH - 4.0
    }

    /// How wide the whole drawing is.
    pub(super) fn width(&self) -> f64 {
        (self.telling() + TELLING + MARGIN).max(820.0)
    }

    /// The height at which each step's edit was made.
    pub(super) fn origins(&self) -> BTreeMap<u32, (ReplicaNumber, f64)> {
        let mut origins = BTreeMap::new();
        for row in &self.rows {
            for told in &row.told {
                if let (Some(step), Act::Edit { at, .. } | Act::Undo { at } | Act::Redo { at }) =
                    (row.moment.step, told.act)
                {
                    origins.insert(step, (*at, told.y));
                }
            }
        }
        origins
    }

    /// From where on a replica is there, if not from the start.
    pub(super) fn born(&self, replica: ReplicaNumber) -> Option<f64> {
        let told = self.rows.iter().flat_map(|row| &row.told);
        told.filter(|told| matches!(told.act, Act::Join { to, .. } if *to == replica))
            .map(|told| told.y)
            .next()
    }
}

fn row<'m, 'a>(moment: &'m Moment<'a>, top: f64) -> Row<'m, 'a> {
    let mut y = top + 20.0;
    let mut told = Vec::new();
    let mut shown: BTreeSet<ReplicaNumber> = BTreeSet::new();
    for (number, act) in moment.acts.iter().enumerate() {
        let sentence = act.sentence();
        let lines = wrapped(&sentence, TOLD_COLUMNS);
        // A document is what it became by the last act that changed it.
        let later = &moment.acts[number + 1..];
        let last: Vec<ReplicaNumber> = act
            .changes()
            .into_iter()
            .chain(if let Act::Read { at } = act { vec![*at] } else { Vec::new() })
            .filter(|at| !later.iter().any(|act| act.changes().contains(at)))
            .filter(|at| shown.insert(*at))
            .collect();
        let documents =
            last.iter().flat_map(|at| became(moment, *at, last.len() > 1)).collect::<Vec<_>>();
        let height = (lines.len() + documents.len()) as f64 * LINE;
        told.push(Told { act, y, lines, documents });
        y += height + 8.0;
    }
    if moment.acts.is_empty() {
        y += LINE;
    }
    Row { moment, top, bottom: (y - 4.0).max(top + 40.0), told }
}

/// What a replica's document became.
fn became(moment: &Moment<'_>, at: ReplicaNumber, named: bool) -> Vec<String> {
    let Some(known) = moment.known.get(&at).filter(|known| !known.stale) else { return Vec::new() };
    let Some(document) = known.document else { return Vec::new() };
    let name = if named { format!("{at}: ") } else { String::new() };
    let mut roots = notation::changed(known.before, document);
    // At first sight, what is empty is no news.
    if known.before.is_none() {
        roots
            .retain(|root| ![" \"\"", " {}", " []", " ()", " 0"].iter().any(|e| root.ends_with(e)));
    }
    let text = roots.join("   ");
    if text.is_empty() {
        return Vec::new();
    }
    let text = shortened(&format!("{name}{text}"), DOCUMENT_COLUMNS * DOCUMENT_LINES - 6);
    wrapped(&text, DOCUMENT_COLUMNS)
}
