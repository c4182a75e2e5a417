//! What a node has written while a plan is lowered, and what of it survives.

use crate::digest;

/// What was saved, as far as one must know it again.
type Digest = String;

/// What a node has written since it was started.
#[derive(Clone, Default)]
pub(super) struct Written {
    /// What the storage had when it was started.
    before: Vec<Digest>,
    saves: Vec<Saved>,
    /// The steps of its edits.
    edits: Vec<u32>,
    /// The edit that is being made.
    attempted: Option<u32>,
    /// Those whose updates were not taken yet.
    unpublished: Vec<u32>,
}

#[derive(Clone)]
struct Saved {
    step: u32,
    whole: bool,
    /// None for nothing, or for nothing yet.
    bytes: Option<Digest>,
}

/// What a node finds when it starts again.
pub(super) struct Found {
    /// Whether that is what some of its saves made.
    pub(super) is_whole: bool,
    /// The steps of saves that are lost.
    pub(super) lost_saves: Vec<u32>,
    /// The steps of edits that were not saved, or whose save is lost.
    pub(super) unsaved_edits: Vec<u32>,
}

impl Written {
    pub(super) fn edit(&mut self, step: u32) {
        self.attempted = Some(step);
    }

    /// The last edit became a transaction.
    pub(super) fn edited(&mut self) {
        if let Some(step) = self.attempted.take() {
            self.edits.push(step);
            self.unpublished.push(step);
        }
    }

    /// The edits whose updates are taken now.
    pub(super) fn publish(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.unpublished)
    }

    pub(super) fn save(&mut self, step: u32, whole: bool) {
        self.saves.push(Saved { step, whole, bytes: None });
    }

    /// What the last save gave.
    pub(super) fn saved(&mut self, bytes: &[u8]) {
        if let Some(save) = self.saves.last_mut() {
            // The storage does not write increments that are empty.
            save.bytes = (save.whole || !bytes.is_empty()).then(|| digest::of_bytes(bytes));
        }
    }

    /// The node starts again, with these chunks in its storage.
    pub(super) fn restart(&mut self, chunks: &[Vec<u8>]) -> Found {
        let found: Vec<Digest> = chunks.iter().map(|chunk| digest::of_bytes(chunk)).collect();
        let mut parts = std::mem::take(&mut self.before);
        let mut kept = (parts == found).then_some(0);
        for (number, save) in (1..).zip(&self.saves) {
            if save.whole {
                parts.clear();
            }
            parts.extend(save.bytes.clone());
            if parts == found {
                kept = Some(number);
            }
        }
        let lost = self.saves.split_off(kept.unwrap_or(self.saves.len()));
        let last = self.saves.last().map_or(0, |save| save.step);
        let unsaved_edits = self.edits.drain(..).filter(|edit| *edit > last).collect();
        self.saves.clear();
        self.unpublished.clear();
        self.attempted = None;
        self.before = found;
        let lost_saves = lost.into_iter().map(|save| save.step).collect();
        Found { is_whole: kept.is_some(), lost_saves, unsaved_edits }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A whole save, an edit, and two increments, the first of them empty.
    fn written() -> Written {
        let mut written = Written::default();
        for (step, whole, bytes) in [(1, true, "w"), (3, false, ""), (5, false, "i")] {
            written.save(step, whole);
            written.saved(bytes.as_bytes());
            written.edit(step + 1);
            written.edited();
        }
        written
    }

    #[track_caller]
    fn check(chunks: &[&str], whole: bool, saves: &[u32], edits: &[u32]) {
        let chunks: Vec<Vec<u8>> = chunks.iter().map(|chunk| chunk.as_bytes().to_vec()).collect();
        let found = written().restart(&chunks);
        assert_eq!(
            (found.is_whole, found.lost_saves.as_slice(), found.unsaved_edits.as_slice()),
            (whole, saves, edits),
            "{chunks:?}"
        );
    }

    #[test]
    fn what_is_found_tells_what_survived() {
        check(&["w", "i"], true, &[], &[6]);
        check(&["w"], true, &[5], &[4, 6]);
        check(&[], true, &[1, 3, 5], &[2, 4, 6]);
        check(&["i"], false, &[], &[6]);
    }

    #[test]
    fn the_next_life_builds_on_what_was_found() {
        let mut written = written();
        written.restart(&[b"w".to_vec()]);
        written.save(9, false);
        written.saved(b"j");
        let found = written.restart(&[b"w".to_vec(), b"j".to_vec()]);
        assert!(found.is_whole && found.lost_saves.is_empty());
        written.save(11, true);
        written.saved(b"v");
        let found = written.restart(&[b"w".to_vec(), b"j".to_vec()]);
        assert!(found.is_whole, "the power went before the new one was flushed");
        assert_eq!(found.lost_saves, [11]);
    }
}
