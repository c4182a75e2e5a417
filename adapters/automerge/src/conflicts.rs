//! Values that lost against others, which Automerge keeps.

use automerge::{Automerge, ObjId, ObjType, Prop, ROOT, ReadDoc, ValueRef};

/// How many values lie under keys and in elements beside those that are shown,
/// in all objects that can be reached, also through a value that lost.
///
/// Characters of texts are left out: nobody overwrites them.
pub(crate) fn count(document: &Automerge) -> u64 {
    let mut walk = Walk { document, objects: vec![ROOT], count: 0 };
    while let Some(object) = walk.objects.pop() {
        match document.object_type(&object) {
            Ok(ObjType::Map | ObjType::Table) => {
                for item in document.map_range(&object, ..) {
                    let prop = item.conflict.then(|| Prop::from(item.key.as_ref()));
                    walk.visit(&object, prop, &item.value, || item.id());
                }
            }
            Ok(ObjType::List) => {
                for item in document.list_range(&object, ..) {
                    let prop = item.conflict.then(|| Prop::from(item.index));
                    walk.visit(&object, prop, &item.value, || item.id());
                }
            }
            _ => {}
        }
    }
    walk.count
}

struct Walk<'d> {
    document: &'d Automerge,
    /// Whose inside is still to be looked at.
    objects: Vec<ObjId>,
    count: u64,
}

impl Walk<'_> {
    /// A key or an element that shows `value`. It has a `contested` place if there
    /// are others; only then all of them are asked for, which takes long.
    fn visit(
        &mut self,
        object: &ObjId,
        contested: Option<Prop>,
        value: &ValueRef<'_>,
        id: impl FnOnce() -> ObjId,
    ) {
        let Some(place) = contested else {
            if matches!(value, ValueRef::Object(_)) {
                self.objects.push(id());
            }
            return;
        };
        let all = self.document.get_all(object, place).expect("it was just shown");
        self.count += all.len().saturating_sub(1) as u64;
        let inside = all.into_iter().filter(|(value, _)| value.is_object());
        self.objects.extend(inside.map(|(_, id)| id));
    }
}

#[cfg(test)]
mod tests {
    use automerge::transaction::Transactable;
    use automerge::{ActorId, Automerge, ObjType, ROOT};

    use super::*;

    /// All values of each key and element, asked for one by one.
    fn counted_one_by_one(document: &Automerge, object: &ObjId) -> u64 {
        let all: Vec<_> = match document.object_type(object).unwrap() {
            ObjType::List => {
                let places = 0..document.length(object);
                places.map(|at| document.get_all(object, at).unwrap()).collect()
            }
            ObjType::Text => Vec::new(),
            _ => {
                let keys = document.keys(object);
                keys.map(|key| document.get_all(object, key).unwrap()).collect()
            }
        };
        let inside = all.iter().flatten().filter(|(value, _)| value.is_object());
        all.iter().map(|there| there.len() as u64 - 1).sum::<u64>()
            + inside.map(|(_, id)| counted_one_by_one(document, id)).sum::<u64>()
    }

    #[test]
    fn what_lies_under_values_that_lost_counts_too() {
        let mut one = Automerge::new().with_actor(ActorId::from([1]));
        let mut transaction = one.transaction();
        let list = transaction.put_object(ROOT, "list", ObjType::List).unwrap();
        transaction.insert(&list, 0, "plain").unwrap();
        transaction.insert(&list, 1, "contested").unwrap();
        transaction.commit();
        let mut forks = [one.fork(), one.fork()];
        for (fork, actor) in forks.iter_mut().zip([2, 3]) {
            fork.set_actor(ActorId::from([actor]));
            let mut transaction = fork.transaction();
            transaction.put(&list, 1, i64::from(actor)).unwrap();
            let map = transaction.put_object(ROOT, "map", ObjType::Map).unwrap();
            transaction.put(&map, "inner", "before").unwrap();
            transaction.commit();
            // Concurrent writes inside of both maps, of which one will lose.
            let mut other = fork.fork();
            other.set_actor(ActorId::from([actor + 10]));
            for (side, value) in [(&mut *fork, "here"), (&mut other, "there")] {
                let mut transaction = side.transaction();
                transaction.put(&map, "inner", value).unwrap();
                transaction.commit();
            }
            fork.merge(&mut other).unwrap();
        }
        let [second, third] = &mut forks;
        second.merge(third).unwrap();
        // An element, the map, and in both maps the value within.
        assert_eq!(count(second), 4);
        assert_eq!(counted_one_by_one(second, &ROOT), 4);
        assert_eq!(count(&one), 0);
    }
}
