//! Tests of plans, on scenarios made up here.

mod contents;
mod faults;
mod healing;
mod independence;
mod resolving;
mod rooms;
mod scenes;
mod solo;
