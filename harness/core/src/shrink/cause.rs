//! What groups findings: a bug shows in many histories, and is reported once.

use std::collections::BTreeSet;

use crate::check::{Oracle, Violation};
use crate::schedule::{Schedule, ScheduleAction};

/// The cause of a violation, as far as its shrunk history tells: the oracle,
/// what it was about, how updates travelled, and which kinds of edit and of step
/// it takes; where it is about marks, about carrying updates or about what the
/// engine itself said, the edits do not count. Two bugs that need the same kinds
/// of everything count as one; one bug that shows in two ways counts as two.
///
/// Reads `oracle/about/delivery/edits/steps`, and stays the same from version
/// to version, so that lists of known causes can be kept.
pub fn cause(violation: &Violation, shrunk: &Schedule) -> String {
    let mut edits: BTreeSet<String> = BTreeSet::new();
    let mut steps: BTreeSet<&'static str> = BTreeSet::new();
    for step in &shrunk.steps {
        match &step.what {
            ScheduleAction::Edit { .. } if !depends_on_edits(violation.oracle) => {}
            ScheduleAction::Edit { edits: all, .. } => edits.extend(all.iter().map(|edit| {
                let nested = if edit.at.steps.is_empty() { "" } else { "nested-" };
                format!("{nested}{}", edit.action.name())
            })),
            // Those that only carry things about.
            ScheduleAction::Sync { .. }
            | ScheduleAction::Deliver { .. }
            | ScheduleAction::Read { .. }
            | ScheduleAction::Connect { .. }
            | ScheduleAction::Send { .. }
            | ScheduleAction::Receive { .. } => {}
            other => drop(steps.insert(other.name())),
        }
    }
    let joined = |names: Vec<String>| match names.is_empty() {
        true => "any".to_owned(),
        false => names.join("+"),
    };
    [
        violation.oracle.name().to_owned(),
        about(violation),
        shrunk.delivery.name().to_owned(),
        joined(edits.into_iter().collect()),
        joined(steps.into_iter().map(str::to_owned).collect()),
    ]
    .join("/")
}

fn depends_on_edits(oracle: Oracle) -> bool {
    !matches!(
        oracle,
        Oracle::Pending
            | Oracle::Liveness
            | Oracle::Refusal
            | Oracle::Idempotence
            | Oracle::History
            | Oracle::Marks
            | Oracle::Durability
            | Oracle::Panic
            | Oracle::Abort
            | Oracle::Hang
    )
}

/// Whether two violations may come from one cause: what a shrunk history must
/// still show.
pub fn alike(one: &Violation, other: &Violation) -> bool {
    one.oracle == other.oracle && about(one) == about(other)
}

/// What a violation is about, without anything that changes from run to run.
fn about(violation: &Violation) -> String {
    const LENGTH_MAX: usize = 60;
    if violation.oracle != Oracle::Panic {
        return violation.about.replace(' ', "-");
    }
    // A panic's message, with its numbers and names taken out.
    let mut words = String::new();
    for character in violation.about.chars() {
        match character {
            'a'..='z' => words.push(character),
            'A'..='Z' => words.push(character.to_ascii_lowercase()),
            _ if words.ends_with('-') || words.is_empty() => {}
            _ => words.push('-'),
        }
        if words.len() >= LENGTH_MAX {
            break;
        }
    }
    words.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_a_panic_make_no_other_cause() {
        let panic = |said: &str| Violation::new(Oracle::Panic, said, said);
        assert!(alike(&panic("index 3 out of 2"), &panic("index 17 out of 4")));
        assert!(!alike(&panic("index 3 out of 2"), &panic("key 3 is gone")));
        assert_eq!(about(&panic("Index 3: \"out\" of 2!")), "index-out-of");
        let lost = Violation::new(Oracle::Panic, "lost", "");
        assert!(!alike(&lost, &Violation::new(Oracle::Elements, "lost", "")));
    }
}
