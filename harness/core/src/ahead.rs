//! Memory that will be needed soon.
//!
//! A fleet of ten thousand devices lies in more memory than a cache holds, and
//! events go all over it. Whoever knows whose turn comes next can have that
//! device fetched while the turn before is worked on, which is most of the
//! difference between a loop that waits for memory and one that does not.

use std::slice::from_ref;

use prefetch_index::prefetch_index;

/// Has the memory at the beginning of `what` brought into the cache. Changes
/// nothing else.
pub(crate) fn fetch<T>(what: &T) {
    prefetch_index(from_ref(what), 0);
}
