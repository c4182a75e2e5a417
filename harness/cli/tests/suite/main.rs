//! The `deadzone` binary from outside: what it prints, what it writes, and with
//! which code it ends.

mod bad_input;
mod bad_places;
mod bench;
mod determinism;
mod dying_engines;
mod gate;
mod hunting;
mod interrupted;
mod known_findings;
mod listing;
mod lowering;
mod output;
mod reports;
mod rooms;
mod versions;
