//! What workloads put into plans.

use std::collections::BTreeSet;

use super::scenes::{at_seconds, group, pace, scenario, typing};
use crate::edit::{Action, ContainerKind, Edit, Position, Value};
use crate::plan::{PlanAction, generate};
use crate::scenario::{TraceReplay, Typing, Workload, WorldScenario};
use crate::time::{Span, Time};
use crate::units::PartsPerMillion;
use crate::workload::{Trace, Traces};

fn inputs(scenario: &WorldScenario, traces: &Traces) -> Vec<(Time, Vec<Edit<Position>>)> {
    let edits = |what| match what {
        PlanAction::Edit { edits, .. } => Some(edits),
        _ => None,
    };
    let plan = generate(scenario, 42, traces).unwrap();
    plan.steps.into_iter().filter_map(|step| Some((step.at, edits(step.what)?))).collect()
}

fn alone(workload: Workload, nesting: u32, duration: Span) -> WorldScenario {
    WorldScenario { duration, ..scenario(nesting, vec![group("a", 1, workload)]) }
}

fn typed(typing: Typing, duration: Span) -> Vec<Action<Position>> {
    let inputs = inputs(&alone(Workload::Typing(typing), 0, duration), &Traces::default());
    inputs.into_iter().map(|(_, mut edits)| edits.remove(0).action).collect()
}

fn check_rate(words_per_minute: u32) {
    let minutes = 200;
    let keys = typed(typing(words_per_minute), Span::from_secs(60 * minutes)).len() as u64;
    let expected = u64::from(words_per_minute) * 5 * minutes;
    let off = keys.abs_diff(expected) * 100 / expected;
    assert!(off <= 5, "{keys} keystrokes at {words_per_minute} wpm, expected {expected}");
}

#[test]
fn people_type_at_their_rate() {
    check_rate(36);
    check_rate(52);
    check_rate(120);
}

#[test]
fn the_shares_of_a_typist_are_kept() {
    let typing = Typing {
        deletions: PartsPerMillion(150_000),
        pastes: PartsPerMillion(50_000),
        marks: PartsPerMillion(100_000),
        ..typing(60)
    };
    let actions = typed(typing, Span::from_secs(6 * 3_600));
    let count =
        |wanted: fn(&Action<Position>) -> bool| actions.iter().filter(|a| wanted(a)).count();
    let deletions = count(|action| matches!(action, Action::DeleteText { .. }));
    let pastes =
        count(|a| matches!(a, Action::InsertText { text, .. } if text.chars().count() > 1));
    let marks = count(|action| matches!(action, Action::Mark { .. }));
    let words = count(
        |a| matches!(a, Action::InsertText { text, .. } if text.chars().count() == 1 && text.starts_with([' ', '\n'])),
    );
    let share = |part: usize, whole: usize| part * 1_000 / whole;
    assert!((130..170).contains(&share(deletions, actions.len() - marks)), "{deletions}");
    assert!((40..62).contains(&share(pastes, words + pastes)), "{pastes} of {words}");
    assert!((70..130).contains(&share(marks, words)), "{marks} of {words}");
    for action in &actions {
        if let Action::InsertText { text, .. } = action {
            assert!((1..=500).contains(&text.chars().count()), "{text}");
        }
    }
}

#[test]
fn only_jumps_leave_the_cursor() {
    let sessions = Typing {
        session: Some(Span::from_secs(20)),
        pause: Span::from_secs(20),
        jumps: PartsPerMillion(500_000),
        ..typing(60)
    };
    let shares = |jumps| {
        let actions = typed(Typing { jumps, ..sessions.clone() }, Span::from_secs(4_000));
        let is_share = |action: &&Action<Position>| {
            matches!(action, Action::InsertText { index: Position::Share(_), .. })
        };
        actions.iter().filter(is_share).count()
    };
    assert_eq!(shares(PartsPerMillion(0)), 0);
    assert!((25..75).contains(&shares(PartsPerMillion(500_000))), "of about 100 sessions");
}

#[test]
fn forms_stay_in_their_window() {
    let mut pace = pace(Span::from_secs(1));
    pace.between = Some((at_seconds(30), at_seconds(60)));
    let inputs = inputs(&alone(Workload::Form(pace), 0, Span::from_secs(120)), &Traces::default());
    assert!((15..50).contains(&inputs.len()), "{}", inputs.len());
    assert!(inputs.iter().all(|(at, _)| (at_seconds(30)..at_seconds(60)).contains(at)));
}

/// How deep containers are made, on the way to them and with them.
fn deepest(workload: Workload, nesting: u32) -> usize {
    let inputs = inputs(&alone(workload, nesting, Span::from_secs(600)), &Traces::default());
    let makes_container = |action: &Action<Position>| match action {
        Action::Put { value, .. } | Action::Set { value, .. } => {
            matches!(value, Value::Container(_))
        }
        Action::Insert { values, .. } => {
            values.iter().any(|value| matches!(value, Value::Container(_)))
        }
        _ => false,
    };
    let depths = inputs
        .iter()
        .flat_map(|(_, edits)| edits)
        .map(|edit| edit.at.steps.len() + usize::from(makes_container(&edit.action)));
    depths.max().unwrap()
}

#[test]
fn nesting_is_as_deep_as_the_document_allows() {
    let pace = || pace(Span::from_secs(1));
    for nesting in 0..9 {
        assert_eq!(deepest(Workload::Form(pace()), nesting), nesting as usize);
        assert_eq!(deepest(Workload::Board(pace()), nesting), nesting as usize);
        assert_eq!(deepest(Workload::Todo(pace()), nesting), nesting.min(2) as usize);
    }
}

#[test]
fn a_board_uses_what_the_document_has() {
    let scenario = alone(Workload::Board(pace(Span::from_secs(1))), 4, Span::from_secs(900));
    let inputs = inputs(&scenario, &Traces::default());
    let mut actions = BTreeSet::new();
    let mut labels = BTreeSet::new();
    for edit in inputs.iter().flat_map(|(_, edits)| edits) {
        let json = serde_json::to_value(&edit.action).unwrap();
        actions.extend(json.as_object().unwrap().keys().cloned());
        if let Action::CreateNode { label, .. } = &edit.action {
            assert!(labels.insert(label.clone()), "{label} twice");
        }
    }
    let expected = [
        "create_node",
        "delete_node",
        "increment",
        "insert",
        "insert_text",
        "move",
        "move_node",
        "put",
        "remove",
    ];
    assert_eq!(actions.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn a_trace_is_typed_by_the_first_of_its_group() {
    let json = br#"{"startContent":"ab","endContent":"abc!","txns":[
        {"time":"2023-11-22T03:57:32Z","patches":[[2,0,"cd"]]},
        {"time":"2023-11-22T03:57:32Z","patches":[[3,1,""]]},
        {"time":"2023-11-24T03:57:32Z","patches":[[3,0,"!"],[3,0,""]]}]}"#;
    let mut traces = Traces::default();
    traces.insert("t.json", Trace::parse("t.json", json).unwrap());
    let replay = TraceReplay { file: Some("t.json".to_owned()), every: None, limit: None };
    let mut scene = scenario(0, vec![group("a", 3, Workload::Trace(replay))]);
    let plan = generate(&scene, 1, &traces).unwrap();
    let line = |step| serde_json::to_string(step).unwrap() + "\n";
    insta::assert_snapshot!(plan.steps.iter().map(line).collect::<String>());

    scene.duration = Span::from_secs(30);
    assert_eq!(generate(&scene, 1, &traces).unwrap().steps.len(), 3, "breaks off with the world");
}

fn refused(workload: Workload, roots: &[(&str, ContainerKind)], traces: &Traces) -> String {
    let mut scenario = alone(workload, 0, Span::from_secs(60));
    scenario.document.roots =
        roots.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
    generate(&scenario, 1, traces).unwrap_err().to_string()
}

#[test]
fn unfit_scenarios_say_what_would_be_right() {
    let replay = |file: &str| {
        Workload::Trace(TraceReplay { file: Some(file.to_owned()), every: None, limit: None })
    };
    let pace = || pace(Span::from_secs(1));
    let mut traces = Traces::default();
    let concurrent = br#"{"kind":"concurrent","endContent":"","numAgents":1,"txns":[]}"#;
    let timeless = br#"{"endContent":"aa","txns":[
        {"time":"2021-04-19T06:06:58.219Z","patches":[[0,0,"a"]]},
        {"time":"2021-04-19T06:06:58.220Z","patches":[[0,0,"a"]]}]}"#;
    traces.insert("concurrent.json", Trace::parse("", concurrent).unwrap());
    traces.insert("timeless.json", Trace::parse("", timeless).unwrap());
    let text = [("notes", ContainerKind::Text)];
    let map = [("done", ContainerKind::Map), ("votes", ContainerKind::Counter)];
    insta::assert_snapshot!(
        [
            refused(Workload::Typing(typing(40)), &map, &traces),
            refused(Workload::Typing(typing(40)), &[], &traces),
            refused(Workload::Form(pace()), &text, &traces),
            refused(Workload::Todo(pace()), &text, &traces),
            refused(Workload::Board(pace()), &text, &traces),
            refused(replay("paper.json.gz"), &map, &traces),
            refused(replay("paper.json.gz"), &text, &traces),
            refused(replay("concurrent.json"), &text, &traces),
            refused(replay("timeless.json"), &text, &traces),
        ]
        .join("\n")
    );
}
