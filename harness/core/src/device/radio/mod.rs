//! The radio: idle, promotion, transfer, tail, and what each costs.

mod energy;
mod machine;
mod shadows;

pub use energy::RadioEnergy;
pub use machine::{Airtime, MOST_QUEUED, Radio};
pub use shadows::{RadioEnergyRange, Radios};

#[cfg(test)]
mod stepper;
#[cfg(test)]
mod tests;
