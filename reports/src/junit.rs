//! Verdicts as JUnit XML in the dialect of Jenkins and nextest: one suite for
//! each scenario, one case for each run.

use std::time::Duration;

use deadzone_core::record::{CpuMode, Outcome, Results, RunRecord};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::command::reproduce;
use crate::context::Context;
use crate::table::words;

/// The class of a case is `engine@version`, its name `seed=N` with the
/// parameters behind it (and the simulator and the way of finding CPU cost,
/// where they are not the usual ones); a failure's type is the outcome, its text what was
/// violated and the command that reproduces it. An engine that lacks what a
/// scenario needs is skipped; one that panicked, aborted or never came back is
/// an error. `time` is virtual, so that the same results give the same bytes.
pub fn render(results: &Results, context: &Context) -> String {
    let mut report = Report::new("deadzone");
    let mut scenarios: Vec<&str> = results.runs.iter().map(|run| run.scenario.as_str()).collect();
    scenarios.dedup();
    for scenario in scenarios {
        let mut suite = TestSuite::new(scenario);
        for run in results.runs.iter().filter(|run| run.scenario == scenario) {
            suite.add_test_case(case(run, &reproduce(run, results, context)));
        }
        report.add_test_suite(suite);
    }
    report.to_string().expect("writing XML to memory cannot fail")
}

fn case(run: &RunRecord, command: &str) -> TestCase {
    let mut name = format!("seed={}", run.seed);
    for (key, value) in &run.parameters {
        name.push_str(&format!(" {key}={value}"));
    }
    if run.simulator != "event" {
        name.push_str(&format!(" simulator={}", run.simulator));
    }
    match run.cpu {
        CpuMode::Counted => {}
        CpuMode::Wall => name.push_str(" cpu=wall"),
        CpuMode::Off => name.push_str(" cpu=off"),
    }
    let mut case = TestCase::new(name, status(run, command));
    case.set_classname(format!("{}@{}", run.engine, run.engine_version));
    case.set_time(Duration::from_nanos(run.virtual_time_ns));
    case.set_system_out(command);
    case
}

fn status(run: &RunRecord, command: &str) -> TestCaseStatus {
    let outcome = run.verdict.outcome;
    let mut status = match outcome {
        Outcome::Passed => return TestCaseStatus::success(),
        Outcome::Unsupported => TestCaseStatus::skipped(),
        Outcome::NotConverged | Outcome::NotSilent | Outcome::Violated => {
            TestCaseStatus::non_success(NonSuccessKind::Failure)
        }
        Outcome::Panicked | Outcome::Aborted | Outcome::Hung => {
            TestCaseStatus::non_success(NonSuccessKind::Error)
        }
    };
    let violations = &run.verdict.violations;
    status.set_message(violations.first().map_or(words(outcome), String::as_str));
    status.set_type(outcome.name());
    let mut text = violations.join("\n");
    if outcome.failed() {
        text.push_str(&format!("\n\nTo reproduce:\n{command}"));
    }
    status.set_description(text.trim_start());
    status
}
