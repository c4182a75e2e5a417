//! The gate: what counts as worse, and what cannot be compared.

mod fixture;

use deadzone_core::record::{Better, CpuMode, Outcome, Results};
use deadzone_reports::gate::{self, Comparison, Status, Tolerances, Verdict, compare};
use deadzone_reports::table::Style;
use fixture::results;
use proptest::prelude::*;

fn exact(baseline: &Results, current: &Results) -> Comparison {
    compare(baseline, current, &Tolerances::default())
}

fn metric<'a>(results: &'a mut Results, name: &str) -> &'a mut u64 {
    let run = results.runs.iter_mut().find(|run| run.scenario == "b1.1").expect("in the fixture");
    &mut run.metrics.get_mut(name).expect("in the fixture").value
}

/// What the gate says of one metric of which less is better.
#[track_caller]
fn check(before: u64, after: u64, tolerance: &str, expected: Status) {
    let (mut baseline, mut current) = (results(), results());
    *metric(&mut baseline, "cpu_work") = before;
    *metric(&mut current, "cpu_work") = after;
    let mut tolerances = Tolerances::default();
    tolerances.add(&format!("cpu_work={tolerance}")).expect("a good tolerance");
    let comparison = compare(&baseline, &current, &tolerances);
    let found = comparison.moved().next().map_or(Status::Same, |delta| delta.status);
    assert_eq!(found, expected, "{before} to {after} within {tolerance}");
}

#[test]
fn figures_are_exact_unless_a_tolerance_is_given() {
    check(1_000, 1_000, "0%", Status::Same);
    check(1_000, 1_001, "0%", Status::Worse);
    check(1_000, 999, "0%", Status::Better);
    check(1_000, 1_050, "5%", Status::Same);
    check(1_000, 1_051, "5%", Status::Worse);
    check(1_050, 1_000, "5%", Status::Same);
    check(1_051, 1_000, "5%", Status::Better);
    check(0, 1, "1000%", Status::Worse);
    check(1, 0, "1000%", Status::Better);
    check(0, 0, "0%", Status::Same);
    check(u64::MAX, u64::MAX - 1, "0%", Status::Better);
}

#[test]
fn tolerances_are_for_figures_that_there_are() {
    let suggests = |name: &str| {
        let mut tolerances = Tolerances::default();
        tolerances.add(&format!("{name}=1%")).expect("a good tolerance");
        let said = tolerances.check(&results(), &results()).err().map(|error| error.to_string());
        let meant = said.as_deref().and_then(|said| said.split_once("did you mean "));
        (said.is_some(), meant.map(|(_, meant)| meant.to_owned()))
    };
    for known in [
        "cpu_work",
        "local_edit_latency",
        "local_edit_latency_p999",
        "commuters/cpu_time_ns",
        "wall",
    ] {
        assert_eq!(suggests(known), (false, None), "{known}");
    }
    for (unknown, meant) in [
        ("cpu_wrok", Some("cpu_work")),
        ("local_edit_latency_p98", Some("local_edit_latency_p90")),
        ("comuters/cpu_time_ns", Some("commuters/cpu_time_ns")),
        ("cuonted", Some("counted")),
        ("cpu_work_p99", Some("cpu_work")),
        ("a_metric_of_another_world", None),
    ] {
        assert_eq!(suggests(unknown), (true, meant.map(|it| format!("`{it}`?"))), "{unknown}");
    }
}

#[test]
fn a_file_against_itself_is_the_same() {
    let comparison = exact(&results(), &results());
    assert_eq!(comparison.verdict(), Verdict::Same);
    assert_eq!(comparison.verdict().exit_code(), 0);
    assert!(comparison.deltas.len() > 1_000, "{} figures", comparison.deltas.len());
    assert_eq!(comparison.moved().count(), 0);
}

/// Some of everything.
fn moved() -> Results {
    let mut results = results();
    results.build.lockfile = "00ff".repeat(16);
    for run in results.runs.iter_mut().filter(|run| run.engine == "birch") {
        run.engine_version = "0.29.0".to_owned();
    }
    *metric(&mut results, "cpu_work") += 1;
    *metric(&mut results, "document_bytes") /= 2;
    *metric(&mut results, "heap_peak_bytes") *= 3;
    results.runs[0].metrics.remove("parse_work");
    let extra = results.runs[0].metrics["encode_work"].clone();
    results.runs[0].metrics.insert("brand_new".to_owned(), extra);
    for run in &mut results.runs {
        if run.scenario == "subway-commute" && run.cpu == CpuMode::Wall {
            run.metrics.get_mut("cpu_time_ns").expect("there").value *= 2;
        } else if run.scenario == "subway-commute" && run.engine == "alder" && run.seed == 1 {
            run.metrics.get_mut("edits").expect("there").value += 7;
            let desk = run.groups.get_mut("desk").expect("there");
            desk.histograms.get_mut("local_edit_latency").expect("there").p99 += 250_000;
        }
    }
    let last = results.runs.len() - 1;
    results.runs[last].verdict.outcome = Outcome::Hung;
    results.runs.retain(|run| !(run.scenario == "two-offline-writers" && run.engine == "cedar"));
    results
}

#[test]
fn the_worst_stands_first() {
    let comparison = exact(&results(), &moved());
    assert_eq!(comparison.verdict(), Verdict::Worse);
    assert_eq!(comparison.verdict().exit_code(), 3);
    insta::assert_snapshot!(gate::table(&comparison, Style::default()));
    insta::assert_snapshot!(gate::markdown(&comparison));
}

#[test]
fn better_asks_for_a_new_baseline() {
    let mut better = results();
    *metric(&mut better, "cpu_work") -= 1;
    let comparison = exact(&results(), &better);
    assert_eq!(comparison.verdict(), Verdict::Better);
    assert!(gate::table(&comparison, Style::default()).contains("--update"));
}

#[test]
fn another_build_cannot_be_compared() {
    type Change = fn(&mut Results);
    let changes: [(&str, Change); 6] = [
        ("build.rustc", |results| results.build.rustc = "rustc 1.91.0".to_owned()),
        ("build.target", |results| results.build.target = "aarch64-unknown-linux-gnu".to_owned()),
        ("build.profile", |results| results.build.profile = "dev".to_owned()),
        ("build.flags", |results| results.build.flags.push_str(" -Copt-level=3")),
        ("build.cpu_features", |results| results.build.cpu_features.clear()),
        ("build.models", |results| results.build.models = "other".to_owned()),
    ];
    for (field, change) in changes {
        let mut other = results();
        change(&mut other);
        let comparison = exact(&results(), &other);
        assert_eq!(comparison.verdict(), Verdict::Incomparable, "{field}");
        assert_eq!(comparison.verdict().exit_code(), 7);
        assert_eq!(comparison.builds.len(), 1);
        assert_eq!(comparison.builds[0].field, field);
        assert!(gate::table(&comparison, Style::default()).contains(field));
        assert!(gate::markdown(&comparison).contains(&field.replace('_', "\\_")));
    }
}

#[test]
fn versions_and_the_lock_file_do_not_make_builds_unlike() {
    let mut other = results();
    other.build.deadzone = "0.2.0".to_owned();
    other.build.lockfile = "other".to_owned();
    let comparison = exact(&results(), &other);
    assert_eq!(comparison.verdict(), Verdict::Same);
    assert_eq!(comparison.suspects[0].field, "build.lockfile");
}

#[test]
fn another_scenario_is_left_out_and_the_rest_compared() {
    let mut other = results();
    for run in other.runs.iter_mut().filter(|run| run.scenario == "subway-commute") {
        run.scenario_digest = "other".to_owned();
    }
    let comparison = exact(&results(), &other);
    assert_eq!(comparison.verdict(), Verdict::Incomparable);
    assert_eq!(comparison.left_out.len(), 11);
    *metric(&mut other, "cpu_work") += 1;
    assert_eq!(exact(&results(), &other).verdict(), Verdict::Worse);
}

#[test]
fn the_wall_clock_never_decides() {
    let mut slower = results();
    for run in slower.runs.iter_mut().filter(|run| run.cpu == CpuMode::Wall) {
        run.metrics.get_mut("cpu_time_ns").expect("there").value *= 10;
    }
    let comparison = exact(&results(), &slower);
    assert_eq!(comparison.verdict(), Verdict::Same);
    assert_eq!(comparison.moved().count(), 1);
    assert!(comparison.moved().all(|delta| delta.advisory));
}

#[test]
fn what_failed_is_not_compared_by_its_figures() {
    let mut failed = results();
    let run = &mut failed.runs[0];
    run.verdict.outcome = Outcome::Panicked;
    run.metrics.clear();
    let comparison = exact(&results(), &failed);
    let moved: Vec<_> = comparison.moved().collect();
    assert_eq!(moved.len(), 1);
    assert_eq!((moved[0].name.as_str(), moved[0].status), ("outcome", Status::Worse));
    assert_eq!(exact(&failed, &results()).verdict(), Verdict::Better);
}

#[test]
fn missing_fails_and_new_does_not() {
    let mut fewer = results();
    fewer.runs.remove(0);
    assert_eq!(exact(&results(), &fewer).verdict(), Verdict::Worse);
    let comparison = exact(&fewer, &results());
    assert_eq!((comparison.verdict(), comparison.count(Status::New)), (Verdict::Same, 1));
}

/// Results in which some figures, directions and outcomes are drawn.
fn drawn() -> impl Strategy<Value = Results> {
    let change = (0..64_usize, 0..48_usize, 0..5_u64, 0..6_u8);
    prop::collection::vec(change, 0..24).prop_map(|changes| {
        let mut results = results();
        for (run, metric, value, how) in changes {
            let index = run % results.runs.len();
            let run = &mut results.runs[index];
            let names: Vec<String> = run.metrics.keys().cloned().collect();
            let Some(name) = names.get(metric % names.len().max(1)) else { continue };
            match how {
                0 => drop(run.metrics.remove(name)),
                1 => run.verdict.outcome = Outcome::NotConverged,
                2 => run.groups.clear(),
                _ => run.metrics.get_mut(name).expect("just named").value = value,
            }
        }
        results
    })
}

fn tolerance() -> impl Strategy<Value = Tolerances> {
    (0..3_000_000_u64, 0..3_000_000_u64).prop_map(|(simulated, counted)| Tolerances {
        simulated,
        counted,
        ..Tolerances::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_results_against_themselves_are_the_same(results in drawn(), tolerance in tolerance()) {
        let comparison = compare(&results, &results, &tolerance);
        prop_assert_eq!(comparison.verdict(), Verdict::Same);
        prop_assert_eq!(comparison.moved().count(), 0);
    }

    #[test]
    fn the_other_way_round_better_is_worse(a in drawn(), b in drawn(), tolerance in tolerance()) {
        let (there, back) = (compare(&a, &b, &tolerance), compare(&b, &a, &tolerance));
        for (one, other) in [
            (Status::Better, Status::Worse),
            (Status::New, Status::Missing),
            (Status::Same, Status::Same),
            (Status::Changed, Status::Changed),
        ] {
            prop_assert_eq!(there.count(one), back.count(other));
            prop_assert_eq!(there.count(other), back.count(one));
        }
    }

    #[test]
    fn a_tolerance_never_makes_it_worse(a in drawn(), b in drawn(), tolerance in tolerance()) {
        let (strict, lenient) = (exact(&a, &b), compare(&a, &b, &tolerance));
        prop_assert!(lenient.count(Status::Worse) <= strict.count(Status::Worse));
        prop_assert_eq!(lenient.count(Status::Missing), strict.count(Status::Missing));
    }

    #[test]
    fn comparisons_stand_in_order(a in drawn(), b in drawn()) {
        let comparison = exact(&a, &b);
        let decisive: Vec<Status> =
            comparison.deltas.iter().filter(|d| !d.advisory).map(|d| d.status).collect();
        prop_assert!(decisive.is_sorted());
        prop_assert!(gate::markdown(&comparison).len() <= deadzone_reports::markdown::LIMIT);
    }
}

#[test]
fn more_is_better_where_results_say_so() {
    let (mut before, mut after) = (results(), results());
    for results in [&mut before, &mut after] {
        results.runs[0].metrics.get_mut("cpu_work").expect("there").better = Better::More;
    }
    after.runs[0].metrics.get_mut("cpu_work").expect("there").value += 1;
    assert_eq!(exact(&before, &after).verdict(), Verdict::Better);
    assert_eq!(exact(&after, &before).verdict(), Verdict::Worse);
}
