//! Distributions of virtual times, sizes and work.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hdrhistogram::Histogram as Hdr;
use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer};
use serde::{Deserialize, Serialize};

use crate::record::HistogramRecord;

/// The values of a bucket differ in their eleventh binary digit at most, which
/// is HdrHistogram's bound for three significant decimal ones.
const DIGITS: u32 = 11;

/// Values to three significant digits; takes no memory until the first sample.
///
/// Samples are only counted here, since that is done several times in each
/// event; everything else is asked of the HdrHistogram that has the same counts.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<(usize, u64)>", into = "Vec<(usize, u64)>")]
pub struct Histogram {
    /// In HdrHistogram's order and with its buckets.
    counts: Vec<u64>,
    total: u64,
}

impl Histogram {
    /// One more sample.
    pub fn record(&mut self, value: u64) {
        let index = index_of(value);
        if index >= self.counts.len() {
            self.grow(index);
        }
        self.counts[index] += 1;
        self.total += 1;
    }

    #[cold]
    fn grow(&mut self, index: usize) {
        self.counts.resize((index + 1).next_multiple_of(1 << (DIGITS - 1)), 0);
    }

    /// Adds the samples of another.
    pub fn merge(&mut self, other: &Self) {
        if other.counts.len() > self.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        self.counts.iter_mut().zip(&other.counts).for_each(|(ours, theirs)| *ours += theirs);
        self.total += other.total;
    }

    /// How many samples.
    pub fn count(&self) -> u64 {
        self.total
    }

    /// The value that this share of the samples, in parts per thousand, does
    /// not exceed; 0 without samples.
    pub fn quantile(&self, per_mille: u32) -> u64 {
        self.to_hdr().value_at_quantile(f64::from(per_mille) / 1_000.0)
    }

    fn to_hdr(&self) -> Hdr<u64> {
        let mut hdr = Hdr::new(3).expect("three significant digits are allowed");
        // From the highest down, so that it grows once.
        for (index, &count) in self.counts.iter().enumerate().rev().filter(|(_, n)| **n > 0) {
            hdr.record_n(lowest_of(index), count)
                .expect("an auto-resizing histogram takes any value");
        }
        hdr
    }

    /// As it stands in results.
    pub fn to_record(&self, unit: &str) -> HistogramRecord {
        let counts = self.to_hdr();
        let mut bytes = Vec::new();
        V2DeflateSerializer::new()
            .serialize(&counts, &mut bytes)
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

/// The buckets that hold samples, each by its index.
impl From<Histogram> for Vec<(usize, u64)> {
    fn from(histogram: Histogram) -> Self {
        histogram.counts.into_iter().enumerate().filter(|(_, count)| *count > 0).collect()
    }
}

impl TryFrom<Vec<(usize, u64)>> for Histogram {
    type Error = &'static str;

    fn try_from(buckets: Vec<(usize, u64)>) -> Result<Self, Self::Error> {
        let mut histogram = Self::default();
        for (index, count) in buckets {
            if index > index_of(u64::MAX) {
                return Err("a bucket beyond the last");
            }
            if index >= histogram.counts.len() {
                histogram.grow(index);
            }
            histogram.counts[index] += count;
            histogram.total += count;
        }
        Ok(histogram)
    }
}

/// Where HdrHistogram counts a value: the upper eleven digits, behind those of
/// all shorter numbers.
fn index_of(value: u64) -> usize {
    let shift = (u64::BITS - value.leading_zeros()).saturating_sub(DIGITS);
    (shift as usize) * (1 << (DIGITS - 1)) + (value >> shift) as usize
}

/// The lowest value that is counted there.
fn lowest_of(index: usize) -> u64 {
    let half = 1 << (DIGITS - 1);
    let shift = (index / half).saturating_sub(1);
    ((index - shift * half) as u64) << shift
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
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn it_is_the_hdr_histogram_of_its_samples(
            samples in proptest::collection::vec((any::<u64>(), 0_u32..64), 0..200),
        ) {
            let mut ours = Histogram::default();
            let mut theirs = Hdr::<u64>::new(3).unwrap();
            for (value, shift) in samples {
                // HdrHistogram itself ends at half of what 64 bits hold.
                ours.record(value >> shift >> 1);
                theirs.record(value >> shift >> 1).unwrap();
            }
            let hdr = ours.to_hdr();
            prop_assert_eq!(&hdr, &theirs);
            let ends = |hdr: &Hdr<u64>| (hdr.len(), hdr.min(), hdr.max());
            prop_assert_eq!(ends(&hdr), ends(&theirs));
            let bytes = |hdr: &Hdr<u64>| {
                let mut bytes = Vec::new();
                V2DeflateSerializer::new().serialize(hdr, &mut bytes).unwrap();
                bytes
            };
            prop_assert_eq!(bytes(&hdr), bytes(&theirs));
        }
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

    #[test]
    fn what_is_written_is_read() {
        let mut histogram = Histogram::default();
        for value in [0, 1, 1, 5_000, u64::MAX / 4] {
            histogram.record(value);
        }
        let json = serde_json::to_string(&histogram).expect("it is JSON");
        let read: Histogram = serde_json::from_str(&json).expect("it was just written");
        assert_eq!(read.to_record("ns"), histogram.to_record("ns"));
        assert_eq!(read.count(), 5);
        assert!(serde_json::from_str::<Histogram>("[[99999999,1]]").is_err());
    }
}
