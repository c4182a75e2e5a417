//! What is measured: the table of metrics, histograms, series.

mod histogram;
mod metrics;

pub use histogram::{Histogram, decode, raw_counts};
pub use metrics::{HISTOGRAMS, METRICS, MetricInfo, metric};
