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

const SEED: u64 = 1;

/// So far the medians of times may be from ours, in per cent: madsim has our links
/// and rounds up to a millisecond; turmoil has links of its own, without jitter or
/// loss.
const BAND_PERCENT: [(Simulator, u64); 2] = [(Simulator::Madsim, 10), (Simulator::Turmoil, 25)];

/// The medians that are compared.
const TIMES: [&str; 2] = ["visibility_latency", "convergence_time"];

fn engines() -> Vec<Box<dyn Engine>> {
    vec![Box::new(Automerge), Box::new(Yrs::default()), Box::new(Loro), Box::new(Reference)]
}

fn plan_of(name: &str) -> Plan {
    let file = deadzone_scenarios::find(name).unwrap_or_else(|error| panic!("{error}"));
    let mut scenario = file.scenario();
    // Recorded traces are not everywhere; the synthetic one says as much here.
    let _ = deadzone_scenarios::use_synthetic_traces(&mut scenario);
    let Scenario::World(scenario) = scenario else { panic!("`{name}` has no fleet") };
    let plan = generate(&scenario, SEED, &Traces::default());
    plan.unwrap_or_else(|error| panic!("{error}"))
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

/// The median of a histogram; none if nothing was measured.
fn median(record: &RunRecord, histogram: &str) -> Option<u64> {
    record.histograms.get(histogram).map(|histogram| histogram.p50)
}

/// How one of the others compares with ours.
struct Compared {
    cells: Vec<String>,
    agrees: bool,
}

fn compare(event: &RunRecord, other: &RunRecord, band_percent: u64, same: bool) -> Compared {
    let mut agrees = event.verdict.converged == other.verdict.converged;
    let mut cells = Vec::new();
    for histogram in TIMES {
        let (Some(ours), Some(theirs)) = (median(event, histogram), median(other, histogram))
        else {
            cells.push("–".to_owned());
            continue;
        };
        let off = i128::from(theirs) - i128::from(ours);
        let off_permille = off * 1_000 / i128::from(ours.max(1));
        agrees &= off_permille.unsigned_abs() <= u128::from(band_percent) * 10;
        let sign = if off_permille < 0 { '-' } else { '+' };
        let size = off_permille.unsigned_abs();
        cells.push(format!("{sign}{}.{} %", size / 10, size % 10));
    }
    let document = event.verdict.document == other.verdict.document;
    agrees &= document || !same;
    cells.push(if document { "same" } else { "other" }.to_owned());
    Compared { cells, agrees }
}

fn milliseconds(record: &RunRecord, histogram: &str) -> String {
    median(record, histogram).map_or_else(|| "–".to_owned(), |ns| format!("{} ms", ns / 1_000_000))
}

fn main() {
    let named: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let names: Vec<String> = if named.is_empty() {
        deadzone_scenarios::curated().map(|file| file.name.to_owned()).collect()
    } else {
        named
    };
    println!(
        "| scenario | engine | seen | equal | madsim: seen | equal | document | turmoil: seen | \
         equal | document | agree |"
    );
    println!("|---|---|--:|--:|--:|--:|---|--:|--:|---|---|");
    let (mut rows, mut agreeing) = (0, 0);
    for name in &names {
        let plan = plan_of(name);
        let apart = all_edits_while_apart(&plan);
        for engine in engines() {
            let event = on(Simulator::Event, &plan, engine.as_ref());
            let mut cells = vec![name.clone(), event.engine.clone()];
            cells.extend(TIMES.map(|histogram| milliseconds(&event, histogram)));
            let mut agrees = event.verdict.converged;
            for (simulator, band_percent) in BAND_PERCENT {
                let other = on(simulator, &plan, engine.as_ref());
                let compared = compare(&event, &other, band_percent, apart);
                cells.extend(compared.cells);
                agrees &= compared.agrees;
            }
            cells.push(if agrees { "yes" } else { "NO" }.to_owned());
            println!("| {} |", cells.join(" | "));
            rows += 1;
            agreeing += u32::from(agrees);
        }
        if apart {
            println!("{name}: all edits are made while apart, so that documents must be the same");
        }
    }
    println!("{agreeing} of {rows} agree; bands: madsim 10 %, turmoil 25 % of our medians");
}
