//! What differs between releases of yrs, and nothing else.
//!
//! | before | differs |
//! |---|---|
//! | 0.28 | numbers are floats or big integers |
//! | 0.27 | a transaction does not know what it inserted; sets of ids cannot be subtracted |
//! | 0.26 | client ids are plain integers of 32 bits; what was deleted is a type of its own |
//!
//! Where a release does not tell what a transaction inserted, that is found from
//! the state vectors before and after it: those releases integrate nothing behind
//! a hole.

#[cfg(feature = "engine-before-0-27")]
mod id_set;

use std::ops::Deref;

use yrs::{Any, Snapshot, TransactionMut};

/// The releases that this adapter can speak to, both included.
pub const VERSIONS: (&str, &str) = ("0.24.0", "0.28.1");

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
