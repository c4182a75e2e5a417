//! The same radio, plainly: one nanosecond after the other. For tests.

use std::collections::VecDeque;

use super::RadioEnergy;
use crate::profile::RadioProfile;
use crate::time::Span;
use crate::units::{BitsPerSecond, Energy};

/// What happens to a radio.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    Send { bytes: u64, rate: BitsPerSecond },
    Receive { bytes: u64, rate: BitsPerSecond },
    Off,
    On,
}

#[derive(Clone, Copy, Debug)]
struct Job {
    up: bool,
    bits: u64,
    length: u64,
    done: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Off,
    Idle,
    Paging(u64),
    Promoting(u64),
    Transferring,
    Tail(u64),
}

/// A radio that is stepped.
#[derive(Clone, Debug)]
pub(super) struct Stepper<'a> {
    profile: &'a RadioProfile,
    state: State,
    queue: VecDeque<Job>,
    energy: RadioEnergy,
    pub(super) wakeups: u32,
}

impl<'a> Stepper<'a> {
    pub(super) fn new(profile: &'a RadioProfile) -> Self {
        Self {
            profile,
            state: State::Idle,
            queue: VecDeque::new(),
            energy: RadioEnergy::default(),
            wakeups: 0,
        }
    }

    pub(super) fn happen(&mut self, event: Event) {
        self.follow_up();
        match event {
            Event::Off => {
                if let (State::Transferring, Some(job)) = (self.state, self.queue.front().copied())
                {
                    self.energy.transfer += self.by_rate(&job);
                }
                self.queue.clear();
                self.state = State::Off;
            }
            Event::On if self.state == State::Off => self.state = State::Idle,
            Event::On => {}
            Event::Send { bytes, rate } => self.request(true, bytes, rate),
            Event::Receive { bytes, rate } => self.request(false, bytes, rate),
        }
        self.follow_up();
    }

    fn request(&mut self, up: bool, bytes: u64, rate: BitsPerSecond) {
        let length = rate.time_for(bytes).as_nanos();
        self.queue.push_back(Job { up, bits: bytes * 8, length, done: 0 });
        if matches!(self.state, State::Tail(_)) {
            self.state = State::Transferring;
        } else if matches!(self.state, State::Off | State::Idle) {
            self.wakeups += u32::from(self.profile.promotion > Span::ZERO);
            let paging = if up { Span::ZERO } else { self.profile.paging_delay };
            self.state = State::Paging(paging.as_nanos());
        }
    }

    /// Changes of state that take no time.
    fn follow_up(&mut self) {
        let tail: u64 = self.profile.tail.iter().map(|phase| phase.length.as_nanos()).sum();
        loop {
            self.state = match self.state {
                State::Paging(0) => State::Promoting(self.profile.promotion.as_nanos()),
                State::Promoting(0) => State::Transferring,
                State::Transferring => match self.queue.front().copied() {
                    Some(job) if job.done == job.length => {
                        self.energy.transfer += self.by_rate(&job);
                        self.queue.pop_front();
                        State::Transferring
                    }
                    Some(_) => return,
                    None => State::Tail(0),
                },
                State::Tail(elapsed) if elapsed == tail => State::Idle,
                _ => return,
            }
        }
    }

    /// Lets a nanosecond pass.
    pub(super) fn step(&mut self) {
        self.follow_up();
        let tick = Span::from_nanos(1);
        match &mut self.state {
            State::Off => {}
            State::Idle => self.energy.idle += Energy::of(self.profile.idle_power, tick),
            State::Paging(left) => {
                *left -= 1;
                self.energy.idle += Energy::of(self.profile.idle_power, tick);
            }
            State::Promoting(left) => {
                *left -= 1;
                self.energy.promotion += Energy::of(self.profile.promotion_power, tick);
            }
            State::Transferring => {
                self.queue.front_mut().expect("something is transferred").done += 1;
                self.energy.transfer += Energy::of(self.profile.transfer_power, tick);
            }
            State::Tail(elapsed) => {
                let mut into = *elapsed;
                for phase in &self.profile.tail {
                    if into < phase.length.as_nanos() {
                        self.energy.tail += Energy::of(phase.power, tick);
                        break;
                    }
                    into -= phase.length.as_nanos();
                }
                *elapsed += 1;
            }
        }
        self.follow_up();
    }

    /// What was used up so far, a transfer under way included.
    pub(super) fn energy(&self) -> RadioEnergy {
        let mut energy = self.energy;
        if let (State::Transferring, Some(job)) = (self.state, self.queue.front()) {
            energy.transfer += self.by_rate(job);
        }
        energy
    }

    fn by_rate(&self, job: &Job) -> Energy {
        let bits = if job.length == 0 {
            u128::from(job.bits)
        } else {
            u128::from(job.bits) * u128::from(job.done) / u128::from(job.length)
        };
        let per_bit = if job.up {
            self.profile.up_microwatts_per_mbps
        } else {
            self.profile.down_microwatts_per_mbps
        };
        Energy::from_picojoules(bits * u128::from(per_bit))
    }
}
