//! A run of several rooms: they are dealt out to processes, some at a time, and
//! what was measured in them is joined.
//!
//! Threads of one process would not do: they disturb each other's counts through
//! what engines keep for the whole process, and yrs hashes addresses, which depend
//! on what was allocated before. Which rooms share a process, and in which order,
//! depends on their number alone, so that it does not matter how many processes
//! there are at a time.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use anyhow::{Result, bail};
use deadzone_core::plan::{Plan, Rooms};
use deadzone_core::record::{CpuMode, RunRecord};
use deadzone_core::world::Measured;
use deadzone_simulators::{Simulator, limits};
use deadzone_worker::{Job, Room, RoomsDone, Task};

use crate::exit::BadInput;
use crate::interrupt;
use crate::worker::{self, Ended};

/// About so many processes share the work: enough to keep any machine busy.
const PROCESSES: u32 = 64;

/// The most rooms of one process. A process costs about as much as a few small
/// rooms, and all that it holds is lost when an engine takes it down.
const ROOMS_PER_PROCESS_MAX: u32 = 64;

/// What the rooms run on.
pub(crate) struct Ground<'a> {
    pub(crate) engine: &'a str,
    pub(crate) engine_version: &'a str,
    /// The worker binary that holds this version; none if it is built in.
    pub(crate) program: Option<&'a Path>,
    pub(crate) simulator: Simulator,
    pub(crate) mode: CpuMode,
    /// At this many basic blocks in one room its process ends itself.
    pub(crate) blocks_max: u64,
}

/// A run whose rooms are over.
pub(crate) struct Run {
    pub(crate) record: RunRecord,
    pub(crate) wall_ns: u64,
    pub(crate) wall_in_engine_ns: u64,
    /// Whether the wall clock had a say in how a room ended.
    pub(crate) timed_out: bool,
    /// The rooms that failed by themselves, in order.
    pub(crate) failed: Vec<u32>,
}

/// Runs all rooms of `plan`, in `processes` at a time; none if the user interrupts.
/// `progress` hears how many of how many are over.
///
/// # Errors
/// If deadzone itself fails; what engines do is in the record.
pub(crate) fn run(
    ground: &Ground<'_>,
    plan: &Plan,
    processes: NonZeroUsize,
    progress: &(dyn Fn(u32, u32) + Sync),
) -> Result<Option<Run>> {
    let campaign = Campaign {
        ground,
        rooms: Rooms::new(plan),
        next: AtomicU32::new(0),
        over: Mutex::new(Over::default()),
        progress,
    };
    let portions = campaign.rooms.count().div_ceil(campaign.portion_max());
    let threads = processes.get().min(portions as usize);
    let outcomes: Vec<Result<()>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(|| campaign.work())).collect();
        threads.into_iter().map(|it| it.join().expect("running rooms does not panic")).collect()
    });
    outcomes.into_iter().collect::<Result<()>>()?;
    let over = campaign.over.into_inner().expect("no holder panics");
    let (Some(done), false) = (over.done, interrupt::happened()) else { return Ok(None) };
    let failed = done.measured.failed_rooms().collect();
    let mut record = done.measured.into_record(plan);
    // Rooms whose process died have not said it.
    record.not_honoured = limits(ground.simulator, plan)?;
    Ok(Some(Run {
        record,
        wall_ns: done.wall_ns,
        wall_in_engine_ns: done.wall_in_engine_ns,
        timed_out: over.timed_out,
        failed,
    }))
}

struct Campaign<'a> {
    ground: &'a Ground<'a>,
    rooms: Rooms<'a>,
    /// The first room that nobody has begun with.
    next: AtomicU32,
    over: Mutex<Over>,
    progress: &'a (dyn Fn(u32, u32) + Sync),
}

/// What is over.
#[derive(Default)]
struct Over {
    done: Option<RoomsDone>,
    rooms: u32,
    timed_out: bool,
}

impl Campaign<'_> {
    fn portion_max(&self) -> u32 {
        (self.rooms.count() / PROCESSES).clamp(1, ROOMS_PER_PROCESS_MAX)
    }

    /// Runs portions until there are no more.
    fn work(&self) -> Result<()> {
        let (size, count) = (self.portion_max(), self.rooms.count());
        loop {
            let first = self.next.fetch_add(size, Ordering::SeqCst);
            if first >= count || interrupt::happened() {
                return Ok(());
            }
            let outcome = self.portion(first..count.min(first + size));
            if outcome.is_err() {
                self.next.store(count, Ordering::SeqCst);
            }
            outcome?;
        }
    }

    fn portion(&self, rooms: Range<u32>) -> Result<()> {
        if rooms.len() == 1 {
            return self.alone(rooms.start);
        }
        match worker::run(self.ground.program, &self.job(rooms.clone()), |_| {})? {
            Ended::Rooms(done) => self.add(*done, rooms.len() as u32),
            // Which room it was shows when each has a process to itself.
            ended if ended.outcome().is_some() => {
                rooms.into_iter().try_for_each(|room| self.alone(room))?;
            }
            ended => otherwise(ended)?,
        }
        Ok(())
    }

    fn alone(&self, room: u32) -> Result<()> {
        let job = self.job(room..room + 1);
        let ended = match worker::run_again_if_silent(self.ground.program, &job, |_| {})? {
            Ended::Rooms(done) => {
                self.add(*done, 1);
                return Ok(());
            }
            ended => ended,
        };
        let Some(outcome) = ended.outcome() else { return otherwise(ended) };
        let Ground { engine, engine_version, simulator, mode, .. } = *self.ground;
        let mut measured = Measured::nothing(engine, engine_version, simulator.name(), mode);
        measured.died(room, outcome, ended.in_words());
        self.add(RoomsDone { measured, wall_ns: 0, wall_in_engine_ns: 0 }, 1);
        let mut over = self.over.lock().expect("no holder panics");
        over.timed_out |= matches!(ended, Ended::Watchdog);
        Ok(())
    }

    fn job(&self, rooms: Range<u32>) -> Job {
        let room = |number| Room { number, plan: self.rooms.plan(number) };
        let rooms: Vec<Room> = rooms.map(room).collect();
        Job {
            engine: self.ground.engine.to_owned(),
            mode: self.ground.mode,
            seed: rooms.first().map_or(0, |room| room.plan.seed),
            blocks_max: self.ground.blocks_max,
            task: Task::Rooms { rooms, simulator: self.ground.simulator },
        }
    }

    fn add(&self, done: RoomsDone, rooms: u32) {
        let mut over = self.over.lock().expect("no holder panics");
        over.rooms += rooms;
        match &mut over.done {
            None => over.done = Some(done),
            Some(all) => {
                all.measured.join(done.measured);
                all.wall_ns += done.wall_ns;
                all.wall_in_engine_ns += done.wall_in_engine_ns;
            }
        }
        (self.progress)(over.rooms, self.rooms.count());
    }
}

/// What a worker that neither ran its rooms nor died makes of the run.
fn otherwise(ended: Ended) -> Result<()> {
    match ended {
        Ended::Interrupted => Ok(()),
        Ended::Refused(reason) => Err(BadInput::error(reason)),
        ended => bail!("a worker did something else than to run rooms: {ended:?}"),
    }
}
