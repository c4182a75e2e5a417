//! Pages about results: pure functions from [`deadzone_core::record::Results`]
//! to text, SVG and HTML, without a clock and without reading or writing
//! anything.
//!
//! A number on a page stands in `results.json`: renderers convert units and
//! compute ratios, and nothing else. Of several seeds the one in the middle is
//! shown with the least and the greatest beside it.
//!
//! | module | for whom |
//! |---|---|
//! | [`table`] | a terminal |
//! | [`html`] | people: one file that explains itself |
//! | [`svg`] | the charts of that page as files |
//! | [`png`] | the same for places that show no SVG |
//! | [`markdown`] | a step summary or a comment on a pull request |
//! | [`junit`] | any CI |
//! | [`bmf`] | bencher.dev |
//! | [`gha`] | github-action-benchmark |
//! | [`csv`] | spreadsheets |
//! | [`gate`] | a verdict on two results files |
//! | [`finding`] | what a hunt found, for who has to mend it |
//!
//! They share the way in which runs are laid side by side ([`sheet`]), the
//! choice of figures ([`catalog`]) and the rule of factors ([`compare`]).

#![forbid(unsafe_code)]

pub mod bmf;
pub mod catalog;
pub mod charts;
pub mod command;
pub mod compare;
pub mod context;
pub mod csv;
pub mod finding;
pub mod gate;
pub mod gha;
pub mod html;
mod ink;
pub mod junit;
pub mod markdown;
pub mod png;
pub mod sheet;
pub mod svg;
pub mod table;
mod tracked;
pub mod units;

pub use context::{Context, EngineText, ScenarioText};
