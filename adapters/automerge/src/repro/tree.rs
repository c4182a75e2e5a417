//! What the maps hold that trees are built from.

use automerge::{ROOT, ReadDoc as _, ScalarValueRef, ValueRef};
use deadzone_core::replay::repro::Entries;

/// What a file says of its trees.
pub(super) const CAVEAT: &str = "a tree is a map here, from the label of each node to its position \
                                 among its siblings and its parent";

/// The entries of the map that is a root of what was saved as a whole.
pub(super) fn entries(saved: &[u8], root: &str) -> Option<Entries> {
    let document = automerge::Automerge::load(saved).ok()?;
    let (_, map) = document.get(ROOT, root).ok()??;
    let entries = document.map_range(&map, ..).map(|item| match &item.value {
        ValueRef::Scalar(ScalarValueRef::Str(place)) => {
            let position = place.split('/').next()?.parse().ok()?;
            Some((item.key.to_string(), (position, format!("{:?}", &**place))))
        }
        _ => None,
    });
    entries.collect()
}
