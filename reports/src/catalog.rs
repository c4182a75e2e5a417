//! Which figures pages show, in which order and under which name.
//!
//! Every metric and histogram of [`deadzone_core::measure`] has its place here
//! (a test holds the two together); what results hold beyond that is shown at
//! the end under its own name, never dropped.

use deadzone_core::measure::{HISTOGRAMS, METRICS, MetricInfo};

/// What rows are about; rows of one topic stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// How long a person waits.
    Waiting,
    /// What coming together again costs.
    Reconvergence,
    /// What goes over the air.
    Traffic,
    /// Energy and battery.
    Energy,
    /// Work of engines.
    Processor,
    /// Memory and storage.
    Space,
    /// What merging did to people's work.
    MergeQuality,
    /// What people and the world did.
    World,
    /// What the catalogue does not know.
    Other,
}

impl Topic {
    /// As a heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Reconvergence => "Coming together again",
            Self::Traffic => "Traffic",
            Self::Energy => "Energy and battery",
            Self::Processor => "Processor",
            Self::Space => "Memory, storage, document",
            Self::MergeQuality => "Merge quality",
            Self::World => "What happened",
            Self::Other => "Other figures",
        }
    }
}

/// Which part of a named figure a row shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The value of a metric.
    Value,
    /// The median of a histogram.
    P50,
    /// Its 90th percentile.
    P90,
    /// Its 99th percentile.
    P99,
    /// Its 99.9th percentile.
    P999,
    /// Its greatest sample.
    Max,
}

impl Part {
    /// The percentiles of a histogram that stand in results.
    pub const OF_HISTOGRAMS: [Self; 5] = [Self::P50, Self::P90, Self::P99, Self::P999, Self::Max];

    /// What is put behind a histogram's name to name one of its percentiles;
    /// nothing for metrics.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Value => "",
            Self::P50 => "_p50",
            Self::P90 => "_p90",
            Self::P99 => "_p99",
            Self::P999 => "_p999",
            Self::Max => "_max",
        }
    }
}

/// One row of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// What it is about.
    pub topic: Topic,
    /// What people read.
    pub label: &'static str,
    /// The name in results.
    pub name: &'static str,
    /// Which part of it.
    pub part: Part,
    /// Whether it counts in the mean of factors.
    pub in_mean: bool,
    /// Whether it stands in short tables (terminal, summary).
    pub in_brief: bool,
}

const fn entry(topic: Topic, name: &'static str, part: Part, label: &'static str) -> Entry {
    Entry { topic, label, name, part, in_mean: false, in_brief: false }
}

impl Entry {
    const fn brief(mut self) -> Self {
        self.in_brief = true;
        self
    }

    /// Whoever counts in the mean is also shown in short.
    const fn mean(mut self) -> Self {
        self.in_mean = true;
        self.in_brief = true;
        self
    }
}

use Part::{Max, P50, P99, Value};
use Topic::{Energy, MergeQuality, Processor, Reconvergence, Space, Traffic, Waiting, World};

/// All rows in the order in which they are shown.
///
/// The mean takes one row of each kind of cost, so that no kind counts twice
/// (no median beside its 99th percentile, no energy of a part beside the sum).
pub const ENTRIES: &[Entry] = &[
    entry(Waiting, "local_edit_latency", P50, "Local edit, median").brief(),
    entry(Waiting, "local_edit_latency", P99, "Local edit, p99").mean(),
    entry(Waiting, "local_edit_latency", Max, "Local edit, longest"),
    entry(Waiting, "visibility_latency", P50, "Seen by others, median").brief(),
    entry(Waiting, "visibility_latency", P99, "Seen by others, p99").mean(),
    entry(Waiting, "visibility_latency", Max, "Seen by others, longest"),
    entry(Waiting, "cold_start", P50, "Cold start, median"),
    entry(Waiting, "cold_start", P99, "Cold start, p99"),
    entry(Reconvergence, "convergence_time", P50, "Time until equal, median"),
    entry(Reconvergence, "convergence_time", Max, "Time until equal, longest").mean(),
    entry(Reconvergence, "reconvergence_bytes", Value, "Bytes, heal to equal").mean(),
    entry(Reconvergence, "reconvergence_round_trips", Value, "Round trips, heal to equal").brief(),
    entry(Reconvergence, "reconvergence_cpu_work", Value, "CPU work, heal to equal"),
    entry(Reconvergence, "reconvergence_energy_uj", Value, "Energy, heal to equal").brief(),
    entry(Traffic, "wire_bytes_sent", Value, "Bytes sent").mean(),
    entry(Traffic, "wire_bytes_received", Value, "Bytes received"),
    entry(Traffic, "wire_messages", Value, "Messages sent"),
    entry(Traffic, "message_size", P50, "Message size, median"),
    entry(Traffic, "message_size", Max, "Message size, largest"),
    entry(Traffic, "payload_bytes", Value, "Bytes typed by people"),
    entry(Energy, "battery_ppm_per_hour", Value, "Battery per hour").brief(),
    entry(Energy, "energy_uj", Value, "Energy").mean(),
    entry(Energy, "energy_cpu_uj", Value, "Energy of CPUs, above idle"),
    entry(Energy, "energy_radio_uj", Value, "Energy of radios"),
    entry(Energy, "energy_radio_tail_uj", Value, "Energy of radio tails"),
    entry(Energy, "energy_storage_uj", Value, "Energy of storage"),
    entry(Energy, "energy_base_uj", Value, "Energy drawn anyway"),
    entry(Energy, "radio_wakeups", Value, "Radio wake-ups").brief(),
    entry(Processor, "cpu_time_ns", Value, "CPU time on the devices").brief(),
    entry(Processor, "cpu_work", Value, "CPU work, counted").mean(),
    entry(Processor, "engine_call_work", P50, "Work of one call, median"),
    entry(Processor, "engine_call_work", P99, "Work of one call, p99"),
    entry(Processor, "engine_call_work", Max, "Work of one call, most"),
    entry(Processor, "encode_work", Value, "Work of saving").mean(),
    entry(Processor, "parse_work", Value, "Work of loading").mean(),
    entry(Space, "heap_peak_bytes", Value, "Heap of a replica, peak").mean(),
    entry(Space, "heap_live_bytes", Value, "Heap of all replicas, at end"),
    entry(Space, "stored_bytes", Value, "In storage at the end").brief(),
    entry(Space, "storage_writes", Value, "Writes to storage"),
    entry(Space, "storage_flushes", Value, "Durable flushes"),
    entry(Space, "document_bytes", Value, "Document saved whole").mean(),
    entry(Space, "history_bytes", Value, "Document, history in it"),
    entry(Space, "update_bytes_mean", Value, "Update, mean size").mean(),
    entry(Space, "update_bytes_total", Value, "Updates, all together").brief(),
    entry(MergeQuality, "edits_not_visible", Value, "Edits that some never saw").brief(),
    entry(MergeQuality, "overwritten_concurrently", Value, "Writes overwritten unseen").brief(),
    entry(World, "edits", Value, "Edits accepted").brief(),
    entry(World, "edits_rejected", Value, "Edits refused").brief(),
    entry(World, "edits_skipped", Value, "Edits without effect"),
    entry(World, "dropped_messages", Value, "Messages lost by network"),
    entry(World, "duplicated_messages", Value, "Messages doubled by network"),
    entry(World, "reconnects", Value, "Reconnections"),
    entry(World, "crashes", Value, "Crashes and power losses"),
];

/// What a metric or a histogram of this name is, if the core knows it.
pub fn info(name: &str) -> Option<&'static MetricInfo> {
    METRICS.iter().chain(HISTOGRAMS).find(|info| info.name == name)
}

/// Whether a figure is the `_low` or `_high` end of another's stated range,
/// and so shown beside that one rather than by itself; gives the other's name.
pub fn range_of(name: &str) -> Option<&str> {
    name.strip_suffix("_low").or_else(|| name.strip_suffix("_high"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_of_the_core_has_its_place() {
        for (infos, is_metric) in [(METRICS, true), (HISTOGRAMS, false)] {
            for info in infos {
                let name = range_of(info.name).unwrap_or(info.name);
                let shown = ENTRIES
                    .iter()
                    .any(|entry| entry.name == name && (entry.part == Value) == is_metric);
                assert!(shown, "{} has no row", info.name);
            }
        }
    }

    #[test]
    fn every_row_shows_a_figure_of_the_core_once() {
        for (index, entry) in ENTRIES.iter().enumerate() {
            assert!(info(entry.name).is_some(), "{} is no figure", entry.name);
            let again = ENTRIES[..index]
                .iter()
                .any(|other| (other.name, other.part) == (entry.name, entry.part));
            assert!(!again, "{} stands there twice", entry.name);
        }
    }
}
