//! What the maps hold that trees are built from.

use deadzone_core::replay::repro::Entries;
use yrs::{Any, Doc, Map as _, Out, Transact as _};

use crate::Yrs;

/// What a file says of its trees.
pub(super) const CAVEAT: &str = "a tree is a map here, from the label of each node to its parent \
                                 and its position among its siblings";

/// The entries of the map that is a root of what was saved as a whole.
pub(super) fn entries(engine: Yrs, saved: &[u8], root: &str) -> Option<Entries> {
    let doc = Doc::new();
    let map = doc.get_or_insert_map(root);
    let mut txn = doc.transact_mut();
    txn.apply_update(engine.encoding.decode(saved).ok()?).ok()?;
    let entries =
        map.iter(&txn).map(|(label, value)| Some((label.to_owned(), (0, expression(&value)?))));
    entries.collect()
}

fn expression(value: &Out) -> Option<String> {
    let Out::Any(Any::Array(fields)) = value else { return None };
    let (parent, position) = match fields.as_ref() {
        [Any::Null, Any::Buffer(position)] => ("Any::Null".to_owned(), position),
        [Any::String(parent), Any::Buffer(position)] => {
            (format!("Any::from({:?})", parent.as_ref()), position)
        }
        _ => return None,
    };
    let position = format!("Any::from({:?}.as_slice())", position.as_ref());
    Some(format!("Any::Array(Arc::new([{parent}, {position}]))"))
}
