//! Storage: what was written, and what of it survives.

use crate::profile::StorageProfile;
use crate::time::Span;
use crate::units::Energy;

/// With this many chunks, the next save should be whole. `y-indexeddb` trims its
/// store at as many updates (`PREFERRED_TRIM_SIZE`).
pub const MOST_CHUNKS: usize = 500;

/// A whole save counts as at least this many bytes when increments are compared
/// with it, as in `automerge-repo`'s storage; or tiny documents would be written
/// whole at every turn.
pub const SMALLEST_WHOLE: u64 = 1_024;

/// The saves of one app: one whole save and the increments since.
///
/// What is written has reached the operating system and survives the app's
/// death; what is flushed survives the loss of power as well. A whole save does
/// not overwrite the earlier chunks but stands beside them until it is flushed,
/// as with a file that is written under another name and then renamed.
///
/// Before the first write it takes no memory on the heap.
#[derive(Clone, Debug, Default)]
pub struct Storage {
    kept: Option<Box<Kept>>,
}

#[derive(Clone, Debug, Default)]
struct Kept {
    /// As the app would find them.
    chunks: Vec<Vec<u8>>,
    /// How many of `chunks`, from the first, are durable.
    durable: usize,
    /// The durable chunks that an unflushed whole save is going to replace.
    replaced: Option<Vec<Vec<u8>>>,
    /// Bytes of `chunks` and `replaced` together.
    bytes: u64,
    written_bytes: u64,
    writes: u64,
    flushes: u64,
    energy: Energy,
}

impl Storage {
    /// Empty storage.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes an increment behind the chunks that are there, and gives the time
    /// that takes. An empty one is not written.
    pub fn append(&mut self, profile: &StorageProfile, chunk: Vec<u8>) -> Span {
        if chunk.is_empty() {
            return Span::ZERO;
        }
        let kept = self.kept.get_or_insert_default();
        kept.count_write(profile, chunk.len());
        kept.chunks.push(chunk);
        profile.write_latency
    }

    /// Writes a whole save in the place of all chunks, and gives the time that
    /// takes. Until the next flush, power loss still finds the chunks that were
    /// durable before.
    pub fn replace(&mut self, profile: &StorageProfile, whole: Vec<u8>) -> Span {
        let kept = self.kept.get_or_insert_default();
        let mut before = std::mem::take(&mut kept.chunks);
        if kept.replaced.is_none() {
            before.truncate(kept.durable);
            kept.replaced = Some(before);
        }
        kept.durable = 0;
        kept.bytes = kept.replaced.as_deref().map_or(0, bytes_of);
        kept.count_write(profile, whole.len());
        kept.chunks.push(whole);
        profile.write_latency
    }

    /// Makes everything that was written durable, and gives the time that takes:
    /// none, and no flush, if everything is durable already.
    pub fn flush(&mut self, profile: &StorageProfile) -> Span {
        let Some(kept) = &mut self.kept else { return Span::ZERO };
        if kept.replaced.is_none() && kept.durable == kept.chunks.len() {
            return Span::ZERO;
        }
        if let Some(replaced) = kept.replaced.take() {
            kept.bytes -= bytes_of(&replaced);
        }
        kept.durable = kept.chunks.len();
        kept.flushes += 1;
        kept.energy += Energy::from_nanojoules(profile.flush_nanojoules);
        profile.flush_latency
    }

    /// The app died. Everything that was written is still there: the operating
    /// system has it.
    pub fn crash(&mut self) {}

    /// The device lost power. Only what was flushed is still there.
    pub fn power_loss(&mut self) {
        let Some(kept) = &mut self.kept else { return };
        if let Some(replaced) = kept.replaced.take() {
            kept.chunks = replaced;
        } else {
            kept.chunks.truncate(kept.durable);
        }
        kept.durable = kept.chunks.len();
        kept.bytes = bytes_of(&kept.chunks);
    }

    /// The chunks in order, as the app would find them if it started now.
    pub fn chunks(&self) -> &[Vec<u8>] {
        self.kept.as_ref().map_or(&[], |kept| &kept.chunks)
    }

    /// How long reading all chunks takes.
    pub fn read_time(&self, profile: &StorageProfile) -> Span {
        profile.read_rate.time_for(bytes_of(self.chunks()))
    }

    /// Whether the next save should be whole: nothing is stored yet, the
    /// increments have grown as large as the whole save before them, or there
    /// are [`MOST_CHUNKS`].
    pub fn wants_whole(&self) -> bool {
        let Some((whole, increments)) = self.chunks().split_first() else { return true };
        let whole_bytes = (whole.len() as u64).max(SMALLEST_WHOLE);
        self.chunks().len() >= MOST_CHUNKS || bytes_of(increments) >= whole_bytes
    }

    /// Bytes that take up room now, chunks that are about to be replaced
    /// included.
    pub fn bytes(&self) -> u64 {
        self.kept.as_ref().map_or(0, |kept| kept.bytes)
    }

    /// Bytes that were ever written.
    pub fn written_bytes(&self) -> u64 {
        self.kept.as_ref().map_or(0, |kept| kept.written_bytes)
    }

    /// How many writes there were.
    pub fn writes(&self) -> u64 {
        self.kept.as_ref().map_or(0, |kept| kept.writes)
    }

    /// How many flushes there were.
    pub fn flushes(&self) -> u64 {
        self.kept.as_ref().map_or(0, |kept| kept.flushes)
    }

    /// The energy of all writes and flushes.
    pub fn energy(&self) -> Energy {
        self.kept.as_ref().map_or(Energy::default(), |kept| kept.energy)
    }
}

impl Kept {
    fn count_write(&mut self, profile: &StorageProfile, bytes: usize) {
        let bytes = bytes as u64;
        self.bytes += bytes;
        self.written_bytes += bytes;
        self.writes += 1;
        let picojoules = u128::from(bytes) * u128::from(profile.byte_nanojoules) * 1_000;
        self.energy += Energy::from_picojoules(picojoules);
    }
}

fn bytes_of(chunks: &[Vec<u8>]) -> u64 {
    chunks.iter().map(|chunk| chunk.len() as u64).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::units::BitsPerSecond;

    fn profile() -> StorageProfile {
        StorageProfile {
            flush_latency: Span::from_millis(25),
            write_latency: Span::from_micros(200),
            read_rate: BitsPerSecond(560_000_000),
            flush_nanojoules: 125_000,
            byte_nanojoules: 7,
        }
    }

    #[derive(Clone, Debug)]
    enum Operation {
        Append(Vec<u8>),
        Replace(Vec<u8>),
        Flush,
        Crash,
        PowerLoss,
    }

    fn operation() -> impl Strategy<Value = Operation> {
        let bytes = || prop::collection::vec(any::<u8>(), 0..6);
        prop_oneof![
            4 => bytes().prop_map(Operation::Append),
            2 => bytes().prop_map(Operation::Replace),
            2 => Just(Operation::Flush),
            1 => Just(Operation::Crash),
            1 => Just(Operation::PowerLoss),
        ]
    }

    proptest! {
        /// Against two plain lists: what is seen, and what the last flush saw.
        #[test]
        fn what_survives_is_what_was_flushed(
            operations in prop::collection::vec(operation(), 0..60),
        ) {
            let profile = profile();
            let mut storage = Storage::new();
            let (mut seen, mut durable) = (Vec::new(), Vec::new());
            let (mut dirty, mut writes, mut flushes, mut written) = (false, 0, 0, 0);
            for operation in operations {
                let span = match operation.clone() {
                    Operation::Append(chunk) => storage.append(&profile, chunk),
                    Operation::Replace(whole) => storage.replace(&profile, whole),
                    Operation::Flush => storage.flush(&profile),
                    Operation::Crash => { storage.crash(); Span::ZERO }
                    Operation::PowerLoss => { storage.power_loss(); Span::ZERO }
                };
                let expected = match operation {
                    Operation::Append(chunk) if chunk.is_empty() => Span::ZERO,
                    Operation::Append(chunk) => {
                        written += chunk.len() as u64;
                        seen.push(chunk);
                        (dirty, writes) = (true, writes + 1);
                        profile.write_latency
                    }
                    Operation::Replace(whole) => {
                        written += whole.len() as u64;
                        seen = vec![whole];
                        (dirty, writes) = (true, writes + 1);
                        profile.write_latency
                    }
                    Operation::Flush if !dirty => Span::ZERO,
                    Operation::Flush => {
                        durable = seen.clone();
                        (dirty, flushes) = (false, flushes + 1);
                        profile.flush_latency
                    }
                    Operation::Crash => Span::ZERO,
                    Operation::PowerLoss => {
                        seen = durable.clone();
                        dirty = false;
                        Span::ZERO
                    }
                };
                prop_assert_eq!(span, expected);
                prop_assert_eq!(storage.chunks(), seen.as_slice());
                prop_assert!(storage.bytes() >= bytes_of(&seen));
                prop_assert!(storage.bytes() <= bytes_of(&seen) + bytes_of(&durable));
                if !dirty {
                    prop_assert_eq!(storage.bytes(), bytes_of(&seen));
                }
            }
            prop_assert_eq!((storage.writes(), storage.flushes()), (writes, flushes));
            prop_assert_eq!(storage.written_bytes(), written);
            prop_assert_eq!(
                storage.energy().as_picojoules(),
                u128::from(written) * 7_000 + u128::from(flushes) * 125_000_000,
            );
        }
    }

    #[test]
    fn compaction_is_due_when_increments_outgrow_the_whole() {
        let profile = profile();
        let mut storage = Storage::new();
        assert!(storage.wants_whole(), "nothing is stored yet");
        storage.replace(&profile, vec![0; 3_000]);
        assert!(!storage.wants_whole());
        storage.append(&profile, vec![0; 2_999]);
        assert!(!storage.wants_whole());
        storage.append(&profile, vec![0; 1]);
        assert!(storage.wants_whole());
        storage.replace(&profile, vec![0; 10]);
        storage.append(&profile, vec![0; 1_023]);
        assert!(!storage.wants_whole(), "a tiny whole counts as {SMALLEST_WHOLE} bytes");
    }

    #[test]
    fn compaction_is_due_after_many_chunks() {
        let profile = profile();
        let mut storage = Storage::new();
        storage.replace(&profile, vec![0; 1_000_000]);
        for _ in 2..MOST_CHUNKS {
            storage.append(&profile, vec![0]);
            assert!(!storage.wants_whole());
        }
        storage.append(&profile, vec![0]);
        assert!(storage.wants_whole());
    }

    #[test]
    fn an_old_save_outlives_two_unflushed_new_ones() {
        let profile = profile();
        let mut storage = Storage::new();
        storage.append(&profile, vec![1]);
        storage.flush(&profile);
        storage.append(&profile, vec![2]);
        storage.replace(&profile, vec![3]);
        storage.replace(&profile, vec![4]);
        storage.crash();
        assert_eq!(storage.chunks(), [vec![4]]);
        assert_eq!(storage.bytes(), 2);
        storage.power_loss();
        assert_eq!(storage.chunks(), [vec![1]]);
        assert_eq!(storage.bytes(), 1);
    }

    #[test]
    fn reading_takes_as_long_as_the_rate_says() {
        let profile = profile();
        let mut storage = Storage::new();
        assert_eq!(storage.read_time(&profile), Span::ZERO);
        storage.append(&profile, vec![0; 70_000_000 / 1_000]);
        assert_eq!(storage.read_time(&profile), Span::from_millis(1));
    }
}
