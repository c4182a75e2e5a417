//! What a radio used up, by state.

use crate::profile::{RadioProfile, TailPhase};
use crate::time::Span;
use crate::units::Energy;

/// What a radio used up, by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RadioEnergy {
    /// On the way from idle to connected.
    pub promotion: Energy,
    /// Sending and receiving.
    pub transfer: Energy,
    /// Connected after a transfer, with nothing to do.
    pub tail: Energy,
    /// Idle, paging included.
    pub idle: Energy,
}

impl RadioEnergy {
    /// All states together.
    pub fn total(&self) -> Energy {
        self.promotion + self.transfer + self.tail + self.idle
    }
}

/// How long a radio was in each state, and what it moved. Sums of integers, so
/// that it does not matter where an interval is split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) promotion: Span,
    pub(super) transfer: Span,
    pub(super) idle: Span,
    pub(super) up_bits: u64,
    pub(super) down_bits: u64,
    /// Phases differ in power, so the tail is summed as energy.
    pub(super) tail: Energy,
}

impl Usage {
    /// Adds what comes in the `silence` after a transfer: first the phases of
    /// the tail, then idle.
    pub(super) fn add_silence(&mut self, tail: &[TailPhase], silence: Span) {
        let mut left = silence;
        for phase in tail {
            let within = left.min(phase.length);
            self.tail += Energy::of(phase.power, within);
            left = left.saturating_sub(within);
        }
        self.idle += left;
    }

    /// In energy. A microwatt per Mbit/s is a picojoule per bit, so the part of
    /// a transfer's energy that grows with its rate is exact in bits.
    pub(super) fn energy(&self, profile: &RadioProfile) -> RadioEnergy {
        let by_rate = u128::from(profile.up_microwatts_per_mbps) * u128::from(self.up_bits)
            + u128::from(profile.down_microwatts_per_mbps) * u128::from(self.down_bits);
        RadioEnergy {
            promotion: Energy::of(profile.promotion_power, self.promotion),
            transfer: Energy::of(profile.transfer_power, self.transfer)
                + Energy::from_picojoules(by_rate),
            tail: self.tail,
            idle: Energy::of(profile.idle_power, self.idle),
        }
    }
}

/// How long the whole tail is.
pub(super) fn tail_length(profile: &RadioProfile) -> Span {
    profile.tail.iter().fold(Span::ZERO, |sum, phase| sum + phase.length)
}
