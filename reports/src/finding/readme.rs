//! `README.md` of a finding.

use deadzone_core::check::{Oracle, Violation};
use deadzone_core::edit::Action;
use deadzone_core::engine::Delivery;
use deadzone_core::replay::Happened;
use deadzone_core::schedule::{History, Schedule};

use super::Finding;
use super::letters::{count, running};
use super::moments::{self, Moment};
use super::sides::{self, Side};
use crate::markdown::{fenced, inline};

/// The page.
pub(super) fn render(finding: &Finding<'_>) -> String {
    let moments = moments::of(finding.story, schedule(finding));
    let mut page = String::new();
    heading(&mut page, finding);
    verdict(&mut page, finding);
    documents(&mut page, finding, &moments);
    history(&mut page, finding, &moments);
    again(&mut page, finding);
    test(&mut page, finding);
    caveats(&mut page, finding);
    page
}

/// The schedule of a finding, if it is one.
pub(super) fn schedule<'a>(finding: &Finding<'a>) -> Option<&'a Schedule> {
    match &finding.saved.history {
        History::Schedule(schedule) => Some(schedule),
        History::Plan(_) => None,
    }
}

/// `yrs 0.24.0`.
pub(super) fn engine(finding: &Finding<'_>) -> String {
    running(&format!("{} {}", finding.saved.engine, finding.saved.engine_version))
}

/// Where and when it was seen, and of how many steps it takes.
pub(super) fn facts(finding: &Finding<'_>) -> Vec<(&'static str, String)> {
    let saved = finding.saved;
    let mut facts = vec![
        ("Engine", engine(finding)),
        ("Oracle", finding.violation.oracle.name().to_owned()),
        ("Updates travel", delivery(finding.story.delivery).to_owned()),
    ];
    let seed = finding.seed.map(|seed| format!(", seed {seed}")).unwrap_or_default();
    facts.push(("Scenario", format!("{}{seed}", running(&saved.scenario))));
    let (before, after) = (finding.steps_before, finding.steps_after);
    let steps = if before > after {
        format!("{after}, of {before} in which it was found")
    } else {
        after.to_string()
    };
    facts.push(("Steps", steps));
    if let Some(found) = &saved.found {
        facts.push(("Cause", running(&found.cause)));
    }
    facts.push(("Found by", format!("deadzone {}", running(&saved.deadzone))));
    facts
}

fn delivery(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Protocol => "by the engine's own sync protocol, over connections in order",
        Delivery::Broadcast => "each by itself, in any order and perhaps more than once",
        Delivery::Snapshot => "as whole saves that are loaded or merged",
        Delivery::Shallow => "as snapshots without history for newcomers, else by the protocol",
    }
}

fn heading(page: &mut String, finding: &Finding<'_>) {
    page.push_str(&format!("# {}: {}\n\n", inline(&engine(finding)), headline(finding)));
    page.push_str("| | |\n|---|---|\n");
    for (name, value) in facts(finding) {
        page.push_str(&format!("| {name} | {} |\n", inline(&value)));
    }
    page.push('\n');
}

/// What is broken, in a few words.
pub(super) fn headline(finding: &Finding<'_>) -> &'static str {
    match finding.violation.oracle {
        Oracle::Convergence => "replicas that hold the same edits disagree",
        Oracle::Elements => "something is lost, doubled or back from the dead",
        Oracle::Order => "replicas saw elements in contradicting orders",
        Oracle::Map => "an overwritten value came back",
        Oracle::Counter => "a counter is not the sum of its increments",
        Oracle::MovableList => "a moved element is not there exactly once",
        Oracle::Tree => "a tree lost its shape or its nodes",
        Oracle::Marks => "marks do not cover what they were put on",
        Oracle::Durability => "what was stored did not survive",
        Oracle::Liveness => "replicas do not come together, or never fall silent",
        Oracle::Idempotence => "the same update twice changed something",
        Oracle::Pending => "something waits although everything was delivered",
        Oracle::History => "the past reads differently now",
        Oracle::LocalEdit => "a local edit did not do what it says",
        Oracle::Claims => "a replica claims edits that it does not hold",
        Oracle::Undo => "undo touched what is not its own",
        Oracle::Refusal => "the engine refused what another replica of it made",
        Oracle::Panic => "the engine panicked",
        Oracle::Abort => "the engine ended its process",
        Oracle::Hang => "an engine call did not end",
    }
}

/// When it was seen: `after step 4`, `in step 4`, `at the end`.
pub(super) fn when(violation: &Violation) -> String {
    use Oracle::{Abort, Hang, Panic, Refusal};
    match (violation.step, violation.oracle) {
        (None, _) => "at the end".to_owned(),
        (Some(step), Panic | Abort | Hang | Refusal) => format!("in step {step}"),
        (Some(step), _) => format!("after step {step}"),
    }
}

fn verdict(page: &mut String, finding: &Finding<'_>) {
    let violation = finding.violation;
    page.push_str("## What was expected\n\n");
    page.push_str(&format!("That {}.\n\n", inline(violation.oracle.demand())));
    page.push_str("## What happened\n\n");
    page.push_str(&format!(
        "Seen {}:\n\n> {}\n\n",
        when(violation),
        inline(&running(&violation.said))
    ));
}

fn documents(page: &mut String, finding: &Finding<'_>, moments: &[Moment<'_>]) {
    let sides = sides::at_the_end(finding.violation, moments);
    let Some(first) = sides.first() else { return };
    match sides.len() {
        1 => page.push_str(&format!("{} showed this document:\n\n", titled(finding, first))),
        _ => page.push_str("The documents side by side, what differs in **bold**:\n\n"),
    }
    let titles: Vec<String> = sides.iter().map(Side::title).collect();
    page.push_str(&format!("| | {} |\n", titles.join(" | ")));
    page.push_str(&format!("|---|{}\n", "---|".repeat(sides.len())));
    for (number, (name, _)) in first.roots.iter().enumerate() {
        let cells: Vec<String> = sides.iter().map(|side| cell(side, number)).collect();
        page.push_str(&format!("| {} | {} |\n", inline(name), cells.join(" | ")));
    }
    page.push('\n');
}

fn titled(finding: &Finding<'_>, side: &Side) -> String {
    let then = if finding.violation.step.is_some() { "Until then" } else { "In the end" };
    format!("{then} {}", side.title())
}

/// One root of a side. Code in HTML, since Markdown's own cannot hold backticks
/// and bars in a table.
fn cell(side: &Side, root: usize) -> String {
    let Some((_, stretches)) = side.roots.get(root) else { return String::new() };
    let mut cell = "<code>".to_owned();
    for stretch in stretches {
        let text = inline(&stretch.text);
        cell.push_str(&if stretch.same { text } else { format!("<b>{text}</b>") });
    }
    cell + "</code>"
}

fn history(page: &mut String, finding: &Finding<'_>, moments: &[Moment<'_>]) {
    page.push_str("## The history\n\n");
    page.push_str("Drawn in [timeline.svg](timeline.svg); to step through in a browser, with every replica's document, in [timeline.html](timeline.html).\n\n");
    let (steps, end): (Vec<_>, Vec<_>) = moments.iter().partition(|moment| moment.step.is_some());
    // Markdown counts on from the first number, and steps that were left out
    // leave gaps.
    let gapless = steps.windows(2).all(|pair| pair[1].step == pair[0].step.map(|step| step + 1));
    for moment in &steps {
        let number = moment.label();
        let here = if moment.step == finding.violation.step { " **← here**" } else { "" };
        let sentence = format!("{}{here}", inline(&moment.sentence()));
        page.push_str(&if gapless {
            format!("{number}. {sentence}\n")
        } else {
            format!("- **{number}.** {sentence}\n")
        });
    }
    if !end.is_empty() {
        page.push_str("\nThen everything is brought to everyone:\n\n");
        for moment in end {
            page.push_str(&format!("- {}\n", inline(&moment.sentence())));
        }
    }
    page.push('\n');
}

fn again(page: &mut String, finding: &Finding<'_>) {
    page.push_str("## See it again\n\n");
    page.push_str(&fenced(finding.command, "", "sh"));
    page.push_str(
        "It fails for as long as the engine does this; `--trace` prints every event.\n\n",
    );
}

fn test(page: &mut String, finding: &Finding<'_>) {
    let Some(repro) = finding.repro else { return };
    page.push_str("## A test of the engine alone\n\n");
    page.push_str("[repro.rs](repro.rs) needs nothing but the engine, and fails for as long as the engine does this. To run it in a new package:\n\n");
    let commands = "cargo new --lib repro && mkdir repro/tests && cp repro.rs repro/tests/\ncd repro\n# add the lines below to Cargo.toml, then\ncargo test";
    page.push_str(&fenced(commands, "", "sh"));
    let dependencies = repro.dependencies.trim();
    let section = "[dependencies]";
    let lines = if dependencies.contains(section) {
        dependencies.to_owned()
    } else {
        format!("{section}\n{dependencies}")
    };
    page.push_str(&fenced(&lines, "", "toml"));
}

fn caveats(page: &mut String, finding: &Finding<'_>) {
    let mut caveats: Vec<String> = Vec::new();
    caveats.push(
        "Positions and lengths in text are counted in UTF-16 code units, as this bench gives them \
         to every engine."
            .to_owned(),
    );
    if splits(finding) {
        caveats.push("The text has characters of two code units.".to_owned());
    }
    let skipped = |what: &Happened| matches!(what, Happened::Skipped { .. });
    let skips = finding.story.events.iter().filter(|event| skipped(&event.what)).count();
    if skips > 0 {
        caveats.push(format!("{} could not be done and left out.", count(skips, "step")));
    }
    if finding.story.delivery != Delivery::Broadcast {
        caveats.push(
            "Replica ids and messages come from the seed of the schedule; another version of the \
             engine may send other messages."
                .to_owned(),
        );
    }
    caveats.extend(finding.repro.into_iter().flat_map(|repro| repro.caveats.iter().cloned()));
    page.push_str("## Caveats\n\n");
    for caveat in caveats {
        page.push_str(&format!("- {}\n", inline(&running(&caveat))));
    }
}

/// Whether any text in the history has characters outside of the basic plane.
fn splits(finding: &Finding<'_>) -> bool {
    let astral = |action: &Action| matches!(action, Action::InsertText { text, .. } if text.chars().any(|c| c > '\u{ffff}'));
    finding.story.events.iter().any(|event| match &event.what {
        Happened::Edited { edits, .. } => edits.iter().any(|edit| astral(&edit.action)),
        _ => false,
    })
}
