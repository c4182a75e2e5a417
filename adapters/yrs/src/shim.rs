//! What differs between releases of yrs, and nothing else.
//!
//! | before | differs |
//! |---|---|
//! | 0.28 | numbers are floats or big integers; an observer of an undo manager that has a name is set by another method |
//! | 0.27 | a transaction does not know what it inserted; sets of ids cannot be subtracted; an undo manager belongs to one document |
//! | 0.26 | client ids are plain integers of 32 bits; what was deleted is a type of its own |
//!
//! Where a release does not tell what a transaction inserted, that is found from
//! the state vectors before and after it: those releases integrate nothing behind
//! a hole.

#[cfg(feature = "engine-before-0-27")]
mod id_set;

use std::ops::Deref;
use std::sync::Arc;

use yrs::branch::Branch;
use yrs::undo::Options;
use yrs::{Any, Doc, Snapshot, TransactionMut, UndoManager};

/// The releases that this adapter can speak to, both included.
pub const VERSIONS: (&str, &str) = ("0.23.5", "0.28.1");

/// The release that this adapter was built against.
pub(crate) const VERSION: &str = match option_env!("DEADZONE_ENGINE_VERSION") {
    Some(version) => version,
    None => VERSIONS.1,
};

#[cfg(feature = "engine-before-0-27")]
pub(crate) use id_set::IdSet;
#[cfg(not(feature = "engine-before-0-26"))]
pub(crate) use yrs::ClientID;
#[cfg(not(feature = "engine-before-0-27"))]
pub(crate) use yrs::IdSet;
#[cfg(feature = "engine-before-0-26")]
pub(crate) use yrs::block::ClientID;

/// A client id of 53 bits, as `ClientID::random` draws them; before 0.26 of 32,
/// since what is wider is cut off on the wire there.
pub(crate) fn client_id(number: u64) -> ClientID {
    #[cfg(not(feature = "engine-before-0-26"))]
    return ClientID::new(number);
    #[cfg(feature = "engine-before-0-26")]
    return number & u64::from(u32::MAX);
}

/// The number that a client id is.
pub(crate) fn number_of(client: ClientID) -> u64 {
    #[cfg(not(feature = "engine-before-0-26"))]
    return client.get();
    #[cfg(feature = "engine-before-0-26")]
    return client;
}

/// What a transaction inserted so far.
pub(crate) fn insert_set(txn: &TransactionMut) -> impl Deref<Target = IdSet> {
    #[cfg(not(feature = "engine-before-0-27"))]
    return txn.insert_set();
    #[cfg(feature = "engine-before-0-27")]
    return Box::new(IdSet::inserted(txn));
}

/// What a transaction deleted so far.
pub(crate) fn delete_set(txn: &TransactionMut) -> impl Deref<Target = IdSet> {
    #[cfg(not(feature = "engine-before-0-27"))]
    return txn.delete_set();
    #[cfg(feature = "engine-before-0-27")]
    return Box::new(IdSet::from(txn.delete_set()));
}

/// Whether a transaction inserted or deleted anything.
pub(crate) fn has_changes(txn: &TransactionMut) -> bool {
    // 0.28.1 has a method for this, which does the same.
    !(insert_set(txn).is_empty() && delete_set(txn).is_empty())
}

/// Whether everything that `earlier` lacks for being deleted `later` lacks, too.
pub(crate) fn deletes_no_more(earlier: &Snapshot, later: &Snapshot) -> bool {
    #[cfg(not(feature = "engine-before-0-27"))]
    return earlier.delete_set.diff(&later.delete_set).is_empty();
    #[cfg(feature = "engine-before-0-27")]
    return IdSet::from(&earlier.delete_set).is_within(&IdSet::from(&later.delete_set));
}

/// An undo manager to which each transaction is an item of its own. By its clock
/// no time ever passes: it joins transactions only after a first one at a time
/// other than 0, and it would overflow where a clock went back.
pub(crate) fn undo_manager(doc: &Doc) -> UndoManager {
    let options =
        Options { capture_timeout_millis: 0, timestamp: Arc::new(|| 0), ..Options::default() };
    #[cfg(not(feature = "engine-before-0-27"))]
    let manager = {
        // The document is named with its first root.
        let _ = doc;
        UndoManager::with_options(options)
    };
    #[cfg(feature = "engine-before-0-27")]
    let manager = UndoManager::with_options(doc, options);
    manager
}

/// Lets an undo manager look after a root and all below it.
pub(crate) fn expand_scope<T: AsRef<Branch>>(manager: &mut UndoManager, doc: &Doc, root: &T) {
    #[cfg(not(feature = "engine-before-0-27"))]
    manager.expand_scope(doc, root);
    #[cfg(feature = "engine-before-0-27")]
    {
        let _ = doc;
        manager.expand_scope(root);
    }
}

/// Shows `to` each transaction in which an undo manager changed something.
pub(crate) fn observe_popped(manager: &mut UndoManager, to: impl Fn(&TransactionMut) + 'static) {
    const KEY: &str = "deadzone";
    #[cfg(not(feature = "engine-before-0-28"))]
    manager.observe_item_popped(KEY, move |txn, _| to(txn));
    #[cfg(feature = "engine-before-0-28")]
    manager.observe_item_popped_with(KEY, move |txn, _| to(txn));
}

/// A number: an integer where it is one, and its text otherwise; none for what is
/// no number.
#[cfg(not(feature = "engine-before-0-28"))]
pub(crate) fn number(any: &Any) -> Option<Result<i64, String>> {
    match any {
        Any::Number(number) => Some(number.as_i64().ok_or_else(|| number.to_string())),
        _ => None,
    }
}

/// A number: an integer where it is one, and its text otherwise; none for what is
/// no number.
#[cfg(feature = "engine-before-0-28")]
pub(crate) fn number(any: &Any) -> Option<Result<i64, String>> {
    match any {
        Any::BigInt(value) => Some(Ok(*value)),
        Any::Number(value) => {
            let whole = *value as i64;
            Some(if whole as f64 == *value { Ok(whole) } else { Err(value.to_string()) })
        }
        _ => None,
    }
}
