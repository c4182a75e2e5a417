//! The table of all metrics and histograms: one line on each.

use crate::record::{Better, Metric, MetricKind};

/// What a metric is.
#[derive(Clone, Copy, Debug)]
pub struct MetricInfo {
    /// The name in results.
    pub name: &'static str,
    /// One line on it.
    pub summary: &'static str,
    /// The unit of its values.
    pub unit: &'static str,
    /// Where it comes from when CPU is counted.
    pub kind: MetricKind,
    /// Which way is good.
    pub better: Better,
}

const fn info(
    name: &'static str,
    unit: &'static str,
    kind: MetricKind,
    better: Better,
    summary: &'static str,
) -> MetricInfo {
    MetricInfo { name, summary, unit, kind, better }
}

use Better::{Less, None as Neither};
use MetricKind::{Counted, Simulated};

/// Every metric that a run or a group can have.
pub const METRICS: &[MetricInfo] = &[
    info("edits", "count", Simulated, Neither, "edits accepted"),
    info(
        "edits_rejected",
        "count",
        Simulated,
        Less,
        "edits refused, as a server-centred app does offline",
    ),
    info(
        "edits_skipped",
        "count",
        Simulated,
        Neither,
        "edits whose place was gone, or that changed nothing",
    ),
    info(
        "edits_not_visible",
        "count",
        Simulated,
        Less,
        "edits that some replica never came to see",
    ),
    info(
        "wire_bytes_sent",
        "bytes",
        Simulated,
        Less,
        "bytes sent, framing and retransmissions included",
    ),
    info("wire_bytes_received", "bytes", Simulated, Less, "bytes received, framing included"),
    info("wire_messages", "count", Simulated, Less, "messages sent"),
    info("payload_bytes", "bytes", Simulated, Neither, "what people actually typed"),
    info("reconvergence_bytes", "bytes", Simulated, Less, "bytes sent from heal to equal"),
    info(
        "reconvergence_round_trips",
        "count",
        Simulated,
        Less,
        "messages that answered a message, from heal to equal, on the longest chain",
    ),
    info("reconvergence_cpu_work", "work", Counted, Less, "counted work from heal to equal"),
    info(
        "reconvergence_energy_uj",
        "uj",
        Simulated,
        Less,
        "energy of CPU, radio and storage from heal to equal",
    ),
    info("cpu_time_ns", "ns", Simulated, Less, "time for which CPUs were busy"),
    info("cpu_work", "work", Counted, Less, "counted work of engine calls"),
    info(
        "heap_peak_bytes",
        "bytes",
        Counted,
        Less,
        "requested heap bytes of replicas: the highest that one replica reached",
    ),
    info(
        "heap_live_bytes",
        "bytes",
        Counted,
        Less,
        "requested heap bytes of replicas at the end, all together",
    ),
    info("stored_bytes", "bytes", Simulated, Less, "bytes in storage at the end"),
    info("storage_writes", "count", Simulated, Less, "writes to storage"),
    info("storage_flushes", "count", Simulated, Less, "durable flushes"),
    info("document_bytes", "bytes", Simulated, Less, "one replica saved whole"),
    info(
        "history_bytes",
        "bytes",
        Simulated,
        Less,
        "the share of document_bytes that is not the visible document",
    ),
    info("update_bytes_mean", "bytes", Simulated, Less, "mean size of an update"),
    info("update_bytes_total", "bytes", Simulated, Less, "all updates together"),
    info("encode_work", "work", Counted, Less, "counted work of saving the document whole"),
    info("parse_work", "work", Counted, Less, "counted work of loading it"),
    info("energy_uj", "uj", Simulated, Less, "energy: CPU, radio, storage and base"),
    info("energy_cpu_uj", "uj", Simulated, Less, "energy of busy CPUs, above idle"),
    info("energy_radio_uj", "uj", Simulated, Less, "energy of radios in every state"),
    info(
        "energy_radio_tail_uj",
        "uj",
        Simulated,
        Less,
        "the part of the radios' energy that went into tails",
    ),
    info("energy_storage_uj", "uj", Simulated, Less, "energy of writes and flushes"),
    info(
        "energy_base_uj",
        "uj",
        Simulated,
        Neither,
        "what the platform draws anyway, screen excluded",
    ),
    info("radio_wakeups", "count", Simulated, Less, "promotions of radios from idle"),
    info(
        "battery_ppm_per_hour",
        "ppm",
        Simulated,
        Less,
        "share of the battery per hour, base excluded, worst device",
    ),
    info(
        "battery_ppm_per_hour_low",
        "ppm",
        Simulated,
        Less,
        "the same with the thriftiest stated models",
    ),
    info(
        "battery_ppm_per_hour_high",
        "ppm",
        Simulated,
        Less,
        "the same with the hungriest stated models",
    ),
    info(
        "overwritten_concurrently",
        "count",
        Simulated,
        Less,
        "writes that a concurrent write replaced unseen",
    ),
    info("dropped_messages", "count", Simulated, Neither, "messages that the network lost"),
    info(
        "duplicated_messages",
        "count",
        Simulated,
        Neither,
        "messages that the network delivered twice",
    ),
    info("reconnects", "count", Simulated, Neither, "connections set up after the first"),
    info("crashes", "count", Simulated, Neither, "crashes and power losses"),
];

/// Every histogram that a run or a group can have.
pub const HISTOGRAMS: &[MetricInfo] = &[
    info(
        "local_edit_latency",
        "ns",
        Simulated,
        Less,
        "from a person's input to the edit being in the local document",
    ),
    info(
        "visibility_latency",
        "ns",
        Simulated,
        Less,
        "from an edit at its origin to its being in another replica",
    ),
    info(
        "convergence_time",
        "ns",
        Simulated,
        Less,
        "from each heal, or from the last edit, to all replicas being equal",
    ),
    info("message_size", "bytes", Simulated, Less, "sizes of engine messages"),
    info("engine_call_work", "work", Counted, Less, "counted work of single engine calls"),
    info("cold_start", "ns", Simulated, Less, "from power-on to the loaded document"),
];

/// A figure of the metric called `name`.
///
/// # Panics
/// If there is no such metric in [`METRICS`], or the value is 2^53 or more.
pub fn metric(name: &str, value: u64) -> Metric {
    let info =
        METRICS.iter().find(|info| info.name == name).unwrap_or_else(|| panic!("no metric {name}"));
    assert!(value < 1 << 53, "{name} is {value}: JSON readers would lose digits");
    Metric { value, unit: info.unit.to_owned(), kind: info.kind, better: info.better }
}
