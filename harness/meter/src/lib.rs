//! Counts what engine code costs: basic blocks and heap, per thread; and keeps
//! a sandbox around it, in which clocks and entropy are virtual.
//!
//! The compiler calls `__sanitizer_cov_trace_pc` in every basic block of the
//! instrumented crates (see `.cargo/config.toml`); here it adds one to a counter
//! of the thread. The only unsafe code of the project lives in this crate.

mod allocator;
mod counters;
mod sandbox;

pub use allocator::CountingAllocator;
pub use counters::{Counts, EXIT_WORK_LIMIT, is_instrumented, limit_blocks};
pub use sandbox::{Metered, wall_time_ns, with_runtime, with_sandbox};
