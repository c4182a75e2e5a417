//! `deadzone run`: scenarios on engines, a table, an output folder.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::time::SystemTime;

use anyhow::{Context as _, Result};
use deadzone_core::plan::{Plan, Rooms};
use deadzone_core::record::{CpuMode, Outcome, Results, RunRecord};
use deadzone_core::schedule::{self, History, SavedPlan};
use deadzone_core::world::ROOMS_TOLD_MAX;
use deadzone_meter::is_instrumented;
use deadzone_reports::table;
use deadzone_simulators::Simulator;
use nix::sys::personality::{self, Persona};

use crate::args::{Format, RunArgs};
use crate::campaign::{self, Outcomes, Planned, Progress, Run, What, jobs_at_a_time};
use crate::exit::{self, BadInput};
use crate::output::Output;
use crate::{build_info, context, interrupt};

/// How wide tables are where standard output is no terminal.
const WIDTH: usize = 120;

/// Runs, and gives the exit code.
///
/// # Errors
/// If deadzone itself fails, or on input that the user can mend.
pub(crate) fn run(args: &RunArgs) -> Result<i32> {
    let simulator = Simulator::from(args.simulator);
    refuse_uncounted(args.cpu.into())?;
    refuse_unrepeatable(args, simulator)?;
    interrupt::listen().context("listening for Ctrl-C")?;
    #[expect(clippy::disallowed_methods, reason = "the real start, for the environment block")]
    let started = SystemTime::now();
    let prepared = campaign::prepare(
        &args.scenarios,
        &args.what,
        args.traces.as_deref(),
        args.cpu.into(),
        simulator,
    )?;
    let output = Output::begin(&args.out)?;
    let fixed_addresses = fix_addresses();
    if !fixed_addresses {
        anstream::eprintln!(
            "warning: this system does not let addresses be fixed; engines that hash them may \
             not repeat to the last digit"
        );
    }
    let parameters: BTreeMap<String, String> = args.what.set.iter().cloned().collect();
    let mut planned = prepared.runs;
    if let Some(shard) = args.shard {
        let mut number = 0;
        planned.retain(|_| {
            number += 1;
            number % shard.of == shard.number % shard.of
        });
    }
    // Where the clock is the real one, what runs beside takes time from it.
    let jobs = jobs_at_a_time(args.jobs.or((!simulator.repeats()).then_some(1)))?;
    let rounds = 1 + usize::from(args.twice);
    let progress = Progress::new(planned.len() * rounds, args.quiet);
    let outcomes = campaign::execute(&planned, jobs, args.work_limit, &parameters, &progress)?;
    let again = match args.twice {
        // In another order, so that what ran before is different as well.
        true => {
            let reversed: Vec<Planned> = planned.iter().rev().cloned().collect();
            Some(campaign::execute(&reversed, jobs, args.work_limit, &parameters, &progress)?)
        }
        false => None,
    };
    progress.clear();

    let mut environment =
        build_info::environment(&deadzone_scenarios::Profiles::built_in().cpu, started);
    environment.reproducible = fixed_addresses
        && CpuMode::from(args.cpu) == CpuMode::Counted
        && simulator.repeats()
        && outcomes.runs.iter().all(|run| !run.timed_out);
    environment.wall_time_ns = outcomes.runs.iter().map(|run| run.wall_ns).sum();
    environment.wall_time_in_engine_ns =
        outcomes.runs.iter().map(|run| run.wall_in_engine_ns).sum();
    let records = outcomes.runs.iter().map(|run| run.record.clone()).collect();
    let results = Results::new(build_info::build(), records, environment);
    let context = context::of(&prepared.scenarios);

    write(&output, &results, &context, &outcomes)?;
    output.finish()?;
    show(args, &results, &context)?;
    let differing = again.map(|again| differing(&outcomes, &again)).unwrap_or_default();
    for run in &differing {
        anstream::eprintln!("not deterministic: two runs of {run} differ");
    }
    Ok(code(&outcomes, !differing.is_empty()))
}

/// A build whose engines are not instrumented counts nothing: it says so rather
/// than to fall back.
fn refuse_uncounted(mode: CpuMode) -> Result<()> {
    if mode == CpuMode::Counted && !is_instrumented() {
        return Err(BadInput::error(
            "this build does not count CPU work, since it was compiled without the flags of \
             .cargo/config.toml (the variable RUSTFLAGS replaces them); build with plain \
             `cargo build --release`, or take `--cpu wall` for figures that do not repeat, or \
             `--cpu off` for none",
        ));
    }
    Ok(())
}

/// Nothing is told by two runs that differ because they must.
fn refuse_unrepeatable(args: &RunArgs, simulator: Simulator) -> Result<()> {
    if args.twice && !simulator.repeats() {
        return Err(BadInput::error(format!(
            "--twice: no two runs over a real network are the same; expected `--simulator event`, \
             `madsim` or `turmoil` with it, or `--simulator {}` without",
            simulator.name()
        )));
    }
    Ok(())
}

/// Switches the randomization of addresses off for the processes started from
/// now on, and says whether it is.
pub(super) fn fix_addresses() -> bool {
    personality::get()
        .and_then(|persona| personality::set(persona | Persona::ADDR_NO_RANDOMIZE))
        .and_then(|_| personality::get())
        .is_ok_and(|persona| persona.contains(Persona::ADDR_NO_RANDOMIZE))
}

fn write(
    output: &Output,
    results: &Results,
    context: &deadzone_reports::Context,
    outcomes: &Outcomes,
) -> Result<()> {
    let mut json = serde_json::to_string_pretty(results).context("results as JSON")?;
    json.push('\n');
    output.write("results.json", json)?;
    output.write("report.html", deadzone_reports::html::render(results, context))?;
    output.write("summary.md", deadzone_reports::markdown::render(results, context))?;
    output.write("junit.xml", deadzone_reports::junit::render(results, context))?;
    for (name, content) in deadzone_reports::svg::files(results, context) {
        output.write(&format!("charts/{name}"), content)?;
    }
    for run in outcomes.runs.iter().filter(|run| run.record.verdict.outcome.failed()) {
        if let What::World(plan) = &run.planned.what {
            write_plans(output, run, plan)?;
        }
    }
    Ok(())
}

/// The plan of the run; where rooms failed by themselves, the plan of each of the
/// first ones, which is all that it takes to see it again.
fn write_plans(output: &Output, run: &Run, plan: &Plan) -> Result<()> {
    let write = |plan: &Plan, name: String| {
        let json = serde_json::to_string_pretty(&saved(run, plan)).context("a plan as JSON")?;
        output.write(&name, json)
    };
    if run.failed_rooms.is_empty() {
        return write(plan, plan_name(run, "", &run.record.plan_digest));
    }
    let rooms = Rooms::new(plan);
    for &room in run.failed_rooms.iter().take(ROOMS_TOLD_MAX) {
        let plan = rooms.plan(room);
        write(&plan, plan_name(run, &format!("-room-{room}"), &plan.digest()))?;
    }
    Ok(())
}

/// The plan of a run that failed, as `deadzone replay` takes it.
fn saved(run: &Run, plan: &Plan) -> SavedPlan {
    let record = &run.record;
    SavedPlan {
        schema: schedule::SCHEMA,
        deadzone: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: record.scenario.clone(),
        engine: record.engine.clone(),
        engine_version: record.engine_version.clone(),
        found: None,
        history: History::Plan(Box::new(plan.clone())),
    }
}

fn plan_name(run: &Run, room: &str, digest: &str) -> String {
    let record = &run.record;
    let digest = digest.get(..8).unwrap_or_default();
    // Of a working copy it is a path.
    let version = record.engine_version.replace(['/', ':'], "_");
    let RunRecord { scenario, engine, seed, .. } = record;
    format!("plans/{scenario}-{engine}-{version}-{seed}{room}-{digest}.json")
}

fn show(args: &RunArgs, results: &Results, context: &deadzone_reports::Context) -> Result<()> {
    match args.format {
        Format::Json => {
            anstream::println!("{}", serde_json::to_string_pretty(results)?);
        }
        Format::Human if !args.quiet => {
            let style = style();
            anstream::println!("{}", table::render(results, context, style));
            anstream::eprintln!("report: {}", args.out.join("report.html").display());
        }
        Format::Human => {}
    }
    Ok(())
}

/// Colour and width as standard output has them.
pub(crate) fn style() -> table::Style {
    let terminal = std::io::stdout().is_terminal();
    let color = anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never;
    let width = if terminal {
        terminal_size::terminal_size().map_or(WIDTH, |(width, _)| usize::from(width.0))
    } else {
        WIDTH
    };
    table::Style { color: terminal && color, width }
}

/// The runs whose records are not the same twice.
fn differing(first: &Outcomes, second: &Outcomes) -> Vec<String> {
    let name = |run: &Run| {
        let record = &run.record;
        format!("{} on {} with seed {}", record.scenario, record.engine, record.seed)
    };
    let records: BTreeMap<String, &Run> = second.runs.iter().map(|run| (name(run), run)).collect();
    first
        .runs
        .iter()
        .filter(|run| records.get(&name(run)).is_some_and(|other| other.record != run.record))
        .map(name)
        .collect()
}

/// The exit code: where several apply, the first in this order.
fn code(outcomes: &Outcomes, differed: bool) -> i32 {
    let any = |wanted: &[Outcome]| {
        outcomes.runs.iter().any(|run| wanted.contains(&run.record.verdict.outcome))
    };
    if outcomes.interrupted {
        exit::INTERRUPTED
    } else if differed {
        exit::DIFFERED
    } else if any(&[Outcome::Panicked, Outcome::Aborted, Outcome::Hung]) {
        exit::ENGINE_DIED
    } else if any(&[Outcome::Violated, Outcome::NotConverged, Outcome::NotSilent]) {
        exit::VIOLATED
    } else {
        exit::OK
    }
}
