//! Engines that panic, abort or never return: exit code 6, and what stands where. And
//! those that take more memory than there is.

use deadzone_core::record::Outcome;

use super::bench::{Bench, TOY};

/// More than the scenario takes on a sound engine, and soon reached.
const WORK_LIMIT: &str = "2000000000";

/// What engines that die say of it, and how many runs go on beside them.
fn check(engine: &str, outcome: Outcome, said: &str) {
    let bench = Bench::new();
    let engines = format!("reference,{engine}");
    let arguments =
        ["run", "two-offline-writers", "--engine", &engines, "--work-limit", WORK_LIMIT];
    let shown = bench.expect(6, &arguments);
    let results = bench.results("deadzone-out");
    let [reference, died] = results.runs.as_slice() else { panic!("two runs: {results:?}") };
    assert_eq!(reference.verdict.outcome, Outcome::Passed);
    assert_eq!((died.engine.as_str(), died.verdict.outcome), (engine, outcome));
    assert!(!died.verdict.converged);
    let violations = &died.verdict.violations;
    assert!(violations.iter().any(|violation| violation.contains(said)), "{violations:?}");

    let digest = &died.plan_digest[..8];
    let version = env!("CARGO_PKG_VERSION");
    let plan = format!("deadzone-out/plans/two-offline-writers-{engine}-{version}-1-{digest}.json");
    let plans = bench.files().into_iter().filter(|name| name.starts_with("deadzone-out/plans/"));
    assert_eq!(plans.collect::<Vec<_>>(), [plan.as_str()]);
    serde_json::from_str::<serde_json::Value>(&bench.read(&plan)).expect("a plan is JSON");

    if outcome != Outcome::Hung {
        let said = bench.expect(6, &["replay", &plan, "--format", "json"]);
        let told: serde_json::Value = serde_json::from_str(&said.stdout).expect("it is JSON");
        assert_eq!(
            told["verdict"]["outcome"],
            serde_json::to_value(outcome).expect("it is a name")
        );
    }

    let command = format!("$ deadzone run two-offline-writers --engine {engine} --seed 1");
    assert!(shown.stdout.lines().any(|line| line.trim() == command), "{shown:#?}");
    let again: Vec<_> = command.split_whitespace().skip(2).collect();
    let again = [again.as_slice(), &["--work-limit", WORK_LIMIT, "--out", "again"]].concat();
    bench.expect(6, &again);
    assert_eq!(bench.results("again").runs, std::slice::from_ref(died));
}

#[test]
fn a_panic_is_a_finding() {
    check("saboteur-panics", Outcome::Panicked, "index out of bounds: the merge met two");
}

#[test]
fn an_abort_is_a_finding() {
    check("saboteur-aborts", Outcome::Aborted, "the engine took its process down: SIGABRT");
}

#[test]
fn an_endless_merge_is_a_finding() {
    let said = format!("the engine ran past {WORK_LIMIT} basic blocks of work");
    check("saboteur-endless-merge", Outcome::Hung, &said);
}

#[test]
fn a_replica_that_its_device_has_no_room_for() {
    let bench = Bench::new();
    bench.write_on_toys("toy.toml", &TOY.replace("256MB", "1kB"));
    bench.expect(4, &["run", "toy.toml", "--engine", "reference,yrs"]);
    for run in bench.results("deadzone-out").runs {
        assert_eq!(run.verdict.outcome, Outcome::Violated);
        assert!(run.verdict.converged);
        let [said] = run.verdict.violations.as_slice() else { panic!("{:?}", run.verdict) };
        let peak = run.groups["writers"].metrics["heap_peak_bytes"].value;
        let named = format!("came to {peak} bytes of memory, and toy ends an app at 1000");
        assert!(said.contains(&named) && said.ends_with(": 2 of its group went over"), "{said}");
    }
    bench.write_on_toys("toy.toml", TOY);
    bench.expect(0, &["run", "toy.toml", "--engine", "reference,yrs"]);
}

/// Engines that are broken on purpose are known by their exact names alone.
#[test]
fn saboteurs_are_hidden() {
    let bench = Bench::new();
    let listed = bench.expect(0, &["list", "engines"]).stdout;
    assert!(listed.contains("reference") && !listed.contains("saboteur"), "{listed}");
    bench.say(&["run", "tiny.toml", "--engine", "all"]);
    let engines: Vec<_> =
        bench.results("deadzone-out").runs.into_iter().map(|run| run.engine).collect();
    assert!(!engines.is_empty() && engines.iter().all(|name| !name.contains("saboteur")));
    let refused = bench.refused(&["run", "tiny.toml", "--engine", "saboteur-panic"]);
    assert!(!refused.contains("saboteur-panics"), "{refused}");
}
