//! What is measured: the table of metrics, histograms, who has seen what, series.

mod histogram;
mod lanes;
mod metrics;
mod ranges;
mod series;
mod sightings;

pub use histogram::{Histogram, decode, raw_counts};
pub use metrics::{HISTOGRAMS, METRICS, MetricInfo, metric};
pub use series::Timeline;
pub use sightings::{EditNumber, Gaps, Sighting, Sightings};
