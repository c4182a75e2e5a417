//! A session: many small worlds in one process, one after the other.
//!
//! Each has a sandbox of its own, so that none finds what another left behind.
//! Before a world of a hunt begins the session says its seed: if the engine takes
//! the process with it, that seed is the finding.

use std::io::{self, Read, Write};

use deadzone_core::check::{MergeQuality, Violation};
use deadzone_core::engine::Engine;
use deadzone_core::hunt::{self, Coverage, Weights};
use deadzone_core::replay::{self, Ending, Repro, Scrutiny, Story, Telling};
use deadzone_core::scenario::HuntScenario;
use deadzone_core::schedule::Schedule;
use deadzone_meter::{limit_blocks, with_sandbox};
use serde::{Deserialize, Serialize};

use crate::framing;

/// Every so many seeds, replicas are made anew at the end of a world and
/// compared: it costs as much as the rest.
pub const REBUILDS_EVERY: u64 = 4;

/// What a session is asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Request {
    /// The small worlds of a range of seeds.
    Hunt(Box<HuntRequest>),
    /// One schedule.
    Replay(Box<ReplayRequest>),
    /// One schedule that ends the process: what happens is told while it goes on.
    Recount(Box<ReplayRequest>),
    /// A story as a test of the engine alone.
    Write(Box<Story>),
}

/// The small worlds of the seeds `from..until`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HuntRequest {
    /// What they are made from.
    pub scenario: HuntScenario,
    /// How much each feature counts.
    pub weights: Weights,
    /// The first seed.
    pub from: u64,
    /// The one after the last.
    pub until: u64,
}

/// One schedule, under the oracles.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReplayRequest {
    /// The schedule; it must pass [`Schedule::check`].
    pub schedule: Schedule,
    /// How closely to look.
    pub scrutiny: Scrutiny,
    /// At this many basic blocks the process ends itself.
    pub blocks_max: u64,
}

/// What a session says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Answer {
    /// The world of this seed begins.
    Begins {
        /// The seed.
        seed: u64,
    },
    /// An oracle was violated.
    Found {
        /// In the world of this seed.
        seed: u64,
        /// How.
        violation: Violation,
    },
    /// All worlds of the range are over.
    Hunted(Box<Hunted>),
    /// The schedule is over.
    Replayed(Box<Replayed>),
    /// What a schedule that is recounted comes to.
    Told(Box<Telling>),
    /// The test, if the adapter can write it.
    Written(Option<Box<Repro>>),
}

/// What the worlds of a range came to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Hunted {
    /// Which concurrent pairs of operations were seen.
    pub coverage: Coverage,
    /// How many worlds were run.
    pub worlds: u64,
    /// How many of them the engine could not take part in.
    pub unsupported: u64,
    /// Edits made in them.
    pub edits: u64,
    /// Steps that could not be done.
    pub skipped: u64,
    /// Basic blocks that the engine executed.
    pub blocks: u64,
    /// How well concurrent edits came together, in the worlds that were looked at
    /// most closely: one of [`REBUILDS_EVERY`].
    pub quality: MergeQuality,
}

impl Hunted {
    /// Adds what other worlds came to.
    pub fn add(&mut self, other: &Self) {
        self.coverage.add(&other.coverage);
        self.worlds += other.worlds;
        self.unsupported += other.unsupported;
        self.edits += other.edits;
        self.skipped += other.skipped;
        self.blocks += other.blocks;
        self.quality.add(&other.quality);
    }
}

/// What a schedule came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Replayed {
    /// How it ended.
    pub ending: Ending,
    /// How many steps could not be done.
    pub skipped: u32,
    /// Basic blocks that the engine executed.
    pub blocks: u64,
    /// The story, if it was asked for.
    pub story: Option<Story>,
    /// The story as a test of the engine alone, if the adapter can write it.
    pub repro: Option<Repro>,
}

/// How closely the world of a seed is looked at.
pub fn scrutiny_of(seed: u64) -> Scrutiny {
    Scrutiny { rebuilds: seed.is_multiple_of(REBUILDS_EVERY), ..Scrutiny::default() }
}

/// Serves requests until there are no more. At `blocks_max` basic blocks in one
/// world of a hunt the process ends itself.
///
/// # Errors
/// If the pipes are broken.
pub fn serve(
    engine: &dyn Engine,
    blocks_max: u64,
    from: &mut impl Read,
    to: &mut (impl Write + Send),
) -> io::Result<()> {
    while let Some(request) = framing::read::<Request>(from)? {
        let answer = match request {
            Request::Hunt(request) => hunt(engine, blocks_max, &request, to)?,
            Request::Replay(request) => replay(engine, &request),
            Request::Recount(request) => recount(engine, &request, to)?,
            Request::Write(story) => Answer::Written(engine.repro(&story).map(Box::new)),
        };
        framing::write(to, &answer)?;
    }
    Ok(())
}

fn hunt(
    engine: &dyn Engine,
    blocks_max: u64,
    request: &HuntRequest,
    to: &mut impl Write,
) -> io::Result<Answer> {
    let info = engine.info();
    let mut hunted = Hunted::default();
    for seed in request.from..request.until {
        framing::write(to, &Answer::Begins { seed })?;
        let schedule = hunt::schedule(&request.scenario, &info, seed, &request.weights);
        let scrutiny = scrutiny_of(seed);
        let replayed = run(engine, blocks_max, &schedule, scrutiny);
        hunted.worlds += 1;
        hunted.edits += replayed.observed.made.len() as u64;
        hunted.skipped += u64::from(replayed.skipped);
        hunted.blocks += replayed.blocks;
        hunted.coverage.note(&replayed.observed);
        if scrutiny.rebuilds {
            hunted.quality.add(&MergeQuality::of(&replayed.observed));
        }
        match replayed.ending {
            Ending::Held => {}
            Ending::Unsupported(_) => hunted.unsupported += 1,
            Ending::Violated(violation) => {
                framing::write(to, &Answer::Found { seed, violation })?;
            }
        }
    }
    Ok(Answer::Hunted(Box::new(hunted)))
}

fn replay(engine: &dyn Engine, request: &ReplayRequest) -> Answer {
    let ReplayRequest { schedule, scrutiny, blocks_max } = request;
    let replay::Replayed { ending, skipped, blocks, story, .. } =
        run(engine, *blocks_max, schedule, *scrutiny);
    let repro = story.as_ref().and_then(|story| engine.repro(story));
    Answer::Replayed(Box::new(Replayed { ending, skipped, blocks, story, repro }))
}

/// Says everything before it can be lost with the process.
fn recount(
    engine: &dyn Engine,
    request: &ReplayRequest,
    to: &mut (impl Write + Send),
) -> io::Result<Answer> {
    let ReplayRequest { schedule, scrutiny, blocks_max } = request;
    let mut written = Ok(());
    let mut listener = |telling| {
        if written.is_ok() {
            written = framing::write(to, &Answer::Told(Box::new(telling)));
        }
    };
    let replay::Replayed { ending, skipped, blocks, story, .. } =
        with_sandbox(schedule.seed, |sandbox| {
            limit_blocks(*blocks_max);
            replay::run_aloud(schedule, engine, sandbox, *scrutiny, &mut listener)
        });
    written?;
    Ok(Answer::Replayed(Box::new(Replayed { ending, skipped, blocks, story, repro: None })))
}

fn run(
    engine: &dyn Engine,
    blocks_max: u64,
    schedule: &Schedule,
    scrutiny: Scrutiny,
) -> replay::Replayed {
    with_sandbox(schedule.seed, |sandbox| {
        limit_blocks(blocks_max);
        replay::run(schedule, engine, sandbox, scrutiny)
    })
}
