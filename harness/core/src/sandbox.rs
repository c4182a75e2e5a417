//! The border between the world and engine code: readings of the meter, the
//! clock that engines may look at, and what one engine call cost.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::engine::{Edited, EngineError, Replica};
use crate::profile::CpuModel;
use crate::record::CpuMode;
use crate::time::Time;
use crate::units::Work;

/// What the world needs from outside: a meter, and a clock for engines that it
/// can move.
pub trait Sandbox {
    /// Engine code begins.
    fn start(&mut self);
    /// Engine code has ended; what it used since [`Sandbox::start`].
    fn stop(&mut self) -> Reading;
    /// Basic blocks that the code of this thread has executed so far.
    fn blocks(&self) -> u64;
    /// Moves the clock that engines see to this virtual time.
    fn advance_to(&mut self, now: Time);
}

/// What one stretch of engine code used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Basic blocks executed.
    pub blocks: u64,
    /// Allocations made.
    pub allocations: u64,
    /// Bytes requested by them.
    pub allocated_bytes: u64,
    /// Requested bytes alive at the end, less those at the start.
    pub live_change_bytes: i64,
    /// The most requested bytes alive at once, above those at the start.
    pub peak_bytes: u64,
    /// Wall time in nanoseconds.
    pub wall_ns: u64,
}

impl Reading {
    /// The counted work, allocations weighed in as `model` says. Under
    /// [`CpuMode::Wall`] it is the work that would take as long on the
    /// reference device as the call took here.
    pub fn work(&self, model: &CpuModel, mode: CpuMode) -> Work {
        match mode {
            CpuMode::Off => Work(0),
            CpuMode::Wall => {
                let picoseconds = u128::from(self.wall_ns) * 1_000;
                Work((picoseconds / u128::from(model.block_picoseconds)) as u64)
            }
            CpuMode::Counted => Work(
                self.blocks
                    + (self.allocations * model.allocation_milliblocks
                        + self.allocated_bytes * model.allocated_byte_milliblocks)
                        / 1_000,
            ),
        }
    }
}

/// Requested heap bytes that belong to one replica.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heap {
    live_bytes: i64,
    peak_bytes: u64,
}

impl Heap {
    /// Alive now. Bytes that another replica's call gave back count as zero.
    pub fn live_bytes(&self) -> u64 {
        u64::try_from(self.live_bytes).unwrap_or(0)
    }

    /// The most that was ever alive at once.
    pub fn peak_bytes(&self) -> u64 {
        self.peak_bytes
    }

    /// The account after all of it is gone at once.
    #[must_use]
    pub fn emptied(self) -> Self {
        Self { live_bytes: 0, ..self }
    }

    fn book(&mut self, reading: &Reading, given_away: u64) {
        self.peak_bytes = self.peak_bytes.max(self.live_bytes() + reading.peak_bytes);
        self.live_bytes += reading.live_change_bytes - given_away as i64;
    }
}

/// An engine panicked; what it said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the engine panicked: {0}")]
pub struct Panicked(pub String);

/// What an engine call gives to its caller, who frees it outside of the
/// replica's account.
pub trait Given {
    /// Requested heap bytes that change hands.
    fn heap_bytes(&self) -> u64 {
        0
    }
}

impl Given for () {}
impl Given for Edited {}
impl Given for Box<dyn Replica> {}
impl Given for Vec<u8> {
    fn heap_bytes(&self) -> u64 {
        self.capacity() as u64
    }
}
impl Given for Vec<Vec<u8>> {
    fn heap_bytes(&self) -> u64 {
        let table = self.capacity() * size_of::<Vec<u8>>();
        table as u64 + self.iter().map(Given::heap_bytes).sum::<u64>()
    }
}
impl<T: Given> Given for Option<T> {
    fn heap_bytes(&self) -> u64 {
        self.as_ref().map_or(0, Given::heap_bytes)
    }
}
impl<T: Given> Given for Result<T, EngineError> {
    fn heap_bytes(&self) -> u64 {
        self.as_ref().map_or(0, Given::heap_bytes)
    }
}

/// What an engine call gave and cost.
#[derive(Debug)]
pub struct Called<T> {
    /// What it gave.
    pub value: T,
    /// What it cost.
    pub work: Work,
}

/// Runs `code` of an engine between two readings of the meter and books its
/// memory on `heap`.
///
/// # Errors
/// [`Panicked`] if it panicked; its replica must not be used again.
pub fn call<T: Given>(
    sandbox: &mut dyn Sandbox,
    model: &CpuModel,
    mode: CpuMode,
    heap: &mut Heap,
    code: impl FnOnce() -> T,
) -> Result<Called<T>, Panicked> {
    let (outcome, reading) = measured(sandbox, code);
    let value = outcome?;
    heap.book(&reading, value.heap_bytes());
    Ok(Called { value, work: reading.work(model, mode) })
}

/// Runs `code` of an engine that no device pays for.
///
/// # Errors
/// [`Panicked`] if it panicked; its replica must not be used again.
pub fn ask<T>(sandbox: &mut dyn Sandbox, code: impl FnOnce() -> T) -> Result<T, Panicked> {
    measured(sandbox, code).0
}

/// Runs `code` of an engine where nothing but the basic blocks that it took is of
/// interest. Gives its value, or [`Panicked`], after which its replica must not be
/// used again; and the blocks.
pub fn counted<T>(sandbox: &dyn Sandbox, code: impl FnOnce() -> T) -> (Result<T, Panicked>, u64) {
    let before = sandbox.blocks();
    let outcome = caught(code);
    (outcome, sandbox.blocks() - before)
}

fn measured<T>(
    sandbox: &mut dyn Sandbox,
    code: impl FnOnce() -> T,
) -> (Result<T, Panicked>, Reading) {
    sandbox.start();
    let outcome = caught(code);
    (outcome, sandbox.stop())
}

fn caught<T>(code: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(code)).map_err(|payload| Panicked(message_of(payload.as_ref())))
}

fn message_of(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}

/// A sandbox that counts nothing and has no clock, for tests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Uncounted;

impl Sandbox for Uncounted {
    fn start(&mut self) {}
    fn stop(&mut self) -> Reading {
        Reading::default()
    }
    fn blocks(&self) -> u64 {
        0
    }
    fn advance_to(&mut self, _now: Time) {}
}
