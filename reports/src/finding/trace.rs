//! A history for a terminal: one line for each thing that happened.

use std::collections::BTreeMap;

use deadzone_core::document::Document;
use deadzone_core::replay::{Ending, Happened, Story};
use deadzone_core::schedule::ReplicaNumber;

use super::act::{Act, Reader};
use super::letters::{columns, count, running, wrapped};
use super::{notation, readme};
use crate::ink::{self, Ink, mark, plain};
use crate::table::Style;

/// Whether documents are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Documents {
    /// No document.
    #[default]
    Hidden,
    /// Each one that a replica showed, where it was looked at: the first one
    /// whole, then the roots that are not as they were.
    Shown,
}

/// The history with the number of the step, the replica and what it did, and
/// how it ended.
///
/// Lines are not cut to the terminal's width: a trace is searched and compared.
/// Only the verdict below it is wrapped.
pub fn render(story: &Story, documents: Documents, style: Style) -> String {
    let lines = lines(story, documents);
    let wide = |part: fn(&Line) -> &str| lines.iter().map(|l| columns(part(l))).max().unwrap_or(0);
    let (steps, names) = (wide(|line| &line.step), wide(|line| &line.who));
    let mut page = String::new();
    let mut ended = false;
    for line in &lines {
        if line.finale && !ended {
            page.push_str(&mark(Ink::Dim, "everything is brought to everyone"));
            page.push('\n');
            ended = true;
        }
        page.push_str(&line.written(steps, names));
    }
    page.push_str(&verdict(story, style.width));
    ink::paint(&page, style.color)
}

struct Line {
    step: String,
    who: String,
    what: String,
    documents: Vec<String>,
    finale: bool,
    ink: Option<Ink>,
}

impl Line {
    fn written(&self, steps: usize, names: usize) -> String {
        let blanks = |text: &str, width: usize| " ".repeat(width.saturating_sub(columns(text)));
        let mut line = format!("{}{}", blanks(&self.step, steps), mark(Ink::Bold, &self.step));
        line.push_str(&format!("  {}{}", self.who, blanks(&self.who, names)));
        if !self.what.is_empty() {
            let what = self.ink.map_or_else(|| self.what.clone(), |ink| mark(ink, &self.what));
            line.push_str(&format!("  {what}"));
        }
        let mut written = format!("{line}\n");
        for document in &self.documents {
            let indent = " ".repeat(steps + names + 6);
            written.push_str(&format!("{indent}{}\n", mark(Ink::Dim, document)));
        }
        written
    }
}

fn lines(story: &Story, documents: Documents) -> Vec<Line> {
    let mut reader = Reader::default();
    let mut lines: Vec<Line> = Vec::new();
    let mut shown: BTreeMap<ReplicaNumber, &Document> = BTreeMap::new();
    for event in &story.events {
        let label = event.step.map(|step| step.to_string()).unwrap_or_default();
        if let Some(act) = reader.read(event.step, &event.what) {
            let ink = match act {
                Act::Skip { .. } => Some(Ink::Dim),
                Act::Disconnect { lost, .. } if !lost.is_empty() => Some(Ink::Bad),
                Act::Restart { .. } => Some(Ink::Middling),
                _ => None,
            };
            lines.push(Line {
                step: label.clone(),
                who: act.who(),
                what: plain(&act.does()),
                documents: Vec::new(),
                finale: event.step.is_none() && !matches!(act, Act::Created { .. }),
                ink,
            });
        }
        let (replica, document) = match &event.what {
            Happened::Shown { replica, document } | Happened::CheckedOut { replica, document } => {
                (*replica, document)
            }
            _ => continue,
        };
        if documents == Documents::Hidden {
            continue;
        }
        let before = match event.what {
            Happened::Shown { .. } => shown.insert(replica, document),
            _ => None,
        };
        let text = roots(before, document);
        // Under the line of what its replica did, or under one of its own.
        let who = replica.to_string();
        match lines
            .last_mut()
            .filter(|line| line.step == label && line.who == who && line.documents.is_empty())
        {
            Some(line) => line.documents = text,
            None => lines.push(Line {
                step: label,
                who,
                what: "shows".to_owned(),
                documents: text,
                finale: event.step.is_none(),
                ink: Some(Ink::Dim),
            }),
        }
    }
    lines
}

/// The roots that are not as they were when the replica was looked at last.
fn roots(before: Option<&Document>, document: &Document) -> Vec<String> {
    if before == Some(document) {
        return vec!["as before".to_owned()];
    }
    notation::changed(before, document).iter().map(|root| plain(root)).collect()
}

fn verdict(story: &Story, width: usize) -> String {
    let (ink, said) = match &story.ending {
        Ending::Held => (Ink::Good, "✓ all held".to_owned()),
        Ending::Violated(violation) => {
            let when = readme::when(violation);
            let said = running(&violation.said);
            (Ink::Bad, format!("✗ {} {when}: {said}", violation.oracle.name()))
        }
        Ending::Unsupported(what) => (Ink::Dim, format!("– not supported: {}", running(what))),
    };
    let skipped =
        story.events.iter().filter(|event| matches!(event.what, Happened::Skipped { .. })).count();
    let mut page = String::new();
    if skipped > 0 {
        let skipped = format!("{} could not be done", count(skipped, "step"));
        page.push_str(&format!("{}\n", mark(Ink::Dim, &skipped)));
    }
    page.push_str(&mark(ink, &wrapped(&plain(&said), width.max(20)).join("\n")));
    page.push('\n');
    page
}
