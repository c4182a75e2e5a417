//! The micro workloads of <https://github.com/dmonad/crdt-benchmarks> and the
//! replay of editing traces, driven directly under the meter, without a network.
//!
//! What is done, who gets which update when, and what the sizes mean is taken
//! from that project's `js-lib/b1.js` to `b4.js`, so that the two tables can be
//! laid side by side; its times are counted work here:
//!
//! | there | here |
//! |---|---|
//! | `time` | `cpu_work`: in B1 and B4 of one replica's edits and of encoding their updates, in B2 of both replicas' and of applying the updates, in B3 of one replica that applies everybody's updates |
//! | `avgUpdateSize` (B1), `updateSize` (B2) | `update_bytes_mean`: all updates, divided by the number of inputs in B1, and by two in B2, the one of the initial text included |
//! | `updateSize` (B3, B4) | `update_bytes_total` |
//! | `encodeTime`, `docSize`, `parseTime` | `encode_work`, `document_bytes`, `parse_work` |
//! | `memUsed` | `heap_live_bytes`: of the replica loaded from the encoded document |
//!
//! Three things about the original that its descriptions do not say:
//! - B2 is not concurrent. Updates go to the other client when a transaction
//!   ends, so the second client edits a document that has the first one's
//!   changes. It is followed here as it runs there.
//! - In B3 every client's own update is applied to it again.
//! - All three roots, `array`, `map` and `text`, are there in every benchmark.
//!
//! Two things are done alike for all engines where the original is not: the
//! edits of a B2 client are one transaction with one update (its adapters for
//! Loro and ywasm make one update an edit), and the random input comes from the
//! run's seed. B3.5 and B4x100 are left out.
//!
//! A trace that is not B4 is replayed with one transaction for each of its own,
//! and checked at a second replica. A concurrent one is replayed with its own
//! causality: each agent edits a replica that holds exactly the merge of the
//! transaction's parents; `cpu_work` then is that of all agents, merges
//! included.

mod bench;
mod concurrent;
mod inputs;
mod micro;
mod sequential;
mod verdict;

use self::bench::{Bench, Stop};
use self::verdict::{Figures, Findings};
use crate::engine::{Authority, Engine};
use crate::record::{CpuMode, RunRecord};
use crate::rng::Stream;
use crate::sandbox::Sandbox;
use crate::scenario::{Benchmark, DirectScenario};
use crate::workload::Trace;

/// The most operations that a direct scenario may ask for.
pub const MAX_OPERATIONS: u32 = 1_000_000;

/// The most operations in B3, where messages times clients grow with them: 6,320
/// clients.
pub const MAX_OPERATIONS_B3: u32 = 100_000;

/// The most replicas that a concurrent trace may need: one for each agent, and
/// one more whenever an agent did not know of its own last transaction.
pub const MAX_REPLICAS: usize = 4_096;

/// Why a direct scenario cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DirectError {
    /// Too few or too many operations.
    #[error("{scenario}: operations = {operations} is out of bounds; expected 1 to {most}")]
    Operations {
        /// The scenario.
        scenario: String,
        /// What it asks for.
        operations: u32,
        /// The bound.
        most: u32,
    },
    /// B4 is a sequential trace.
    #[error(
        "{scenario}: {trace} is a concurrent trace, and B4 replays a sequential one; replay it \
         with `benchmark = \"trace\"`"
    )]
    ConcurrentB4 {
        /// The scenario.
        scenario: String,
        /// The trace.
        trace: String,
    },
    /// The trace asks for too much.
    #[error(
        "{scenario}: transaction {transaction} of the trace needs another replica, and there are \
         {limit} already; no trace may need more"
    )]
    TooManyReplicas {
        /// The scenario.
        scenario: String,
        /// The transaction's number.
        transaction: usize,
        /// The bound.
        limit: usize,
    },
}

/// Runs one direct scenario on `engine`, in the encodings that the field's
/// published tables use. `trace` is the trace that the scenario names, if it is
/// at hand; without it the run is [`crate::record::Outcome::Unsupported`].
///
/// What the engine does wrong, a panic included, is in the record's verdict.
///
/// # Errors
/// [`DirectError`] for a scenario that cannot be run on any engine.
pub fn run(
    scenario: &DirectScenario,
    seed: u64,
    engine: &dyn Engine,
    sandbox: &mut dyn Sandbox,
    mode: CpuMode,
    trace: Option<&Trace>,
) -> Result<RunRecord, DirectError> {
    check_bounds(scenario)?;
    let info = engine.info();
    let published = engine.published_encoding();
    let driven = published.as_deref().unwrap_or(engine);
    let stream = Stream::root(seed).named("direct");
    let mut bench = Bench::new(driven, sandbox, &scenario.cpu_model, mode, stream);
    let mut plan_digest = String::new();
    let outcome = if info.authority == Authority::Server {
        Err(Stop::Unsupported("its replicas need a server, and there is none here".to_owned()))
    } else {
        drive(scenario, seed, &mut bench, trace, &mut plan_digest)?
    };
    Ok(verdict::record(scenario, seed, &info, mode, &bench.tally, plan_digest, outcome))
}

/// What a run came to: its findings and figures, or why it ended early.
type Driven = Result<(Findings, Figures), Stop>;

fn drive(
    scenario: &DirectScenario,
    seed: u64,
    bench: &mut Bench<'_>,
    trace: Option<&Trace>,
    plan_digest: &mut String,
) -> Result<Driven, DirectError> {
    let synthetic;
    let (file, trace) = match &scenario.benchmark {
        Benchmark::B4 { trace: file } => (Some(file), trace),
        Benchmark::Trace { file: Some(file) } => (Some(file), trace),
        Benchmark::Trace { file: None } => {
            synthetic = Trace::synthetic(seed, scenario.operations);
            (None, Some(&synthetic))
        }
        micro => {
            let input = inputs::make(micro, scenario.operations, bench.stream.named("input"));
            *plan_digest = verdict::digest(&input);
            return Ok(micro::run(bench, &input));
        }
    };
    let Some(trace) = trace else {
        let file = file.map_or("the trace", String::as_str);
        return Ok(Err(Stop::Unsupported(format!(
            "{file} is not here: it is one of the traces of \
             https://github.com/josephg/editing-traces; say where they lie with `--traces DIR`"
        ))));
    };
    *plan_digest = verdict::digest(trace);
    let is_b4 = matches!(scenario.benchmark, Benchmark::B4 { .. });
    match trace {
        Trace::Sequential(trace) => Ok(sequential::run(bench, trace, is_b4)),
        Trace::Concurrent(_) if is_b4 => Err(DirectError::ConcurrentB4 {
            scenario: scenario.name.clone(),
            trace: file.cloned().unwrap_or_default(),
        }),
        Trace::Concurrent(trace) => {
            let too_many = |transaction| DirectError::TooManyReplicas {
                scenario: scenario.name.clone(),
                transaction,
                limit: MAX_REPLICAS,
            };
            concurrent::Replay::plan(trace).map_err(too_many).map(|replay| replay.run(bench))
        }
    }
}

fn check_bounds(scenario: &DirectScenario) -> Result<(), DirectError> {
    use Benchmark::{B3_1, B3_2, B3_3, B3_4};
    let most = match scenario.benchmark {
        B3_1 | B3_2 | B3_3 | B3_4 => MAX_OPERATIONS_B3,
        _ => MAX_OPERATIONS,
    };
    if (1..=most).contains(&scenario.operations) {
        return Ok(());
    }
    let (scenario, operations) = (scenario.name.clone(), scenario.operations);
    Err(DirectError::Operations { scenario, operations, most })
}
