//! The virtual world of deadzone: deterministic, without a clock, files,
//! sockets, threads or an engine of its own.
//!
//! Data flows one way: a [`scenario`] and a seed become a [`plan`], a plan and
//! an [`engine`] become a [`record`]. What fails becomes a [`schedule`], a history
//! without time, which [`replay`] runs again under the oracles of [`check`]; a
//! [`hunt`] makes schedules by the thousand, and [`world::lower`] makes one of a plan.

mod ahead;
pub mod audit;
pub mod check;
pub mod device;
pub mod digest;
pub mod direct;
pub mod document;
pub mod edit;
pub mod engine;
pub mod event;
pub mod hunt;
pub mod measure;
pub mod model;
pub mod network;
pub mod plan;
pub mod profile;
pub mod record;
pub mod replay;
pub mod rng;
pub mod sandbox;
pub mod scenario;
pub mod schedule;
pub mod shrink;
pub mod sync;
pub mod time;
pub mod units;
pub mod workload;
pub mod world;
