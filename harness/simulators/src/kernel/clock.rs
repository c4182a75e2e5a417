//! The real clock, and who waits for it.
//!
//! Not tokio's timers: they are no finer than a millisecond, and read the clock in a
//! way that a sandbox makes virtual.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::io;
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::task::{Poll, Waker};

use deadzone_core::time::{Span, Time};
use deadzone_meter::wall_time_ns;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use tokio::io::unix::AsyncFd;

/// The world's clock: the real one since the start, and what was leapt over.
#[derive(Clone, Debug)]
pub(crate) struct Clock(Rc<State>);

#[derive(Debug)]
struct State {
    /// When it was [`Time::ZERO`], on the real clock.
    started_ns: Cell<u64>,
    leapt: Cell<Span>,
    /// What it showed last.
    seen: Cell<Time>,
    /// Who waits until when, in order; numbered, since several may for the same.
    sleepers: RefCell<BTreeMap<(Time, u64), Waker>>,
    asleep: Cell<u64>,
    /// Who waits by the clock.
    waiter: RefCell<Option<Waker>>,
    timer: AsyncFd<OwnedFd>,
    /// When the timer goes off.
    armed: Cell<Time>,
}

impl Clock {
    /// To be called within a runtime of tokio's.
    ///
    /// # Errors
    /// If the system gives no timer.
    pub(crate) fn new() -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        #[expect(deprecated, reason = "what replaces it is unsafe; an OwnedFd is not closed early")]
        let timer = AsyncFd::new(timerfd_create(TimerfdClockId::Monotonic, flags)?)?;
        Ok(Self(Rc::new(State {
            started_ns: Cell::new(wall_time_ns()),
            leapt: Cell::new(Span::ZERO),
            seen: Cell::new(Time::ZERO),
            sleepers: RefCell::default(),
            asleep: Cell::new(0),
            waiter: RefCell::default(),
            timer,
            armed: Cell::new(Time::NEVER),
        })))
    }

    /// It is [`Time::ZERO`] now.
    pub(crate) fn restart(&self) {
        self.0.started_ns.set(wall_time_ns());
    }

    /// What it shows.
    pub(crate) fn now(&self) -> Time {
        let State { started_ns, leapt, seen, .. } = &*self.0;
        seen.set(Time::from_nanos(wall_time_ns() - started_ns.get()) + leapt.get());
        seen.get()
    }

    /// Stands still while something is done that takes no time in the world.
    pub(crate) fn hold<T>(&self, act: impl FnOnce() -> T) -> T {
        let before_ns = wall_time_ns();
        let done = act();
        let started_ns = &self.0.started_ns;
        started_ns.set(started_ns.get() + (wall_time_ns() - before_ns));
        done
    }

    /// What it showed when it was last looked at: where that is soon enough, it saves a
    /// system call, which on some kernels is dear.
    pub(crate) fn seen(&self) -> Time {
        self.0.seen.get()
    }

    /// Nothing is under way: nobody misses the time until then.
    pub(crate) fn leap_to(&self, at: Time) {
        let State { leapt, seen, .. } = &*self.0;
        leapt.set(leapt.get() + (at - seen.get()));
        seen.set(seen.get().max(at));
    }

    /// Sleeps, for as long as somebody [waits](Clock::wait_until).
    pub(crate) async fn sleep_until(&self, at: Time) {
        let state = &self.0;
        let number = state.asleep.get();
        state.asleep.set(number + 1);
        poll_fn(|context| {
            if at <= self.seen() {
                return Poll::Ready(());
            }
            state.sleepers.borrow_mut().insert((at, number), context.waker().clone());
            if at < state.armed.get()
                && let Some(waiter) = state.waiter.take()
            {
                waiter.wake();
            }
            Poll::Pending
        })
        .await;
    }

    /// Waits by the real clock, and wakes those who sleep until then.
    ///
    /// # Errors
    /// If the system's timer fails.
    pub(crate) async fn wait_until(&self, until: Time) -> io::Result<()> {
        // However late it is, everybody else has a turn.
        tokio::task::yield_now().await;
        poll_fn(|context| {
            self.0.waiter.replace(Some(context.waker().clone()));
            loop {
                let now = self.now();
                self.wake(now);
                if until <= now {
                    return Poll::Ready(Ok(()));
                }
                self.arm(now, until)?;
                match self.0.timer.poll_read_ready(context)? {
                    Poll::Ready(mut ready) => ready.clear_ready(),
                    Poll::Pending => return Poll::Pending,
                }
                self.0.armed.set(Time::NEVER);
            }
        })
        .await
    }

    fn wake(&self, now: Time) {
        let mut sleepers = self.0.sleepers.borrow_mut();
        while let Some(first) = sleepers.first_entry()
            && first.key().0 <= now
        {
            first.remove().wake();
        }
    }

    /// Has the timer go off at `until`, or before that if somebody's sleep ends.
    fn arm(&self, now: Time, until: Time) -> io::Result<()> {
        let first = self.0.sleepers.borrow().first_key_value().map(|(&(at, _), _)| at);
        let next = first.map_or(until, |at| at.min(until));
        if self.0.armed.get() == next {
            return Ok(());
        }
        let span_ns = (next - now).as_nanos();
        let timespec = |ns: u64| Timespec {
            tv_sec: (ns / 1_000_000_000) as i64,
            tv_nsec: (ns % 1_000_000_000) as i64,
        };
        let once = Itimerspec { it_interval: timespec(0), it_value: timespec(span_ns) };
        timerfd_settime(&self.0.timer, TimerfdTimerFlags::empty(), &once)?;
        self.0.armed.set(next);
        Ok(())
    }
}
