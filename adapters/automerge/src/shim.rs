//! What differs between releases of Automerge, and nothing else.
//!
//! From 0.10 on a transaction is refused if its log of patches does not fit the
//! document. Before 0.8 there was no way to make a value with others inside it at one go:
//! it is made container by container there.

#[cfg(feature = "engine-before-0-8")]
use automerge::ObjType;
use automerge::transaction::{Transactable, Transaction};
use automerge::{Automerge, AutomergeError, ObjId, PatchLog, Prop, hydrate};

/// The releases that this adapter can speak to, both included.
pub const VERSIONS: (&str, &str) = ("0.7.0", "0.12.0");

/// Begins a transaction.
///
/// # Panics
/// If the engine says that the log does not fit, which never happens to one that
/// went along with the document: an error of the engine.
pub(crate) fn transaction(document: &mut Automerge, patches: PatchLog) -> Transaction<'_> {
    #[cfg(not(feature = "engine-before-0-10"))]
    return document
        .transaction_log_patches(patches)
        .expect("the log has been through all that the document has");
    #[cfg(feature = "engine-before-0-10")]
    return document.transaction_log_patches(patches);
}

/// Puts a whole value that is no scalar in a place, or inserts it there.
pub(crate) fn make(
    transaction: &mut Transaction<'_>,
    holder: &ObjId,
    at: Prop,
    value: &hydrate::Value,
    insert: bool,
) -> Result<(), AutomergeError> {
    #[cfg(not(feature = "engine-before-0-8"))]
    return transaction.batch_create_object(holder, at, value, insert).map(|_| ());
    #[cfg(feature = "engine-before-0-8")]
    return make_each(transaction, holder, at, value, insert);
}

/// Inserts several whole values in a list.
pub(crate) fn insert_all(
    transaction: &mut Transaction<'_>,
    list: &ObjId,
    index: usize,
    values: impl Iterator<Item = hydrate::Value>,
) -> Result<(), AutomergeError> {
    #[cfg(not(feature = "engine-before-0-8"))]
    return transaction.splice(list, index, 0, values);
    #[cfg(feature = "engine-before-0-8")]
    return (index..)
        .zip(values)
        .try_for_each(|(index, value)| make_each(transaction, list, index.into(), &value, true));
}

#[cfg(feature = "engine-before-0-8")]
fn make_each(
    transaction: &mut Transaction<'_>,
    holder: &ObjId,
    at: Prop,
    value: &hydrate::Value,
    insert: bool,
) -> Result<(), AutomergeError> {
    let kind = match value {
        hydrate::Value::Scalar(scalar) => {
            return match at {
                Prop::Seq(index) if insert => transaction.insert(holder, index, scalar.clone()),
                at => transaction.put(holder, at, scalar.clone()),
            };
        }
        hydrate::Value::Map(_) => ObjType::Map,
        hydrate::Value::List(_) => ObjType::List,
        hydrate::Value::Text(_) => ObjType::Text,
    };
    let object = match at {
        Prop::Seq(index) if insert => transaction.insert_object(holder, index, kind)?,
        at => transaction.put_object(holder, at, kind)?,
    };
    match value {
        hydrate::Value::Map(map) => {
            // Its own order is that of a std hash map.
            let fields: std::collections::BTreeMap<_, _> = map.iter().collect();
            fields.into_iter().try_for_each(|(key, field)| {
                make_each(transaction, &object, key.as_str().into(), &field.value, false)
            })
        }
        hydrate::Value::List(items) => (0..).zip(items.iter()).try_for_each(|(index, item)| {
            make_each(transaction, &object, Prop::Seq(index), &item.value, true)
        }),
        hydrate::Value::Text(text) => transaction.splice_text(&object, 0, 0, &String::from(text)),
        hydrate::Value::Scalar(_) => Ok(()),
    }
}
