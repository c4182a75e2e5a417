//! What the benches share: an engine that does nothing, a large quiet fleet,
//! documents of a given size.
//!
//! The benches themselves are in `benches/`: `event_loop`, the loop beside a
//! bare heap, and the memory of an idle device; `simulators`, the whole world
//! beside madsim and turmoil, and large fleets; `agreement` and `kernel`, the same
//! plans over other simulators' networks and over Linux's; `overhead`, what the harness
//! costs beside the engines in the curated scenarios; `models`, links, radios
//! and the queue by themselves; `engines`, the engines natively. Timings of
//! engines mean little in a build with the block counter: `ci/native-bench` runs
//! the benches without it.

#![forbid(unsafe_code)]

pub mod agreement;
mod document;
mod environment;
mod fleet;
mod heap;
mod idle;
mod measured;
mod nothing;
pub mod ping;
mod typing;

pub use document::{ENGINES, engine, exchange, letter, random_places, replica, setup, typed};
pub use environment::as_in_a_worker;
pub use fleet::{QUIET_UNTIL, WORK_UNTIL, fleet, fleet_typing_for};
pub use heap::heap;
pub use idle::{DEVICE_BYTES_MAX, bytes_per_idle_device};
pub use measured::{Measured, processor_time};
pub use nothing::Nothing;
pub use typing::typing;
