//! Where a person is in a document.

use crate::ahead::fetch;
use crate::edit::Path;
use crate::plan::Layout;

/// Where a person's last edit of a text or a list ended.
///
/// Others' edits move what stands there. An engine with anchors
/// ([`Replica::anchor`](crate::engine::Replica::anchor)) says where it went, if
/// [`Cursor::hold`] is called before others' edits are applied. Otherwise the cursor keeps its distance to
/// the nearer end of the container: where others edit evenly all over, that is
/// right three times out of four, and where it is wrong, the cursor jumps by
/// what they typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// Most people of a large fleet have not been anywhere: 8 bytes, not 80.
    place: Option<Box<Place>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    at: Path,
    index: u32,
    /// Of the container, when the cursor was there.
    length: u32,
    anchor: Option<Anchor>,
}

/// A mark on the element before the cursor, so that what others put between it
/// and the next one comes after the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Anchor {
    mark: Vec<u8>,
    /// From the marked element to the cursor: its length.
    distance: u32,
}

impl Cursor {
    /// Has the memory of its place fetched.
    pub(crate) fn fetch(&self) {
        if let Some(place) = &self.place {
            fetch(&**place);
            fetch(&place.length);
        }
    }

    /// Others' edits are about to be applied to the replica of this layout, where
    /// this person works. `splits` as in [`super::resolve`]. Costs nothing if nothing was
    /// edited since the last time.
    pub fn hold(&mut self, layout: &Layout<'_>, splits: bool) {
        let Some(place) = &mut self.place else { return };
        if place.anchor.is_some() || place.index == 0 {
            return;
        }
        let before = place.index - 1;
        let before = if splits { layout.snap(&place.at, before) } else { before };
        let distance = place.index - before;
        place.anchor = layout.anchor(&place.at, before).map(|mark| Anchor { mark, distance });
    }

    /// Finds the cursor again by its anchor.
    pub(super) fn settle(&mut self, layout: &Layout<'_>) {
        let Some(place) = &mut self.place else { return };
        let Some(Anchor { mark, distance }) = place.anchor.take() else { return };
        let found = layout.anchored(&place.at, &mark).zip(layout.length(&place.at));
        if let Some((index, length)) = found {
            place.index = index.saturating_add(distance).min(length);
            place.length = length;
        }
    }

    /// The cursor goes to `index` in the container at `at`, which is `length`
    /// long by then.
    pub(super) fn put(&mut self, at: &Path, index: u32, length: u32) {
        match &mut self.place {
            Some(place) if place.at == *at => {
                (place.index, place.length, place.anchor) = (index, length, None);
            }
            place => {
                *place = Some(Box::new(Place { at: at.clone(), index, length, anchor: None }));
            }
        }
    }

    /// Its index in the container at `at`, which is `length` long now: the end
    /// if the person was elsewhere.
    pub(super) fn index(&self, at: &Path, length: u32) -> u32 {
        match &self.place {
            Some(place) if place.at == *at => kept_index(place.index, place.length, length),
            _ => length,
        }
    }
}

/// Where a cursor is that was at `index` when the container was `before` long,
/// now that it is `length` long.
pub(super) fn kept_index(index: u32, before: u32, length: u32) -> u32 {
    let to_end = before.saturating_sub(index);
    if index >= to_end { length.saturating_sub(to_end) } else { index.min(length) }
}
