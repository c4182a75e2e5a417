//! Quantities with their unit in the type: bytes, rates, power, energy, work.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::time::Span;

/// A probability or a share, in parts per million (0 to 1,000,000).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct PartsPerMillion(pub u32);

/// A data rate in bits per second. Zero is no valid rate of a link.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct BitsPerSecond(pub u64);

impl BitsPerSecond {
    /// How long `bytes` take at this rate, rounded up to a nanosecond.
    ///
    /// # Panics
    /// If the rate is zero.
    pub fn time_for(self, bytes: u64) -> Span {
        let nanoseconds = (u128::from(bytes) * 8 * 1_000_000_000).div_ceil(u128::from(self.0));
        Span::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
    }
}

/// Power in milliwatts.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Milliwatts(pub u64);

/// Energy in milliwatts times nanoseconds (picojoules), 128 bits wide, so that
/// splitting an interval changes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Energy(u128);

impl Energy {
    /// No energy.
    pub const ZERO: Self = Self(0);

    /// What `power` uses up over `span`.
    pub fn of(power: Milliwatts, span: Span) -> Self {
        Self(u128::from(power.0) * u128::from(span.as_nanos()))
    }

    /// From picojoules (milliwatts times nanoseconds).
    pub const fn from_picojoules(picojoules: u128) -> Self {
        Self(picojoules)
    }

    /// From nanojoules.
    pub const fn from_nanojoules(nanojoules: u64) -> Self {
        Self(nanojoules as u128 * 1_000)
    }

    /// In picojoules (milliwatts times nanoseconds).
    pub const fn as_picojoules(self) -> u128 {
        self.0
    }

    /// In whole microjoules, rounded down.
    pub fn as_microjoules(self) -> u64 {
        u64::try_from(self.0 / 1_000_000).unwrap_or(u64::MAX)
    }

    /// `self * numerator / denominator`, rounded down.
    pub const fn scale(self, numerator: u64, denominator: u64) -> Self {
        Self(self.0 * numerator as u128 / denominator as u128)
    }
}

impl std::ops::Add for Energy {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl std::ops::AddAssign for Energy {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl std::iter::Sum for Energy {
    fn sum<I: Iterator<Item = Self>>(energies: I) -> Self {
        energies.fold(Self::ZERO, |total, each| total + each)
    }
}

/// Counted CPU work. One unit is one basic block executed; allocations and
/// allocated bytes weigh in as blocks, with the weights of the CPU model
/// (`profiles/cpu.toml`).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Work(pub u64);

impl std::ops::Add for Work {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl std::ops::AddAssign for Work {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_rounds_up() {
        assert_eq!(BitsPerSecond(8_000_000_000).time_for(1).as_nanos(), 1);
        assert_eq!(BitsPerSecond(3).time_for(1).as_nanos(), 2_666_666_667);
    }

    #[test]
    fn splitting_an_interval_changes_nothing() {
        let power = Milliwatts(1_288);
        let whole = Energy::of(power, Span::from_nanos(10_001));
        let parts =
            Energy::of(power, Span::from_nanos(3_333)) + Energy::of(power, Span::from_nanos(6_668));
        assert_eq!(whole, parts);
    }
}
