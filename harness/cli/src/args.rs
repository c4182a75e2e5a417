//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use deadzone_core::record::CpuMode;

/// The most basic blocks that a run may execute: some twenty minutes of the
/// reference device's time. No curated scenario comes near it.
pub(crate) const BLOCKS_MAX: u64 = 1_000_000_000_000;

/// A deterministic test bench for local-first sync: real CRDT engines on
/// virtual devices, with their network taken away and given back.
#[derive(Debug, Parser)]
#[command(name = "deadzone", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Run scenarios on engines; print a comparison, write a report.
    Run(Box<RunArgs>),
    /// Compare two results files metric by metric; the exit code is the verdict.
    Gate(GateArgs),
    /// Search small random worlds for a violated invariant; shrink what is found.
    Hunt(HuntArgs),
    /// Run saved plans again.
    Replay(ReplayArgs),
    /// Render results as another format.
    Report(ReportArgs),
    /// Join the shards of one campaign into one results file.
    Merge(MergeArgs),
    /// Show what there is: scenarios, engines, devices, links or metrics.
    List(ListArgs),
    /// Validate scenario files without running them.
    Check(CheckArgs),
    /// Print a JSON Schema.
    Schema(SchemaArgs),
    /// Serve one run: for this program's own use.
    #[command(hide = true)]
    Worker,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Without SCENARIO it runs the quick tour: no-spinner, subway-commute and two-offline-writers.

Exit codes: 0 all held; 2 bad input; 4 violated or not converged; 5 not deterministic;
6 an engine panicked, aborted or hung; 130 interrupted.")]
pub(crate) struct RunArgs {
    /// Names of curated scenarios, or paths to scenario files
    pub(crate) scenarios: Vec<String>,
    #[command(flatten)]
    pub(crate) what: Selection,
    /// How CPU cost is found
    #[arg(long, value_enum, default_value_t = Cpu::Counted)]
    pub(crate) cpu: Cpu,
    /// What drives the devices
    #[arg(long, value_enum, default_value_t = Simulator::Event)]
    pub(crate) simulator: Simulator,
    /// Runs at a time [default: one per processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// At this many basic blocks of engine code a run is ended, and counts as
    /// hung
    #[arg(long, value_name = "BLOCKS", default_value_t = BLOCKS_MAX)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..1 << 62))]
    pub(crate) work_limit: u64,
    /// Where editing traces lie
    #[arg(long, value_name = "DIR")]
    pub(crate) traces: Option<PathBuf>,
    /// Run everything twice and compare
    #[arg(long)]
    pub(crate) twice: bool,
    /// Run only the I-th of N shares of the runs (1/4 to 4/4)
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<Shard>,
    /// Where the report goes
    #[arg(long, value_name = "DIR", default_value = "deadzone-out")]
    pub(crate) out: PathBuf,
    /// What goes to standard output
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// No progress, no table
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// Which runs.
#[derive(Args, Debug)]
pub(crate) struct Selection {
    /// Engines, or `all` for the CRDT engines built in [default: all, and in
    /// scenarios that compare with it, the cloud-first baseline]; in another
    /// version by NAME@0.24.0, in all of a range by NAME@0.24.0..0.28.1, of a
    /// working copy by NAME@path:DIR
    #[arg(long, value_name = "NAME[@VERSION],…", value_delimiter = ',')]
    pub(crate) engine: Vec<String>,
    /// The seed
    #[arg(long, value_name = "N", conflicts_with = "seeds", value_parser = seed)]
    pub(crate) seed: Option<u64>,
    /// A range of seeds, the last one not included
    #[arg(long, value_name = "A..B")]
    pub(crate) seeds: Option<Seeds>,
    /// Set a field of the scenarios, by its dotted path
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
    pub(crate) set: Vec<(String, String)>,
}

#[derive(Args, Debug)]
pub(crate) struct GateArgs {
    /// The results to compare with
    pub(crate) baseline: PathBuf,
    /// The new results
    pub(crate) results: PathBuf,
    /// How far a figure may move: cpu_work=2%, commuters/energy_uj=0.5%; `all`,
    /// `counted` and `simulated` name figures by kind [default: not at all]
    #[arg(long, value_name = "NAME=PERCENT")]
    pub(crate) tolerance: Vec<String>,
    /// Write the new results over the baseline
    #[arg(long)]
    pub(crate) update: bool,
    /// What goes to standard output
    #[arg(long, value_enum, default_value_t = GateFormat::Human)]
    pub(crate) format: GateFormat,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Exit codes: 0 nothing found, or only what --allow names; 2 bad input; 4 an invariant is
violated; 6 an engine panicked, aborted or hung; 130 interrupted.")]
pub(crate) struct HuntArgs {
    /// Name of a stock hunt, or path to a scenario file with a `[hunt]` table; of a
    /// scenario with a fleet each seed is a run
    pub(crate) scenario: String,
    /// Engines, or `all` for the CRDT engines built in [default: all]
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub(crate) engine: Vec<String>,
    /// The seeds to go through, the last one not included [default: 0..5000, of runs 0..100]
    #[arg(long, value_name = "A..B", conflicts_with = "seconds")]
    pub(crate) seeds: Option<Seeds>,
    /// Go through seeds for so long, such as 60s or 10min
    #[arg(long = "for", id = "seconds", value_name = "TIME", value_parser = humantime::parse_duration)]
    pub(crate) seconds: Option<std::time::Duration>,
    /// Go on after the first finding
    #[arg(long)]
    pub(crate) keep_going: bool,
    /// Causes that are known: a list, or a folder of findings
    #[arg(long, value_name = "FILE")]
    pub(crate) allow: Option<PathBuf>,
    /// Set a field of the scenario, by its dotted path
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
    pub(crate) set: Vec<(String, String)>,
    /// Processes at a time [default: one per processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// Where findings go, a folder each
    #[arg(long, value_name = "DIR", default_value = "deadzone-findings")]
    pub(crate) out: PathBuf,
    /// Lose the findings that are there already
    #[arg(long)]
    pub(crate) force: bool,
    /// What goes to standard output
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// No progress, no summary
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Exit codes: 0 all held; 2 bad input; 4 an invariant is violated; 6 an engine panicked,
aborted or hung.")]
pub(crate) struct ReplayArgs {
    /// Plans that `run` or `hunt` saved: plan.json or shrunk.json
    #[arg(required = true, value_name = "PLAN")]
    pub(crate) plans: Vec<PathBuf>,
    /// Other engines or versions [default: the engine that a plan names]
    #[arg(long, value_name = "NAME[@VERSION],…", value_delimiter = ',')]
    pub(crate) engine: Vec<String>,
    /// Print everything that happens
    #[arg(long)]
    pub(crate) trace: bool,
    /// With --trace, print every document that is shown
    #[arg(long, requires = "trace")]
    pub(crate) states: bool,
    /// Stop after this step, or at this time, and print every replica's state
    #[arg(long, value_name = "STEP|TIME")]
    pub(crate) until: Option<String>,
    /// Name the first step after which it can only end badly; of a run, in what
    /// its replicas did and received
    #[arg(long)]
    pub(crate) bisect: bool,
    /// Make it as small as it gets, and write the findings folder that `hunt`
    /// would write; of a run, from what its replicas did and received
    #[arg(long)]
    pub(crate) shrink: bool,
    /// With --shrink, where the finding goes, in a folder of its own
    #[arg(long, value_name = "DIR", default_value = "deadzone-findings", requires = "shrink")]
    pub(crate) out: PathBuf,
    /// With --shrink, lose the findings that are there already
    #[arg(long, requires = "shrink")]
    pub(crate) force: bool,
    /// Text, or JSON: a verdict for each plan and engine; of one run's plan on one
    /// engine, its record
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
}

#[derive(Args, Debug)]
pub(crate) struct ReportArgs {
    /// Results files; several are shown as one
    #[arg(required = true)]
    pub(crate) results: Vec<PathBuf>,
    /// The format
    #[arg(long, value_enum, default_value_t = ReportFormat::Html)]
    pub(crate) format: ReportFormat,
    /// The file to write, for svg, png and gha the folder [default: standard output]
    #[arg(long, value_name = "PATH")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct MergeArgs {
    /// Results files of one build; a run that is in several must be the same in
    /// all
    #[arg(required = true)]
    pub(crate) results: Vec<PathBuf>,
    /// The file to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct ListArgs {
    /// What to show
    #[arg(value_enum)]
    pub(crate) what: Listed,
    /// Text, or an array of objects with `name` and `summary`
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
}

#[derive(Args, Debug)]
pub(crate) struct CheckArgs {
    /// Names of curated scenarios, or paths to scenario files
    #[arg(required = true)]
    pub(crate) scenarios: Vec<String>,
    /// Set a field of the scenarios, by its dotted path
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
    pub(crate) set: Vec<(String, String)>,
}

#[derive(Args, Debug)]
pub(crate) struct SchemaArgs {
    /// Of what
    #[arg(value_enum)]
    pub(crate) of: Described,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Human,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GateFormat {
    Human,
    Markdown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    Html,
    Markdown,
    Junit,
    Bmf,
    Gha,
    Csv,
    Svg,
    Png,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Listed {
    Scenarios,
    Engines,
    Devices,
    Links,
    Metrics,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Described {
    Scenario,
    Results,
    Plan,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Simulator {
    /// Our own event queue and links
    Event,
    /// madsim: its tasks in random order and its sockets, with our links
    Madsim,
    /// turmoil: its hosts, its TCP and its links; at most 100 nodes
    Turmoil,
    /// Linux: a network namespace for each device and `tc netem`, in real time; needs
    /// root, at most 50 nodes, and no two runs are the same
    Kernel,
}

impl From<Simulator> for deadzone_simulators::Simulator {
    fn from(simulator: Simulator) -> Self {
        match simulator {
            Simulator::Event => Self::Event,
            Simulator::Madsim => Self::Madsim,
            Simulator::Turmoil => Self::Turmoil,
            Simulator::Kernel => Self::Kernel,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Cpu {
    /// Counted blocks: the same on every run
    Counted,
    /// Wall time: not reproducible
    Wall,
    /// Engine calls take no time
    Off,
}

impl From<Cpu> for CpuMode {
    fn from(cpu: Cpu) -> Self {
        match cpu {
            Cpu::Counted => Self::Counted,
            Cpu::Wall => Self::Wall,
            Cpu::Off => Self::Off,
        }
    }
}

/// A half-open range of seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seeds {
    pub(crate) from: u64,
    pub(crate) to: u64,
}

impl std::str::FromStr for Seeds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("`{text}` is no range of seeds; expected A..B with A below B, as 1..9");
        let (from, to) = text.split_once("..").ok_or_else(wrong)?;
        let (from, to) = (from.parse().map_err(|_| wrong())?, to.parse().map_err(|_| wrong())?);
        if from < to { Ok(Self { from, to }) } else { Err(wrong()) }
    }
}

/// One share of the runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shard {
    /// Counted from 1.
    pub(crate) number: usize,
    pub(crate) of: usize,
}

impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no shard; expected I/N with I from 1 to N, as 2/4");
        let (number, of) = text.split_once('/').ok_or_else(wrong)?;
        let (number, of) = (number.parse().map_err(|_| wrong())?, of.parse().map_err(|_| wrong())?);
        if (1..=of).contains(&number) { Ok(Self { number, of }) } else { Err(wrong()) }
    }
}

fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("expected a whole number from 0 to {}", u64::MAX))
}

fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` sets nothing; expected KEY=VALUE, as sync.debounce=2s")),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn ranges_and_shards_have_bounds() {
        assert_eq!("2..5".parse(), Ok(Seeds { from: 2, to: 5 }));
        assert_eq!("1/1".parse(), Ok(Shard { number: 1, of: 1 }));
        for wrong in ["5..5", "5", "a..b", "..", "-1..2"] {
            assert!(wrong.parse::<Seeds>().is_err(), "{wrong}");
        }
        for wrong in ["0/3", "4/3", "1", "/", "1/0"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
