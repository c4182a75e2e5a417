//! How much each feature counts in the next block of seeds.

use serde::{Deserialize, Serialize};

use super::coverage::Coverage;
use super::feature::{COUNT, Feature};
use super::operation::Operation;
use crate::edit::ContainerKind;

/// Seeds per block. Weights change only between blocks, and a block's coverage
/// is the sum of its seeds', so that the same range of seeds has the same
/// worlds however many jobs it was split among.
pub const BLOCK: u64 = 256;

/// The weight of a feature that nothing weighs on.
const NEUTRAL: u32 = 1_000_000;
/// Bounds: what is seen often stays likely, since rare pairs come about only
/// together with much else.
const RANGE: std::ops::RangeInclusive<u64> = 700_000..=1_700_000;

/// How much each feature counts in the next block of seeds, in parts per
/// million; [`Weights::default`] is neutral.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<u32>", try_from = "Vec<u32>")]
pub struct Weights([u32; COUNT]);

impl From<Weights> for Vec<u32> {
    fn from(weights: Weights) -> Self {
        weights.0.into()
    }
}

impl TryFrom<Vec<u32>> for Weights {
    type Error = String;

    fn try_from(weights: Vec<u32>) -> Result<Self, String> {
        let wrong = |found: Vec<u32>| format!("expected {COUNT} weights; found {}", found.len());
        weights.try_into().map(Self).map_err(wrong)
    }
}

impl Default for Weights {
    fn default() -> Self {
        Self([NEUTRAL; COUNT])
    }
}

impl Weights {
    /// Weights that favour the features whose concurrent pairs were seen least.
    ///
    /// An operation's rarity is the mean over all its pairs of 1 / (1 + times
    /// seen). A feature weighs its operations' mean rarity relative to the mean
    /// rarity of all, within bounds. Features without operations of their own stay
    /// neutral, and those that make the containers that others write in never
    /// weigh less.
    pub fn after(coverage: &Coverage) -> Self {
        let rarity: Vec<u64> =
            Operation::ALL.iter().map(|operation| rarity(coverage, *operation)).collect();
        let mean = rarity.iter().sum::<u64>() / rarity.len() as u64;
        let mut weights = Self::default();
        for feature in Feature::ALL {
            let own: Vec<u64> = Operation::ALL
                .iter()
                .zip(&rarity)
                .filter(|(operation, _)| operation.features().contains(feature))
                .map(|(_, rarity)| *rarity)
                .collect();
            if own.is_empty() || mean == 0 {
                continue;
            }
            let share = own.iter().sum::<u64>() * u64::from(NEUTRAL) / (own.len() as u64 * mean);
            let least = if makes_room(*feature) { u64::from(NEUTRAL) } else { *RANGE.start() };
            weights.0[*feature as usize] = share.clamp(least, *RANGE.end()) as u32;
        }
        weights
    }

    /// The weight of `feature` in parts per million.
    pub const fn of(&self, feature: Feature) -> u32 {
        self.0[feature as usize]
    }
}

/// Whether other features depend on it for containers to write in.
fn makes_room(feature: Feature) -> bool {
    matches!(feature, Feature::NestInMap | Feature::NestInList)
        || ContainerKind::ALL.iter().any(|kind| Feature::that_fills(*kind) == feature)
}

fn rarity(coverage: &Coverage, operation: Operation) -> u64 {
    let pairs = coverage.pairs_with(operation);
    let (sum, count) = pairs.fold((0_u64, 0_u64), |(sum, count), (_, seen)| {
        (sum + u64::from(NEUTRAL) / (1 + u64::from(seen)), count + 1)
    });
    sum / count.max(1)
}
