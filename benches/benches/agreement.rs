//! Whether madsim and turmoil agree with our own event loop: every curated scenario
//! on every engine, the same plan on all three.
//!
//! What they agree on is convergence; how soon edits are seen and replicas are equal
//! again, within a band; and where all edits are made while everybody is apart, the
//! document itself. `agreement SCENARIO…` runs those alone.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use deadzone_adapter_automerge::Automerge;
use deadzone_adapter_baselines::Reference;
use deadzone_adapter_loro::Loro;
use deadzone_adapter_yrs::Yrs;
use deadzone_core::engine::Engine;
use deadzone_core::plan::{Plan, PlanAction, PlanStep, generate};
use deadzone_core::record::{CpuMode, RunRecord};
use deadzone_core::scenario::Scenario;
use deadzone_core::workload::Traces;
use deadzone_meter::{CountingAllocator, is_instrumented, with_runtime};
use deadzone_simulators::{Simulator, run};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// A run has few heals, and how soon one of them ends may hang on who speaks first:
/// of so many seeds the one in the middle counts.
const SEEDS: u64 = 5;

/// So far the medians of times may be from ours, in per cent: madsim has our links
/// and rounds up to a millisecond; turmoil has links of its own, without jitter or
/// loss.
const BAND_PERCENT: [(Simulator, u64); 2] = [(Simulator::Madsim, 10), (Simulator::Turmoil, 25)];

/// The medians that are compared.
const TIMES: [&str; 2] = ["visibility_latency", "convergence_time"];

fn engines() -> Vec<Box<dyn Engine>> {
    vec![Box::new(Automerge), Box::new(Yrs::default()), Box::new(Loro), Box::new(Reference)]
}

/// A scenario, and what is changed in it.
struct Case {
    label: String,
    name: String,
    set: Vec<(String, String)>,
}

impl Case {
    fn of(name: &str) -> Self {
        Self { label: name.to_owned(), name: name.to_owned(), set: Vec::new() }
    }

    /// The writers do not know the same beginning: all that they type is typed apart.
    fn apart() -> Self {
        Self {
            label: "two-offline-writers, apart from the start".to_owned(),
            name: "two-offline-writers".to_owned(),
            set: vec![("fault.0.at".to_owned(), "1s".to_owned())],
        }
    }

    fn plan(&self, seed: u64) -> Plan {
        let file = deadzone_scenarios::find(&self.name).unwrap_or_else(|error| panic!("{error}"));
        let mut scenario = deadzone_scenarios::parse_with(file.text, file.path, &self.set)
            .unwrap_or_else(|error| panic!("{error}"));
        // Recorded traces are not everywhere; the synthetic one says as much here.
        let _ = deadzone_scenarios::use_synthetic_traces(&mut scenario);
        let Scenario::World(scenario) = scenario else { panic!("`{}` has no fleet", self.name) };
        let plan = generate(&scenario, seed, &Traces::default());
        plan.unwrap_or_else(|error| panic!("{error}"))
    }
}

/// Whether nobody hears of anybody from the first edit to the last.
fn all_edits_while_apart(plan: &Plan) -> bool {
    let is_edit = |what: &PlanAction| matches!(what, PlanAction::Edit { .. });
    let first = plan.steps.iter().position(|step| is_edit(&step.what));
    let last = plan.steps.iter().rposition(|step| is_edit(&step.what));
    let (Some(first), Some(last)) = (first, last) else { return false };
    let parted = |step: &PlanStep| matches!(step.what, PlanAction::Obstruct { .. });
    let healed = |step: &PlanStep| matches!(step.what, PlanAction::Clear { .. });
    plan.steps[..first].iter().any(parted) && !plan.steps[..last].iter().any(healed)
}

fn on(simulator: Simulator, plan: &Plan, engine: &dyn Engine) -> RunRecord {
    let mode = if is_instrumented() { CpuMode::Counted } else { CpuMode::Off };
    let ran = with_runtime(plan.seed, !simulator.has_clock(), async |sandbox| {
        run(simulator, plan, engine, sandbox, mode, &mut |_| {}).await
    });
    ran.unwrap_or_else(|refusal| panic!("{refusal}"))
}

/// The median of a histogram, and of that the one in the middle over seeds; none if
/// nothing was measured.
fn middle(records: &[RunRecord], histogram: &str) -> Option<u64> {
    let of = |record: &RunRecord| record.histograms.get(histogram).map(|found| found.p50);
    let mut medians: Vec<u64> = records.iter().filter_map(of).collect();
    medians.sort_unstable();
    medians.get(medians.len() / 2).copied()
}

/// How one of the others compares with ours.
struct Compared {
    cells: Vec<String>,
    agrees: bool,
}

fn compare(ours: &[RunRecord], theirs: &[RunRecord], band_percent: u64, apart: bool) -> Compared {
    let pairs = || ours.iter().zip(theirs);
    let mut agrees = pairs().all(|(our, their)| {
        // Together, whether an edit still finds its place is a race.
        let counts = ["edits", "edits_rejected", "edits_skipped", "payload_bytes"];
        our.verdict.converged == their.verdict.converged
            && (!apart || counts.iter().all(|count| our.metrics[*count] == their.metrics[*count]))
    });
    let mut cells = Vec::new();
    for histogram in TIMES {
        let (Some(our), Some(their)) = (middle(ours, histogram), middle(theirs, histogram)) else {
            cells.push("–".to_owned());
            continue;
        };
        let off_permille = (i128::from(their) - i128::from(our)) * 1_000 / i128::from(our.max(1));
        let size = off_permille.unsigned_abs();
        agrees &= size <= u128::from(band_percent) * 10;
        let sign = if off_permille < 0 { '-' } else { '+' };
        cells.push(format!("{sign}{}.{} %", size / 10, size % 10));
    }
    let same = pairs().filter(|(our, their)| our.verdict.document == their.verdict.document);
    let same = same.count();
    agrees &= same == ours.len() || !apart;
    cells.push(format!("{same} of {}", ours.len()));
    Compared { cells, agrees }
}

fn milliseconds(records: &[RunRecord], histogram: &str) -> String {
    middle(records, histogram).map_or_else(|| "–".to_owned(), |ns| format!("{} ms", ns / 1_000_000))
}

/// One row of the table, and whether all agree in it.
fn row(case: &Case, plans: &[Plan], engine: &dyn Engine) -> (Vec<String>, bool) {
    let run_all = |simulator| -> Vec<RunRecord> {
        plans.iter().map(|plan| on(simulator, plan, engine)).collect()
    };
    let apart = plans.iter().all(all_edits_while_apart);
    let event = run_all(Simulator::Event);
    let mut cells = vec![case.label.clone(), engine.info().name.to_owned()];
    cells.extend(TIMES.map(|histogram| milliseconds(&event, histogram)));
    let mut agrees = event.iter().all(|record| record.verdict.converged);
    for (simulator, band_percent) in BAND_PERCENT {
        let compared = compare(&event, &run_all(simulator), band_percent, apart);
        cells.extend(compared.cells);
        agrees &= compared.agrees;
    }
    cells.push(if agrees { "yes" } else { "NO" }.to_owned());
    (cells, agrees)
}

fn main() {
    let named: Vec<Case> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .map(|name| Case::of(&name))
        .collect();
    let cases = if named.is_empty() {
        // The rooms of a fleet are worlds of their own, which ours alone runs.
        let is_one_world = |file: &&deadzone_scenarios::Embedded| matches!(file.scenario(), Scenario::World(world) if world.rooms == 1);
        let curated = deadzone_scenarios::curated().filter(is_one_world);
        let curated = curated.map(|file| Case::of(file.name));
        curated.chain([Case::apart()]).collect()
    } else {
        named
    };
    println!(
        "| scenario | engine | seen | equal | madsim: seen | equal | same document | turmoil: seen \
         | equal | same document | agree |"
    );
    println!("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|---|");
    let (mut rows, mut agreeing) = (0, 0);
    for case in &cases {
        let plans: Vec<Plan> = (1..=SEEDS).map(|seed| case.plan(seed)).collect();
        for engine in engines() {
            let (cells, agrees) = row(case, &plans, engine.as_ref());
            println!("| {} |", cells.join(" | "));
            rows += 1;
            agreeing += u32::from(agrees);
        }
    }
    let bands = BAND_PERCENT.map(|(simulator, band)| format!("{} {band} %", simulator.name()));
    println!("\n{agreeing} of {rows} agree; bands: {}", bands.join(", "));
}
