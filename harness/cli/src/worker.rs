//! The parent's side of [`deadzone_worker`]: starts a worker for a job, listens
//! to it, ends it when it must, and says how it ended.

use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use deadzone_core::record::Outcome;
use deadzone_core::world::Watched;
use deadzone_core::world::lower::{Lowered, Told};
use deadzone_meter::EXIT_WORK_LIMIT;
use deadzone_worker::{Done, ENVIRONMENT, Job, Reply, RoomsDone, VERB, framing};
use nix::sys::signal::Signal;

use crate::interrupt;

/// How long a worker may be silent on the wall clock before it is ended. It
/// stands behind the limit of counted work, for what does not count.
const SILENCE_MAX: Duration = Duration::from_secs(900);

/// How often the parent looks whether it was interrupted.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The status of a Rust program that panicked.
const EXIT_PANIC: i32 = 101;

/// Of what a worker wrote to standard error, the end is kept.
const STDERR_MAX: usize = 16 << 10;

/// How a worker ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// With a record.
    Done(Box<Done>),
    /// With what was measured in rooms.
    Rooms(Box<RoomsDone>),
    /// With what was watched.
    Watched(Box<Watched>),
    /// With a schedule, which [`News`] has told.
    Lowered(Lowered),
    /// With the version of the engine that it holds, and whether it counts.
    Described { version: String, counts: bool },
    /// With the reason why it could not begin.
    Refused(String),
    /// At the limit of counted work, in basic blocks: the same on every run.
    WorkLimit(u64),
    /// By a signal, or with a status that is none of ours: what it was, and the
    /// end of what it wrote to standard error.
    Died { how: String, stderr: String },
    /// By the watchdog.
    Watchdog,
    /// The user wanted it.
    Interrupted,
}

impl Ended {
    /// What that makes of a run, if it was the engine that did not come to an end.
    pub(crate) const fn outcome(&self) -> Option<Outcome> {
        match self {
            Self::WorkLimit(_) | Self::Watchdog => Some(Outcome::Hung),
            Self::Died { .. } => Some(Outcome::Aborted),
            _ => None,
        }
    }

    /// What became of an engine that did not come to an end, in words.
    pub(crate) fn in_words(&self) -> String {
        match self {
            Self::WorkLimit(blocks) => {
                format!("the engine ran past {blocks} basic blocks of work")
            }
            Self::Died { how, stderr } => {
                let last = stderr.trim().lines().last().unwrap_or("nothing").to_owned();
                format!("the engine took its process down: {how}; last words: {last}")
            }
            Self::Watchdog => "the engine was silent for too long on the wall clock".to_owned(),
            Self::Refused(reason) => reason.clone(),
            Self::Interrupted => "interrupted".to_owned(),
            Self::Done(_)
            | Self::Rooms(_)
            | Self::Watched(_)
            | Self::Lowered(_)
            | Self::Described { .. } => "ended".to_owned(),
        }
    }
}

/// What is heard of a job before it ends.
#[derive(Debug)]
pub(crate) enum News {
    /// What the virtual clock shows, in nanoseconds.
    Clock(u64),
    /// What happens in a plan that is lowered.
    Told(Told),
}

/// Runs a job in a process of its own, of this program or of the worker binary at
/// `program`; `news` hears of it on the way.
pub(crate) fn run(program: Option<&Path>, job: &Job, mut news: impl FnMut(News)) -> Result<Ended> {
    let mut child = start(program)?;
    let mut stdin = child.stdin.take().expect("it is piped");
    let mut stdout = child.stdout.take().expect("it is piped");
    let mut stderr = child.stderr.take().expect("it is piped");
    thread::scope(|scope| {
        let (tell, hear) = mpsc::channel();
        scope.spawn(move || {
            while let Ok(Some(reply)) = framing::read::<Reply>(&mut stdout) {
                if tell.send(reply).is_err() {
                    return;
                }
            }
        });
        let complaints = scope.spawn(move || last_bytes(&mut stderr));
        // A worker that dies early closes its end; how it ended says more.
        let _ = framing::write(&mut stdin, job);
        drop(stdin);
        let ended = listen(&hear, &mut news);
        if matches!(ended, Some(Ended::Watchdog | Ended::Interrupted)) {
            child.kill().context("ending a worker")?;
        }
        let status = child.wait().context("waiting for a worker")?;
        let stderr = complaints.join().expect("reading does not panic");
        ended.map_or_else(|| died(status, stderr, job.blocks_max), Ok)
    })
}

/// As [`run`], once more if the watchdog ended it: the wall clock is not to have a say
/// where it need not.
pub(crate) fn run_again_if_silent(
    program: Option<&Path>,
    job: &Job,
    mut news: impl FnMut(News),
) -> Result<Ended> {
    match run(program, job, &mut news)? {
        Ended::Watchdog => run(program, job, news),
        ended => Ok(ended),
    }
}

/// Starts a worker, whose three streams are piped.
pub(crate) fn start(program: Option<&Path>) -> Result<Child> {
    let program = match program {
        Some(program) => program.to_owned(),
        None => std::env::current_exe().context("finding this program")?,
    };
    Command::new(&program)
        .arg(VERB)
        // The environment lies on the stack, and its size moves what follows.
        .env_clear()
        .env(ENVIRONMENT.0, ENVIRONMENT.1)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting a worker: {}", program.display()))
}

/// How it ended, as far as replies and clocks tell; none if it stopped talking.
fn listen(hear: &mpsc::Receiver<Reply>, news: &mut impl FnMut(News)) -> Option<Ended> {
    let mut silent = Duration::ZERO;
    loop {
        match hear.recv_timeout(LOOK_EVERY) {
            Ok(Reply::Progress { virtual_time_ns }) => {
                silent = Duration::ZERO;
                news(News::Clock(virtual_time_ns));
            }
            Ok(Reply::Told(told)) => {
                silent = Duration::ZERO;
                news(News::Told(told));
            }
            Ok(Reply::Lowered(lowered)) => return Some(Ended::Lowered(lowered)),
            Ok(Reply::Done(done)) => return Some(Ended::Done(done)),
            Ok(Reply::Rooms(done)) => return Some(Ended::Rooms(done)),
            Ok(Reply::Watched(watched)) => return Some(Ended::Watched(watched)),
            Ok(Reply::Engine { version, counts }) => {
                return Some(Ended::Described { version, counts });
            }
            Ok(Reply::Refused { reason }) => return Some(Ended::Refused(reason)),
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) => silent += LOOK_EVERY,
        }
        if interrupt::happened() {
            return Some(Ended::Interrupted);
        }
        if silent > SILENCE_MAX {
            return Some(Ended::Watchdog);
        }
    }
}

/// How a process ended that said no more, and whose limit is `blocks_max`.
///
/// # Errors
/// If it was not the engine: panics of engines are caught.
pub(crate) fn died(status: ExitStatus, stderr: String, blocks_max: u64) -> Result<Ended> {
    match status.code() {
        Some(EXIT_WORK_LIMIT) => return Ok(Ended::WorkLimit(blocks_max)),
        Some(EXIT_PANIC) => {
            bail!("a worker failed, and it was not the engine: {}", stderr.trim());
        }
        _ => {}
    }
    let how = match (status.code(), status.signal()) {
        (Some(code), _) => format!("status {code}"),
        (None, Some(number)) => Signal::try_from(number)
            .map_or_else(|_| format!("signal {number}"), |signal| signal.as_str().to_owned()),
        (None, None) => "no status".to_owned(),
    };
    Ok(Ended::Died { how, stderr })
}

/// The end of what can be read: it is for people.
pub(crate) fn last_bytes(from: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    // What could be read is enough.
    let _ = from.read_to_end(&mut bytes);
    let start = bytes.len().saturating_sub(STDERR_MAX);
    String::from_utf8_lossy(&bytes[start..]).into_owned()
}
