//! `timeline.html`: the diagram, and every moment with all documents.
//!
//! It needs no network and opens from a folder. With scripts it steps through;
//! without them all moments stand below the diagram.

use askama::Template;
use deadzone_core::schedule::ReplicaNumber;

use super::difference::Stretch;
use super::letters::running;
use super::moments::{self, Known, Moment};
use super::sides::{self, Side};
use super::{Finding, colors, diagram, readme};

#[derive(Template)]
#[template(path = "timeline.html")]
struct Page {
    palette: String,
    engine: String,
    headline: &'static str,
    demand: &'static str,
    said: String,
    when: String,
    facts: Vec<(&'static str, String)>,
    command: String,
    drawing: String,
    moments: Vec<MomentView>,
    sides: Vec<SideView>,
}

struct MomentView {
    /// `Step 4`, or `At the end`.
    title: String,
    sentence: String,
    found: bool,
    replicas: Vec<ReplicaView>,
}

struct ReplicaView {
    name: String,
    tint: &'static str,
    acts: bool,
    /// What is to be said of the document, if it is not just the present one.
    note: &'static str,
    roots: Vec<(String, Vec<Stretch>)>,
}

struct SideView {
    tints: Vec<&'static str>,
    title: String,
    roots: Vec<(String, Vec<Stretch>)>,
}

/// The whole page.
pub(super) fn render(finding: &Finding<'_>) -> String {
    let moments = moments::of(finding.story, readme::schedule(finding));
    let page = Page {
        palette: colors::css(),
        engine: readme::engine(finding),
        headline: readme::headline(finding),
        demand: finding.violation.oracle.demand(),
        said: running(&finding.violation.said),
        when: readme::when(finding.violation),
        facts: readme::facts(finding),
        command: finding.command.to_owned(),
        drawing: diagram::inline(finding, &moments),
        sides: sides::at_the_end(finding.violation, &moments).into_iter().map(side).collect(),
        moments: moments.iter().map(|moment| view(finding, moment)).collect(),
    };
    page.render().expect("writing a page to memory cannot fail")
}

fn view(finding: &Finding<'_>, moment: &Moment<'_>) -> MomentView {
    let title = moment.step.map_or_else(|| "At the end".to_owned(), |step| format!("Step {step}"));
    MomentView {
        title,
        sentence: moment.sentence(),
        found: moment.step.is_some() && moment.step == finding.violation.step,
        replicas: moment.known.iter().map(|(at, known)| replica(moment, *at, known)).collect(),
    }
}

fn replica(moment: &Moment<'_>, at: ReplicaNumber, known: &Known<'_>) -> ReplicaView {
    let note = match (known.document, known.stale) {
        (None, _) => "not read yet",
        (Some(_), true) => "as it was read last",
        (Some(_), false) => "",
    };
    ReplicaView {
        name: at.to_string(),
        tint: colors::of(at.0).class,
        acts: moment.acts.iter().any(|act| act.replicas().contains(&at)),
        note,
        roots: sides::news(known).unwrap_or_default(),
    }
}

fn side(side: Side) -> SideView {
    SideView {
        tints: side.replicas.iter().map(|replica| colors::of(replica.0).class).collect(),
        title: side.title(),
        roots: side.roots,
    }
}
