//! What plans ask of a container before each edit. None of it is metered, but
//! all of it is asked often.

use deadzone_core::edit::Path;
use yrs::branch::{Branch, BranchPtr};
use yrs::updates::decoder::Decode;
use yrs::updates::encoder::Encode;
use yrs::{Array, Assoc, GetString, Map, ReadTxn, StickyIndex, Text};

use crate::target::{RootTargets, Target};
use crate::tree::Forest;

/// See [`deadzone_core::engine::Replica::length`].
pub(crate) fn length<T: ReadTxn>(txn: &T, roots: &RootTargets, at: &Path) -> Option<u32> {
    match roots.find(txn, at)? {
        Target::Text(text) => Some(text.len(txn)),
        Target::Map(map) => Some(map.len(txn)),
        Target::List(array) | Target::MovableList(array) => Some(array.len(txn)),
        Target::Tree(map) => Some(Forest::read(txn, &map).length()),
        Target::Counter(_) => None,
    }
}

/// See [`deadzone_core::engine::Replica::snap`].
pub(crate) fn snap<T: ReadTxn>(txn: &T, roots: &RootTargets, at: &Path, index: u32) -> u32 {
    let Some(Target::Text(text)) = roots.find(txn, at) else {
        return index;
    };
    match text.get_string(txn).encode_utf16().nth(index as usize) {
        Some(0xdc00..=0xdfff) => index - 1,
        _ => index,
    }
}

/// See [`deadzone_core::engine::Replica::children`].
pub(crate) fn children<T: ReadTxn>(txn: &T, roots: &RootTargets, at: &Path) -> Vec<String> {
    match roots.find(txn, at) {
        Some(Target::Map(map)) => {
            let mut keys: Vec<String> = map.keys(txn).map(str::to_owned).collect();
            keys.sort_unstable();
            keys
        }
        Some(Target::Tree(map)) => Forest::read(txn, &map).labels(),
        _ => Vec::new(),
    }
}

/// See [`deadzone_core::engine::Replica::branches`].
pub(crate) fn branches<T: ReadTxn>(
    txn: &T,
    roots: &RootTargets,
    at: &Path,
    parent: Option<&str>,
) -> Option<u32> {
    match roots.find(txn, at)? {
        Target::Tree(map) => Forest::read(txn, &map).branches(parent),
        _ => None,
    }
}

/// See [`deadzone_core::engine::Replica::anchor`]: a sticky index.
pub(crate) fn anchor<T: ReadTxn>(
    txn: &T,
    roots: &RootTargets,
    at: &Path,
    index: u32,
) -> Option<Vec<u8>> {
    let sequence = sequence(&roots.find(txn, at)?)?;
    StickyIndex::at(txn, sequence, index, Assoc::After).map(|anchor| anchor.encode_v1())
}

/// See [`deadzone_core::engine::Replica::anchored`].
pub(crate) fn anchored<T: ReadTxn>(
    txn: &T,
    roots: &RootTargets,
    at: &Path,
    anchor: &[u8],
) -> Option<u32> {
    let offset = StickyIndex::decode_v1(anchor).ok()?.get_offset(txn)?;
    let sequence = sequence(&roots.find(txn, at)?)?;
    (offset.branch == sequence).then_some(offset.index)
}

fn sequence(target: &Target) -> Option<BranchPtr> {
    let branch: &Branch = match target {
        Target::Text(text) => text.as_ref(),
        Target::List(array) | Target::MovableList(array) => array.as_ref(),
        Target::Map(_) | Target::Counter(_) | Target::Tree(_) => return None,
    };
    Some(BranchPtr::from(branch))
}
