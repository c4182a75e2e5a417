//! `report.html`: one file that a person understands without a manual.
//!
//! It needs no network, no script and no font of its own, follows the reader's
//! light or dark scheme, and prints.

mod page;
mod sheet;
mod table;

use askama::Template;
use deadzone_core::record::Results;

use crate::context::Context;

/// The whole page.
pub fn render(results: &Results, context: &Context) -> String {
    page::Page::of(results, context).render().expect("writing a page to memory cannot fail")
}
