//! How long so many events took.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The processor time of this thread so far.
///
/// What is compared here runs on one thread and never waits, so that on a quiet
/// machine this is the wall time; what neighbours take on a shared one is not in
/// it. Real also inside madsim, where `Instant` is virtual.
pub fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// How long so many events took.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// [`processor_time`].
    pub took: Duration,
    /// How many there were; messages, where messages are counted.
    pub events: u64,
    /// How many events waited in the queue halfway; 0 where nobody can say.
    pub depth: usize,
}

impl Measured {
    /// Events per second of it.
    pub fn per_second(&self) -> u64 {
        (u128::from(self.events) * 1_000_000_000 / self.took.as_nanos().max(1)) as u64
    }

    /// The one in the middle by rate; of an even number the faster of the two.
    ///
    /// # Panics
    /// If there is none.
    pub fn median(mut of: Vec<Self>) -> Self {
        of.sort_by_key(Self::per_second);
        of[of.len() / 2]
    }
}
