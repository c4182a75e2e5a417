//! Charts as SVG.
//!
//! Each function gives one drawing back, or none if the sheet has nothing for
//! it. Drawings are made for a page: colours have classes that the page's
//! stylesheet ([`palette::css`]) exchanges in the dark scheme. [`standalone`]
//! turns one into a file of its own. No font is asked for: text stands in the
//! viewer's own sans-serif font, and places for it are kept wide.

mod axis;
mod battery;
mod canvas;
mod energy;
mod factors;
pub mod palette;
mod percentiles;
mod series;

pub use battery::battery;
pub use energy::energy;
pub use factors::factors;
pub use percentiles::percentiles;
pub use series::series;

/// A drawing as a file of its own: with paper behind it, and dark where the
/// viewer asks for it.
pub fn standalone(drawing: &str) -> String {
    canvas::standalone(drawing)
}

/// A drawing as a file of its own that is light everywhere, without a
/// stylesheet.
pub(crate) fn light(drawing: &str) -> String {
    canvas::light(drawing)
}

/// How wide drawings are, in CSS pixels.
const WIDTH: u32 = 640;

/// Size of titles, labels and small print, in CSS pixels.
const TITLE: f64 = 14.0;
const LABEL: f64 = 12.0;
const SMALL: f64 = 11.0;
