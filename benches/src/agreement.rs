//! What is asked of every network that deadzone can run on: the same plans, and the
//! medians of the same times.

use deadzone_adapter_automerge::Automerge;
use deadzone_adapter_baselines::Reference;
use deadzone_adapter_loro::Loro;
use deadzone_adapter_yrs::Yrs;
use deadzone_core::engine::Engine;
use deadzone_core::plan::{Plan, Rooms, generate};
use deadzone_core::record::{CpuMode, RunRecord};
use deadzone_core::scenario::Scenario;
use deadzone_core::workload::Traces;
use deadzone_meter::{is_instrumented, with_runtime};
use deadzone_simulators::{Simulator, measure};

/// The engines that are compared.
pub fn engines() -> Vec<Box<dyn Engine>> {
    vec![Box::new(Automerge), Box::new(Yrs::default()), Box::new(Loro), Box::new(Reference)]
}

/// A scenario, and what is changed in it.
#[derive(Clone, Debug)]
pub struct Case {
    /// What stands in a table.
    pub label: String,
    name: String,
    set: Vec<(String, String)>,
}

impl Case {
    /// A curated scenario as it is.
    pub fn of(name: &str) -> Self {
        Self { label: name.to_owned(), name: name.to_owned(), set: Vec::new() }
    }

    /// Every curated scenario.
    pub fn curated() -> Vec<Self> {
        deadzone_scenarios::curated().map(|file| Self::of(file.name)).collect()
    }

    /// The writers do not know the same beginning: all that they type is typed apart.
    pub fn apart() -> Self {
        Self {
            label: "two-offline-writers, apart from the start".to_owned(),
            name: "two-offline-writers".to_owned(),
            set: vec![("fault.0.at".to_owned(), "1s".to_owned())],
        }
    }

    /// Its plan.
    ///
    /// # Panics
    /// If there is no such scenario with a fleet.
    pub fn plan(&self, seed: u64) -> Plan {
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

/// One run; its rooms, if it has several, one after the other.
///
/// # Panics
/// If it is refused.
pub fn on(simulator: Simulator, plan: &Plan, engine: &dyn Engine) -> RunRecord {
    let mode = if is_instrumented() { CpuMode::Counted } else { CpuMode::Off };
    let rooms = Rooms::new(plan);
    let in_room = |room| {
        let plan = rooms.plan(room);
        let measured = with_runtime(plan.seed, !simulator.has_clock(), async |sandbox| {
            measure(simulator, &plan, room, engine, sandbox, mode, &mut |_| {}).await
        });
        measured.unwrap_or_else(|refusal| panic!("{refusal}"))
    };
    let mut all = in_room(0);
    (1..rooms.count()).for_each(|room| all.join(in_room(room)));
    all.into_record(plan)
}

/// The medians that are compared.
pub const TIMES: [&str; 2] = ["visibility_latency", "convergence_time"];

/// The median of a histogram, and of that the one in the middle over seeds; none if
/// nothing was measured.
pub fn middle(records: &[RunRecord], histogram: &str) -> Option<u64> {
    let of = |record: &RunRecord| record.histograms.get(histogram).map(|found| found.p50);
    let mut medians: Vec<u64> = records.iter().filter_map(of).collect();
    medians.sort_unstable();
    medians.get(medians.len() / 2).copied()
}

/// [`middle`] in words.
pub fn milliseconds(records: &[RunRecord], histogram: &str) -> String {
    middle(records, histogram).map_or_else(|| "–".to_owned(), |ns| format!("{} ms", ns / 1_000_000))
}

/// How far one time is from another, in tenths of a per cent of the other.
pub fn off_permille(ours: u64, theirs: u64) -> i128 {
    (i128::from(theirs) - i128::from(ours)) * 1_000 / i128::from(ours.max(1))
}

/// Tenths of a per cent in words, always with a sign.
pub fn per_cent(permille: i128) -> String {
    let (sign, size) = (if permille < 0 { '-' } else { '+' }, permille.unsigned_abs());
    format!("{sign}{}.{} %", size / 10, size % 10)
}

/// The scenarios that the command line names, if it names any.
pub fn named() -> Vec<Case> {
    let names = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    names.map(|name| Case::of(&name)).collect()
}
