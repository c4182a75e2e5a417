//! The parent's side of a [`deadzone_worker::session`].

use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use deadzone_core::check::{Oracle, Violation};
use deadzone_core::record::CpuMode;
use deadzone_core::replay::{Ending, Overheard, Repro, Story};
use deadzone_core::schedule::{Origin, Schedule};
use deadzone_worker::session::{Answer, Hunted, Replayed, Request};
use deadzone_worker::{Job, Task, framing};

use crate::worker::{self, Ended};
use crate::{exit::BadInput, interrupt};

/// The most basic blocks that the engine may execute in one small world. Healthy
/// ones take a few million.
const BLOCKS_MAX: u64 = 200_000_000;

/// How many more it may execute for each step of a schedule that a run was
/// lowered to: documents are larger there, and so is what a call may take.
const BLOCKS_PER_STEP_MAX: u64 = 2_000_000;

/// How long a session may be silent on the wall clock. It stands behind the limit
/// of counted work, for what does not count.
const SILENCE_MAX: Duration = Duration::from_secs(120);

/// How often the parent looks whether it was interrupted.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A worker process for small worlds of one engine; started when first needed,
/// and again after it died.
pub(crate) struct Session {
    engine: String,
    program: Option<PathBuf>,
    process: Option<Process>,
}

struct Process {
    child: Child,
    stdin: ChildStdin,
    answers: mpsc::Receiver<Answer>,
    /// What it wrote to standard error, once it has ended.
    complaints: Option<JoinHandle<String>>,
}

/// The most basic blocks that the engine may execute in a schedule.
pub(crate) fn blocks_max(schedule: &Schedule) -> u64 {
    match schedule.origin {
        Origin::Hunt => BLOCKS_MAX,
        Origin::World => BLOCKS_MAX + BLOCKS_PER_STEP_MAX * schedule.steps.len() as u64,
    }
}

/// How a request ended.
pub(crate) enum Answered {
    /// All worlds of a range are over; those that failed.
    Hunted { hunted: Box<Hunted>, found: Vec<(u64, Violation)> },
    /// A schedule is over.
    Replayed(Box<Replayed>),
    /// The process is gone: in the world of this seed, if it was hunting, and after
    /// what was heard, if it was recounting.
    Died { seed: Option<u64>, violation: Violation, heard: Box<Overheard> },
    /// The user wanted it.
    Interrupted,
}

/// The same, or the test that was asked for.
enum Exchanged {
    Answered(Answered),
    Written(Option<Box<Repro>>),
}

impl Session {
    /// For the engine of this name, in this program or in the worker binary at
    /// `program`.
    pub(crate) fn new(engine: &str, program: Option<&Path>) -> Self {
        Self { engine: engine.to_owned(), program: program.map(Path::to_owned), process: None }
    }

    /// One like this, in a process of its own.
    pub(crate) fn another(&self) -> Self {
        Self::new(&self.engine, self.program.as_deref())
    }

    /// Asks, and waits for the end of it.
    ///
    /// # Errors
    /// If deadzone itself fails.
    pub(crate) fn ask(&mut self, request: &Request) -> Result<Answered> {
        match self.exchange(request)? {
            Exchanged::Answered(answered) => Ok(answered),
            Exchanged::Written(_) => unreachable!("no test was asked for"),
        }
    }

    /// A story as a test of the engine alone; none if the adapter cannot write it,
    /// or the engine does not survive that.
    ///
    /// # Errors
    /// If deadzone itself fails.
    pub(crate) fn write(&mut self, story: &Story) -> Result<Option<Repro>> {
        match self.exchange(&Request::Write(Box::new(story.clone())))? {
            Exchanged::Written(repro) => Ok(repro.map(|repro| *repro)),
            Exchanged::Answered(_) => Ok(None),
        }
    }

    fn exchange(&mut self, request: &Request) -> Result<Exchanged> {
        let mut process = match self.process.take() {
            Some(process) => process,
            None => self.start()?,
        };
        // A worker that dies early closes its end; how it ended says more.
        let _ = framing::write(&mut process.stdin, request);
        let mut seed_now = None;
        let mut found = Vec::new();
        let mut heard = Box::<Overheard>::default();
        let mut silent = Duration::ZERO;
        let answered = loop {
            match process.answers.recv_timeout(LOOK_EVERY) {
                Ok(answer) => {
                    silent = Duration::ZERO;
                    match answer {
                        Answer::Begins { seed } => seed_now = Some(seed),
                        Answer::Found { seed, violation } => found.push((seed, violation)),
                        Answer::Hunted(hunted) => {
                            self.process = Some(process);
                            break Answered::Hunted { hunted, found };
                        }
                        Answer::Replayed(replayed) => {
                            if !ended_in_panic(&replayed) {
                                self.process = Some(process);
                            }
                            break Answered::Replayed(replayed);
                        }
                        Answer::Told(telling) => heard.note(*telling),
                        Answer::Written(repro) => {
                            self.process = Some(process);
                            return Ok(Exchanged::Written(repro));
                        }
                    }
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let limit = match request {
                        Request::Replay(request) | Request::Recount(request) => request.blocks_max,
                        Request::Hunt(_) | Request::Write(_) => BLOCKS_MAX,
                    };
                    let violation = process.violation(limit)?;
                    break Answered::Died { seed: seed_now, violation, heard };
                }
                Err(RecvTimeoutError::Timeout) => silent += LOOK_EVERY,
            }
            if interrupt::happened() {
                process.child.kill().context("ending a worker")?;
                break Answered::Interrupted;
            }
            if silent > SILENCE_MAX {
                process.child.kill().context("ending a worker")?;
                let said = format!("the engine was silent for {} s", SILENCE_MAX.as_secs());
                let violation = Violation::new(Oracle::Hang, "silent", said);
                break Answered::Died { seed: seed_now, violation, heard };
            }
        };
        Ok(Exchanged::Answered(answered))
    }

    fn start(&self) -> Result<Process> {
        let mut child = worker::start(self.program.as_deref())?;
        let mut stdin = child.stdin.take().expect("it is piped");
        let mut stdout = child.stdout.take().expect("it is piped");
        let mut stderr = child.stderr.take().expect("it is piped");
        let (tell, answers) = mpsc::channel();
        std::thread::spawn(move || {
            while let Ok(Some(answer)) = framing::read::<Answer>(&mut stdout) {
                if tell.send(answer).is_err() {
                    return;
                }
            }
        });
        let complaints = std::thread::spawn(move || worker::last_bytes(&mut stderr));
        let job = Job {
            engine: self.engine.clone(),
            mode: CpuMode::Off,
            seed: 0,
            blocks_max: BLOCKS_MAX,
            task: Task::Session,
        };
        framing::write(&mut stdin, &job).context("talking to a worker")?;
        Ok(Process { child, stdin, answers, complaints: Some(complaints) })
    }
}

/// What is left of a process after a panic is not to be trusted.
fn ended_in_panic(replayed: &Replayed) -> bool {
    matches!(&replayed.ending, Ending::Violated(violation) if violation.oracle == Oracle::Panic)
}

impl Process {
    /// What the death of the process means.
    fn violation(mut self, blocks_max: u64) -> Result<Violation> {
        let status = self.child.wait().context("waiting for a worker")?;
        let complaints = self.complaints.take().expect("it is asked once");
        let stderr = complaints.join().expect("reading does not panic");
        match worker::died(status, stderr, blocks_max)? {
            ref ended @ Ended::WorkLimit(_) => {
                Ok(Violation::new(Oracle::Hang, "work", ended.in_words()))
            }
            Ended::Died { how, stderr } if how == "status 0" => {
                // It answered in another way than it was asked.
                Err(BadInput::error(format!("a worker gave up: {}", stderr.trim())))
            }
            ref ended @ Ended::Died { ref how, .. } => {
                let about = how.to_lowercase().replace(' ', "-");
                Ok(Violation::new(Oracle::Abort, about, ended.in_words()))
            }
            other => bail!("a worker ended unlike a session: {other:?}"),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It ends when its input does; one that was cut off is killed already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
