//! `deadzone hunt`: searches small worlds, or runs, for a violated invariant.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Result;
use deadzone_core::check::MergeQuality;
use deadzone_core::scenario::Scenario;
use deadzone_scenarios::use_synthetic_traces;
use deadzone_worker::session::{Hunted, REBUILDS_EVERY};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::args::{Format, HuntArgs};
use crate::campaign::{self, jobs_at_a_time};
use crate::exit::{self, BadInput};
use crate::hunt::{
    Allowed, Finding, Folders, Found, Provenance, Quarry, Session, Shrinker, Shrunk,
};
use crate::interrupt;
use crate::versions::{self, Choice};

/// Seeds that are gone through unless the user says.
const SEEDS: u64 = 5_000;

/// The same, where each is a run with times.
const RUNS: u64 = 100;

/// How many worlds that violate the same oracle about the same thing are shrunk
/// on one engine: beyond these they are counted.
const SHRUNK_MAX: u32 = 24;

/// What a hunt on one engine came to.
#[derive(Debug, Default, Serialize)]
struct Catch {
    engine: String,
    engine_version: String,
    worlds: u64,
    worlds_unsupported: u64,
    worlds_failed: u64,
    /// Runs that failed of what takes time, or of what a link does.
    worlds_failed_in_time_alone: u32,
    edits: u64,
    steps_skipped: u64,
    concurrent_pairs_seen: usize,
    /// Whether the worlds are runs with times.
    #[serde(skip)]
    runs: bool,
    /// In one world of four; not of runs.
    merge_quality: MergeQuality,
    findings: Vec<Reported>,
    /// Failed worlds that were not shrunk, by oracle and what they are about.
    not_shrunk: BTreeMap<String, u32>,
    /// Failed worlds that did not fail in a process of their own.
    not_confirmed: u32,
}

/// A finding as it is told.
#[derive(Debug, Serialize)]
struct Reported {
    oracle: String,
    said: String,
    seed: u64,
    /// How many more worlds shrank to the same cause.
    again: u32,
    known: bool,
    #[serde(flatten)]
    shrunk: Shrunk,
}

/// Runs the verb; the exit code.
///
/// # Errors
/// [`BadInput`], or if deadzone itself fails.
pub(crate) fn hunt(args: &HuntArgs) -> Result<i32> {
    super::run::fix_addresses();
    interrupt::listen()?;
    let scenario = scenario(args)?;
    let all = ["all".to_owned()];
    let choices = versions::choose(if args.engine.is_empty() { &all } else { &args.engine })?;
    let allowed = args.allow.as_deref().map(Allowed::read).transpose()?.unwrap_or_default();
    let folders = Folders::begin(&args.out, args.force)?;
    let mut catches = Vec::new();
    let mut died = false;
    for choice in &choices {
        let (catch, deadly) =
            Hunter { args, scenario: &scenario, allowed: &allowed, folders: &folders }
                .hunt_on(choice)?;
        died |= deadly;
        if args.format == Format::Human && !args.quiet {
            show(&catch);
        }
        catches.push(catch);
        if interrupt::happened() {
            break;
        }
    }
    if args.format == Format::Json {
        anstream::println!("{}", serde_json::to_string_pretty(&catches)?);
    }
    let any = catches.iter().any(Catch::has_news);
    Ok(if interrupt::happened() {
        exit::INTERRUPTED
    } else if any && died {
        exit::ENGINE_DIED
    } else if any {
        exit::VIOLATED
    } else {
        exit::OK
    })
}

fn scenario(args: &HuntArgs) -> Result<Scenario> {
    match campaign::source(&args.scenario)?.parse(&args.set)? {
        Scenario::Direct(scenario) => Err(BadInput::error(format!(
            "{}: a micro workload is for `deadzone run`; expected a scenario with a [hunt] table, \
             as the stock hunts of `deadzone list scenarios`, or with a [[fleet]]",
            scenario.name
        ))),
        Scenario::World(scenario) if scenario.rooms > 1 => Err(BadInput::error(format!(
            "{}: it has {} rooms with a document each, and a hunt looks into one at a time; \
             expected `rooms = 1`, with as many devices as one room has",
            scenario.name, scenario.rooms
        ))),
        mut scenario => {
            use_synthetic_traces(&mut scenario);
            Ok(scenario)
        }
    }
}

struct Hunter<'a> {
    args: &'a HuntArgs,
    scenario: &'a Scenario,
    allowed: &'a Allowed,
    folders: &'a Folders,
}

impl Hunter<'_> {
    /// The catch, and whether the engine died of a finding that is not known.
    #[expect(clippy::disallowed_methods, reason = "the user set a limit on the wall clock")]
    fn hunt_on(&self, choice: &Choice) -> Result<(Catch, bool)> {
        let program = choice.worker()?;
        let info = choice.info();
        let session = Session::new(info.name, program.as_deref());
        let jobs = jobs_at_a_time(self.args.jobs)?;
        let (from, until) = match (&self.args.seeds, self.args.seconds) {
            (Some(seeds), _) => (seeds.from, seeds.to),
            (None, Some(_)) => (0, u64::MAX),
            (None, None) if matches!(self.scenario, Scenario::Hunt(_)) => (0, SEEDS),
            (None, None) => (0, RUNS),
        };
        let deadline = self.args.seconds.map(|limit| Instant::now() + limit);
        let mut search =
            Quarry::new(self.scenario, choice, &session, jobs, from..until, !self.args.keep_going);
        let mut shrinker = Shrinker::new(&session);
        let mut catch = Catch {
            engine: info.name.to_owned(),
            engine_version: choice.version.clone(),
            ..Catch::default()
        };
        let bar = progress(self.args.quiet, until.checked_sub(from).filter(|_| deadline.is_none()));
        let mut shrunk: BTreeMap<String, u32> = BTreeMap::new();
        let mut died = false;
        while let Some(block) = search.next_block()? {
            bar.set_position(search.tally().worlds);
            for found in block {
                catch.worlds_failed += 1;
                let kind = format!("{}/{}", found.violation.oracle.name(), found.violation.about);
                let times = shrunk.entry(kind.clone()).or_default();
                if *times >= SHRUNK_MAX {
                    *catch.not_shrunk.entry(kind).or_default() += 1;
                    continue;
                }
                *times += 1;
                bar.set_message(format!("shrinking seed {}", found.seed));
                let (plan, scrutiny) = search.schedule(&found, &info);
                let finding = shrinker.finding(&plan, &found.violation, scrutiny)?;
                bar.set_message("");
                let Some(finding) = finding else {
                    catch.not_confirmed += u32::from(!interrupt::happened());
                    continue;
                };
                died |= self.report(&mut catch, &found, &finding)?;
                if !self.args.keep_going && catch.has_news() {
                    break;
                }
            }
            let late = deadline.is_some_and(|deadline| Instant::now() >= deadline);
            let done = !self.args.keep_going && catch.has_news();
            if late || done || interrupt::happened() {
                break;
            }
        }
        bar.finish_and_clear();
        catch.count(search.tally());
        catch.runs = matches!(search, Quarry::Runs(_));
        catch.worlds_failed_in_time_alone = search.in_time_alone();
        Ok((catch, died))
    }

    /// Adds a finding, and writes its folder, unless its cause is there already.
    /// Whether the engine died of it and that is new.
    fn report(&self, catch: &mut Catch, found: &Found, finding: &Finding) -> Result<bool> {
        if let Some(same) =
            catch.findings.iter_mut().find(|known| known.shrunk.cause == finding.cause)
        {
            same.again += 1;
            return Ok(false);
        }
        let known = self.allowed.holds(&catch.engine, &finding.cause);
        let written = if known {
            None
        } else {
            let provenance = Provenance {
                scenario: self.scenario.name(),
                engine: &catch.engine,
                engine_version: &catch.engine_version,
                seed: found.seed,
            };
            Some(self.folders.write(finding, &provenance)?)
        };
        catch.findings.push(Reported {
            oracle: finding.violation.oracle.name().to_owned(),
            said: finding.violation.said.clone(),
            seed: found.seed,
            again: 0,
            known,
            shrunk: Shrunk::new(finding, written),
        });
        Ok(!known && finding.violation.oracle.is_death())
    }
}

impl Catch {
    /// Whether anything was found that is not known.
    fn has_news(&self) -> bool {
        self.findings.iter().any(|finding| !finding.known)
    }

    fn count(&mut self, tally: &Hunted) {
        self.worlds = tally.worlds;
        self.worlds_unsupported = tally.unsupported;
        self.edits = tally.edits;
        self.steps_skipped = tally.skipped;
        self.concurrent_pairs_seen = tally.coverage.pairs_seen();
        self.merge_quality = tally.quality;
    }
}

fn progress(quiet: bool, worlds: Option<u64>) -> ProgressBar {
    let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(worlds, target);
    let template = match worlds {
        Some(_) => "{bar:32} {percent:>3} %  {pos} worlds, {per_sec}  {msg}",
        None => "{spinner} {pos} worlds, {per_sec}, {elapsed}  {msg}",
    };
    bar.set_style(ProgressStyle::with_template(template).expect("the template is well-formed"));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn show(catch: &Catch) {
    if catch.runs {
        show_runs(catch);
    } else {
        show_worlds(catch);
    }
    show_findings(catch);
}

fn show_runs(catch: &Catch) {
    let Catch { engine, engine_version, worlds, edits, worlds_failed, .. } = catch;
    anstream::println!(
        "{engine} {engine_version}: {worlds} runs, {edits} edits, {worlds_failed} failed"
    );
    if catch.worlds_failed_in_time_alone > 0 {
        anstream::println!(
            "  {} more failed of what takes time, or of what a link does",
            catch.worlds_failed_in_time_alone
        );
    }
}

fn show_worlds(catch: &Catch) {
    let Catch { engine, engine_version, worlds, edits, concurrent_pairs_seen, .. } = catch;
    anstream::println!(
        "{engine} {engine_version}: {worlds} worlds, {edits} edits, {concurrent_pairs_seen} kinds \
         of concurrent pairs, {} failed",
        catch.worlds_failed
    );
    let quality = &catch.merge_quality;
    anstream::println!(
        "  in one world of {REBUILDS_EVERY}: {} runs of typing interleaved, {} moves doubled, {} \
         writes overwritten concurrently",
        quality.interleaved_runs,
        quality.duplicated_moves,
        quality.overwritten_concurrently
    );
}

fn show_findings(catch: &Catch) {
    if catch.worlds_unsupported > 0 {
        anstream::println!("  {} worlds are not supported", catch.worlds_unsupported);
    }
    for finding in &catch.findings {
        let known = if finding.known { " (known)" } else { "" };
        anstream::println!("\n  {}{known}: {}", finding.oracle, finding.said);
        let seeds = format!("{}, and {} more that shrank to the same", finding.seed, finding.again);
        finding.shrunk.show(Some(&seeds));
    }
    for (kind, count) in &catch.not_shrunk {
        anstream::println!("  {count} more failed with {kind} and were not shrunk");
    }
    if catch.not_confirmed > 0 {
        anstream::println!(
            "  {} failed, but not again in a process of their own",
            catch.not_confirmed
        );
    }
}
