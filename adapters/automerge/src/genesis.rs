//! The change that every replica starts from.

use std::collections::BTreeMap;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, ChangeHash, ObjId, ROOT, ReadDoc, TextEncoding};
use deadzone_core::edit::{ContainerKind, Roots};
use deadzone_core::engine::EngineError;

use crate::place::{Place, RootPlaces};
use crate::value::{empty_counter, object_type};

/// One byte, so that it costs little, sorts before all replicas, whose actors
/// have sixteen, and so never shifts the index of another actor.
const ACTOR: [u8; 1] = [0];

/// A document that holds its genesis and nothing else.
pub(crate) struct Genesis {
    pub(crate) document: Automerge,
    pub(crate) roots: RootPlaces,
    pub(crate) hash: ChangeHash,
}

/// The beginning of every document with these roots.
pub(crate) fn begin(roots: &Roots) -> Result<Genesis, EngineError> {
    let mut document =
        Automerge::new_with_encoding(TextEncoding::Utf16CodeUnit).with_actor(ActorId::from(ACTOR));
    let mut places = BTreeMap::new();
    let mut transaction = document.transaction();
    for (name, kind) in roots {
        let made = match object_type(*kind) {
            None => transaction.put(ROOT, name.as_str(), empty_counter()).map(|()| ROOT),
            Some(object) => transaction.put_object(ROOT, name.as_str(), object),
        };
        let object = made.map_err(|error| EngineError::Failed(error.to_string()))?;
        places.insert(name.clone(), root_place(name, *kind, object));
    }
    let options = CommitOptions::default().with_time(0);
    let hash = match transaction.commit_with(options).0 {
        Some(hash) => hash,
        // Without roots there is nothing in it, and there must be one.
        None => document.empty_commit(CommitOptions::default().with_time(0)),
    };
    Ok(Genesis { document, roots: places, hash })
}

/// The roots and the genesis of a loaded document.
pub(crate) fn find(
    document: &Automerge,
    roots: &Roots,
) -> Result<(RootPlaces, ChangeHash), EngineError> {
    let mut places = BTreeMap::new();
    let mut genesis = None;
    for (name, kind) in roots {
        let (value, id) = document
            .get(ROOT, name.as_str())
            .map_err(|error| EngineError::Refused(error.to_string()))?
            .ok_or_else(|| EngineError::Refused(format!("the store has no root `{name}`")))?;
        let fits = match &value {
            automerge::Value::Object(object) => object_type(*kind) == Some(*object),
            automerge::Value::Scalar(scalar) => {
                *kind == ContainerKind::Counter && scalar.as_ref().is_counter()
            }
        };
        if !fits {
            let kind = kind.name();
            return Err(EngineError::Refused(format!("the stored root `{name}` is not a {kind}")));
        }
        genesis = document.hash_for_opid(&id);
        places.insert(name.clone(), root_place(name, *kind, id));
    }
    match genesis {
        Some(hash) => Ok((places, hash)),
        None => Ok((places, begin(roots)?.hash)),
    }
}

fn root_place(name: &str, kind: ContainerKind, object: ObjId) -> Place {
    match kind {
        ContainerKind::Text => Place::Text(object),
        ContainerKind::Map => Place::Map(object),
        ContainerKind::List => Place::List(object),
        ContainerKind::MovableList => Place::MovableList(object),
        ContainerKind::Tree => Place::Tree(object),
        ContainerKind::Counter => Place::Counter { holder: ROOT, at: name.into() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_same_everywhere() {
        let roots: Roots =
            ContainerKind::ALL.into_iter().map(|kind| (kind.name().to_owned(), kind)).collect();
        let (one, other) = (begin(&roots).unwrap(), begin(&roots).unwrap());
        assert_eq!(one.hash, other.hash);
        assert_eq!(one.document.save(), other.document.save());
        let (places, hash) = find(&one.document, &roots).unwrap();
        assert_eq!((places, hash), (one.roots, one.hash));
    }

    #[test]
    fn there_is_one_even_without_roots() {
        let genesis = begin(&Roots::new()).unwrap();
        assert_eq!(genesis.document.get_heads(), [genesis.hash]);
        assert_eq!(find(&genesis.document, &Roots::new()).unwrap().1, genesis.hash);
    }

    #[test]
    fn another_documents_store_is_refused() {
        let roots = |kind| Roots::from([("r".to_owned(), kind)]);
        let genesis = begin(&roots(ContainerKind::Map)).unwrap();
        for kind in [ContainerKind::Text, ContainerKind::Counter, ContainerKind::List] {
            let found = find(&genesis.document, &roots(kind));
            assert!(matches!(found, Err(EngineError::Refused(_))), "{kind:?}: {found:?}");
        }
        let other = Roots::from([("s".to_owned(), ContainerKind::Map)]);
        assert!(matches!(find(&genesis.document, &other), Err(EngineError::Refused(_))));
    }
}
