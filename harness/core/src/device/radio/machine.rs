//! One radio with one model: idle, promotion, transfer, tail.

use std::collections::VecDeque;

use super::energy::{RadioEnergy, Usage, tail_length};
use crate::profile::RadioProfile;
use crate::time::{Span, Time};
use crate::units::BitsPerSecond;

/// How many transfers may wait for a radio besides the last. When there are
/// more, the oldest is booked as done: its energy shows up at once, and an
/// outage no longer cuts it.
pub const MOST_QUEUED: usize = 1_024;

/// When a transfer is on the air.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Airtime {
    /// When it begins, any paging, promotion and earlier transfers being over.
    pub starts: Time,
    /// When its last bit has passed.
    pub ends: Time,
}

/// The state machine of one radio.
///
/// Transfers in both directions queue one after another. A transfer that comes
/// while the radio is idle wakes it up first; one that comes during a transfer
/// or in the tail does not have to. Which state it is in is never stored:
/// transfers are kept until they are over, and everything else follows from
/// them and the time that is asked about.
///
/// The same [`RadioProfile`] must be given at each call. Times must not go back.
#[derive(Clone, Debug)]
pub struct Radio {
    /// What is over and done.
    usage: Usage,
    /// Where `usage` ends: at the end of a transfer if `in_tail`, else in idle.
    since: Time,
    in_tail: bool,
    wakeups: u32,
    /// Transfers before `latest` that are not in `usage` yet.
    #[expect(clippy::box_collection, reason = "most radios have no queue: 8 bytes, not 32")]
    earlier: Option<Box<VecDeque<Transfer>>>,
    latest: Option<Transfer>,
    /// When it was switched off with something still to be booked. Booking the
    /// tail takes a profile, which switching does not have.
    cut: Time,
    /// Since when it has been on and idle, after `cut` or with nothing to book.
    resumed: Time,
}

#[derive(Clone, Copy, Debug)]
struct Transfer {
    starts: Time,
    ends: Time,
    bits: u64,
    up: bool,
    wakes: bool,
}

impl Transfer {
    /// The bits that have passed by `until`.
    fn bits_by(&self, until: Time) -> u64 {
        if until >= self.ends {
            return self.bits;
        }
        let length = u128::from((self.ends - self.starts).as_nanos());
        let passed = u128::from((until - self.starts).as_nanos());
        (u128::from(self.bits) * passed / length.max(1)) as u64
    }
}

impl Default for Radio {
    fn default() -> Self {
        Self::new()
    }
}

impl Radio {
    /// A radio that has been on and idle since [`Time::ZERO`].
    pub fn new() -> Self {
        Self {
            usage: Usage::default(),
            since: Time::ZERO,
            in_tail: false,
            wakeups: 0,
            earlier: None,
            latest: None,
            cut: Time::NEVER,
            resumed: Time::NEVER,
        }
    }

    /// Sends `bytes` at `rate`, from `now` on or as soon as the radio gets to it.
    /// A radio that is off is switched on.
    ///
    /// # Panics
    /// If the rate is zero.
    pub fn send(
        &mut self,
        profile: &RadioProfile,
        now: Time,
        bytes: u64,
        rate: BitsPerSecond,
    ) -> Airtime {
        self.transfer(profile, now, Span::ZERO, bytes, rate, true)
    }

    /// Receives `bytes` at `rate`. An idle radio has to be paged first.
    /// A radio that is off is switched on.
    ///
    /// # Panics
    /// If the rate is zero.
    pub fn receive(
        &mut self,
        profile: &RadioProfile,
        now: Time,
        bytes: u64,
        rate: BitsPerSecond,
    ) -> Airtime {
        self.transfer(profile, now, profile.paging_delay, bytes, rate, false)
    }

    /// Off, as in an outage or after a crash: draws nothing, and whatever was
    /// under way is cut. Does nothing if it is off.
    pub fn switch_off(&mut self, now: Time) {
        if self.cut == Time::NEVER {
            self.cut = now;
        } else if self.resumed != Time::NEVER {
            self.usage.idle += now - self.resumed;
            self.resumed = Time::NEVER;
        }
    }

    /// On again, and idle. Does nothing if it is on.
    pub fn switch_on(&mut self, now: Time) {
        if self.cut != Time::NEVER && self.resumed == Time::NEVER {
            self.resumed = now;
        }
    }

    /// What it used up from [`Time::ZERO`] to `until`. Asking changes nothing.
    pub fn energy(&self, profile: &RadioProfile, until: Time) -> RadioEnergy {
        let mut past = Past { usage: self.usage, at: self.since, in_tail: self.in_tail };
        let end = until.min(self.cut);
        for transfer in self.queued() {
            past.go_through(profile, transfer, end);
        }
        past.rest(profile, end);
        past.usage.idle += until - self.resumed;
        past.usage.energy(profile)
    }

    /// How often it had to leave idle. Radios without a promotion never do.
    pub fn wakeups(&self) -> u32 {
        self.wakeups
    }

    fn queued(&self) -> impl Iterator<Item = &Transfer> {
        self.earlier.iter().flat_map(|earlier| earlier.iter()).chain(&self.latest)
    }

    fn transfer(
        &mut self,
        profile: &RadioProfile,
        now: Time,
        paging_delay: Span,
        bytes: u64,
        rate: BitsPerSecond,
        up: bool,
    ) -> Airtime {
        self.settle(profile, now);
        let busy_until = self.latest.map_or(self.since, |latest| latest.ends);
        let was_active = self.in_tail || self.latest.is_some();
        let connected = was_active && now < busy_until + tail_length(profile);
        let wake_up = if connected { Span::ZERO } else { paging_delay + profile.promotion };
        let starts = now.max(busy_until) + wake_up;
        let wakes = !connected && profile.promotion > Span::ZERO;
        self.wakeups += u32::from(wakes);
        let ends = starts + rate.time_for(bytes);
        self.enqueue(profile, Transfer { starts, ends, bits: bytes.saturating_mul(8), up, wakes });
        Airtime { starts, ends }
    }

    fn enqueue(&mut self, profile: &RadioProfile, transfer: Transfer) {
        let Some(before) = self.latest.replace(transfer) else { return };
        let earlier = self.earlier.get_or_insert_default();
        earlier.push_back(before);
        if earlier.len() > MOST_QUEUED {
            let oldest = earlier.pop_front().expect("it was just found to be long");
            self.book(profile, &oldest, oldest.ends);
        }
    }

    /// Books the transfers that are over by `now`, and an outage.
    fn settle(&mut self, profile: &RadioProfile, now: Time) {
        if self.cut != Time::NEVER {
            return self.settle_cut(profile, now);
        }
        while let Some(earlier) = &mut self.earlier {
            match earlier.front().copied() {
                Some(oldest) if oldest.ends <= now => {
                    earlier.pop_front();
                    self.book(profile, &oldest, now);
                }
                Some(_) => return,
                None => self.earlier = None,
            }
        }
        if let Some(latest) = self.latest.filter(|latest| latest.ends <= now) {
            self.latest = None;
            self.book(profile, &latest, now);
        }
    }

    fn settle_cut(&mut self, profile: &RadioProfile, now: Time) {
        self.switch_on(now);
        let mut past = Past { usage: self.usage, at: self.since, in_tail: self.in_tail };
        for transfer in self.queued() {
            past.go_through(profile, transfer, self.cut);
        }
        past.rest(profile, self.cut);
        *self =
            Self { usage: past.usage, since: self.resumed, wakeups: self.wakeups, ..Self::new() };
    }

    fn book(&mut self, profile: &RadioProfile, transfer: &Transfer, until: Time) {
        let mut past = Past { usage: self.usage, at: self.since, in_tail: self.in_tail };
        past.go_through(profile, transfer, until);
        (self.usage, self.since, self.in_tail) = (past.usage, past.at, past.in_tail);
    }
}

/// A walk along what happened.
struct Past {
    usage: Usage,
    at: Time,
    in_tail: bool,
}

impl Past {
    /// From where the walk is through `transfer`, but not beyond `end`.
    fn go_through(&mut self, profile: &RadioProfile, transfer: &Transfer, end: Time) {
        let promotion = if transfer.wakes { profile.promotion } else { Span::ZERO };
        let wakes_at =
            Time::from_nanos(transfer.starts.as_nanos().saturating_sub(promotion.as_nanos()));
        self.rest(profile, end.min(wakes_at));
        self.usage.promotion += end.min(transfer.starts) - wakes_at;
        self.usage.transfer += end.min(transfer.ends) - transfer.starts;
        if end > transfer.starts {
            let bits = transfer.bits_by(end);
            let (up_bits, down_bits) = if transfer.up { (bits, 0) } else { (0, bits) };
            self.usage.up_bits = self.usage.up_bits.saturating_add(up_bits);
            self.usage.down_bits = self.usage.down_bits.saturating_add(down_bits);
        }
        (self.at, self.in_tail) = (transfer.ends, true);
    }

    /// From where the walk is to `end`, without a transfer.
    fn rest(&mut self, profile: &RadioProfile, end: Time) {
        if self.in_tail {
            self.usage.add_silence(&profile.tail, end - self.at);
        } else {
            self.usage.idle += end - self.at;
        }
    }
}
