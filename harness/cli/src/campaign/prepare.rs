//! From what the user named to a list of jobs: reads scenarios, makes plans.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use deadzone_core::plan::{Plan, generate};
use deadzone_core::record::CpuMode;
use deadzone_core::scenario::{Benchmark, DirectScenario, Scenario, Workload, WorldScenario};
use deadzone_core::workload::{Trace, Traces};
use deadzone_scenarios::use_synthetic_traces;
use deadzone_simulators::{Simulator, limits};
use deadzone_worker::Task;

use crate::args::{Seeds, Selection};
use crate::exit::BadInput;
use crate::registry;
use crate::versions::{self, Choice};

/// The seed where none is given.
const SEED: u64 = 1;

/// The most seeds of one campaign, since all plans are made before the first run.
const SEEDS_MAX: u64 = 10_000;

/// A run that can be started.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub(crate) scenario: Arc<Scenario>,
    pub(crate) engine: String,
    pub(crate) engine_version: String,
    /// The worker binary that holds this version; none if it is built in.
    pub(crate) program: Option<Arc<Path>>,
    pub(crate) seed: u64,
    pub(crate) mode: CpuMode,
    pub(crate) simulator: Simulator,
    pub(crate) what: What,
}

/// What a planned run does.
#[derive(Clone, Debug)]
pub(crate) enum What {
    World(Arc<Plan>),
    Direct {
        trace: Option<PathBuf>,
    },
    /// It cannot be done here, and why.
    Unsupported(String),
}

/// Everything that is to be run, and the scenarios it is about.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) runs: Vec<Planned>,
    pub(crate) scenarios: Vec<Named>,
}

/// A scenario, and how the command line names it.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) scenario: Arc<Scenario>,
    /// The path of its file; none if it is built in.
    pub(crate) path: Option<String>,
    /// The folder that its traces lie in; none if it replays none that was recorded.
    pub(crate) traces: Option<PathBuf>,
}

impl Planned {
    /// The task for one worker; none if the run cannot be done here, or has several
    /// rooms, which are for several.
    pub(crate) fn task(&self) -> Option<Task> {
        match (&self.what, self.scenario.as_ref()) {
            (What::World(plan), _) if plan.scenario.rooms > 1 => None,
            (What::World(plan), _) => {
                let plan = Box::new(plan.as_ref().clone());
                Some(Task::World { plan, simulator: self.simulator })
            }
            (What::Direct { trace }, Scenario::Direct(scenario)) => {
                Some(Task::Direct { scenario: scenario.clone(), trace: trace.clone() })
            }
            _ => None,
        }
    }

    /// How long the run lasts at most in virtual time; micro workloads take none.
    pub(crate) fn virtual_time_ns_max(&self) -> u64 {
        match self.scenario.as_ref() {
            Scenario::World(world) => (world.duration + world.settle).as_nanos(),
            Scenario::Direct(_) | Scenario::Hunt(_) => 0,
        }
    }
}

/// Reads the scenarios and makes the plans; every engine gets the same ones.
///
/// # Errors
/// [`BadInput`] on anything that the user can mend.
pub(crate) fn prepare(
    names: &[String],
    selection: &Selection,
    traces: Option<&Path>,
    mode: CpuMode,
    simulator: Simulator,
) -> Result<Prepared> {
    if let Some(folder) = traces
        && !folder.is_dir()
    {
        let what = if folder.exists() { "this is a file" } else { "there is nothing" };
        let folder = folder.display();
        return Err(BadInput::error(format!(
            "--traces {folder}: {what}; expected the folder that the traces lie in"
        )));
    }
    simulator.check().map_err(|error| refused_by(simulator, &error.to_string()))?;
    let chosen = versions::choose(&selection.engine)?;
    let seeds = seeds(selection)?;
    let mut prepared = Prepared { runs: Vec::new(), scenarios: Vec::new() };
    for text in sources(names)? {
        let mut scenario = text.parse(&selection.set)?;
        if matches!(scenario, Scenario::Hunt(_)) {
            let path = &text.path;
            let name = if text.is_built_in { scenario.name() } else { path };
            return Err(BadInput::error(format!(
                "{path}: this is a hunt through many small worlds; use `deadzone hunt {name}`, or \
                 run a scenario with a `[[fleet]]` or a `[direct]` table"
            )));
        }
        if traces.is_none() {
            for file in use_synthetic_traces(&mut scenario) {
                anstream::eprintln!(
                    "note: {}: a synthetic trace stands in for {file}; for the recorded one get \
                     it from github.com/josephg/editing-traces and say --traces DIR",
                    scenario.name()
                );
            }
        }
        let scenario = Arc::new(scenario);
        let mut known = prepared.scenarios.iter().map(|named| &named.scenario);
        if let Some(known) = known.find(|it| it.name() == scenario.name()) {
            if *known == scenario {
                continue;
            }
            return Err(BadInput::error(format!(
                "two different scenarios have the name `{}`; expected a name of its own for each, \
                 as results are told apart by it",
                scenario.name()
            )));
        }
        prepared.scenarios.push(Named {
            scenario: scenario.clone(),
            path: (!text.is_built_in).then_some(text.path),
            traces: traces.filter(|_| replays_a_recording(&scenario)).map(Path::to_owned),
        });
        for seed in seeds.clone() {
            let what = plan(&scenario, seed, traces)?;
            check_simulator(simulator, &scenario, &what)?;
            for (engine, engine_version) in engines_for(&scenario, &chosen) {
                prepared.runs.push(Planned {
                    scenario: scenario.clone(),
                    engine: engine.to_owned(),
                    engine_version,
                    program: None,
                    seed,
                    mode,
                    simulator,
                    what: what.clone(),
                });
            }
        }
    }
    // Last, since it may take minutes and everything else is cheap to refuse.
    find_workers(&mut prepared.runs, &chosen)?;
    Ok(prepared)
}

/// Whether the simulator can run that; the event loop can run everything.
fn check_simulator(simulator: Simulator, scenario: &Scenario, what: &What) -> Result<()> {
    let refused = match what {
        What::World(plan) => limits(simulator, plan).err().map(|refusal| refusal.to_string()),
        What::Direct { .. } if simulator != Simulator::Event => Some(format!(
            "`{}` is a micro workload and has no network; expected `--simulator event`",
            scenario.name()
        )),
        What::Direct { .. } | What::Unsupported(_) => None,
    };
    refused.map_or(Ok(()), |said| Err(refused_by(simulator, &said)))
}

fn refused_by(simulator: Simulator, said: &str) -> anyhow::Error {
    BadInput::error(format!("--simulator {}: {said}", simulator.name()))
}

/// The seeds that were asked for.
fn seeds(selection: &Selection) -> Result<RangeInclusive<u64>> {
    let Some(Seeds { from, to }) = selection.seeds else {
        let seed = selection.seed.unwrap_or(SEED);
        return Ok(seed..=seed);
    };
    if to - from > SEEDS_MAX {
        return Err(BadInput::error(format!(
            "--seeds {from}..{to}: these are {} seeds; expected at most {SEEDS_MAX} at a time",
            to - from
        )));
    }
    // The range is never empty, so there is one below its end.
    Ok(from..=to - 1)
}

/// A scenario's text, with the path to name in errors.
pub(crate) struct Source {
    text: String,
    path: String,
    is_built_in: bool,
}

impl Source {
    pub(crate) fn parse(&self, overrides: &[(String, String)]) -> Result<Scenario> {
        deadzone_scenarios::parse_with(&self.text, &self.path, overrides)
            .map_err(|error| BadInput::error(error.to_string()))
    }
}

/// The texts of the scenarios named; of the quick tour if there are none.
fn sources(names: &[String]) -> Result<Vec<Source>> {
    if names.is_empty() {
        let tour = deadzone_scenarios::tour();
        return Ok(tour.into_iter().map(built_in).collect());
    }
    names.iter().map(|name| source(name)).collect()
}

fn built_in(file: &deadzone_scenarios::Embedded) -> Source {
    Source { text: file.text.to_owned(), path: file.path.to_owned(), is_built_in: true }
}

/// The text of a scenario: a curated one by its name, or a file by its path.
///
/// # Errors
/// [`BadInput`] if there is none.
pub(crate) fn source(name: &str) -> Result<Source> {
    let path = Path::new(name);
    if path.extension().is_some_and(|extension| extension == "toml") {
        let text = std::fs::read_to_string(path).map_err(|error| {
            BadInput::error(format!("{name}: cannot read the scenario: {error}"))
        })?;
        return Ok(Source { text, path: name.to_owned(), is_built_in: false });
    }
    match deadzone_scenarios::find(name) {
        Ok(file) => Ok(built_in(file)),
        Err(_) if Path::new(&format!("{name}.toml")).is_file() => Err(BadInput::error(format!(
            "no scenario with the name `{name}` is built in; did you mean the file `{name}.toml`?"
        ))),
        Err(error) => Err(BadInput::error(error.to_string())),
    }
}

/// The engines for a scenario: those chosen, or if the user named none the CRDT
/// engines, and baselines where the scenario compares with them.
fn engines_for(scenario: &Scenario, chosen: &[Choice]) -> Vec<(&'static str, String)> {
    if !chosen.is_empty() {
        return chosen.iter().map(|it| (it.info().name, it.version.clone())).collect();
    }
    let compared = match scenario {
        Scenario::World(world) => world.compare.as_slice(),
        Scenario::Direct(_) | Scenario::Hunt(_) => &[],
    };
    let wanted = |entry: &registry::Entry| {
        entry.default || compared.iter().any(|other| other == entry.engine.info().name)
    };
    let infos = registry::engines().into_iter().filter(wanted).map(|entry| entry.engine.info());
    infos.map(|info| (info.name, info.version.to_owned())).collect()
}

/// Finds the worker binaries of engines that are not built in; builds those that
/// are not there yet.
fn find_workers(runs: &mut [Planned], chosen: &[Choice]) -> Result<()> {
    for choice in chosen {
        let name = choice.info().name;
        let Some(program) = choice.worker()?.map(Arc::<Path>::from) else { continue };
        for run in runs.iter_mut() {
            if run.engine == name && run.engine_version == choice.version {
                run.program = Some(program.clone());
            }
        }
    }
    Ok(())
}

fn plan(scenario: &Scenario, seed: u64, folder: Option<&Path>) -> Result<What> {
    match scenario {
        Scenario::World(world) => {
            let Some(traces) = read_traces(world, folder)? else {
                return Ok(What::Unsupported(needs_trace(scenario)));
            };
            let plan = generate(world, seed, &traces)
                .map_err(|error| BadInput::error(format!("{}: {error}", scenario.name())))?;
            Ok(What::World(Arc::new(plan)))
        }
        Scenario::Direct(direct) => {
            let Some(file) = trace_of(direct) else { return Ok(What::Direct { trace: None }) };
            let Some(folder) = folder else {
                return Ok(What::Unsupported(needs_trace(scenario)));
            };
            let path = folder.join(file);
            // Read here as well, so that a bad file is told before anything runs.
            crate::traces::read(&path)?;
            Ok(What::Direct { trace: Some(path) })
        }
        Scenario::Hunt(_) => unreachable!("hunts were refused when they were read"),
    }
}

fn needs_trace(scenario: &Scenario) -> String {
    format!(
        "{} replays a recorded trace: get it from github.com/josephg/editing-traces and say \
         --traces DIR",
        scenario.name()
    )
}

fn trace_of(scenario: &DirectScenario) -> Option<&str> {
    match &scenario.benchmark {
        Benchmark::B4 { trace } => Some(trace),
        Benchmark::Trace { file } => file.as_deref(),
        _ => None,
    }
}

/// The recorded traces that the groups of a world replay.
fn recordings(world: &WorldScenario) -> impl Iterator<Item = &String> {
    world.fleet.iter().filter_map(|group| match &group.workload {
        Workload::Trace(replay) => replay.file.as_ref(),
        _ => None,
    })
}

fn replays_a_recording(scenario: &Scenario) -> bool {
    match scenario {
        Scenario::World(world) => recordings(world).next().is_some(),
        Scenario::Direct(direct) => trace_of(direct).is_some(),
        Scenario::Hunt(_) => false,
    }
}

/// The recorded traces that a world replays; none if it needs one and there is
/// no folder to find it in.
fn read_traces(world: &WorldScenario, folder: Option<&Path>) -> Result<Option<Traces>> {
    let mut traces = Traces::default();
    for file in recordings(world) {
        let Some(folder) = folder else { return Ok(None) };
        let trace: Trace = crate::traces::read(&folder.join(file))?;
        traces.insert(file.clone(), trace);
    }
    Ok(Some(traces))
}
