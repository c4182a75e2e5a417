//! Whether madsim and turmoil agree with our own event loop: every curated scenario
//! on every engine, the same plan on all three.
//!
//! What they agree on, on links that both have, is convergence; how soon edits are
//! seen and replicas are equal again, within a band; and where all edits are made
//! while everybody is apart, the document itself. `agreement SCENARIO…` runs those alone.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use deadzone_benches::agreement::{
    Case, TIMES, engines, middle, milliseconds, named, off_permille, on, per_cent,
};
use deadzone_core::engine::Engine;
use deadzone_core::plan::{Plan, PlanAction, PlanStep};
use deadzone_core::profile::Loss;
use deadzone_core::record::RunRecord;
use deadzone_core::time::Span;
use deadzone_core::units::PartsPerMillion;
use deadzone_meter::CountingAllocator;
use deadzone_simulators::Simulator;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// A run has few heals, and how soon one of them ends may hang on who speaks first:
/// of so many seeds the one in the middle counts.
const SEEDS: u64 = 5;

/// So far the medians of times may be from ours, in per cent: madsim has our links
/// and rounds up to a millisecond; turmoil's TCP takes half a round trip less to set
/// up, and where heals are of two kinds that may carry the median from one to the other.
const BAND_PERCENT: [(Simulator, u64); 2] = [(Simulator::Madsim, 10), (Simulator::Turmoil, 25)];

/// The plan with links as turmoil has them: half of the round trip each way, nothing
/// at random, and room for everything. What it has no word for is not what it could
/// disagree on.
fn on_links_of_turmoil(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    for link in plan.scenario.fleet.iter_mut().flat_map(|group| &mut group.links) {
        let half = (link.up.one_way_delay + link.down.one_way_delay).scale(1, 2);
        for end in [&mut link.up, &mut link.down] {
            end.one_way_delay = half;
            end.jitter = Span::ZERO;
            end.loss = Loss::Random(PartsPerMillion(0));
            end.duplicate = PartsPerMillion(0);
            end.reorder = PartsPerMillion(0);
            end.queue_bytes = u64::MAX;
        }
    }
    plan
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
        let off = off_permille(our, their);
        agrees &= off.unsigned_abs() <= u128::from(band_percent) * 10;
        cells.push(per_cent(off));
    }
    let same = pairs().filter(|(our, their)| our.verdict.document == their.verdict.document);
    let same = same.count();
    agrees &= same == ours.len() || !apart;
    cells.push(format!("{same} of {}", ours.len()));
    Compared { cells, agrees }
}

/// One row of the table, and whether all agree in it.
fn row(case: &Case, plans: &[Plan], engine: &dyn Engine) -> (Vec<String>, bool) {
    let run_all = |simulator, plans: &[Plan]| -> Vec<RunRecord> {
        plans.iter().map(|plan| on(simulator, plan, engine)).collect()
    };
    let apart = plans.iter().all(all_edits_while_apart);
    let event = run_all(Simulator::Event, plans);
    let plain: Vec<Plan> = plans.iter().map(on_links_of_turmoil).collect();
    let mut cells = vec![case.label.clone(), engine.info().name.to_owned()];
    cells.extend(TIMES.map(|histogram| milliseconds(&event, histogram)));
    let mut agrees = event.iter().all(|record| record.verdict.converged);
    for (simulator, band_percent) in BAND_PERCENT {
        let compared = if simulator == Simulator::Turmoil {
            let ours = run_all(Simulator::Event, &plain);
            compare(&ours, &run_all(simulator, &plain), band_percent, apart)
        } else {
            compare(&event, &run_all(simulator, plans), band_percent, apart)
        };
        cells.extend(compared.cells);
        agrees &= compared.agrees;
    }
    cells.push(if agrees { "yes" } else { "NO" }.to_owned());
    (cells, agrees)
}

fn main() {
    let mut cases = named();
    if cases.is_empty() {
        cases = Case::curated();
        cases.push(Case::apart());
    }
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
