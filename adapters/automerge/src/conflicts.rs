//! Values that lost against others, which Automerge keeps.

use automerge::{Automerge, AutomergeError, ObjId, ObjType, ROOT, ReadDoc, Value};

/// How many values lie under keys and in elements beside those that are shown,
/// in all objects that can be reached, also through a value that lost.
pub(crate) fn count(document: &Automerge) -> u64 {
    let mut count = 0;
    let mut objects = vec![ROOT];
    while let Some(object) = objects.pop() {
        let values = values(document, &object);
        count += values.iter().map(|there| there.len().saturating_sub(1) as u64).sum::<u64>();
        let inside = values.into_iter().flatten();
        objects.extend(inside.filter(|(value, _)| value.is_object()).map(|(_, id)| id));
    }
    count
}

/// All values of each key or element of an object; none of a text's, whose
/// characters nobody overwrites.
fn values<'d>(document: &'d Automerge, object: &ObjId) -> Vec<Vec<(Value<'d>, ObjId)>> {
    let all: Result<Vec<_>, AutomergeError> = match document.object_type(object) {
        Ok(kind) if !kind.is_sequence() => {
            document.keys(object).map(|key| document.get_all(object, key)).collect()
        }
        Ok(ObjType::List) => {
            (0..document.length(object)).map(|at| document.get_all(object, at)).collect()
        }
        _ => Ok(Vec::new()),
    };
    all.expect("the object is there, and so are its keys and elements")
}
