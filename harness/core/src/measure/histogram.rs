//! Distributions of virtual times, sizes and work.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hdrhistogram::Histogram as Hdr;
use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer};

use crate::record::HistogramRecord;

/// Values to three significant digits; takes no memory until the first sample.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    counts: Option<Box<Hdr<u64>>>,
}

impl Histogram {
    /// One more sample.
    pub fn record(&mut self, value: u64) {
        let counts = self.counts.get_or_insert_with(|| {
            Box::new(Hdr::new(3).expect("three significant digits are allowed"))
        });
        counts.record(value).expect("an auto-resizing histogram takes any value");
    }

    /// Adds the samples of another.
    pub fn merge(&mut self, other: &Self) {
        let Some(theirs) = &other.counts else { return };
        match &mut self.counts {
            Some(ours) => {
                ours.add(theirs.as_ref()).expect("an auto-resizing histogram fits any other")
            }
            None => self.counts = Some(theirs.clone()),
        }
    }

    /// How many samples.
    pub fn count(&self) -> u64 {
        self.counts.as_ref().map_or(0, |counts| counts.len())
    }

    /// The value that this share of the samples, in parts per thousand, does
    /// not exceed; 0 without samples.
    pub fn quantile(&self, per_mille: u32) -> u64 {
        self.counts
            .as_ref()
            .map_or(0, |counts| counts.value_at_quantile(f64::from(per_mille) / 1_000.0))
    }

    /// As it stands in results.
    pub fn to_record(&self, unit: &str) -> HistogramRecord {
        let empty = Hdr::new(3).expect("three significant digits are allowed");
        let counts = self.counts.as_deref().unwrap_or(&empty);
        let mut bytes = Vec::new();
        V2DeflateSerializer::new()
            .serialize(counts, &mut bytes)
            .expect("writing to memory cannot fail");
        HistogramRecord {
            unit: unit.to_owned(),
            count: counts.len(),
            min: counts.min(),
            p50: counts.value_at_quantile(0.5),
            p90: counts.value_at_quantile(0.9),
            p99: counts.value_at_quantile(0.99),
            p999: counts.value_at_quantile(0.999),
            max: counts.max(),
            hdr: BASE64.encode(bytes),
        }
    }
}

/// The HdrHistogram in the `hdr` field of a [`HistogramRecord`]; none if the
/// field is damaged.
pub fn decode(hdr: &str) -> Option<Hdr<u64>> {
    let bytes = BASE64.decode(hdr).ok()?;
    Deserializer::new().deserialize(&mut bytes.as_slice()).ok()
}

/// The samples in the `hdr` field of a [`HistogramRecord`] as `value:count`
/// pairs, which do not depend on a compressor. A damaged field is given back
/// as it is.
pub fn raw_counts(hdr: &str) -> String {
    let Some(counts) = decode(hdr) else { return hdr.to_owned() };
    counts
        .iter_recorded()
        .map(|step| format!("{}:{}", step.value_iterated_to(), step.count_at_value()))
        .collect::<Vec<_>>()
        .join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_keeps_every_count() {
        let mut histogram = Histogram::default();
        for value in [0, 1, 1, 1_000_000, u64::MAX / 4] {
            histogram.record(value);
        }
        let record = histogram.to_record("ns");
        assert_eq!(record.count, 5);
        assert_eq!(record.p50, 1);
        let counts = decode(&record.hdr).expect("just encoded");
        assert_eq!(counts.len(), 5);
        assert_eq!(counts.count_at(1), 2);
        assert!(raw_counts(&record.hdr).starts_with("0:1,1:2,"));
    }

    #[test]
    fn merging_is_as_recording_into_one() {
        let (mut both, mut a, mut b) =
            (Histogram::default(), Histogram::default(), Histogram::default());
        for value in 0..1_000 {
            both.record(value * value);
            if value % 3 == 0 { a.record(value * value) } else { b.record(value * value) }
        }
        a.merge(&b);
        assert_eq!(raw_counts(&a.to_record("").hdr), raw_counts(&both.to_record("").hdr));
    }
}
