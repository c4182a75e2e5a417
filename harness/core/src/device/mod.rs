//! The parts of a virtual device, as state machines: time comes in as an
//! argument, nothing goes out but times and energies.

mod battery;
mod cpu;
mod radio;
mod storage;

pub use battery::{BatteryShare, Ledger};
pub use cpu::Cpu;
pub use radio::{Airtime, MOST_QUEUED, Radio, RadioEnergy, RadioEnergyRange, Radios};
pub use storage::{MOST_CHUNKS, SMALLEST_WHOLE, Storage};
